//! Which images of a version are asked for.

use trainyard_api::images::{ImageQuery, Split};
use trainyard_events::problems::ProblemKind;

use super::index::Entry;

pub(crate) struct Filter {
    split: Option<Split>,
    class: Option<u16>,
    problem: Option<ProblemKind>,
    /// In small letters.
    search: Option<String>,
}

impl Filter {
    /// `None` where nothing can match: no class is called so.
    pub(crate) fn of(query: &ImageQuery, classes: &[String]) -> Option<Filter> {
        let class = match &query.class {
            Some(name) => Some(classes.iter().position(|class| class == name)? as u16),
            None => None,
        };
        let search = query.search.as_ref().map(|text| text.to_lowercase());
        Some(Filter { split: query.split, class, problem: query.problem, search })
    }

    pub(super) fn matches(&self, entry: &Entry) -> bool {
        self.split.is_none_or(|split| split == entry.split)
            && self.class.is_none_or(|class| entry.classes.contains(&class))
            && self.problem.is_none_or(|kind| entry.has(kind))
            && self.search.as_ref().is_none_or(|part| entry.name.to_lowercase().contains(part))
    }
}
