//! A list in the middle of what is told, that nothing announces: three nouns or more, set apart by commas, slashes or "and".

use std::ops::Range;

use super::list::{is_stop, split};
use super::list_before::ranges_before;
use super::nouns::{ends_clause, is_noun};
use super::words::{is_mark, words};
use crate::lexicon::classes::MAKERS;
use crate::text::{Text, is_wordy};

/// As many are no chance.
const ITEMS_MIN: usize = 3;
/// The most words of an item.
const WORDS_MAX: usize = 2;

/// `석탑 사진에서 이끼, 균열, 박락을 픽셀 단위로`, "train it on oak, beech and birch".
pub(super) fn written(text: &Text) -> Option<Vec<Range<usize>>> {
    stretches(text).find_map(|stretch| in_stretch(text, stretch))
}

/// What stands between marks, ends of sentences and brackets.
fn stretches(text: &Text) -> impl Iterator<Item = Range<usize>> {
    let ends = |at: &usize| {
        let c = text.low[*at];
        is_mark(c)
            || matches!(c, '\n' | '?' | '!' | ':' | '(' | ')' | '[' | ']' | '"' | '=')
            || c == '.' && !is_wordy(text.at(at + 1))
    };
    let mut start = 0;
    std::iter::from_fn(move || {
        (start < text.len()).then(|| {
            let end = (start..text.len()).find(ends).unwrap_or(text.len());
            let stretch = start..end;
            start = end + 1;
            stretch
        })
    })
}

fn in_stretch(text: &Text, stretch: Range<usize>) -> Option<Vec<Range<usize>>> {
    let parts = ranges_before(text, stretch.start, stretch.end);
    let firsts = parts.len().saturating_sub(ITEMS_MIN - 1);
    parts[..firsts].iter().find_map(|first| {
        let begin = words(text, first.clone()).pop()?.start;
        let list = split(text, begin, stretch.end);
        let fits = list.separated
            && list.items.len() >= ITEMS_MIN
            && list.items.iter().all(|item| is_item(text, item));
        (fits && !are_kinds(text, &list.items)).then_some(list.items)
    })
}

/// `서 있는 사람, 앉은 사람, 누운 사람`: where the name of the first kind of one thing begins is not known.
fn are_kinds(text: &Text, items: &[Range<usize>]) -> bool {
    let [first, others @ ..] = items else { return false };
    let is_kind = |item: &Range<usize>| {
        let parts = words(text, item.clone());
        parts.len() > 1 && parts.last().is_some_and(|head| text.low[head.clone()] == text.low[first.clone()])
    };
    others.iter().all(is_kind)
}

/// How words end that say in which way, and name nothing.
const ADVERBS: &[&[char]] = &[&['하', '게'], &['르', '게'], &['롭', '게'], &['럽', '게'], &['l', 'y']];

fn is_item(text: &Text, item: &Range<usize>) -> bool {
    words(text, item.clone()).len() <= WORDS_MAX
        && is_noun(text, item)
        && !ends_clause(text, item)
        && !is_stop(text, item.start, item.end)
        && text.any_at(item.start, MAKERS).is_none()
        && !ADVERBS.iter().any(|ending| text.low[item.clone()].ends_with(ending))
        && !text.low[item.clone()].iter().any(char::is_ascii_digit)
}
