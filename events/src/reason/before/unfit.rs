//! Why datasets could not be trained on. Frozen.

use super::cause::cause;
use super::flaw::flaw;
use super::pattern::{Phrase, list, n, quoted, read, word};
use crate::reason::LabelFormat;
use crate::reason::{Exit, Unfit};

pub(super) const UNFIT: &[Phrase<Unfit>] = &[
    // The folder.
    ("there is nothing at {}", |v| Some(Unfit::NothingThere { path: v[0].to_owned() })),
    ("{} is a file, not a folder", |v| Some(Unfit::NotAFolder { path: v[0].to_owned() })),
    ("the folder {} cannot be read: {}", |v| {
        Some(Unfit::FolderUnreadable { path: v[0].to_owned(), cause: cause(v[1]) })
    }),
    ("{} cannot be looked at: {}", |v| {
        Some(Unfit::CannotBeLookedAt { path: v[0].to_owned(), cause: cause(v[1]) })
    }),
    ("there are more than {} files", |v| Some(Unfit::TooManyFiles { limit: n(v[0])? })),
    ("datasets to {} are not read yet", |v| Some(Unfit::TaskNotRead { task: word(v[0])? })),
    // A folder for each class.
    ("the folder is empty", |_| Some(Unfit::EmptyFolder)),
    ("there are files but no class folders", |_| Some(Unfit::NoClassFolders)),
    ("there is only the folder {}, with folders inside it", |v| {
        Some(Unfit::OnlyFolder { folder: quoted(v[0])? })
    }),
    ("there is only one class, {}", |v| Some(Unfit::OnlyClass { class: quoted(v[0])? })),
    ("there are {} class folders, more than {}", |v| {
        Some(Unfit::TooManyClassFolders { folders: n(v[0])?, limit: n(v[1])? })
    }),
    ("the class name {} is longer than {} characters", |v| {
        Some(Unfit::ClassNameTooLong { class: quoted(v[0])?, limit: n(v[1])? })
    }),
    ("there are split folders ({}) but none to train on", |v| {
        Some(Unfit::NoTrainFolder { folders: list(v[0]) })
    }),
    (
        "this looks like a YOLO dataset (data.yaml, images/ and labels/), which holds boxes, not classes of images",
        |_| Some(Unfit::HoldsBoxes { format: LabelFormat::Yolo }),
    ),
    (
        "this looks like a Pascal VOC dataset (JPEGImages/ and Annotations/), which holds boxes, not classes of images",
        |_| Some(Unfit::HoldsBoxes { format: LabelFormat::PascalVoc }),
    ),
    ("this looks like a COCO dataset (annotations/*.json), which holds boxes, not classes of images", |_| {
        Some(Unfit::HoldsBoxes { format: LabelFormat::Coco })
    }),
    ("the class {} has no readable image to train on", |v| {
        Some(Unfit::ClassWithoutImage { class: quoted(v[0])? })
    }),
    ("every class has one image, so none is left to validate on", |_| Some(Unfit::OneImageEach)),
    ("the validation folder has no readable image", |_| Some(Unfit::NoValidationImage)),
    ("{} of {} files cannot be used, more than {} %", |v| {
        Some(Unfit::TooManyBadFiles { bad: n(v[0])?, files: n(v[1])?, percent: n(v[2])? })
    }),
    // Boxes.
    (
        "no boxes are found beside the {} images: looked for data.yaml or labels/*.txt (YOLO), *.json with images and annotations (COCO), and *.xml with annotation (Pascal VOC)",
        |v| Some(Unfit::NoLabels { images: n(v[0])? }),
    ),
    ("there are folders to validate or test on, but none to train on", |_| Some(Unfit::OnlyOtherSplits)),
    ("there are {} classes, more than {}", |v| {
        Some(Unfit::TooManyClasses { classes: n(v[0])?, limit: n(v[1])? })
    }),
    ("the name of class {} has {} characters, not 1 to {}", |v| {
        Some(Unfit::ClassNameLength { class: n(v[0])?, length: n(v[1])?, limit: n(v[2])? })
    }),
    ("the classes {} and {} are both called {}", |v| {
        Some(Unfit::ClassNamedTwice { first: n(v[0])?, second: n(v[1])?, name: quoted(v[2])? })
    }),
    ("{} of {} boxes have no area in their image, more than {} %", |v| {
        Some(Unfit::TooManyBadBoxes { bad: n(v[0])?, boxes: n(v[1])?, percent: n(v[2])? })
    }),
    ("none of the {} images has a box", |v| Some(Unfit::NoBoxes { images: n(v[0])? })),
    ("no image to train on has a box", |_| Some(Unfit::NoBoxToTrainOn)),
    ("no image to validate on has a box", |_| Some(Unfit::NoBoxToValidateOn)),
    ("only one image has boxes, so none is left to validate on", |_| Some(Unfit::OneImageWithBoxes)),
    ("category {} is {} in one place and {} in {}", |v| {
        Some(Unfit::CategoryTwice {
            category: n(v[0])?,
            name: quoted(v[1])?,
            other: quoted(v[2])?,
            file: v[3].to_owned(),
        })
    }),
    // The agent's.
    ("{} is not supported yet; name a folder that the workers can read", |v| {
        Some(Unfit::RemotePath { path: v[0].to_owned() })
    }),
    ("{} needs a home folder, and this worker has none; name an absolute path", |v| {
        Some(Unfit::NoHomeFolder { path: v[0].to_owned() })
    }),
    ("it could not be inspected: the inspector cannot be started: {}", |v| {
        Some(Unfit::InspectorNotStarted { cause: cause(v[0]) })
    }),
    ("it could not be inspected: the inspector cannot be listened to: {}", |v| {
        Some(Unfit::InspectorUnheard { cause: cause(v[0]) })
    }),
    ("it could not be inspected: the inspector ended with exit code {} and without a verdict: {}", |v| {
        Some(Unfit::InspectorEnded { exit: Exit::Code { number: n(v[0])? }, last: v[1].to_owned() })
    }),
    ("it could not be inspected: the inspector ended with signal {} and without a verdict: {}", |v| {
        Some(Unfit::InspectorEnded { exit: Exit::Signal { number: n(v[0])? }, last: v[1].to_owned() })
    }),
    ("looking at it takes more than {} minutes", |v| Some(Unfit::TooSlow { minutes: n(v[0])? })),
    (
        "its description does not fit into the log: the event is {} bytes; {} is the most: make it smaller",
        |v| Some(Unfit::ProfileTooLarge { bytes: n(v[0])?, limit: n(v[1])? }),
    ),
];

/// A file of labels that is wrong as a whole; its name tells what it was. It may read like much else: asked late.
pub(super) fn label_file(text: &str) -> Option<Unfit> {
    read(&[("{} {}", |v| of_file(v[0], v[1]))], text)
}

fn of_file(path: &str, text: &str) -> Option<Unfit> {
    let (flaw, path) = (flaw(text)?, path.to_owned());
    match path.rsplit_once('.')?.1 {
        "json" => Some(Unfit::CocoFile { path, flaw }),
        "yaml" | "yml" => Some(Unfit::DataYaml { path, flaw }),
        "txt" if path.ends_with("classes.txt") => Some(Unfit::ClassList { path, flaw }),
        "txt" => Some(Unfit::ImageSet { path, flaw }),
        _ => None,
    }
}
