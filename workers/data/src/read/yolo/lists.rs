//! Lists of classes: one for all labels, or for each label file the nearest above it.

use std::collections::{BTreeMap, BTreeSet};

use trainyard_events::limits::CLASSES;
use trainyard_events::reason::{Advice, Caution, Flaw, LineFlaw, Place, Unfit};

use crate::limits::LABEL_FILE_BYTES;
use crate::names::{Names, fold};
use crate::read::classes::{Classes, lines};
use crate::read::draft::{Draft, DraftLabel};
use crate::refusal::Refusal;
use crate::root::{folder_of, name_of};

/// Whether a file of this name lists classes.
pub fn is_list(name: &str) -> bool {
    let name = fold(name);
    matches!(
        name.as_str(),
        "classes.txt"
            | "_darknet.labels"
            | "obj.names"
            | "labels.txt"
            | "classes.names"
            | "predefined_classes.txt"
    ) || name.ends_with(".names")
}

/// One list, by where it lies.
struct List {
    path: String,
    names: Vec<String>,
}

pub struct Lists {
    /// By the folder that they are of; one of the description is the root's.
    by_folder: BTreeMap<String, List>,
    classes: Classes,
    is_one: bool,
    /// Numbers without any name are kept as they are.
    is_unnamed: bool,
    largest: usize,
}

impl Lists {
    /// Those that the label files `labels` are read by. `described` are the names of the description, which stand for
    /// all labels.
    pub fn of(names: &Names, described: Option<Vec<String>>, labels: &[&str]) -> Result<Lists, Refusal> {
        let mut found = found(names)?;
        let nearest = labels.iter().filter_map(|label| folder_of_list(&found, label).map(str::to_owned));
        let used: BTreeSet<String> = nearest.collect();
        let Some(described) = described else {
            refuse_strays(&found, labels)?;
            // A list above no label, such as a tool's own, names no class of this dataset.
            if !used.is_empty() {
                found.retain(|folder, _| used.contains(folder));
            }
            return Ok(Lists::numbered(found));
        };
        let contradicts = |list: &&List| list.names != described && sorted(&list.names) == sorted(&described);
        if let Some(list) = used.iter().filter_map(|folder| found.get(folder)).find(contradicts) {
            let (first, second) = ("names:".to_owned(), list.path.clone());
            return Err(Refusal::new(Unfit::ClassListsDisagree { first, second }, Advice::OneClassList));
        }
        let list = List { path: String::new(), names: described };
        Ok(Lists::numbered(BTreeMap::from([(String::new(), list)])))
    }

    /// Gives the classes of all lists their numbers, the first list's first.
    fn numbered(by_folder: BTreeMap<String, List>) -> Lists {
        let names = || by_folder.values().flat_map(|list| &list.names);
        Lists {
            is_one: all_say_the_same(&by_folder),
            is_unnamed: names().next().is_none(),
            // A name that is there twice in one list is told by the check of all classes.
            classes: Classes::of(names().map(String::as_str)),
            largest: 0,
            by_folder,
        }
    }

    /// The list for a label file: the nearest above it; or where all say the same, any.
    fn list_of(&self, label: &str) -> Option<&List> {
        let nearest = folder_of_list(&self.by_folder, label).and_then(|folder| self.by_folder.get(folder));
        nearest.or_else(|| self.by_folder.values().next().filter(|_| self.is_one))
    }

    /// Labels with the numbers of the dataset's classes instead of their list's.
    pub fn number(&mut self, mut labels: Vec<DraftLabel>, file: &str) -> Result<Vec<DraftLabel>, Flaw> {
        if self.is_unnamed {
            self.largest = labels.iter().map(|label| label.label.class + 1).fold(self.largest, usize::max);
            return Ok(labels);
        }
        let list = self.list_of(file);
        for label in &mut labels {
            let class = label.label.class;
            let found = list.and_then(|list| self.classes.find(list.names.get(class)?));
            let line = if let Place::Line { line, .. } = label.place { line } else { 0 };
            let named = list.map(|list| list.names.len() as u64);
            label.label.class = found
                .ok_or(Flaw::Line { line, flaw: LineFlaw::NoSuchClass { class: class as f64, named } })?;
        }
        Ok(labels)
    }

    /// The names of all classes, and what there is to say of them.
    pub fn finish(self, draft: &mut Draft) -> Result<(), Refusal> {
        if self.is_unnamed {
            if self.largest > CLASSES {
                let (classes, limit) = (self.largest as u64, CLASSES as u64);
                return Err(Refusal::new(
                    Unfit::TooManyClasses { classes, limit },
                    Advice::CorrectClassNames,
                ));
            }
            draft.classes = (0..self.largest).map(|class| format!("class {class}")).collect();
            draft.cautions.push(Caution::ClassesUnnamed);
            return Ok(());
        }
        if !self.is_one {
            draft.cautions.push(Caution::NearestClassList { lists: self.by_folder.len() as u64 });
        }
        for list in self.by_folder.values() {
            crate::read::classes::check(&list.names)?;
        }
        draft.classes = self.classes.into_names();
        Ok(())
    }
}

/// Every list by its folder; two in one folder have to say the same.
fn found(names: &Names) -> Result<BTreeMap<String, List>, Refusal> {
    let mut found: BTreeMap<String, List> = BTreeMap::new();
    let files = names.listing.files.iter().filter(|file| !file.is_image && is_list(name_of(&file.name)));
    for file in files {
        let text = names.listing.text(file, LABEL_FILE_BYTES).map_err(|flaw| {
            Refusal::new(Unfit::ClassList { path: file.name.clone(), flaw }, Advice::OneClassPerLine)
        })?;
        let list = List { path: file.name.clone(), names: lines(&text) };
        let folder = folder_of(&file.name).to_owned();
        if let Some(other) = found.get(&folder).filter(|other| other.names != list.names) {
            let (first, second) = (other.path.clone(), list.path);
            return Err(Refusal::new(Unfit::ClassListsDisagree { first, second }, Advice::OneClassList));
        }
        found.insert(folder, list);
    }
    Ok(found)
}

/// The folder nearest above a label file that has a list.
fn folder_of_list<'a>(lists: &'a BTreeMap<String, List>, label: &str) -> Option<&'a str> {
    let mut folder = folder_of(label);
    loop {
        if let Some((found, _)) = lists.get_key_value(folder) {
            return Some(found);
        }
        if folder.is_empty() {
            return None;
        }
        folder = folder_of(folder);
    }
}

fn all_say_the_same(lists: &BTreeMap<String, List>) -> bool {
    let mut all = lists.values().map(|list| &list.names);
    all.next().is_none_or(|first| all.all(|names| names == first))
}

/// A label with no list above it could be read by any: they have to say the same.
fn refuse_strays(lists: &BTreeMap<String, List>, labels: &[&str]) -> Result<(), Refusal> {
    let is_stray = labels.iter().any(|label| folder_of_list(lists, label).is_none());
    if !is_stray || all_say_the_same(lists) {
        return Ok(());
    }
    let mut all = lists.values();
    let first = all.next();
    let second = all.find(|list| first.is_some_and(|first| first.names != list.names));
    match first.zip(second) {
        Some((first, second)) => {
            let (first, second) = (first.path.clone(), second.path.clone());
            Err(Refusal::new(Unfit::ClassListsDisagree { first, second }, Advice::OneClassList))
        }
        None => Ok(()),
    }
}

fn sorted(names: &[String]) -> Vec<&String> {
    let mut names: Vec<&String> = names.iter().collect();
    names.sort_unstable();
    names
}
