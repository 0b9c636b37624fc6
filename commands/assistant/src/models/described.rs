//! Size words that tell how something else is: "animals look small", "my card is small", `더 작은 물체`.

use crate::lexicon::models::{ADNOMINAL, BESIDE_SIZES, LOOKS, SIZED_NOUNS};
use crate::negation::last_word;
use crate::text::{MODEL, Text, is_hangul, is_wordy};

/// Whether the word of size in `start..end` describes something that is no model: by a verb of being or looking before it, or
/// by the noun behind it.
pub(super) fn describes(text: &Text, start: usize, end: usize) -> bool {
    if is_hangul(text.at(start)) {
        return describes_in_korean(text, end);
    }
    let compares = text.low[..end].ends_with(&['e', 'r']);
    let said = last_word(text, start).map(|word| text.low[word].iter().collect::<String>());
    let looks = said.is_some_and(|word| LOOKS.contains(&word.as_str()));
    looks && !compares || text.latin_word(text.skip_spaces(end)).is_some_and(|word| is_other_noun(text, word))
}

/// "small objects": a word behind the size that neither names a model nor leads the sentence on.
fn is_other_noun(text: &Text, word: std::ops::Range<usize>) -> bool {
    let known = |words: &[&str]| text.any_at(word.start, words).is_some_and(|end| end >= word.end);
    !known(SIZED_NOUNS) && !known(BESIDE_SIZES) && text.at(word.end) != MODEL
}

/// `더 작은 물체도`: what stands behind the form of a verb that leads to a noun.
fn describes_in_korean(text: &Text, end: usize) -> bool {
    let next = text.skip_spaces(end);
    let leads = ADNOMINAL.contains(&text.before(end)) && next > end && is_wordy(text.at(next));
    let noun = text.any_at(next, SIZED_NOUNS);
    // `더 작은 것도` is one more thing, and no model.
    let also = noun.is_some_and(|end| text.at(end) == '도');
    leads && is_hangul(text.at(next)) && (noun.is_none() || also)
}
