//! Which column of a table is what, by the words people use.

use csv::StringRecord;

use crate::names::fold;

#[derive(Clone, Debug, PartialEq)]
pub struct Columns {
    pub image: usize,
    pub class: Class,
    pub corners: Option<Corners>,
    /// Of the image, in pixels.
    pub width: Option<usize>,
    pub height: Option<usize>,
    pub split: Option<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Class {
    /// The column that names it.
    Named(usize),
    /// A column for each class, with 1 where it is one of the image's.
    OneColumnEach(Vec<(usize, String)>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Corners {
    /// Left, top, right, bottom.
    Edges([usize; 4]),
    /// Left, top, width, height.
    Sides([usize; 4]),
}

impl Corners {
    pub fn columns(self) -> [usize; 4] {
        let (Corners::Edges(columns) | Corners::Sides(columns)) = self;
        columns
    }
}

const IMAGE: [&str; 14] = [
    "filename",
    "file_name",
    "file",
    "filepath",
    "file_path",
    "image",
    "image_path",
    "image_name",
    "img",
    "img_path",
    "path",
    "image_id",
    "파일명",
    "이미지",
];
/// Only where no better word is there: most tables have a number for each row.
const IMAGE_IN_DOUBT: [&str; 3] = ["id", "name", "uid"];
const CLASS: [&str; 11] = [
    "class",
    "label",
    "class_name",
    "classname",
    "label_name",
    "category",
    "category_name",
    "target",
    "labels",
    "라벨",
    "클래스",
];
const SPLIT: [&str; 4] = ["split", "subset", "set", "dataset"];
const EDGES: [[&str; 4]; 5] = [
    ["xmin", "ymin", "xmax", "ymax"],
    ["x_min", "y_min", "x_max", "y_max"],
    ["x1", "y1", "x2", "y2"],
    ["left", "top", "right", "bottom"],
    ["bbox_xmin", "bbox_ymin", "bbox_xmax", "bbox_ymax"],
];
const SIDES: [[&str; 4]; 4] = [
    ["bbox_x", "bbox_y", "bbox_width", "bbox_height"],
    ["x", "y", "w", "h"],
    ["left", "top", "width", "height"],
    ["x", "y", "width", "height"],
];

/// A name without what stands between its words.
fn plain(name: &str) -> String {
    fold(name.trim_start_matches('\u{feff}').trim()).replace([' ', '-', '_'], "")
}

impl Columns {
    /// `None` for a table of something else.
    pub fn of(header: &StringRecord) -> Option<Columns> {
        let names: Vec<String> = header.iter().map(plain).collect();
        let find = |name: &str| names.iter().position(|known| *known == plain(name));
        let first = |words: &[&str]| words.iter().find_map(|word| find(word));
        let four = |words: &[&str; 4]| -> Option<[usize; 4]> {
            Some([find(words[0])?, find(words[1])?, find(words[2])?, find(words[3])?])
        };
        let edges = EDGES.iter().find_map(four).map(Corners::Edges);
        let corners = edges.or_else(|| SIDES.iter().find_map(four).map(Corners::Sides));
        // With `x, y, width, height` the sides are the box's.
        let is_free =
            |column: &usize| !matches!(corners, Some(Corners::Sides(taken)) if taken.contains(column));
        Some(Columns {
            image: first(&IMAGE).or_else(|| first(&IMAGE_IN_DOUBT))?,
            class: Class::Named(first(&CLASS)?),
            corners,
            width: first(&["width", "image_width", "img_width"]).filter(is_free),
            height: first(&["height", "image_height", "img_height"]).filter(is_free),
            split: first(&SPLIT),
        })
    }
}

impl Columns {
    /// Where no column names the class: those that hold nothing but 0 and 1 in all of `rows`, two of them at least.
    pub fn of_marks(header: &StringRecord, rows: &[StringRecord]) -> Option<Columns> {
        let names: Vec<String> = header.iter().map(plain).collect();
        let first = |words: &[&str]| {
            words.iter().find_map(|word| names.iter().position(|known| *known == plain(word)))
        };
        let image = first(&IMAGE).or_else(|| first(&IMAGE_IN_DOUBT))?;
        let split = first(&SPLIT);
        let is_class = |column: &usize| {
            let cells = || rows.iter().filter_map(|row| row.get(*column));
            ![Some(image), split].contains(&Some(*column))
                && !names[*column].is_empty()
                && cells().next().is_some()
                && cells().all(|cell| mark(cell).is_some())
        };
        let classes: Vec<(usize, String)> = (0..header.len())
            .filter(is_class)
            .map(|column| (column, header[column].trim().to_owned()))
            .collect();
        let class = Class::OneColumnEach(classes);
        let is_some = matches!(&class, Class::OneColumnEach(classes) if classes.len() > 1);
        is_some.then_some(Columns { image, class, corners: None, width: None, height: None, split })
    }
}

/// Whether a cell says yes or no; nothing is a no.
pub fn mark(cell: &str) -> Option<bool> {
    match cell.trim() {
        "1" | "1.0" => Some(true),
        "0" | "0.0" | "" => Some(false),
        other if other.eq_ignore_ascii_case("true") => Some(true),
        other if other.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &[&str]) -> Option<Columns> {
        Columns::of(&StringRecord::from(header.to_vec()))
    }

    #[test]
    fn columns_go_by_the_words_people_use() {
        let boxes = of(&["filename", "width", "height", "class", "xmin", "ymin", "xmax", "ymax"]).unwrap();
        assert_eq!(boxes.corners, Some(Corners::Edges([4, 5, 6, 7])));
        assert_eq!(
            (boxes.image, boxes.class, boxes.width, boxes.height),
            (0, Class::Named(3), Some(1), Some(2))
        );
        let sides = of(&["Image Path", "x", "y", "width", "height", "Label"]).unwrap();
        assert_eq!((sides.corners, sides.width), (Some(Corners::Sides([1, 2, 3, 4])), None));
        let classes = of(&["id", "label"]).unwrap();
        assert_eq!((classes.image, classes.class, classes.corners), (0, Class::Named(1), None));
        assert_eq!(of(&["\u{feff}파일명", "라벨"]).map(|columns| columns.image), Some(0));
        assert_eq!(of(&["epoch", "loss"]), None);
        assert_eq!(of(&["id", "note"]), None);
    }
}
