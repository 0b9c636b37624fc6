//! YOLO's labels: a text file of centres and sizes for each image.

use std::collections::HashSet;

use rayon::prelude::*;
use trainyard_events::dataset::{DatasetFormat, FileProblem};
use trainyard_events::reason::{Advice, Caution, Flaw, LineFlaw, Place, Unfit};

use crate::data::folder::{Split, Tree, is_image};
use crate::data::formats::annotations::{Annotated, Annotations, Mark};
use crate::data::formats::places::{Places, folder, name, stem};
use crate::data::formats::splits::{split_in_folders, unused};
use crate::data::formats::text::read_label_file;
use crate::data::refusal::{Refusal, flawed};
use crate::limits::IMAGE_BOXES;

/// Whether text files lie in a folder for labels, or beside images of the same name.
pub fn has_labels(tree: &Tree) -> bool {
    let images: HashSet<&str> =
        tree.files.iter().filter(|path| is_image(path)).map(|path| stem(path)).collect();
    let is_label =
        |path: &&String| path.ends_with(".txt") && (is_in_labels(path) || images.contains(stem(path)));
    tree.files.iter().any(|path| is_label(&path))
}

fn is_in_labels(path: &str) -> bool {
    folder(path).split('/').any(|part| part == "labels")
}

/// A dataset without a description: splits by the names of folders; classes from classes.txt, if there is one.
pub fn read_folders(places: &Places, mut classes: Vec<String>) -> Result<Annotations, Refusal> {
    let images: Vec<&str> =
        places.tree.files.iter().map(String::as_str).filter(|path| is_image(path)).collect();
    let splits: Vec<Option<Split>> = images.iter().map(|path| split_in_folders(path)).collect();
    let has = |split| splits.contains(&Some(split));
    let listed = if has(Split::Train) {
        images.iter().zip(&splits).filter_map(|(path, split)| Some((*path, (*split)?))).collect()
    } else if has(Split::Validation) || has(Split::Test) {
        return Err(Refusal::new(Unfit::OnlyOtherSplits, Advice::NameFolderTrain));
    } else {
        images.iter().map(|path| (*path, Split::Train)).collect()
    };
    let named = places.tree.files.iter().find(|path| name(path) == "classes.txt");
    if classes.is_empty()
        && let Some(path) = named
    {
        let text = read_label_file(&places.on_disk(path)).map_err(|flaw| {
            Refusal::new(Unfit::ClassList { path: path.clone(), flaw }, Advice::OneClassPerLine)
        })?;
        classes = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    }
    finish(places, listed, classes, empty(has(Split::Validation)))
}

/// A dataset of which nothing is read yet.
pub fn empty(split: bool) -> Annotations {
    Annotations {
        format: DatasetFormat::Yolo,
        classes: Vec::new(),
        split,
        images: Vec::new(),
        problems: Vec::new(),
        cautions: Vec::new(),
    }
}

/// Reads the label file of every listed image. Without names, the classes are as many as the labels use.
pub fn finish(
    places: &Places,
    listed: Vec<(&str, Split)>,
    mut classes: Vec<String>,
    mut annotations: Annotations,
) -> Result<Annotations, Refusal> {
    let known = (!classes.is_empty()).then_some(classes.len());
    annotations.images = listed
        .par_iter()
        .map(|&(path, split)| {
            let label = label_of(places, path);
            let marks = label.map_or(Ok(Vec::new()), |label| {
                read_label_file(&places.on_disk(label))
                    .and_then(|text| parse(&text, label, known))
                    .map_err(|flaw| flawed(label, vec![flaw]))
            });
            Annotated { path: path.to_owned(), split, is_labelled: label.is_some(), stated: None, marks }
        })
        .collect();
    if known.is_none() {
        let marks = annotations.images.iter().filter_map(|image| image.marks.as_ref().ok()).flatten();
        let count = marks.map(|mark| mark.class + 1).max().unwrap_or(0);
        classes = (0..count).map(|class| format!("class {class}")).collect();
        annotations.cautions.push(Caution::ClassesUnnamed);
    }
    annotations.classes = classes;
    annotations.problems.extend(labels_without_image(places));
    let used = listed.iter().map(|(path, _)| *path).collect();
    annotations.cautions.extend(unused(places.tree, &used));
    Ok(annotations)
}

/// The label file that belongs to an image: `images` in its folders becomes `labels`; else the file beside it.
fn label_of<'a>(places: &Places<'a>, image: &str) -> Option<&'a str> {
    expected_labels(image).into_iter().flatten().find_map(|path| places.file(&path))
}

fn expected_labels(image: &str) -> [Option<String>; 2] {
    let mut parts: Vec<&str> = image.split('/').collect();
    let folders = parts.len() - 1;
    let at = parts[..folders].iter().rposition(|part| *part == "images");
    let moved = at.map(|at| {
        parts[at] = "labels";
        format!("{}.txt", stem(&parts.join("/")))
    });
    [moved, Some(format!("{}.txt", stem(image)))]
}

fn labels_without_image(places: &Places) -> Vec<FileProblem> {
    let files = &places.tree.files;
    let expected: HashSet<String> =
        files.iter().filter(|path| is_image(path)).flat_map(|path| expected_labels(path)).flatten().collect();
    files
        .iter()
        .filter(|path| path.ends_with(".txt") && is_in_labels(path) && name(path) != "classes.txt")
        .filter(|path| !expected.contains(path.as_str()))
        .map(|path| flawed(path, vec![Flaw::LabelWithoutImage]))
        .collect()
}

/// One box a line: the class, then centre and size in parts of the image's sides. A line with the corners of a shape
/// becomes the box around it.
fn parse(text: &str, file: &str, classes: Option<usize>) -> Result<Vec<Mark>, Flaw> {
    let mut marks = Vec::new();
    for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let at = |flaw| Flaw::Line { line, flaw };
        let numbers: Vec<f64> = text
            .split_whitespace()
            .map(|word| word.parse::<f64>().ok().filter(|number| number.is_finite()).ok_or(word))
            .collect::<Result<_, _>>()
            .map_err(|word| at(LineFlaw::NotANumber { word: word.to_owned() }))?;
        let class = numbers[0];
        if class < 0.0 || class.fract() != 0.0 {
            return Err(at(LineFlaw::NotAClass { number: class }));
        }
        if classes.is_some_and(|count| class >= count as f64) || class >= 1e6 {
            return Err(at(LineFlaw::NoSuchClass { class, named: classes.map(|count| count as u64) }));
        }
        let corners = corners(&numbers[1..]).map_err(at)?;
        if let Some(far) = corners.iter().find(|side| side.abs() > 2.0) {
            return Err(at(LineFlaw::FarOutside { number: *far }));
        }
        let place = Place::Line { line, file: file.to_owned() };
        marks.push(Mark { class: class as usize, corners, is_relative: true, crowd: false, place });
        if marks.len() > IMAGE_BOXES {
            return Err(Flaw::MoreBoxesThan { limit: IMAGE_BOXES as u64 });
        }
    }
    Ok(marks)
}

fn corners(numbers: &[f64]) -> Result<[f64; 4], LineFlaw> {
    match *numbers {
        [x, y, width, height] => Ok([x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0]),
        _ if numbers.len() >= 6 && numbers.len().is_multiple_of(2) => {
            let side = |from: usize, choose: fn(f64, f64) -> f64| {
                numbers.iter().skip(from).step_by(2).copied().reduce(choose).unwrap_or_default()
            };
            Ok([side(0, f64::min), side(1, f64::min), side(0, f64::max), side(1, f64::max)])
        }
        _ => Err(LineFlaw::NumberCount { numbers: numbers.len() as u64 + 1 }),
    }
}

#[cfg(test)]
mod tests {
    use trainyard_words::english;

    use super::*;

    #[test]
    fn lines_are_boxes() {
        let marks = parse("0 .5 .5 .5 .25\r\n\n 1.0 0.1 0.2 0.3 0.2 0.3 0.4 \n", "a.txt", Some(2)).unwrap();
        assert_eq!((marks[0].class, marks[0].corners), (0, [0.25, 0.375, 0.75, 0.625]));
        assert_eq!((marks[1].class, marks[1].corners), (1, [0.1, 0.2, 0.3, 0.4]));
        assert_eq!(marks[1].place, Place::Line { line: 3, file: "a.txt".into() });
        assert_eq!(parse("", "a.txt", Some(2)).unwrap(), []);
    }

    #[test]
    fn what_is_no_box_says_where_and_why() {
        let many = "0 .5 .5 .1 .1\n".repeat(10_000);
        for (text, words) in [
            ("0 nan .5 .1 .1", "line 1: \"nan\" is not a number"),
            ("0 .5 .5 .1 .1\n0 .5 x .1 .1", "line 2: \"x\""),
            ("0 inf .5 .1 .1", "\"inf\""),
            ("2 .5 .5 .1 .1", "there is no class 2: 2 are named"),
            ("-1 .5 .5 .1 .1", "-1 is not the number of a class"),
            ("0.5 .5 .5 .1 .1", "0.5 is not"),
            ("0 .5 .5 .1", "4 numbers"),
            ("0 .5 .5 .1 .1 .9", "6 numbers"),
            ("0", "1 numbers"),
            ("0 120 80 60 40", "far outside"),
            (&many, "more than 5000 boxes"),
        ] {
            let problem = english(&parse(text, "a.txt", Some(2)).unwrap_err());
            assert!(problem.contains(words), "{problem}");
        }
    }

    #[test]
    fn a_label_lies_in_labels_or_beside() {
        assert_eq!(
            expected_labels("images/images/a.b.jpg"),
            [Some("images/labels/a.b.txt".into()), Some("images/images/a.b.txt".into())]
        );
        assert_eq!(expected_labels("images.jpg"), [None, Some("images.txt".into())]);
    }
}
