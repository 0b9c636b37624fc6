//! What a turn says beside its slots: cue words looked up in two views of the text, one for each language.

use crate::lexicon::intents::FAILURE;
use crate::spelling;
use crate::text::{CLASS, JOB, MODEL, PATH, Text, VALUE, is_hangul, is_wordy};

/// What the cue views take of a long turn: its first characters and its last.
const CUE_HEAD_CHARS: usize = 400;
const CUE_TAIL_CHARS: usize = 200;

/// Two views of the text for cues: Korean without any spaces, English as single-spaced words.
pub(crate) struct Cues {
    korean: String,
    /// The Korean view with its spaces.
    spaced: String,
    english: String,
    pairs: Pairs,
}

/// Which pairs of neighbouring characters occur, roughly: a cue whose first pair does not occur is passed over.
struct Pairs([u64; 64]);

impl Pairs {
    fn new(views: [&str; 2]) -> Pairs {
        let mut pairs = Pairs([0; 64]);
        for view in views {
            for (first, second) in view.chars().zip(view.chars().skip(1)) {
                let bit = Pairs::bit(first, second);
                pairs.0[bit / 64] |= 1 << (bit % 64);
            }
        }
        pairs
    }

    fn bit(first: char, second: char) -> usize {
        ((first as u32).wrapping_mul(0x9E37) ^ (second as u32).wrapping_mul(0x85EB)) as usize % 4096
    }

    fn may_hold(&self, cue: &str) -> bool {
        let mut chars = cue.chars();
        let (Some(first), Some(second)) = (chars.next(), chars.next()) else { return true };
        let bit = Pairs::bit(first, second);
        second == '*' || self.0[bit / 64] >> (bit % 64) & 1 == 1
    }
}

impl Cues {
    pub(crate) fn new(text: &Text) -> Cues {
        let mut low = text.low.clone();
        low.dedup_by(|next, last| next == last && is_mark(*next));
        if low.len() > CUE_HEAD_CHARS + CUE_TAIL_CHARS {
            low.drain(CUE_HEAD_CHARS..low.len() - CUE_TAIL_CHARS);
        }
        let nexts = |at: usize| low[at + 1..].iter().copied().find(|c| !c.is_whitespace());
        let spaced = (0..low.len()).map(|at| spelling::syllable(low[at], || nexts(at))).collect::<String>();
        let korean = spaced.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let mut english = String::with_capacity(low.len() + 2);
        english.push(' ');
        for c in low.iter().filter(|c| **c != '\'') {
            if c.is_ascii_alphanumeric() || is_mark(*c) {
                english.push(*c);
            } else if !english.ends_with(' ') {
                english.push(' ');
            }
        }
        if !english.ends_with(' ') {
            english.push(' ');
        }
        let english = mended(english);
        let pairs = Pairs::new([&korean, &english]);
        Cues { korean, spaced, english, pairs }
    }

    /// Whether the turn says one of `cues`. An English cue is whole words; a trailing `*` lets its last word go on.
    pub(crate) fn any(&self, cues: &[&str]) -> bool {
        cues.iter().any(|cue| self.pairs.may_hold(cue) && self.one(cue))
    }

    fn one(&self, cue: &str) -> bool {
        if !cue.starts_with(|c: char| c.is_ascii_alphanumeric() || is_mark(c)) {
            return self.korean.contains(cue);
        }
        let (stem, open) = cue.strip_suffix('*').map_or((cue, false), |stem| (stem, true));
        self.english.match_indices(stem).any(|(at, _)| {
            let bytes = self.english.as_bytes();
            bytes[at - usize::from(at > 0)] == b' ' && (open || bytes.get(at + stem.len()) == Some(&b' '))
        })
    }

    /// Whether the turn begins with one of `cues`.
    pub(crate) fn starts(&self, cues: &[&str]) -> bool {
        cues.iter().any(|cue| {
            if cue.starts_with(|c: char| c.is_ascii_alphanumeric()) {
                let (stem, open) = cue.strip_suffix('*').map_or((*cue, false), |stem| (stem, true));
                self.english.trim_start().strip_prefix(stem).is_some_and(|rest| open || rest.starts_with(' '))
            } else {
                self.korean.starts_with(cue)
            }
        })
    }

    /// Whether nothing is said but `words` (one word in five may be another).
    pub(crate) fn made_of(&self, words: &[&[&str]]) -> bool {
        let (foreign, total) = self.foreign(words);
        foreign * 5 <= total
    }

    /// Whether nearly nothing is said but `words`: one word in four may be another.
    pub(crate) fn is_about(&self, words: &[&[&str]]) -> bool {
        let (foreign, total) = self.foreign(words);
        foreign * 4 <= total
    }

    /// Whether the turn speaks of a thing that is none of `ours`: "my gym membership", "the moon".
    pub(crate) fn owns_other(&self, ours: &[&[&str]]) -> bool {
        let said: Vec<&str> = self.english.split_whitespace().collect();
        let known = |rest: &[&str]| {
            ours.iter().flat_map(|words| words.iter()).any(|word| phrase(rest, word).is_some())
        };
        let owner = |word: &str| matches!(word, "my" | "our" | "his" | "her" | "their" | "the");
        (1..said.len()).any(|at| owner(said[at - 1]) && !said[at].starts_with(is_mark) && !known(&said[at..]))
    }

    /// How many words are of another world: English ones that are none of `known`, Korean ones that neither begin with
    /// one of them nor are made of them. The verb that a Korean turn ends in may be any.
    pub(crate) fn strays(&self, known: &[&[&str]]) -> usize {
        let all = || known.iter().flat_map(|words| words.iter().copied());
        let said: Vec<&str> = self.english.split_whitespace().collect();
        let (mut at, mut strays) = (0, 0);
        while at < said.len() {
            let numeric = said[at].chars().all(|c| c.is_ascii_digit() || is_mark(c));
            let longest = all().filter_map(|known| phrase(&said[at..], known)).max();
            // "smoothly" says how, not what.
            strays += usize::from(longest.is_none() && !numeric && !said[at].ends_with("ly"));
            at += longest.unwrap_or(1);
        }
        let hangul = |word: &&str| word.contains(is_hangul);
        let words: Vec<&str> = self.spaced.split(|c| !is_wordy(c)).filter(hangul).collect();
        // With the word after it: `되고 있어` is known where `되고있` is.
        let foreign = |pair: &&[&str]| !belongs(pair[0], pair[1], &all);
        strays + words.windows(2).filter(foreign).count()
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
            let longest = all()
                .filter(|known| !known.is_ascii() && rest.starts_with(**known))
                .map(|known| known.len())
                .max();
            total += 1;
            foreign += usize::from(longest.is_none());
            rest = &rest[longest.unwrap_or(c.len_utf8())..];
        }
        (foreign, total)
    }

    /// Whether the last of `later` stands after the last of `earlier` in the Korean part: its verb comes last.
    pub(crate) fn korean_ends_later(&self, later: &[&str], earlier: &[&str]) -> bool {
        let last = |cues: &[&str]| {
            cues.iter().filter(|cue| !cue.is_ascii()).filter_map(|cue| self.korean.rfind(*cue)).max()
        };
        last(later).is_some_and(|at| last(earlier).is_none_or(|before| at > before))
    }

    pub(crate) fn is_question(&self) -> bool {
        self.korean.trim_end_matches(|c: char| !c.is_ascii_punctuation() && !is_wordy(c)).ends_with('?')
            || self.korean.contains('?')
    }

    /// Whether a question mark follows the last of `mark`.
    pub(crate) fn asks_of(&self, mark: char) -> bool {
        let asked = self.korean.rfind('?');
        asked.is_some_and(|asked| self.korean.rfind(mark).is_some_and(|said| said < asked))
    }

    /// Whether the turn is one of `cues` and nothing else.
    pub(crate) fn is_only(&self, cues: &[&str]) -> bool {
        cues.contains(&self.korean.as_str())
    }

    /// How many words or syllables the turn has, roughly.
    pub(crate) fn words(&self) -> usize {
        self.english.split_whitespace().count()
    }

    pub(crate) fn korean(&self) -> &str {
        &self.korean
    }
}

/// Whether a Korean word begins with a stem that is known, of two syllables or of a verb, or is made of known pieces.
fn belongs<'a, I: Iterator<Item = &'a str>>(word: &str, next: &str, known: &impl Fn() -> I) -> bool {
    let longest = |rest: &str| {
        known().filter(|piece| !piece.is_ascii() && rest.starts_with(*piece)).map(str::len).max()
    };
    let mut rest = word.trim_start_matches(|c: char| c.is_ascii());
    let glued = format!("{rest}{next}");
    // `순조롭게`, `천천히`: how, not what.
    if rest.ends_with(['게', '히']) && rest.chars().count() > 2 {
        return true;
    }
    let verb = FAILURE.iter().any(|stem| !stem.is_ascii() && rest.starts_with(stem));
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

/// The English view with what was typed in a hurry as it was meant.
fn mended(english: String) -> String {
    if english.split(' ').all(|word| spelling::meant(word).is_none()) {
        return english;
    }
    english.split(' ').map(|word| spelling::meant(word).unwrap_or(word)).collect::<Vec<_>>().join(" ")
}

/// How many of `said` the known phrase takes up.
fn phrase(said: &[&str], known: &str) -> Option<usize> {
    let mut count = 0;
    for part in known.split(' ') {
        let word = said.get(count)?;
        let fits = part.strip_suffix('*').map_or(part == *word, |stem| word.starts_with(stem));
        count = fits.then_some(count + 1)?;
    }
    Some(count)
}

fn is_mark(c: char) -> bool {
    matches!(c, PATH | MODEL | JOB | VALUE | CLASS)
}
