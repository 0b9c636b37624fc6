//! Values that name no setting: "actually 45", "again by 10", `한 번 더 반으로`, `50이랑 16으로` speak of the settings
//! changed last. Of several, a value is for the one that it is nearest to.

use super::around::SIDES;
use super::relative::{self, Base, Change, Shift};
use super::token::{Kind, Num, Token};
use super::{apply_change, set};
use crate::slots::{Changed, Slot, Slots};
use crate::text::Text;

/// Words beside the value, more of which speak of something else.
const OTHER_WORDS_MAX: usize = 5;
/// How far, as a logarithm, a value is from a setting that has none.
const FAR: f64 = 8.0;
/// Everything that was changed last.
const ALL: &[&str] = &["전부", "모두", "다 같이", "all of them", "them all"];

/// What a value does to a setting changed last.
#[derive(Clone, Copy, Debug)]
pub(super) enum Said {
    To(Slot, f64),
    Change(Change),
}

/// What the values of the turn say, where the turn names no setting and says little else.
pub(super) fn said(text: &Text, tokens: &[Token], last: Changed, base: &Base) -> Vec<Said> {
    let words: usize = tokens.iter().map(|token| token.gap).sum();
    let named = tokens.iter().any(|token| matches!(token.kind, Kind::Key(..) | Kind::Keep | Kind::Plateau));
    let values: Vec<Kind> = tokens.iter().map(|token| token.kind).filter(|kind| is_value(*kind)).collect();
    if named || words > OTHER_WORDS_MAX || speaks_of_another(tokens, last, base) {
        return Vec::new();
    }
    match (values.as_slice(), last.one()) {
        ([_], Some(slot)) => of_one(tokens, slot, last.grew(slot)).into_iter().collect(),
        ([], _) | ([_, _, ..], Some(_)) => Vec::new(),
        ([_], None) if is_of_all(text, last) => of_all(tokens, last),
        (values, None) => of_several(values, last, base),
    }
}

/// "80 takes too long, 50 will do", `32는 너무 커, 반으로`: what is said first is a value that another setting has already.
fn speaks_of_another(tokens: &[Token], last: Changed, base: &Base) -> bool {
    let mut nums = tokens
        .iter()
        .filter_map(|token| if let Kind::Num(num) = token.kind { Some(num.value) } else { None });
    let Some(first) = nums.next() else { return false };
    if nums.next().is_none() && !tokens.iter().any(|token| matches!(token.kind, Kind::Factor(_))) {
        return false;
    }
    Slot::ALL.into_iter().any(|slot| last.one() != Some(slot) && base.of(slot) == Some(first))
}

/// The value, or the relative change, of the only setting it can be for.
fn of_one(tokens: &[Token], slot: Slot, grew: bool) -> Option<Said> {
    let counts = |kind: &Kind| !matches!(kind, Kind::Num(_)) || is_value(*kind);
    let kinds: Vec<Kind> = tokens.iter().map(|token| token.kind).filter(counts).collect();
    if let Some(shift) = relative::shift(&kinds, &[slot]) {
        return Some(Said::Change(Change::of(slot, shift)));
    }
    let num = kinds.iter().find_map(|kind| if let Kind::Num(num) = kind { Some(*num) } else { None })?;
    if num.by {
        let more = if grew { num.value } else { -num.value };
        return Some(Said::Change(Change::of(slot, Shift::Plus(more))));
    }
    // "640" alone is a size, unless it corrects something else.
    let corrects = tokens.iter().any(|token| token.kind == Kind::Stop || num.to);
    let size = slot != Slot::ImageSize && !corrects && SIDES.contains(&(num.value as u32));
    (!size && fits(num, slot)).then_some(Said::To(slot, num.value))
}

/// `둘 다 절반으로`: every setting changed last is meant, and they are as many.
fn is_of_all(text: &Text, last: Changed) -> bool {
    let says = |words: &[&str]| text.find_any(0, words).is_some();
    match last.slots().count() {
        2 => says(&["둘 다", "두 개 다", "both", "둘다"]) || says(ALL),
        3 => says(&["셋 다", "세 개 다", "all three"]) || says(ALL),
        count => count > 1 && says(ALL),
    }
}

/// The same relative change of every setting changed last.
fn of_all(tokens: &[Token], last: Changed) -> Vec<Said> {
    let kinds: Vec<Kind> = tokens.iter().map(|token| token.kind).collect();
    let slots: Vec<Slot> = last.slots().collect();
    let shift = relative::shift(&kinds, &slots);
    shift.map_or_else(Vec::new, |shift| {
        slots.into_iter().map(|slot| Said::Change(Change::of(slot, shift))).collect()
    })
}

/// Each value for the setting it is nearest to; nothing unless there is one for every value.
fn of_several(values: &[Kind], last: Changed, base: &Base) -> Vec<Said> {
    let mut free: Vec<Slot> = last.slots().collect();
    let mut said = Vec::new();
    for value in values {
        let Kind::Num(num) = *value else { return Vec::new() };
        let near = |slot: &Slot| base.of(*slot).map_or(FAR, |now| (num.value / now).ln().abs());
        let fitting = free.iter().copied().filter(|slot| fits(num, *slot) && !num.by && !num.times);
        let Some(slot) = fitting.min_by(|one, other| near(one).total_cmp(&near(other))) else {
            return Vec::new();
        };
        free.retain(|other| *other != slot);
        said.push(Said::To(slot, num.value));
    }
    said
}

/// Whether the value can be one of the setting's.
fn fits(num: Num, slot: Slot) -> bool {
    let counts_it = !num.runs || slot == Slot::Epochs || slot == Slot::Patience;
    let sides = !num.pixels || slot == Slot::ImageSize;
    let kind = if slot.is_fraction() { num.value < 1.0 } else { num.value.fract() == 0.0 };
    counts_it && sides && kind && num.value >= 0.0
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
