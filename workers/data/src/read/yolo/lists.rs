//! Lists of classes: one for all labels, or for each label file the nearest above it.

use std::collections::BTreeMap;

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

/// Numbers of one list to numbers of the dataset.
struct List {
    path: String,
    names: Vec<String>,
}

pub struct Lists {
    /// By the folder that they are of.
    by_folder: BTreeMap<String, List>,
    classes: Classes,
    is_one: bool,
    /// Numbers without any name are kept as they are.
    is_unnamed: bool,
    largest: usize,
}

impl Lists {
    /// `described` are the names of the description, which stand for all labels.
    pub fn of(names: &Names, described: Option<Vec<String>>) -> Result<Lists, Refusal> {
        let mut lists = Lists {
            by_folder: BTreeMap::new(),
            classes: Classes::default(),
            is_one: true,
            is_unnamed: false,
            largest: 0,
        };
        if let Some(names) = described {
            lists.insert("", String::new(), names);
            return Ok(lists.numbered());
        }
        let files = names.listing.files.iter().filter(|file| !file.is_image && is_list(name_of(&file.name)));
        for file in files {
            let text = names.listing.text(file, LABEL_FILE_BYTES).map_err(|flaw| {
                Refusal::new(Unfit::ClassList { path: file.name.clone(), flaw }, Advice::OneClassPerLine)
            })?;
            let folder = folder_of(&file.name).to_owned();
            let named = lines(&text);
            if let Some(other) = lists.by_folder.get(&folder)
                && other.names != named
            {
                let (first, second) = (other.path.clone(), file.name.clone());
                return Err(Refusal::new(Unfit::ClassListsDisagree { first, second }, Advice::OneClassList));
            }
            lists.insert(&folder, file.name.clone(), named);
        }
        Ok(lists.numbered())
    }

    fn insert(&mut self, folder: &str, path: String, names: Vec<String>) {
        self.by_folder.insert(folder.to_owned(), List { path, names });
    }

    /// Gives the classes of all lists their numbers, the first list's first.
    fn numbered(mut self) -> Lists {
        let mut all = self.by_folder.values().map(|list| &list.names);
        if let Some(first) = all.next() {
            self.is_one = all.all(|names| names == first);
        }
        self.is_unnamed = self.by_folder.values().all(|list| list.names.is_empty());
        let names = self.by_folder.values().flat_map(|list| &list.names);
        // A name that is there twice in one list is told by the check of all classes.
        self.classes = Classes::of(names.map(String::as_str));
        self
    }

    /// The list for a label file: the nearest above it; or where all say the same, any.
    fn list_of(&self, label: &str) -> Option<&List> {
        let mut folder = folder_of(label);
        loop {
            if let Some(list) = self.by_folder.get(folder) {
                return Some(list);
            }
            if folder.is_empty() {
                break;
            }
            folder = folder_of(folder);
        }
        if self.is_one { self.by_folder.values().next() } else { None }
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
