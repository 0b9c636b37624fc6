//! The text of a turn, normalised once, with what has been understood masked out as it is understood.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use crate::spelling;

/// What stands in the place of something understood. Private-use characters, which no input keeps.
pub(crate) const PATH: char = '\u{E000}';
pub(crate) const MODEL: char = '\u{E001}';
pub(crate) const JOB: char = '\u{E002}';
pub(crate) const VALUE: char = '\u{E003}';
pub(crate) const CLASS: char = '\u{E004}';

/// The longest run of spaces that is kept.
const SPACES: usize = 16;
/// What the cue views take of a long turn: its first characters and its last.
const CUE_HEAD_CHARS: usize = 400;
const CUE_TAIL_CHARS: usize = 200;

/// Characters of the turn: `raw` as written, `low` lower-cased and masked. Both have the same length.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) raw: Vec<char>,
    pub(crate) low: Vec<char>,
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
        let low = raw.iter().map(|c| c.to_lowercase().next().unwrap_or(*c)).collect();
        Text { raw, low }
    }

    pub(crate) fn len(&self) -> usize {
        self.low.len()
    }

    /// The words as written.
    pub(crate) fn said(&self, range: Range<usize>) -> String {
        self.raw[range].iter().collect::<String>().trim().to_owned()
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

pub(crate) fn is_hangul(c: char) -> bool {
    ('가'..='힣').contains(&c)
}

/// A letter or digit of a Latin word, or a Hangul syllable.
pub(crate) fn is_wordy(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || is_hangul(c) || (!c.is_ascii() && c.is_alphanumeric())
}

/// Whether a syllable ends in a consonant, and whether that is `ㄹ`.
pub(crate) fn final_consonant(c: char) -> (bool, bool) {
    let index = if is_hangul(c) { (c as u32 - '가' as u32) % 28 } else { 0 };
    (index != 0, index == 8)
}

/// Two views of the text for cues: Korean without any spaces, English as single-spaced words.
pub(crate) struct Cues {
    korean: String,
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
        let korean: String = low.iter().filter(|c| !c.is_whitespace()).collect();
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
        Cues { korean, english, pairs }
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

    /// Whether two words in three, or all but one, are among `words`.
    pub(crate) fn known_share(&self, words: &[&[&str]]) -> bool {
        let (foreign, total) = self.foreign(words);
        foreign <= 1 || foreign * 3 <= total
    }

    /// English words and Korean pieces that are none of `words`, and how many there are in all.
    fn foreign(&self, words: &[&[&str]]) -> (usize, usize) {
        let all = || words.iter().flat_map(|words| words.iter());
        let (mut total, mut foreign) = (0, 0);
        let said: Vec<&str> = self.english.split_whitespace().collect();
        let mut at = 0;
        while at < said.len() {
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

    /// How many words or syllables the turn has, roughly.
    pub(crate) fn words(&self) -> usize {
        self.english.split_whitespace().count()
    }

    pub(crate) fn korean(&self) -> &str {
        &self.korean
    }
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
