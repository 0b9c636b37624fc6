//! What is told apart by its qualities or by a word between: "ripe and unripe", "cats vs dogs", "real or fake".

use std::ops::Range;

use super::{word_after, word_before};
use crate::classes::words::{is_mark, particle_off, words};
use crate::lexicon::nouns::{CONTRASTS, HEADS};
use crate::text::Text;

/// `photos of ripe and unripe tomatoes`: whoever names both qualities of one noun wants them told apart.
pub(in crate::classes) fn qualities(text: &Text) -> Option<Vec<Range<usize>>> {
    (0..text.len()).find_map(|at| {
        let first = text.latin_word(at).filter(|word| is_quality(text, word))?;
        let link = text.any_at(text.skip_spaces(first.end), &["and", "or", "from", "vs", "versus"])?;
        let second = text.latin_word(text.skip_spaces(link)).filter(|word| is_quality(text, word))?;
        (text.low[first.clone()] != text.low[second.clone()]).then(|| vec![first, second])
    })
}

pub(super) fn is_quality(text: &Text, range: &Range<usize>) -> bool {
    let said: String = text.low[range.clone()].iter().collect();
    CONTRASTS.contains(&said.as_str())
        || (said.starts_with("un") || said.starts_with("non")) && said.len() > 5
}

/// The words on both sides of "vs".
pub(super) fn versus(text: &Text) -> Option<Vec<Range<usize>>> {
    let mut items: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(vs) = text.find_any(at, &["vs.", "vs", "versus", "대"]) {
        let spaced = text.before(vs.start) == ' ' && text.at(vs.end) == ' ';
        if spaced && let (Some(left), Some(right)) = (word_before(text, vs.start), word_after(text, vs.end)) {
            if items.last() != Some(&left) {
                items.push(left);
            }
            let stem = particle_off(text, right.start, right.end);
            items.push(right.start..stem);
        }
        at = vs.end;
    }
    let fits = items.len() > 1
        && items.iter().all(|item| !text.low[item.clone()].iter().any(|c| is_mark(*c) || c.is_ascii_digit()));
    fits.then_some(items)
}

/// `a banknote is real or fake`.
pub(super) fn either(text: &Text) -> Option<Vec<Range<usize>>> {
    let or = text.find_any(0, &["or"])?;
    let (left, right) = (word_before(text, or.start)?, word_after(text, or.end)?);
    let is = word_before(text, left.start)?;
    let is: String = text.low[is].iter().collect();
    let plain = |range: &Range<usize>| text.low[range.clone()].iter().all(|c| c.is_ascii_alphabetic());
    (matches!(is.as_str(), "is" | "are" | "either") && plain(&left) && plain(&right))
        .then(|| vec![left, right])
}

/// `ripe and unripe bananas`: two qualities of one noun.
pub(super) fn contrast(text: &Text, items: &mut [Range<usize>]) {
    let Some((last, others)) = items.split_last_mut() else { return };
    let parts = words(text, last.clone());
    let quality = |range: &Range<usize>| is_quality(text, range);
    let head =
        |range: &Range<usize>| HEADS.contains(&text.low[range.clone()].iter().collect::<String>().as_str());
    let single = others.iter().all(|other| words(text, other.clone()).len() == 1);
    if parts.len() == 2 && (quality(&parts[0]) && others.iter().all(quality) || single && head(&parts[1])) {
        *last = parts[0].clone();
    }
}
