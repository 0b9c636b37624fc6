//! Words that take back what was named for what follows them: "no", "I mean", `아 미안`.

use std::ops::Range;

use crate::lexicon::corrections::{MORE, REPEATED};
use crate::lexicon::quantities::CORRECTIONS;
use crate::text::{Text, is_hangul, is_wordy};

/// How far before what it leads to such a word may stand.
const CHARS: usize = 48;

/// Whether a word of correction stands in `between` and leads to its end, with nothing after it but what is said once more:
/// "scratch that, the status of job 6". What is `bare`, a number like any other, has to stand right behind the word.
pub(crate) fn leads(text: &Text, between: Range<usize>, bare: bool) -> bool {
    let near = between.start.max(between.end.saturating_sub(CHARS));
    let leads_from = |at| {
        let end = correction_at(text, at, between.end)?;
        Some(is_repeated(text, end..between.end, bare))
    };
    (near..between.end).any(|at| leads_from(at).unwrap_or_default())
}

fn correction_at(text: &Text, at: usize, to: usize) -> Option<usize> {
    if is_wordy(text.before(at)) {
        return None;
    }
    let end = text.any_at(at, CORRECTIONS).max(text.any_at(at, MORE))?;
    // `아니면` is "or", and "no. 5" is a number.
    let goes_on = is_hangul(text.at(end)) && text.at(end) != '요';
    let number = text.low[at..end] == ['n', 'o'] && text.at(end) == '.' && text.at(end + 1).is_ascii_digit();
    (end <= to && !goes_on && !number).then_some(end)
}

/// Whether nothing stands there but what joins a correction to what it leads to.
fn is_repeated(text: &Text, between: Range<usize>, bare: bool) -> bool {
    let (mut at, to) = (between.start, between.end);
    while at < to {
        let said = || text.any_at(at, REPEATED).filter(|_| !bare).or(correction_at(text, at, to));
        at = match text.low[at] {
            ' ' | ',' | '.' | '#' | '-' | '!' | '~' => at + 1,
            _ => match said() {
                Some(end) => end,
                None => return false,
            },
        };
    }
    true
}
