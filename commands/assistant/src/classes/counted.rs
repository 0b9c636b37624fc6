//! Lists that are counted beside them: `구멍, 이물, 파래혼입 이렇게 세 가지`, `네 종류인데 까짐, 기포, 긁힘, 변색`. As many items as are
//! said are the list, whatever stands around it.

use std::ops::Range;

use super::TRIES;
use super::announced::behind_announcement;
use super::announced_after::without_summary;
use super::list::split;
use super::list_before::ranges_before;
use super::nouns::{ends_clause, is_noun};
use super::words::{is_mark, particle_off, region_end, words};
use crate::numbers;
use crate::text::{Text, is_hangul, is_wordy};

#[rustfmt::skip]
const UNITS: &[&str] = &[
    "가지", "종류", "종", "개", "갠", "항목", "단계", "클래스", "카테고리", "라벨", "부류", "classes", "class", "categories", "labels", "kinds", "types", "things",
];
/// What leads from the count to the list.
const LEADS: &[&str] = &["인데요", "인데", "이고요", "이고", "예요", "이에요", "는", "로", "야", ":", "-"];
/// How many items are believed to be counted.
const ITEMS: std::ops::RangeInclusive<usize> = 2..=20;
/// The most words of an item.
const WORDS_MAX: usize = 3;

/// The items that a count beside them numbers.
pub(super) fn counted(text: &Text) -> Option<Vec<Range<usize>>> {
    let counts = (0..text.len()).filter_map(|at| count_at(text, at).map(|(count, end)| (at, count, end)));
    counts
        .take(TRIES)
        .find_map(|(at, count, end)| before(text, at, count).or_else(|| after(text, end, count)))
}

/// A count of kinds: how many, and where it ends.
fn count_at(text: &Text, at: usize) -> Option<(usize, usize)> {
    if is_wordy(text.before(at)) {
        return None;
    }
    let number = numbers::read(text, at).filter(|number| number.value.fract() == 0.0 && !number.percent)?;
    let end = text.any_at(text.skip_spaces(number.end), UNITS)?;
    let count = number.value as usize;
    ITEMS.contains(&count).then_some((count, end))
}

fn before(text: &Text, at: usize, count: usize) -> Option<Vec<Range<usize>>> {
    let stop = without_summary(text, at);
    let stops = |at: &usize| {
        let c = text.low[*at];
        is_mark(c) || matches!(c, '\n' | '?' | '!' | ':' | '(') || c == '.' && !is_wordy(text.at(at + 1))
    };
    let start = (0..stop).rev().find(stops).map_or(0, |at| at + 1);
    let start = behind_announcement(text, start..stop).unwrap_or(start);
    let last = words(text, start..stop).pop()?;
    let stop = particle_off(text, last.start, last.end);
    let mut items = ranges_before(text, start, stop);
    // `천삼 지삼 양삼 이렇게 세 가지`: spaces alone, where the count is led to.
    let led = stop < at && text.low[stop..at].iter().any(|c| is_wordy(*c));
    let spaced = items.len() == 1 && (led || all_korean(text, start..stop, count));
    if spaced {
        items = words(text, start..stop);
    }
    let mut listed = items.split_off(items.len().checked_sub(count)?);
    let longest = listed[1..].iter().map(|item| words(text, item.clone()).len()).max()?;
    let parts = words(text, listed[0].clone());
    listed[0].start = parts[parts.len().saturating_sub(longest)].start;
    let fits = |item: &Range<usize>| {
        let parts = words(text, item.clone());
        is_noun(text, item) && parts.len() <= WORDS_MAX && !parts.iter().any(|part| ends_clause(text, part))
    };
    listed.iter().all(fits).then_some(listed)
}

/// `논 밭 비닐하우스 도로 네 가지`: a clause that is nothing but as many Korean words as are counted.
fn all_korean(text: &Text, clause: Range<usize>, count: usize) -> bool {
    let parts = words(text, clause);
    parts.len() == count && parts.iter().all(|word| text.low[word.clone()].iter().all(|c| is_hangul(*c)))
}

fn after(text: &Text, end: usize, count: usize) -> Option<Vec<Range<usize>>> {
    let lead = text.any_at(text.skip_spaces(end), LEADS)?;
    let start = text.skip_spaces(text.any_at(lead, &[","]).unwrap_or(lead));
    let list = split(text, start, region_end(text, start));
    let fits = |item: &Range<usize>| is_noun(text, item) && words(text, item.clone()).len() <= WORDS_MAX;
    (list.separated && list.items.len() == count && list.items.iter().all(fits)).then_some(list.items)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_are_said_are_listed() {
        for (said, expected) in [
            ("그래서 구멍, 이물, 파래혼입 이렇게 세 가지를 잡아내는", &["구멍", "이물", "파래혼입"][..]),
            ("페트병하고 캔하고 유리병 그리고 비닐 이 네 가지를 찾아서", &["페트병", "캔", "유리병", "비닐"]),
            ("손, 가방끈, 사람 우산 이 세 가지를 클래스로 두고", &["손", "가방끈", "사람 우산"]),
            ("하나 해 봐유 천삼 지삼 양삼 이렇게 세 가지요", &["천삼", "지삼", "양삼"]),
            ("네 종류인데 까짐, 번짐, 기포, 변색이에요", &["까짐", "번짐", "기포", "변색"]),
            ("mole, rash, acne 이렇게 three classes로", &["mole", "rash", "acne"]),
            ("클래스는 녹병, 흰가루병, 정상 요렇게 세 개여", &["녹병", "흰가루병", "정상"]),
            ("사진 보고 깨짐, 구멍, 얼룩 이래 세 개 잡아내는", &["깨짐", "구멍", "얼룩"]),
            ("라벨은 새우, 게 이렇게 두 가지", &["새우", "게"]),
            ("사진은 두 종류예요", &[]),
            ("gpu 세 개로 돌려, 빨리", &[]),
        ] {
            let text = Text::new(said);
            let found = counted(&text).unwrap_or_default();
            let found: Vec<String> = found.into_iter().map(|range| text.name(range)).collect();
            assert_eq!(found, expected, "{said}");
        }
    }
}
