//! Every job that a turn names, in order, whether it is meant or not.

use std::ops::Range;

use super::is_joined;
use super::named::{after_noun, before_noun, called, left_alone};
use super::several::{behind_noun, linked};
use super::slugs::run_at;
use crate::lexicon::jobs::{COUNTED, ORDERS};
use crate::lexicon::numbers::COUNTERS;
use crate::negation::last_word;
use crate::text::{Text, is_hangul};

/// How many are looked at.
const MENTIONS_MAX: usize = 12;

/// A job by its number or its name.
#[derive(Debug)]
pub(super) struct Mention {
    pub(super) whole: Range<usize>,
    pub(super) name: Range<usize>,
    pub(super) value: String,
    /// By a noun, or by a name of its own.
    pub(super) is_named: bool,
    /// The same, or by a sign or a counter, or joined to one that is; otherwise it is a number like any other.
    pub(super) is_marked: bool,
    /// It is spoken of to leave it: "not job 5", `5번 말고`.
    pub(super) is_left: bool,
}

pub(super) fn mentions(text: &Text) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    let joined = text.low.iter().any(|c| matches!(c, '-' | '_'));
    // Every job is named with a number, or by a name that is joined of parts.
    let named = joined || text.low.iter().any(char::is_ascii_digit);
    let mut at = if named { 0 } else { text.len() };
    while at < text.len() && found.len() < MENTIONS_MAX {
        let mention = mention_at(text, at, joined);
        at = mention.as_ref().map_or(at + 1, |mention| mention.whole.end);
        found.extend(mention);
    }
    mark_joined(text, &mut found);
    leave_joined(text, &mut found);
    found
}

fn mention_at(text: &Text, at: usize, joined: bool) -> Option<Mention> {
    let run = if joined { run_at(text, at) } else { None };
    let named = run.map(|name| (name.clone(), name));
    let named = named.or_else(|| after_noun(text, at)).or_else(|| before_noun(text, at));
    let named = named.or_else(|| if joined { called(text, at) } else { None });
    let is_named = named.is_some() || behind_noun(text, at);
    let (whole, name, has_sign) = match named {
        Some((whole, name)) => (whole, name, true),
        None => numbered(text, at)?,
    };
    let is_marked = has_sign || is_named || is_ordered(text, at);
    let is_left = left_alone(text, &whole);
    Some(Mention { value: text.said(name.clone()), whole, name, is_named, is_marked, is_left })
}

/// A number that counts nothing, and whether `#` or `번` says that it is a job's.
fn numbered(text: &Text, at: usize) -> Option<(Range<usize>, Range<usize>, bool)> {
    let from = at + usize::from(text.at(at) == '#');
    if is_joined(text.before(at)) || text.before(at) == '-' || !text.at(from).is_ascii_digit() {
        return None;
    }
    let end = (from..text.len()).find(|here| !text.low[*here].is_ascii_digit()).unwrap_or(text.len());
    let counter = text.any_at(end, &["번"]).filter(|end| text.any_at(*end, &["째", "더", " 더"]).is_none());
    let next = text.skip_spaces(counter.unwrap_or(end));
    let counts = text.any_at(next, COUNTED).is_some()
        || counter.is_none() && text.any_at(next, COUNTERS).is_some()
        || text.at(end).is_ascii_alphabetic()
        || text.at(end) == '.' && text.at(end + 1).is_ascii_digit()
        || matches!(text.at(end), '%' | '_' | '-') && !is_hangul(text.at(end + 1));
    let whole = at..counter.unwrap_or(end);
    (!counts).then_some((whole, from..end, counter.is_some() || from > at))
}

/// `7번 9번은 그대로 두고`: what is left alone together.
fn leave_joined(text: &Text, found: &mut [Mention]) {
    for at in (1..found.len()).rev() {
        let joined = linked(text, found[at - 1].name.end..found[at].name.start);
        found[at - 1].is_left |= joined && found[at].is_left;
    }
}

/// "cancel 7, not 8": a bare number that is the object of an order.
pub(super) fn is_ordered(text: &Text, at: usize) -> bool {
    let word = last_word(text, at).map(|word| text.low[word].iter().collect::<String>());
    word.is_some_and(|word| ORDERS.contains(&word.as_str()))
}

/// `3, 4번`, "jobs 3 and 5": what is joined to a job is one.
fn mark_joined(text: &Text, found: &mut [Mention]) {
    for at in 1..found.len() {
        if linked(text, found[at - 1].name.end..found[at].name.start) {
            let either = found[at - 1].is_marked || found[at].is_marked;
            (found[at - 1].is_marked, found[at].is_marked) = (either, either);
        }
    }
}
