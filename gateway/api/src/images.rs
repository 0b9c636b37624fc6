//! `/v1/datasets/{id}/versions/{number}/images`: every image of a version, with its labels and what is wrong with it.

use serde::{Deserialize, Serialize};
use trainyard_events::problems::{ImageProblem, ProblemCount, ProblemKind};

/// What an image of a version is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Split {
    Train,
    Validation,
    Test,
}

/// Which images, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ImageQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<Split>,
    /// With an object of this class, or of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// With such a problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<ProblemKind>,
    /// A part of the name, whatever its case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// `next` of the page before this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Images at most; 200 are the most there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImageList {
    pub images: Vec<ImageRow>,
    /// The `after` of the next page; null at the end.
    pub next: Option<String>,
    /// How many there are on all pages together.
    pub matching: u64,
    /// How many images have each kind of problem, without regard to what was asked for.
    pub problems: Vec<ProblemCount>,
    pub problems_from: ProblemsFrom,
}

/// Who has found what is wrong with the files of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProblemsFrom {
    /// The look that read every file.
    Look,
    /// Nobody has kept that list, as for versions of before there was one: its manifest tells which images have the same
    /// content. Files that were left out, labels that were cut, and what looks alike cannot be known of it.
    Manifest,
}

/// Everything that is wrong with the files of a version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProblemList {
    pub from: ProblemsFrom,
    /// All that were found, by kind; the kinds that there are.
    pub counts: Vec<ProblemCount>,
    /// The worst first; fewer than were found where that would be too long an answer.
    pub problems: Vec<ImageProblem>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImageRow {
    /// Its path below the dataset's root.
    pub name: String,
    pub sha256: String,
    pub bytes: u64,
    /// In pixels, upright by its EXIF orientation.
    pub width: u32,
    pub height: u32,
    pub split: Split,
    pub labels: Vec<ImageLabel>,
    /// Labels that are not told here; the manifest has them.
    pub more_labels: u64,
    pub problems: Vec<ImageProblem>,
}

/// One object; with nothing but a class, the image itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImageLabel {
    pub class: String,
    /// Left, top, width, height in pixels of the upright image.
    #[serde(rename = "box")]
    pub bounds: Option<[f64; 4]>,
    /// One or more outlines, each x, y, x, y, ...
    pub polygon: Option<Vec<Vec<f64>>>,
    /// Whether it has a mask.
    pub mask: bool,
    /// Of its mask: lengths of runs, outside and inside in turns, down the columns from the left; null where they are too
    /// many to be told. The manifest has them all.
    #[serde(default)]
    pub runs: Option<Vec<u32>>,
    /// x, y and whether it is visible: 0 not labelled, 1 hidden, 2 visible.
    pub keypoints: Option<Vec<[f64; 3]>>,
    /// A region of many objects.
    pub crowd: bool,
    pub difficult: bool,
}
