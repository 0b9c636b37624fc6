//! The names of the numeric slots, also misspelt, and what follows a name without meaning.

use crate::lexicon::quantities::{KEYS, MORE_KEYS};
use crate::slots::Slot;
use crate::spelling;
use crate::text::{First, Text, is_hangul};

/// `bs64`, `b16`, `ep50`, `lr3e-4`: a short name that its number touches.
pub(super) fn compact_at(text: &Text, at: usize) -> Option<(Slot, usize)> {
    let word = text.latin_word(at)?;
    let number = matches!(text.at(word.end), c if c.is_ascii_digit()) || text.at(word.end) == '.';
    let short: String = text.low[word.clone()].iter().collect();
    let slot = match short.as_str() {
        "b" | "bs" | "bsz" => Slot::BatchSize,
        "e" | "ep" | "eps" => Slot::Epochs,
        "lr" => Slot::LearningRate,
        "im" | "img" | "imgsz" | "sz" | "res" => Slot::ImageSize,
        "pat" => Slot::Patience,
        "wd" => Slot::WeightDecay,
        "mom" | "mu" => Slot::Momentum,
        "seed" => Slot::Seed,
        _ => return None,
    };
    // `lr0=0.02` is a name of its own.
    let is_name =
        short == "lr" && text.at(word.end) == '0' && matches!(text.at(word.end + 1), '=' | ':' | ' ');
    (number && !is_name).then_some((slot, word.end))
}

/// The slot that is named at `at`, whether it is named whatever follows, and where the name ends.
///
/// `seed-sorter` is a name of something else.
pub(super) fn key_at(text: &Text, at: usize) -> Option<(Slot, bool, usize)> {
    let joined = |end: usize| matches!(text.at(end), '-' | '_') && text.at(end + 1).is_ascii_alphabetic();
    named_at(text, at).filter(|(_, _, end)| !text.at(at).is_ascii_alphabetic() || !joined(*end))
}

fn named_at(text: &Text, at: usize) -> Option<(Slot, bool, usize)> {
    let first = First::of(text.at(at));
    let keys = || KEYS.iter().chain(MORE_KEYS).filter(|(word, _, _)| first.begins(word));
    let known =
        keys().filter_map(|(word, slot, strong)| text.word_at(at, word).map(|end| (*slot, *strong, end)));
    known.max_by_key(|(_, _, end)| *end).or_else(|| {
        let word = text.latin_word(at)?;
        let typed: String = text.low[word.clone()].iter().collect();
        let slipped = keys().filter(|(_, _, strong)| *strong).filter_map(|(key, slot, strong)| {
            let (first, rest) = key.split_at(key.find(' ').unwrap_or(key.len()));
            let end = if spelling::slipped(&typed, first) { text.word_at(word.end, rest) } else { None };
            end.map(|end| (*slot, *strong, end))
        });
        slipped.max_by_key(|(_, _, end)| *end)
    })
}

/// Takes in what stands between a name and its number without meaning.
pub(super) fn key_tail(text: &Text, end: usize) -> usize {
    let mut end = end;
    for _ in 0..3 {
        let next = text.skip_spaces(end);
        match text.any_at(
            next,
            &[
                "값", "수", "개수", "횟수", "은", "는", "을", "를", "이", "=", ":", "value", "of", "is",
                "to", "to be", "도", "의", "->",
            ],
        ) {
            // `에폭이십` is twenty, not "the epochs ten".
            Some(_) if text.at(next) == '이' && matches!(text.at(next + 1), '십' | '백' | '천') => break,
            // `학습률 이 곱하기 십의 마이너스 사승`.
            Some(tail) if text.any_at(text.skip_spaces(tail), &["곱하기", "마이너스"]).is_some() => {
                break;
            }
            Some(tail) if !is_hangul(text.at(tail)) || next == end => end = tail,
            _ => break,
        }
    }
    end
}
