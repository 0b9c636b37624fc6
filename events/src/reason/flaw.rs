//! What is wrong with one file of a dataset, or worth knowing of it. The file itself is named beside it.

use serde::{Deserialize, Serialize};

use super::{Cause, LabelFormat, NameMatch};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Flaw {
    // Of anything in a folder.
    UnreadableFolder {
        cause: Cause,
    },
    FolderCutShort {
        cause: Cause,
    },
    NameNotUtf8,
    SymbolicLink,
    TooDeep {
        folders: u64,
    },
    NeitherFileNorFolder,
    NotToBeLookedAt {
        cause: Cause,
    },
    Unreadable {
        cause: Cause,
    },
    LargerThanMib {
        mib: u64,
    },

    // Of an archive.
    LeadsOutside,
    LinkInArchive,
    NameTooLong {
        bytes: u64,
    },
    ThereTwice,
    /// What it is said to have, and how many of these come at most.
    OtherLength {
        stated: u64,
        bytes: u64,
    },
    OtherCompression,

    // Of an image.
    EmptyFile,
    NotAnImage {
        holds: Contents,
    },
    NotReadHere {
        picture: Picture,
    },
    TooManyPixels {
        width: u32,
        height: u32,
        megapixels: u64,
    },
    CutOff,
    /// The file that was looked at had other bytes.
    OtherContent,
    Damaged {
        cause: Cause,
    },
    TooSmall {
        width: u32,
        height: u32,
        least: u32,
    },
    /// `turned`: the label fits the image as it was before its EXIF orientation turned it.
    OtherSize {
        width: u32,
        height: u32,
        stated_width: u32,
        stated_height: u32,
        turned: bool,
    },

    // Of an image's labels.
    Box {
        place: Place,
        flaw: BoxFlaw,
    },
    RepeatedBoxes {
        boxes: u64,
    },
    Background,
    TurnedByExif,
    MoreNotes {
        notes: u64,
    },
    SameImageAs {
        path: String,
    },
    /// Another image, which is trained on while this one judges.
    LooksLike {
        path: String,
    },
    OneColour,
    NearlyBlack,
    LabelledTwice,
    LabelWithoutImage,
    NotUtf8,

    // Of COCO's.
    NotJson {
        cause: Cause,
    },
    NotCoco {
        cause: Cause,
    },
    NoImageList,
    AnnotationsOfOthers {
        annotations: u64,
    },
    ListedButMissing {
        file: String,
    },
    ListedAmbiguously {
        file: String,
        files: u64,
    },
    TooManyBoxesIn {
        boxes: u64,
        file: String,
        limit: u64,
    },
    UnknownCategory {
        place: Place,
        category: u64,
    },
    BoxNotFourNumbers {
        place: Place,
    },

    // Of YOLO's.
    NotYolo {
        cause: Cause,
    },
    NothingNamedToTrainOn,
    NamesMissing {
        path: String,
    },
    NamesUnusable {
        path: String,
        flaw: std::boxed::Box<Flaw>,
    },
    NamedButMissing {
        list: String,
    },
    ClassNumberMissing {
        classes: u64,
        number: u64,
    },
    ClassCountDiffers {
        said: u64,
        named: u64,
    },
    NoClassNamed,
    Line {
        line: u64,
        flaw: LineFlaw,
    },
    MoreBoxesThan {
        limit: u64,
    },

    // Of Pascal VOC's.
    NotXml {
        cause: Cause,
    },
    NotAnAnnotation {
        element: String,
    },
    Object {
        object: u64,
        flaw: ObjectFlaw,
    },
    TooManyBoxes {
        boxes: u64,
        limit: u64,
    },

    // Of any format's.
    LinkOutside,
    LinkLoops,
    SameNameAs {
        path: String,
    },
    /// `written` is taken as the file itself.
    NameMatched {
        by: NameMatch,
        written: String,
    },
    NotText,
    NotOfFormat {
        format: LabelFormat,
        cause: Cause,
    },
    /// Whose categories have no numbers for ids; [`Flaw::UnknownCategory`] otherwise.
    UnknownClass {
        place: Place,
        class: String,
    },
    NumbersUnusable {
        place: Place,
    },
    MaskDoesNotFit {
        place: Place,
    },
    /// Of `shapes` labels that are left out.
    ShapesNotRead {
        shapes: u64,
        kind: String,
    },
    MorePointsThan {
        limit: u64,
    },
    /// A mask that was compressed with loss: its numbers are none any more.
    MaskLossy,
    /// Nothing says which class a colour is.
    MaskInColours,

    /// A foreign inspector's, as it is.
    FlawSaid {
        text: String,
    },
}

/// What a file holds that is no image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contents {
    Text,
    Pdf,
    Zip,
    Unknown,
}

/// An image of a kind that is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Picture {
    Gif,
    Tiff,
    /// HEIC, AVIF or a video: they begin alike.
    Heic,
}

/// Where a box is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "snake_case")]
pub enum Place {
    /// From 1.
    Line {
        line: u64,
        file: String,
    },
    Annotation {
        id: Option<u64>,
        file: String,
    },
    /// From 1.
    Object {
        object: u64,
        file: String,
    },
}

/// What becomes of a box that is not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoxFlaw {
    NoArea,
    Outside,
    Cut,
}

/// What is wrong with a line of YOLO's labels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum LineFlaw {
    NotANumber {
        word: String,
    },
    NotAClass {
        number: f64,
    },
    /// `named` classes there are, counted from 0.
    NoSuchClass {
        class: f64,
        named: Option<u64>,
    },
    FarOutside {
        number: f64,
    },
    NumberCount {
        numbers: u64,
    },
    /// Of a pose with so many numbers for each object, the class among them.
    PoseNumberCount {
        numbers: u64,
        expected: u64,
    },
}

/// What is wrong with an object of Pascal VOC's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ObjectFlaw {
    NoName,
    NoBox,
    NoSide { side: String },
    SideNotANumber { side: String, word: String },
}
