//! What people call a model, where a turn says it.

use std::ops::Range;

use crate::lexicon::registry::{
    ADVERB_ENDS, ALIASES, CALLED, LED, NAMING, NO_NAME, PARTICLES, QUOTES, VERB_ENDS, VERSION_WORDS,
};
use crate::text::{Text, VERSION, is_hangul, is_wordy};

/// How long a name may be that is read.
const NAME_CHARS: usize = 64;
/// How far before a name the word that introduces it begins.
const NAMING_CHARS: usize = 12;
/// The shortest Korean noun that is believed to be a name for where it stands alone.
const LONG_CHARS: usize = 4;

/// The model that is named, masked out: by what introduces a name, as the only name that is joined of parts, or by what it
/// stands before.
pub(super) fn take_name(text: &mut Text, registers: bool) -> Option<String> {
    let introduced = (0..text.len()).find_map(|at| after(text, at, NAMING));
    let led = || (0..text.len()).find_map(|at| before(text, at, LED));
    let versioned = || (0..text.len()).find_map(|at| before_version(text, at));
    let of = || {
        let words: &[&str] =
            if registers { &["as", "under", "to", "version of"] } else { &["of", "for", "in", "on"] };
        (0..text.len()).find_map(|at| after(text, at, words))
    };
    let told = quoted(text).or_else(|| called(text));
    let in_korean = || if registers { None } else { before_moved(text) };
    let others = || introduced.or_else(versioned).or_else(in_korean).or_else(led).or_else(of);
    let range = told.or_else(|| joined(text)).or_else(others)?;
    let name = text.said(range.clone());
    text.mask(range, VERSION);
    Some(name)
}

/// The name behind one of `words`.
fn after(text: &Text, at: usize, words: &[&str]) -> Option<Range<usize>> {
    if is_wordy(text.before(at)) {
        return None;
    }
    let mut from = text.any_at(at, words)?;
    for _ in 0..2 {
        let next = text.skip_spaces(from);
        from = text
            .any_at(next, &["the", "은", "을", "이", "는", ":", "=", "is", "version of", "model"])
            .unwrap_or(next);
    }
    token(text, text.skip_spaces(from)).filter(|range| is_free(text, range))
}

/// The name before one of `words`: `tree-detector로 등록`, `불량검출의 버전 2`.
fn before(text: &Text, at: usize, words: &[&str]) -> Option<Range<usize>> {
    if is_wordy(text.before(at)) {
        return None;
    }
    let range = token(text, at)?;
    let next = text.any_at(range.end, PARTICLES).unwrap_or(range.end);
    (text.any_at(text.skip_spaces(next), words).is_some() && is_free(text, &range)).then_some(range)
}

/// `forklift v3`: a name right before its version.
fn before_version(text: &Text, at: usize) -> Option<Range<usize>> {
    if is_wordy(text.before(at)) || text.before(at) == '-' {
        return None;
    }
    let range = token(text, at).filter(|range| is_free(text, range) && !is_hangul(text.at(at)))?;
    (range.end < text.len() && text.at(text.skip_spaces(range.end)) == VERSION).then_some(range)
}

/// The only word that is joined of parts.
fn joined(text: &Text) -> Option<Range<usize>> {
    let mut names = (0..text.len())
        .filter(|at| !is_wordy(text.before(*at)) && text.before(*at) != '-')
        .filter_map(|at| {
            token(text, at).filter(|range| text.low[range.clone()].iter().any(|c| matches!(c, '-' | '_')))
        });
    names.next().filter(|_| names.next().is_none())
}

/// A name at `start`, without the particle of a Korean one.
pub(super) fn token(text: &Text, start: usize) -> Option<Range<usize>> {
    let start = (start..text.len()).find(|at| !matches!(text.low[*at], '"' | '\'' | '「' | '『'))?;
    let first = text.at(start);
    let latin = first.is_ascii_alphanumeric();
    let fits = |c: char| {
        if latin { c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') } else { of_a_name(c) }
    };
    let mut end = (start..text.len()).find(|at| !fits(text.low[*at])).unwrap_or(text.len());
    if !latin {
        let whole = end;
        let cut = (start + 2..whole).find(|at| text.any_at(*at, PARTICLES).is_some_and(|stop| stop >= whole));
        end = cut.unwrap_or(whole);
    }
    while end > start && matches!(text.at(end - 1), '-' | '.') {
        end -= 1;
    }
    let named = is_wordy(first) && end > start + 1 && end - start <= NAME_CHARS;
    (named && text.low[start..end].iter().any(|c| c.is_alphabetic())).then_some(start..end)
}

/// Whether the word is none of the ordinary ones that stand where a name could.
pub(super) fn is_free(text: &Text, range: &Range<usize>) -> bool {
    let word: String = text.low[range.clone()].iter().collect();
    let is_alias = ALIASES.iter().any(|(alias, words)| *alias == word || words.contains(&word.as_str()));
    // `쏟아진다 운영을 …`: a verb ends a sentence before the word.
    let is_verb = is_hangul(text.before(range.end)) && VERB_ENDS.iter().any(|ending| word.ends_with(ending));
    !is_alias && !is_verb && !NO_NAME.contains(&word.as_str())
}

pub(super) fn of_a_name(c: char) -> bool {
    is_wordy(c) || matches!(c, '-' | '.')
}

/// `'도장불량'이라는 이름으로`, "register it as 'weld check'": what stands in quotation marks beside a word for names.
fn quoted(text: &Text) -> Option<Range<usize>> {
    let opens =
        |at: &usize| QUOTES.iter().any(|(open, _)| text.low[*at] == *open) && !is_wordy(text.before(*at));
    (0..text.len()).filter(opens).find_map(|at| {
        let (_, close) = QUOTES.iter().find(|(open, _)| text.low[at] == *open)?;
        let end = (at + 2..text.len().min(at + NAME_CHARS)).find(|here| text.low[*here] == *close)?;
        let behind =
            text.any_at(end + 1, CALLED).or_else(|| text.any_at(text.skip_spaces(end + 1), VERSION_WORDS));
        let is_name =
            behind.is_some() || text.at(text.skip_spaces(end + 1)) == VERSION || is_introduced(text, at);
        (is_name && text.low[at + 1..end].iter().any(|c| c.is_alphabetic())).then_some(at + 1..end)
    })
}

/// Whether a word that introduces a name stands right before.
fn is_introduced(text: &Text, at: usize) -> bool {
    let near = at.saturating_sub(NAMING_CHARS);
    let leads =
        |end: usize| text.skip_spaces(text.any_at(end, &["은", "을", "이", ":", "="]).unwrap_or(end)) == at;
    let words = |here: usize| text.any_at(here, NAMING).max(text.any_at(here, &["as", "under"]));
    (near..at).any(|here| !is_wordy(text.before(here)) && words(here).is_some_and(leads))
}

/// `볼트판별기라는 이름의 모델`: a name of one word that is said to be one.
fn called(text: &Text) -> Option<Range<usize>> {
    (0..text.len()).filter(|at| !is_wordy(text.before(*at))).find_map(|at| {
        let range = token(text, at).filter(|range| is_free(text, range))?;
        let said = text.any_at(range.end, &["이라는", "라는", "이란", "란"])?;
        text.any_at(text.skip_spaces(said), &["이름", "모델", "걸로", "거로"]).map(|_| range)
    })
}

/// `볼트판별기 v4 운영 승격`, `도장불량판별 운영을 직전 버전으로`: a long noun right before the version or the alias that is moved.
fn before_moved(text: &Text) -> Option<Range<usize>> {
    (0..text.len()).filter(|at| !is_wordy(text.before(*at)) && is_hangul(text.at(*at))).find_map(|at| {
        let end = (at..text.len()).find(|here| !is_wordy(text.low[*here])).unwrap_or(text.len());
        let stem = text.any_at(end - 1, &["의"]).map_or(end, |_| end - 1);
        let next = text.skip_spaces(end);
        let moved =
            text.at(next) == VERSION || ALIASES.iter().any(|(_, words)| text.any_at(next, words).is_some());
        let said: String = text.low[at..stem].iter().collect();
        let word = PARTICLES.iter().any(|particle| said.ends_with(particle))
            || ADVERB_ENDS.contains(&text.before(stem));
        (moved && text.at(end) == ' ' && stem - at >= LONG_CHARS && !word && is_free(text, &(at..stem)))
            .then_some(at..stem)
    })
}
