//! What a turn says beside its slots: cue words looked up in two views of the text, one for each language.

mod known;

use crate::spelling;
use crate::text::{CLASS, JOB, MODEL, PATH, Text, VALUE, VERSION, is_wordy};

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

    /// Whether one of these Korean `cues` stands anywhere but after `before`.
    pub(crate) fn any_but_after(&self, before: char, cues: &[&str]) -> bool {
        let mut found = cues.iter().flat_map(|cue| self.korean.match_indices(cue));
        found.any(|(at, _)| !self.korean[..at].ends_with(before))
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

    pub(crate) fn is_question(&self) -> bool {
        self.korean.trim_end_matches(|c: char| !c.is_ascii_punctuation() && !is_wordy(c)).ends_with('?')
            || self.korean.contains('?')
    }
}

/// The English view with what was typed in a hurry as it was meant.
fn mended(english: String) -> String {
    if english.split(' ').all(|word| spelling::meant(word).is_none()) {
        return english;
    }
    english.split(' ').map(|word| spelling::meant(word).unwrap_or(word)).collect::<Vec<_>>().join(" ")
}

fn is_mark(c: char) -> bool {
    matches!(c, PATH | MODEL | JOB | VALUE | CLASS | VERSION)
}
