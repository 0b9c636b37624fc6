//! Numbers that no name in their clause has taken: by a name across a comma, by their unit, or by the value they replace.

use super::relative::Base;
use super::set;
use super::token::{Kind, Num, Token};
use super::tokens::clauses;
use crate::negation::last_word;
use crate::slots::{Slot, Slots};
use crate::text::Text;

/// Sides in pixels so usual that they need no name.
pub(super) const SIDES: [u32; 14] = [224, 299, 300, 320, 380, 384, 416, 512, 640, 768, 800, 960, 1024, 1280];

/// The largest number that is a learning rate without being called one.
const RATE_MAX: f64 = 0.05;

/// "not 100, but 50 epochs" and "에폭은 100 말고, 50": a name whose number stands across a comma.
pub(super) fn across_commas(tokens: &[Token], used: &mut [bool], slots: &mut Slots) {
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
pub(super) fn unclaimed(tokens: &[Token], used: &mut [bool], slots: &mut Slots) {
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
        } else if is_rate(num) && slots.learning_rate.is_none() {
            set(slots, Slot::LearningRate, num.value, None);
            used[index] = true;
        } else if num.runs && slots.epochs.is_none() && slots.job.is_none() && num.value != 1.0 {
            set(slots, Slot::Epochs, num.value, None);
            used[index] = true;
        }
    }
}

/// "train it for 50": so many epochs, where nothing else is counted.
pub(super) fn trained_for(text: &Text, tokens: &[Token], used: &mut [bool], slots: &mut Slots) {
    let verb = text.find_any(0, &["train", "run", "fit"]);
    for (index, token) in tokens.iter().enumerate() {
        let Kind::Num(num) = token.kind else { continue };
        let led = last_word(text, token.range.start).is_some_and(|word| text.low[word] == ['f', 'o', 'r']);
        let next = text.skip_spaces(token.range.end);
        let ends = next >= text.len()
            || !text.at(next).is_alphanumeric()
            || text.any_at(next, &["on", "with", "at"]).is_some();
        let plain = !(num.denied || num.other || num.times || num.percent || num.by || num.pixels);
        let follows = verb.as_ref().is_some_and(|verb| verb.end < token.range.start);
        if led && ends && plain && follows && !used[index] && slots.epochs.is_none() && num.value >= 1.0 {
            set(slots, Slot::Epochs, num.value, None);
            used[index] = true;
        }
    }
}

/// "adamw, 3e-4": so small a number is a learning rate wherever it stands.
fn is_rate(num: Num) -> bool {
    let plain = !(num.other || num.runs || num.times || num.percent || num.by || num.fraction);
    plain && num.value > 0.0 && num.value <= RATE_MAX
}

/// "not 90, 100", "90 말고 100" and "no memory at 90, use 100": what has the first value now takes the other.
pub(super) fn instead(tokens: &[Token], used: &mut [bool], slots: &mut Slots, base: &Base) {
    let free = |index: &usize| {
        !used[*index] && matches!(tokens[*index].kind, Kind::Num(num) if !num.other && !num.times)
    };
    let mut free = (0..tokens.len()).filter(free);
    let (Some(first), Some(other), None) = (free.next(), free.next(), free.next()) else { return };
    let (Kind::Num(now), Kind::Num(then)) = (tokens[first].kind, tokens[other].kind) else { return };
    let apart = now.denied || tokens[first..other].iter().any(|token| token.kind == Kind::Stop);
    let mut has = Slot::ALL.into_iter().filter(|slot| base.of(*slot) == Some(now.value));
    if let (Some(slot), None, true) = (has.next(), has.next(), apart && !then.denied) {
        set(slots, slot, then.value, None);
        used[first] = true;
        used[other] = true;
    }
}

/// What says between two values that the first is not to be.
#[rustfmt::skip]
const GIVEN_UP: &[&str] =
    &["no", "nope", "too", "wont", "won't", "cant", "can't", "wait", "hmm", "안 되", "안되", "모자라", "무리", "아니", "빡세", "빡센", "에이", "넘치", "터지"];

/// `배치 128로... 아, 메모리 모자라지, 64로 해줘` and "lr 0.01... too hot, 0.003": a second value that is led to, or for which the
/// first is given up, takes the place of the only one before it.
pub(super) fn thought_better(text: &Text, tokens: &[Token], used: &mut [bool], slots: &mut Slots) {
    let mut given = Slot::ALL.into_iter().filter(|slot| slots.number(*slot).is_some());
    let (Some(slot), None) = (given.next(), given.next()) else { return };
    let Some(first) = used.iter().position(|used| *used) else { return };
    let led = |index: &usize| {
        let between = tokens[first].range.end..tokens[*index].range.start;
        let given_up = || between.into_iter().any(|at| text.any_at(at, GIVEN_UP).is_some());
        let plain = |num: Num| {
            !(num.denied || num.other || num.times || num.percent || num.by) && (num.to || given_up())
        };
        !used[*index] && matches!(tokens[*index].kind, Kind::Num(num) if plain(num))
    };
    let stops = |index: usize| tokens[first..index].iter().any(|token| token.kind == Kind::Stop);
    if let Some(index) = (first + 1..tokens.len()).find(led).filter(|index| stops(*index))
        && let Kind::Num(num) = tokens[index].kind
    {
        set(slots, slot, num.value, None);
        used[index] = true;
    }
}

/// "more epochs, say 36": a clause that only names a slot, then one that is only a number.
pub(super) fn afterthought(tokens: &[Token], used: &mut [bool], slots: &mut Slots) {
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
