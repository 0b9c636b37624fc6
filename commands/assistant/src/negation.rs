//! Whether something said is meant not: "not on the gpu", "백 번 말고", "instead of", "from 10 to 20".

use std::ops::Range;

use crate::lexicon::negation::{AFTER, BEFORE, BETWEEN, PARTICLES};
use crate::text::Text;

/// Whether `range` is denied. `change` also takes "from X" and "X에서" as denying X, when something follows.
pub(crate) fn denied(text: &Text, range: &Range<usize>, change: bool) -> bool {
    let mut at = text.skip_spaces(range.end);
    for _ in 0..4 {
        if text.any_at(at, AFTER).is_some() {
            return true;
        }
        if let Some(end) = text.any_at(at, &["에서", "부터"]) {
            return change && goes_elsewhere(text, text.skip_spaces(end));
        }
        let Some(end) = text.any_at(at, PARTICLES) else { break };
        at = text.skip_spaces(end);
    }
    english_before(text, range.start, change)
}

/// "100에서 50으로": something else follows "from", and no verb that happens there.
fn goes_elsewhere(text: &Text, at: usize) -> bool {
    at < text.len()
        && text.any_at(at, &["학습", "훈련", "돌려", "돌리", "돌아", "실행", "해", "하"]).is_none()
}

fn english_before(text: &Text, start: usize, change: bool) -> bool {
    let mut end = start;
    for _ in 0..4 {
        let Some(word) = last_word(text, end) else { return false };
        let said: String = text.low[word.clone()].iter().collect();
        if BEFORE.contains(&said.as_str()) || (change && matches!(said.as_str(), "from" | "off")) {
            return true;
        }
        if said == "of" || said == "than" {
            let Some(previous) = last_word(text, word.start) else { return false };
            let previous: String = text.low[previous].iter().collect();
            return matches!(previous.as_str(), "instead" | "rather");
        }
        if !BETWEEN.contains(&said.as_str()) {
            return false;
        }
        end = word.start;
    }
    false
}

/// The Latin word that ends before `end`, across spaces only.
pub(crate) fn last_word(text: &Text, end: usize) -> Option<Range<usize>> {
    let stop = (0..end).rev().find(|at| text.low[*at] != ' ')? + 1;
    let start = (0..stop)
        .rev()
        .find(|at| !(text.low[*at].is_ascii_alphabetic() || text.low[*at] == '\''))
        .map_or(0, |at| at + 1);
    (start < stop).then_some(start..stop)
}
