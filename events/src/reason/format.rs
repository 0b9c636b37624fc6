//! How labels are written: the formats that are read, those that are only known by name, and how a name was matched.

use serde::{Deserialize, Serialize};

/// A format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LabelFormat {
    /// A folder for each class, with or without split folders above them.
    ImageFolder,
    Yolo,
    Coco,
    PascalVoc,
    /// An image of numbers beside each image.
    Masks,
    CvatImages,
    LabelStudio,
    Labelme,
    CreateMl,
    Csv,
}

/// Labels that are recognised and not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnreadLabels {
    OrientedBoxes,
    Brush,
    Skeletons,
    MixedSkeletons,
    Via,
    TfRecord,
    Supervisely,
    AiHub,
    Kitti,
    OtherJson,
    OtherXml,
    /// What a model has said, for people to correct.
    Predictions,
}

/// How a written name and the name of a file are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameMatch {
    /// The same letters, composed otherwise: Hangul from a Mac.
    Normal,
    Case,
    /// Percent-encoded, or a URL.
    Percent,
    /// The folders differ, and only one file ends so.
    End,
}

/// A part of a label that a format cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelPart {
    Box,
    Polygon,
    Mask,
    Keypoints,
    /// Which key points are each other in a mirror.
    KeypointPairs,
    Crowd,
    Difficult,
    /// All but the first label of an image.
    Further,
    /// A label of the image as a whole.
    WholeImage,
    /// The image itself, which has no label.
    Background,
    /// Of an image, where a format has no splits.
    Split,
}
