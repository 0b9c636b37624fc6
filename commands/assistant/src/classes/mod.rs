//! Finds the classes a turn lists, announced ("클래스는 …", "classes: …") or in prose ("cats vs dogs", "A랑 B를 구분").

mod alone;
mod announced;
mod announced_after;
mod counted;
mod edits;
mod english;
mod korean;
mod list;
mod list_before;
mod nouns;
mod separators;
mod words;
mod written;

use alone::alone;
use announced::announced;
use announced_after::announced_after;
use counted::counted;
use english::in_english;
use korean::in_korean;
use written::written;

use std::ops::Range;

use crate::text::{CLASS, Text};

/// How many announcements or verbs are tried, so that repeating one costs no more than this often.
const TRIES: usize = 8;

/// Whether the turn names what is to be told apart: "ripe and unripe tomatoes", `양품인지 불량인지`.
pub(crate) fn contrasts(text: &Text) -> bool {
    english::qualities(text).is_some() || korean::whether(text, text.len()).is_some()
}

/// `정상(1200장), 파손(95장)`: how many there are of each is no part of its name.
fn without_counts(text: &mut Text) {
    for open in (0..text.len()).filter(|at| text.low[*at] == '(').collect::<Vec<_>>() {
        let inside = |at: &usize| text.at(*at).is_ascii_digit() || text.at(*at) == ',';
        let Some(end) = (open + 1..text.len()).find(|at| !inside(at)).filter(|end| *end > open + 1) else {
            continue;
        };
        let unit = text.any_at(text.skip_spaces(end), &["장", "개", "건", "images", "photos", "pcs", "ea"]);
        let close = text.skip_spaces(unit.unwrap_or(end));
        if unit.is_some() && text.at(close) == ')' {
            text.mask(open..close + 1, ' ');
        }
    }
}

/// A list that no word announces.
fn in_prose(text: &Text) -> Option<Vec<Range<usize>>> {
    alone(text).or_else(|| in_korean(text)).or_else(|| in_english(text)).or_else(|| written(text))
}

/// The classes in order, masked out of the text. `prose` also reads lists that no word announces; `listed` are those of
/// the open proposal, which the turn may edit.
pub(crate) fn take(text: &mut Text, prose: bool, listed: &[String]) -> Vec<String> {
    if let Some(edited) = edits::edited(text, listed) {
        for range in edited.said {
            text.mask(range, CLASS);
        }
        return edited.classes;
    }
    without_counts(text);
    let found = counted(text)
        .or_else(|| announced(text))
        .or_else(|| announced_after(text))
        .or_else(|| if prose { in_prose(text) } else { None })
        .unwrap_or_default();
    let found: Vec<Range<usize>> =
        found.into_iter().map(|range| words::without_quotes(text, range)).collect();
    // A picture is no part of a name.
    let name = |range: &Range<usize>| {
        let said = text.name(range.clone());
        said.trim_end_matches(|c: char| !c.is_ascii() && !c.is_alphanumeric()).trim_end().to_owned()
    };
    let classes = found.iter().map(name).collect();
    for range in found {
        text.mask(range, CLASS);
    }
    classes
}
