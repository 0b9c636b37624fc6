//! Classes by their names: numbers given in the order of the list, or of the names.

use std::collections::HashMap;

use trainyard_events::limits::{CLASS_NAME_CHARS, CLASSES};
use trainyard_events::reason::{Advice, Unfit};
use unicode_normalization::UnicodeNormalization;

use crate::refusal::Refusal;

/// Names as people see them, each with one number.
#[derive(Debug, Default)]
pub struct Classes {
    names: Vec<String>,
    numbers: HashMap<String, usize>,
}

pub fn tidy(name: &str) -> String {
    name.trim().nfc().collect()
}

impl Classes {
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Classes {
        let mut classes = Classes::default();
        names.into_iter().for_each(|name| {
            classes.number(name);
        });
        classes
    }

    /// Of names without an order of their own: numbers sort as numbers, everything else by its letters.
    pub fn sorted<'a>(names: impl IntoIterator<Item = &'a str>) -> Classes {
        let mut names: Vec<String> = names.into_iter().map(tidy).collect();
        names.sort_unstable();
        names.dedup();
        sort(&mut names);
        Classes::of(names.iter().map(String::as_str))
    }

    /// The number of a name, a new one if it is new.
    pub fn number(&mut self, name: &str) -> usize {
        let name = tidy(name);
        if let Some(number) = self.numbers.get(&name) {
            return *number;
        }
        self.numbers.insert(name.clone(), self.names.len());
        self.names.push(name);
        self.names.len() - 1
    }

    pub fn find(&self, name: &str) -> Option<usize> {
        self.numbers.get(&tidy(name)).copied()
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    pub fn into_names(self) -> Vec<String> {
        self.names
    }
}

/// By number where all names are numbers, else by letters.
pub fn sort(names: &mut [String]) {
    let numbers: Option<Vec<u64>> = names.iter().map(|name| name.parse().ok()).collect();
    match numbers {
        Some(_) => names.sort_by_key(|name| name.parse::<u64>().unwrap_or(u64::MAX)),
        None => names.sort_unstable(),
    }
}

/// The lines of a list of classes; empty ones at its end are none.
pub fn lines(text: &str) -> Vec<String> {
    let mut names: Vec<String> = text.lines().map(tidy).collect();
    while names.last().is_some_and(String::is_empty) {
        names.pop();
    }
    names
}

pub fn check(classes: &[String]) -> Result<(), Refusal> {
    let refuse = |because| Err(Refusal::new(because, Advice::CorrectClassNames));
    if classes.len() > CLASSES {
        return refuse(Unfit::TooManyClasses { classes: classes.len() as u64, limit: CLASSES as u64 });
    }
    let mut first: HashMap<&str, usize> = HashMap::new();
    for (index, name) in classes.iter().enumerate() {
        let length = name.chars().count();
        if !(1..=CLASS_NAME_CHARS).contains(&length) {
            let (class, length, limit) = (index as u64, length as u64, CLASS_NAME_CHARS as u64);
            return refuse(Unfit::ClassNameLength { class, length, limit });
        }
        if let Some(other) = first.insert(name, index) {
            let (first, second, name) = (other as u64, index as u64, name.clone());
            return refuse(Unfit::ClassNamedTwice { first, second, name });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_sort_as_numbers_and_names_by_letters() {
        assert_eq!(Classes::sorted(["10", "9", "1"]).into_names(), ["1", "9", "10"]);
        assert_eq!(Classes::sorted(["b10", "b9", "a", "a"]).into_names(), ["a", "b10", "b9"]);
        let classes = Classes::sorted(["고양이", "\u{1100}\u{1169}\u{110b}\u{1163}\u{11bc}\u{110b}\u{1175}"]);
        assert_eq!(classes.find("고양이"), Some(0));
        assert_eq!(classes.into_names(), ["고양이"]);
        assert_eq!(lines("cat, small\n dog \n\nbird\n\n"), ["cat, small", "dog", "", "bird"]);
    }
}
