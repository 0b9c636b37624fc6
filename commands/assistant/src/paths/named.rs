//! A dataset that is called by its name: `dataset is alphonso_grade`, `데이터는 petpet`, `pitch_kp 데이터로`.

use std::ops::Range;

use crate::catalog;
use crate::lexicon::paths::TAILS;
use crate::reader::{Linear, Name, hash};
use crate::text::{MODEL, PATH, Text, is_hangul, is_wordy};

/// Words of a turn that are looked at.
const NAMES_MAX: usize = 160;
/// By how much a sign within speaks for a name: hardly any ordinary word has one.
const SIGNED: f32 = 1.3;
/// A name has at least so many characters, and at most.
const NAME_CHARS: std::ops::RangeInclusive<usize> = 2..=64;
/// Words on either side.
const WORDS: usize = 3;
/// As far as they reach, in characters.
const WORDS_CHARS: usize = 40;
/// What directly follows, in characters.
const TAIL_CHARS: usize = 3;

/// The words of the turn that may be names, as the model sees them.
pub(crate) fn names(text: &Text, lacks_data: bool) -> Vec<Name> {
    let ranges: Vec<Range<usize>> = (0..text.len()).flat_map(|at| words(text, at)).take(NAMES_MAX).collect();
    let whole = Whole::of(text, &ranges, lacks_data);
    ranges.into_iter().map(|range| name(text, range, &whole)).collect()
}

/// The likeliest of them to be data, masked out of the text.
pub(crate) fn take_named(learned: &Linear, text: &mut Text, names: &[Name]) -> Option<String> {
    let signed = |name: &Name| if shape(text, &name.range).0 { SIGNED } else { 0.0 };
    let scored = names.iter().map(|name| (name.is_data(learned) + signed(name), name));
    let (_, name) = scored.filter(|(score, _)| *score > 0.0).max_by(|one, two| one.0.total_cmp(&two.0))?;
    text.mask(name.range.clone(), PATH);
    Some(name.text.clone())
}

/// The word that begins at `at`; one of Hangul also without each ending that it may have.
fn words(text: &Text, at: usize) -> Vec<Range<usize>> {
    let (first, before) = (text.at(at), text.before(at));
    let begins = !is_wordy(before) || is_hangul(before) != is_hangul(first) && is_hangul(before);
    let latin = first.is_ascii_alphanumeric();
    if !begins || matches!(before, '-' | '.' | '/' | '\\' | '@') || !(latin || is_hangul(first)) {
        return Vec::new();
    }
    let fits = |c: char| match latin {
        true => c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '@'),
        false => is_wordy(c) || c == '-',
    };
    let mut end = (at..text.len()).find(|here| !fits(text.low[*here])).unwrap_or(text.len());
    while end > at && matches!(text.at(end - 1), '.' | '-' | '@') {
        end -= 1;
    }
    let cuts = (at..end).filter(|cut| !latin && text.any_at(*cut, TAILS).is_some_and(|stop| stop >= end));
    let named = |end: &usize| {
        let word = &text.low[at..*end];
        NAME_CHARS.contains(&word.len()) && word.iter().any(|c| c.is_alphabetic())
    };
    let is_path = matches!(text.at(end), '/' | '\\' | '=');
    let ends: Vec<usize> = cuts.chain([end]).filter(|end| !is_path && named(end)).collect();
    ends.into_iter().map(|end| at..end).collect()
}

/// What is the same for every word of the turn.
struct Whole {
    state: Vec<&'static str>,
}

impl Whole {
    fn of(text: &Text, ranges: &[Range<usize>], lacks_data: bool) -> Whole {
        let signs = ranges.iter().filter(|range| shape(text, range).0).count();
        let mut state = vec![["no signs", "one sign", "two signs", "signs"][signs.min(3)]];
        if lacks_data {
            state.push("lacks data");
        }
        if text.low.contains(&MODEL) {
            state.push("model");
        }
        if ranges.len() < 3 {
            state.push("alone");
        }
        Whole { state }
    }
}

/// What has been understood, as one character each.
fn collapsed(chars: &[char]) -> String {
    let masks = '\u{E000}'..='\u{E005}';
    let mut last = ' ';
    let kept = |c: &&char| !(masks.contains(*c) && std::mem::replace(&mut last, **c) == **c);
    chars.iter().filter(kept).collect()
}

/// Whether there is a sign or a digit within, and what it looks like.
fn shape(text: &Text, range: &Range<usize>) -> (bool, String) {
    let word = &text.low[range.clone()];
    let has = |sign: fn(&char) -> bool| word.iter().any(sign);
    let shape: String = [
        ('k', has(|c| is_hangul(*c))),
        ('a', has(char::is_ascii_alphabetic)),
        ('0', has(char::is_ascii_digit)),
        ('_', has(|c| *c == '_')),
        ('-', has(|c| *c == '-')),
        ('.', has(|c| *c == '.')),
        ('@', has(|c| *c == '@')),
        ('s', word.len() < 4),
    ]
    .into_iter()
    .filter_map(|(sign, is)| is.then_some(sign))
    .collect();
    (shape.contains(['_', '-', '@', '0']), shape)
}

fn name(text: &Text, range: Range<usize>, whole: &Whole) -> Name {
    let mut features = Vec::with_capacity(160);
    let mut note = |parts: &[&str]| features.push(hash(parts));
    let said = |range: Range<usize>| collapsed(&text.low[range]);
    let (start, end) = (range.start, range.end);
    let (_, shape) = shape(text, &range);
    let word = said(range.clone());
    let known = catalog::by_key(&catalog::key(&word)).is_some();
    note(&["shape", &shape]);
    note(&["word", &word]);
    note(&["known", if known { "1" } else { "0" }]);
    let ends: String = word.chars().rev().take(2).collect();
    note(&["ends", &ends]);
    let rest = (end..text.len()).find(|at| !is_wordy(text.low[*at])).unwrap_or(text.len());
    let tail = said(end..rest);
    note(&["tail", &tail]);
    note(&["tail", &tail, &shape]);
    for length in 1..=TAIL_CHARS {
        let (after, before) =
            (said(end..text.len().min(end + length)), said(start.saturating_sub(length)..start));
        note(&["after", &after]);
        note(&["before", &before]);
        note(&["after", &after, &shape]);
    }
    let after = said(rest..text.len().min(rest + WORDS_CHARS));
    let before = said(start.saturating_sub(WORDS_CHARS)..start);
    let next: Vec<&str> = after.split_whitespace().chain(["$"; WORDS]).take(WORDS).collect();
    let last: Vec<&str> = before.split_whitespace().rev().chain(["^"; WORDS]).take(WORDS).collect();
    for (side, words) in [("next", &next), ("last", &last)] {
        for (place, word) in words.iter().enumerate() {
            let place = ["1", "2", "3"][place];
            note(&[side, place, word]);
            note(&[side, word]);
            note(&[side, place, word, &shape]);
            let begins: String = word.chars().take(2).collect();
            note(&[side, place, "begins", &begins]);
            let ends: String = word.chars().rev().take(2).collect();
            note(&[side, place, "ends", &ends]);
        }
        note(&[side, words[0], words[1]]);
        note(&[side, words[0], words[1], &shape]);
        note(&[side, words[0], "tail", &tail]);
    }
    note(&["both", last[0], next[0]]);
    note(&["both", last[0], next[0], &tail, &shape]);
    for state in &whole.state {
        note(&["state", state]);
        note(&["state", state, &shape]);
        note(&["state", state, last[0]]);
        note(&["state", state, next[0]]);
    }
    Name { text: text.said(range.clone()), range, features }
}
