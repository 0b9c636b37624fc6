//! From boxes as written to boxes that can be trained on: in pixels, inside the image, each once.

use trainyard_events::reason::{BoxFlaw, Flaw};

use crate::data::boxes::LabelledBox;
use crate::data::formats::annotations::Mark;

/// Pixels by which a box may reach out of its image before that is worth a word: labels are rounded.
const SLACK: f64 = 1.0;
/// A side of a box that is left, in pixels.
const SIDE_MIN: f64 = 1.0;

/// The usable boxes of one image, and what happened to the others.
#[derive(Debug, Default, PartialEq)]
pub struct Settled {
    pub boxes: Vec<LabelledBox>,
    /// Boxes that reached out of the image and were cut.
    pub cut: u64,
    /// Boxes with no area inside the image, left out.
    pub dropped: u64,
    /// Boxes that were there twice, left out.
    pub repeated: u64,
    pub notes: Vec<Flaw>,
}

/// `width` and `height` of the upright image, in pixels.
pub fn settle(marks: &[Mark], width: u32, height: u32) -> Settled {
    let (width, height) = (f64::from(width), f64::from(height));
    let mut settled = Settled::default();
    for mark in marks {
        let [x1, y1, x2, y2] = mark.corners;
        let (x_unit, y_unit) = if mark.is_relative { (width, height) } else { (1.0, 1.0) };
        let written = [x1 * x_unit, y1 * y_unit, x2 * x_unit, y2 * y_unit];
        let inside = [
            written[0].clamp(0.0, width),
            written[1].clamp(0.0, height),
            written[2].clamp(0.0, width),
            written[3].clamp(0.0, height),
        ];
        let note = |flaw| Flaw::Box { place: mark.place.clone(), flaw };
        if written[2] <= written[0] || written[3] <= written[1] {
            settled.dropped += 1;
            settled.notes.push(note(BoxFlaw::NoArea));
            continue;
        }
        if inside[2] - inside[0] < SIDE_MIN || inside[3] - inside[1] < SIDE_MIN {
            settled.dropped += 1;
            settled.notes.push(note(BoxFlaw::Outside));
            continue;
        }
        if inside.iter().zip(written).any(|(inside, written)| (inside - written).abs() > SLACK) {
            settled.cut += 1;
            settled.notes.push(note(BoxFlaw::Cut));
        }
        let object =
            LabelledBox { class: mark.class, corners: inside.map(|side| side as f32), crowd: mark.crowd };
        settled.boxes.push(object);
    }
    leave_out_repeated(&mut settled);
    settled
}

/// The order of the others stays.
fn leave_out_repeated(settled: &mut Settled) {
    let mut seen = std::collections::HashSet::new();
    let count = settled.boxes.len();
    settled
        .boxes
        .retain(|object| seen.insert((object.class, object.crowd, object.corners.map(f32::to_bits))));
    settled.repeated = (count - settled.boxes.len()) as u64;
    if settled.repeated > 0 {
        settled.notes.push(Flaw::RepeatedBoxes { boxes: settled.repeated });
    }
}

#[cfg(test)]
mod tests {
    use trainyard_events::reason::Place;

    use super::*;

    fn mark(corners: [f64; 4]) -> Mark {
        let place = Place::Line { line: 1, file: "a.txt".into() };
        Mark { class: 0, corners, is_relative: false, crowd: false, place }
    }

    #[test]
    fn parts_become_pixels() {
        let settled = settle(&[Mark { is_relative: true, ..mark([0.25, 0.5, 0.75, 1.0]) }], 200, 100);
        assert_eq!(settled.boxes[0].corners, [50.0, 50.0, 150.0, 100.0]);
        assert_eq!(settled.notes, []);
    }

    #[test]
    fn what_reaches_out_is_cut_and_what_is_nowhere_is_left_out() {
        for (corners, kept, cut, dropped) in [
            ([10.0, 10.0, 20.0, 20.0], Some([10.0, 10.0, 20.0, 20.0]), 0, 0),
            ([-0.4, 0.0, 100.9, 50.0], Some([0.0, 0.0, 100.0, 50.0]), 0, 0),
            ([-30.0, 5.0, 20.0, 90.0], Some([0.0, 5.0, 20.0, 50.0]), 1, 0),
            ([200.0, 5.0, 220.0, 9.0], None, 0, 1),
            ([20.0, 5.0, 20.0, 9.0], None, 0, 1),
            ([20.0, 9.0, 10.0, 5.0], None, 0, 1),
            ([20.0, 9.0, 20.5, 30.0], None, 0, 1),
            ([-1e300, -1e300, 1e300, 1e300], Some([0.0, 0.0, 100.0, 50.0]), 1, 0),
        ] {
            let settled = settle(&[mark(corners)], 100, 50);
            assert_eq!(settled.boxes.first().map(|object| object.corners), kept, "{corners:?}");
            assert_eq!((settled.cut, settled.dropped), (cut, dropped), "{corners:?}");
            assert_eq!(settled.notes.len() as u64, cut + dropped);
        }
    }

    #[test]
    fn a_box_counts_once_unless_its_class_differs() {
        let other = Mark { class: 1, ..mark([1.0, 1.0, 9.0, 9.0]) };
        let settled = settle(&[mark([1.0, 1.0, 9.0, 9.0]), other, mark([1.0, 1.0, 9.0, 9.0])], 10, 10);
        assert_eq!((settled.boxes.len(), settled.repeated), (2, 1));
        assert_eq!(settled.notes.len(), 1);
    }
}
