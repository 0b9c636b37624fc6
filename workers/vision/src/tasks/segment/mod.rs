//! Which pixels are whose.

mod loss;

use std::sync::Arc;

use tch::{Kind, TchError, Tensor};
use trainyard_data::manifest::{Header, Label};
use trainyard_events::card::Card;
use trainyard_events::config;

use crate::data::mask::{Mask, Outline, Segmented};
use crate::metrics::average_precision::{ANSWERS, Found, Truth};
use crate::models::anchors::Anchors;
use crate::models::head::{RawBoxes, RawMasks, SegmentHead};
use crate::predict::nms::Detection;
use crate::tasks::detect::loss::detection_loss;
use crate::tasks::find::{Find, bounds};
use trainyard_data::boxes::Frame;
use trainyard_data::object::Placement;
use trainyard_libtorch::Group;

use loss::mask_loss;

pub struct Masks {
    /// Of the square, in pixels.
    side: u32,
}

impl Find for Masks {
    const TASK: config::Task = config::Task::Segment;
    const MEASURED: &'static [&'static str] = &["loss", "box_loss", "class_loss", "dfl_loss", "mask_loss"];
    const ANSWERS: usize = ANSWERS;
    const DETAILED: usize = ANSWERS;
    type Head = SegmentHead;
    type Object = Segmented;

    fn new(card: &Card) -> Self {
        Masks { side: card.preprocessing.image_size }
    }

    fn object(label: &Label, _header: &Header) -> Option<Segmented> {
        let outline = Arc::new(Outline::of(label)?);
        Some(Segmented { bounds: bounds(label)?, outline, placement: Placement::STAY })
    }

    fn raw(output: &RawMasks) -> &RawBoxes {
        &output.boxes
    }

    fn losses(
        &self,
        output: &RawMasks,
        anchors: &Anchors,
        truth: &[Vec<Segmented>],
        group: &Group,
    ) -> Result<Vec<Tensor>, TchError> {
        let loss = detection_loss(&output.boxes, anchors, truth, group)?;
        let masks = mask_loss(output, anchors, &loss.assigned, loss.learners, truth)?;
        Ok(vec![loss.boxes, loss.classes, loss.dfl, masks])
    }

    fn shapes(
        &self,
        output: &RawMasks,
        _anchors: &Anchors,
        image: usize,
        seen: &[Detection],
        frame: &Frame,
    ) -> Result<Vec<Mask>, TchError> {
        let prototypes = output.prototypes.f_get(image as i64)?;
        let cells: Vec<i64> = seen.iter().map(|seen| seen.cell as i64).collect();
        let cells = Tensor::f_from_slice(&cells)?.f_to_device(prototypes.device())?;
        let coefficients = output.coefficients.f_get(image as i64)?.f_index_select(0, &cells)?;
        let logits = coefficients.f_matmul(&prototypes.f_flatten(1, 2)?)?.f_to_kind(Kind::Float)?;
        let logits = Vec::<f32>::try_from(logits.f_reshape([-1])?)?;
        let count = prototypes.size()[2] as usize;
        let of = |(seen, logits): (&Detection, &[f32])| self.mask(logits, count, seen, frame);
        Ok(seen.iter().zip(logits.chunks_exact(count * count)).map(of).collect())
    }

    fn alike(&self, (_, answer): (&Found, &Mask), (truth, shape): (&Truth, &Mask)) -> f64 {
        answer.overlap(shape, truth.crowd)
    }
}

impl Masks {
    /// The pixels of the image within the box where the logits, brought to their size, are above 0.
    fn mask(&self, logits: &[f32], count: usize, seen: &Detection, frame: &Frame) -> Mask {
        let cells = count as f64 / f64::from(self.side);
        let placement = Placement::of(frame.letterbox).then(Placement::scaled(cells as f32));
        let [x1, y1, x2, y2] = frame.to_image(seen.corners);
        let middles = |low: f32, high: f32| {
            let first = (low - 0.5).ceil().max(0.0) as usize;
            first..((high - 0.5).ceil().max(0.0) as usize).max(first)
        };
        let (columns, rows) = (middles(x1, x2), middles(y1, y2));
        let is_inside = |column: usize, row: usize| {
            let at = placement.there([column as f64 + 0.5, row as f64 + 0.5]);
            interpolated(logits, count, at.map(|at| at as f32)) > 0.0
        };
        let column = |column: usize| {
            let inside = rows.clone().filter(|row| is_inside(column, *row));
            inside.map(|row| row..row + 1).collect()
        };
        Mask::of_columns(frame.size[1], columns.start, columns.clone().map(column))
    }
}

/// Between the middles of the four cells around a point of a grid.
fn interpolated(values: &[f32], count: usize, at: [f32; 2]) -> f32 {
    let last = (count - 1) as f32;
    let [x, y] = at.map(|at| (at - 0.5).clamp(0.0, last));
    let (left, top) = (x as usize, y as usize);
    let (right, low) = ((left + 1).min(count - 1), (top + 1).min(count - 1));
    let mix = |row: usize| {
        let (one, other) = (values[row * count + left], values[row * count + right]);
        one + (other - one) * (x - left as f32)
    };
    let (up, down) = (mix(top), mix(low));
    up + (down - up) * (y - top as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_ends_with_its_box_and_halfway_between_cells() {
        // 4 x 4 cells of 16 pixels: inside in the left two columns.
        let logits: Vec<f32> = (0..16).map(|at| if at % 4 < 2 { 3.0 } else { -3.0 }).collect();
        let seen = Detection { cell: 0, class: 0, score: 1.0, corners: [8.0, 0.0, 64.0, 32.0] };
        let mask = Masks { side: 64 }.mask(&logits, 4, &seen, &Frame::of(128, 128, 64));
        // Twice as large: columns 16 to 63, rows 0 to 63.
        assert_eq!(mask.pixels(), 48 * 64);
        assert_eq!(interpolated(&logits, 4, [2.0, 1.3]), 0.0);
        assert_eq!(interpolated(&logits, 4, [-9.0, 99.0]), 3.0);
    }
}
