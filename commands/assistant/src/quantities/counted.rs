//! One number with what it counts and what is done with it: `50번`, `640x480`, "to 50", `32장씩`.

use super::names::key_at;
use super::relative;
use super::token::{Kind, Num};
use crate::lexicon::numbers::COPULAS;
use crate::negation::denied;
use crate::numbers;
use crate::text::{Text, is_hangul, is_wordy};

/// The shortest side of an image that is given with the other.
const SIDE_MIN: f64 = 24.0;

pub(super) fn number_at(text: &Text, at: usize, after_key: bool) -> Option<(Num, usize)> {
    let number = numbers::read(text, at)?;
    let changed = after_key && changes(text, number.end);
    let led = || text.any_at(number.end, &["으로", "로"]).is_some_and(|end| !is_hangul(text.at(end)));
    let named = after_key
        && (changed
            || !is_wordy(text.at(number.end)) && text.at(number.end) != ' '
            || number.end == text.len()
            || text.any_at(number.end, COPULAS).is_some()
            || led());
    if number.doubtful && !named && !numbers::counter_follows(text, number.end) {
        return None;
    }
    let hangul = is_hangul(text.at(at));
    // "이번에는" is "this time".
    if text.at(at) == '이' && text.at(at + 1) == '번' && !after_key {
        return None;
    }
    let spaced = after_key && !number.doubtful && text.at(number.end) == ' ';
    if hangul && !(changed || named || spaced || ends_like_a_number(text, number.end)) {
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
    num.to = text.any_at(unit, &["으로", "로", "까지", "도 추가", "도 넣"]).is_some()
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
    // `에폭 육십에 배치 열여섯`.
    let beside = text.at(end) == '에' && text.at(end + 1) == ' ';
    beside
        || !is_hangul(text.at(end)) && !text.at(end).is_whitespace()
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
        .filter(|side| side.value >= SIDE_MIN)
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
        // `2번 클래스` is one of them, as `2번째` is.
        let names_one =
            text.any_at(text.skip_spaces(end), &["클래스", "class", "라벨", "label", "레이블"]).is_some();
        num.runs = text.any_at(end, &["째"]).is_none() && !names_one;
        num.other = !num.runs;
        return end;
    }
    if let Some(end) = text.any_at(
        next,
        &[
            "개", "가지", "장", "종", "분", "시간", "명", "기가", "gb", "hours", "minutes", "classes",
            "version", "variant", "flavour", "버전", "짜리", "년", "월", "일",
        ],
    ) {
        num.other = true;
        return end;
    }
    // `3mm`, `20kg`: a unit of something else.
    num.other |= text.at(end).is_ascii_alphabetic() && key_at(text, end).is_none();
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
