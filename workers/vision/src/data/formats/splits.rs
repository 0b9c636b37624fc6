//! Splits as the names of folders and files tell them.

use std::collections::HashSet;

use trainyard_events::reason::Caution;

use crate::data::folder::{self, Split, Tree};

/// The split that a folder or a file is named after: `train`, `val2017`, `instances_train2017`.
pub fn split_in_name(name: &str) -> Option<Split> {
    let part = |part: &str| folder::split_of(part.trim_end_matches(|c: char| c.is_ascii_digit()));
    name.split(['_', '-', '.', ' ']).find_map(part)
}

/// The split that the innermost such folder of a path is named after.
pub fn split_in_folders(path: &str) -> Option<Split> {
    let mut folders = path.rsplit('/').skip(1);
    folders.find_map(split_in_name)
}

/// Images of the tree that no split names are worth a word.
pub fn unused(tree: &Tree, used: &HashSet<&str>) -> Option<Caution> {
    let unused: Vec<&String> =
        tree.files.iter().filter(|path| folder::is_image(path) && !used.contains(path.as_str())).collect();
    let first = (*unused.first()?).clone();
    Some(Caution::InNoSplit { images: unused.len() as u64, first })
}
