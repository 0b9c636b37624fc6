//! The list that ends where a verb or the word for classes stands: "A랑 B를 구분", `고양이, 강아지 두 클래스`.

use std::ops::Range;

use super::list::split;
use super::nouns::{ends_clause, is_compound, is_noun, kind_nouns};
use super::separators::next_separator;
use super::words::{is_kind_noun, is_mark, particle_off, words};
use crate::lexicon::classes::{FILLERS, SHOWN};
use crate::text::{Text, is_wordy};

/// The most words of the first thing of a list behind a place.
const PLACED_WORDS_MAX: usize = 2;
/// Ends of verbs that say which of a kind is meant, and of no topic: `수영하는 사람`.
const DOING: &[&str] = &["하는", "있는", "없는", "되는", "가는", "오는", "지는", "리는"];
/// Pictures and the particle that says that they are what is looked at.
const GLUED: &[&str] =
    &["사진에서", "사진으로", "사진을", "이미지에서", "이미지로", "이미지를", "영상에서", "영상으로"];
/// The most words of a kind of one thing.
const KIND_WORDS_MAX: usize = 4;

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
    let fits = |item: &Range<usize>| is_noun(text, item) && !begins_a_clause(text, item);
    items.iter().all(fits).then_some(items)
}

/// "…, so anomaly detection it is": an item that is the next clause.
fn begins_a_clause(text: &Text, item: &Range<usize>) -> bool {
    text.any_at(item.start, &["so ", "then ", "thus ", "hence "]).is_some()
}

/// `표정(기쁨, 슬픔) 분류`.
fn bracketed(text: &Text, end: usize) -> Option<Vec<Range<usize>>> {
    let close = (0..end).rev().find(|at| !text.low[*at].is_whitespace()).filter(|at| text.low[*at] == ')')?;
    let open = (0..close).rev().find(|at| text.low[*at] == '(')?;
    let items = split(text, open + 1, close).items;
    (items.len() > 1 && items.iter().all(|item| is_noun(text, item))).then_some(items)
}

/// The end of the noun that is sorted: without its particle and without "사진", "이미지".
fn object_end(text: &Text, start: usize, end: usize) -> Option<usize> {
    let mut stop = end;
    for _ in 0..3 {
        stop = (start..stop).rev().find(|at| !text.low[*at].is_whitespace() && text.low[*at] != ',')? + 1;
        let word = (start..stop)
            .rev()
            .find(|at| matches!(text.low[*at], ' ' | ',' | '/'))
            .map_or(start, |at| at + 1);
        let stem = particle_off(text, word, stop);
        // `포트홀하고 균열하고 찾는`: the last is joined as the others are.
        let joined = stem == stop && text.low[word..stop].ends_with(&['하', '고']) && stop - word > 2;
        if joined && (start..word).any(|at| text.any_at(at, &["하고 "]).is_some()) {
            return Some(stop - 2);
        }
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
        let from = behind_fillers(text, at..item_end);
        if item_end > from {
            items.push(from..item_end);
        }
        at = next.max(at + 1);
    }
    items
}

/// `음 그 고양이`: where what is said begins.
fn behind_fillers(text: &Text, item: Range<usize>) -> usize {
    let said = |word: &Range<usize>| text.low[word.clone()].iter().collect::<String>();
    let parts = words(text, item.clone());
    let begins = parts.iter().find(|word| !FILLERS.contains(&said(word).as_str())).or(parts.last());
    begins.map_or(item.start, |word| behind_glued_place(text, word))
}

/// `알약사진으로원형`: where what is said begins behind the pictures that it is written on to.
fn behind_glued_place(text: &Text, word: &Range<usize>) -> usize {
    let mut ends = word.clone().rev().filter_map(|at| text.any_at(at, GLUED)).filter(|end| *end < word.end);
    ends.next().unwrap_or(word.start)
}

/// `과수원 사진에서 사과하고 배`: the list begins behind the place where its things are.
fn without_place(text: &Text, items: &mut Vec<Range<usize>>) {
    let begins = |item: &Range<usize>| {
        let parts = words(text, item.clone());
        let place = parts.iter().rposition(|word| is_place(&text.low[word.clone()]))?;
        parts.get(place + 1).map(|word| word.start)
    };
    let placed = items.iter().enumerate().rev().find_map(|(at, item)| begins(item).map(|start| (at, start)));
    // A clause has more words than the first thing of a list.
    let fits = |(at, start): &(usize, usize)| {
        items.len() - at > 1 && words(text, *start..items[*at].end).len() <= PLACED_WORDS_MAX
    };
    if let Some((at, start)) = placed.filter(fits) {
        items[at].start = start;
        items.drain(..at);
    }
}

fn is_place(word: &[char]) -> bool {
    let word: String = word.iter().collect();
    let ends = ["에서", "에서는", "에선", "에다", "에는", "에"].iter().any(|ending| word.ends_with(ending));
    ends && word.chars().count() > 2
}

/// Cuts the first item to as many words as the others have: at most two, and all alike.
fn even(text: &Text, mut items: Vec<Range<usize>>) -> Option<Vec<Range<usize>>> {
    without_place(text, &mut items);
    // A list begins after the last item that is a clause of its own.
    // "OK" is also a class, beside "NG".
    let kinds = items.iter().all(|item| {
        words(text, item.clone()).last().is_some_and(|word| is_kind_noun(&text.low[word.clone()]))
    });
    let slashed = |item: &Range<usize>| text.at(text.skip_spaces(item.end)) == '/';
    let ends = |item: &Range<usize>| !kinds && !slashed(item) && ends_clause(text, item);
    let rest = items.iter().rposition(ends).map_or(0, |at| at + 1);
    items.drain(..rest);
    for item in &mut items {
        let parts = words(text, item.clone());
        if let [first, last] = parts.as_slice() {
            let shown: String = text.low[last.clone()].iter().collect();
            if SHOWN.contains(&shown.as_str()) {
                *item = first.clone();
            }
        }
    }
    if let Some(start) = one_head(text, &items, rest > 0) {
        items[0].start = start;
        return Some(items);
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

/// `곰팡이 핀 고추랑 멀쩡한 고추`, `탄 빵, 덜 익은 빵`: kinds of one thing may have as many words as they need. Where the first of
/// them starts: after what belongs to the sentence.
fn one_head(text: &Text, items: &[Range<usize>], begins: bool) -> Option<usize> {
    let head = |item: &Range<usize>| words(text, item.clone()).pop().map(|word| text.low[word].to_vec());
    let [listed, others @ ..] = items else { return None };
    let named = words(text, listed.clone());
    let longest = others.iter().map(|item| words(text, item.clone()).len()).max()?;
    let alike = others.iter().all(|item| head(item) == head(listed) && words(text, item.clone()).len() > 1);
    if !alike || named.len() < 2 || longest > KIND_WORDS_MAX {
        return None;
    }
    let of_sentence = |word: &Range<usize>| {
        let said: String = text.low[word.clone()].iter().collect();
        if DOING.iter().any(|ending| said.ends_with(ending)) {
            return false;
        }
        particle_off(text, word.start, word.end) < word.end && word.len() > 1
            || SHOWN.contains(&said.as_str())
            || ends_clause(text, word)
            || is_mark(text.low[word.start])
    };
    let last = named.len() - 1;
    let first = named[..last].iter().rposition(of_sentence).map_or(0, |at| at + 1);
    // What has more words than the others is known to be all theirs only behind a sentence that has ended.
    let begins = begins || matches!(text.before(end_before(text, named[first].start)), '.' | '!');
    let most = longest + usize::from(begins);
    let first = first.max((last + 1).saturating_sub(most));
    (first < last).then(|| named[first].start)
}

/// Where what stands before `at` ends, spaces left out.
fn end_before(text: &Text, at: usize) -> usize {
    (0..at).rev().find(|here| text.low[*here] != ' ').map_or(0, |last| last + 1)
}
