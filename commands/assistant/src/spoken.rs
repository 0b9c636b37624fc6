//! Numbers of jobs as they are said, in digits: `칠번 작업` is `7번 작업`, "jobs six and twenty one" are "jobs 6 and 21".
//!
//! The numbers of settings are read in words where they stand (`numbers`): what they count tells them apart from other words.

use crate::text::{is_hangul, is_wordy};

const DIGITS: [char; 9] = ['일', '이', '삼', '사', '오', '육', '칠', '팔', '구'];
#[rustfmt::skip]
const ONES: [&str; 19] = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
];
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
/// What names a job right before its number.
const NOUNS: [&str; 4] = ["job", "jobs", "experiment", "experiments"];
const KOREAN_NOUNS: [&str; 3] = ["작업", "잡", "실험"];
/// What may stand between such a word, or a number, and the next number.
const BETWEEN: [&str; 5] = ["and", "or", "number", "to", "through"];
/// What follows the number of a job in Korean without a counter.
const PARTICLES: [&str; 9] = ["은", "는", "을", "를", "가", "도", "의", "랑", "하고"];

/// Numbers that a turn says in words where a job's could stand, and the turn as it was.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spoken {
    turn: String,
    /// In digits, and in its words.
    numbers: Vec<(String, String)>,
}

impl Spoken {
    /// A name in the words in which it was said: a class called `오십번` is not `50번`.
    pub(crate) fn name(&self, read: String) -> String {
        if self.numbers.is_empty() || self.turn.contains(&read) {
            return read;
        }
        self.numbers.iter().fold(read, |name, (digits, words)| in_words(&name, digits, words))
    }
}

/// `digits` as `words`, where they are a whole number.
fn in_words(name: &str, digits: &str, words: &str) -> String {
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let (mut written, mut rest) = (String::new(), name);
    while let Some((before, after)) = rest.split_once(digits) {
        let last = before.chars().next_back().or_else(|| written.chars().next_back());
        let is_whole = !is_digit(last) && !is_digit(after.chars().next());
        written.extend([before, if is_whole { words } else { digits }]);
        rest = after;
    }
    written + rest
}

/// The turn with the numbers of jobs in digits, and those that were not.
pub(crate) fn in_digits(raw: &[char]) -> (Vec<char>, Spoken) {
    let mut written = Vec::with_capacity(raw.len());
    let mut numbers = Vec::new();
    let (mut at, mut named) = (0, false);
    while at < raw.len() {
        let starts = at == 0 || !is_wordy(raw[at - 1]);
        let word = if starts { word_at(raw, at) } else { at..at };
        let low: String = raw[word.clone()].iter().flat_map(|c| c.to_lowercase()).collect();
        let english = if named { english(raw, at) } else { None };
        let number = english.or_else(|| if starts { korean(raw, at) } else { None });
        if let Some((number, end)) = number {
            let digits = number.to_string();
            written.extend(digits.chars());
            numbers.push((digits, raw[at..end].iter().collect()));
            at = end;
            continue;
        }
        if !low.is_empty() {
            named = NOUNS.contains(&low.as_str()) || named && BETWEEN.contains(&low.as_str());
        } else if !matches!(raw[at], ' ' | ',' | '#') {
            named &= is_wordy(raw[at]);
        }
        let end = word.end.max(at + 1);
        written.extend(&raw[at..end]);
        at = end;
    }
    let turn = if numbers.is_empty() { String::new() } else { raw.iter().collect() };
    (written, Spoken { turn, numbers })
}

/// The Latin word at `at`.
fn word_at(raw: &[char], at: usize) -> std::ops::Range<usize> {
    let end = (at..raw.len()).find(|here| !raw[*here].is_ascii_alphabetic()).unwrap_or(raw.len());
    at..end
}

/// "six", "twenty one", below a hundred.
fn english(raw: &[char], at: usize) -> Option<(u64, usize)> {
    let place = |words: &[&str], at: usize| {
        let word = word_at(raw, at);
        let low: String = raw[word.clone()].iter().flat_map(|c| c.to_lowercase()).collect();
        words.iter().position(|known| *known == low).map(|place| (place as u64, word.end))
    };
    let Some((ten, end)) = place(&TENS, at) else { return place(&ONES, at).map(|(one, end)| (one + 1, end)) };
    let ten = (ten + 2) * 10;
    let next = end + 1;
    let one = if matches!(raw.get(end), Some(' ' | '-')) { place(&ONES[..9], next) } else { None };
    Some(one.map_or((ten, end), |(one, end)| (ten + one + 1, end)))
}

/// `십오` before its counter or behind the word for a job. `이번` and `이 번` are "this time", and `백 오십 번` is one number.
fn korean(raw: &[char], at: usize) -> Option<(u64, usize)> {
    let (number, end) = below_a_thousand(raw, at)?;
    if ends_in_a_number(&raw[..at]) {
        return None;
    }
    let counter = end + usize::from(raw.get(end) == Some(&' '));
    let counted = raw.get(counter) == Some(&'번') && raw.get(counter + 1) != Some(&'째');
    let rest: String = raw[end..].iter().take(2).collect();
    let ends = raw.get(end).is_none_or(|c| !is_wordy(*c)) || PARTICLES.iter().any(|it| rest.starts_with(it));
    let before: String = raw[at.saturating_sub(3)..at].iter().collect();
    let named = KOREAN_NOUNS.iter().any(|noun| before.trim_end().ends_with(noun)) && before.ends_with(' ');
    let is_word = end - at == 1 && matches!(raw[at], '이' | '일');
    let is_this = end - at == 1 && number == 2;
    match (counted && !is_this, named && ends && !is_word) {
        (true, _) => Some((number, counter)),
        (false, named) => named.then_some((number, end)),
    }
}

/// Whether the last word is a number: what follows belongs to it.
fn ends_in_a_number(raw: &[char]) -> bool {
    let is_piece = |c: &char| DIGITS.contains(c) || matches!(c, '십' | '백' | '천' | '만');
    let Some((' ', word)) = raw.split_last().map(|(space, before)| (*space, before)) else { return false };
    let letters = word.iter().rev().take_while(|c| is_wordy(**c));
    letters.clone().next().is_some() && letters.into_iter().all(is_piece)
}

/// A number in Sino-Korean words, and where it ends.
fn below_a_thousand(raw: &[char], at: usize) -> Option<(u64, usize)> {
    let (mut whole, mut digit, mut here) = (0, None, at);
    while let Some(c) = raw.get(here).filter(|c| is_hangul(**c)) {
        let unit = match c {
            '십' => 10,
            '백' => 100,
            _ => match DIGITS.iter().position(|known| known == c) {
                Some(place) if digit.is_none() => {
                    digit = Some(place as u64 + 1);
                    here += 1;
                    continue;
                }
                _ => break,
            },
        };
        whole += digit.take().unwrap_or(1) * unit;
        here += 1;
    }
    let number = whole + digit.unwrap_or(0);
    (number > 0).then_some((number, here))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_called_by_a_number_keeps_its_words() {
        let raw: Vec<char> = "클래스는 오십번, 50번, 칠번".chars().collect();
        let (_, spoken) = in_digits(&raw);
        let names = ["50번", "7번", "17번", "고양이"].map(|read| spoken.name(read.to_owned()));
        assert_eq!(names, ["50번", "칠번", "17번", "고양이"]);
    }

    #[test]
    fn jobs_are_named_in_words() {
        for (said, written) in [
            ("칠번 작업 어디까지 갔어", "7번 작업 어디까지 갔어"),
            ("작업 십사번 결과", "작업 14번 결과"),
            ("백이십삼 번 작업 취소", "123번 작업 취소"),
            ("작업 팔은 어때", "작업 8은 어때"),
            ("stop job fifteen please", "stop job 15 please"),
            ("이백 오십 번 돌려줘", "이백 오십 번 돌려줘"),
            ("Compare jobs six and Twenty-one", "Compare jobs 6 and 21"),
            ("job number nine", "job number 9"),
            ("이번에는 이 번만", "이번에는 이 번만"),
            ("작업 사진 좀", "작업 사진 좀"),
            ("작업 이거 뭐야", "작업 이거 뭐야"),
            ("팔 번째 작업", "팔 번째 작업"),
            ("two cats and one dog", "two cats and one dog"),
            ("삼각형, 사각형", "삼각형, 사각형"),
        ] {
            let raw: Vec<char> = said.chars().collect();
            assert_eq!(in_digits(&raw).0.into_iter().collect::<String>(), written);
        }
    }
}
