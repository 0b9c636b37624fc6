//! Which column of a table is what, by the words people use.

use csv::StringRecord;

use crate::names::fold;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Columns {
    pub image: usize,
    pub class: usize,
    pub corners: Option<Corners>,
    /// Of the image, in pixels.
    pub width: Option<usize>,
    pub height: Option<usize>,
    pub split: Option<usize>,
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
            class: first(&CLASS)?,
            corners,
            width: first(&["width", "image_width", "img_width"]).filter(is_free),
            height: first(&["height", "image_height", "img_height"]).filter(is_free),
            split: first(&["split", "subset", "set", "dataset"]),
        })
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
        assert_eq!((boxes.image, boxes.class, boxes.width, boxes.height), (0, 3, Some(1), Some(2)));
        let sides = of(&["Image Path", "x", "y", "width", "height", "Label"]).unwrap();
        assert_eq!((sides.corners, sides.width), (Some(Corners::Sides([1, 2, 3, 4])), None));
        let classes = of(&["id", "label"]).unwrap();
        assert_eq!((classes.image, classes.class, classes.corners), (0, 1, None));
        assert_eq!(of(&["\u{feff}파일명", "라벨"]).map(|columns| columns.image), Some(0));
        assert_eq!(of(&["epoch", "loss"]), None);
        assert_eq!(of(&["id", "note"]), None);
    }
}
