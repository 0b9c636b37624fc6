//! Datasets with boxes, as people have them on disk: which format lies there, and what its labels say.

pub mod annotations;
pub mod coco;
pub mod data_yaml;
pub mod places;
pub mod splits;
pub mod text;
pub mod voc;
pub mod yolo;

use std::path::Path;

use trainyard_events::limits::{CLASS_NAME_CHARS, CLASSES};
use trainyard_events::reason::{Advice, Flaw, Unfit};

use crate::data::folder::{self, Tree};
use crate::data::formats::annotations::{Annotated, Annotations};
use crate::data::formats::places::Places;
use crate::data::refusal::{Refusal, flawed};

/// Whether a format lies there, well or badly written.
pub fn are_there(root: &Path, tree: &Tree) -> bool {
    let places = Places::new(root, tree);
    data_yaml::data_yaml(&places).is_some()
        || coco::annotation_files(&places).is_some()
        || voc::annotation_files(&places).is_some()
        || yolo::has_labels(tree)
}

/// Reads the labels of whatever format lies there.
pub fn read(root: &Path, tree: &Tree) -> Result<Annotations, Refusal> {
    let places = Places::new(root, tree);
    let mut annotations = if let Some(yaml) = data_yaml::data_yaml(&places) {
        data_yaml::read(&places, yaml)?
    } else if let Some(files) = coco::annotation_files(&places) {
        coco::read(&places, &files)?
    } else if let Some(files) = voc::annotation_files(&places) {
        voc::read(&places, &files)?
    } else if yolo::has_labels(tree) {
        yolo::read_folders(&places, Vec::new())?
    } else {
        return Err(no_format(tree));
    };
    annotations.images.sort_by(|a, b| (&a.path, a.split).cmp(&(&b.path, b.split)));
    annotations.images.dedup_by(is_repeated);
    check_classes(&annotations.classes)?;
    Ok(annotations)
}

/// Whether `next` is the same image in the same split as `kept`; its labels have to be the same too.
fn is_repeated(next: &mut Annotated, kept: &mut Annotated) -> bool {
    let is_same = (&next.path, next.split) == (&kept.path, kept.split);
    let boxes = |image: &Annotated| -> Option<Vec<(usize, [f64; 4])>> {
        Some(image.marks.as_ref().ok()?.iter().map(|mark| (mark.class, mark.corners)).collect())
    };
    if is_same && boxes(next) != boxes(kept) {
        kept.marks = Err(flawed(&kept.path, vec![Flaw::LabelledTwice]));
    }
    is_same
}

fn no_format(tree: &Tree) -> Refusal {
    let images = tree.files.iter().filter(|path| folder::is_image(path)).count() as u64;
    Refusal::new(Unfit::NoLabels { images }, Advice::NameImagesAndLabels)
}

fn check_classes(classes: &[String]) -> Result<(), Refusal> {
    let refuse = |because| Err(Refusal::new(because, Advice::CorrectClassNames));
    if classes.len() > CLASSES {
        return refuse(Unfit::TooManyClasses { classes: classes.len() as u64, limit: CLASSES as u64 });
    }
    for (index, name) in classes.iter().enumerate() {
        let length = name.chars().count();
        if !(1..=CLASS_NAME_CHARS).contains(&length) {
            let (class, length, limit) = (index as u64, length as u64, CLASS_NAME_CHARS as u64);
            return refuse(Unfit::ClassNameLength { class, length, limit });
        }
        if let Some(other) = classes[..index].iter().position(|other| other == name) {
            let (first, second, name) = (other as u64, index as u64, name.clone());
            return refuse(Unfit::ClassNamedTwice { first, second, name });
        }
    }
    Ok(())
}
