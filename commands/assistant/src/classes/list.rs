//! Splits a stretch of text into the items of a list, and knows where it ends.

use std::ops::Range;

use crate::lexicon::classes::{LABELLED, LAST, PICTURES, STOP_PHRASES, STOP_STEMS, STOPS, WORDS_BETWEEN};
use crate::lexicon::nouns::NOUNS;
use crate::text::{JOB, MODEL, PATH, Text, VALUE, final_consonant, is_hangul, is_wordy};

pub(super) fn is_mark(c: char) -> bool {
    matches!(c, PATH | MODEL | JOB | VALUE)
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
        if let Some(item) = item {
            list.items.push(item);
        }
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

/// The end of the item at `at`, where the next one starts, and whether a separator stood there.
pub(super) fn next_separator(text: &Text, at: usize, end: usize) -> (usize, usize, bool) {
    for here in at..end {
        let c = text.low[here];
        if matches!(c, ',' | ';' | '/' | '·' | '、' | '|' | '&' | '+' | 'ㆍ' | '•') {
            let mut next = text.skip_spaces(here + 1);
            if let Some(after) = text.any_at(next, &["and", "or", "그리고", "및", "또는"]) {
                next = text.skip_spaces(after);
            }
            return (here, next, true);
        }
        if c == ' ' {
            let next = text.skip_spaces(here);
            if let Some(after) = text.any_at(next, WORDS_BETWEEN)
                && text.at(after) == ' '
            {
                return (here, text.skip_spaces(after).min(end), true);
            }
            if let Some(stem) = conjoined(text, at, here) {
                return (stem, next.min(end), true);
            }
        }
    }
    (end, end, false)
}

/// The end of a noun that `와/과/랑/이랑/하고` joins to the next, if one ends at `end`.
pub(super) fn conjoined(text: &Text, start: usize, end: usize) -> Option<usize> {
    ["이랑", "하고", "랑", "와", "과"].iter().find_map(|particle| {
        let length = particle.chars().count();
        let stem = end.checked_sub(length).filter(|stem| *stem > start)?;
        if !text.low[stem..end].iter().copied().eq(particle.chars()) {
            return None;
        }
        let (closed, _) = final_consonant(text.low[stem - 1]);
        let hangul = is_hangul(text.low[stem - 1]);
        let word: String = text.low[end.saturating_sub(4).max(start)..end].iter().collect();
        let fits = match *particle {
            "이랑" => {
                (!hangul || closed) && !is_kind_noun(&text.low[stem.saturating_sub(5).max(start)..=stem])
            }
            "과" => (!hangul || closed) && !word.trim().ends_with("결과") && !word.trim().ends_with("학과"),
            "와" | "랑" => !hangul || !closed,
            _ => true,
        };
        fits.then_some(stem)
    })
}

/// Nouns that only look as if they ended in a particle.
pub(super) fn is_whole(word: &[char]) -> bool {
    let word: String = word.iter().collect();
    ["마을", "가을", "노을", "고을", "개울", "하늘"].contains(&word.as_str())
}

pub(super) fn is_kind_noun(word: &[char]) -> bool {
    let word: String = word.iter().collect();
    NOUNS.iter().any(|nouns| nouns.contains(&word.trim()))
}

/// One item's range, and whether the list ends with it.
pub(super) fn item(text: &Text, start: usize, end: usize) -> (Option<Range<usize>>, bool) {
    let (mut from, mut here) = (None, start);
    let mut item_end = start;
    while here < end {
        here = text.skip_spaces(here);
        if here >= end {
            break;
        }
        let word_end = (here..end).find(|at| text.low[*at].is_whitespace()).unwrap_or(end);
        let word: String = text.low[here..word_end].iter().collect();
        if from.is_none() && matches!(word.as_str(), "a" | "an" | "the") && text.skip_spaces(word_end) < end {
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
    let whole_item = at > 0 && text.at(word_end) == ',' && word.is_ascii();
    if text.any_at(at, STOP_PHRASES).is_some() {
        return true;
    }
    !whole_item && STOPS.contains(&word.as_str()) || STOP_STEMS.iter().any(|stem| word.starts_with(stem))
}

pub(super) fn counted(text: &Text, at: usize) -> bool {
    count(text, at).is_some()
}

pub(super) fn trim_punctuation(text: &Text, start: usize, end: usize) -> usize {
    let quote = |at: &usize| matches!(text.low[*at], '.' | '"' | '\'' | ':' | '~' | '(' | '[');
    (start..end).rev().find(|at| !quote(at)).map_or(start, |last| last + 1)
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
        let fits = match particle {
            "로" | "로만" | "로요" => latin || !closed || rieul,
            "으로" | "으로만" | "으로요" => latin || (closed && !rieul),
            "을" => latin || (closed && !is_whole(&text.low[start..end])),
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

/// The words of an item, for lists with spaces alone.
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
