//! What labels say, in whatever format they are written.

use trainyard_events::dataset::{DatasetFormat, FileProblem};
use trainyard_events::reason::{Caution, Place};

use crate::data::folder::Split;

/// Everything that labels say, before an image is looked at.
#[derive(Debug)]
pub struct Annotations {
    pub format: DatasetFormat,
    /// In the order of the classes' numbers.
    pub classes: Vec<String>,
    /// Whether the dataset names images to validate on.
    pub split: bool,
    /// Sorted by path; an image that is in two splits is there twice.
    pub images: Vec<Annotated>,
    /// Labels that belong to no image, and images that are named but not there.
    pub problems: Vec<FileProblem>,
    pub cautions: Vec<Caution>,
}

/// One image and its labels.
#[derive(Debug)]
pub struct Annotated {
    pub path: String,
    pub split: Split,
    /// Whether anything says what is in it; an image without is background.
    pub is_labelled: bool,
    /// Width and height as the labels state them.
    pub stated: Option<(u32, u32)>,
    /// Or which file is wrong, and how.
    pub marks: Result<Vec<Mark>, FileProblem>,
}

/// One box as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    pub class: usize,
    /// x1, y1, x2, y2, finite, not yet checked against the image.
    pub corners: [f64; 4],
    /// Whether the corners are parts of the image's sides instead of pixels.
    pub is_relative: bool,
    pub crowd: bool,
    /// Where it stands.
    pub place: Place,
}
