//! Lists beside the noun for what is made: "a cat/dog classifier", "a model for A and B".

use std::ops::Range;

use super::{english_list, is_english_noun, text_before, word_before};
use crate::classes::list::split;
use crate::classes::nouns::is_noun;
use crate::classes::words::{is_mark, words};
use crate::text::Text;

/// `a cat and dog classifier`, `cat/dog classification`, `person, car and dog detector`.
pub(super) fn before_maker(text: &Text) -> Option<Vec<Range<usize>>> {
    if let Some(made_for) = text.find_any(
        0,
        &[
            "classifier for",
            "detector for",
            "classification of",
            "detection of",
            "recognition of",
            "model for",
            "segmentation of",
        ],
    ) {
        return english_list(text, text.skip_spaces(made_for.end));
    }
    let maker = text.find_any(
        0,
        &[
            "classifier",
            "classification",
            "detector",
            "detection",
            "segmentation",
            "recognizer",
            "recogniser",
            "recognition",
            "model",
        ],
    )?;
    let start = (0..maker.start)
        .rev()
        .find(|at| {
            is_mark(text.low[*at])
                || matches!(text.low[*at], '.' | '\n' | ':')
                || text.low[*at] == ' '
                    && word_before(text, *at).is_some_and(|word| {
                        let word: String = text.low[word].iter().collect();
                        matches!(
                            word.as_str(),
                            "a" | "an"
                                | "the"
                                | "me"
                                | "my"
                                | "build"
                                | "make"
                                | "train"
                                | "create"
                                | "want"
                                | "need"
                                | "new"
                                | "for"
                                | "with"
                                | "binary"
                                | "good"
                                | "simple"
                        )
                    })
        })
        .map_or(0, |at| at + 1);
    let items = split(text, start, text_before(text, maker.start)).items;
    let fits = items.len() > 1
        && items.iter().all(|item| {
            words(text, item.clone()).len() == 1 && is_noun(text, item) && is_english_noun(text, item)
        });
    let fits = fits
        && !items.iter().any(|item| {
            matches!(
                text.low[item.clone()].iter().collect::<String>().as_str(),
                "object" | "image" | "list" | "compare"
            )
        });
    fits.then_some(items)
}
