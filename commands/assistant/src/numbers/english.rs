//! Numbers in English words, also as Korean hears them: "six forty", "point zero one", `포티`.

use super::{Number, power, sure};
use crate::lexicon::numbers::{ENGLISH, KONGLISH};
use crate::text::{First, Text, is_hangul};

pub(super) fn english(text: &Text, at: usize) -> Option<Number> {
    if !text.at(at).is_ascii_alphabetic() || text.before(at).is_ascii_alphabetic() {
        return None;
    }
    let spelt = spelt(text, at, ENGLISH);
    if let Some(number) = spelt.and_then(|(value, end)| power(text, value, end)) {
        return Some(number);
    }
    // "oh point oh one".
    let oh = text.word_at(at, "oh").filter(|end| text.word_at(*end, " point ").is_some());
    let (value, end) = spelt.unwrap_or((0.0, oh.unwrap_or(at)));
    match english_fraction(text, end) {
        Some((fraction, end)) => sure(value + fraction, end),
        None => spelt.and_then(|(value, end)| sure(value, end)),
    }
}

/// `식스 포티`: English numbers as Korean hears them.
pub(super) fn konglish(text: &Text, at: usize) -> Option<Number> {
    if is_hangul(text.before(at)) {
        return None;
    }
    let (value, end) = spelt(text, at, KONGLISH)?;
    Some(Number { value, end, doubtful: end - at < 2, percent: false })
}

/// A whole number in words of one language, and where it ends. Sizes are called out in two parts: "six forty" is 640, "ten
/// twenty four" 1024.
fn spelt(text: &Text, at: usize, words: &[(&str, f64)]) -> Option<(f64, usize)> {
    let (mut total, mut section, mut here) = (0.0, 0.0, None);
    let mut next = at;
    let longest = |at: usize| {
        let first = First::of(text.at(at));
        let here = words.iter().filter(|(word, _)| first.begins(word));
        let ends = here.filter_map(|(word, value)| text.word_at(at, word).map(|end| (*value, end)));
        ends.max_by_key(|(_, end)| *end)
    };
    while let Some((value, end)) = longest(next) {
        let called_out = (1.0..20.0).contains(&section) && (10.0..100.0).contains(&value) && total == 0.0;
        if value == 1000.0 {
            total += f64::max(section, 1.0) * 1000.0;
            section = 0.0;
        } else if value == 100.0 {
            section = f64::max(section, 1.0) * 100.0;
        } else if here.is_none() || section % 100.0 == 0.0 || (value < 10.0 && section % 10.0 == 0.0) {
            section += value;
        } else if called_out && (section == 1.0 || !counts_epochs(text, end)) {
            section = section * 100.0 + value;
        } else {
            break;
        }
        here = Some(end);
        next = text.word_at(end, " and ").unwrap_or(end);
        next = (next..text.len()).find(|i| !matches!(text.at(*i), ' ' | '-')).unwrap_or(text.len());
        if next == end && !is_hangul(text.at(next)) {
            break;
        }
    }
    here.map(|end| (total + section, end))
}

/// "batch eight forty epochs" is no 840.
fn counts_epochs(text: &Text, at: usize) -> bool {
    text.any_at(text.skip_spaces(at), &["epoch", "epochs", "에폭", "에포크"]).is_some()
}

/// The digits after "point", which needs no zero before it.
fn english_fraction(text: &Text, at: usize) -> Option<(f64, usize)> {
    let mut from = text.word_at(at, " point ")?;
    let (mut value, mut place, mut end) = (0.0, 0.1, None);
    let digit_at = |at| {
        let digit = ENGLISH[..10].iter().find_map(|(word, v)| text.word_at(at, word).map(|end| (*v, end)));
        digit.or_else(|| text.word_at(at, "oh").map(|end| (0.0, end)))
    };
    while let Some((digit, after)) = digit_at(from) {
        value += digit * place;
        place /= 10.0;
        end = Some(after);
        from = text.skip_spaces(after);
    }
    end.map(|end| ((value * 1e9_f64).round() / 1e9, end))
}
