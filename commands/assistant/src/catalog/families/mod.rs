//! The catalog's data: every model family by its names in both languages, and its members.
//!
//! Parameter counts are those published for the ImageNet or COCO heads; `0` where we know none for certain.

// Packed by hand: one name a line would bury them.
#[rustfmt::skip]
mod classifiers;
#[rustfmt::skip]
mod others;

use trainyard_events::config::Task;

use super::Runner;

pub(in crate::catalog) struct Family {
    pub(in crate::catalog) name: &'static str,
    pub(in crate::catalog) task: Task,
    pub(in crate::catalog) licence: &'static str,
    pub(in crate::catalog) runner: Runner,
    pub(in crate::catalog) image_size: u32,
    /// Without spaces, hyphens, underscores and dots, in lower case.
    pub(in crate::catalog) names: &'static [&'static str],
    /// Smallest first. The first one is meant where only the family is named, unless another has the empty name.
    pub(in crate::catalog) members: &'static [Member],
}

/// Catalog id, parameters, what follows the family's name.
pub(in crate::catalog) type Member = (&'static str, u64, &'static [&'static str]);

/// What follows a YOLO's name and size for another task than detection: id suffix, task, words.
pub(in crate::catalog) const YOLO_TASKS: [(&str, Task, &[&str]); 4] = [
    ("", Task::Detect, &["", "detect", "det"]),
    ("-seg", Task::Segment, &["seg", "segment", "segmentation", "세그", "세그멘테이션", "세그먼트"]),
    ("-pose", Task::Pose, &["pose", "keypoint", "포즈"]),
    ("-cls", Task::Classify, &["cls", "classify"]),
];

const BSD: &str = "BSD-3-Clause";
const APACHE: &str = "Apache-2.0";
const AGPL: &str = "AGPL-3.0";

/// Every family.
pub(in crate::catalog) fn all() -> impl Iterator<Item = &'static Family> {
    classifiers::FAMILIES.iter().chain(&others::FAMILIES)
}
