//! Finds the file that a label names as people see names: exactly, else composed otherwise, with other capitals,
//! decoded, or by the end of the path. Never where two files would do, and never without saying so.

mod written;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use trainyard_events::dataset::FileProblem;
use trainyard_events::limits::REPORTED_FILES;
use trainyard_events::reason::{Caution, Flaw, NameMatch};
use unicode_normalization::UnicodeNormalization;

use crate::limits::FOLDER_DEPTH;
use crate::refusal::flawed;
use crate::root::{Listing, name_of};
use written::{parts, spellings};

/// Why a name finds no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    Nowhere,
    /// So many files would do.
    Ambiguous(u64),
}

impl Missing {
    /// `list` is the file that names it.
    pub fn flaw(self, list: &str) -> Flaw {
        match self {
            Missing::Nowhere => Flaw::ListedButMissing { file: list.to_owned() },
            Missing::Ambiguous(files) => Flaw::ListedAmbiguously { file: list.to_owned(), files },
        }
    }
}

/// A folder that is meant; `is_end` where only the end of its path is the same.
pub struct Found<'a> {
    pub path: &'a str,
    pub is_end: bool,
}

pub struct Names<'a> {
    pub listing: &'a Listing,
    by_path: HashMap<String, Vec<usize>>,
    by_name: HashMap<String, Vec<usize>>,
    folders: HashMap<String, Vec<usize>>,
    used: RefCell<Used>,
}

/// Every use of a name that is not the file's own, once for each file.
#[derive(Default)]
struct Used {
    counts: BTreeMap<NameMatch, (u64, String, String)>,
    seen: HashMap<(usize, NameMatch), ()>,
    notes: Vec<FileProblem>,
}

/// What people see as the same name, and no more: composed, and without capitals.
pub fn fold(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).nfc().collect()
}

impl<'a> Names<'a> {
    pub fn of(listing: &'a Listing) -> Self {
        let mut by_path: HashMap<String, Vec<usize>> = HashMap::new();
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, file) in listing.files.iter().enumerate() {
            let folded = fold(&file.name);
            by_name.entry(name_of(&folded).to_owned()).or_default().push(index);
            by_path.entry(folded).or_default().push(index);
        }
        let mut folders: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, folder) in listing.folders.iter().enumerate() {
            folders.entry(fold(folder)).or_default().push(index);
        }
        Names { listing, by_path, by_name, folders, used: RefCell::default() }
    }

    pub fn name(&self, file: usize) -> &'a str {
        &self.listing.files[file].name
    }

    /// The file that `written` means, from one of the folders `bases`, else by the end of its path.
    pub fn find(&self, bases: &[&str], written: &str) -> Result<usize, Missing> {
        self.find_among(bases, written, |_| true, |_| false)
    }

    /// The same of images alone, and of several with the same end the one that `should` be it.
    pub fn find_image(
        &self,
        bases: &[&str],
        written: &str,
        should: impl Fn(&str) -> bool,
    ) -> Result<usize, Missing> {
        self.find_among(bases, written, |name| self.listing.is_image(name), should)
    }

    /// The same, only of files that `may` be; of several with the same end the one that `should`, or else the only one
    /// below the first of `bases`.
    pub fn find_among(
        &self,
        bases: &[&str],
        written: &str,
        may: impl Fn(&str) -> bool,
        should: impl Fn(&str) -> bool,
    ) -> Result<usize, Missing> {
        let mut missing = Missing::Nowhere;
        let near = bases.first().copied().unwrap_or_default();
        let spellings = spellings(written);
        for spelling in &spellings {
            for base in bases {
                let Some(path) = from(base, &spelling.path) else { continue };
                match self.at(&path, &may) {
                    Ok((file, by)) => return Ok(self.use_name(file, spelling.by.max(by), written)),
                    Err(Missing::Nowhere) => {}
                    Err(ambiguous) => missing = ambiguous,
                }
            }
        }
        for spelling in &spellings {
            match self.ending_with(&parts(&spelling.path), &may, &should, near) {
                Ok(file) => return Ok(self.use_name(file, Some(NameMatch::End), written)),
                Err(Missing::Nowhere) => {}
                Err(ambiguous) => missing = ambiguous,
            }
        }
        Err(missing)
    }

    /// The file at a path below the root, and how it is the same.
    fn at(&self, path: &str, may: &impl Fn(&str) -> bool) -> Result<(usize, Option<NameMatch>), Missing> {
        let found: Vec<usize> = self
            .by_path
            .get(&fold(path))
            .into_iter()
            .flatten()
            .copied()
            .filter(|file| may(self.name(*file)))
            .collect();
        let composed: String = path.nfc().collect();
        if let Some(exact) = found.iter().copied().find(|file| self.name(*file) == composed) {
            let by = (composed != path).then_some(NameMatch::Normal);
            return Ok((exact, by));
        }
        match found[..] {
            [file] => Ok((file, Some(NameMatch::Case))),
            [] => Err(Missing::Nowhere),
            _ => Err(Missing::Ambiguous(found.len() as u64)),
        }
    }

    /// The longest end of a path that some file has.
    fn ending_with(
        &self,
        parts: &[&str],
        may: &impl Fn(&str) -> bool,
        should: &impl Fn(&str) -> bool,
        near: &str,
    ) -> Result<usize, Missing> {
        let Some(last) = parts.last() else { return Err(Missing::Nowhere) };
        let named: Vec<(usize, String)> = self
            .by_name
            .get(&fold(last))
            .into_iter()
            .flatten()
            .filter(|file| may(self.name(**file)))
            .map(|file| (*file, fold(self.name(*file))))
            .collect();
        for start in first_part(parts)..parts.len() {
            let end = fold(&parts[start..].join("/"));
            let is_end = |path: &str| {
                path.strip_suffix(&*end).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
            };
            let found: Vec<usize> =
                named.iter().filter(|(_, path)| is_end(path)).map(|(file, _)| *file).collect();
            let is_near = |name: &str| name.strip_prefix(near).is_some_and(|rest| rest.starts_with('/'));
            let better = self.those(&found, should);
            let nearest = self.those(if better.is_empty() { &found } else { &better }, &is_near);
            match (&found[..], &better[..], &nearest[..]) {
                ([], ..) => {}
                ([file], ..) | (_, [file], _) | (.., [file]) => return Ok(*file),
                _ => return Err(Missing::Ambiguous(found.len() as u64)),
            }
        }
        Err(Missing::Nowhere)
    }

    fn those(&self, files: &[usize], fits: &impl Fn(&str) -> bool) -> Vec<usize> {
        files.iter().copied().filter(|file| fits(self.name(*file))).collect()
    }

    /// The folder that `written` means, from one of `bases`, else by the end of its path; `""` is the root.
    pub fn find_folder(&self, bases: &[&str], written: &str) -> Option<Found<'a>> {
        let spellings = spellings(written);
        let at = |path: &str| -> Option<&'a str> {
            if path.is_empty() {
                return Some("");
            }
            let found = self.folders.get(&fold(path))?;
            let name = |index: &usize| self.listing.folders[*index].as_str();
            let exact = found.iter().map(name).find(|name| *name == path);
            exact.or_else(|| if let [only] = &found[..] { Some(name(only)) } else { None })
        };
        let direct = spellings
            .iter()
            .find_map(|spelling| bases.iter().find_map(|base| at(&from(base, &spelling.path)?)));
        if let Some(path) = direct {
            return Some(Found { path, is_end: false });
        }
        let parts = parts(&spellings.first()?.path);
        let path = (first_part(&parts)..parts.len()).find_map(|start| at(&parts[start..].join("/")))?;
        Some(Found { path, is_end: true })
    }

    /// The one file at exactly this path as people see it; `..` and other folders are not looked at.
    pub fn beside(&self, path: &str) -> Option<usize> {
        let (file, by) = self.at(path, &|_| true).ok()?;
        Some(self.use_name(file, by, path))
    }

    fn use_name(&self, file: usize, by: Option<NameMatch>, written: &str) -> usize {
        let Some(by) = by else { return file };
        let mut used = self.used.borrow_mut();
        if used.seen.insert((file, by), ()).is_some() {
            return file;
        }
        let found = self.name(file).to_owned();
        let first = || (0, written.to_owned(), found.clone());
        used.counts.entry(by).or_insert_with(first).0 += 1;
        if used.notes.len() < REPORTED_FILES {
            used.notes.push(flawed(&found, vec![Flaw::NameMatched { by, written: written.to_owned() }]));
        }
        file
    }

    /// What there is to say of the names that were matched: of each way once, and of the first files.
    pub fn said(self) -> (Vec<Caution>, Vec<FileProblem>) {
        let used = self.used.into_inner();
        let caution = |(by, (names, written, found))| Caution::NamesMatched { names, by, written, found };
        (used.counts.into_iter().map(caution).collect(), used.notes)
    }
}

/// Where the end of a path may begin: no file lies deeper.
fn first_part(parts: &[&str]) -> usize {
    parts.len().saturating_sub(FOLDER_DEPTH + 1)
}

/// `written` from the folder `base`, without `.` and `..`; `None` when it leaves the root.
fn from(base: &str, written: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(written.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
