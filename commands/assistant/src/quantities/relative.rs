//! Changes relative to the open proposal: "halve the epochs", "두 배로", "10 more", "20% 줄여줘".

use std::ops::Range;

use super::token::{Kind, Num, Token};
use crate::lexicon::relative::{DOWN, FACTORS, UP};
use crate::slots::Slot;
use crate::text::{First, Text, is_hangul};

/// The values that relative changes start from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Base([Option<f64>; Slot::ALL.len()]);

impl Base {
    pub(crate) fn new(of: impl Fn(Slot) -> Option<f64>) -> Base {
        Base(Slot::ALL.map(of))
    }

    pub(crate) fn of(&self, slot: Slot) -> Option<f64> {
        self.0[slot as usize]
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Change {
    Times(Slot, f64),
    Plus(Slot, f64),
}

impl Change {
    pub(super) fn of(slot: Slot, shift: Shift) -> Change {
        match shift {
            Shift::Times(factor) => Change::Times(slot, factor),
            Shift::Plus(more) => Change::Plus(slot, more),
        }
    }

    pub(super) fn slot(&self) -> Slot {
        match self {
            Change::Times(slot, _) | Change::Plus(slot, _) => *slot,
        }
    }

    pub(super) fn shift(&self) -> Shift {
        match self {
            Change::Times(_, factor) => Shift::Times(*factor),
            Change::Plus(_, more) => Shift::Plus(*more),
        }
    }

    pub(super) fn from(&self, now: f64) -> f64 {
        match self {
            Change::Times(_, factor) => now * factor,
            Change::Plus(_, more) => now + more,
        }
    }
}

/// A word of relative change at `at`.
pub(super) fn word_at(text: &Text, at: usize) -> Option<(Kind, usize)> {
    if let Some((factor, end)) = factor_at(text, at) {
        return Some((Kind::Factor(factor), end));
    }
    // "By a third" is so much more or less, as "by 33 %".
    let by = text.word_at(at, "by").and_then(|by| factor_at(text, text.skip_spaces(by)));
    if let Some((part, end)) = by.filter(|(factor, _)| *factor < 1.0) {
        return Some((
            Kind::Num(Num { value: part * 100.0, percent: true, by: true, ..Num::default() }),
            end,
        ));
    }
    // `배치 반, 에폭 두 배`, and not `우리 반 아이들`.
    let half =
        text.at(at) == '반' && !is_hangul(text.before(at)) && matches!(text.at(at + 1), ',' | '.' | '\n');
    if half || text.at(at) == '반' && at + 1 == text.len() && text.before(at) == ' ' {
        return Some((Kind::Factor(0.5), at + 1));
    }
    if let Some(end) = text.any_at(at, &["나눠", "나누"]).filter(|_| by_a_number(text, at)) {
        return Some((Kind::Divide, end));
    }
    if let Some(end) = text.any_at(at, &["divide", "divided by"]) {
        return Some((Kind::Divide, end));
    }
    if let Some(end) = text.any_at(at, &["multiply", "multiplied by", "곱해", "곱하"]) {
        return Some((Kind::Multiply, end));
    }
    if let Some(end) = text.any_at(at, DOWN) {
        return Some((Kind::Down, end));
    }
    text.any_at(at, UP).map(|end| (Kind::Up, end))
}

fn factor_at(text: &Text, at: usize) -> Option<(f64, usize)> {
    let first = First::of(text.at(at));
    FACTORS
        .iter()
        .filter(|(word, _)| first.begins(word))
        .filter_map(|(word, factor)| text.word_at(at, word).map(|end| (*factor, end)))
        .max_by_key(|(_, end)| *end)
}

/// `4로 나눠`, and not `종류별로 나눠`.
fn by_a_number(text: &Text, at: usize) -> bool {
    let end = (0..at).rev().find(|here| text.low[*here] != ' ').map_or(0, |last| last + 1);
    let led = text.before(end) == '로';
    let number = text.before(end.saturating_sub(1));
    let number = if number == '으' { text.before(end.saturating_sub(2)) } else { number };
    led && (number.is_ascii_digit() || "일이삼사오육칠팔구십백천".contains(number))
}

/// How a number changes, before it is known which.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shift {
    Times(f64),
    Plus(f64),
}

/// The relative change a clause asks for, for every slot it names. A clause that only names slots ("and the batch
/// size") takes the change of the clause before, `last`; one that names none ("could you double that") changes `named`.
pub(super) fn changes(
    tokens: &[Token],
    clause: Range<usize>,
    used: &[bool],
    last: Option<Shift>,
    named: Option<Slot>,
) -> Vec<Change> {
    let free: Vec<Kind> = clause.filter(|index| !used[*index]).map(|index| tokens[index].kind).collect();
    let mut slots: Vec<Slot> = Vec::new();
    for (index, kind) in free.iter().enumerate() {
        // "이미지 두 배로", `이미지 128 더 키워`: a weak name counts right before the change.
        let change = match free.get(index + 1) {
            Some(Kind::Factor(_) | Kind::Num(Num { times: true, .. })) => true,
            Some(Kind::Num(num)) => !num.to && matches!(free.get(index + 2), Some(Kind::Up | Kind::Down)),
            // `이미지랑 배치 둘 다 두 배`.
            Some(Kind::Key(_, true)) => {
                free.iter().any(|kind| matches!(kind, Kind::Factor(_) | Kind::Num(Num { times: true, .. })))
            }
            _ => false,
        };
        if let Kind::Key(slot, strong) = kind
            && (*strong || change)
            && !slots.contains(slot)
        {
            slots.push(*slot);
        }
    }
    // "Stop after 5 more epochs without improvement" changes nothing by 5.
    if free.iter().any(|kind| matches!(kind, Kind::Keep | Kind::Plateau)) {
        return Vec::new();
    }
    let nothing = slots.is_empty() && !free.iter().any(|kind| matches!(kind, Kind::Key(..)));
    if let Some(slot) = named.filter(|_| nothing && shift(&free, &[]).is_some()) {
        slots.push(slot);
    }
    let only_names = free.iter().all(|kind| matches!(kind, Kind::Key(_, true)));
    let shift = if only_names { last } else { shift(&free, &slots) };
    shift.map(|shift| slots.iter().map(|slot| Change::of(*slot, shift)).collect()).unwrap_or_default()
}

pub(super) fn shift(kinds: &[Kind], slots: &[Slot]) -> Option<Shift> {
    let has = |wanted: Kind| kinds.contains(&wanted);
    let (up, down) = (has(Kind::Up), has(Kind::Down));
    let nums = || kinds.iter().filter_map(|kind| if let Kind::Num(num) = kind { Some(*num) } else { None });
    let plain = nums().any(|num| !num.denied && !num.times && !num.other && !num.fraction);
    let factor =
        kinds.iter().find_map(|kind| if let Kind::Factor(factor) = kind { Some(*factor) } else { None });
    if let Some(factor) = factor.filter(|_| !plain) {
        return Some(Shift::Times(if down && factor > 1.0 { 1.0 / factor } else { factor }));
    }
    let num = nums().find(|num| !num.denied && !num.other)?;
    if (num.times || has(Kind::Multiply)) && num.value > 0.0 {
        return Some(Shift::Times(if down && num.value > 1.0 { 1.0 / num.value } else { num.value }));
    }
    if has(Kind::Divide) && num.value != 0.0 {
        return Some(Shift::Times(1.0 / num.value));
    }
    // `3분의 1만큼 줄여`: that much of what it is, where `3분의 1로 줄여` says what is left.
    if num.fraction && !num.to && (up || down) && (num.by || slots.len() == 1) {
        return Some(Shift::Times(if down { 1.0 - num.value } else { 1.0 + num.value }));
    }
    let whole = !slots.is_empty() && slots.iter().all(|slot| !slot.is_fraction());
    if num.fraction && num.value >= 0.01 && whole {
        return Some(Shift::Times(num.value));
    }
    let [slot] = slots else { return None };
    if num.fraction && num.value >= 0.01 && (up || down || num.to) {
        return Some(Shift::Times(num.value));
    }
    if num.percent && (up || down || num.to) {
        let part = num.value / 100.0;
        let whole = if num.to { 0.0 } else { 1.0 };
        return Some(Shift::Times(if down && !num.to { whole - part } else { whole + part }));
    }
    let absolute = num.to || (slot.is_fraction() && !num.by) || *slot == Slot::Seed;
    ((up || down) && !absolute).then_some(Shift::Plus(if down { -num.value } else { num.value }))
}
