//! What was wrong with files of datasets. Frozen.

use super::cause::cause;
use super::pattern::{Phrase, n, quoted, read};
use crate::reason::{BoxFlaw, Contents, Flaw, LineFlaw, ObjectFlaw, Picture, Place};

pub(super) fn flaw(text: &str) -> Option<Flaw> {
    read(FLAWS, text)
}

const FLAWS: &[Phrase<Flaw>] = &[
    // Of anything in a folder.
    ("is a folder that cannot be read on: {}", |v| Some(Flaw::FolderCutShort { cause: cause(v[0]) })),
    ("is a folder that cannot be read: {}", |v| Some(Flaw::UnreadableFolder { cause: cause(v[0]) })),
    ("has a name that is not UTF-8", |_| Some(Flaw::NameNotUtf8)),
    ("is a symbolic link, which is not followed: put the file itself here", |_| Some(Flaw::SymbolicLink)),
    ("lies more than {} folders deep", |v| Some(Flaw::TooDeep { folders: n(v[0])? })),
    ("is neither a file nor a folder", |_| Some(Flaw::NeitherFileNorFolder)),
    ("cannot be looked at: {}", |v| Some(Flaw::NotToBeLookedAt { cause: cause(v[0]) })),
    ("cannot be read: {}", |v| Some(Flaw::Unreadable { cause: cause(v[0]) })),
    ("is larger than {} MiB", |v| Some(Flaw::LargerThanMib { mib: n(v[0])? })),
    // Of an image.
    ("is empty", |_| Some(Flaw::EmptyFile)),
    ("is not an image: it holds text", |_| Some(Flaw::NotAnImage { holds: Contents::Text })),
    ("is not an image: it holds a PDF", |_| Some(Flaw::NotAnImage { holds: Contents::Pdf })),
    ("is not an image: it holds a ZIP archive", |_| Some(Flaw::NotAnImage { holds: Contents::Zip })),
    ("is not an image: it holds bytes of no known image format", |_| {
        Some(Flaw::NotAnImage { holds: Contents::Unknown })
    }),
    ("is a GIF, which is not read here: convert it to PNG or JPEG", |_| {
        Some(Flaw::NotReadHere { picture: Picture::Gif })
    }),
    ("is a TIFF, which is not read here: convert it to PNG or JPEG", |_| {
        Some(Flaw::NotReadHere { picture: Picture::Tiff })
    }),
    ("is a HEIC, AVIF or video file, which is not read here: convert it to PNG or JPEG", |_| {
        Some(Flaw::NotReadHere { picture: Picture::Heic })
    }),
    ("claims {} x {} pixels, more than {} megapixels", |v| {
        Some(Flaw::TooManyPixels { width: n(v[0])?, height: n(v[1])?, megapixels: n(v[2])? })
    }),
    ("is cut off: the end of the image is missing", |_| Some(Flaw::CutOff)),
    ("is damaged: {}", |v| Some(Flaw::Damaged { cause: cause(v[0]) })),
    ("has {} x {} pixels, less than {} on a side", |v| {
        Some(Flaw::TooSmall { width: n(v[0])?, height: n(v[1])?, least: n(v[2])? })
    }),
    (
        "has {} x {} pixels, but its label says {} x {}: its boxes are of the image before its EXIF orientation turned it: save it upright and label that",
        |v| other_size(v, true),
    ),
    ("has {} x {} pixels, but its label says {} x {}: its boxes are of another image", |v| {
        other_size(v, false)
    }),
    // Of an image's labels.
    ("{} has no area and is left out", |v| boxed(v[0], BoxFlaw::NoArea)),
    ("{} has less than a pixel inside the image and is left out", |v| boxed(v[0], BoxFlaw::Outside)),
    ("{} reaches out of the image and is cut", |v| boxed(v[0], BoxFlaw::Cut)),
    ("{} of its boxes are there twice and count once", |v| Some(Flaw::RepeatedBoxes { boxes: n(v[0])? })),
    ("has no label and counts as background", |_| Some(Flaw::Background)),
    ("is turned by its EXIF orientation; its boxes are taken as of the upright image", |_| {
        Some(Flaw::TurnedByExif)
    }),
    ("and {} more", |v| Some(Flaw::MoreNotes { notes: n(v[0])? })),
    ("is the same image as {}", |v| Some(Flaw::SameImageAs { path: v[0].to_owned() })),
    ("is labelled twice, with other boxes", |_| Some(Flaw::LabelledTwice)),
    ("is a label, but its image is not there", |_| Some(Flaw::LabelWithoutImage)),
    ("is not UTF-8 text", |_| Some(Flaw::NotUtf8)),
    // Of COCO's.
    ("is not JSON, where NaN and Infinity are no numbers: {}", |v| {
        Some(Flaw::NotJson { cause: cause(v[0]) })
    }),
    ("is not a list of COCO annotations: {}", |v| Some(Flaw::NotCoco { cause: cause(v[0]) })),
    ("has no list of images", |_| Some(Flaw::NoImageList)),
    ("has {} annotations of images that it does not list", |v| {
        Some(Flaw::AnnotationsOfOthers { annotations: n(v[0])? })
    }),
    ("is listed in {} but is not in the dataset", |v| Some(Flaw::ListedButMissing { file: v[0].to_owned() })),
    ("is listed in {}; {} files are called so", |v| {
        Some(Flaw::ListedAmbiguously { file: v[0].to_owned(), files: n(v[1])? })
    }),
    ("has {} boxes in {}, more than {} for one image", |v| {
        Some(Flaw::TooManyBoxesIn { boxes: n(v[0])?, file: v[1].to_owned(), limit: n(v[2])? })
    }),
    ("has {} of category {}, which is not in the list of categories", |v| {
        Some(Flaw::UnknownCategory { place: place(v[0])?, category: n(v[1])? })
    }),
    ("has {} whose box is not four numbers", |v| Some(Flaw::BoxNotFourNumbers { place: place(v[0])? })),
    // Of YOLO's.
    ("is not a description of a YOLO dataset: {}", |v| Some(Flaw::NotYolo { cause: cause(v[0]) })),
    ("names images to validate or test on, but none to train on", |_| Some(Flaw::NothingNamedToTrainOn)),
    ("names {} classes, but none with the number {}", |v| {
        Some(Flaw::ClassNumberMissing { classes: n(v[0])?, number: n(v[1])? })
    }),
    ("names no class", |_| Some(Flaw::NoClassNamed)),
    ("names {}, which is not in the dataset", |v| Some(Flaw::NamesMissing { path: v[0].to_owned() })),
    ("names {}, which {}", |v| {
        Some(Flaw::NamesUnusable { path: v[0].to_owned(), flaw: Box::new(flaw(v[1])?) })
    }),
    ("is named by {} but is not in the dataset", |v| Some(Flaw::NamedButMissing { list: v[0].to_owned() })),
    ("says nc: {}, but names {} classes", |v| {
        Some(Flaw::ClassCountDiffers { said: n(v[0])?, named: n(v[1])? })
    }),
    ("line {}: {}", |v| Some(Flaw::Line { line: n(v[0])?, flaw: read(LINES, v[1])? })),
    ("holds more than {} boxes for one image", |v| Some(Flaw::MoreBoxesThan { limit: n(v[0])? })),
    // Of Pascal VOC's.
    ("is not readable XML: {}", |v| Some(Flaw::NotXml { cause: cause(v[0]) })),
    ("holds <{}>, not <annotation>", |v| Some(Flaw::NotAnAnnotation { element: v[0].to_owned() })),
    ("object {} {}", |v| Some(Flaw::Object { object: n(v[0])?, flaw: read(OBJECTS, v[1])? })),
    ("holds {} boxes, more than {} for one image", |v| {
        Some(Flaw::TooManyBoxes { boxes: n(v[0])?, limit: n(v[1])? })
    }),
];

const LINES: &[Phrase<LineFlaw>] = &[
    ("{} is not a number", |v| Some(LineFlaw::NotANumber { word: quoted(v[0])? })),
    ("{} is not the number of a class", |v| Some(LineFlaw::NotAClass { number: n(v[0])? })),
    ("there is no class {}: {} are named, counted from 0", |v| {
        Some(LineFlaw::NoSuchClass { class: n(v[0])?, named: Some(n(v[1])?) })
    }),
    ("there is no class {}", |v| Some(LineFlaw::NoSuchClass { class: n(v[0])?, named: None })),
    ("{} is far outside: numbers are parts of the image's sides, from 0 to 1", |v| {
        Some(LineFlaw::FarOutside { number: n(v[0])? })
    }),
    ("{} numbers, but a box is a class and four", |v| Some(LineFlaw::NumberCount { numbers: n(v[0])? })),
];

const OBJECTS: &[Phrase<ObjectFlaw>] = &[
    ("has no name", |_| Some(ObjectFlaw::NoName)),
    ("has no bndbox", |_| Some(ObjectFlaw::NoBox)),
    ("has no {}", |v| Some(ObjectFlaw::NoSide { side: v[0].to_owned() })),
    ("has {} as {}, which is not a number", |v| {
        Some(ObjectFlaw::SideNotANumber { word: quoted(v[0])?, side: v[1].to_owned() })
    }),
];

const PLACES: &[Phrase<Place>] = &[
    ("line {} of {}", |v| Some(Place::Line { line: n(v[0])?, file: v[1].to_owned() })),
    ("annotation {} in {}", |v| Some(Place::Annotation { id: Some(n(v[0])?), file: v[1].to_owned() })),
    ("an annotation in {}", |v| Some(Place::Annotation { id: None, file: v[0].to_owned() })),
    ("object {} of {}", |v| Some(Place::Object { object: n(v[0])?, file: v[1].to_owned() })),
];

fn place(text: &str) -> Option<Place> {
    read(PLACES, text)
}

fn boxed(text: &str, flaw: BoxFlaw) -> Option<Flaw> {
    Some(Flaw::Box { place: place(text)?, flaw })
}

fn other_size(v: &[&str], turned: bool) -> Option<Flaw> {
    let (width, height) = (n(v[0])?, n(v[1])?);
    Some(Flaw::OtherSize { width, height, stated_width: n(v[2])?, stated_height: n(v[3])?, turned })
}
