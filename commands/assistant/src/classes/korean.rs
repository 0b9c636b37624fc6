//! Lists in Korean prose: "A랑 B를 구분", "A인지 B인지", "정상/불량 분류".

use std::ops::Range;

use super::TRIES;
use super::list::split;
use super::list_before::list_before;
use super::words::{region_end, words};
use crate::lexicon::classes::{KOREAN_VERBS, MAKERS};
use crate::text::{Text, is_wordy};

/// `고양이랑 강아지를 구분하는`, `정상/불량 분류`, `불량인지 정상인지 판별`.
pub(super) fn in_korean(text: &Text) -> Option<Vec<Range<usize>>> {
    if let Some(items) = after_colon(text) {
        return Some(items);
    }
    // In `tree-detector` the verb belongs to a name.
    let verbs =
        (0..text.len()).filter(|at| text.before(*at) != '-' && text.any_at(*at, KOREAN_VERBS).is_some());
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
pub(super) fn whether(text: &Text, end: usize) -> Option<Vec<Range<usize>>> {
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
