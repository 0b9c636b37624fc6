//! `/v1/preferences`: how somebody wants their table of jobs, wherever they open it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Most of each, so that they are kept as one small record.
pub const VIEWS: usize = 50;
pub const COLUMNS: usize = 100;
pub const PINNED: usize = 20;
pub const NAME_CHARS: usize = 100;
pub const SEARCH_CHARS: usize = 2_000;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Preferences {
    /// Of the table, from the left, as the page names them; a name that it does not know is left out.
    #[cfg_attr(feature = "schema", schemars(length(max = COLUMNS), inner(length(max = NAME_CHARS))))]
    pub columns: Vec<String>,
    #[cfg_attr(feature = "schema", schemars(length(max = VIEWS)))]
    pub views: Vec<SavedView>,
    /// Jobs that stand above all others.
    #[cfg_attr(feature = "schema", schemars(length(max = PINNED)))]
    pub pinned: Vec<Uuid>,
}

/// A filter with its order, as the address of the page has them, and columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SavedView {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = NAME_CHARS)))]
    pub name: String,
    #[cfg_attr(feature = "schema", schemars(length(max = SEARCH_CHARS)))]
    pub search: String,
    #[cfg_attr(feature = "schema", schemars(length(max = COLUMNS), inner(length(max = NAME_CHARS))))]
    pub columns: Vec<String>,
}

/// Null where nothing was ever kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PreferencesAnswer {
    pub preferences: Option<Preferences>,
}

impl Preferences {
    /// What is more than is kept, in words.
    pub fn flaw(&self) -> Option<String> {
        let is_long = |text: &String, most: usize| text.chars().count() > most;
        let columns = |columns: &[String]| {
            columns.len() > COLUMNS || columns.iter().any(|name| is_long(name, NAME_CHARS))
        };
        if self.views.len() > VIEWS {
            Some(format!("views: at most {VIEWS} are kept"))
        } else if self.pinned.len() > PINNED {
            Some(format!("pinned: at most {PINNED} jobs are kept"))
        } else if columns(&self.columns) || self.views.iter().any(|view| columns(&view.columns)) {
            Some(format!("columns: at most {COLUMNS} names of {NAME_CHARS} characters are kept"))
        } else if self.views.iter().any(|view| view.name.is_empty() || is_long(&view.name, NAME_CHARS)) {
            Some(format!("views.name: 1 to {NAME_CHARS} characters are possible"))
        } else if self.views.iter().any(|view| is_long(&view.search, SEARCH_CHARS)) {
            Some(format!("views.search: at most {SEARCH_CHARS} characters are kept"))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_more_than_is_kept_is_said() {
        let view = |name: &str| SavedView { name: name.to_owned(), search: String::new(), columns: vec![] };
        let of = |views: Vec<SavedView>| Preferences { views, ..Preferences::default() };
        assert_eq!(of(vec![view("나쁜 것"); VIEWS]).flaw(), None);
        for (told, preferences) in [
            ("views:", of(vec![view("a"); VIEWS + 1])),
            ("views.name", of(vec![view("")])),
            ("views.search", of(vec![SavedView { search: "x".repeat(SEARCH_CHARS + 1), ..view("a") }])),
            ("columns", of(vec![SavedView { columns: vec!["x".repeat(101)], ..view("a") }])),
            ("pinned", Preferences { pinned: vec![Uuid::nil(); PINNED + 1], ..Preferences::default() }),
        ] {
            assert!(preferences.flaw().unwrap().starts_with(told), "{told}");
        }
    }
}
