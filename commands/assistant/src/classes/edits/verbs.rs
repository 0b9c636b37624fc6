//! Finds the words that change a list of classes, and the stretch beside each that says which classes.

use std::ops::Range;

use crate::classes::words::{is_mark, region_end};
use crate::lexicon::edits::{
    ADD, ADDED_KOREAN, IN, INSTEAD, MOVE, ONLY, OUT, REMOVE, REMOVED, REMOVED_KOREAN, RENAMES, SWAP,
    SWAPPED_KOREAN,
};
use crate::text::{Text, is_hangul, is_wordy};

/// How near to its end a turn says "as well".
const ENDING_CHARS: usize = 12;

/// A word of change, and the stretch beside it that says which classes.
#[derive(Clone, Debug)]
pub(super) struct Verb {
    pub(super) does: Does,
    pub(super) stretch: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Does {
    Add,
    Remove,
    Keep,
    Swap,
}

/// `감 빼고`, `귤도 넣어`, `감 말고 귤로`: Korean names the classes before the verb.
pub(super) fn korean_verbs(text: &Text) -> Vec<Verb> {
    let mut verbs: Vec<Verb> = Vec::new();
    let mut from = 0;
    for at in 0..text.len() {
        let over = matches!(text.low[at], '.' | '!' | '?') && text.at(at + 1) == ' ';
        if is_mark(text.low[at]) || text.low[at] == '\n' || over {
            from = at + 1;
        }
        if at < from {
            continue;
        }
        let verb = |words, latin| {
            text.any_at(at, words).or_else(|| text.any_at(at, latin).filter(|end| last(text, &(at..*end))))
        };
        let (does, end) = if let Some(end) = verb(REMOVED_KOREAN, REMOVE) {
            (Does::Remove, end)
        } else if let Some(end) = verb(ADDED_KOREAN, ADD) {
            (Does::Add, end)
        } else if let Some(end) = text.any_at(at, &["만"]).filter(|_| leaves_alone(text, at + 1)) {
            (Does::Keep, end)
        } else if let Some(end) = verb(SWAPPED_KOREAN, &[]) {
            (Does::Swap, end)
        } else {
            continue;
        };
        verbs.push(Verb { does, stretch: from..at });
        from = (end..text.len()).find(|here| !is_wordy(text.low[*here])).unwrap_or(text.len());
    }
    // `자두도`: joins the list.
    if verbs.is_empty()
        && let Some(also) = ending(text, &["도", "도요"]).filter(|at| text.len() < ENDING_CHARS && *at > 0)
    {
        verbs.push(Verb { does: Does::Add, stretch: 0..also });
    }
    // `배 대신 복숭아로`, `배를 귤로`: needs no verb.
    let led = (0..text.len()).rev().find(|at| is_wordy(text.low[*at])).is_some_and(|at| text.low[at] == '로');
    if led || (from..text.len()).any(|at| text.any_at(at, INSTEAD).is_some()) {
        verbs.push(Verb { does: Does::Swap, stretch: from..text.len() });
    }
    verbs
}

/// `car는 remove해줘`: an English verb that stands last, as a Korean one does.
fn last(text: &Text, verb: &Range<usize>) -> bool {
    let before = (0..verb.start).rev().find(|at| text.low[*at] != ' ');
    let after = text.at(text.skip_spaces(verb.end));
    before.is_some_and(|at| is_hangul(text.low[at]))
        && (verb.end == text.len() || is_hangul(after) || after == '.')
}

/// `헬멧만 남겨`, `헬멧만 할게`: nothing else stays.
fn leaves_alone(text: &Text, at: usize) -> bool {
    text.any_at(
        text.skip_spaces(at),
        &["남겨", "남기", "남길", "있으면", "하자", "할게", "할래", "쓰자", "쓸게", "써", "찾", "탐지", "볼"],
    )
    .is_some()
}

/// Where a turn ends in one of `words`: "plums too", "plums as well".
fn ending(text: &Text, words: &[&str]) -> Option<usize> {
    let near = text.len().saturating_sub(ENDING_CHARS);
    let over = |end: usize| !text.low[end..].iter().any(|c| is_wordy(*c));
    (near..text.len()).find(|at| text.any_at(*at, words).is_some_and(over))
}

/// "add water", "take knife out", "wren can go".
pub(super) fn english_verbs(text: &Text) -> Vec<Verb> {
    // Of the verbs of moving, which say nothing yet, a later word says whether in or out.
    let mut found: Vec<(Option<Does>, Range<usize>)> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let lists = [
            (Some(Does::Swap), SWAP),
            (Some(Does::Remove), REMOVE),
            (Some(Does::Add), ADD),
            (Some(Does::Keep), ONLY),
            (None, MOVE),
        ];
        let verb = lists
            .into_iter()
            .filter_map(|(does, words)| text.any_at(at, words).map(|end| (does, at..end)))
            .max_by_key(|(_, range)| range.end);
        let latin = text.at(at).is_ascii_alphabetic() && !is_wordy(text.before(at));
        let gone = text.any_at(at, REMOVED).filter(|_| latin);
        let verb = verb.filter(|(_, range)| gone.is_none_or(|end| end < range.end));
        match verb.filter(|(_, range)| latin && !last(text, range)) {
            Some((does, range)) => {
                at = range.end;
                found.push((does, range));
            }
            None => {
                found.extend(gone.map(|end| (Some(Does::Remove), end..at)));
                at = gone.unwrap_or(at).max(at + 1);
            }
        }
    }
    let (mut verbs, mut region) = (Vec::new(), 0);
    // "smoke should be called fumes": the old name before, the new one after.
    if let Some(renaming) = text
        .find_any(0, RENAMES)
        .filter(|_| found.iter().all(|(does, _)| does.is_none() || *does == Some(Does::Swap)))
    {
        let end = region_end(text, renaming.end);
        return vec![Verb { does: Does::Swap, stretch: 0..end }];
    }
    if found.is_empty()
        && let Some(too) = ending(text, &["too", "as well", "also"])
    {
        verbs.push(Verb { does: Does::Add, stretch: 0..too });
    }
    if found.is_empty()
        && let Some(gone) = ending(text, &["out", "gone", "away", "off"])
    {
        verbs.push(Verb { does: Does::Remove, stretch: 0..gone });
    }
    if found.is_empty()
        && let Some(joined) = text.any_at(text.skip_spaces(0), &["and", "also", "and also"])
    {
        verbs.push(Verb { does: Does::Add, stretch: joined..region_end(text, joined) });
    }
    for (index, (does, range)) in found.iter().enumerate() {
        let before = index.checked_sub(1).map_or(0, |last| found[last].1.end);
        // A swap's "with" and "for" are its own.
        let swaps = *does == Some(Does::Swap);
        let next = found[index + 1..].iter().find(|(next, _)| !swaps || *next != Some(Does::Add));
        let after = next.map_or(text.len(), |(_, next)| next.start);
        let stretch = if range.start > range.end { before..range.end } else { range.end..after };
        if stretch.start >= region {
            region = region_end(text, stretch.start);
        }
        let stretch = stretch.start..region.min(stretch.end).max(stretch.start);
        let says = |words| stretch.clone().any(|at| text.any_at(at, words).is_some());
        let does = match does {
            Some(does) => *does,
            None if says(OUT) => Does::Remove,
            None if says(IN) => Does::Add,
            None => continue,
        };
        verbs.push(Verb { does, stretch });
    }
    verbs
}
