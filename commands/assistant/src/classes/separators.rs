//! What stands between the items of a list: commas, slashes, "and", `와/과/랑/하고`.

use super::words::is_kind_noun;
use crate::lexicon::classes::WORDS_BETWEEN;
use crate::text::{Text, final_consonant, is_hangul};

/// The end of the item at `at`, where the next one starts, and whether a separator stood there.
pub(super) fn next_separator(text: &Text, at: usize, end: usize) -> (usize, usize, bool) {
    for here in at..end {
        let c = text.low[here];
        if matches!(c, ',' | ';' | '/' | '·' | '、' | '|' | '&' | '+' | 'ㆍ' | '•') {
            let mut next = text.skip_spaces(here + 1);
            if let Some(after) = text.any_at(
                next,
                &[
                    "and",
                    "or",
                    "그리고",
                    "및",
                    "또는",
                    "그리고 마지막으로",
                    "마지막으로",
                    "and finally",
                    "and lastly",
                ],
            ) {
                next = text.skip_spaces(after);
            }
            return (here, next, true);
        }
        if c == ' ' {
            let next = text.skip_spaces(here);
            if let Some(after) = text.any_at(next, WORDS_BETWEEN)
                && matches!(text.at(after), ' ' | ',')
            {
                // "pallets and, well, people".
                let after = after + usize::from(text.at(after) == ',');
                return (here, text.skip_spaces(after).min(end), true);
            }
            if let Some(stem) = conjoined(text, at, here) {
                return (stem, next.min(end), true);
            }
        }
    }
    (end, end, false)
}

/// The end of a noun that `와/과/랑/이랑/하고` joins to the next, if one ends at `end`.
fn conjoined(text: &Text, start: usize, end: usize) -> Option<usize> {
    ["이랑", "하고", "랑", "와", "과"].iter().find_map(|particle| {
        let length = particle.chars().count();
        let stem = end.checked_sub(length).filter(|stem| *stem > start)?;
        if !text.low[stem..end].iter().copied().eq(particle.chars()) {
            return None;
        }
        let (closed, _) = final_consonant(text.low[stem - 1]);
        let hangul = is_hangul(text.low[stem - 1]);
        let word: String = text.low[end.saturating_sub(4).max(start)..end].iter().collect();
        let fits = match *particle {
            "이랑" => {
                (!hangul || closed) && !is_kind_noun(&text.low[stem.saturating_sub(5).max(start)..=stem])
            }
            "과" => (!hangul || closed) && !word.trim().ends_with("결과") && !word.trim().ends_with("학과"),
            "와" | "랑" => !hangul || !closed,
            _ => true,
        };
        fits.then_some(stem)
    })
}
