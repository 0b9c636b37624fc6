//! The folder that is written into: files below it and nowhere else, and what was left out on the way.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use trainyard_events::reason::{Caution, LabelFormat};

use super::{Bytes, Losses, WriteError};
use crate::manifest::{Image, Split};
use crate::names::fold;
use crate::root::stem_of;

pub struct Folder {
    root: PathBuf,
    format: LabelFormat,
    /// The image of each label file.
    labels: HashMap<String, String>,
    pub losses: Losses,
}

impl Folder {
    pub fn new(root: &Path, format: LabelFormat) -> Result<Folder, WriteError> {
        let wrong = |error: io::Error| WriteError::Io { path: root.to_owned(), error };
        fs::create_dir_all(root).map_err(wrong)?;
        if fs::read_dir(root).map_err(wrong)?.next().is_some() {
            return Err(WriteError::NotEmpty(root.to_owned()));
        }
        Ok(Folder { root: root.to_owned(), format, labels: HashMap::new(), losses: Losses::default() })
    }

    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let is_safe = |part: &str| !matches!(part, "" | "." | "..") && !part.contains('\0');
        if !path.split('/').all(is_safe) {
            return Err(WriteError::Name { name: path.to_owned() });
        }
        let path = self.root.join(path);
        let wrong = |error: io::Error| WriteError::Io { path: path.clone(), error };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(wrong)?;
        }
        fs::write(&path, bytes).map_err(wrong)
    }

    /// Writes an image to `path`.
    pub fn image(&self, path: &str, index: usize, image: &Image, bytes: Bytes) -> Result<(), WriteError> {
        let bytes = bytes(index, image)
            .map_err(|said| WriteError::Bytes { name: image.name.clone(), said: said.clone() })?;
        self.write(path, &bytes)
    }

    /// Writes the label file of an image to `path`; no two images may share one.
    pub fn label(&mut self, path: &str, image: &Image, text: &str) -> Result<(), WriteError> {
        if let Some(first) = self.labels.insert(fold(path), image.name.clone()) {
            return Err(WriteError::SameLabel { first, second: image.name.clone() });
        }
        self.write(path, text.as_bytes())
    }

    pub fn losses(&self) -> Vec<Caution> {
        self.losses.cautions(self.format)
    }
}

pub fn folder_of(split: Split) -> &'static str {
    match split {
        Split::Train => "train",
        Split::Validation => "val",
        Split::Test => "test",
    }
}

/// A name as a path with a folder of its split in front, and without what would be read as another split or format:
/// folders become part of the name.
pub fn flat(image: &Image) -> String {
    image.name.replace('/', "__")
}

/// The flat name without its ending.
pub fn flat_stem(image: &Image) -> String {
    let flat = flat(image);
    stem_of(&flat).to_owned()
}
