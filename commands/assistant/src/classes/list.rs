//! Splits a stretch of text into the items of a list, and stops where the sentence goes on.

use std::ops::Range;

use super::separators::next_separator;
use super::words::{count, is_mark, particle_off, words};
use crate::lexicon::classes::{FILLERS, LABELLED, PICTURES, STOP_PHRASES, STOP_STEMS, STOPS};
use crate::text::{PATH, Text};

/// Words that something has to follow: "normal, over, under" are three.
const LEADING: &[&str] = &["in", "on", "from", "with", "under", "inside", "by", "at"];

pub(super) struct List {
    pub(super) items: Vec<Range<usize>>,
    /// Whether a separator other than a space stood between them.
    pub(super) separated: bool,
}

/// Splits a region into items at commas, slashes, "and", `와/과/랑/하고`, and stops where the sentence goes on.
pub(super) fn split(text: &Text, start: usize, end: usize) -> List {
    let mut list = List { items: Vec::new(), separated: false };
    let mut at = start;
    while at < end {
        let (item_end, next, separated) = next_separator(text, at, end);
        let (item, stopped) = item(text, at, item_end);
        let fills = |item: &Range<usize>| {
            FILLERS.iter().any(|filler| text.low[item.clone()].iter().copied().eq(filler.chars()))
        };
        list.items.extend(item.filter(|item| !fills(item)));
        if stopped || next >= end {
            if list.items.len() > 1
                && list.items.last().is_some_and(|last| begins_clause(text, last) || leads_on(text, last))
            {
                list.items.pop();
            }
            break;
        }
        list.separated |= separated;
        at = next;
    }
    list
}

/// One item's range, and whether the list ends with it.
fn item(text: &Text, start: usize, end: usize) -> (Option<Range<usize>>, bool) {
    let (mut from, mut here) = (None, start);
    let mut item_end = start;
    while here < end {
        here = text.skip_spaces(here);
        if here >= end {
            break;
        }
        let word_end = (here..end).find(|at| text.low[*at].is_whitespace()).unwrap_or(end);
        let word: String = text.low[here..word_end].iter().collect();
        let means_nothing =
            matches!(word.as_str(), "a" | "an" | "the") || FILLERS.contains(&word.trim_end_matches('.'));
        if from.is_none() && means_nothing && text.skip_spaces(word_end) < end {
            here = word_end;
            continue;
        }
        let key = word.contains('=') || word.len() > 1 && word.ends_with(':');
        if key || is_stop(text, here, end) || counted(text, here) {
            return (from.map(|from| from..item_end), true);
        }
        let more =
            text.skip_spaces(word_end) < end || end >= text.len() || !matches!(text.at(end), ',' | '/' | '·');
        if from.is_none() {
            here = (here..word_end)
                .find(|at| !matches!(text.low[*at], '"' | '\'' | '(' | '[' | '`'))
                .unwrap_or(here);
        }
        let bare_end = trim_punctuation(text, here, word_end);
        let stem = if more { particle_off(text, here, bare_end) } else { bare_end };
        // "우는 얼굴": what looks like a topic particle before another noun is a modifier.
        let next = text.skip_spaces(word_end);
        let modifier = stem + 1 == bare_end
            && matches!(text.low[stem], '은' | '는')
            && next < end
            && !is_stop(text, next, end);
        let stem = if modifier { bare_end } else { stem };
        if stem > here {
            from = from.or(Some(here));
            item_end = stem;
        }
        if stem < word_end && stem < bare_end {
            return (from.map(|from| from..item_end), true);
        }
        here = word_end;
    }
    (from.map(|from| from..item_end), false)
}

/// Whether the word at `at` belongs to the sentence, not to the list.
pub(super) fn is_stop(text: &Text, at: usize, end: usize) -> bool {
    let word_end = (at..end).find(|at| text.low[*at].is_whitespace()).unwrap_or(end);
    let word: String = text.low[at..word_end].iter().collect();
    // Neither a comma nor the end stands behind what leads on.
    let leads_nowhere =
        text.at(word_end) == ',' || word_end == text.len() && LEADING.contains(&word.as_str());
    let whole_item = at > 0 && leads_nowhere && word.is_ascii();
    if text.any_at(at, STOP_PHRASES).is_some() {
        return true;
    }
    !whole_item && STOPS.contains(&word.as_str()) || STOP_STEMS.iter().any(|stem| word.starts_with(stem))
}

fn counted(text: &Text, at: usize) -> bool {
    count(text, at).is_some()
}

fn trim_punctuation(text: &Text, start: usize, end: usize) -> usize {
    let quote = |at: &usize| matches!(text.low[*at], '.' | '"' | '\'' | ':' | '~' | '(' | '[');
    (start..end).rev().find(|at| !quote(at)).map_or(start, |last| last + 1)
}

/// "horses, keypoints are under": an item that is the subject of a clause of its own.
fn begins_clause(text: &Text, item: &Range<usize>) -> bool {
    let after = text.skip_spaces(item.end);
    // "roos and emus, pics in ./outback" and "cracks, annotated images in": what lies at a path is no class.
    let last = words(text, item.clone()).pop();
    let pictures = last.is_some_and(|word| text.any_at(word.start, PICTURES) == Some(item.end));
    let place = text.any_at(after, &["in", "at", "under", "from"]).map(|end| text.at(text.skip_spaces(end)));
    let labelled = text.any_at(item.start, LABELLED) == Some(item.end);
    let is = text.any_at(after, &["is", "are", "was", "were", "live", "lives", "sit", "sits"]).is_some();
    after > item.end
        && (is || pictures && place == Some(PATH) || labelled && text.any_at(after, PICTURES).is_some())
}

/// `backbone은 resnet18`: the topic of something else that is understood.
fn leads_on(text: &Text, item: &Range<usize>) -> bool {
    text.any_at(item.end, &["은", "는"]).is_some_and(|end| is_mark(text.at(text.skip_spaces(end))))
}
