//! One element of CVAT's as a shape.

use roxmltree::Node;

use crate::limits::IMAGE_POINTS;
use crate::mask::Rle;
use crate::read::xml::number;
use trainyard_events::limits::IMAGE_PIXELS;

pub enum Shape {
    Box([f64; 4]),
    Polygon(Vec<f64>),
    Mask(Rle),
    Image,
    /// Its points have to be read with those of the others.
    Skeleton,
    /// A box that is turned.
    Turned,
    /// By the name of its element.
    Unread(String),
}

/// `Err` for one whose numbers cannot be used.
pub fn shape(node: Node, stated: Option<(u32, u32)>) -> Result<Shape, ()> {
    let of = |name: &str| node.attribute(name).and_then(number).ok_or(());
    match node.tag_name().name() {
        "box" => {
            let turned = node.attribute("rotation").and_then(number).unwrap_or(0.0);
            if turned != 0.0 {
                return Ok(Shape::Turned);
            }
            let [left, top, right, bottom] = [of("xtl")?, of("ytl")?, of("xbr")?, of("ybr")?];
            Ok(Shape::Box([left, top, right - left, bottom - top]))
        }
        "polygon" => {
            let points = node.attribute("points").ok_or(())?;
            let outline: Option<Vec<f64>> = points.split([';', ',']).map(number).collect();
            let fits = |outline: &Vec<f64>| {
                outline.len() >= 6 && outline.len().is_multiple_of(2) && outline.len() / 2 <= IMAGE_POINTS
            };
            Ok(Shape::Polygon(outline.filter(fits).ok_or(())?))
        }
        "mask" => mask(node, stated, [of("left")?, of("top")?, of("width")?, of("height")?]).map(Shape::Mask),
        "tag" => Ok(Shape::Image),
        "skeleton" => Ok(Shape::Skeleton),
        other => Ok(Shape::Unread(other.chars().take(100).collect())),
    }
}

/// Runs along the rows of the mask's own box, outside first.
fn mask(node: Node, stated: Option<(u32, u32)>, bounds: [f64; 4]) -> Result<Rle, ()> {
    let (width, height) = stated.filter(|(w, h)| u64::from(*w) * u64::from(*h) <= IMAGE_PIXELS).ok_or(())?;
    if bounds.iter().any(|side| *side < 0.0 || side.fract() != 0.0 || *side > f64::from(u32::MAX)) {
        return Err(());
    }
    let [left, top, inner_width, inner_height] = bounds.map(|side| side as u64);
    if left + inner_width > u64::from(width) || top + inner_height > u64::from(height) {
        return Err(());
    }
    let mut pixels = vec![false; (inner_width * inner_height) as usize];
    let mut at = 0usize;
    for (index, run) in node.attribute("rle").ok_or(())?.split(',').enumerate() {
        let run: usize = run.trim().parse().map_err(|_| ())?;
        let end = at.checked_add(run).filter(|end| *end <= pixels.len()).ok_or(())?;
        pixels[at..end].fill(index % 2 == 1);
        at = end;
    }
    let inside = |x: u32, y: u32| pixels[((u64::from(y) - top) * inner_width + u64::from(x) - left) as usize];
    let range = |start: u64, length: u64| start as u32..(start + length) as u32;
    Rle::of((width, height), range(left, inner_width), range(top, inner_height), inside).ok_or(())
}
