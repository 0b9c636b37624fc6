//! Cuts a turn into what matters for its numbers.

use std::ops::Range;

use super::counted::number_at;
use super::names::{compact_at, key_at, key_tail};
use super::relative;
use super::token::{Kind, Num, Token};
use crate::lexicon::quantities::{CONNECTIVES, CORRECTIONS, IDIOMS, KEEPS, PLATEAU};
use crate::text::{Text, is_hangul};

pub(super) fn clauses(tokens: &[Token]) -> Vec<Range<usize>> {
    let mut clauses = Vec::new();
    let mut start = 0;
    for (index, token) in tokens.iter().enumerate() {
        if matches!(token.kind, Kind::Stop | Kind::Correct) {
            clauses.push(start..index);
            start = index + 1;
        } else if begins_anew(&tokens[start..], index - start) {
            clauses.push(start..index);
            start = index;
        }
    }
    clauses.push(start..tokens.len());
    clauses.retain(|clause| !clause.is_empty());
    clauses
}

/// `에폭은 두 배로 배치는 절반으로`: a name after the change of another, with a change of its own.
fn begins_anew(clause: &[Token], index: usize) -> bool {
    let changes = |token: &Token| matches!(token.kind, Kind::Factor(_) | Kind::Num(Num { times: true, .. }));
    let named = |token: &Token| matches!(token.kind, Kind::Key(..));
    index > 1
        && named(&clause[0])
        && changes(&clause[index - 1])
        && named(&clause[index])
        && clause[index + 1..].iter().take_while(|token| token.kind != Kind::Stop).any(changes)
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
    if let Some((slot, end)) = compact_at(text, at) {
        return Some((Kind::Key(slot, true), end));
    }
    if let Some((slot, strong, end)) = key_at(text, at)
        && (!is_hangul(before) || strong)
    {
        return Some((Kind::Key(slot, strong), key_tail(text, end)));
    }
    // "one-tenth" is no one.
    if c.is_ascii_alphabetic()
        && let Some(part @ (Kind::Factor(_), _)) = relative::word_at(text, at)
    {
        return Some(part);
    }
    let starts = glued || !(before.is_ascii_alphanumeric() || matches!(before, '_'));
    let after_key = matches!(last, Some(Token { kind: Kind::Key(_, true), .. }));
    if matches!(c, 'x' | '×' | '*')
        && !before.is_ascii_alphanumeric()
        && matches!(last, Some(Token { kind: Kind::Key(..), .. }))
        && text.at(at + 1).is_ascii_digit()
        && let Some((num, end)) = number_at(text, at + 1, after_key)
    {
        return Some((Kind::Num(Num { times: true, ..num }), end));
    }
    if starts
        && (c.is_ascii_digit() || matches!(c, '.' | '-' | '+') || !is_hangul(before) || glued)
        && let Some((num, end)) = number_at(text, at, after_key)
    {
        // `세 배` is so many times what stands, and never a value.
        let factor = num.times && !num.denied && text.before(end) == '배' && num.value > 0.0;
        return Some((if factor { Kind::Factor(num.value) } else { Kind::Num(num) }, end));
    }
    // "take twenty off", and not "turn it off".
    if last.is_some_and(|last| matches!(last.kind, Kind::Num(_))) {
        let down = text.any_at(at, &["off", "minus"]).map(|end| (Kind::Down, end));
        let changed = down.or_else(|| text.any_at(at, &["plus"]).map(|end| (Kind::Up, end)));
        if changed.is_some() {
            return changed;
        }
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
