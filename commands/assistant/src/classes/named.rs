//! Classes of one word each that no rule has found: those that the words around them tell.

use crate::reader::{Linear, Name};
use crate::text::{CLASS, Text};

/// A list has at least so many.
const CLASSES_MIN: usize = 2;

/// The words that are likelier classes than anything else, in order, masked out of the text; none where that is only one.
pub(crate) fn take_named(learned: &Linear, text: &mut Text, names: &[Name]) -> Vec<String> {
    let free = |name: &&Name| {
        name.range.clone().all(|at| text.low[at].is_alphanumeric() || matches!(text.low[at], '_' | '-'))
    };
    let mut found: Vec<(f32, &Name)> = Vec::new();
    for name in names.iter().filter(free) {
        let score = name.is_class(learned);
        let other = found.last_mut().filter(|(_, last)| last.range.end > name.range.start);
        match other {
            Some(last) if score > last.0 => *last = (score, name),
            None if score > 0.0 => found.push((score, name)),
            _ => {}
        }
    }
    if found.len() < CLASSES_MIN {
        return Vec::new();
    }
    found.iter().for_each(|(_, name)| text.mask(name.range.clone(), CLASS));
    found.into_iter().map(|(_, name)| name.text.clone()).collect()
}
