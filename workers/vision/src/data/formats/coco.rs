//! COCO: JSON files that list images, boxes and categories, in one file or one for each split.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io::{BufReader, Read};

use serde::Deserialize;
use trainyard_events::dataset::DatasetFormat;
use trainyard_events::reason::{Advice, Cause, Caution, Flaw, Place as Written, Unfit};

use crate::data::folder::{Split, is_image};
use crate::data::formats::annotations::{Annotated, Annotations, Mark};
use crate::data::formats::places::{Place, Places, folder, name};
use crate::data::formats::splits::{split_in_folders, split_in_name, unused};
use crate::data::refusal::{Refusal, flawed};
use crate::failure::cause;
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
        cautions: Vec::new(),
    };
    let classes = categories(files, &contents, &mut annotations.cautions)?;
    let index: HashMap<u64, usize> = classes.keys().enumerate().map(|(index, id)| (*id, index)).collect();
    annotations.classes = classes.into_values().collect();
    for ((file, content), split) in files.iter().zip(contents).zip(splits) {
        read_images(places, file, content, split.unwrap_or(Split::Train), &index, &mut annotations);
    }
    let used: HashSet<&str> = annotations.images.iter().map(|image| image.path.as_str()).collect();
    let unused = unused(places.tree, &used);
    annotations.cautions.extend(unused);
    Ok(annotations)
}

fn read_file(places: &Places, path: &str) -> Result<Content, Refusal> {
    let wrong =
        |flaw: Flaw| Refusal::new(Unfit::CocoFile { path: path.to_owned(), flaw }, Advice::RewriteFile);
    let file = fs::File::open(places.on_disk(path))
        .map_err(|error| wrong(Flaw::Unreadable { cause: cause(&error) }))?;
    if file.metadata().is_ok_and(|found| found.len() > COCO_FILE_BYTES) {
        return Err(wrong(Flaw::LargerThanMib { mib: COCO_FILE_BYTES >> 20 }));
    }
    let content: Content =
        serde_json::from_reader(BufReader::with_capacity(1 << 20, file)).map_err(|error| {
            let cause = Cause::said(error.to_string());
            wrong(if error.is_syntax() { Flaw::NotJson { cause } } else { Flaw::NotCoco { cause } })
        })?;
    if content.images.is_none() {
        return Err(wrong(Flaw::NoImageList));
    }
    Ok(content)
}

/// Names by category id, over all files. Ids need not follow each other; ids without any list get names.
fn categories(
    files: &[&str],
    contents: &[Content],
    cautions: &mut Vec<Caution>,
) -> Result<BTreeMap<u64, String>, Refusal> {
    let mut names: BTreeMap<u64, String> = BTreeMap::new();
    for (file, content) in files.iter().zip(contents) {
        for Category { id, name } in &content.categories {
            let known = names.entry(*id).or_insert_with(|| name.trim().to_owned());
            if known != name.trim() {
                let because = Unfit::CategoryTwice {
                    category: *id,
                    name: known.clone(),
                    other: name.clone(),
                    file: (*file).to_owned(),
                };
                return Err(Refusal::new(because, Advice::OneCategoryName));
            }
        }
    }
    if names.is_empty() {
        let used = contents.iter().flat_map(|content| &content.annotations);
        names = used.filter_map(|a| a.category_id).map(|id| (id, format!("category {id}"))).collect();
        cautions.push(Caution::CategoriesUnnamed);
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
        let problem = |path: &str, flaw: Flaw| flawed(path, vec![flaw]);
        match locate(places, file, &image.file_name, split) {
            Ok(path) => annotations.images.push(Annotated {
                path: path.to_owned(),
                split,
                is_labelled: boxes.is_some(),
                stated: image.width.zip(image.height).filter(|(width, height)| *width > 0 && *height > 0),
                marks: marks(boxes.unwrap_or_default(), file, classes).map_err(|flaw| problem(path, flaw)),
            }),
            Err(flaw) => annotations.problems.push(problem(&image.file_name, flaw)),
        }
    }
    if !of_image.is_empty() {
        let count: usize = of_image.values().map(Vec::len).sum();
        let flaw = Flaw::AnnotationsOfOthers { annotations: count as u64 };
        annotations.problems.push(flawed(file, vec![flaw]));
    }
}

/// The image that a file names: from where the file lies, from the root, or the only one whose path ends so.
fn locate<'a>(places: &Places<'a>, file: &str, named: &str, split: Split) -> Result<&'a str, Flaw> {
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
        ([], _) => Err(Flaw::ListedButMissing { file: file.to_owned() }),
        _ => Err(Flaw::ListedAmbiguously { file: file.to_owned(), files: ends.len() as u64 }),
    }
}

fn marks(boxes: Vec<Annotation>, file: &str, classes: &HashMap<u64, usize>) -> Result<Vec<Mark>, Flaw> {
    if boxes.len() > IMAGE_BOXES {
        let (boxes, limit) = (boxes.len() as u64, IMAGE_BOXES as u64);
        return Err(Flaw::TooManyBoxesIn { boxes, file: file.to_owned(), limit });
    }
    let mut marks = Vec::with_capacity(boxes.len());
    for Annotation { id, category_id, bbox, iscrowd, .. } in boxes {
        let place = Written::Annotation { id, file: file.to_owned() };
        // Captions and whole-image labels have no box.
        let (Some(bbox), Some(category)) = (bbox, category_id) else { continue };
        let Some(&class) = classes.get(&category) else {
            return Err(Flaw::UnknownCategory { place, category });
        };
        let [Some(x), Some(y), Some(width), Some(height)] = bbox[..] else {
            return Err(Flaw::BoxNotFourNumbers { place });
        };
        let crowd = matches!(iscrowd, Some(Crowd::Truth(true) | Crowd::Number(1..)));
        marks.push(Mark { class, corners: [x, y, x + width, y + height], is_relative: false, crowd, place });
    }
    Ok(marks)
}
