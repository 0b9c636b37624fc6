//! Cuts a turn into what matters for its numbers: names of slots, numbers with their units, words of change.

use std::ops::Range;

use super::counted::number_at;
use super::relative;
use crate::lexicon::quantities::{CONNECTIVES, CORRECTIONS, IDIOMS, KEEPS, KEYS, MORE_KEYS, PLATEAU};
use crate::slots::Slot;
use crate::spelling;
use crate::text::{First, Text, is_hangul};

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

#[derive(Clone, Copy, Debug, PartialEq)]
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

pub(super) fn clauses(tokens: &[Token]) -> Vec<Range<usize>> {
    let mut clauses = Vec::new();
    let mut start = 0;
    for (index, token) in tokens.iter().enumerate() {
        if token.kind == Kind::Stop {
            clauses.push(start..index);
            start = index + 1;
        }
    }
    clauses.push(start..tokens.len());
    clauses.retain(|clause| !clause.is_empty());
    clauses
}

pub(super) fn tokens(text: &Text) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let (mut at, mut gap, mut in_word) = (0, 0, false);
    while at < text.len() {
        if let Some(end) = text.any_at(at, IDIOMS).filter(|_| !in_word) {
            (at, gap, in_word) = (end, gap + 1, true);
            continue;
        }
        if let Some((kind, end)) = token_at(text, at, tokens.last(), gap) {
            tokens.push(Token { kind, range: at..end, gap });
            if kind == Kind::Keep && is_hangul(text.at(at)) {
                tokens.push(Token { kind: Kind::Stop, range: end..end, gap: 0 });
            }
            (at, gap, in_word) = (end, 0, false);
            continue;
        }
        let c = text.low[at];
        gap += usize::from(!c.is_whitespace() && !in_word);
        in_word = !c.is_whitespace();
        at += 1;
        if c.is_ascii_alphabetic() {
            while text.at(at).is_ascii_alphanumeric() {
                at += 1;
            }
        }
    }
    tokens
}

/// The token at `at`, `gap` words after the token before it.
pub(super) fn token_at(
    text: &Text,
    at: usize,
    previous: Option<&Token>,
    gap: usize,
) -> Option<(Kind, usize)> {
    let last = previous.filter(|_| gap == 0);
    let glued = last.is_some_and(|token| token.range.end == at);
    let c = text.low[at];
    if c.is_whitespace() && c != '\n' {
        return None;
    }
    if matches!(c, ',' | ';' | '\n' | '、')
        || (matches!(c, '.' | '!' | '?') && !text.at(at + 1).is_ascii_digit())
    {
        return Some((Kind::Stop, at + 1));
    }
    if let Some(end) = text.any_at(at, &["그리고", "and", "but", "근데", "하지만", "하고 나서"]) {
        return Some((Kind::Stop, end));
    }
    if let Some(end) = text.any_at(at, PLATEAU) {
        return Some((Kind::Plateau, end));
    }
    let before = text.before(at);
    if let Some(end) = connective(text, at, previous, glued) {
        return Some((Kind::Stop, end));
    }
    if !is_hangul(before) {
        if let Some(end) = text.any_at(at, KEEPS) {
            return Some((Kind::Keep, end));
        }
        let correction = text.any_at(at, CORRECTIONS);
        if let Some(end) = correction.filter(|end| !matches!(text.at(*end), '라' | '고' | '면' | '요')) {
            return Some((Kind::Correct, end));
        }
    }
    if let Some((slot, strong, end)) = key_at(text, at)
        && (!is_hangul(before) || strong)
    {
        return Some((Kind::Key(slot, strong), key_tail(text, end)));
    }
    let starts = glued || !(before.is_ascii_alphanumeric() || matches!(before, '_'));
    let after_key = matches!(last, Some(Token { kind: Kind::Key(_, true), .. }));
    if matches!(c, 'x' | '×' | '*')
        && after_key
        && text.at(at + 1).is_ascii_digit()
        && let Some((num, end)) = number_at(text, at + 1, after_key)
    {
        return Some((Kind::Num(Num { times: true, ..num }), end));
    }
    if starts
        && (c.is_ascii_digit() || matches!(c, '.' | '-' | '+') || !is_hangul(before) || glued)
        && let Some((num, end)) = number_at(text, at, after_key)
    {
        return Some((Kind::Num(num), end));
    }
    relative::word_at(text, at)
}

/// `올리고`, `16으로 하고`: after a value or a change, the ending that leads to another clause.
fn connective(text: &Text, at: usize, previous: Option<&Token>, glued: bool) -> Option<usize> {
    let kind = previous?.kind;
    let changes = matches!(kind, Kind::Up | Kind::Down);
    if !changes && !matches!(kind, Kind::Num(_) | Kind::Factor(_)) {
        return None;
    }
    let end = if changes && glued {
        text.any_at(at, &["고", "시고"])
    } else if !is_hangul(text.before(at)) {
        text.any_at(at, CONNECTIVES)
    } else {
        None
    };
    end.filter(|end| text.at(*end) == ' ' && text.any_at(text.skip_spaces(*end), &["싶", "있"]).is_none())
}

pub(super) fn key_at(text: &Text, at: usize) -> Option<(Slot, bool, usize)> {
    let first = First::of(text.at(at));
    let keys = || KEYS.iter().chain(MORE_KEYS).filter(|(word, _, _)| first.begins(word));
    let known =
        keys().filter_map(|(word, slot, strong)| text.word_at(at, word).map(|end| (*slot, *strong, end)));
    known.max_by_key(|(_, _, end)| *end).or_else(|| {
        let word = text.latin_word(at)?;
        let typed: String = text.low[word.clone()].iter().collect();
        let slipped = keys().filter(|(_, _, strong)| *strong).filter_map(|(key, slot, strong)| {
            let (first, rest) = key.split_at(key.find(' ').unwrap_or(key.len()));
            let end = if spelling::slipped(&typed, first) { text.word_at(word.end, rest) } else { None };
            end.map(|end| (*slot, *strong, end))
        });
        slipped.max_by_key(|(_, _, end)| *end)
    })
}

/// Takes in what stands between a name and its number without meaning.
pub(super) fn key_tail(text: &Text, end: usize) -> usize {
    let mut end = end;
    for _ in 0..3 {
        let next = text.skip_spaces(end);
        match text.any_at(
            next,
            &[
                "값", "수", "개수", "횟수", "은", "는", "을", "를", "이", "=", ":", "value", "of", "is",
                "to", "to be", "도", "의", "->",
            ],
        ) {
            // `에폭이십` is twenty, not "the epochs ten".
            Some(_) if text.at(next) == '이' && matches!(text.at(next + 1), '십' | '백' | '천') => break,
            Some(tail) if !is_hangul(text.at(tail)) || next == end => end = tail,
            _ => break,
        }
    }
    end
}
