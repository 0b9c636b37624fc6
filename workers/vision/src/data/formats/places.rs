//! Finds what a dataset's own files name, below its root and nowhere else.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::data::folder::Tree;

/// The files and folders of a tree by name. Links are no part of it, so nothing outside of the root is ever named.
pub struct Places<'a> {
    pub root: &'a Path,
    pub tree: &'a Tree,
    absolute: Option<PathBuf>,
    files: HashSet<&'a str>,
    folders: HashSet<&'a str>,
    by_name: HashMap<&'a str, Vec<&'a str>>,
}

/// What a written path means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    File(&'a str),
    Folder(&'a str),
}

impl<'a> Places<'a> {
    pub fn new(root: &'a Path, tree: &'a Tree) -> Self {
        let mut by_name: HashMap<&str, Vec<&str>> = HashMap::new();
        for path in &tree.files {
            by_name.entry(name(path)).or_default().push(path);
        }
        Places {
            root,
            tree,
            absolute: fs::canonicalize(root).ok(),
            files: tree.files.iter().map(String::as_str).collect(),
            folders: tree.folders.iter().map(String::as_str).chain([""]).collect(),
            by_name,
        }
    }

    pub fn file(&self, path: &str) -> Option<&'a str> {
        self.files.get(path).copied()
    }

    pub fn on_disk(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Where a path lies that is written in a file: from one of the folders `bases`, or absolute.
    pub fn find(&self, bases: &[&str], written: &str) -> Option<Place<'a>> {
        let written = written.replace('\\', "/");
        if written.starts_with('/') {
            return [Some(self.root), self.absolute.as_deref()]
                .into_iter()
                .flatten()
                .filter_map(|root| Path::new(&written).strip_prefix(root).ok()?.to_str())
                .find_map(|inside| self.at(&normal("", inside)?));
        }
        bases.iter().find_map(|base| self.at(&normal(base, &written)?))
    }

    /// For a path from another machine or folder: the longest end of it that lies below the root.
    pub fn find_end(&self, written: &str) -> Option<Place<'a>> {
        let written = written.replace('\\', "/");
        let parts: Vec<&str> =
            written.split('/').filter(|part| !part.is_empty() && !matches!(*part, "." | "..")).collect();
        (0..parts.len()).find_map(|start| self.at(&parts[start..].join("/")))
    }

    fn at(&self, path: &str) -> Option<Place<'a>> {
        let file = self.files.get(path).map(|path| Place::File(path));
        file.or_else(|| self.folders.get(path).map(|path| Place::Folder(path)))
    }

    /// Every file whose path ends with `end`, whole names only.
    pub fn ending_with(&self, end: &str) -> Vec<&'a str> {
        let same =
            |path: &&&str| path.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
        self.by_name.get(name(end)).into_iter().flatten().filter(same).copied().collect()
    }

    /// Every file below a folder.
    pub fn below(&self, folder: &str) -> &'a [String] {
        if folder.is_empty() {
            return &self.tree.files;
        }
        let start = format!("{folder}/");
        let from = self.tree.files.partition_point(|path| **path < *start);
        let count = self.tree.files[from..].partition_point(|path| path.starts_with(&start));
        &self.tree.files[from..from + count]
    }
}

/// `written` from the folder `base`, without `.` and `..`; `None` when it leaves the root.
fn normal(base: &str, written: &str) -> Option<String> {
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

/// The last part of a path.
pub fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// The folder that a path lies in.
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A path without its extension.
pub fn stem(path: &str) -> &str {
    match path.rsplit_once('.') {
        Some((stem, extension)) if !extension.contains('/') => stem,
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_below_the_root_only() {
        let files = ["a/images/1.jpg", "a/images/2.jpg", "b/1.jpg", "images.txt"].map(str::to_owned).to_vec();
        let folders = ["a", "a/images", "b"].map(str::to_owned).to_vec();
        let tree = Tree { files, folders, problems: Vec::new() };
        let places = Places::new(Path::new("/data/set"), &tree);
        let find = |written| places.find(&["a", ""], written);
        assert_eq!(find("images"), Some(Place::Folder("a/images")));
        assert_eq!(find("./images/../images/1.jpg"), Some(Place::File("a/images/1.jpg")));
        assert_eq!(find("b/1.jpg"), Some(Place::File("b/1.jpg")));
        assert_eq!(find("/data/set/b"), Some(Place::Folder("b")));
        assert_eq!(find(r"images\2.jpg"), Some(Place::File("a/images/2.jpg")));
        for outside in ["../../etc/passwd", "/etc/passwd", "/data/set/../x", "nowhere"] {
            assert_eq!(find(outside), None, "{outside}");
        }
        assert_eq!(places.find_end("/home/other/a/images"), Some(Place::Folder("a/images")));
        assert_eq!(places.find_end("../b"), Some(Place::Folder("b")));
        assert_eq!(places.ending_with("1.jpg"), ["a/images/1.jpg", "b/1.jpg"]);
        assert_eq!(places.ending_with("images/1.jpg"), ["a/images/1.jpg"]);
        assert_eq!(places.below("a"), ["a/images/1.jpg", "a/images/2.jpg"]);
        assert_eq!(places.below("images"), [""; 0]);
        assert_eq!((name("a/b.c"), folder("a/b.c"), stem("a.d/b")), ("b.c", "a", "a.d/b"));
    }
}
