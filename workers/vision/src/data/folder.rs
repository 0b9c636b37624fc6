//! The layout of an image folder: which file is of which class and split, from the names alone.

use std::fs;
use std::path::Path;

use trainyard_events::dataset::{FileProblem, SplitCounts};
use trainyard_events::limits::{CLASS_NAME_CHARS, CLASSES, DATASET_IMAGES};

use crate::data::refusal::Refusal;
use crate::limits::FOLDER_DEPTH;

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Split {
    Train,
    Validation,
    Test,
}

impl Split {
    /// Counts one more of this split.
    pub fn count(self, counts: &mut SplitCounts) {
        match self {
            Split::Train => counts.train += 1,
            Split::Validation => counts.validation += 1,
            Split::Test => counts.test += 1,
        }
    }
}

/// Everything below a root, hidden entries left out. Paths are relative, with `/`, and sorted.
#[derive(Debug, Default)]
pub struct Tree {
    pub folders: Vec<String>,
    pub files: Vec<String>,
    /// Links (never followed), names that are not UTF-8, folders that cannot be read or lie too deep.
    pub problems: Vec<FileProblem>,
}

/// One image file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub path: String,
    /// Index into [`Layout::classes`].
    pub class: usize,
    pub split: Split,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Layout {
    /// Sorted by bytes, as every common loader sorts.
    pub classes: Vec<String>,
    /// Whether there is a validation folder.
    pub validation: bool,
    pub images: Vec<Listed>,
    /// Files that are no images.
    pub others: usize,
}

const READ: [&str; 5] = ["jpg", "jpeg", "png", "bmp", "webp"];
/// Images all the same, so that they are reported instead of passed over.
const NOT_READ: [&str; 7] = ["gif", "tif", "tiff", "heic", "heif", "avif", "jp2"];

fn extension(path: &str) -> String {
    path.rsplit_once('.').map_or_else(String::new, |(_, extension)| extension.to_lowercase())
}

pub fn is_image(path: &str) -> bool {
    let extension = extension(path);
    READ.contains(&extension.as_str()) || NOT_READ.contains(&extension.as_str())
}

/// The split that a folder of this name holds.
pub fn split_of(folder: &str) -> Option<Split> {
    match folder.to_lowercase().as_str() {
        "train" | "training" => Some(Split::Train),
        "val" | "valid" | "validation" => Some(Split::Validation),
        "test" | "testing" => Some(Split::Test),
        _ => None,
    }
}

/// Walks the folder without following links.
pub fn walk(root: &Path) -> Result<Tree, Refusal> {
    let mut tree = Tree::default();
    walk_into(root, "", 0, &mut tree)?;
    tree.folders.sort_unstable();
    tree.files.sort_unstable();
    tree.problems.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(tree)
}

fn walk_into(folder: &Path, relative: &str, depth: usize, tree: &mut Tree) -> Result<(), Refusal> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if depth == 0 => {
            return Err(Refusal::new(
                format!("the folder {} cannot be read: {error}", folder.display()),
                "give the worker the right to read it, or name another path",
            ));
        }
        Err(error) => {
            tree.problems.push(problem(relative, format!("is a folder that cannot be read: {error}")));
            return Ok(());
        }
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                tree.problems.push(problem(relative, format!("is a folder that cannot be read on: {error}")));
                break;
            }
        };
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            tree.problems
                .push(problem(&join(relative, &name.to_string_lossy()), "has a name that is not UTF-8"));
            continue;
        };
        if name.starts_with('.') || name == "__MACOSX" {
            continue;
        }
        let path = join(relative, name);
        match entry.file_type() {
            Ok(kind) if kind.is_symlink() => {
                tree.problems.push(problem(
                    &path,
                    "is a symbolic link, which is not followed: put the file itself here",
                ));
            }
            Ok(kind) if kind.is_dir() && depth > FOLDER_DEPTH => {
                tree.problems.push(problem(&path, format!("lies more than {FOLDER_DEPTH} folders deep")));
            }
            Ok(kind) if kind.is_dir() => {
                walk_into(&entry.path(), &path, depth + 1, tree)?;
                tree.folders.push(path);
            }
            Ok(kind) if kind.is_file() => tree.files.push(path),
            Ok(_) => tree.problems.push(problem(&path, "is neither a file nor a folder")),
            Err(error) => tree.problems.push(problem(&path, format!("cannot be looked at: {error}"))),
        }
        if tree.files.len() > DATASET_IMAGES {
            return Err(Refusal::new(
                format!("there are more than {DATASET_IMAGES} files"),
                "train on a part of them",
            ));
        }
    }
    Ok(())
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn problem(path: &str, problem: impl Into<String>) -> FileProblem {
    FileProblem { path: path.to_owned(), problem: problem.into() }
}

/// Finds classes and splits. Pure: a tree in, a layout or the reason for none out.
pub fn layout(tree: &Tree) -> Result<Layout, Refusal> {
    refuse_other_formats(tree)?;
    let top: Vec<&str> = tree.folders.iter().map(String::as_str).filter(|path| !path.contains('/')).collect();
    let split = top.iter().any(|folder| split_of(folder).is_some());
    let validation = top.iter().any(|folder| split_of(folder) == Some(Split::Validation));
    if split && !top.iter().any(|folder| split_of(folder) == Some(Split::Train)) {
        return Err(Refusal::new(
            format!("there are split folders ({}) but none to train on", top.join(", ")),
            "name the folder of training images `train`",
        ));
    }

    // (split, class) of a path with at least one folder more than the file name.
    let place = |path: &str| -> Option<(Split, String)> {
        let mut parts = path.split('/');
        let split = if split { split_of(parts.next()?)? } else { Split::Train };
        Some((split, parts.next()?.to_owned()))
    };
    let mut classes: Vec<String> = tree.folders.iter().filter_map(|folder| Some(place(folder)?.1)).collect();
    classes.sort_unstable();
    classes.dedup();
    refuse_strange_classes(tree, &top, &classes)?;

    let mut images = Vec::new();
    let mut others = 0;
    for path in &tree.files {
        let found = place(path).and_then(|(split, class)| Some((split, classes.binary_search(&class).ok()?)));
        match found {
            Some((split, class)) if is_image(path) => {
                images.push(Listed { path: path.clone(), class, split })
            }
            _ => others += 1,
        }
    }
    Ok(Layout { classes, validation, images, others })
}

fn refuse_strange_classes(tree: &Tree, top: &[&str], classes: &[String]) -> Result<(), Refusal> {
    if classes.len() < 2 {
        return Err(match classes.first() {
            None if tree.files.is_empty() && top.is_empty() => Refusal::new(
                "the folder is empty",
                "name a folder that holds one folder of images for each class",
            ),
            None => Refusal::new(
                "there are files but no class folders",
                "make one folder for each class and put its images there: cats/1.jpg, dogs/1.jpg",
            ),
            Some(only) if top == [only.as_str()] && tree.folders.iter().any(|path| path.contains('/')) => {
                Refusal::new(
                    format!("there is only the folder {only:?}, with folders inside it"),
                    format!("if the classes are inside it, name {only:?} as the dataset"),
                )
            }
            Some(only) => Refusal::new(
                format!("there is only one class, {only:?}"),
                "a classifier tells at least two classes apart: add a folder for another class",
            ),
        });
    }
    if classes.len() > CLASSES {
        let problem = format!("there are {} class folders, more than {CLASSES}", classes.len());
        return Err(Refusal::new(problem, "one folder for each class, not for each image"));
    }
    if let Some(long) = classes.iter().find(|name| name.chars().count() > CLASS_NAME_CHARS) {
        let problem = format!("the class name {long:?} is longer than {CLASS_NAME_CHARS} characters");
        return Err(Refusal::new(problem, "give the folder a shorter name"));
    }
    Ok(())
}

/// Datasets with boxes have their own layouts; reading one as classes would train on nonsense.
fn refuse_other_formats(tree: &Tree) -> Result<(), Refusal> {
    let has_folder = |name: &str| tree.folders.iter().any(|path| path.eq_ignore_ascii_case(name));
    let has_file = |name: &str| tree.files.iter().any(|path| path.eq_ignore_ascii_case(name));
    let ends = |folder: &str, end: &str| {
        tree.files.iter().any(|path| path.split('/').any(|part| part == folder) && path.ends_with(end))
    };
    let format = if has_file("data.yaml")
        || has_file("data.yml")
        || (has_folder("labels") && has_folder("images"))
        || ends("labels", ".txt")
    {
        "a YOLO dataset (data.yaml, images/ and labels/)"
    } else if has_folder("Annotations") && has_folder("JPEGImages") {
        "a Pascal VOC dataset (JPEGImages/ and Annotations/)"
    } else if ends("annotations", ".json") {
        "a COCO dataset (annotations/*.json)"
    } else {
        return Ok(());
    };
    Err(Refusal::new(
        format!("this looks like {format}, which holds boxes, not classes of images"),
        "ask for a detector to learn its boxes; to classify, name a folder with one folder of images for each class",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree from file paths; a path that ends with `/` is an empty folder.
    fn tree(paths: &[&str]) -> Tree {
        let mut tree = Tree::default();
        for path in paths {
            let mut parts: Vec<&str> = path.split('/').collect();
            let name = parts.pop().unwrap();
            for end in 1..=parts.len() {
                tree.folders.push(parts[..end].join("/"));
            }
            if !name.is_empty() {
                tree.files.push((*path).to_owned());
            }
        }
        tree.folders.sort_unstable();
        tree.folders.dedup();
        tree
    }

    fn read(paths: &[&str]) -> Vec<(String, usize, Split)> {
        let layout = layout(&tree(paths)).unwrap();
        layout.images.into_iter().map(|image| (image.path, image.class, image.split)).collect()
    }

    #[test]
    fn a_folder_for_each_class() {
        let found = read(&["dog/1.jpg", "cat/b/2.PNG", "cat/notes.txt"]);
        assert_eq!(found, [("dog/1.jpg".into(), 1, Split::Train), ("cat/b/2.PNG".into(), 0, Split::Train)]);
    }

    #[test]
    fn split_folders_go_by_many_names() {
        for (name, split) in [
            ("train", Split::Train),
            ("Training", Split::Train),
            ("val", Split::Validation),
            ("valid", Split::Validation),
            ("validation", Split::Validation),
            ("test", Split::Test),
        ] {
            let found = read(&["train/a/1.jpg", "train/b/2.jpg", &format!("{name}/b/x.jpg")]);
            assert_eq!(found[2], (format!("{name}/b/x.jpg"), 1, split));
        }
    }

    #[test]
    fn a_class_may_be_called_test_only_beside_split_folders() {
        assert!(
            layout(&tree(&["test/1.jpg", "other/2.jpg"])).unwrap_err().problem.contains("none to train on")
        );
    }

    #[test]
    fn what_is_no_image_folder_is_refused_with_a_way_out() {
        for (paths, problem) in [
            (&[][..], "empty"),
            (&["a.jpg", "b.jpg"], "no class folders"),
            (&["cats/1.jpg"], "only one class"),
            (&["shapes/cats/1.jpg", "shapes/dogs/1.jpg"], "with folders inside"),
            (&["data.yaml", "images/1.jpg", "labels/1.txt"], "YOLO"),
            (&["train/images/1.jpg", "train/labels/1.txt"], "YOLO"),
            (&["JPEGImages/1.jpg", "Annotations/1.xml"], "Pascal VOC"),
            (&["images/1.jpg", "annotations/all.json"], "COCO"),
        ] {
            let refusal = layout(&tree(paths)).unwrap_err();
            assert!(refusal.problem.contains(problem), "{paths:?}: {}", refusal.problem);
            assert!(!refusal.next_step.is_empty());
        }
    }
}
