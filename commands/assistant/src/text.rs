//! The text of a turn, normalised once, with what has been understood masked out as it is understood.

use std::ops::Range;

pub(crate) use trainyard_words::particle::{final_consonant, is_hangul};
use unicode_normalization::UnicodeNormalization;

use crate::spelling;
use crate::spoken::{self, Spoken};

/// What stands in the place of something understood. Private-use characters, which no input keeps.
pub(crate) const PATH: char = '\u{E000}';
pub(crate) const MODEL: char = '\u{E001}';
pub(crate) const JOB: char = '\u{E002}';
pub(crate) const VALUE: char = '\u{E003}';
pub(crate) const CLASS: char = '\u{E004}';
pub(crate) const VERSION: char = '\u{E005}';

/// The longest run of spaces that is kept.
const SPACES: usize = 16;

/// Characters of the turn: `raw` as written, `low` lower-cased and masked. Both have the same length.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    pub(crate) raw: Vec<char>,
    pub(crate) low: Vec<char>,
    /// What of `raw` was said in words.
    spoken: Spoken,
}

impl Text {
    /// Composes Hangul, narrows full-width forms, drops what is invisible.
    pub(crate) fn new(text: &str) -> Text {
        let mut raw: Vec<char> = Vec::with_capacity(text.len());
        let mut spaces = 0;
        for c in text.nfc().filter_map(plain) {
            spaces = if c == ' ' { spaces + 1 } else { 0 };
            if spaces <= SPACES {
                raw.push(c);
            }
        }
        let (raw, spoken) = spoken::in_digits(&spelling::with_verbs(raw));
        let raw = parted(raw);
        let low = raw.iter().map(|c| c.to_lowercase().next().unwrap_or(*c)).collect();
        Text { raw, low, spoken }
    }

    pub(crate) fn len(&self) -> usize {
        self.low.len()
    }

    /// The same without what stands in quotation marks, which somebody else says.
    pub(crate) fn unquoted(&self) -> Text {
        let mut text = self.clone();
        let mut at = 0;
        while at < text.len() {
            let close = match text.low[at] {
                '"' => '"',
                '「' => '」',
                '『' => '』',
                '\'' if !is_wordy(text.before(at)) => '\'',
                _ => ' ',
            };
            let end = (at + 1..text.len()).find(|here| close != ' ' && text.low[*here] == close);
            if let Some(end) = end {
                text.mask(at..end + 1, ' ');
            }
            at = end.unwrap_or(at) + 1;
        }
        text
    }

    /// The sentences, each with the mark that ends it.
    pub(crate) fn sentences(&self) -> impl Iterator<Item = Text> {
        let ends = |at: &usize| {
            let next = self.at(at + 1).is_whitespace();
            self.low[*at] == '\n' || matches!(self.low[*at], '.' | '!' | '?') && next
        };
        let ends: Vec<usize> = (0..self.len()).filter(ends).map(|at| at + 1).chain([self.len()]).collect();
        let starts = std::iter::once(0).chain(ends.clone());
        let part = |chars: &[char], range: Range<usize>| chars[range].to_vec();
        let sentence = move |(start, end)| Text {
            raw: part(&self.raw, start..end),
            low: part(&self.low, start..end),
            spoken: self.spoken.clone(),
        };
        starts.zip(ends).map(sentence)
    }

    /// The words as written.
    pub(crate) fn said(&self, range: Range<usize>) -> String {
        self.raw[range].iter().collect::<String>().trim().to_owned()
    }

    /// The same of what something is called: a number that was said in words is no number there.
    pub(crate) fn name(&self, range: Range<usize>) -> String {
        self.spoken.name(self.said(range))
    }

    pub(crate) fn mask(&mut self, range: Range<usize>, mark: char) {
        self.low[range].fill(mark);
    }

    /// The character at `at`, or a space outside.
    pub(crate) fn at(&self, at: usize) -> char {
        self.low.get(at).copied().unwrap_or(' ')
    }

    /// The character before `at`, or a space at the start.
    pub(crate) fn before(&self, at: usize) -> char {
        at.checked_sub(1).map_or(' ', |before| self.low[before])
    }

    /// Reads `pattern` at `at` as a whole word; a space in it stands for any spaces, hyphens or underscores, or none.
    /// Returns where it ends.
    pub(crate) fn word_at(&self, at: usize, pattern: &str) -> Option<usize> {
        let mut here = at;
        let mut last = ' ';
        let mut last_end = at;
        for expected in pattern.chars() {
            if expected == ' ' {
                while here < self.len() && matches!(self.low[here], ' ' | '-' | '_') && here - at < 40 {
                    here += 1;
                }
            } else if self.low.get(here) == Some(&expected) {
                here += 1;
                last = expected;
                last_end = here;
            } else {
                return None;
            }
        }
        let first = pattern.chars().next().unwrap_or(' ');
        let starts = !first.is_ascii_alphabetic() || !self.before(at).is_ascii_alphabetic();
        let ends = !last.is_ascii_alphabetic() || !self.at(last_end).is_ascii_alphabetic();
        (starts && ends).then_some(here)
    }

    /// The Latin letters that start a word at `at`.
    pub(crate) fn latin_word(&self, at: usize) -> Option<Range<usize>> {
        if !self.at(at).is_ascii_alphabetic() || self.before(at).is_ascii_alphanumeric() {
            return None;
        }
        let end = (at..self.len()).find(|here| !self.low[*here].is_ascii_alphabetic()).unwrap_or(self.len());
        Some(at..end)
    }

    /// The longest of `patterns` at `at`.
    pub(crate) fn any_at(&self, at: usize, patterns: &[&str]) -> Option<usize> {
        let first = First::of(self.at(at));
        let mut longest = None;
        for pattern in patterns {
            if first.begins(pattern) {
                longest = longest.max(self.word_at(at, pattern));
            }
        }
        longest
    }

    /// The first place where one of `patterns` stands, from `from` on.
    pub(crate) fn find_any(&self, from: usize, patterns: &[&str]) -> Option<Range<usize>> {
        (from..self.len()).find_map(|at| self.any_at(at, patterns).map(|end| at..end))
    }

    /// The first place at or after `at` that is no space.
    pub(crate) fn skip_spaces(&self, at: usize) -> usize {
        (at..self.len()).find(|at| !self.low[*at].is_whitespace()).unwrap_or(self.len())
    }
}

/// A character by its bytes, so that patterns that begin otherwise are passed over at once.
#[derive(Clone, Copy)]
pub(crate) struct First([u8; 4]);

impl First {
    pub(crate) fn of(c: char) -> First {
        let mut bytes = [0; 4];
        c.encode_utf8(&mut bytes);
        First(bytes)
    }

    /// Whether `pattern` begins with the character, or with a space, which may stand for nothing.
    pub(crate) fn begins(self, pattern: &str) -> bool {
        // Byte by byte: comparing slices would call out for one or two bytes, millions of times.
        match pattern.as_bytes() {
            [b' ', ..] => true,
            [first, second, ..] if self.0[0] >= 0x80 => *first == self.0[0] && *second == self.0[1],
            [first, ..] => *first == self.0[0],
            [] => false,
        }
    }
}

/// Names of settings that are typed right after the value of another.
const GLUED: [&str; 9] =
    ["에폭", "배치", "이미지", "학습률", "시드", "옵티마이저", "욜로", "레즈넷", "우선순위"];

/// `배치는64이미지는256으로` with the spaces that it lacks: before the name of a setting that follows a value.
fn parted(raw: Vec<char>) -> Vec<char> {
    let names = |at: usize| {
        GLUED.iter().any(|name| {
            raw[at..].iter().copied().zip(name.chars()).filter(|(one, other)| one == other).count()
                == name.chars().count()
        })
    };
    let mut parted = Vec::with_capacity(raw.len() + SPACES);
    let mut in_path = false;
    for (at, c) in raw.iter().enumerate() {
        in_path = !c.is_whitespace() && (in_path || matches!(c, '/' | '\\'));
        let after_value = match at.checked_sub(1).map(|before| raw[before]) {
            Some(before) if before.is_ascii_digit() => true,
            Some('로') => {
                at > 1 && (raw[at - 2].is_ascii_digit() || matches!(raw[at - 2], '배' | '반' | '으'))
            }
            _ => false,
        };
        if after_value && !in_path && is_hangul(*c) && names(at) {
            parted.push(' ');
        }
        parted.push(*c);
    }
    parted
}

/// One character of the input as we read it, or nothing for the invisible.
fn plain(c: char) -> Option<char> {
    Some(match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0)?,
        '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{2064}'
        | '\u{FEFF}'
        | '\u{00AD}' => return None,
        '\u{FE00}'..='\u{FE0F}' => return None,
        '\u{E000}'..='\u{F8FF}' => ' ',
        '\u{2018}' | '\u{2019}' | '\u{2032}' => '\'',
        '\u{201C}' | '\u{201D}' | '\u{2033}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '。' => '.',
        '\n' => '\n',
        c if c.is_whitespace() || c.is_control() => ' ',
        c => c,
    })
}

/// A letter or digit of a Latin word, or a Hangul syllable.
pub(crate) fn is_wordy(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || is_hangul(c) || (!c.is_ascii() && c.is_alphanumeric())
}
