//! Whole numbers in words, as they are dictated.

const ONES: [&str; 20] = [
    "",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] =
    ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const DIGITS: [&str; 10] = ["", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구"];

/// Below 1,000.
pub fn english(number: usize) -> Option<String> {
    let below = |number: usize| match number {
        0..20 => ONES[number].to_owned(),
        _ => format!("{} {}", TENS[number / 10], ONES[number % 10]).trim().to_owned(),
    };
    match number {
        1..100 => Some(below(number)),
        100..1_000 => {
            Some(format!("{} hundred {}", ONES[number / 100], below(number % 100)).trim().to_owned())
        }
        _ => None,
    }
}

/// From 10 to 9,999: a single syllable is dictated with its counter, which is not ours to choose.
pub fn korean(number: usize) -> Option<String> {
    if !(10..10_000).contains(&number) {
        return None;
    }
    let places = [(1_000, "천"), (100, "백"), (10, "십"), (1, "")];
    let place = |(of, name): (usize, &str)| match number / of % 10 {
        0 => String::new(),
        1 if of > 1 => name.to_owned(),
        digit => format!("{}{name}", DIGITS[digit]),
    };
    Some(places.into_iter().map(place).collect())
}
