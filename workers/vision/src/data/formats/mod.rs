//! Datasets with boxes, as people have them on disk: which format lies there, and what its labels say.

pub mod coco;
pub mod data_yaml;
pub mod places;
pub mod voc;
pub mod yolo;

use std::collections::HashSet;
use std::fs;
use std::io::Read;
use std::path::Path;

use trainyard_events::dataset::{DatasetFormat, FileProblem};
use trainyard_events::limits::{CLASS_NAME_CHARS, CLASSES};

use crate::data::folder::{self, Split, Tree};
use crate::data::formats::places::Places;
use crate::data::survey::Refusal;
use crate::limits::LABEL_FILE_BYTES;

/// Everything that labels say, before an image is looked at.
#[derive(Debug)]
pub struct Annotations {
    pub format: DatasetFormat,
    /// In the order of the classes' numbers.
    pub classes: Vec<String>,
    /// Whether the dataset names images to validate on.
    pub split: bool,
    /// Sorted by path; an image that is in two splits is there twice.
    pub images: Vec<Annotated>,
    /// Labels that belong to no image, and images that are named but not there.
    pub problems: Vec<FileProblem>,
    pub warnings: Vec<String>,
}

/// One image and its labels.
#[derive(Debug)]
pub struct Annotated {
    pub path: String,
    pub split: Split,
    /// Whether anything says what is in it; an image without is background.
    pub is_labelled: bool,
    /// Width and height as the labels state them.
    pub stated: Option<(u32, u32)>,
    /// Or which file is wrong, and how.
    pub marks: Result<Vec<Mark>, FileProblem>,
}

/// One box as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    pub class: usize,
    /// x1, y1, x2, y2, finite, not yet checked against the image.
    pub corners: [f64; 4],
    /// Whether the corners are parts of the image's sides instead of pixels.
    pub is_relative: bool,
    pub crowd: bool,
    /// Where it stands, such as `line 3 of labels/1.txt`.
    pub place: String,
}

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

/// A file with labels as text; a mark of byte order is left out.
fn read_text(path: &Path, limit: u64) -> Result<String, String> {
    let mut text = String::new();
    let read = fs::File::open(path).and_then(|file| file.take(limit + 1).read_to_string(&mut text));
    match read {
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Err("is not UTF-8 text".to_owned()),
        Err(error) => Err(format!("cannot be read: {error}")),
        Ok(length) if length as u64 > limit => Err(format!("is larger than {} MiB", limit >> 20)),
        Ok(_) => Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
    }
}

fn read_label_file(path: &Path) -> Result<String, String> {
    read_text(path, LABEL_FILE_BYTES)
}

/// The split that a folder or a file is named after: `train`, `val2017`, `instances_train2017`.
fn split_in_name(name: &str) -> Option<Split> {
    let part = |part: &str| folder::split_of(part.trim_end_matches(|c: char| c.is_ascii_digit()));
    name.split(['_', '-', '.', ' ']).find_map(part)
}

/// The split that the innermost such folder of a path is named after.
fn split_in_folders(path: &str) -> Option<Split> {
    let mut folders = path.rsplit('/').skip(1);
    folders.find_map(split_in_name)
}

/// Images of the tree that no split names are worth a warning.
fn warn_of_unused(tree: &Tree, used: &HashSet<&str>, warnings: &mut Vec<String>) {
    let unused: Vec<&String> =
        tree.files.iter().filter(|path| folder::is_image(path) && !used.contains(path.as_str())).collect();
    if let Some(first) = unused.first() {
        warnings.push(format!("{} images are in no split and are ignored, such as {first}", unused.len()));
    }
}
