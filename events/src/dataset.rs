//! The facts of a dataset: named, looked at by the fleet, and found good or not.

use serde::{Deserialize, Serialize};

use crate::config::Task;
use crate::reason::{Advice, Caution, Flaw, Reason, known};
use crate::results::Artifact;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DatasetFormat {
    /// A folder for each class, with or without split folders above them.
    ImageFolder,
    Yolo,
    Coco,
    PascalVoc,
}

/// Images by split. For a dataset that is not split, all are under `train` and `split` is false.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SplitCounts {
    pub train: u64,
    pub validation: u64,
    pub test: u64,
}

impl SplitCounts {
    pub fn total(&self) -> u64 {
        self.train + self.validation + self.test
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClassProfile {
    pub name: String,
    pub images: SplitCounts,
    /// Labelled objects; equal to the images when classifying.
    pub objects: u64,
}

/// What was found in a dataset, measured once over every file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DatasetProfile {
    pub format: DatasetFormat,
    pub task: Task,
    pub images: SplitCounts,
    /// Whether the dataset brings its own validation split.
    pub split: bool,
    /// In the dataset's order, which is the order of the model's outputs.
    pub classes: Vec<ClassProfile>,
    /// Width and height in pixels after EXIF rotation: smallest, median, largest of each.
    pub width: [u32; 3],
    pub height: [u32; 3],
    pub grey: bool,
    pub bytes: u64,
    /// SHA-256 over the sorted relative paths and the content of every file: the dataset's version.
    pub content_hash: String,
    /// In English; unusual, but no reason to refuse.
    pub warnings: Vec<String>,
    /// `warnings` as data, one each.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known")]
    pub cautions: Vec<Caution>,
    /// Files that were left out, with the reason.
    pub skipped: Vec<FileProblem>,
    /// Files that are used all the same, with what a person should know of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub noted: Vec<FileProblem>,
    /// Of a dataset with boxes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boxes: Option<BoxProfile>,
    /// What older inspectors did not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub histograms: Option<Histograms>,
}

/// The boxes of a dataset, counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BoxProfile {
    /// Boxes of one object each.
    pub objects: u64,
    /// Regions of many objects: neither trained on nor judged.
    pub crowds: u64,
    /// Objects below 32 x 32 pixels of their image, up to 96 x 96, and above.
    pub small: u64,
    pub medium: u64,
    pub large: u64,
    /// Objects in an image: smallest, median, largest.
    pub per_image: [u32; 3],
    /// Images without an object.
    pub background: u64,
}

/// How the sizes in a dataset are spread, by split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Histograms {
    /// Images by pixels of their sides, after EXIF rotation.
    pub width: Histogram,
    pub height: Histogram,
    /// Of a dataset with boxes: images by how many objects are in them, crowds left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<Histogram>,
    /// The objects by their size beside their image: the root of their part of its area, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_size: Option<Histogram>,
}

/// Counts in a few bins, from the first to the last that holds anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Histogram {
    /// Where each bin begins, ascending, and where the last one ends, which is not in it any more.
    pub edges: Vec<u32>,
    /// One less than the edges.
    pub counts: Vec<SplitCounts>,
}

/// What is wrong with one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileProblem {
    /// Relative to the dataset's root.
    pub path: String,
    pub problem: String,
    /// `problem` as data.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known")]
    pub flaws: Vec<Flaw>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", content = "body")]
pub enum DatasetEvent {
    /// Asks the fleet to look. Naming a dataset again asks again.
    #[serde(rename = "dataset.registered")]
    Registered { path: String, task: Task },
    /// `inspection` is the sequence of the registration that it answers.
    #[serde(rename = "dataset.validated")]
    Validated {
        inspection: u64,
        profile: Box<DatasetProfile>,
        /// Of the store, below `datasets/<dataset>/<inspection>/`: `sample_images`, a page of the dataset's images, and
        /// `sample_labels`, what is on it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        artifacts: Vec<Artifact>,
    },
    #[serde(rename = "dataset.rejected")]
    Rejected {
        inspection: u64,
        problem: String,
        next_step: String,
        /// The first [`crate::limits::REPORTED_FILES`] of `bad_files`.
        report: Vec<FileProblem>,
        bad_files: u64,
        /// `problem` as data, and `next_step`.
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known")]
        because: Vec<Reason>,
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known")]
        advice: Vec<Advice>,
    },
}

impl DatasetEvent {
    /// Dotted wire name.
    pub fn kind(&self) -> &'static str {
        match self {
            DatasetEvent::Registered { .. } => "dataset.registered",
            DatasetEvent::Validated { .. } => "dataset.validated",
            DatasetEvent::Rejected { .. } => "dataset.rejected",
        }
    }
}
