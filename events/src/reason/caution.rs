//! What is unusual about a dataset and no reason to refuse it. Paths are below its root.

use serde::{Deserialize, Serialize};

use super::{Flaw, LabelFormat, LabelPart, NameMatch};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Caution {
    LeftOut {
        files: u64,
        first: String,
        flaw: Flaw,
    },
    NotOfAClass {
        files: u64,
    },
    UnevenImages {
        most: u64,
        common: String,
        least: u64,
        rare: String,
    },
    UnevenObjects {
        most: u64,
        common: String,
        least: u64,
        rare: String,
    },
    /// `classes` of them, the first of which are named; so below.
    WithoutValidation {
        classes: u64,
        names: Vec<String>,
    },
    WithOneImage {
        classes: u64,
        names: Vec<String>,
    },
    /// In training and in what judges it; `path` is the same image as `other`, so below.
    Leaked {
        images: u64,
        path: String,
        other: String,
    },
    UnderTwoClasses {
        images: u64,
        path: String,
        class: String,
        other: String,
        other_class: String,
    },

    // Of boxes.
    LeakedScenes {
        images: u64,
        path: String,
        other: String,
    },
    TwiceWithOtherBoxes {
        images: u64,
        path: String,
        other: String,
    },
    Twice {
        images: u64,
        path: String,
        other: String,
    },
    BoxesCut {
        boxes: u64,
    },
    BoxesDropped {
        boxes: u64,
    },
    BoxesRepeated {
        boxes: u64,
    },
    ImagesTurned {
        images: u64,
    },
    ImagesUnlabelled {
        images: u64,
    },
    WithoutObject {
        classes: u64,
        names: Vec<String>,
    },
    WithoutTrainObject {
        classes: u64,
        names: Vec<String>,
    },
    WithoutValidationObject {
        classes: u64,
        names: Vec<String>,
    },
    /// `largest` side of an image, in pixels.
    SmallObjects {
        percent: u64,
        largest: u32,
    },

    // Of labels.
    CategoriesUnnamed,
    ClassesUnnamed,
    /// `place` is a path below the root; none is the root itself.
    TakenAs {
        file: String,
        path: String,
        place: Option<String>,
    },
    TestMissing {
        file: String,
        path: String,
    },
    PathElsewhere {
        path: String,
        file: String,
    },
    InNoSplit {
        images: u64,
        first: String,
    },
    LabelsInNoSplit {
        labels: u64,
    },

    // Of any dataset.
    /// `names` of them; `written` is one, and `found` the file that it is.
    NamesMatched {
        names: u64,
        by: NameMatch,
        written: String,
        found: String,
    },
    /// Of an operating system or a NAS.
    SystemFiles {
        files: u64,
        first: String,
    },
    ReadAsKorean {
        files: u64,
        first: String,
    },
    /// Two formats that say the same; the first is read.
    SaidTwice {
        first: LabelFormat,
        second: LabelFormat,
    },
    /// Each label file by the list of classes nearest to it.
    /// Named for training and for what judges it; they are trained on.
    InTwoSplits {
        images: u64,
        first: String,
    },
    /// Folders inside the folder of `class`, of which some are named: all are taken as that class.
    FoldersWithin {
        class: String,
        folders: Vec<String>,
    },
    NearestClassList {
        lists: u64,
    },
    /// 16-bit images that use fewer `bits`.
    SampleBits {
        images: u64,
        bits: u64,
    },
    /// All pixels of each of them have one colour; `first` is one of them, so below.
    OneColour {
        images: u64,
        first: String,
    },
    NearlyBlack {
        images: u64,
        first: String,
    },
    /// Objects of one class whose boxes overlap, with one mask of the class: what lies in both is the smaller's.
    MasksShared {
        objects: u64,
        first: String,
    },
    NearDuplicates {
        pairs: u64,
        path: String,
        other: String,
    },
    ShapesLeftOut {
        shapes: u64,
        kind: String,
    },
    /// Of a dataset that is written as `format`, which cannot hold it.
    NotWritten {
        labels: u64,
        part: LabelPart,
        format: LabelFormat,
    },

    /// A foreign inspector's, as it is.
    CautionSaid {
        text: String,
    },
}
