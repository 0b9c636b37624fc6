//! Lists that a word before them announces: "클래스는 …", "classes: …".

use std::ops::Range;

use super::TRIES;
use super::alone::line_item;
use super::list::{is_stop, split};
use super::nouns::{ends_clause, is_noun};
use super::words::{count, particle_off, region_end, words};
use crate::lexicon::classes::{LEADS, NAMES, VAGUE};
use crate::lexicon::nouns::SECONDS;
use crate::text::{Text, is_hangul, is_wordy};

/// A turn this long without a comma is spoken.
const SPOKEN_WORDS_MIN: usize = 12;

/// `클래스는 고양이, 강아지`, `classes: person, car and dog`.
pub(super) fn announced(text: &Text) -> Option<Vec<Range<usize>>> {
    let starts = |at: &usize| !(is_hangul(text.at(*at)) && is_hangul(text.before(*at)));
    let names = (0..text.len()).filter(starts).filter_map(|at| text.any_at(at, NAMES).map(|end| at..end));
    names.take(TRIES).find_map(|name| announced_by(text, &name))
}

fn announced_by(text: &Text, name: &Range<usize>) -> Option<Vec<Range<usize>>> {
    let of_them = text.any_at(name.end, &["에", "의", "별", "마다", "도", "들에"]).is_some();
    // `정상 / 불량 두 class, …`: what was listed has been counted.
    let closed = text.at(name.end) == ',' || is_item(text, name);
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
    // `클래스 지게차 사람 팔레트`: three bare nouns up to the end of the clause.
    let bare = || items.len() > 2 && items.iter().all(|item| is_plain(text, item));
    ((led || list.separated || bare()) && !nothing).then_some(items)
}

/// Where the list may begin behind the last word in `range` that announces it: `클래스는 녹병, 정상 요렇게 두 개`.
pub(super) fn behind_announcement(text: &Text, range: Range<usize>) -> Option<usize> {
    let announced = |at: usize| {
        let name = text.any_at(at, NAMES).filter(|_| !is_wordy(text.before(at)))?;
        text.any_at(name, &["는", "은", ":", "로는", "으로는", " are", " is"])
            .map(|end| text.skip_spaces(end))
    };
    range.clone().rev().find_map(announced).filter(|start| *start < range.end)
}

/// Whether a word is nothing but a noun.
fn is_plain(text: &Text, item: &Range<usize>) -> bool {
    is_noun(text, item)
        && particle_off(text, item.start, item.end) == item.end
        && !ends_clause(text, item)
        && !is_stop(text, item.start, item.end)
}

/// `병뚜껑이랑 라벨이랑`: a label may be one of the things that are told apart.
fn is_item(text: &Text, name: &Range<usize>) -> bool {
    let joined = text.any_at(name.end, &["이랑", "랑", "하고", "과", "와"]);
    joined.is_some_and(|end| text.at(end) == ' ')
}

/// Takes particles, counts and colons; says whether there was any, or a list that needs none.
fn after_leads(text: &Text, name: usize) -> (usize, bool) {
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

/// A class on each of the lines after the announcement, with a bullet or without.
fn in_lines(text: &Text, name: usize) -> Option<Vec<Range<usize>>> {
    let head = text.any_at(name, &["는", "은", "are", ":"]).unwrap_or(name);
    let head = text.any_at(head, &[":", "다음과 같아요", "다음과 같습니다"]).unwrap_or(head);
    let mut at = (head..text.len()).find(|at| text.low[*at] != ' ').filter(|at| text.low[*at] == '\n')? + 1;
    let mut items = Vec::new();
    while at < text.len() {
        let end = (at..text.len()).find(|here| text.low[*here] == '\n').unwrap_or(text.len());
        let Some(item) = line_item(text, at..end) else { break };
        items.push(item);
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
fn asked(text: &Text, at: usize) -> bool {
    let before = words(text, at.saturating_sub(24)..at);
    let said = |word: &Range<usize>| text.low[word.clone()].iter().collect::<String>();
    let mut last = before.iter().rev().map(said).take(2);
    let asks =
        |word: &str| ["if", "whether", "can", "could", "may", "must", "do", "does", "did"].contains(&word);
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
fn singular(text: &Text, at: usize) -> bool {
    text.any_at(at, &["class", "label", "category"]).is_some_and(|end| {
        text.any_at(at, &["classes", "labels", "class names", "class labels"])
            .is_none_or(|longer| longer <= end)
    })
}

/// One word after the announcement that is no class: "클래스는 자동으로", "classes automatically".
fn vague(text: &Text, item: &Range<usize>) -> bool {
    let said: String = text.low[item.clone()].iter().collect();
    VAGUE.iter().any(|word| said.starts_with(word))
}
