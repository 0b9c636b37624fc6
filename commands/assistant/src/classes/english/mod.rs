//! Lists in English prose: "cats vs dogs", "sort into A and B", "a cat/dog classifier".

mod maker;
mod qualities;

use std::ops::Range;

use maker::before_maker;
pub(in crate::classes) use qualities::qualities;
use qualities::{contrast, either, is_quality, versus};

use super::TRIES;
use super::list::split;
use super::nouns::is_noun;
use super::words::{region_end, words};
use crate::lexicon::classes::{ENGLISH_VERBS, MAKERS, NO_CLASSES, OF, SHOWN, SORTS};
use crate::text::{Text, is_wordy};

/// How far before its colon the verb of a heading stands.
const HEADING_CHARS: usize = 48;
const HEADING_WORDS_MAX: usize = 4;
/// The most words of what may still be an item of a list of two.
const LONG_WORDS: usize = 4;

/// `classify cats, dogs and rabbits`, `healthy vs diseased leaves`, `a cat/dog classifier`.
pub(super) fn in_english(text: &Text) -> Option<Vec<Range<usize>>> {
    versus(text)
        .or_else(|| after_heading(text))
        .or_else(|| either(text))
        .or_else(|| into(text))
        .or_else(|| after_verb(text))
        .or_else(|| before_maker(text))
        .or_else(|| qualities(text))
}

pub(super) fn word_before(text: &Text, end: usize) -> Option<Range<usize>> {
    let stop = (0..end).rev().find(|at| text.low[*at] != ' ')? + 1;
    let start =
        (0..stop).rev().find(|at| !(is_wordy(text.low[*at]) || text.low[*at] == '-')).map_or(0, |at| at + 1);
    (start < stop).then_some(start..stop)
}

pub(super) fn word_after(text: &Text, at: usize) -> Option<Range<usize>> {
    let start = text.skip_spaces(at);
    let end = (start..text.len())
        .find(|at| !(is_wordy(text.low[*at]) || text.low[*at] == '-'))
        .unwrap_or(text.len());
    (start < end).then_some(start..end)
}

/// `sort photos into cats, dogs and birds`.
pub(super) fn into(text: &Text) -> Option<Vec<Range<usize>>> {
    let sorts = text.find_any(0, SORTS)?;
    let into = text.find_any(sorts.end, &["into", "as either", "as"])?;
    english_list(text, into.end)
}

pub(super) fn after_verb(text: &Text) -> Option<Vec<Range<usize>>> {
    let verbs = (0..text.len()).filter_map(|at| text.any_at(at, ENGLISH_VERBS));
    verbs.take(TRIES).find_map(|end| {
        let mut start = text.skip_spaces(end);
        for _ in 0..3 {
            match text.any_at(start, OF) {
                Some(end) => start = text.skip_spaces(end),
                None => break,
            }
        }
        english_list(text, start)
    })
}

/// Items after `start`, when there are two or more and each is a plain noun.
pub(super) fn english_list(text: &Text, start: usize) -> Option<Vec<Range<usize>>> {
    let end = region_end(text, start);
    let end = (start..end)
        .find(|at| {
            text.any_at(*at, &["wearing", "with and without", "with or without", "who", "whose"]).is_some()
        })
        .map_or(end, |_| start);
    let mut items = from_split(text, start, end).unwrap_or_else(|| split(text, start, end).items);
    items = at_their_head(text, items);
    if items.len() < 2
        || items.len() == 2 && items.iter().any(|item| words(text, item.clone()).len() > LONG_WORDS)
    {
        return None;
    }
    contrast(text, &mut items);
    // "the helmet and the vest of a worker": what follows is no part of the last one's name.
    if let Some(last) = items.last_mut()
        && let [first, second, ..] = words(text, last.clone()).as_slice()
        && text.any_at(second.start, &["of", "on", "in", "at", "from"]).is_some()
    {
        *last = first.clone();
    }
    for item in &mut items {
        let parts = words(text, item.clone());
        if let [first, .., last] = parts.as_slice() {
            let shown: String = text.low[last.clone()].iter().collect();
            if SHOWN.contains(&shown.as_str()) {
                *item = first.start..text_before(text, last.start);
            }
        }
    }
    items
        .iter()
        .all(|item| {
            is_noun(text, item) && words(text, item.clone()).len() <= 2 && is_english_noun(text, item)
        })
        .then_some(items)
}

/// "ripe bananas unripe bananas and overripe bananas": kinds of one thing that are dictated have nothing else between them.
fn at_their_head(text: &Text, items: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let head = items.last().map(|last| words(text, last.clone())).filter(|last| last.len() > 1);
    let Some(head) = head.and_then(|mut last| last.pop()) else { return items };
    let is_head = |word: &Range<usize>| text.low[word.clone()] == text.low[head.clone()];
    let mut kinds = Vec::new();
    for item in items {
        let mut start = item.start;
        for word in words(text, item.clone()).into_iter().filter(is_head) {
            kinds.push(start..word.end);
            start = text.skip_spaces(word.end);
        }
        if start < item.end {
            kinds.push(start..item.end);
        }
    }
    kinds
}

/// `classify birds: robin, wren, finch`: a list after a colon that a verb of sorting leads to.
fn after_heading(text: &Text) -> Option<Vec<Range<usize>>> {
    let colons = (0..text.len()).filter(|at| text.low[*at] == ':' && text.at(at + 1) == ' ');
    colons.take(TRIES).find_map(|colon| {
        let heading = words(text, colon.saturating_sub(HEADING_CHARS)..colon);
        let sorts = heading.iter().rev().take(HEADING_WORDS_MAX).any(|word| {
            let verb = |words| text.any_at(word.start, words).is_some();
            verb(ENGLISH_VERBS) || verb(MAKERS)
        });
        if sorts { english_list(text, text.skip_spaces(colon + 1)) } else { None }
    })
}

pub(super) fn text_before(text: &Text, at: usize) -> usize {
    (0..at).rev().find(|here| text.low[*here] != ' ').map_or(0, |here| here + 1)
}

pub(super) fn is_english_noun(text: &Text, item: &Range<usize>) -> bool {
    let said: String = text.low[item.clone()].iter().collect();
    !NO_CLASSES.iter().any(|word| said.split(' ').next() == Some(word))
}

/// `apples from oranges`.
pub(super) fn from_split(text: &Text, start: usize, end: usize) -> Option<Vec<Range<usize>>> {
    let from = text.find_any(start, &["from"]).filter(|from| from.end < end)?;
    let distinguishes = text.find_any(
        0,
        &["tell", "tells", "distinguish", "distinguishes", "separate", "separates", "differentiate", "sort"],
    )?;
    let (left, right) = (word_before(text, from.start)?, word_after(text, from.end)?);
    // "tell ripe bananas from rotten bananas".
    let (before, after) = (words(text, start..from.start), words(text, right.start..end));
    if let ([.., quality, head], [first, other, ..]) = (before.as_slice(), after.as_slice())
        && text.low[head.clone()] == text.low[other.clone()]
    {
        return Some(vec![quality.start..head.end, first.start..other.end]);
    }
    // "tell ripe strawberries from unripe ones": the qualities, not the nouns.
    let qualities = || words(text, start..from.start).into_iter().find(|word| is_quality(text, word));
    if let Some(quality) = qualities().filter(|_| distinguishes.end <= start && is_quality(text, &right)) {
        return Some(vec![quality, right]);
    }
    (distinguishes.end <= start && left.start >= start && left.start <= start + 12).then(|| vec![left, right])
}
