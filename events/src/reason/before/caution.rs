//! What was unusual about datasets. Frozen.

use super::flaw::flaw;
use super::pattern::{Phrase, list, n, quoted, read};
use crate::reason::Caution;

pub(super) fn caution(text: &str) -> Option<Caution> {
    read(CAUTIONS, text)
}

const CAUTIONS: &[Phrase<Caution>] = &[
    ("{} files are left out, the first is {}: it {}", |v| {
        Some(Caution::LeftOut { files: n(v[0])?, first: v[1].to_owned(), flaw: flaw(v[2])? })
    }),
    ("{} files are left out, the first is {}: {}", |v| {
        Some(Caution::LeftOut { files: n(v[0])?, first: v[1].to_owned(), flaw: flaw(v[2])? })
    }),
    ("{} files are no images of a class and are ignored", |v| Some(Caution::NotOfAClass { files: n(v[0])? })),
    ("classes are uneven: {} images of {}, {} of {}", |v| {
        Some(Caution::UnevenImages {
            most: n(v[0])?,
            common: quoted(v[1])?,
            least: n(v[2])?,
            rare: quoted(v[3])?,
        })
    }),
    ("classes are uneven: {} objects of {}, {} of {}", |v| {
        Some(Caution::UnevenObjects {
            most: n(v[0])?,
            common: quoted(v[1])?,
            least: n(v[2])?,
            rare: quoted(v[3])?,
        })
    }),
    ("{} classes have no validation image, so their accuracy stays unknown: {}", |v| {
        Some(Caution::WithoutValidation { classes: n(v[0])?, names: list(v[1]) })
    }),
    ("{} classes have one image, which is trained on, so their accuracy stays unknown: {}", |v| {
        Some(Caution::WithOneImage { classes: n(v[0])?, names: list(v[1]) })
    }),
    ("{} images are in training and in validation or test, which flatters the accuracy: {} is {}", |v| {
        Some(Caution::Leaked { images: n(v[0])?, path: v[1].to_owned(), other: v[2].to_owned() })
    }),
    ("{} images are under two classes: {} ({}) is {} ({})", |v| {
        Some(Caution::UnderTwoClasses {
            images: n(v[0])?,
            path: v[1].to_owned(),
            class: v[2].to_owned(),
            other: v[3].to_owned(),
            other_class: v[4].to_owned(),
        })
    }),
    // Of boxes.
    ("{} images are in training and in validation or test, which flatters the precision: {} is {}", |v| {
        Some(Caution::LeakedScenes { images: n(v[0])?, path: v[1].to_owned(), other: v[2].to_owned() })
    }),
    ("{} images are there twice with other boxes: {} is {}", |v| {
        Some(Caution::TwiceWithOtherBoxes { images: n(v[0])?, path: v[1].to_owned(), other: v[2].to_owned() })
    }),
    ("{} images are there twice: {} is {}", |v| {
        Some(Caution::Twice { images: n(v[0])?, path: v[1].to_owned(), other: v[2].to_owned() })
    }),
    ("{} boxes reach out of their image and are cut", |v| Some(Caution::BoxesCut { boxes: n(v[0])? })),
    ("{} boxes have no area in their image and are left out", |v| {
        Some(Caution::BoxesDropped { boxes: n(v[0])? })
    }),
    ("{} boxes are there twice and count once", |v| Some(Caution::BoxesRepeated { boxes: n(v[0])? })),
    ("{} images are turned by their EXIF orientation; their boxes are taken as of the upright image", |v| {
        Some(Caution::ImagesTurned { images: n(v[0])? })
    }),
    ("{} images have no label and count as background", |v| {
        Some(Caution::ImagesUnlabelled { images: n(v[0])? })
    }),
    ("{} classes have no object: {}", |v| {
        Some(Caution::WithoutObject { classes: n(v[0])?, names: list(v[1]) })
    }),
    ("{} classes have no object to train on: {}", |v| {
        Some(Caution::WithoutTrainObject { classes: n(v[0])?, names: list(v[1]) })
    }),
    ("{} classes have no object to validate on, so their precision stays unknown: {}", |v| {
        Some(Caution::WithoutValidationObject { classes: n(v[0])?, names: list(v[1]) })
    }),
    (
        "{} % of the objects are smaller than 32 x 32 pixels: use an image_size near the images' own, up to {}",
        |v| Some(Caution::SmallObjects { percent: n(v[0])?, largest: n(v[1])? }),
    ),
    // Of labels.
    ("nothing names the categories, so they are called by their ids", |_| Some(Caution::CategoriesUnnamed)),
    ("nothing names the classes, so they are called by their numbers", |_| Some(Caution::ClassesUnnamed)),
    ("{} names {}, which is taken as {}", |v| {
        let place = (v[2] != "the whole folder").then(|| v[2].to_owned());
        Some(Caution::TakenAs { file: v[0].to_owned(), path: v[1].to_owned(), place })
    }),
    ("{} names {} to test on, which is not in the dataset", |v| {
        Some(Caution::TestMissing { file: v[0].to_owned(), path: v[1].to_owned() })
    }),
    ("path: {} is not in this dataset, so paths are read from where {} lies", |v| {
        Some(Caution::PathElsewhere { path: v[0].to_owned(), file: v[1].to_owned() })
    }),
    ("{} images are in no split and are ignored, such as {}", |v| {
        Some(Caution::InNoSplit { images: n(v[0])?, first: v[1].to_owned() })
    }),
    ("{} labels are of images in no split and are ignored", |v| {
        Some(Caution::LabelsInNoSplit { labels: n(v[0])? })
    }),
];
