//! Lists in Korean prose: "A랑 B를 구분", "A인지 B인지", "정상/불량 분류".

use std::ops::Range;

use super::TRIES;
use super::list::{is_kind_noun, is_mark, next_separator, particle_off, region_end, split, words};
use crate::lexicon::classes::{CLAUSE_ENDS, GENERIC, KOREAN_VERBS, MAKERS, MODIFIERS, SHOWN};
use crate::lexicon::common::KOREAN;
use crate::lexicon::nouns::NOUNS;
use crate::text::{Text, is_hangul, is_wordy};

/// `고양이랑 강아지를 구분하는`, `정상/불량 분류`, `불량인지 정상인지 판별`.
pub(super) fn in_korean(text: &Text) -> Option<Vec<Range<usize>>> {
    if let Some(items) = after_colon(text) {
        return Some(items);
    }
    let verbs = (0..text.len()).filter(|at| text.any_at(*at, KOREAN_VERBS).is_some());
    let listed = verbs.take(TRIES).find_map(|verb| whether(text, verb).or_else(|| list_before(text, verb)));
    listed.or_else(|| whether(text, text.len()))
}

/// `방 사진 분류기: 거실, 주방`.
fn after_colon(text: &Text) -> Option<Vec<Range<usize>>> {
    let maker = text.find_any(0, MAKERS).filter(|maker| text.at(text.skip_spaces(maker.end)) == ':')?;
    let start = text.skip_spaces(text.skip_spaces(maker.end) + 1);
    let items = split(text, start, region_end(text, start)).items;
    (items.len() > 1).then_some(items)
}

/// `A인지 B인지` before a verb.
pub(in crate::classes) fn whether(text: &Text, end: usize) -> Option<Vec<Range<usize>>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for word in words(text, 0..end) {
        let stem = word
            .end
            .checked_sub(2)
            .filter(|stem| *stem > word.start && text.low[*stem..word.end] == ['인', '지']);
        match stem {
            Some(stem) if text.low[word.start..stem].iter().all(|c| is_wordy(*c)) => {
                found.push(word.start..stem)
            }
            Some(_) => return None,
            None => {}
        }
    }
    (found.len() > 1).then_some(found)
}

/// The list that ends before `end`: two or more nouns with separators, or nouns of one kind with spaces.
pub(super) fn list_before(text: &Text, end: usize) -> Option<Vec<Range<usize>>> {
    if let Some(items) = bracketed(text, end) {
        return Some(items);
    }
    let start = (0..end)
        .rev()
        .find(|at| {
            is_mark(text.low[*at])
                || matches!(text.low[*at], '\n' | '?' | '!' | ':' | '"')
                || (text.low[*at] == '.' && !is_wordy(text.at(at + 1)))
        })
        .map_or(0, |at| at + 1);
    let stop = object_end(text, start, end)?;
    let list = ranges_before(text, start, stop);
    if list.len() < 2 {
        return kind_nouns(text, start, stop);
    }
    let items = even(text, list)?;
    items.iter().all(|item| is_noun(text, item)).then_some(items)
}

/// `표정(기쁨, 슬픔) 분류`.
pub(super) fn bracketed(text: &Text, end: usize) -> Option<Vec<Range<usize>>> {
    let close = (0..end).rev().find(|at| !text.low[*at].is_whitespace()).filter(|at| text.low[*at] == ')')?;
    let open = (0..close).rev().find(|at| text.low[*at] == '(')?;
    let items = split(text, open + 1, close).items;
    (items.len() > 1 && items.iter().all(|item| is_noun(text, item))).then_some(items)
}

/// The end of the noun that is sorted: without its particle and without "사진", "이미지".
pub(super) fn object_end(text: &Text, start: usize, end: usize) -> Option<usize> {
    let mut stop = end;
    for _ in 0..3 {
        stop = (start..stop).rev().find(|at| !text.low[*at].is_whitespace() && text.low[*at] != ',')? + 1;
        let word = (start..stop)
            .rev()
            .find(|at| matches!(text.low[*at], ' ' | ',' | '/'))
            .map_or(start, |at| at + 1);
        let stem = particle_off(text, word, stop);
        let said: String = text.low[word..stem].iter().collect();
        if SHOWN.contains(&said.as_str()) && word > start && text.before(word) == ' ' {
            stop = word;
            continue;
        }
        return Some(stem);
    }
    Some(stop)
}

/// Items of a list in `start..end`, the first one still with everything before it.
pub(super) fn ranges_before(text: &Text, start: usize, end: usize) -> Vec<Range<usize>> {
    let mut items = Vec::new();
    let mut at = text.skip_spaces(start);
    while at < end {
        let (item_end, next, _) = next_separator(text, at, end);
        let item_end = item_end.min(end);
        if item_end > at {
            items.push(at..item_end);
        }
        at = next.max(at + 1);
    }
    items
}

/// Cuts the first item to as many words as the others have: at most two, and all alike.
pub(super) fn even(text: &Text, mut items: Vec<Range<usize>>) -> Option<Vec<Range<usize>>> {
    // A list begins after the last item that is a clause of its own.
    // "OK" is also a class, beside "NG".
    let kinds = items.iter().all(|item| {
        words(text, item.clone()).last().is_some_and(|word| is_kind_noun(&text.low[word.clone()]))
    });
    let slashed = |item: &Range<usize>| text.at(text.skip_spaces(item.end)) == '/';
    let ends = |item: &Range<usize>| !kinds && !slashed(item) && ends_clause(text, item);
    let rest = items.iter().rposition(ends).map_or(0, |at| at + 1);
    items.drain(..rest);
    let begins = rest > 0;
    for item in &mut items {
        let parts = words(text, item.clone());
        if let [first, last] = parts.as_slice() {
            let shown: String = text.low[last.clone()].iter().collect();
            if SHOWN.contains(&shown.as_str()) {
                *item = first.clone();
            }
        }
    }
    let longest = items.iter().skip(1).map(|item| words(text, item.clone()).len()).max()?;
    if longest > 2 {
        return None;
    }
    let mut parts = words(text, items[0].clone());
    if parts.first().is_some_and(|first| is_mark(text.before(first.start))) {
        parts.remove(0);
    }
    if longest == 1 && is_compound(text, &parts, items[0].end) {
        items[0].start = parts[0].start;
        return Some(items);
    }
    // "금 간 그릇, 멀쩡한 그릇": one head, and the list begins here.
    let head = |item: &Range<usize>| words(text, item.clone()).pop().map(|word| text.low[word].to_vec());
    if begins && parts.len() == longest + 1 && items[1..].iter().all(|item| head(item) == head(&items[0])) {
        return Some(items);
    }
    let taken = parts.len().saturating_sub(longest);
    items[0].start = parts.get(taken)?.start;
    let object = |part: &Range<usize>| {
        let last = text.low[part.end - 1];
        part.len() > 1
            && (last == '을' || last == '를')
            && particle_off(text, part.start, part.end) < part.end
    };
    if longest == 2 && parts.len() >= 2 && object(&parts[taken]) {
        items[0].start = parts[taken + 1].start;
    }
    if longest == 2 && parts.len() >= 2 && ends_clause(text, &parts[taken]) {
        items[0].start = parts[taken + 1].start;
    }
    Some(items)
}

/// `축구 선수랑 공이랑`: where all that is said before a spoken "and" is two nouns, they are one class. What belongs to the
/// sentence has a particle there, or is a word of every conversation.
fn is_compound(text: &Text, parts: &[Range<usize>], end: usize) -> bool {
    let [first, _] = parts else { return false };
    let said: String = text.low[first.clone()].iter().collect();
    let plain = said.chars().all(is_hangul)
        && particle_off(text, first.start, first.end) == first.end
        && ![SHOWN, MODIFIERS, GENERIC, KOREAN].iter().any(|words| words.contains(&said.as_str()))
        && !ends_clause(text, first);
    plain && text.any_at(end, &["이랑", "랑"]).is_some()
}

/// Whether an item is rather the end of another clause: a particle of place or topic, or an ending of a verb.
pub(super) fn ends_clause(text: &Text, item: &Range<usize>) -> bool {
    let said: String = text.low[item.clone()].iter().collect();
    let said = said.trim();
    CLAUSE_ENDS.iter().any(|ending| said == *ending || (ending.chars().count() > 1 && said.ends_with(ending)))
}

pub(super) fn is_noun(text: &Text, item: &Range<usize>) -> bool {
    let parts = words(text, item.clone());
    let said = |range: &Range<usize>| text.low[range.clone()].iter().collect::<String>();
    let wordy = text.low[item.clone()].iter().all(|c| is_wordy(*c) || matches!(c, ' ' | '-' | '\'' | '.'));
    let modified = parts.iter().any(|part| MODIFIERS.contains(&said(part).as_str()));
    let generic = parts.iter().any(|part| GENERIC.contains(&said(part).as_str()));
    let hangul = text.low[item.clone()].iter().any(|c| is_hangul(*c));
    wordy
        && !modified
        && !generic
        && !parts.is_empty()
        && (hangul || parts.len() < 3)
        && text.low[item.clone()].iter().any(|c| c.is_alphabetic() || c.is_ascii_digit())
}

/// `고양이 강아지 분류`: two or more nouns of one kind, or two that end alike, with spaces alone.
pub(super) fn kind_nouns(text: &Text, start: usize, end: usize) -> Option<Vec<Range<usize>>> {
    let parts = words(text, start..end);
    let mut kinds: Vec<usize> = (0..NOUNS.len()).collect();
    let mut count = 0;
    for part in parts.iter().rev() {
        let said: String = text.low[part.clone()].iter().collect();
        let common: Vec<usize> =
            kinds.iter().copied().filter(|kind| NOUNS[*kind].contains(&said.as_str())).collect();
        if common.is_empty() {
            break;
        }
        (kinds, count) = (common, count + 1);
    }
    let alike = count < 2 && matches!(parts.as_slice(), [.., one, other] if ends_alike(text, one, other));
    let count = if alike { 2 } else { count };
    (count > 1).then(|| parts[parts.len() - count..].to_vec())
}

/// `진품 가품`, `암컷 수컷`: two short nouns that differ but for the last syllable.
fn ends_alike(text: &Text, one: &Range<usize>, other: &Range<usize>) -> bool {
    let (one, other) = (&text.low[one.clone()], &text.low[other.clone()]);
    one.len() == other.len()
        && (2..=3).contains(&one.len())
        && one.iter().chain(other).all(|c| is_hangul(*c))
        && one[0] != other[0]
        && one.last() == other.last()
        && !SHOWN.contains(&other.iter().collect::<String>().as_str())
}
