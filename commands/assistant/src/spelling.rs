//! What a word typed in a hurry is meant to be.

use std::cmp::Ordering;

use crate::lexicon::spelling::{ENDINGS, MEANT, TENSES, VERBS, WORDS};

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

/// The turn with each verb that a slip of one letter hides as it was meant: `resmue`, `segement`. Names and paths stay.
pub(crate) fn with_verbs(raw: Vec<char>) -> Vec<char> {
    let mut written: Vec<char> = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        let end = (at..raw.len()).find(|here| !raw[*here].is_ascii_alphabetic()).unwrap_or(raw.len());
        let alone = |c: Option<&char>| c.is_none_or(|c| matches!(c, ' ' | '\n' | ',' | '!' | '?' | ':'));
        let stops = raw.get(end) == Some(&'.') && raw.get(end + 1).is_none_or(|c| c.is_whitespace());
        let stands =
            alone(at.checked_sub(1).and_then(|before| raw.get(before))) && (alone(raw.get(end)) || stops);
        let meant = if stands && end - at > SLIP_CHARS_MIN { verb(&raw[at..end]) } else { None };
        match meant {
            Some(verb) => written.extend(verb.chars()),
            None => written.extend(&raw[at..end.max(at + 1)]),
        }
        at = end.max(at + 1);
    }
    written
}

/// The one verb that is a letter left out, put in or swapped with its neighbour away, but for the ending.
fn verb(typed: &[char]) -> Option<&'static str> {
    let first = typed.first()?.to_ascii_lowercase();
    let may_be = |verb: &&str| verb.starts_with(first) && verb.len().abs_diff(typed.len()) < 2;
    if !VERBS.iter().any(may_be) {
        return None;
    }
    let low: String = typed.iter().map(char::to_ascii_lowercase).collect();
    let mut near = VERBS.iter().copied().filter(|verb| is_slip(low.as_bytes(), verb.as_bytes()));
    near.next().filter(|_| near.next().is_none())
}

fn is_slip(typed: &[u8], verb: &[u8]) -> bool {
    if typed.first() != verb.first() || typed.len().abs_diff(verb.len()) > 1 || typed == verb {
        return false;
    }
    let start = typed.iter().zip(verb).take_while(|(left, right)| left == right).count();
    let (left, right) = (&typed[start..], &verb[start..]);
    match left.len().cmp(&right.len()) {
        Ordering::Equal => {
            left.len() > 1 && left[0] == right[1] && left[1] == right[0] && left[2..] == right[2..]
        }
        // The last letter is the ending of a verb: "resumed", "detects".
        Ordering::Less => left.len() > 1 && *left == right[1..],
        Ordering::Greater => left.len() > 1 && left[1..] == *right,
    }
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

    fn written(said: &str) -> String {
        with_verbs(said.chars().collect()).into_iter().collect()
    }

    #[test]
    fn verbs_that_a_slip_hides_are_read() {
        for (said, meant) in [
            ("oh its stoped. resmue job 4", "oh its stoped. resume job 4"),
            ("segement kelp and urchin", "segment kelp and urchin"),
            ("delpoy job 2, please", "deploy job 2, please"),
            ("cacnel that", "cancel that"),
            ("regsiter this model", "register this model"),
            ("promtoe v3", "promote v3"),
            ("clasify cats and dogs", "classify cats and dogs"),
            ("detecct cracks", "detect cracks"),
            ("Aprove it", "approve it"),
            ("poeple 탐지, dteect 하자", "poeple 탐지, detect 하자"),
        ] {
            assert_eq!(written(said), meant);
        }
    }

    #[test]
    fn what_is_no_slip_of_a_verb_stays_as_it_is() {
        for said in [
            "who detected defects and segments",
            "it was deployed, resumed, cancelled and approved",
            "job resmue-run of /data/segement/kelp",
            "cancer cells in data_clasify",
            "the registers of employees",
            "a presumed sediment",
            "consume the resumes",
            "canal, camel and cancels",
            "detach the reject",
            "promotes 'clasify'",
        ] {
            assert_eq!(written(said), said);
        }
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
