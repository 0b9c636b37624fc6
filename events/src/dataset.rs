//! The facts of a dataset: named, looked at by the fleet, and found good or not.

use serde::{Deserialize, Serialize};

use crate::address::{Place, Remote};
use crate::config::Task;
use crate::reason::{Advice, Caution, Flaw, LabelFormat, Reason, known};
use crate::results::Artifact;

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
    pub format: LabelFormat,
    /// The first of `kinds`.
    pub task: Task,
    /// Every task that its labels can serve; of an older inspector, which looked for one task, nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Task>,
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
    /// Files that were left out, with the reason: the first of `skipped_files`.
    pub skipped: Vec<FileProblem>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skipped_files: u64,
    /// Files that are used all the same, with what a person should know of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub noted: Vec<FileProblem>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub noted_files: u64,
    /// Of a dataset with boxes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boxes: Option<BoxProfile>,
    /// What older inspectors did not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub histograms: Option<Histograms>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl DatasetProfile {
    /// Whether its labels can be used for `task`.
    pub fn serves(&self, task: Task) -> bool {
        if self.kinds.is_empty() { self.task == task } else { self.kinds.contains(&task) }
    }
}

/// Characters of a dataset's name.
const NAME_CHARS: usize = 64;

/// Whether `text` can name a dataset: letters and digits of any script, `.`, `_` and `-`, and no path.
pub fn is_name(text: &str) -> bool {
    let fits = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '_' | '-');
    text.starts_with(char::is_alphanumeric) && text.chars().all(fits) && text.chars().count() <= NAME_CHARS
}

/// A dataset as people write it, `scratches@3`, parted into what it is and which version of it. Of a path, `@3` is a
/// part.
pub fn parted(written: &str) -> (&str, Option<u32>) {
    let named = written.rsplit_once('@').filter(|(name, _)| is_name(name));
    let version =
        named.and_then(|(name, number)| Some((name, number.parse().ok().filter(|number| *number > 0)?)));
    version.map_or((written, None), |(name, number)| (name, Some(number)))
}

/// Whether `text` can name a version of a dataset: as a dataset is named, and no number.
pub fn is_tag(text: &str) -> bool {
    is_name(text) && !text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A dataset as people write it with a tag, `scratches@golden`. A path has none.
pub fn tagged(written: &str) -> Option<(&str, &str)> {
    written.rsplit_once('@').filter(|(name, tag)| is_name(name) && is_tag(tag))
}

/// Where the images and labels of a dataset come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum DatasetSource {
    /// A folder that every worker sees under the dataset's path.
    #[default]
    Path,
    /// Files in the store, one by one: `list` names them, a line of JSON each.
    Files { list: Artifact },
    /// An archive at an address, which a worker fetches when it looks.
    Archive {
        url: String,
        /// What it has to be, where that was said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<String>,
    },
    /// Objects below `prefix/` in a bucket of somebody's, or the one object of that key, which is an archive. A worker fetches
    /// them when it looks.
    Bucket {
        bucket: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        prefix: String,
        /// Of an archive: what it has to be, where that was said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<String>,
    },
}

/// A state of a dataset that never changes: exactly these images with exactly these labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DatasetVersion {
    /// From 1.
    pub number: u32,
    /// Every task that it can serve.
    pub kinds: Vec<Task>,
    /// The lines of every image and its labels, in the store. Its hash is the version.
    pub manifest: Artifact,
    /// Whether its images are in the store, too; else each worker has to see them where they were looked at.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stored: bool,
    /// What the look that found it has listed as wrong with single files. Older looks left it to the dataset's artifacts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problems: Option<Artifact>,
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
    Registered {
        /// Where it is, or its name.
        path: String,
        /// What it is wanted for. A look finds everything that it can serve.
        task: Task,
        #[serde(default, skip_serializing_if = "Place::is_path")]
        source: Place,
        /// Where it is fetched from, if it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remote: Option<Remote>,
    },
    /// `inspection` is the sequence of the registration that it answers.
    #[serde(rename = "dataset.validated")]
    Validated {
        inspection: u64,
        profile: Box<DatasetProfile>,
        /// Of the store, below `datasets/<dataset>/<inspection>/`: `sample_images`, a page of the dataset's images,
        /// `sample_labels`, what is on it, and `problems`, what is wrong with single files,
        /// and `augmented_labels` with the pages that it names, what augmentation would do.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        artifacts: Vec<Artifact>,
        /// The newest before it, where nothing has changed. Older inspectors made none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<DatasetVersion>,
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
    /// `tag` names this version from here on, whichever it named before.
    #[serde(rename = "dataset.tagged")]
    Tagged { tag: String, version: u32 },
    #[serde(rename = "dataset.untagged")]
    Untagged { tag: String },
    /// No job may be asked for on it any more; those that were go on.
    #[serde(rename = "dataset.archived")]
    Archived {},
    #[serde(rename = "dataset.restored")]
    Restored {},
    /// Of these versions nothing is kept, and their numbers are not given again. With `whole`, or with none left and no
    /// look under way, the dataset is gone, and its name free.
    #[serde(rename = "dataset.deleted")]
    Deleted {
        versions: Vec<u32>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        whole: bool,
    },
}

impl DatasetEvent {
    /// Dotted wire name.
    pub fn kind(&self) -> &'static str {
        match self {
            DatasetEvent::Registered { .. } => "dataset.registered",
            DatasetEvent::Validated { .. } => "dataset.validated",
            DatasetEvent::Rejected { .. } => "dataset.rejected",
            DatasetEvent::Tagged { .. } => "dataset.tagged",
            DatasetEvent::Untagged { .. } => "dataset.untagged",
            DatasetEvent::Archived { .. } => "dataset.archived",
            DatasetEvent::Restored { .. } => "dataset.restored",
            DatasetEvent::Deleted { .. } => "dataset.deleted",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_parted_from_a_name_and_never_from_a_path() {
        for (written, what, version) in [
            ("scratches@3", "scratches", Some(3)),
            ("3호기-긁힘@12", "3호기-긁힘", Some(12)),
            ("scratches", "scratches", None),
            ("scratches@0", "scratches@0", None),
            ("scratches@latest", "scratches@latest", None),
            ("/data/scratches@3", "/data/scratches@3", None),
            ("data/x@3", "data/x@3", None),
            ("@3", "@3", None),
        ] {
            assert_eq!(parted(written), (what, version), "{written}");
        }
        assert!(
            !is_name("") && !is_name("a/b") && !is_name("~x") && !is_name("a b") && !is_name(&"x".repeat(65))
        );
    }

    #[test]
    fn a_tag_is_a_name_and_no_number_and_of_no_path() {
        for (written, tagged_so) in [
            ("scratches@golden", Some(("scratches", "golden"))),
            ("3호기-긁힘@검수본.1", Some(("3호기-긁힘", "검수본.1"))),
            ("scratches@3", None),
            ("scratches@", None),
            ("scratches", None),
            ("/data/scratches@golden", None),
            ("a@b@c", None),
        ] {
            assert_eq!(tagged(written), tagged_so, "{written}");
        }
        assert!(is_tag("v3") && !is_tag("3") && !is_tag("-x") && !is_tag(&"x".repeat(65)));
    }
}
