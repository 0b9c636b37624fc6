//! How much of a turn is known words, and how much is of another world.

use super::{Cues, is_mark};
use crate::lexicon::intents::FAILURE;
use crate::text::{is_hangul, is_wordy};

/// How many words of each language are looked at for strays: a question about a job has fewer.
const STRAY_WORDS: usize = 40;
/// How many strays are counted.
const STRAYS_MAX: usize = 2;

impl Cues {
    /// Whether nothing is said but `words` (one word in five may be another).
    pub(crate) fn made_of(&self, words: &[&[&str]]) -> bool {
        let (foreign, total) = self.foreign(words);
        foreign * 5 <= total
    }

    /// How many words are of another world: English ones that are none of `known`, Korean ones that neither begin with
    /// one of them nor are made of them. The verb that a Korean turn ends in may be any. Two are as good as many.
    pub(crate) fn strays(&self, known: &[&[&str]]) -> usize {
        let all = || known.iter().flat_map(|words| words.iter().copied());
        let said: Vec<&str> = self.english.split_whitespace().take(STRAY_WORDS).collect();
        let (mut at, mut strays) = (0, 0);
        while at < said.len() && strays < STRAYS_MAX {
            let numeric = said[at].chars().all(|c| c.is_ascii_digit() || is_mark(c));
            let longest = all().filter_map(|known| phrase(&said[at..], known)).max();
            // "smoothly" says how, not what.
            strays += usize::from(longest.is_none() && !numeric && !said[at].ends_with("ly"));
            at += longest.unwrap_or(1);
        }
        let hangul = |word: &&str| word.contains(is_hangul);
        let words: Vec<&str> = self.spaced.split(|c| !is_wordy(c)).filter(hangul).take(STRAY_WORDS).collect();
        // With the word after it: `되고 있어` is known where `되고있` is.
        let foreign = |pair: &&[&str]| !belongs(pair[0], pair[1], &all);
        strays + words.windows(2).filter(foreign).take(STRAYS_MAX).count()
    }

    /// English words and Korean pieces that are none of `words`, and how many there are in all.
    fn foreign(&self, words: &[&[&str]]) -> (usize, usize) {
        let all = || words.iter().flat_map(|words| words.iter());
        let (mut total, mut foreign) = (0, 0);
        let said: Vec<&str> = self.english.split_whitespace().collect();
        let mut at = 0;
        while at < said.len() {
            if said[at].chars().all(|c| c.is_ascii_digit() || is_mark(c)) {
                at += 1;
                continue;
            }
            let longest = all().filter_map(|known| phrase(&said[at..], known)).max();
            total += longest.unwrap_or(1);
            foreign += usize::from(longest.is_none());
            at += longest.unwrap_or(1);
        }
        let mut rest = self.korean.trim_start_matches(|c: char| c.is_ascii());
        while let Some(c) = rest.chars().next() {
            if c.is_ascii() || !is_wordy(c) {
                rest = &rest[c.len_utf8()..];
                continue;
            }
            let longest = all().filter(|known| rest.starts_with(**known)).map(|known| known.len()).max();
            total += 1;
            foreign += usize::from(longest.is_none());
            rest = &rest[longest.unwrap_or(c.len_utf8())..];
        }
        (foreign, total)
    }
}

/// Whether a Korean word begins with a stem that is known, of two syllables or of a verb, or is made of known pieces.
fn belongs<'a, I: Iterator<Item = &'a str>>(word: &str, next: &str, known: &impl Fn() -> I) -> bool {
    let longest = |rest: &str| known().filter(|piece| rest.starts_with(*piece)).map(str::len).max();
    let mut rest = word.trim_start_matches(|c: char| c.is_ascii());
    let glued = format!("{rest}{next}");
    // `순조롭게`, `천천히`: how, not what.
    if rest.ends_with(['게', '히']) && rest.chars().count() > 2 {
        return true;
    }
    let verb = FAILURE.iter().any(|stem| rest.starts_with(stem));
    if verb || longest(&glued).is_some_and(|length| length >= 2 * '가'.len_utf8()) {
        return true;
    }
    while let Some(c) = rest.chars().next() {
        let length = if c.is_ascii() { Some(1) } else { longest(rest) };
        let Some(length) = length else { return false };
        rest = &rest[length..];
    }
    true
}

/// How many of `said` the known phrase takes up.
fn phrase(said: &[&str], known: &str) -> Option<usize> {
    // Most begin with another letter: no need to take them apart.
    if said.first()?.as_bytes().first() != known.as_bytes().first() {
        return None;
    }
    let mut count = 0;
    for part in known.split(' ') {
        let word = said.get(count)?;
        let fits = part.strip_suffix('*').map_or(part == *word, |stem| word.starts_with(stem));
        count = fits.then_some(count + 1)?;
    }
    Some(count)
}
