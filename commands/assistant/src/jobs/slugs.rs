//! Jobs by names that are joined of parts: `run-0412`, `weld-b`.

use std::ops::Range;

use crate::text::{JOB, Text, is_wordy};

/// What such a name begins with where it can be nothing else.
const RUNS: [&str; 6] = ["run", "exp", "job", "trial", "train", "experiment"];
const NAME_CHARS: usize = 64;

/// `run-0412`: a name that begins with what it is, masked out before anybody reads its number.
pub(crate) fn take_run(text: &mut Text) -> Option<String> {
    let name = (0..text.len()).find_map(|at| run_at(text, at))?;
    text.mask(name.clone(), JOB);
    Some(text.said(name))
}

/// Such a name at `at`.
pub(super) fn run_at(text: &Text, at: usize) -> Option<Range<usize>> {
    let name = joined_at(text, at)?;
    let first = (name.start..name.end).find(|here| is_joint(text.low[*here]))?;
    let head: String = text.low[name.start..first].iter().collect();
    let numbered = text.low[first..name.end].iter().any(char::is_ascii_digit);
    (RUNS.contains(&head.as_str()) && numbered).then_some(name)
}

/// In a turn that is about a job: the one name that is joined of parts.
pub(crate) fn called_alone(text: &Text) -> Option<String> {
    let mut names = (0..text.len()).filter_map(|at| joined_at(text, at));
    let name = names.next().filter(|_| names.next().is_none())?;
    Some(text.said(name))
}

fn is_joint(c: char) -> bool {
    matches!(c, '-' | '_')
}

/// The name of Latin letters, digits and joints that begins at `at`.
fn joined_at(text: &Text, at: usize) -> Option<Range<usize>> {
    let before = text.before(at);
    if !text.at(at).is_ascii_alphabetic() || is_wordy(before) || is_joint(before) || before == '.' {
        return None;
    }
    let part = |c: char| c.is_ascii_alphanumeric() || is_joint(c);
    let end = (at..text.len()).find(|here| !part(text.low[*here])).unwrap_or(text.len());
    let end = (at..end).rev().find(|here| !is_joint(text.low[*here])).map_or(at, |last| last + 1);
    let joined = text.low[at..end].iter().any(|c| is_joint(*c));
    (joined && end - at <= NAME_CHARS && text.at(end) != '/').then_some(at..end)
}
