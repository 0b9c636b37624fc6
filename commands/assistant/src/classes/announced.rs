//! Lists that a word announces: "클래스는 …", "classes: …", "… 세 가지로".

use std::ops::Range;

use super::TRIES;
use super::korean::list_before;
use super::list::{count, is_kind_noun, is_mark, is_stop, region_end, split, words};
use crate::lexicon::classes::{LEADS, NAMES, RENAMED, VAGUE};
use crate::lexicon::nouns::SECONDS;
use crate::text::{Text, is_hangul};

/// The most words of a class that has a line of its own.
const LINE_WORDS_MAX: usize = 3;
/// The longest word of a list that a particle is taken off.
const LIST_WORD_CHARS: usize = 16;
/// A turn this long without a comma is spoken.
const SPOKEN_WORDS_MIN: usize = 12;

/// `클래스는 고양이, 강아지`, `classes: person, car and dog`.
pub(super) fn announced(text: &Text) -> Option<Vec<Range<usize>>> {
    let starts = |at: &usize| !(is_hangul(text.at(*at)) && is_hangul(text.before(*at)));
    let names = (0..text.len()).filter(starts).filter_map(|at| text.any_at(at, NAMES).map(|end| at..end));
    names.take(TRIES).find_map(|name| announced_by(text, &name))
}

pub(super) fn announced_by(text: &Text, name: &Range<usize>) -> Option<Vec<Range<usize>>> {
    let of_them = text.any_at(name.end, &["에", "의", "별", "마다", "도", "들에"]).is_some();
    // `정상 / 불량 두 class, …`: what was listed has been counted.
    let closed = text.at(name.end) == ',';
    if of_them || closed || asked(text, name.start) {
        return None;
    }
    if let Some(items) = in_lines(text, name.end) {
        return Some(items);
    }
    let (start, led) = after_leads(text, name.end);
    let list = split(text, start, region_end(text, start));
    let single = list.items.len() == 1 && !list.separated;
    let whole = single && singular(text, name.start);
    let items = match list.items.as_slice() {
        [first] if single && !whole => words(text, first.clone()),
        [first, last] if spoken(text, first) => {
            words(text, first.clone()).into_iter().chain([last.clone()]).collect()
        }
        _ => list.items,
    };
    let nothing = items.is_empty() || single && vague(text, &items[0]);
    ((led || list.separated) && !nothing).then_some(items)
}

/// A class on each of the lines after the announcement, with a bullet or without.
fn in_lines(text: &Text, name: usize) -> Option<Vec<Range<usize>>> {
    let head = text.any_at(name, &["는", "은", "are", ":"]).unwrap_or(name);
    let head = text.any_at(head, &[":", "다음과 같아요", "다음과 같습니다"]).unwrap_or(head);
    let mut at = (head..text.len()).find(|at| text.low[*at] != ' ').filter(|at| text.low[*at] == '\n')? + 1;
    let mut items = Vec::new();
    while at < text.len() {
        let end = (at..text.len()).find(|here| text.low[*here] == '\n').unwrap_or(text.len());
        let from =
            (at..end).find(|here| !matches!(text.low[*here], ' ' | '-' | '*' | '•' | '·')).unwrap_or(end);
        let parts = words(text, from..end);
        let plain = !text.low[from..end].iter().any(|c| matches!(c, ':' | '=' | ',') || is_mark(*c));
        let (Some(first), Some(last)) = (parts.first(), parts.last()) else { break };
        if !plain || parts.len() > LINE_WORDS_MAX || is_stop(text, first.start, end) {
            break;
        }
        items.push(first.start..last.end);
        at = end + 1;
    }
    (items.len() > 1).then_some(items)
}

/// "the classes are fork knife and spoon": a list that is spoken has no commas.
fn spoken(text: &Text, first: &Range<usize>) -> bool {
    let parts = words(text, first.clone());
    let second = parts
        .last()
        .is_some_and(|word| SECONDS.contains(&text.low[word.clone()].iter().collect::<String>().as_str()));
    let written = text.low.iter().any(|c| matches!(c, ',' | ';' | '/'));
    parts.len() > 1 && !second && !written && words(text, 0..text.len()).len() >= SPOKEN_WORDS_MIN
}

/// "어떤 클래스를", "which classes", "whether the classes": a question about classes announces none.
pub(super) fn asked(text: &Text, at: usize) -> bool {
    let before = words(text, at.saturating_sub(24)..at);
    let said = |word: &Range<usize>| text.low[word.clone()].iter().collect::<String>();
    let mut last = before.iter().rev().map(said).take(2);
    let asks = |word: &str| ["if", "whether"].contains(&word);
    last.next().is_some_and(|word| {
        [
            "어떤", "어느", "무슨", "몇", "모든", "각", "what", "which", "many", "all", "every", "worst",
            "best", "per", "any", "each",
        ]
        .contains(&word.as_str())
            || asks(&word)
    }) || last.next().is_some_and(|word| asks(&word))
}

/// "class: license plate" announces one.
pub(super) fn singular(text: &Text, at: usize) -> bool {
    text.any_at(at, &["class", "label", "category"]).is_some_and(|end| {
        text.any_at(at, &["classes", "labels", "class names", "class labels"])
            .is_none_or(|longer| longer <= end)
    })
}

/// One word after the announcement that is no class: "클래스는 자동으로", "classes automatically".
pub(super) fn vague(text: &Text, item: &Range<usize>) -> bool {
    let said: String = text.low[item.clone()].iter().collect();
    VAGUE.iter().any(|word| said.starts_with(word))
}

/// Takes particles, counts and colons; says whether there was any, or a list that needs none.
pub(super) fn after_leads(text: &Text, name: usize) -> (usize, bool) {
    let (mut at, mut led) = (name, false);
    for _ in 0..4 {
        let next = text.skip_spaces(at);
        if text.at(next) == '\n' {
            break;
        }
        if let Some(end) = count(text, next) {
            (at, led) = (end, led || text.at(text.skip_spaces(end)) == ':');
        } else if let Some(end) =
            text.any_at(next, LEADS).filter(|end| !is_hangul(text.at(*end)) || text.at(next).is_ascii())
        {
            (at, led) = (end, true);
        } else {
            break;
        }
    }
    let next = text.skip_spaces(at);
    let listed = (next..text.len())
        .take_while(|at| !matches!(text.at(*at), '.' | '\n' | '?'))
        .any(|at| text.at(at) == ',');
    (
        next,
        led || listed || (next > name && text.at(next).is_ascii_alphabetic() && is_hangul(text.before(name))),
    )
}

/// `고양이, 강아지 두 클래스로`, `cat and dog classes`.
pub(super) fn announced_after(text: &Text) -> Option<Vec<Range<usize>>> {
    let classes = text.find_any(0, &["클래스"]).is_some();
    let ends = (0..text.len()).filter(|at| {
        let before = text.before(*at);
        let named = !is_hangul(before)
            && (text.any_at(*at, &["클래스로", "클래스", "classes"]).is_some() || is_said_of(text, *at));
        let counted = matches!(before, ' ' | '(') && count(text, *at).is_some();
        named || counted || classes && text.any_at(*at, RENAMED).is_some()
    });
    ends.take(TRIES).find_map(|at| {
        let end = if is_said_of(text, at) { without_subject(text, at) } else { without_summary(text, at) };
        list_before(text, end)
    })
}

/// `… 클래스예요`: what stands before is said to be the classes.
fn is_said_of(text: &Text, at: usize) -> bool {
    let name = text.any_at(at, &["클래스", "라벨", "레이블", "카테고리"]);
    let is = ["예요", "이에요", "에요", "입니다", "이야", "야", "이고", "고", "임", "이다", "인"];
    name.is_some_and(|end| text.any_at(end, &is).is_some())
}

/// Where the list ends before the particle of its subject: `우유, 라면이`, and not `개, 고양이`.
fn without_subject(text: &Text, end: usize) -> usize {
    let Some(word) = words(text, end.saturating_sub(LIST_WORD_CHARS)..end).pop() else { return end };
    let subject = word.len() > 1 && matches!(text.low[word.end - 1], '이' | '가');
    if subject && !is_kind_noun(&text.low[word.clone()]) { word.end - 1 } else { end }
}

/// Where the list ends before "이렇게", "총", "이", which lead to its count.
pub(super) fn without_summary(text: &Text, end: usize) -> usize {
    let mut end = end;
    for _ in 0..2 {
        let Some(word) = words(text, end.saturating_sub(12)..end).pop() else { break };
        let said: String = text.low[word.clone()].iter().collect();
        if ["이렇게", "총", "이", "등", "해서", "모두", "these", "두", "세", "네", "the", "해서총"]
            .contains(&said.as_str())
            || said.parse::<u32>().is_ok()
        {
            end = word.start;
        } else {
            break;
        }
    }
    end
}
