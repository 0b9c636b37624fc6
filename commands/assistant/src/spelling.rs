//! What a word typed in a hurry is meant to be.

use crate::lexicon::spelling::{ENDINGS, MEANT, TENSES, WORDS};

/// The shortest word in which a slip is looked for: in shorter ones it is as likely another word.
const SLIP_CHARS_MIN: usize = 5;

/// The word meant by `word`, where it is not that word already.
pub(crate) fn meant(word: &str) -> Option<&'static str> {
    if let Some((_, meant)) = MEANT.iter().find(|(typed, _)| *typed == word) {
        return Some(meant);
    }
    if word.len() < SLIP_CHARS_MIN || WORDS.contains(&word) {
        return None;
    }
    WORDS.iter().copied().find(|known| slipped(word, known))
}

/// A Korean syllable of tense typed with ㅅ for ㅆ, before an ending: `됫어` is 됐어. 햇빛 stays.
pub(crate) fn syllable(typed: char, next: impl FnOnce() -> Option<char>) -> char {
    let slip = TENSES.iter().find(|(wrong, _)| *wrong == typed);
    slip.filter(|_| next().is_none_or(|next| ENDINGS.contains(next))).map_or(typed, |(_, right)| *right)
}

/// Whether `typed` is `known` with two neighbours swapped, a letter left out or one typed twice. A wrong letter does not
/// count: "trail" is no slip of "train".
pub(crate) fn slipped(typed: &str, known: &str) -> bool {
    let (typed, known) = (typed.as_bytes(), known.as_bytes());
    if typed.len() < SLIP_CHARS_MIN || known.len() < SLIP_CHARS_MIN || typed.first() != known.first() {
        return false;
    }
    let start = typed.iter().zip(known).take_while(|(left, right)| left == right).count();
    let (left, right) = (&typed[start..], &known[start..]);
    match (left.len(), right.len()) {
        (one, other) if one == other => {
            one > 1 && left[0] == right[1] && left[1] == right[0] && left[2..] == right[2..]
        }
        (shorter, longer) if shorter + 1 == longer => longer > 1 && *left == right[1..],
        // Typed twice: the letter before, or the one after.
        (longer, shorter) if longer == shorter + 1 => {
            left[1..] == *right && (typed[start - 1] == left[0] || right.first() == left.first())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_mended() {
        for (typed, known) in [
            ("trian", "train"),
            ("finsih", "finish"),
            ("cancell", "cancel"),
            ("datset", "dataset"),
            ("classifcation", "classification"),
            ("reccomend", "recommend"),
            ("nvm", "never mind"),
        ] {
            assert_eq!(meant(typed), Some(known), "{typed}");
        }
        assert!(slipped("bacth", "batch"));
    }

    #[test]
    fn other_words_are_left_alone() {
        for word in
            ["trail", "raining", "train", "modal", "stats", "state", "seed", "trains", "starts", "detects"]
        {
            assert_eq!(meant(word), None, "{word}");
        }
    }
}
