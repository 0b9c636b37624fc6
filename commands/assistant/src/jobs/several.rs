//! Several jobs in one breath: "cancel jobs 1 and 3", `1번이랑 3번 비교해줘`, "jobs 4 to 7".

use std::ops::Range;

use super::is_joined;
use super::named::left_alone;
use crate::lexicon::jobs::COUNTED;
use crate::text::{JOB, Text};

/// The most jobs that one turn may name.
const JOBS: usize = 20;
const NOUNS: &[&str] =
    &["jobs", "job", "runs", "run", "작업", "잡", "실험", "experiments", "experiment", "number", "no."];
/// What may stand between two of them, as often as it likes.
const BETWEEN: &[&str] = &[
    "and",
    "or",
    "vs",
    "versus",
    "with",
    "against",
    "to",
    "번째",
    "번",
    "이랑",
    "랑",
    "하고",
    "그리고",
    "또는",
    "아니면",
    "및",
    "와",
    "과",
    "을",
    "를",
    ",",
    "&",
    "/",
    "+",
    "#",
    ".",
    "은",
    "는",
    "보다",
    "대",
];
const SPANS: &[&str] = &["-", "~", "through", "thru", "부터"];

/// The jobs that the turn names one after the other; none where there are not at least two. Those that are to be left alone
/// (`7번 9번은 그대로 두고`) are masked out of the text instead: nothing is done to them.
pub(crate) fn take_several(text: &mut Text) -> Vec<String> {
    let named = several(text);
    let numbers = numbers(text);
    let Some(last) = numbers.last().filter(|_| !named.is_empty()) else { return named };
    let tail = text.any_at(last.end, &["번"]).unwrap_or(last.end);
    if !left_alone(text, &(last.start..tail)) {
        return named;
    }
    numbers.into_iter().for_each(|number| text.mask(number, JOB));
    Vec::new()
}

fn several(text: &Text) -> Vec<String> {
    let numbers = numbers(text);
    let mut named: Vec<u64> = Vec::new();
    let mut is_marked = false;
    for (place, number) in numbers.iter().enumerate() {
        let spans = match place.checked_sub(1).map(|before| link(text, numbers[before].end..number.start)) {
            Some(None) => return Vec::new(),
            Some(Some(spans)) => spans,
            None => false,
        };
        is_marked |= marked(text, number);
        let Ok(value) = text.said(number.clone()).parse::<u64>() else { return Vec::new() };
        match named.last() {
            Some(first) if spans && *first < value && value - first < JOBS as u64 => {
                named.extend(first + 1..=value);
            }
            _ if spans => return Vec::new(),
            _ => named.push(value),
        }
    }
    named.sort_unstable();
    named.dedup();
    let fits = is_marked && (2..=JOBS).contains(&named.len());
    if fits { named.iter().map(u64::to_string).collect() } else { Vec::new() }
}

/// Numbers that may name a job. One that counts something makes the turn one of another kind.
fn numbers(text: &Text) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if !text.at(at).is_ascii_digit() {
            at += 1;
            continue;
        }
        let end = (at..text.len()).find(|here| !text.at(*here).is_ascii_digit()).unwrap_or(text.len());
        let joined =
            is_joined(text.before(at)) && text.before(at) != '.' || text.at(end).is_ascii_alphabetic();
        let counts = text.any_at(text.skip_spaces(end), COUNTED).is_some()
            || text
                .any_at(text.skip_spaces(end), &["에폭", "에포크", "배", "%", "개", "장", "분", "시간"])
                .is_some()
            || text.at(end) == '.' && text.at(end + 1).is_ascii_digit();
        if joined || counts {
            return Vec::new();
        }
        found.push(at..end);
        at = end;
    }
    found
}

/// Whether it is said to be a job: by a noun before it, a sign, or `번` after it.
fn marked(text: &Text, number: &Range<usize>) -> bool {
    let counter = text.any_at(number.end, &["번"]).is_some() && text.any_at(number.end, &["번째"]).is_none();
    counter || behind_noun(text, number.start) || text.before(number.start) == '#'
}

/// "jobs 3": whether the word for jobs stands right before.
pub(super) fn behind_noun(text: &Text, start: usize) -> bool {
    (start.saturating_sub(12)..start)
        .any(|at| text.any_at(at, NOUNS).is_some_and(|end| text.skip_spaces(end) == start))
}

/// Whether what stands in `between` joins two numbers.
pub(super) fn linked(text: &Text, between: Range<usize>) -> bool {
    link(text, between).is_some()
}

/// How two numbers belong together: `Some(true)` where all between them are meant, `None` where they do not.
fn link(text: &Text, between: Range<usize>) -> Option<bool> {
    let (mut at, mut spans) = (text.skip_spaces(between.start), false);
    while at < between.end {
        let known = |words: &[&str]| text.any_at(at, words).filter(|end| *end <= between.end && *end > at);
        if let Some(end) = known(SPANS) {
            spans = true;
            at = end;
        } else {
            at = known(BETWEEN).or_else(|| known(NOUNS))?;
        }
        at = text.skip_spaces(at).min(between.end);
    }
    let to = text.find_any(between.start, &["to"]).is_some_and(|word| word.end <= between.end);
    Some(spans || to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_are_several_where_they_are_named_one_after_the_other() {
        let check = |said: &str, jobs: &[&str]| assert_eq!(several(&Text::new(said)), jobs, "{said}");
        check("compare job 1 and job 2", &["1", "2"]);
        check("cancel jobs 1 and 3", &["1", "3"]);
        check("stop jobs 4, 5, and 7 please", &["4", "5", "7"]);
        check("1번이랑 3번 비교해줘", &["1", "3"]);
        check("1번 3번 취소해줘", &["1", "3"]);
        check("작업 1과 작업 3 비교", &["1", "3"]);
        check("작업 2, 3, 5번 멈춰", &["2", "3", "5"]);
        check("#4 vs #6", &["4", "6"]);
        check("jobs 4 to 7", &["4", "5", "6", "7"]);
        check("작업 2~4 취소", &["2", "3", "4"]);
        check("1번 3번 중에 뭐가 나아?", &["1", "3"]);
        for left in ["제안만 취소하고 7번 9번은 그대로 두세요", "작업 7이랑 9는 놔두고 제안만 버려"]
        {
            let mut text = Text::new(left);
            assert!(take_several(&mut text).is_empty() && !text.low.contains(&'7'), "{left}");
        }
        for one in [
            "cancel job 3",
            "7번 말고 8번 취소해줘",
            "cancel 6... no, 16",
            "작업 3 에폭 10까지만",
            "batch 16 epochs 30",
            "resnet18 vs resnet50",
            "train for 10 epochs with batch 32",
            "job 3 at 0.5",
            "작업 1 결과랑 에폭 20",
        ] {
            check(one, &[]);
        }
    }
}
