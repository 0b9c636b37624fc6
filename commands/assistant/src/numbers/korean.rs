//! Numbers in Korean words: `백이십`, `쉰`, `영점 영일`.

use super::{Number, counter_follows, fraction, power};
use crate::lexicon::numbers::{AFTER_NUMBERS, KOREAN};
use crate::text::{First, Text, is_hangul};

pub(super) fn korean(text: &Text, at: usize) -> Option<Number> {
    if !is_hangul(text.at(at)) {
        return None;
    }
    let (mut total, mut section, mut digit) = (0.0, 0.0, None::<f64>);
    let (mut end, mut next, mut pieces) = (at, at, 0);
    loop {
        let ten_thousand = pieces > 0 || text.before(next).is_whitespace();
        let counts = counter_follows(text, next + 1) || text.word_at(next + 1, " 분의 ").is_some();
        if ten_thousand && text.at(next) == '만' && counts {
            total += f64::max(section + digit.unwrap_or(0.0), 1.0) * 1e4;
            (section, digit, end) = (0.0, None, next + 1);
        } else if let Some((value, after)) = korean_piece(text, next)
            .filter(|_| !(pieces > 0 && copula(text, next)) && (next == end || goes_on(text, next)))
        {
            if (10.0..=1000.0).contains(&value) && value.log10().fract() == 0.0 {
                section += digit.take().unwrap_or(1.0) * value;
            } else if digit.is_some() {
                break;
            } else {
                digit = Some(value).filter(|v| *v < 10.0);
                section += if value >= 10.0 { value } else { 0.0 };
            }
            end = after;
        } else {
            break;
        }
        pieces += 1;
        next = text.skip_spaces(end);
    }
    if pieces == 0 {
        return None;
    }
    let mut value = total + section + digit.unwrap_or(0.0);
    if let Some(number) = power(text, value, end).or_else(|| fraction(text, value, end)) {
        return Some(number);
    }
    if let Some((fraction, after)) = korean_fraction(text, end) {
        (value, end, pieces) = (value + fraction, after, pieces + 1);
    }
    Some(Number { value, end, doubtful: end - at < 2 && pieces < 2, percent: false })
}

/// Whether the word at `at` is all number, but for what counts or leads on: `구십 이미지는` is ninety, and no 92.
fn goes_on(text: &Text, at: usize) -> bool {
    let mut end = at;
    while let Some((_, after)) = korean_piece(text, end) {
        end = after;
    }
    !is_hangul(text.at(end))
        || text.at(end) == '만'
        || text.any_at(end, AFTER_NUMBERS).is_some()
        || counter_follows(text, end)
}

/// `오십이고`, `열이에요`: a two that is the verb "to be".
fn copula(text: &Text, at: usize) -> bool {
    text.at(at) == '이' && matches!(text.at(at + 1), '고' | '며' | '에' | '야' | '니' | '죠' | '지' | '라')
}

pub(super) fn korean_piece(text: &Text, at: usize) -> Option<(f64, usize)> {
    let first = First::of(text.at(at));
    let here = KOREAN.iter().filter(|(word, _)| first.begins(word));
    here.filter_map(|(word, value)| text.word_at(at, word).map(|end| (*value, end))).next()
}

/// The digits after `점`.
pub(super) fn korean_fraction(text: &Text, at: usize) -> Option<(f64, usize)> {
    let mut from = text.word_at(at, " 점 ").or_else(|| text.word_at(at, " 쩜 "))?;
    let (mut value, mut place, mut end) = (0.0, 0.1, None);
    while let Some((digit, after)) = korean_piece(text, from).filter(|(digit, _)| *digit < 10.0) {
        value += digit * place;
        place /= 10.0;
        end = Some(after);
        from = text.skip_spaces(after);
    }
    end.map(|end| ((value * 1e9_f64).round() / 1e9, end))
}
