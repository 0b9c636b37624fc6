//! Lists that a word after them announces: "고양이, 강아지 두 클래스로", "cat and dog classes".

use std::ops::Range;

use super::TRIES;
use super::list_before::list_before;
use super::words::{count, is_kind_noun, words};
use crate::lexicon::classes::{RENAMED, SUMMARIES};
use crate::text::{Text, is_hangul};

/// The longest word of a list that a particle is taken off.
const LIST_WORD_CHARS: usize = 16;

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
        if SUMMARIES.contains(&said.as_str()) || said.parse::<u32>().is_ok() {
            end = word.start;
        } else {
            break;
        }
    }
    end
}
