//! What labels say in whatever format, before an image is looked at.

use trainyard_events::dataset::FileProblem;
use trainyard_events::reason::{Caution, LabelFormat, Place};

use crate::manifest::{Label, Split};

/// Everything that labels say.
#[derive(Debug)]
pub struct Draft {
    pub format: LabelFormat,
    /// In the order of their numbers.
    pub classes: Vec<String>,
    pub keypoints: Option<Vec<String>>,
    /// Of each key point, which one it is in a mirror.
    pub mirrored: Option<Vec<usize>>,
    /// An image may be there more than once: in two splits, or in two files.
    pub images: Vec<DraftImage>,
    /// Labels of no image, and images that are named but not there.
    pub problems: Vec<FileProblem>,
    pub cautions: Vec<Caution>,
}

impl Draft {
    pub fn new(format: LabelFormat, classes: Vec<String>) -> Draft {
        Draft {
            format,
            classes,
            keypoints: None,
            mirrored: None,
            images: Vec::new(),
            problems: Vec::new(),
            cautions: Vec::new(),
        }
    }
}

#[derive(Clone, Debug)]
pub struct DraftImage {
    /// Index into the listing's files.
    pub file: usize,
    pub split: Split,
    /// Whether anything says what is in it; an image without is background.
    pub is_labelled: bool,
    /// Width and height as the labels state them.
    pub stated: Option<(u32, u32)>,
    /// Or which file is wrong, and how.
    pub labels: Result<Vec<DraftLabel>, FileProblem>,
}

impl DraftImage {
    /// One of which nothing says anything.
    pub fn background(file: usize, split: Split) -> DraftImage {
        DraftImage { file, split, is_labelled: false, stated: None, labels: Ok(Vec::new()) }
    }
}

/// A label as written: not yet checked against the image.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftLabel {
    pub label: Label,
    /// Whether its numbers are parts of the image's sides instead of pixels.
    pub is_relative: bool,
    pub place: Place,
}

impl DraftLabel {
    pub fn pixels(label: Label, place: Place) -> DraftLabel {
        DraftLabel { label, is_relative: false, place }
    }
}
