//! The one form of every dataset: a line of JSON about the whole, then one about each image, in the order of their names.

mod check;
mod error;
mod lines;

use std::io::{BufRead, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use trainyard_events::config::Task;

pub(crate) use check::are_pairs;
pub use error::ManifestError;

use crate::good::tells_good;
pub use crate::mask::Rle;

/// The form that this release writes. A reader refuses every newer one.
pub const FORM: u32 = 1;

/// A whole dataset. Its images are sorted by name, and no two share one.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    pub header: Header,
    pub images: Vec<Image>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    pub form: u32,
    /// In the order of their numbers.
    pub classes: Vec<String>,
    /// Names of the key points of each object, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keypoints: Option<Vec<String>>,
    /// Of each key point, which one it is in a mirror: its pair, or itself. As many as `keypoints`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mirrored: Option<Vec<usize>>,
    /// Bits that the 16-bit images use, where that is fewer than 16: whoever decodes them scales by that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_bits: Option<u32>,
    /// The tasks that it can serve.
    pub kinds: Vec<Task>,
    /// Whether what validates was set aside for one training, and not by the dataset.
    #[serde(default, skip_serializing_if = "is_false")]
    pub divided: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// Of the file, 64 hexadecimal digits.
    pub sha256: String,
    /// The path below the root as people see it: with `/`, composed (NFC).
    pub name: String,
    pub bytes: u64,
    /// In pixels, upright by its EXIF orientation.
    pub width: u32,
    pub height: u32,
    pub split: Split,
    pub labels: Vec<Label>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    Train,
    Validation,
    Test,
}

/// One object, or with nothing but a class the image itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// Index into [`Header::classes`].
    pub class: usize,
    /// Left, top, width, height in pixels of the upright image.
    #[serde(rename = "box", default, skip_serializing_if = "Option::is_none")]
    pub bounds: Option<[f64; 4]>,
    /// One or more outlines, each x, y, x, y, ...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polygon: Option<Vec<Vec<f64>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<Rle>,
    /// x, y and whether it is visible: 0 not labelled, 1 hidden, 2 visible. As many as the header names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keypoints: Option<Vec<[f64; 3]>>,
    /// A region of many objects: neither trained on nor judged.
    #[serde(default, skip_serializing_if = "is_false")]
    pub crowd: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub difficult: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Label {
    pub fn of_class(class: usize) -> Label {
        Label { class, ..Label::default() }
    }

    /// Whether it is about the image as a whole.
    pub fn is_of_image(&self) -> bool {
        self.bounds.is_none() && self.polygon.is_none() && self.mask.is_none() && self.keypoints.is_none()
    }
}

impl Manifest {
    /// The tasks that labels like these can serve, of classes with these names.
    pub fn kinds_of(classes: &[String], images: &[Image]) -> Vec<Task> {
        let labels = || images.iter().flat_map(|image| &image.labels);
        let objects = || labels().filter(|label| !label.crowd);
        let some_and_all = |fits: &dyn Fn(&Label) -> bool| objects().next().is_some() && objects().all(fits);
        let anomaly = tells_good(classes, images);
        let teaches = |class: usize| {
            let is_of = |image: &Image| image.split == Split::Train && image.labels[0].class == class;
            images.iter().any(is_of)
        };
        let classify = !images.is_empty()
            && images.iter().all(|image| image.labels.len() == 1 && image.labels[0].is_of_image())
            // Without defects to learn from, a set with good ones is of those alone.
            && (!anomaly || classes.len() > 1 && (0..classes.len()).all(teaches));
        let fits = [
            (Task::Classify, classify),
            (Task::Detect, some_and_all(&|label| label.bounds.is_some())),
            (Task::Segment, some_and_all(&|label| label.polygon.is_some() || label.mask.is_some())),
            (Task::Pose, objects().any(|label| label.keypoints.is_some())),
            (Task::Anomaly, anomaly),
        ];
        fits.into_iter().filter(|(_, fits)| *fits).map(|(task, _)| task).collect()
    }

    pub fn write(&self, to: &mut impl Write) -> Result<(), ManifestError> {
        lines::write(self, to)
    }

    /// Reads what [`Manifest::write`] wrote, and nothing else: an unknown field is one of a newer form.
    pub fn read(from: impl BufRead) -> Result<Manifest, ManifestError> {
        let manifest = lines::read(from)?;
        check::check(&manifest)?;
        Ok(manifest)
    }

    /// SHA-256 over the lines: what is the same dataset has the same version.
    pub fn version(&self) -> Result<String, ManifestError> {
        let mut hash = Hash(Sha256::new());
        self.write(&mut hash)?;
        Ok(hex::encode(hash.0.finalize()))
    }
}

/// The bytes of a file, and their SHA-256 in hex.
pub fn hash_of(path: &std::path::Path) -> std::io::Result<(u64, String)> {
    let mut hash = Hash(Sha256::new());
    let bytes = std::io::copy(&mut std::fs::File::open(path)?, &mut hash)?;
    Ok((bytes, hex::encode(hash.0.finalize())))
}

pub(crate) struct Hash(pub(crate) Sha256);

impl Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
