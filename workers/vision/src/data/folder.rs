//! The layout of an image folder: which file is of which class and split, from the names alone.

use std::fs;
use std::path::Path;

use trainyard_events::dataset::{DatasetFormat, FileProblem, SplitCounts};
use trainyard_events::limits::{CLASS_NAME_CHARS, CLASSES, DATASET_IMAGES};
use trainyard_events::reason::{Advice, Flaw, Unfit};

use crate::data::refusal::{Refusal, flawed};
use crate::failure::cause;
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
                Unfit::FolderUnreadable { path: folder.display().to_string(), cause: cause(&error) },
                Advice::GiveReadRight,
            ));
        }
        Err(error) => {
            tree.problems.push(problem(relative, Flaw::UnreadableFolder { cause: cause(&error) }));
            return Ok(());
        }
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                tree.problems.push(problem(relative, Flaw::FolderCutShort { cause: cause(&error) }));
                break;
            }
        };
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            tree.problems.push(problem(&join(relative, &name.to_string_lossy()), Flaw::NameNotUtf8));
            continue;
        };
        if name.starts_with('.') || name == "__MACOSX" {
            continue;
        }
        let path = join(relative, name);
        match entry.file_type() {
            Ok(kind) if kind.is_symlink() => {
                tree.problems.push(problem(&path, Flaw::SymbolicLink));
            }
            Ok(kind) if kind.is_dir() && depth > FOLDER_DEPTH => {
                tree.problems.push(problem(&path, Flaw::TooDeep { folders: FOLDER_DEPTH as u64 }));
            }
            Ok(kind) if kind.is_dir() => {
                walk_into(&entry.path(), &path, depth + 1, tree)?;
                tree.folders.push(path);
            }
            Ok(kind) if kind.is_file() => tree.files.push(path),
            Ok(_) => tree.problems.push(problem(&path, Flaw::NeitherFileNorFolder)),
            Err(error) => tree.problems.push(problem(&path, Flaw::NotToBeLookedAt { cause: cause(&error) })),
        }
        if tree.files.len() > DATASET_IMAGES {
            return Err(Refusal::new(
                Unfit::TooManyFiles { limit: DATASET_IMAGES as u64 },
                Advice::TrainOnPart,
            ));
        }
    }
    Ok(())
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn problem(path: &str, flaw: Flaw) -> FileProblem {
    flawed(path, vec![flaw])
}

/// Finds classes and splits. Pure: a tree in, a layout or the reason for none out.
pub fn layout(tree: &Tree) -> Result<Layout, Refusal> {
    refuse_other_formats(tree)?;
    let top: Vec<&str> = tree.folders.iter().map(String::as_str).filter(|path| !path.contains('/')).collect();
    let split = top.iter().any(|folder| split_of(folder).is_some());
    let validation = top.iter().any(|folder| split_of(folder) == Some(Split::Validation));
    if split && !top.iter().any(|folder| split_of(folder) == Some(Split::Train)) {
        return Err(Refusal::new(
            Unfit::NoTrainFolder { folders: top.into_iter().map(str::to_owned).collect() },
            Advice::NameFolderTrain,
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
            None if tree.files.is_empty() && top.is_empty() => {
                Refusal::new(Unfit::EmptyFolder, Advice::NameFolderOfClasses)
            }
            None => Refusal::new(Unfit::NoClassFolders, Advice::MakeClassFolders),
            Some(only) if top == [only.as_str()] && tree.folders.iter().any(|path| path.contains('/')) => {
                let folder = || only.clone();
                Refusal::new(
                    Unfit::OnlyFolder { folder: folder() },
                    Advice::NameInnerFolder { folder: folder() },
                )
            }
            Some(only) => Refusal::new(Unfit::OnlyClass { class: only.clone() }, Advice::AddClassFolder),
        });
    }
    if classes.len() > CLASSES {
        let (folders, limit) = (classes.len() as u64, CLASSES as u64);
        return Err(Refusal::new(Unfit::TooManyClassFolders { folders, limit }, Advice::FolderForEachClass));
    }
    if let Some(long) = classes.iter().find(|name| name.chars().count() > CLASS_NAME_CHARS) {
        let because = Unfit::ClassNameTooLong { class: long.clone(), limit: CLASS_NAME_CHARS as u64 };
        return Err(Refusal::new(because, Advice::ShortenFolderName));
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
        DatasetFormat::Yolo
    } else if has_folder("Annotations") && has_folder("JPEGImages") {
        DatasetFormat::PascalVoc
    } else if ends("annotations", ".json") {
        DatasetFormat::Coco
    } else {
        return Ok(());
    };
    Err(Refusal::new(Unfit::HoldsBoxes { format }, Advice::AskForDetector))
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
        let refusal = layout(&tree(&["test/1.jpg", "other/2.jpg"])).unwrap_err();
        assert!(matches!(*refusal.because, Unfit::NoTrainFolder { .. }), "{refusal}");
    }

    #[test]
    fn what_is_no_image_folder_is_refused_with_a_way_out() {
        let holds = |format| Unfit::HoldsBoxes { format };
        for (paths, because) in [
            (&[][..], Unfit::EmptyFolder),
            (&["a.jpg", "b.jpg"], Unfit::NoClassFolders),
            (&["cats/1.jpg"], Unfit::OnlyClass { class: "cats".into() }),
            (&["shapes/cats/1.jpg", "shapes/dogs/1.jpg"], Unfit::OnlyFolder { folder: "shapes".into() }),
            (&["data.yaml", "images/1.jpg", "labels/1.txt"], holds(DatasetFormat::Yolo)),
            (&["train/images/1.jpg", "train/labels/1.txt"], holds(DatasetFormat::Yolo)),
            (&["JPEGImages/1.jpg", "Annotations/1.xml"], holds(DatasetFormat::PascalVoc)),
            (&["images/1.jpg", "annotations/all.json"], holds(DatasetFormat::Coco)),
        ] {
            assert_eq!(*layout(&tree(paths)).unwrap_err().because, because, "{paths:?}");
        }
    }
}
