//! Changes relative to the open proposal: "halve the epochs", "두 배로", "10 more", "20% 줄여줘".

use std::ops::Range;

use crate::quantities::{Kind, Slot, Token};
use crate::text::Text;

/// The values that relative changes start from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Base {
    pub(crate) epochs: Option<f64>,
    pub(crate) image_size: Option<f64>,
    pub(crate) batch_size: Option<f64>,
    pub(crate) seed: Option<f64>,
    pub(crate) patience: Option<f64>,
    pub(crate) learning_rate: Option<f64>,
}

impl Base {
    pub(crate) fn of(&self, slot: Slot) -> Option<f64> {
        match slot {
            Slot::Epochs => self.epochs,
            Slot::ImageSize => self.image_size,
            Slot::BatchSize => self.batch_size,
            Slot::Seed => self.seed,
            Slot::Patience => self.patience,
            Slot::LearningRate => self.learning_rate,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Change {
    Times(Slot, f64),
    Plus(Slot, f64),
}

impl Change {
    pub(crate) fn slot(&self) -> Slot {
        match self {
            Change::Times(slot, _) | Change::Plus(slot, _) => *slot,
        }
    }

    pub(crate) fn from(&self, now: f64) -> f64 {
        match self {
            Change::Times(_, factor) => now * factor,
            Change::Plus(_, more) => now + more,
        }
    }
}

const FACTORS: [(&str, f64); 33] = [
    ("halve", 0.5),
    ("half", 0.5),
    ("halved", 0.5),
    ("in half", 0.5),
    ("half as many", 0.5),
    ("half of", 0.5),
    ("a half", 0.5),
    ("절반", 0.5),
    ("반으로", 0.5),
    ("반만", 0.5),
    ("반토막", 0.5),
    ("절반만큼", 0.5),
    ("double", 2.0),
    ("doubled", 2.0),
    ("twice", 2.0),
    ("두 배", 2.0),
    ("두배", 2.0),
    ("갑절", 2.0),
    ("곱절", 2.0),
    ("더블", 2.0),
    ("반절", 0.5),
    ("triple", 3.0),
    ("thrice", 3.0),
    ("quadruple", 4.0),
    ("a quarter", 0.25),
    ("quarter", 0.25),
    ("a tenth", 0.1),
    ("one tenth", 0.1),
    ("a third", 1.0 / 3.0),
    ("half as long", 0.5),
    ("twice as many", 2.0),
    ("twice as long", 2.0),
    ("order of magnitude", 10.0),
];
const UP: [&str; 24] = [
    "늘려",
    "늘리",
    "늘린",
    "올려",
    "올리",
    "높여",
    "높이",
    "키워",
    "키우",
    "추가",
    "더",
    "증가",
    "more",
    "increase",
    "raise",
    "add",
    "extend",
    "additional",
    "extra",
    "up",
    "higher",
    "bump",
    "longer",
    "larger",
];
const DOWN: [&str; 20] = [
    "줄여", "줄이", "줄인", "낮춰", "낮추", "내려", "내리", "감소", "덜", "빼", "fewer", "less", "decrease",
    "reduce", "lower", "drop", "cut", "down", "smaller", "shorter",
];

/// A word of relative change at `at`.
pub(crate) fn word_at(text: &Text, at: usize) -> Option<(Kind, usize)> {
    let factor = FACTORS
        .iter()
        .filter_map(|(word, factor)| text.word_at(at, word).map(|end| (*factor, end)))
        .max_by_key(|(_, end)| *end);
    if let Some((factor, end)) = factor {
        return Some((Kind::Factor(factor), end));
    }
    if let Some(end) = text.any_at(at, &DOWN) {
        return Some((Kind::Down, end));
    }
    text.any_at(at, &UP).map(|end| (Kind::Up, end))
}

/// The relative change a clause asks for: one slot's name, and a factor or a difference.
pub(crate) fn change(tokens: &[Token], clause: Range<usize>, used: &[bool]) -> Option<Change> {
    let free = || clause.clone().filter(|index| !used[*index]).map(|index| tokens[index].kind);
    let mut slots =
        free().filter_map(|kind| if let Kind::Key(slot, true) = kind { Some(slot) } else { None });
    let slot = slots.next()?;
    if slots.any(|other| other != slot) {
        return None;
    }
    let down = free().any(|kind| kind == Kind::Down);
    let up = free().any(|kind| kind == Kind::Up);
    let plain = free().any(
        |kind| matches!(kind, Kind::Num(num) if !num.denied && !num.times && !num.other && !num.fraction),
    );
    if let Some(factor) =
        free().find_map(|kind| if let Kind::Factor(factor) = kind { Some(factor) } else { None })
        && !plain
    {
        return Some(Change::Times(slot, if down && factor > 1.0 { 1.0 / factor } else { factor }));
    }
    let num = free().find_map(|kind| {
        if let Kind::Num(num) = kind { (!num.denied && !num.other).then_some(num) } else { None }
    })?;
    if num.times && num.value > 0.0 {
        return Some(Change::Times(slot, if down && num.value > 1.0 { 1.0 / num.value } else { num.value }));
    }
    if num.fraction && (up || down || num.to) && slot == Slot::LearningRate
        || num.fraction && slot != Slot::LearningRate
    {
        return Some(Change::Times(slot, num.value));
    }
    if num.percent && (up || down) && !num.to {
        let part = num.value / 100.0;
        return Some(Change::Times(slot, if down { 1.0 - part } else { 1.0 + part }));
    }
    if num.percent && num.to {
        return Some(Change::Times(slot, num.value / 100.0));
    }
    let absolute = num.to || (slot == Slot::LearningRate && !num.by) || slot == Slot::Seed;
    if !(up || down) || absolute {
        return None;
    }
    Some(Change::Plus(slot, if down { -num.value } else { num.value }))
}
