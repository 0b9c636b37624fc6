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

use trainyard_events::dataset::FileProblem;
use trainyard_events::limits::{CLASS_NAME_CHARS, CLASSES};

use crate::data::folder::{self, Tree};
use crate::data::formats::annotations::{Annotated, Annotations};
use crate::data::formats::places::Places;
use crate::data::refusal::Refusal;

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
        let problem = "is labelled twice, with other boxes".to_owned();
        kept.marks = Err(FileProblem { path: kept.path.clone(), problem });
    }
    is_same
}

fn no_format(tree: &Tree) -> Refusal {
    let images = tree.files.iter().filter(|path| folder::is_image(path)).count();
    Refusal::new(
        format!(
            "no boxes are found beside the {images} images: looked for data.yaml or labels/*.txt (YOLO), \
             *.json with images and annotations (COCO), and *.xml with annotation (Pascal VOC)"
        ),
        "name the folder that holds both the images and their labels, in one of these formats",
    )
}

fn check_classes(classes: &[String]) -> Result<(), Refusal> {
    let next = "correct the names of the classes";
    if classes.len() > CLASSES {
        return Err(Refusal::new(format!("there are {} classes, more than {CLASSES}", classes.len()), next));
    }
    for (index, name) in classes.iter().enumerate() {
        let length = name.chars().count();
        if !(1..=CLASS_NAME_CHARS).contains(&length) {
            let problem =
                format!("the name of class {index} has {length} characters, not 1 to {CLASS_NAME_CHARS}");
            return Err(Refusal::new(problem, next));
        }
        if let Some(other) = classes[..index].iter().position(|other| other == name) {
            return Err(Refusal::new(
                format!("the classes {other} and {index} are both called {name:?}"),
                next,
            ));
        }
    }
    Ok(())
}
