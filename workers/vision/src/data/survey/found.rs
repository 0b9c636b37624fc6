//! What a survey finds.

use trainyard_events::dataset::DatasetProfile;

use crate::data::folder::Split;
use crate::data::scenes::Scene;

/// A dataset that can be trained on: its profile, and every readable image.
#[derive(Debug)]
pub struct Survey {
    pub profile: DatasetProfile,
    pub samples: Samples,
}

/// The readable images with what the task needs to know of each.
#[derive(Debug)]
pub enum Samples {
    Classified(Vec<Sample>),
    /// With the split and the SHA-256 of the file.
    Scenes(Vec<(Scene, Split, [u8; 32])>),
}

/// One readable image.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Relative to the dataset's root.
    pub path: String,
    /// Index into the dataset's classes.
    pub class: usize,
    pub split: Split,
    /// SHA-256 of the file.
    pub content: [u8; 32],
}
