//! One label in pixels of its image, cut to what is inside.

use trainyard_events::reason::{BoxFlaw, Flaw, LabelFormat};

use super::does_not_fit;
use crate::manifest::Label;
use crate::read::DraftLabel;

/// Pixels by which a label may reach out of its image before that is worth a word: labels are rounded.
const SLACK: f64 = 1.0;
/// A side of a box that is left, in pixels.
const SIDE_MIN: f64 = 1.0;

/// The label and whether it was cut; or why it is left out; or what is wrong with all labels of the image.
pub fn settle(
    draft: &DraftLabel,
    format: LabelFormat,
    width: u32,
    height: u32,
) -> Result<Result<(Label, bool), BoxFlaw>, Flaw> {
    let mut label = draft.label.clone();
    if label.mask.as_ref().is_some_and(|mask| !mask.fits(width, height)) {
        return Err(does_not_fit(&draft.place));
    }
    if !is_finite(&label) {
        return Err(Flaw::NumbersUnusable { place: draft.place.clone() });
    }
    let frame = Frame { width: f64::from(width), height: f64::from(height) };
    if draft.is_relative {
        frame.to_pixels(&mut label);
    }
    let mut was_cut = false;
    if let Some(outlines) = &mut label.polygon {
        was_cut |= frame.cut_outlines(outlines);
        if outlines.is_empty() {
            return Ok(Err(BoxFlaw::Outside));
        }
    }
    if label.bounds.is_none() {
        label.bounds = match (&label.polygon, &label.mask) {
            (Some(outlines), _) => Some(around(outlines)),
            // A mask of a value is of all that has it, not of one object.
            (None, Some(mask)) if format != LabelFormat::Masks => mask.bounds(),
            _ => None,
        };
    }
    if let Some(bounds) = label.bounds {
        match frame.cut_box(bounds) {
            Ok((inside, was_outside)) => {
                label.bounds = Some(inside);
                was_cut |= was_outside;
            }
            Err(flaw) => return Ok(Err(flaw)),
        }
    }
    for point in label.keypoints.iter_mut().flatten() {
        let [x, y] = [point[0].clamp(0.0, frame.width), point[1].clamp(0.0, frame.height)];
        *point = [x + 0.0, y + 0.0, point[2].clamp(0.0, 2.0).round() + 0.0];
    }
    Ok(Ok((label, was_cut)))
}

fn is_finite(label: &Label) -> bool {
    let numbers = label.bounds.iter().flatten();
    let numbers = numbers.chain(label.polygon.iter().flatten().flatten());
    numbers.chain(label.keypoints.iter().flatten().flatten()).all(|number| number.is_finite())
}

/// Left, top, width, height around all outlines.
pub(crate) fn around(outlines: &[Vec<f64>]) -> [f64; 4] {
    let side = |first: usize, choose: fn(f64, f64) -> f64| {
        let all = outlines.iter().flat_map(|outline| outline.iter().skip(first).step_by(2));
        all.copied().reduce(choose).unwrap_or_default()
    };
    let (left, top) = (side(0, f64::min), side(1, f64::min));
    [left, top, side(0, f64::max) - left, side(1, f64::max) - top]
}

/// The image's sides in pixels.
struct Frame {
    width: f64,
    height: f64,
}

impl Frame {
    fn to_pixels(&self, label: &mut Label) {
        if let Some([left, top, width, height]) = &mut label.bounds {
            (*left, *width) = (*left * self.width, *width * self.width);
            (*top, *height) = (*top * self.height, *height * self.height);
        }
        for point in label.polygon.iter_mut().flatten().flat_map(|outline| outline.chunks_exact_mut(2)) {
            (point[0], point[1]) = (point[0] * self.width, point[1] * self.height);
        }
        for point in label.keypoints.iter_mut().flatten() {
            (point[0], point[1]) = (point[0] * self.width, point[1] * self.height);
        }
    }

    /// The part of a box inside the image, and whether more of it was outside than rounding makes.
    fn cut_box(&self, [left, top, width, height]: [f64; 4]) -> Result<([f64; 4], bool), BoxFlaw> {
        let written = [left, top, left + width, top + height];
        if width <= 0.0 || height <= 0.0 {
            return Err(BoxFlaw::NoArea);
        }
        let limit = [self.width, self.height, self.width, self.height];
        // Adding nothing makes 0 of -0, which is another number as text.
        let mut inside = [0.0; 4];
        for (side, (at, limit)) in inside.iter_mut().zip(written.iter().zip(limit)) {
            *side = at.clamp(0.0, limit) + 0.0;
        }
        let is_inside = inside == written;
        let kept = [inside[2] - inside[0], inside[3] - inside[1]];
        if kept[0] < SIDE_MIN.min(width) || kept[1] < SIDE_MIN.min(height) || kept[0] * kept[1] <= 0.0 {
            return Err(BoxFlaw::Outside);
        }
        let was_cut = inside.iter().zip(written).any(|(inside, written)| (inside - written).abs() > SLACK);
        // What is whole keeps its numbers to the last digit.
        let kept = if is_inside { [width, height] } else { kept };
        Ok(([inside[0], inside[1], kept[0], kept[1]], was_cut))
    }

    /// Moves points outside to the edge; outlines of which no area is left are gone.
    fn cut_outlines(&self, outlines: &mut Vec<Vec<f64>>) -> bool {
        let mut was_cut = false;
        for outline in outlines.iter_mut() {
            for point in outline.chunks_exact_mut(2) {
                for (at, limit) in point.iter_mut().zip([self.width, self.height]) {
                    let inside = at.clamp(0.0, limit) + 0.0;
                    was_cut |= (inside - *at).abs() > SLACK;
                    *at = inside;
                }
            }
        }
        outlines.retain(|outline| {
            let [_, _, width, height] = around(std::slice::from_ref(outline));
            width > 0.0 && height > 0.0
        });
        was_cut
    }
}

#[cfg(test)]
mod tests {
    use trainyard_events::reason::Place;

    use super::*;

    fn of(label: Label, is_relative: bool) -> Result<(Label, bool), BoxFlaw> {
        let draft = DraftLabel { label, is_relative, place: Place::Line { line: 1, file: "a.txt".into() } };
        settle(&draft, LabelFormat::Yolo, 100, 50).unwrap()
    }

    fn boxed(bounds: [f64; 4]) -> Label {
        Label { bounds: Some(bounds), ..Label::of_class(0) }
    }

    #[test]
    fn parts_become_pixels() {
        let (label, was_cut) = of(boxed([0.25, 0.5, 0.5, 0.5]), true).unwrap();
        assert_eq!((label.bounds, was_cut), (Some([25.0, 25.0, 50.0, 25.0]), false));
        let outline = Label { polygon: Some(vec![vec![0.0, 0.0, 0.5, 0.0, 0.5, 1.0]]), ..Label::of_class(0) };
        assert_eq!(of(outline, true).unwrap().0.bounds, Some([0.0, 0.0, 50.0, 50.0]));
    }

    #[test]
    fn what_reaches_out_is_cut_and_what_is_nowhere_is_left_out() {
        for (bounds, kept) in [
            ([10.0, 10.0, 10.0, 10.0], Ok(([10.0, 10.0, 10.0, 10.0], false))),
            ([-0.5, 0.0, 101.0, 50.0], Ok(([0.0, 0.0, 100.0, 50.0], false))),
            ([-30.0, 5.0, 50.0, 85.0], Ok(([0.0, 5.0, 20.0, 45.0], true))),
            ([200.0, 5.0, 20.0, 4.0], Err(BoxFlaw::Outside)),
            ([20.0, 5.0, 0.0, 4.0], Err(BoxFlaw::NoArea)),
            ([20.0, 9.0, -10.0, 5.0], Err(BoxFlaw::NoArea)),
            ([99.5, 9.0, 5.0, 30.0], Err(BoxFlaw::Outside)),
            ([-1e300, -1e300, 2e300, 2e300], Ok(([0.0, 0.0, 100.0, 50.0], true))),
        ] {
            let found = of(boxed(bounds), false).map(|(label, was_cut)| (label.bounds.unwrap(), was_cut));
            assert_eq!(found, kept, "{bounds:?}");
        }
    }
}
