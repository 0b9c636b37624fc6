//! Finds the numbers of a turn and the slots they belong to: `에폭 50`, `batches of 8`, `640px`, `from 10 to 20`.

mod around;
mod counted;
mod names;
mod parts;
mod relative;
mod remembered;
mod token;
mod tokens;
mod topics;
mod unnamed;

use around::Known;
pub(crate) use relative::Base;
use relative::{Change, Shift};
use token::{Kind, Token};
use tokens::clauses;

use std::ops::Range;

use crate::negation::last_word;
use crate::reader::{Linear, Number};
use crate::slots::{Changed, Slot, Slots, Unusable};
use crate::text::{Text, VALUE, is_wordy};

/// What the numbers of a turn say, and whether any was relative to nothing.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) changed: bool,
    /// A slot was named, with or without a value.
    pub(crate) named: bool,
    /// The slots that are named, be it in passing.
    pub(crate) names: Vec<Slot>,
    /// The numbers that stand beside a name, whatever is said of them: "200 epochs is too many".
    pub(crate) weighed: Slots,
    /// The numbers that are no change of another.
    pub(crate) numbers: Vec<Number>,
}

/// Fills the numeric slots; `base` is what relative changes start from, and `last` what values without a name are for.
pub(crate) fn take(
    learned: &Linear,
    text: &mut Text,
    slots: &mut Slots,
    base: &Base,
    last: Option<Changed>,
) -> Found {
    let known = Known { base, last };
    let mut tokens = tokens::tokens(text);
    parts::follow_arrows(text, &mut tokens);
    parts::work_out(text, &mut tokens, base);
    topics::deny(text, &mut tokens);
    let mut found = Found {
        named: tokens.iter().any(|token| matches!(token.kind, Kind::Key(_, true))),
        names: tokens
            .iter()
            .filter_map(|token| if let Kind::Key(slot, _) = token.kind { Some(slot) } else { None })
            .collect(),
        weighed: beside(&tokens),
        ..Found::default()
    };
    let mut used = vec![false; tokens.len()];
    let said = last.map(|last| remembered::said(text, &tokens, last, base)).unwrap_or_default();
    if !said.is_empty() {
        found.changed = true;
        said.into_iter().for_each(|said| remembered::apply(said, base, slots));
        used.fill(true);
    }
    let (mut last, mut named): (Option<Shift>, Option<Slot>) = (None, None);
    for clause in clauses(&tokens) {
        let changes = relative::changes(&tokens, clause.clone(), &used, last, named);
        named = only_named(&tokens, clause.clone(), &used);
        last = changes.first().map(Change::shift);
        if !changes.is_empty() {
            found.changed = true;
            changes.into_iter().for_each(|change| apply_change(change, base, slots));
            used[clause].fill(true);
        }
    }
    if !found.changed
        && let Some(change) = unnamed::change(&tokens, &known)
    {
        found.changed = true;
        apply_change(change, base, slots);
        used.fill(true);
    }
    assign(learned, text, &tokens, &mut used, slots, &known, &mut found);
    for (token, used) in tokens.iter().zip(used) {
        if used && token.kind != Kind::Stop {
            text.mask(token.range.clone(), VALUE);
        }
    }
    found
}

/// Gives each number that is left to the setting that it is for, and notes it.
fn assign(
    learned: &Linear,
    text: &Text,
    tokens: &[Token],
    used: &mut [bool],
    slots: &mut Slots,
    known: &Known,
    found: &mut Found,
) {
    let mut given: Vec<(usize, Slot)> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let (Kind::Num(num), false) = (token.kind, used[at]) else { continue };
        let number = around::number(text, tokens, at, num, known);
        if let Some(slot) = number.setting(learned) {
            // What is said last is meant, "100 epochs, hm, 80", and not what is denied beside it: "20, not 15".
            let is_given = given.iter().any(|(_, other)| *other == slot);
            if num.denied && is_given && !corrects(text, token.range.start) {
                found.numbers.push(number);
                continue;
            }
            given.retain(|(_, other)| *other != slot);
            given.push((at, slot));
        }
        found.numbers.push(number);
    }
    for (at, slot) in given {
        let Kind::Num(num) = tokens[at].kind else { continue };
        set(slots, slot, num.value, Some(text.said(tokens[at].range.clone())));
        used[at] = true;
        let names = |here: &usize| matches!(tokens[*here].kind, Kind::Key(named, _) if named == slot);
        if let Some(name) = (0..tokens.len()).filter(names).min_by_key(|here| here.abs_diff(at)) {
            used[name] = true;
        }
    }
    for (at, token) in tokens.iter().enumerate() {
        if let (Kind::Key(slot, _), false) = (token.kind, used[at]) {
            unusable(text, token, slot, slots);
        }
    }
}

/// "Batch 128 no 64", dictated: what stands at `at` takes the place of what was said.
fn corrects(text: &Text, at: usize) -> bool {
    last_word(text, at).is_some_and(|word| matches!(text.low[word], ['n', 'o']))
}

/// Whether a word at `at` names a numeric slot, by itself.
pub(crate) fn names_setting(text: &Text, at: usize) -> bool {
    !is_wordy(text.before(at)) && names::key_at(text, at).is_some_and(|(_, strong, _)| strong)
}

fn beside(tokens: &[Token]) -> Slots {
    let mut slots = Slots::default();
    for pair in tokens.windows(2).filter(|pair| pair[1].gap == 0) {
        let ((Kind::Key(slot, _), Kind::Num(num)) | (Kind::Num(num), Kind::Key(slot, _))) =
            (pair[0].kind, pair[1].kind)
        else {
            continue;
        };
        if !(num.times || num.fraction || num.percent || num.by || num.other) && slots.number(slot).is_none()
        {
            set(&mut slots, slot, num.value, None);
        }
    }
    slots
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

/// A value that is none: `lr nan`, `학습률 무한대`.
fn unusable(text: &Text, key: &Token, slot: Slot, slots: &mut Slots) {
    let from = text.skip_spaces(key.range.end);
    if let Some(end) = text.any_at(from, &["nan", "inf", "infinity", "-inf", "무한대", "무한"]) {
        slots.unusable.push(Unusable { field: slot.name(), said: text.said(from..end) });
    }
}

fn apply_change(change: Change, base: &Base, slots: &mut Slots) {
    if let Some(now) = base.of(change.slot()) {
        let value = change.from(now);
        let value = if change.slot().is_fraction() { tidy(value) } else { value.round() };
        // Nobody means nothing, or less: `80은 많다` takes no 80 away.
        if value <= 0.0 && now > 0.0 {
            return;
        }
        set(slots, change.slot(), value, None);
    }
}

/// Twelve significant digits, which drops what multiplying floats adds.
fn tidy(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}

fn set(slots: &mut Slots, slot: Slot, value: f64, said: Option<String>) {
    let place = match slot {
        Slot::LearningRate | Slot::Momentum | Slot::WeightDecay => {
            let place = match slot {
                Slot::Momentum => &mut slots.momentum,
                Slot::WeightDecay => &mut slots.weight_decay,
                _ => &mut slots.learning_rate,
            };
            *place = Some(value);
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
        slots.unusable.push(Unusable { field: slot.name(), said: said.unwrap_or_else(|| value.to_string()) });
    }
}
