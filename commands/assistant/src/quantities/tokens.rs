//! Cuts a turn into what matters for its numbers: names of slots, numbers with their units, words of change.

use std::ops::Range;

use crate::lexicon::quantities::{CONNECTIVES, CORRECTIONS, IDIOMS, KEEPS, KEYS, MORE_KEYS, PLATEAU};
use crate::negation::denied;
use crate::numbers;
use crate::relative;
use crate::spelling;
use crate::text::{First, Text, is_hangul, is_wordy};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Epochs,
    ImageSize,
    BatchSize,
    Seed,
    Patience,
    LearningRate,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
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
pub(crate) struct Num {
    pub(crate) value: f64,
    pub(crate) percent: bool,
    pub(crate) denied: bool,
    /// `10배`, `3 times`.
    pub(crate) times: bool,
    /// `10분의 1`.
    pub(crate) fraction: bool,
    /// "to 50", "50으로".
    pub(crate) to: bool,
    /// "by 10", "10만큼", "10 more".
    pub(crate) by: bool,
    /// Counted runs: `50번`, `50회`.
    pub(crate) runs: bool,
    /// A side in pixels.
    pub(crate) pixels: bool,
    /// Counts something else: `3장`, `세 개`.
    pub(crate) other: bool,
    /// So many at a time: `32장씩`.
    pub(crate) each: bool,
    /// `at 640`, which is a size where nothing else takes it.
    pub(crate) at: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) range: Range<usize>,
    /// Words before it that mean nothing here, back to the token before.
    pub(crate) gap: usize,
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

/// "에폭 100, 아니다 80으로" and "100 epochs, no wait, 80": the second value takes the place of the first.
///
/// Returns where the second ones stood, which have been read with that.
pub(super) fn correct(tokens: &mut Vec<Token>) -> Vec<Range<usize>> {
    let mut read = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        if tokens[index].kind != Kind::Correct {
            index += 1;
            continue;
        }
        let next = (index + 1..tokens.len())
            .find(|next| !matches!(tokens[*next].kind, Kind::Stop | Kind::Correct))
            .filter(|next| {
                let gap: usize = tokens[index + 1..=*next].iter().map(|token| token.gap).sum();
                gap <= 2 && is_value(tokens[*next].kind)
            });
        let of_another = next.and_then(|next| tokens.get(next + 1)).is_some_and(|after| {
            after.gap == 0
                && matches!(after.kind, Kind::Key(..))
                && !is_key_of_next(tokens, index, after.kind)
        });
        let before = (0..index).rev().take(6).find(|before| is_value(tokens[*before].kind));
        match (before, next) {
            (Some(before), Some(next)) if !of_another => {
                tokens[before].kind = in_place_of(tokens[before].kind, tokens[next].kind);
                read.push(tokens[next].range.clone());
                tokens.drain(index..=next);
                while index > before + 1 && tokens[index - 1].kind == Kind::Stop {
                    tokens.remove(index - 1);
                    index -= 1;
                }
            }
            _ => {
                tokens[index].kind = Kind::Stop;
                index += 1;
            }
        }
    }
    read
}

/// `배치 16은 좀 빡센데 8로`: a number as the topic of a remark gives way to the one that is led to.
pub(super) fn deny_topics(text: &Text, tokens: &mut [Token]) {
    for index in 0..tokens.len() {
        let Kind::Num(mut num) = tokens[index].kind else { continue };
        let unit = tokens.get(index + 1).filter(|unit| unit.gap == 0 && matches!(unit.kind, Kind::Key(..)));
        let end = unit.map_or(tokens[index].range.end, |unit| unit.range.end);
        let topic = text.any_at(end, &["은", "는", "이면", "면"]).is_some_and(|end| !is_hangul(text.at(end)))
            || matches!(text.before(end), '은' | '는');
        let next = tokens[index + 1..]
            .iter()
            .filter(|next| !matches!(next.kind, Kind::Up | Kind::Down | Kind::Stop))
            .nth(usize::from(unit.is_some()));
        if topic && !num.to && matches!(next.map(|next| next.kind), Some(Kind::Num(Num { to: true, .. }))) {
            num.denied = true;
            tokens[index].kind = Kind::Num(num);
        }
    }
}

fn is_value(kind: Kind) -> bool {
    matches!(kind, Kind::Num(Num { denied: false, .. }) | Kind::Factor(_))
}

/// Whether the name after a correction is the one that stood before it: "100 epochs, no, 80 epochs".
fn is_key_of_next(tokens: &[Token], correction: usize, key: Kind) -> bool {
    tokens[..correction].iter().rev().take(4).any(|token| token.kind == key)
}

/// The second value, with what the first one's words said it counts.
fn in_place_of(first: Kind, second: Kind) -> Kind {
    match (first, second) {
        (Kind::Num(first), Kind::Num(second)) => Kind::Num(Num {
            denied: false,
            to: first.to || second.to,
            runs: first.runs || second.runs,
            pixels: first.pixels || second.pixels,
            each: first.each || second.each,
            ..second
        }),
        (_, second) => second,
    }
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

pub(super) fn number_at(text: &Text, at: usize, after_key: bool) -> Option<(Num, usize)> {
    let number = numbers::read(text, at)?;
    let changed = after_key && changes(text, number.end);
    let named = after_key
        && (changed
            || !is_wordy(text.at(number.end)) && text.at(number.end) != ' '
            || number.end == text.len()
            || text.any_at(number.end, &["으로", "로"]).is_some_and(|end| !is_hangul(text.at(end))));
    if number.doubtful && !named && !numbers::counter_follows(text, number.end) {
        return None;
    }
    let hangul = is_hangul(text.at(at));
    // "이번에는" is "this time".
    if text.at(at) == '이' && text.at(at + 1) == '번' && !after_key {
        return None;
    }
    if hangul && !changed && !ends_like_a_number(text, number.end) {
        return None;
    }
    let mut end = number.end;
    let mut num = Num {
        value: number.value,
        percent: number.percent,
        denied: false,
        times: false,
        fraction: text.low[at..end].contains(&'분') || text.low[at..end].contains(&'/'),
        to: false,
        by: false,
        runs: false,
        pixels: false,
        other: false,
        each: false,
        at: false,
    };
    if let Some((second, after)) = second_side(text, end) {
        (num.value, num.pixels, end) = (num.value.max(second), true, after);
    }
    end = counted(text, &mut num, end);
    let next = text.skip_spaces(end);
    num.each = text.any_at(next, &["씩", "at a time", "images at a time"]).is_some();
    num.at = preceded(text, at, &["at"]) && (32.0..=2048.0).contains(&num.value);
    let unit = key_at(text, next).map_or(next, |(_, _, end)| end);
    num.to = text.any_at(unit, &["으로", "로", "까지"]).is_some()
        || text.any_at(next, &["으로", "로", "까지", "에폭으로", "에폭까지", "에포크로"]).is_some()
        || preceded(text, at, &["to", "at", "=", "until"])
        || after_change(text, at);
    num.by = text
        .any_at(
            next,
            &["만큼", "씩", "more", "extra", "additional", "fewer", "less", "만 더", "더", "정도 더"],
        )
        .is_some()
        || preceded(text, at, &["by", "add", "another", "extra"]);
    num.denied = denied(text, &(at..end), true);
    Some((num, end))
}

/// `에폭 십 더`: a word of change follows.
fn changes(text: &Text, end: usize) -> bool {
    let next = relative::word_at(text, text.skip_spaces(end));
    text.at(end) == ' ' && matches!(next, Some((Kind::Up | Kind::Down, _)))
}

/// `줄여서 25`: what follows the verb is where it leads.
fn after_change(text: &Text, at: usize) -> bool {
    let Some(end) = (0..at).rev().find(|here| !text.low[*here].is_whitespace()) else { return false };
    let start = (0..end).rev().find(|here| !is_hangul(text.low[*here])).map_or(0, |before| before + 1);
    text.low[end] == '서' && (start..end).any(|here| relative::word_at(text, here).is_some())
}

/// A number in Hangul ends in a counter, a particle or the word's end.
pub(super) fn ends_like_a_number(text: &Text, end: usize) -> bool {
    !is_hangul(text.at(end)) && !text.at(end).is_whitespace()
        || text
            .any_at(
                text.skip_spaces(end),
                &[
                    "으로",
                    "로",
                    "만",
                    "정도",
                    "쯤",
                    "까지",
                    "이야",
                    "입니다",
                    "이고",
                    "분의",
                    "이에요",
                    "말고",
                ],
            )
            .is_some()
        || numbers::counter_follows(text, end)
        || text.at(end).is_whitespace() && text.skip_spaces(end) == text.len()
        || end == text.len()
}

/// The other side of `640x480`.
pub(super) fn second_side(text: &Text, end: usize) -> Option<(f64, usize)> {
    let sign = text
        .any_at(text.skip_spaces(end), &["x", "×", "*", "by", "곱하기"])
        .or_else(|| matches!(text.at(end), 'x' | '×' | '*').then_some(end + 1))?;
    let from = text.skip_spaces(sign);
    text.at(from)
        .is_ascii_digit()
        .then(|| numbers::read(text, from))?
        .map(|number| (number.value, number.end))
}

/// Takes in the counter after a number.
pub(super) fn counted(text: &Text, num: &mut Num, end: usize) -> usize {
    let next = text.skip_spaces(end);
    if let Some(end) = text.any_at(next, &["배", "times", "x"])
        && text.any_at(next, &["배치"]).is_none()
    {
        num.times = true;
        return end;
    }
    if let Some(end) = text.any_at(next, &["px", "pixels", "pixel", "픽셀", "화소"]) {
        num.pixels = true;
        return end;
    }
    if let Some(end) = text.any_at(next, &["번의", "번", "회", "차례", "바퀴"]) {
        num.runs = text.any_at(end, &["째"]).is_none();
        num.other = !num.runs;
        return end;
    }
    if let Some(end) = text.any_at(
        next,
        &[
            "개", "가지", "장", "종", "분", "시간", "명", "기가", "gb", "hours", "minutes", "classes", "년",
            "월", "일",
        ],
    ) {
        num.other = true;
        return end;
    }
    end
}

pub(super) fn preceded(text: &Text, at: usize, words: &[&str]) -> bool {
    if text.before(at) == '=' {
        return words.contains(&"=");
    }
    crate::negation::last_word(text, at).is_some_and(|word| {
        let word: String = text.low[word].iter().collect();
        words.contains(&word.as_str())
    })
}
