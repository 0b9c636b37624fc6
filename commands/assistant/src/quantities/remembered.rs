//! A value that names no setting: "actually 45", "again by 10", `한 번 더 반으로` speak of the setting changed last.

use super::leftovers::SIDES;
use super::relative::{self, Base, Change, Shift};
use super::tokens::{Kind, Token};
use super::{apply_change, set};
use crate::slots::{Changed, Slot, Slots};

/// Words beside the value, more of which speak of something else.
const OTHER_WORDS_MAX: usize = 5;

/// What the value does to the setting changed last.
#[derive(Clone, Copy, Debug)]
pub(super) enum Said {
    To(Slot, f64),
    Change(Change),
}

/// What the only value of the turn says, where the turn names no setting and says little else.
pub(super) fn said(tokens: &[Token], last: Changed) -> Option<Said> {
    let words: usize = tokens.iter().map(|token| token.gap).sum();
    let named = tokens.iter().any(|token| matches!(token.kind, Kind::Key(..) | Kind::Keep | Kind::Plateau));
    let mut values = tokens.iter().filter(|token| is_value(token.kind));
    let value = values.next()?;
    if named || words > OTHER_WORDS_MAX || values.next().is_some() {
        return None;
    }
    let counts = |kind: &Kind| !matches!(kind, Kind::Num(_)) || is_value(*kind);
    let kinds: Vec<Kind> = tokens.iter().map(|token| token.kind).filter(counts).collect();
    if let Some(shift) = relative::shift(&kinds, &[last.slot]) {
        return Some(Said::Change(Change::of(last.slot, shift)));
    }
    let Kind::Num(num) = value.kind else { return None };
    if num.by {
        let more = if last.up { num.value } else { -num.value };
        return Some(Said::Change(Change::of(last.slot, Shift::Plus(more))));
    }
    let counts_it = !num.runs || last.slot == Slot::Epochs || last.slot == Slot::Patience;
    let fits = if last.slot == Slot::LearningRate { num.value < 1.0 } else { num.value.fract() == 0.0 };
    // "640" alone is a size, unless it corrects something else.
    let corrects = tokens.iter().any(|token| token.kind == Kind::Stop || num.to);
    let size = last.slot != Slot::ImageSize && !corrects && SIDES.contains(&(num.value as u32));
    (counts_it && fits && !size && !num.pixels).then_some(Said::To(last.slot, num.value))
}

pub(super) fn apply(said: Said, base: &Base, slots: &mut Slots) {
    match said {
        Said::To(slot, value) => set(slots, slot, value, None),
        Said::Change(change) => apply_change(change, base, slots),
    }
}

fn is_value(kind: Kind) -> bool {
    match kind {
        // "한 번 더" and "a bigger one" count nothing.
        Kind::Num(num) => !(num.denied || num.other || num.value == 1.0 && !num.percent),
        kind => matches!(kind, Kind::Factor(_)),
    }
}
