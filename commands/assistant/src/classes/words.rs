//! Words of a stretch of text, their particles, and where it must end.

use std::ops::Range;

use crate::lexicon::classes::{LAST, WHOLE};
use crate::lexicon::nouns::NOUNS;
use crate::text::{JOB, MODEL, PATH, Text, VALUE, final_consonant, is_hangul, is_wordy};

/// The words of a stretch, for lists with spaces alone.
pub(super) fn words(text: &Text, range: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let start = text.skip_spaces(at).min(range.end);
        let end = (start..range.end).find(|at| text.low[*at].is_whitespace()).unwrap_or(range.end);
        if end > start {
            found.push(start..end);
        }
        at = end.max(at + 1);
    }
    found
}

pub(super) fn is_mark(c: char) -> bool {
    matches!(c, PATH | MODEL | JOB | VALUE)
}

/// Where a list must end: a sentence's end, something else understood, or a clause of its own.
pub(super) fn region_end(text: &Text, start: usize) -> usize {
    (start..text.len())
        .find(|at| {
            let c = text.low[*at];
            is_mark(c)
                || matches!(c, '\n' | '?' | '!' | ')' | ']')
                || c == ';' && text.low[start..*at].contains(&',')
                || (c == '.' && !is_wordy(text.at(at + 1)))
        })
        .unwrap_or(text.len())
}

/// `3개`, `세 가지`, `three`.
pub(super) fn count(text: &Text, at: usize) -> Option<usize> {
    let number = crate::numbers::read(text, at)?;
    text.any_at(
        text.skip_spaces(number.end),
        &[
            "개는",
            "개로",
            "개인데",
            "개야",
            "개",
            "가지는",
            "가지로",
            "가지",
            "종",
            "classes",
            "class",
            "클래스",
            "categories",
            "카테고리",
            "labels",
            "라벨",
        ],
    )
}

/// Takes one list-ending particle off a word, where the syllable before allows it.
pub(super) fn particle_off(text: &Text, start: usize, end: usize) -> usize {
    for particle in LAST.iter().copied() {
        let length = particle.chars().count();
        let Some(stem) = end.checked_sub(length).filter(|stem| *stem > start) else { continue };
        if !text.low[stem..end].iter().copied().eq(particle.chars()) {
            continue;
        }
        let last = text.low[stem - 1];
        let (closed, rieul) = final_consonant(last);
        let latin = !is_hangul(last);
        let syllables = stem - start;
        let whole = || is_whole(&text.low[start..end]);
        let fits = match particle {
            "로" | "을" | "가" | "의" if whole() => false,
            "로" | "로만" | "로요" => latin || !closed || rieul,
            "으로" | "으로만" | "으로요" => latin || (closed && !rieul),
            "을" => latin || closed,
            "은" => latin || (closed && syllables > 1),
            "이" => latin || (closed && syllables > 2),
            "이야" | "이고" | "이에요" | "이며" | "이다" | "이요" | "이랑" => latin || closed,
            "를" | "는" | "야" | "예요" => latin || !closed,
            "만" if is_kind_noun(&text.low[start..stem]) => true,
            "고요" | "요" | "여" | "이지" | "이네" | "랑" | "이라" | "라고" | "의" | "가" | "에" | "들"
            | "뿐" | "등" | "만" | "임" => {
                latin || syllables > 1 && !matches!(particle, "의" | "등" | "이지" | "가")
            }
            _ => true,
        };
        if fits {
            return stem;
        }
    }
    end
}

/// Nouns that only look as if they ended in a particle.
fn is_whole(word: &[char]) -> bool {
    let word: String = word.iter().collect();
    WHOLE.contains(&word.as_str())
}

pub(super) fn is_kind_noun(word: &[char]) -> bool {
    let word: String = word.iter().collect();
    NOUNS.iter().any(|nouns| nouns.contains(&word.trim()))
}

/// `'퍼즐'도` is 퍼즐.
pub(super) fn without_quotes(text: &Text, item: Range<usize>) -> Range<usize> {
    let quote = |at: &usize| matches!(text.low[*at], '\'' | '"' | '`' | '‘' | '’' | '“' | '”');
    let start = item.clone().find(|at| !quote(at)).unwrap_or(item.start);
    let end = (start..item.end).rev().find(|at| !quote(at)).map_or(item.end, |last| last + 1);
    start..end
}
