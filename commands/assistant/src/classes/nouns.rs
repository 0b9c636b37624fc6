//! What may be the name of a class, and what belongs to the sentence around it.

use std::ops::Range;

use super::words::{particle_off, words};
use crate::lexicon::classes::{ASIDES, CLAUSE_ENDS, GENERIC, MODIFIERS, SHOWN};
use crate::lexicon::common::KOREAN;
use crate::lexicon::nouns::NOUNS;
use crate::text::{Text, is_hangul, is_wordy};

pub(super) fn is_noun(text: &Text, item: &Range<usize>) -> bool {
    let parts = words(text, item.clone());
    let said = |range: &Range<usize>| text.low[range.clone()].iter().collect::<String>();
    let wordy = text.low[item.clone()].iter().all(|c| is_wordy(*c) || matches!(c, ' ' | '-' | '\'' | '.'));
    let modified = parts.iter().any(|part| MODIFIERS.contains(&said(part).as_str()));
    let generic = parts.iter().any(|part| GENERIC.contains(&said(part).as_str()));
    let aside = ASIDES.contains(&said(item).as_str());
    let hangul = text.low[item.clone()].iter().any(|c| is_hangul(*c));
    wordy
        && !modified
        && !generic
        && !aside
        && !parts.is_empty()
        && (hangul || parts.len() < 3)
        && text.low[item.clone()].iter().any(|c| c.is_alphabetic() || c.is_ascii_digit())
}

/// `고양이 강아지 분류`: two or more nouns of one kind, or two that end alike, with spaces alone.
pub(super) fn kind_nouns(text: &Text, start: usize, end: usize) -> Option<Vec<Range<usize>>> {
    let parts = words(text, start..end);
    let mut kinds: Vec<usize> = (0..NOUNS.len()).collect();
    let mut count = 0;
    for part in parts.iter().rev() {
        let said: String = text.low[part.clone()].iter().collect();
        let common: Vec<usize> =
            kinds.iter().copied().filter(|kind| NOUNS[*kind].contains(&said.as_str())).collect();
        if common.is_empty() {
            break;
        }
        (kinds, count) = (common, count + 1);
    }
    let alike = count < 2 && matches!(parts.as_slice(), [.., one, other] if ends_alike(text, one, other));
    let count = if alike { 2 } else { count };
    (count > 1).then(|| parts[parts.len() - count..].to_vec())
}

/// `진품 가품`, `암컷 수컷`: two short nouns that differ but for the last syllable.
fn ends_alike(text: &Text, one: &Range<usize>, other: &Range<usize>) -> bool {
    let (one, other) = (&text.low[one.clone()], &text.low[other.clone()]);
    one.len() == other.len()
        && (2..=3).contains(&one.len())
        && one.iter().chain(other).all(|c| is_hangul(*c))
        && one[0] != other[0]
        && one.last() == other.last()
        && !SHOWN.contains(&other.iter().collect::<String>().as_str())
}

/// `축구 선수랑 공이랑`: where all that is said before a spoken "and" is two nouns, they are one class. What belongs to the
/// sentence has a particle there, or is a word of every conversation.
pub(super) fn is_compound(text: &Text, parts: &[Range<usize>], end: usize) -> bool {
    let [first, _] = parts else { return false };
    let said: String = text.low[first.clone()].iter().collect();
    let plain = said.chars().all(is_hangul)
        && particle_off(text, first.start, first.end) == first.end
        && ![SHOWN, MODIFIERS, GENERIC, KOREAN].iter().any(|words| words.contains(&said.as_str()))
        && !ends_clause(text, first);
    plain && text.any_at(end, &["이랑", "랑"]).is_some()
}

/// Whether an item is rather the end of another clause: a particle of place or topic, or an ending of a verb.
pub(super) fn ends_clause(text: &Text, item: &Range<usize>) -> bool {
    let said: String = text.low[item.clone()].iter().collect();
    let said = said.trim();
    CLAUSE_ENDS.iter().any(|ending| said == *ending || (ending.chars().count() > 1 && said.ends_with(ending)))
}
