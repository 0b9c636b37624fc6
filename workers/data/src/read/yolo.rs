//! YOLO: a text file of numbers for each image, with or without a file that describes the whole.

mod darknet;
mod describe;
mod form;
mod lines;
mod lists;

use std::collections::HashSet;

use trainyard_events::reason::{Advice, Caution, Flaw, LabelFormat, Unfit, UnreadLabels};

use super::draft::{Draft, DraftImage};
use super::split::{by_folders, split_in_folders, unused};
use crate::limits::{LABEL_FILE_BYTES, SAMPLED_FILES};
use crate::manifest::Split;
use crate::names::{Names, fold};
use crate::refusal::{Refusal, flawed};
use crate::root::{Listing, folder_of, name_of, stem_of};
use form::Form;
use lists::Lists;

/// How the whole is described.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Layout {
    /// By a yaml file.
    Yaml(usize),
    /// By `obj.data`, as Darknet and CVAT have it.
    Data(usize),
    /// By `train.txt` alone.
    List(usize),
    /// By nothing but folders.
    Folders,
}

pub fn recognise(listing: &Listing) -> Option<Layout> {
    if let Some(yaml) = describe::find(listing) {
        return Some(Layout::Yaml(yaml));
    }
    if let Some(data) = darknet::find_data(listing) {
        return Some(Layout::Data(data));
    }
    let labels = label_files(listing);
    if !are_numbers(listing, &labels) {
        return None;
    }
    Some(darknet::find_list(listing).map_or(Layout::Folders, Layout::List))
}

/// Whether any label file lies there: a description alone may be another tool's.
pub fn has_labels(listing: &Listing) -> bool {
    !label_files(listing).is_empty()
}

/// What is known before the labels of the images are read.
struct Described {
    images: Vec<(usize, Split)>,
    /// From the description itself.
    classes: Option<Vec<String>>,
    /// Points of each object and numbers of each point.
    pose: Option<(usize, usize)>,
    draft: Draft,
}

impl Described {
    fn new(classes: Option<Vec<String>>) -> Described {
        let draft = Draft::new(LabelFormat::Yolo, Vec::new());
        Described { images: Vec::new(), classes, pose: None, draft }
    }
}

pub fn read(names: &Names, layout: Layout) -> Result<Draft, Refusal> {
    let described = match layout {
        Layout::Yaml(yaml) => describe::read(names, yaml)?,
        Layout::Data(data) => darknet::read_data(names, data)?,
        Layout::List(list) => darknet::read_list(names, list)?,
        Layout::Folders => Described::new(None),
    };
    let described = if described.images.is_empty() { with_folders(names, described)? } else { described };
    finish(names, described)
}

/// Where no file says which images there are, folders do.
fn with_folders(names: &Names, mut described: Described) -> Result<Described, Refusal> {
    let images: Vec<usize> = names.listing.images().map(|(index, _)| index).collect();
    described.images = by_folders(names.listing, &images)
        .ok_or_else(|| Refusal::new(Unfit::OnlyOtherSplits, Advice::NameFolderTrain))?;
    Ok(described)
}

/// An image with its label file, if it has one.
struct Labelled {
    image: usize,
    split: Split,
    label: Option<(usize, Result<String, Flaw>)>,
}

/// Reads the label file of every image.
fn finish(names: &Names, described: Described) -> Result<Draft, Refusal> {
    let Described { images, classes, pose, mut draft } = described;
    let read = |label: usize| names.listing.text(&names.listing.files[label], LABEL_FILE_BYTES);
    let of = |(image, split)| {
        let label = label_of(names, names.name(image)).map(|label| (label, read(label)));
        Labelled { image, split, label }
    };
    let all: Vec<Labelled> = images.into_iter().map(of).collect();
    let form = form_of(names, pose, &all)?;
    if let Form::Pose { points, .. } = form {
        draft.keypoints.get_or_insert_with(|| (0..points).map(|number| format!("point {number}")).collect());
    }
    let labels: Vec<&str> =
        all.iter().filter_map(|labelled| Some(names.name(labelled.label.as_ref()?.0))).collect();
    let mut lists = Lists::of(names, classes, &labels)?;
    let mut used: HashSet<usize> = HashSet::new();
    for Labelled { image, split, label } in all {
        let Some((label, text)) = label else {
            draft.images.push(DraftImage::background(image, split));
            continue;
        };
        used.insert(label);
        let name = names.name(label);
        let labels = text
            .and_then(|text| lines::parse(&text, name, form))
            .and_then(|labels| lists.number(labels, name))
            .map_err(|flaw| flawed(name, vec![flaw]));
        draft.images.push(DraftImage { file: image, split, is_labelled: true, stated: None, labels });
    }
    lists.finish(&mut draft)?;
    draft.problems.extend(labels_without_image(names.listing, &used));
    let images: HashSet<usize> = draft.images.iter().map(|image| image.file).collect();
    draft.cautions.extend(unused(names.listing, &images));
    Ok(draft)
}

/// What the lines are: as described, or as all of them look.
fn form_of(names: &Names, pose: Option<(usize, usize)>, all: &[Labelled]) -> Result<Form, Refusal> {
    if let Some((points, numbers)) = pose {
        return Ok(Form::Pose { points, numbers });
    }
    let labels = || all.iter().filter_map(|labelled| labelled.label.as_ref());
    let form = Form::of(labels().filter_map(|(_, text)| text.as_deref().ok()));
    match labels().next() {
        Some((first, _)) if form == Form::Oriented => {
            let (labels, first) = (UnreadLabels::OrientedBoxes, names.name(*first).to_owned());
            let advice = Advice::ExportAs { format: LabelFormat::Yolo };
            Err(Refusal::new(Unfit::LabelsNotRead { labels, first }, advice))
        }
        _ => Ok(form),
    }
}

/// The label of an image: below `labels` in place of any one `images` of its path, the last first; else beside it.
fn label_of(names: &Names, image: &str) -> Option<usize> {
    expected_labels(image).iter().find_map(|path| names.beside(path))
}

fn expected_labels(image: &str) -> Vec<String> {
    let parts: Vec<&str> = image.split('/').collect();
    let folders = parts.len() - 1;
    let moved = (0..folders).rev().filter(|at| fold(parts[*at]) == "images").map(|at| {
        let mut moved = parts.clone();
        moved[at] = "labels";
        format!("{}.txt", stem_of(&moved.join("/")))
    });
    let beside = format!("{}.txt", stem_of(image));
    // A folder of labels within that of the images is what some tools make.
    let within = match image.rsplit_once('/') {
        Some((folder, name)) => format!("{folder}/labels/{}.txt", stem_of(name)),
        None => format!("labels/{}.txt", stem_of(image)),
    };
    moved.chain([beside, within]).collect()
}

/// Text files in a folder for labels, or called like an image beside them.
fn label_files(listing: &Listing) -> Vec<usize> {
    let images: HashSet<String> = listing.images().map(|(_, file)| fold(stem_of(&file.name))).collect();
    listing
        .ending(&["txt"])
        .filter(|(_, file)| {
            !lists::is_list(name_of(&file.name))
                && (is_in_labels(&file.name) || images.contains(&fold(stem_of(&file.name))))
        })
        .map(|(index, _)| index)
        .collect()
}

fn is_in_labels(path: &str) -> bool {
    folder_of(path).split('/').any(|part| fold(part) == "labels")
}

/// Whether label files hold numbers: texts beside images may be captions or another format's.
fn are_numbers(listing: &Listing, labels: &[usize]) -> bool {
    let firsts = labels.iter().take(SAMPLED_FILES).map(|label| listing.head(&listing.files[*label]));
    let is_number_line = |line: &str| {
        let mut words = line.split_whitespace();
        words.clone().count() >= 2 && words.all(|word| word.parse::<f64>().is_ok())
    };
    // Most of what is not empty: a broken one among them is reported, not passed over.
    let (mut numbers, mut others) = (0, 0);
    for head in firsts {
        let text = String::from_utf8_lossy(&head);
        match text.lines().find(|line| !line.trim().is_empty()) {
            Some(line) if is_number_line(line) => numbers += 1,
            Some(_) => others += 1,
            None => {}
        }
    }
    numbers > 0 && numbers >= others
}

fn labels_without_image(
    listing: &Listing,
    used: &HashSet<usize>,
) -> Vec<trainyard_events::dataset::FileProblem> {
    let expected: HashSet<String> =
        listing.images().flat_map(|(_, file)| expected_labels(&file.name)).map(|path| fold(&path)).collect();
    listing
        .ending(&["txt"])
        .filter(|(index, file)| {
            !used.contains(index)
                && is_in_labels(&file.name)
                && !lists::is_list(name_of(&file.name))
                && !expected.contains(&fold(&file.name))
        })
        .map(|(_, file)| flawed(&file.name, vec![Flaw::LabelWithoutImage]))
        .collect()
}

/// Splits of the images of a folder that is named for one of them.
fn is_of(split: Split, path: &str) -> bool {
    split_in_folders(path).is_none_or(|found| found == split)
}

fn missing_test(file: &str, path: &str) -> Caution {
    Caution::TestMissing { file: file.to_owned(), path: path.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_looked_for_at_every_images_of_the_path() {
        assert_eq!(
            expected_labels("images/a/Images/b.c.jpg"),
            [
                "images/a/labels/b.c.txt",
                "labels/a/Images/b.c.txt",
                "images/a/Images/b.c.txt",
                "images/a/Images/labels/b.c.txt"
            ]
        );
        assert_eq!(expected_labels("images.jpg"), ["images.txt", "labels/images.txt"]);
    }
}
