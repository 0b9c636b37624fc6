//! CVAT's skeletons: points with names, which are the key points of an object.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::Node;

use crate::read::xml::{number, text_of};

/// Points of one skeleton; more is no skeleton that anybody has drawn.
const POINTS: usize = 1_000;

/// The names of all points in the order in which they are met, and which of them each label has.
#[derive(Default)]
pub struct Points {
    names: Vec<String>,
    of: BTreeMap<String, BTreeSet<usize>>,
}

impl Points {
    /// Takes in a point of the task's labels, and says whether it is one: CVAT lists those of a skeleton among the labels, each with
    /// its parent.
    pub fn declared(&mut self, label: Node) -> bool {
        let Some(parent) = text_of(label, "parent").filter(|parent| !parent.is_empty()) else { return false };
        if let Some(name) = text_of(label, "name") {
            self.place(parent, name);
        }
        true
    }

    fn place(&mut self, label: &str, name: &str) -> usize {
        let place = self.names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        self.of.entry(label.to_owned()).or_default().insert(place);
        place
    }

    /// The key points of one skeleton, as far as they are known by now. `None` where none is in the image; `Err` where its numbers
    /// cannot be used, or a point is there twice.
    pub fn read(&mut self, label: &str, skeleton: Node) -> Result<Option<Vec<[f64; 3]>>, ()> {
        let mut points: Vec<[f64; 3]> = Vec::new();
        let mut seen = BTreeSet::new();
        for node in skeleton.children().filter(|node| node.has_tag_name("points")) {
            let place = self.place(label, node.attribute("label").ok_or(())?);
            if !seen.insert(place) || seen.len() > POINTS {
                return Err(());
            }
            points.resize(points.len().max(place + 1), [0.0; 3]);
            points[place] = point(node)?;
        }
        Ok(points.iter().any(|[.., seen]| *seen > 0.0).then_some(points))
    }

    /// The names that every skeleton has. `None` where two labels have others: key points of one dataset are alike.
    pub fn into_names(self) -> Option<Vec<String>> {
        let mut all = self.of.values();
        let first = all.next();
        all.all(|other| Some(other) == first).then_some(self.names)
    }

    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// x, y and whether it is visible: 0 outside of the image or not drawn, 1 occluded, 2 visible.
fn point(node: Node) -> Result<[f64; 3], ()> {
    let is = |name: &str| matches!(node.attribute(name), Some("1" | "true" | "True"));
    if is("outside") {
        return Ok([0.0; 3]);
    }
    let (x, y) = node.attribute("points").and_then(|points| points.split_once(',')).ok_or(())?;
    let (x, y) = number(x).zip(number(y)).ok_or(())?;
    Ok([x, y, if is("occluded") { 1.0 } else { 2.0 }])
}

/// Left, top, width, height around the points that are labelled, where that has an area.
pub fn around(points: &[[f64; 3]]) -> Option<[f64; 4]> {
    let labelled = || points.iter().filter(|[.., seen]| *seen > 0.0);
    let side = |axis: usize| {
        let all = labelled().map(move |point| point[axis]);
        Some((all.clone().reduce(f64::min)?, all.reduce(f64::max)?))
    };
    let ((left, right), (top, bottom)) = (side(0)?, side(1)?);
    (right > left && bottom > top).then_some([left, top, right - left, bottom - top])
}
