//! COCO: JSON files that list images, boxes and categories, in one file or one for each split.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io::{BufReader, Read};

use serde::Deserialize;
use trainyard_events::dataset::{DatasetFormat, FileProblem};

use crate::data::folder::{Split, is_image};
use crate::data::formats::annotations::{Annotated, Annotations, Mark};
use crate::data::formats::places::{Place, Places, folder, name};
use crate::data::formats::splits::{split_in_folders, split_in_name, warn_of_unused};
use crate::data::refusal::Refusal;
use crate::limits::{COCO_FILE_BYTES, IMAGE_BOXES};

/// Bytes at the start of a JSON file in which one of its three lists has to begin.
const HEAD_BYTES: u64 = 64 * 1024;

/// The JSON files with boxes: those called `instances...`, as COCO ships them beside captions and key points, or all.
pub fn annotation_files<'a>(places: &Places<'a>) -> Option<Vec<&'a str>> {
    let is_annotation = |path: &&str| {
        let mut head = Vec::new();
        let read = fs::File::open(places.on_disk(path))
            .and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head));
        let has = |key: &str| head.windows(key.len()).any(|part| part == key.as_bytes());
        read.is_ok() && ["\"images\"", "\"annotations\"", "\"categories\""].into_iter().any(has)
    };
    let files = places.tree.files.iter().map(String::as_str).filter(|path| path.ends_with(".json"));
    let all: Vec<&str> = files.filter(is_annotation).collect();
    let instances: Vec<&str> =
        all.iter().copied().filter(|path| name(path).starts_with("instances")).collect();
    let files = if instances.is_empty() { all } else { instances };
    (!files.is_empty()).then_some(files)
}

#[derive(Deserialize)]
struct Content {
    images: Option<Vec<Image>>,
    #[serde(default)]
    annotations: Vec<Annotation>,
    #[serde(default)]
    categories: Vec<Category>,
}

#[derive(Deserialize)]
struct Image {
    id: u64,
    file_name: String,
    width: Option<u32>,
    height: Option<u32>,
}

#[derive(Deserialize)]
struct Annotation {
    id: Option<u64>,
    image_id: u64,
    category_id: Option<u64>,
    /// Left, top, width, height in pixels.
    bbox: Option<Vec<Option<f64>>>,
    iscrowd: Option<Crowd>,
}

/// 0 or 1 in most files, false or true in some.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Crowd {
    Number(u8),
    Truth(bool),
}

#[derive(Deserialize)]
struct Category {
    id: u64,
    name: String,
}

/// Reads every file; the one or other may be of a split that its name or folder tells.
pub fn read(places: &Places, files: &[&str]) -> Result<Annotations, Refusal> {
    let contents =
        files.iter().map(|file| read_file(places, file)).collect::<Result<Vec<Content>, Refusal>>()?;
    let splits: Vec<Option<Split>> =
        files.iter().map(|file| split_in_name(name(file)).or_else(|| split_in_folders(file))).collect();
    let mut annotations = Annotations {
        format: DatasetFormat::Coco,
        classes: Vec::new(),
        split: splits.contains(&Some(Split::Validation)),
        images: Vec::new(),
        problems: Vec::new(),
        warnings: Vec::new(),
    };
    let classes = categories(files, &contents, &mut annotations.warnings)?;
    let index: HashMap<u64, usize> = classes.keys().enumerate().map(|(index, id)| (*id, index)).collect();
    annotations.classes = classes.into_values().collect();
    for ((file, content), split) in files.iter().zip(contents).zip(splits) {
        read_images(places, file, content, split.unwrap_or(Split::Train), &index, &mut annotations);
    }
    let used: HashSet<&str> = annotations.images.iter().map(|image| image.path.as_str()).collect();
    let mut warnings = Vec::new();
    warn_of_unused(places.tree, &used, &mut warnings);
    annotations.warnings.extend(warnings);
    Ok(annotations)
}

fn read_file(places: &Places, path: &str) -> Result<Content, Refusal> {
    let wrong = |problem: String| {
        let next = "write the file again with the tool that made it, then name the dataset again";
        Refusal::new(format!("{path} {problem}"), next)
    };
    let file =
        fs::File::open(places.on_disk(path)).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    if file.metadata().is_ok_and(|found| found.len() > COCO_FILE_BYTES) {
        return Err(wrong(format!("is larger than {} MiB", COCO_FILE_BYTES >> 20)));
    }
    let content: Content =
        serde_json::from_reader(BufReader::with_capacity(1 << 20, file)).map_err(|error| {
            wrong(match error.is_syntax() {
                true => format!("is not JSON, where NaN and Infinity are no numbers: {error}"),
                false => format!("is not a list of COCO annotations: {error}"),
            })
        })?;
    if content.images.is_none() {
        return Err(wrong("has no list of images".to_owned()));
    }
    Ok(content)
}

/// Names by category id, over all files. Ids need not follow each other; ids without any list get names.
fn categories(
    files: &[&str],
    contents: &[Content],
    warnings: &mut Vec<String>,
) -> Result<BTreeMap<u64, String>, Refusal> {
    let mut names: BTreeMap<u64, String> = BTreeMap::new();
    for (file, content) in files.iter().zip(contents) {
        for Category { id, name } in &content.categories {
            let known = names.entry(*id).or_insert_with(|| name.trim().to_owned());
            if known != name.trim() {
                let problem = format!("category {id} is {known:?} in one place and {name:?} in {file}");
                return Err(Refusal::new(problem, "give every category one id and one name in all files"));
            }
        }
    }
    if names.is_empty() {
        let used = contents.iter().flat_map(|content| &content.annotations);
        names = used.filter_map(|a| a.category_id).map(|id| (id, format!("category {id}"))).collect();
        warnings.push("nothing names the categories, so they are called by their ids".to_owned());
    }
    Ok(names)
}

fn read_images(
    places: &Places,
    file: &str,
    content: Content,
    split: Split,
    classes: &HashMap<u64, usize>,
    annotations: &mut Annotations,
) {
    let images = content.images.unwrap_or_default();
    let mut of_image: HashMap<u64, Vec<Annotation>> = HashMap::new();
    for annotation in content.annotations {
        of_image.entry(annotation.image_id).or_default().push(annotation);
    }
    for image in &images {
        let boxes = of_image.remove(&image.id);
        let problem = |path: &str, problem: String| FileProblem { path: path.to_owned(), problem };
        match locate(places, file, &image.file_name, split) {
            Ok(path) => annotations.images.push(Annotated {
                path: path.to_owned(),
                split,
                is_labelled: boxes.is_some(),
                stated: image.width.zip(image.height).filter(|(width, height)| *width > 0 && *height > 0),
                marks: marks(boxes.unwrap_or_default(), file, classes).map_err(|text| problem(path, text)),
            }),
            Err(text) => annotations.problems.push(problem(&image.file_name, text)),
        }
    }
    if !of_image.is_empty() {
        let count: usize = of_image.values().map(Vec::len).sum();
        let problem = format!("has {count} annotations of images that it does not list");
        annotations.problems.push(FileProblem { path: file.to_owned(), problem });
    }
}

/// The image that a file names: from where the file lies, from the root, or the only one whose path ends so.
fn locate<'a>(places: &Places<'a>, file: &str, named: &str, split: Split) -> Result<&'a str, String> {
    let bases = [folder(file), "", "images"];
    if let Some(Place::File(path)) = places.find(&bases, named).filter(|_| is_image(named)) {
        return Ok(path);
    }
    let named = named.replace('\\', "/");
    let ends = match places.ending_with(&named) {
        found if found.is_empty() => places.ending_with(name(&named)),
        found => found,
    };
    let of_split: Vec<&str> =
        ends.iter().copied().filter(|path| split_in_folders(path) == Some(split)).collect();
    match (ends.as_slice(), of_split.as_slice()) {
        ([path], _) | (_, [path]) if is_image(path) => Ok(path),
        ([], _) => Err(format!("is listed in {file} but is not in the dataset")),
        _ => Err(format!("is listed in {file}; {} files are called so", ends.len())),
    }
}

fn marks(boxes: Vec<Annotation>, file: &str, classes: &HashMap<u64, usize>) -> Result<Vec<Mark>, String> {
    if boxes.len() > IMAGE_BOXES {
        return Err(format!("has {} boxes in {file}, more than {IMAGE_BOXES} for one image", boxes.len()));
    }
    let mut marks = Vec::with_capacity(boxes.len());
    for Annotation { id, category_id, bbox, iscrowd, .. } in boxes {
        let place =
            id.map_or_else(|| format!("an annotation in {file}"), |id| format!("annotation {id} in {file}"));
        // Captions and whole-image labels have no box.
        let (Some(bbox), Some(category)) = (bbox, category_id) else { continue };
        let Some(&class) = classes.get(&category) else {
            return Err(format!(
                "has {place} of category {category}, which is not in the list of categories"
            ));
        };
        let [Some(x), Some(y), Some(width), Some(height)] = bbox[..] else {
            return Err(format!("has {place} whose box is not four numbers"));
        };
        let crowd = matches!(iscrowd, Some(Crowd::Truth(true) | Crowd::Number(1..)));
        marks.push(Mark { class, corners: [x, y, x + width, y + height], is_relative: false, crowd, place });
    }
    Ok(marks)
}
