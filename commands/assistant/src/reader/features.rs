//! What the model looks at: pieces of the masked text, and what is known beside it.

use unicode_normalization::UnicodeNormalization;

use crate::draft::Before;
use crate::intents::Found;
use crate::spelling;
use crate::text::{Text, is_hangul};

/// A long turn is read by its beginning and its end.
const HEAD_CHARS: usize = 400;
const TAIL_CHARS: usize = 200;
/// Pieces of words, in characters.
const PIECES: std::ops::RangeInclusive<usize> = 1..=5;
/// The same across the spaces that people leave out, and put in.
const UNSPACED: std::ops::RangeInclusive<usize> = 2..=4;

/// Pieces of Korean words in letters, of which a slip of the fingers changes few.
const LETTERS: std::ops::RangeInclusive<usize> = 3..=5;

/// The features that a turn has, by their hashes, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Features {
    /// Of the text.
    pub words: Vec<u64>,
    /// Of what is known beside it.
    pub state: Vec<u64>,
}

/// What is known beside the words of a turn.
#[derive(Clone, Copy, Debug, Default)]
pub struct State {
    pub(crate) found: Found,
    pub(crate) before: Before,
    /// The open proposal has no data yet, which has been asked for.
    pub(crate) lacks_data: bool,
}

impl Features {
    pub(crate) fn of(text: &Text, state: State) -> Features {
        let plain = plain(text);
        let mut words = Vec::with_capacity(plain.len() * 8);
        pieces(&format!(" {plain} "), PIECES, 'p', &mut words);
        let unspaced: String = plain.chars().filter(|c| *c != ' ').collect();
        pieces(&format!("^{unspaced}$"), UNSPACED, 'u', &mut words);
        for word in plain.split(' ').filter(|word| word.contains(is_hangul)) {
            pieces(&format!("^{}$", letters(word)), LETTERS, 'j', &mut words);
        }
        let said: Vec<&str> = plain.split(' ').filter(|word| !word.is_empty()).collect();
        let open = if state.found.open { "o" } else { "c" };
        for (at, word) in said.iter().enumerate() {
            words.push(hash(&["w", word]));
            words.push(hash(&["s", open, word]));
            let next = said.get(at + 1).copied().unwrap_or("$");
            words.push(hash(&["b", word, next]));
        }
        if let Some(first) = said.first() {
            words.push(hash(&["f", first]));
        }
        // In a story what is wanted stands in one of its sentences, mostly the last.
        let sentences: Vec<&str> = sentences(&plain);
        if let [first, .., last] = sentences[..] {
            for (kind, sentence) in [("i", first), ("l", last)] {
                words.extend(sentence.split(' ').map(|word| hash(&[kind, word])));
                let said: Vec<&str> = sentence.split(' ').collect();
                words.extend(said.windows(2).map(|pair| hash(&[kind, pair[0], pair[1]])));
            }
        }
        // A short turn is often the whole of what is said, and its last words are where Korean has the verb.
        words.push(hash(&["whole", &unspaced]));
        words.push(hash(&["whole", open, &unspaced]));
        words.sort_unstable();
        words.dedup();
        Features { words, state: known(state, &plain) }
    }
}

fn sentences(plain: &str) -> Vec<&str> {
    plain.split(['.', '!', '?', '\n']).map(str::trim).filter(|it| !it.is_empty()).collect()
}

fn known(State { found, before, lacks_data }: State, plain: &str) -> Vec<u64> {
    let bits = [
        ("task", found.task),
        ("classes", found.classes),
        ("path", found.path),
        ("image", found.image),
        ("job", found.job),
        ("setting", found.setting),
        ("device", found.only_device),
        ("changed", found.changed),
        ("named", found.named),
        ("resized", found.resized),
        ("open", found.open),
        ("described", found.open_described),
        ("lacks data", lacks_data),
        ("question", plain.contains('?')),
        ("short", plain.chars().count() < 6),
        ("long", plain.chars().count() > 80),
    ];
    let set: Vec<&str> = bits.iter().filter(|(_, set)| *set).map(|(name, _)| *name).collect();
    let mut state: Vec<u64> = set.iter().map(|name| hash(&["k", name])).collect();
    let models = ["none", "one", "two"][found.models.min(2)];
    state.push(hash(&["models", models]));
    for (at, one) in set.iter().enumerate() {
        state.push(hash(&["km", one, models]));
        state.extend(set[at + 1..].iter().map(|other| hash(&["kk", one, other])));
    }
    state.extend(before.asked.map(|asked| hash(&["asked", asked.name()])));
    state.extend(before.said.map(|said| hash(&["said", said.name()])));
    state.push(hash(&["always"]));
    state
}

/// Lower case, runs of digits as one, runs of the same mark as one, single spaces, slips of tense mended.
fn plain(text: &Text) -> String {
    let mut low = text.low.clone();
    if low.len() > HEAD_CHARS + TAIL_CHARS {
        low.drain(HEAD_CHARS..low.len() - TAIL_CHARS);
    }
    let next = |at: usize| low[at + 1..].iter().copied().find(|c| !c.is_whitespace());
    let mut plain = String::with_capacity(low.len() * 3);
    let mut last = ' ';
    for (at, typed) in low.iter().enumerate() {
        let c = match spelling::syllable(*typed, || next(at)) {
            c if c.is_ascii_digit() => '0',
            c if c.is_whitespace() => ' ',
            c => c,
        };
        let repeats = c == last && (matches!(c, ' ' | '0') || !c.is_alphanumeric());
        if !repeats {
            plain.push(c);
        }
        last = c;
    }
    plain.trim().to_owned()
}

fn pieces(text: &str, lengths: std::ops::RangeInclusive<usize>, kind: char, into: &mut Vec<u64>) {
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let mut buffer = [0; 4];
    let kind = kind.encode_utf8(&mut buffer);
    for length in lengths {
        for window in starts.windows(length + 1) {
            into.push(hash(&[kind, &text[window[0]..window[length]]]));
        }
    }
}

/// A Korean word in the letters that it is typed with.
fn letters(word: &str) -> String {
    word.nfd().collect()
}

/// FNV-1a, with something between the parts.
pub(super) fn fnv<'p>(parts: impl Iterator<Item = &'p str>) -> u64 {
    let bytes = parts.flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

pub(crate) fn hash(parts: &[&str]) -> u64 {
    let hash = fnv(parts.iter().copied());
    // The low bits of FNV are weak, and choose the bucket.
    hash ^ (hash >> 29)
}
