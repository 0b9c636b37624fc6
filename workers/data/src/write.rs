//! Writes a manifest as a format of other tools, and says what that format cannot hold.

mod coco;
mod folder;
mod place;
mod voc;
mod yolo;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use trainyard_events::reason::{Caution, LabelFormat, LabelPart};

use crate::manifest::{Image, Manifest};
use place::Folder;
pub(crate) use voc::escaped;

/// A format that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Yolo,
    Coco,
    PascalVoc,
    ImageFolder,
}

impl Format {
    fn label_format(self) -> LabelFormat {
        match self {
            Format::Yolo => LabelFormat::Yolo,
            Format::Coco => LabelFormat::Coco,
            Format::PascalVoc => LabelFormat::PascalVoc,
            Format::ImageFolder => LabelFormat::ImageFolder,
        }
    }
}

/// By what the caller can do: choose another folder or format, or look at the disk or the store.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("{} is not empty: name a new folder", .0.display())]
    NotEmpty(PathBuf),
    #[error("{name:?} cannot be the name of a file or folder: rename it, or export as COCO")]
    Name { name: String },
    #[error("{first:?} and {second:?} would have one label file: rename one of the images")]
    SameLabel { first: String, second: String },
    #[error("the image {name} cannot be had: {said}")]
    Bytes { name: String, said: String },
    #[error("{} cannot be written: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
}

/// How the bytes of an image are had: by its index in the manifest.
pub type Bytes<'a> = &'a mut dyn FnMut(usize, &Image) -> Result<Vec<u8>, String>;

/// Writes into a new or empty folder; what could not be written of the labels is counted.
pub fn write(
    manifest: &Manifest,
    format: Format,
    to: &Path,
    bytes: Bytes,
) -> Result<Vec<Caution>, WriteError> {
    let mut folder = Folder::new(to, format.label_format())?;
    match format {
        Format::Yolo => yolo::write(manifest, &mut folder, bytes)?,
        Format::Coco => coco::write(manifest, &mut folder, bytes)?,
        Format::PascalVoc => voc::write(manifest, &mut folder, bytes)?,
        Format::ImageFolder => folder::write(manifest, &mut folder, bytes)?,
    }
    Ok(folder.losses())
}

/// What was not written, counted.
#[derive(Debug, Default)]
struct Losses(BTreeMap<LabelPart, u64>);

impl Losses {
    fn add(&mut self, part: LabelPart, is_lost: bool) {
        if is_lost {
            *self.0.entry(part).or_default() += 1;
        }
    }

    fn cautions(&self, format: LabelFormat) -> Vec<Caution> {
        self.0
            .iter()
            .map(|(part, labels)| Caution::NotWritten { labels: *labels, part: *part, format })
            .collect()
    }
}
