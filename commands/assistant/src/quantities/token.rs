//! What matters of a turn for its numbers, as it is found: names of slots, numbers with their units, words of change.

use std::ops::Range;

use crate::slots::Slot;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Key(Slot, bool),
    Num(Num),
    /// "half", "double": the factor.
    Factor(f64),
    Up,
    Down,
    Multiply,
    Divide,
    Plateau,
    /// "그대로", "keep": what is named beside it stays as it is.
    Keep,
    /// "아니다", "no wait": what follows stands in the place of what was said.
    Correct,
    /// A comma, a sentence's end, "and", or the connective ending of a verb.
    Stop,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Num {
    pub(super) value: f64,
    pub(super) percent: bool,
    pub(super) denied: bool,
    /// `10배`, `3 times`.
    pub(super) times: bool,
    /// `10분의 1`.
    pub(super) fraction: bool,
    /// "to 50", "50으로".
    pub(super) to: bool,
    /// "by 10", "10만큼", "10 more".
    pub(super) by: bool,
    /// Counted runs: `50번`, `50회`.
    pub(super) runs: bool,
    /// A side in pixels.
    pub(super) pixels: bool,
    /// Counts something else: `3장`, `세 개`.
    pub(super) other: bool,
    /// So many at a time: `32장씩`.
    pub(super) each: bool,
    /// `at 640`, which is a size where nothing else takes it.
    pub(super) at: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
    /// Words before it that mean nothing here, back to the token before.
    pub(super) gap: usize,
}
