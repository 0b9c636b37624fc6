//! Finds the numbers of a turn and the slots they belong to: `에폭 50`, `batches of 8`, `640px`, `from 10 to 20`.

mod tokens;

use tokens::clauses;
pub(crate) use tokens::{Kind, Num, Slot, Token};

use std::ops::Range;

use crate::relative::{self, Base, Change, Shift};
use crate::slots::{Slots, Unusable};
use crate::text::{Text, VALUE, is_wordy};

/// Words between a slot's name and its number.
const GAP_WORDS: usize = 3;

/// Sides in pixels so usual that they need no name.
const SIDES: [u32; 9] = [320, 416, 512, 640, 768, 800, 960, 1024, 1280];

/// What the numbers of a turn say, and whether any was relative to nothing.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) changed: bool,
    /// A slot was named, with or without a value.
    pub(crate) named: bool,
}

/// Fills the numeric slots; `base` is what relative changes start from.
pub(crate) fn take(text: &mut Text, slots: &mut Slots, base: &Base) -> Found {
    let mut tokens = tokens::tokens(text);
    for range in tokens::correct(&mut tokens) {
        text.mask(range, VALUE);
    }
    tokens::deny_topics(text, &mut tokens);
    let mut found = Found {
        named: tokens.iter().any(|token| matches!(token.kind, Kind::Key(_, true))),
        ..Found::default()
    };
    let mut used = vec![false; tokens.len()];
    let (mut last, mut named): (Option<Shift>, Option<Slot>) = (None, None);
    for clause in clauses(&tokens) {
        plateau(&tokens, clause.clone(), &mut used, slots);
        let changes = relative::changes(&tokens, clause.clone(), &used, last, named);
        named = only_named(&tokens, clause.clone(), &used);
        last = changes.first().map(Change::shift);
        if !changes.is_empty() {
            found.changed = true;
            changes.into_iter().for_each(|change| apply(change, base, slots));
            used[clause].fill(true);
            continue;
        }
        absolute(text, &tokens, clause.clone(), &mut used, slots);
        lone(&tokens, clause, &mut used, slots);
    }
    across_commas(&tokens, &mut used, slots);
    unclaimed(&tokens, &mut used, slots);
    instead(&tokens, &mut used, slots, base);
    afterthought(&tokens, &mut used, slots);
    for (token, used) in tokens.iter().zip(used) {
        if used && token.kind != Kind::Stop {
            text.mask(token.range.clone(), VALUE);
        }
    }
    found
}

/// Whether a word at `at` names a numeric slot, by itself.
pub(crate) fn names_setting(text: &Text, at: usize) -> bool {
    !is_wordy(text.before(at)) && tokens::key_at(text, at).is_some_and(|(_, strong, _)| strong)
}

/// The one slot that a clause names without giving it a value: "25 epochs is too few".
fn only_named(tokens: &[Token], clause: Range<usize>, used: &[bool]) -> Option<Slot> {
    let given = |index: &usize| matches!(tokens[*index].kind, Kind::Num(num) if !num.denied);
    let mut keys =
        clause.clone().filter(|index| !used[*index]).filter_map(|index| match tokens[index].kind {
            Kind::Key(slot, true) => Some(slot),
            _ => None,
        });
    let slot = keys.next().filter(|_| keys.next().is_none())?;
    (!clause.clone().any(|index| given(&index))).then_some(slot)
}

/// "stop after 5 epochs without improvement".
fn plateau(tokens: &[Token], clause: Range<usize>, used: &mut [bool], slots: &mut Slots) {
    let Some(here) = clause.clone().find(|index| tokens[*index].kind == Kind::Plateau) else { return };
    let nearest = clause
        .clone()
        .filter(|index| matches!(tokens[*index].kind, Kind::Num(num) if !num.denied && !num.other))
        .min_by_key(|index| index.abs_diff(here));
    let Some(index) = nearest else { return };
    let Kind::Num(num) = tokens[index].kind else { return };
    set(slots, Slot::Patience, num.value, None);
    used[here] = true;
    used[index] = true;
    if clause.contains(&(index + 1)) && matches!(tokens[index + 1].kind, Kind::Key(Slot::Epochs, _)) {
        used[index + 1] = true;
    }
}

/// Left to right: a name takes the number after it, a number the name after it.
fn absolute(text: &Text, tokens: &[Token], clause: Range<usize>, used: &mut [bool], slots: &mut Slots) {
    let mut index = clause.start;
    while index < clause.end {
        let here = index;
        index += 1;
        if used[here] {
            continue;
        }
        match tokens[here].kind {
            Kind::Key(slot, _) => {
                if let Some(taken) = number_for(tokens, here, clause.end, used) {
                    let Kind::Num(num) = tokens[taken].kind else { continue };
                    set(slots, slot, num.value, Some(text.said(tokens[taken].range.clone())));
                    used[here..=taken].fill(true);
                    index = taken + 1;
                    if unit_of(tokens, slot, index, clause.end) {
                        used[index] = true;
                        index += 1;
                    }
                } else {
                    unusable(text, &tokens[here], slot, slots);
                }
            }
            Kind::Num(num) if !num.denied && !num.times => {
                let passed = |kind| {
                    matches!(kind, Kind::Up | Kind::Down)
                        || matches!(kind, Kind::Key(slot, false) if slot != Slot::Epochs)
                };
                let next = (here + 1..clause.end).find(|next| !passed(tokens[*next].kind));
                if let Some(size) =
                    tokens[..clause.end].get(here + 1).filter(|size| sizes(text, size) && !num.other)
                {
                    let alone = next.is_none_or(|next| {
                        tokens[next].gap > 1
                            || matches!(tokens.get(next + 1), Some(Token { kind: Kind::Num(_), .. }))
                    });
                    if alone && size.gap == 0 && num.value >= 8.0 {
                        set(slots, Slot::ImageSize, num.value, None);
                        used[here] = true;
                        used[here + 1] = true;
                        continue;
                    }
                }
                let Some(next) = next.filter(|next| tokens[*next].gap <= 1) else { continue };
                let Kind::Key(slot, strong) = tokens[next].kind else { continue };
                let numbered =
                    number_for(tokens, next, clause.end, used).is_some_and(|taken| tokens[taken].gap == 0);
                let glued = tokens[next].range.start - tokens[here].range.end <= 1;
                if !(strong || slot == Slot::Epochs && tokens[next].gap == 0)
                    || (num.other && slot != Slot::BatchSize)
                    || (numbered && !glued)
                    || num.pixels && slot != Slot::ImageSize
                {
                    continue;
                }
                set(slots, slot, num.value, Some(text.said(tokens[here].range.clone())));
                used[here..=next].fill(true);
                index = next + 1;
            }
            _ => {}
        }
    }
}

/// `416 사이즈`: the bare word for size, after a number.
fn sizes(text: &Text, token: &Token) -> bool {
    matches!(token.kind, Kind::Key(Slot::ImageSize, false))
        && text.any_at(token.range.start, &["사이즈", "크기", "size"]).is_some()
}

/// A clause that names one slot and has one number left, however far apart.
fn lone(tokens: &[Token], clause: Range<usize>, used: &mut [bool], slots: &mut Slots) {
    let free = || clause.clone().filter(|index| !used[*index]);
    let keys: Vec<usize> = free().filter(|index| matches!(tokens[*index].kind, Kind::Key(_, true))).collect();
    let plain = |num: Num| !num.denied && !num.other && !num.times && !num.percent && num.to;
    let nums: Vec<usize> =
        free().filter(|index| matches!(tokens[*index].kind, Kind::Num(num) if plain(num))).collect();
    if let ([key], [num]) = (keys.as_slice(), nums.as_slice())
        && let (Kind::Key(slot, _), Kind::Num(value)) = (tokens[*key].kind, tokens[*num].kind)
    {
        set(slots, slot, value.value, None);
        used[*key] = true;
        used[*num] = true;
    }
}

/// "patience 10 epochs": the name after the number is only its unit.
fn unit_of(tokens: &[Token], slot: Slot, next: usize, end: usize) -> bool {
    next < end
        && tokens[next].gap == 0
        && matches!((slot, tokens[next].kind), (Slot::Patience | Slot::Epochs, Kind::Key(Slot::Epochs, _)))
        && !matches!(tokens.get(next + 1), Some(Token { kind: Kind::Num(_), gap: 0, .. }))
}

/// The number that belongs to the name at `key`.
fn number_for(tokens: &[Token], key: usize, end: usize, used: &[bool]) -> Option<usize> {
    let Kind::Key(slot, mut strong) = tokens[key].kind else { return None };
    let mut gap = 0;
    for index in key + 1..end {
        gap += tokens[index].gap;
        match tokens[index].kind {
            // "이미지 224 말고 160": the denied number has shown what the name means.
            Kind::Num(num) if num.denied => strong |= num.value >= 8.0,
            Kind::Num(num) => {
                let fits = !used[index]
                    && (!num.other || slot == Slot::BatchSize)
                    && gap <= if strong { GAP_WORDS } else { 0 }
                    && (strong || num.value >= 8.0);
                let of_another = gap > 0
                    && slot != Slot::Patience
                    && matches!(tokens.get(index + 1), Some(Token { kind: Kind::Key(_, true), gap: 0, .. }))
                    && index + 1 < end
                    && !matches!(tokens.get(index + 2), Some(Token { kind: Kind::Num(_), gap: 0, .. }));
                return (fits && !of_another).then_some(index);
            }
            Kind::Key(_, false) => {}
            Kind::Key(..) if matches!(tokens[index - 1].kind, Kind::Num(num) if num.denied) => {}
            Kind::Key(..) => return None,
            _ => {}
        }
    }
    None
}

/// "not 100, but 50 epochs" and "에폭은 100 말고, 50": a name whose number stands across a comma.
fn across_commas(tokens: &[Token], used: &mut [bool], slots: &mut Slots) {
    for index in 2..tokens.len() {
        let Kind::Num(num) = tokens[index].kind else { continue };
        let denied_before = (0..index)
            .rev()
            .take(3)
            .find(|before| matches!(tokens[*before].kind, Kind::Num(num) if num.denied));
        if used[index] || num.denied || num.other {
            continue;
        }
        let Some(denied) = denied_before else { continue };
        let key = [denied.checked_sub(1), Some(denied + 1)]
            .into_iter()
            .flatten()
            .find_map(|key| if let Kind::Key(slot, true) = tokens[key].kind { Some(slot) } else { None });
        if let Some(slot) = key {
            set(slots, slot, num.value, None);
            used[index] = true;
        }
    }
}

/// Numbers that name their slot by their unit.
fn unclaimed(tokens: &[Token], used: &mut [bool], slots: &mut Slots) {
    for (index, token) in tokens.iter().enumerate() {
        let Kind::Num(num) = token.kind else { continue };
        if used[index] || num.denied {
            continue;
        }
        let bare = !(num.other || num.runs || num.times || num.percent || num.by)
            && SIDES.contains(&(num.value as u32));
        if num.each && slots.batch_size.is_none() {
            set(slots, Slot::BatchSize, num.value, None);
            used[index] = true;
        } else if (num.pixels || num.at && !(num.other || num.runs || num.percent) || bare)
            && slots.image_size.is_none()
        {
            set(slots, Slot::ImageSize, num.value, None);
            used[index] = true;
        } else if num.runs && slots.epochs.is_none() && slots.job.is_none() && num.value != 1.0 {
            set(slots, Slot::Epochs, num.value, None);
            used[index] = true;
        }
    }
}

/// "not 90, 100" and "90 말고 100": what has the denied value now takes the other.
fn instead(tokens: &[Token], used: &mut [bool], slots: &mut Slots, base: &Base) {
    let plain = |index: &usize| matches!(tokens[*index].kind, Kind::Num(num) if !num.denied && !num.other && !num.times);
    for (index, token) in tokens.iter().enumerate() {
        let Kind::Num(denied) = token.kind else { continue };
        let has = |slot: &&Slot| base.of(**slot).is_some_and(|value| value == denied.value);
        let all =
            [Slot::Epochs, Slot::ImageSize, Slot::BatchSize, Slot::Seed, Slot::Patience, Slot::LearningRate];
        let mut now = all.iter().filter(has);
        if let (true, Some(slot), None) = (denied.denied, now.next(), now.next())
            && let Some(other) = (index + 1..tokens.len()).find(|other| !used[*other] && plain(other))
            && let Kind::Num(num) = tokens[other].kind
        {
            set(slots, *slot, num.value, None);
            used[other] = true;
        }
    }
}

/// "more epochs, say 36": a clause that only names a slot, then one that is only a number.
fn afterthought(tokens: &[Token], used: &mut [bool], slots: &mut Slots) {
    let clauses = clauses(tokens);
    for pair in clauses.windows(2) {
        let [named, valued] = pair else { continue };
        let numbers = named.clone().any(|index| matches!(tokens[index].kind, Kind::Num(_)));
        let mut keys = named.clone().filter_map(|index| match tokens[index].kind {
            Kind::Key(slot, true) if !used[index] => Some(slot),
            _ => None,
        });
        let (Some(slot), None, false) = (keys.next(), keys.next(), numbers) else { continue };
        // "배치사이즈 빠졌다. 12로 추가": the word of change adds nothing to a number that is led to.
        let only = valued.clone().skip(1).all(|index| matches!(tokens[index].kind, Kind::Up | Kind::Down));
        if let Kind::Num(num) = tokens[valued.start].kind
            && (valued.len() == 1 || num.to && only)
            && !used[valued.start]
            && !(num.denied || num.other || num.times || num.percent || num.by)
        {
            set(slots, slot, num.value, None);
            used[valued.start] = true;
        }
    }
}

/// A value that is none: `lr nan`, `학습률 무한대`.
fn unusable(text: &Text, key: &Token, slot: Slot, slots: &mut Slots) {
    let from = text.skip_spaces(key.range.end);
    if let Some(end) = text.any_at(from, &["nan", "inf", "infinity", "-inf", "무한대", "무한"]) {
        slots.unusable.push(Unusable { field: field(slot), said: text.said(from..end) });
    }
}

fn apply(change: Change, base: &Base, slots: &mut Slots) {
    if let Some(now) = base.of(change.slot()) {
        let value = change.from(now);
        let value = if change.slot() == Slot::LearningRate { tidy(value) } else { value.round() };
        set(slots, change.slot(), value, None);
    }
}

/// Twelve significant digits, which drops what multiplying floats adds.
fn tidy(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}

fn field(slot: Slot) -> &'static str {
    match slot {
        Slot::Epochs => "epochs",
        Slot::ImageSize => "image_size",
        Slot::BatchSize => "batch_size",
        Slot::Seed => "seed",
        Slot::Patience => "patience",
        Slot::LearningRate => "learning_rate",
    }
}

fn set(slots: &mut Slots, slot: Slot, value: f64, said: Option<String>) {
    let place = match slot {
        Slot::LearningRate => {
            slots.learning_rate = Some(value);
            return;
        }
        Slot::Epochs => &mut slots.epochs,
        Slot::ImageSize => &mut slots.image_size,
        Slot::BatchSize => &mut slots.batch_size,
        Slot::Seed => &mut slots.seed,
        Slot::Patience => &mut slots.patience,
    };
    if value.fract() == 0.0 {
        // Saturates; far outside every limit either way.
        *place = Some(value as i64);
    } else {
        slots.unusable.push(Unusable { field: field(slot), said: said.unwrap_or_else(|| value.to_string()) });
    }
}
