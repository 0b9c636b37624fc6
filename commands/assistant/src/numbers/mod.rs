//! Numbers as people write them: digits, exponents, `5k`, `2천`, `fifty`, `오십`, `쉰`, `10의 -3승`.

mod english;
mod korean;

use english::{english, konglish};
use korean::{korean, korean_fraction, korean_piece};

use crate::lexicon::numbers::{COUNTERS, ENGLISH, RAISED};
use crate::text::{Text, is_hangul};

/// A number read at some place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number {
    pub(crate) value: f64,
    pub(crate) end: usize,
    /// In Korean words of one syllable, which are also ordinary words: trust it only before a counter.
    pub(crate) doubtful: bool,
    pub(crate) percent: bool,
}

/// Reads the number that starts at `at`.
pub(crate) fn read(text: &Text, at: usize) -> Option<Number> {
    let mut number = plain(text, at)?;
    if let Some(product) = times_power(text, &number).or_else(|| spelt_exponent(text, &number)) {
        number = product;
    }
    let after = text.skip_spaces(number.end);
    if let Some(end) = text.any_at(after, &["%", "percent", "퍼센트", "프로"]) {
        number = Number { end, percent: true, ..number };
    }
    Some(number)
}

fn plain(text: &Text, at: usize) -> Option<Number> {
    digits(text, at)
        .or_else(|| english(text, at))
        .or_else(|| konglish(text, at))
        .or_else(|| bare_point(text, at))
        .or_else(|| korean(text, at))
}

/// "one e minus three", `일 이 마이너스 삼`: 1e-3 as it is read out.
fn spelt_exponent(text: &Text, first: &Number) -> Option<Number> {
    let letter = text.any_at(text.skip_spaces(first.end), &["e minus", "e negative", "이 마이너스"])?;
    let (exponent, end) = signed(text, text.skip_spaces(letter))?;
    sure(first.value * 10.0_f64.powf(-exponent), end)
}

/// `점 영 영 일`: a fraction without the zero before it.
fn bare_point(text: &Text, at: usize) -> Option<Number> {
    let point = text.any_at(at, &["점", "쩜"]).filter(|_| !is_hangul(text.before(at)))?;
    let zero = matches!(text.at(text.skip_spaces(point)), '영' | '공');
    let (value, end) = if zero { korean_fraction(text, at)? } else { return None };
    sure(value, end)
}

/// `3 x 10^-4`, "3 times 10 to the minus 4".
fn times_power(text: &Text, first: &Number) -> Option<Number> {
    let sign = text.any_at(text.skip_spaces(first.end), &["times", "x", "×", "*", "곱하기"])?;
    let start = text.skip_spaces(sign);
    let power = plain(text, start)?;
    let raised =
        (start..power.end).any(|at| text.any_at(at, RAISED).or(text.any_at(at, &["승", "제곱"])).is_some());
    raised.then(|| sure(first.value * power.value, power.end))?
}

/// Every number of the text, left to right, percentages left out.
pub(crate) fn stated(text: &Text) -> Vec<f64> {
    let (mut stated, mut at) = (Vec::new(), 0);
    while at < text.len() {
        let counted = |number: &Number| !number.doubtful || counter_follows(text, number.end);
        let Some(number) = read(text, at).filter(counted) else {
            at += 1;
            continue;
        };
        if !number.percent {
            stated.push(number.value);
        }
        at = number.end.max(at + 1);
    }
    stated
}

fn sure(value: f64, end: usize) -> Option<Number> {
    Some(Number { value, end, doubtful: false, percent: false })
}

fn digits(text: &Text, at: usize) -> Option<Number> {
    let mut here = at;
    let before = text.before(at);
    if before.is_ascii_digit() || (before == '.' && text.at(at).is_ascii_digit()) {
        return None;
    }
    let mut sign = 1.0;
    if let Some(end) = text.word_at(here, "마이너스 ").or_else(|| text.word_at(here, "minus ")) {
        (sign, here) = (-1.0, end);
    } else if matches!(text.at(here), '-' | '+') && !crate::text::is_wordy(before) | is_hangul(before) {
        sign = if text.at(here) == '-' { -1.0 } else { 1.0 };
        here += 1;
    }
    let start = here;
    let mut written = String::new();
    while text.at(here).is_ascii_digit() || thousands(text, start, here) {
        if text.at(here) != ',' {
            written.push(text.at(here));
        }
        here += 1;
    }
    if text.at(here) == '.' && text.at(here + 1).is_ascii_digit() {
        written.push('.');
        here += 1;
        while text.at(here).is_ascii_digit() {
            written.push(text.at(here));
            here += 1;
        }
    }
    if written.is_empty() {
        return None;
    }
    if let Some(end) = exponent(text, here) {
        written.extend(&text.low[here..end]);
        here = end;
    }
    let value: f64 = sign * written.parse::<f64>().ok()?;
    if let Some(number) = power(text, value, here).or_else(|| fraction(text, value, here)) {
        return Some(number);
    }
    let (scale, end) = scale(text, here);
    let value = value * scale;
    if scale > 1.0
        && let Some(rest) =
            digits(text, text.skip_spaces(end)).filter(|rest| rest.value < scale && rest.value >= 0.0)
        && is_hangul(text.before(end))
    {
        return sure(value + rest.value, rest.end);
    }
    sure(value, end)
}

/// A comma between groups of three digits.
fn thousands(text: &Text, start: usize, at: usize) -> bool {
    let group = |from: usize| {
        (from..from + 3).all(|i| text.at(i).is_ascii_digit()) && !text.at(from + 3).is_ascii_digit()
    };
    text.at(at) == ',' && at > start && group(at + 1) && (at - start <= 3 || text.at(at - 4) == ',')
}

fn exponent(text: &Text, at: usize) -> Option<usize> {
    if text.at(at) != 'e' {
        return None;
    }
    let from = at + 1 + usize::from(matches!(text.at(at + 1), '-' | '+'));
    let end = (from..text.len()).find(|i| !text.at(*i).is_ascii_digit()).unwrap_or(text.len());
    (end > from && !text.at(end).is_ascii_alphabetic()).then_some(end)
}

/// `10^-3`, `10의 -3승`, "10 to the minus 3".
fn power(text: &Text, base: f64, at: usize) -> Option<Number> {
    let korean = text.word_at(at, "의").map(|end| text.skip_spaces(end));
    let from = text.any_at(text.skip_spaces(at), RAISED).map(|end| text.skip_spaces(end)).or(korean)?;
    let (exponent, over) = signed(text, from)?;
    let power = korean.is_some() || text.at(text.skip_spaces(at)) != 't' || exponent < 0.0;
    let power = power || text.word_at(at, " to the power").is_some();
    if !power {
        return None;
    }
    let end = match korean {
        Some(_) => text.word_at(over, " 제곱").or_else(|| text.word_at(over, " 승"))?,
        None => over,
    };
    sure(base.powf(exponent), end)
}

/// An exponent: a whole number in digits or one word. Nothing larger, so that towers of powers are not climbed.
fn signed(text: &Text, at: usize) -> Option<(f64, usize)> {
    let minus = text.any_at(at, &["마이너스", "minus", "negative", "-"]);
    let start = minus.map_or(at, |end| text.skip_spaces(end));
    let stop = (start..text.len()).find(|at| !text.at(*at).is_ascii_digit()).unwrap_or(text.len());
    let written = || text.low[start..stop].iter().collect::<String>().parse::<f64>().ok();
    let english = || {
        let words =
            ENGLISH.iter().filter_map(|(word, value)| text.word_at(start, word).map(|end| (*value, end)));
        words.max_by_key(|(_, end)| *end)
    };
    let number = written().map(|value| (value, stop)).or_else(english).or_else(|| korean_piece(text, start));
    number.map(|(value, end)| (if minus.is_some() { -value } else { value }, end))
}

/// `1/10`, `10분의 1`.
fn fraction(text: &Text, first: f64, at: usize) -> Option<Number> {
    if text.at(at) == '/' && text.at(at + 1).is_ascii_digit() {
        let below = digits(text, at + 1)?;
        return (below.value != 0.0 && text.at(below.end) != '/')
            .then(|| sure(first / below.value, below.end))?;
    }
    let above = read(text, text.word_at(at, " 분의 ")?)?;
    (first != 0.0).then(|| sure(above.value / first, above.end))?
}

fn scale(text: &Text, at: usize) -> (f64, usize) {
    let scales: [(&str, f64); 7] =
        [("k", 1e3), ("백만", 1e6), ("천", 1e3), ("만", 1e4), ("백", 1e2), ("억", 1e8), ("million", 1e6)];
    for (word, scale) in scales {
        if let Some(end) = text.word_at(at, word) {
            // `30만` with a verb after it is the particle "only", as in `30만 돌려줘`; `30만큼` is so much.
            let only = || {
                end < text.len()
                    && text.at(end).is_whitespace()
                    && !text.at(text.skip_spaces(end)).is_ascii_digit()
            };
            if word != "만" || !only() && text.at(end) != '큼' {
                return (scale, end);
            }
        }
    }
    (1.0, at)
}

pub(crate) fn counter_follows(text: &Text, at: usize) -> bool {
    text.any_at(text.skip_spaces(at), COUNTERS).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(said: &str, expected: f64) {
        let number = read(&Text::new(said), 0).unwrap_or_else(|| panic!("{said}: no number"));
        assert!((number.value - expected).abs() < 1e-9 * expected.abs().max(1.0), "{said}: {}", number.value);
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (said, value) in [
            ("50", 50.0),
            ("1,000", 1000.0),
            ("1e-4", 1e-4),
            ("0.001", 0.001),
            (".5", 0.5),
            ("5k", 5000.0),
            ("2천", 2000.0),
            ("1만", 10_000.0),
            ("10만큼", 10.0),
            ("10의 -3승", 1e-3),
            ("10^9", 1e9),
            ("-5", -5.0),
            ("fifty", 50.0),
            ("twenty-five", 25.0),
            ("a hundred and twenty", 120.0),
            ("two thousand", 2000.0),
            ("오십", 50.0),
            ("백이십", 120.0),
            ("백 오십 번", 150.0),
            ("쉰", 50.0),
            ("스물다섯", 25.0),
            ("천", 1000.0),
            ("삼백", 300.0),
            ("10분의 1", 0.1),
            ("만분의 일", 1e-4),
            ("만 분의 오", 5e-4),
            ("천분의 일", 1e-3),
            ("1/10", 0.1),
            ("영점 영영일", 0.001),
            ("zero point one", 0.1),
            ("point zero zero one", 0.001),
            ("십의 마이너스 사 승", 1e-4),
            ("3 times 10 to the minus 4", 3e-4),
            ("ten to the power of minus three", 1e-3),
            ("5 x 10^-4", 5e-4),
            ("마이너스 5", -5.0),
            ("one e minus three", 1e-3),
            ("three e negative four", 3e-4),
            ("일 이 마이너스 삼", 1e-3),
            ("점 영 영 일", 0.001),
            ("영쩜영일", 0.01),
            ("oh point oh one", 0.01),
            ("six forty", 640.0),
            ("five twelve", 512.0),
            ("two twenty-four", 224.0),
            ("ten twenty four", 1024.0),
            ("twelve eighty", 1280.0),
            ("포티", 40.0),
            ("식스 포티", 640.0),
            ("투 트웬티 포", 224.0),
            ("써티투", 32.0),
            ("0.01", 0.01),
        ] {
            check(said, value);
        }
    }
}
