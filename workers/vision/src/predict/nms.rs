//! From what a detector says to the boxes that are told: sure enough, and not twice.

use tch::{Kind, TchError, Tensor, no_grad};

use crate::models::anchors::{Anchors, corners, distances};
use crate::models::head::RawBoxes;
use trainyard_data::boxes::{area, common_area};

/// Boxes of one class that overlap more than this are one object.
const OVERLAP_MOST: f32 = 0.7;
/// Boxes told of one image.
const BOXES: usize = 300;
/// The surest cells of an image that are compared with each other.
const CANDIDATES: i64 = 4_096;

/// Which boxes are candidates.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub score_least: f64,
    /// Whether a cell may tell a box of every class, or only of its likeliest.
    pub every_class: bool,
}

/// To answer who asks.
pub const PREDICT: Rule = Rule { score_least: 0.25, every_class: false };
/// To measure: average precision counts what is found with little confidence, too.
pub const VALIDATE: Rule = Rule { score_least: 0.001, every_class: true };

/// One object that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detection {
    /// Which cell says it.
    pub cell: usize,
    pub class: usize,
    pub score: f32,
    /// x1, y1, x2, y2 in pixels of the square.
    pub corners: [f32; 4],
}

/// For each image its boxes, the surest first, at most [`BOXES`]. Choosing and sorting candidates is the device's;
/// they come back once for the whole batch.
pub fn detections(raw: &RawBoxes, anchors: &Anchors, rule: Rule) -> Result<Vec<Vec<Detection>>, TchError> {
    let (images, cells, classes) = raw.classes.size3()?;
    let (scores, at, corners) = no_grad(|| -> Result<_, TchError> {
        let (logits, at) = if rule.every_class {
            let flat = raw.classes.f_reshape([images, cells * classes])?;
            flat.f_topk(CANDIDATES.min(cells * classes), 1, true, true)?
        } else {
            let (best, class) = raw.classes.f_max_dim(2, false)?;
            let (best, cell) = best.f_topk(CANDIDATES.min(cells), 1, true, true)?;
            let class = class.f_gather(1, &cell, false)?;
            (best, cell.f_mul_scalar(classes)?.f_add(&class)?)
        };
        let cell = at.f_floor_divide_scalar(classes)?;
        let count = cell.size()[1];
        let bins = raw.bins.size()[2];
        let index = cell.f_unsqueeze(2)?.f_expand([images, count, bins], false)?;
        let distances = distances(&raw.bins.f_gather(1, &index, false)?)?;
        let of = |values: &Tensor| {
            values.f_index_select(0, &cell.f_flatten(0, 1)?)?.f_reshape([images, count, -1])
        };
        let boxes = corners(&distances, &of(&anchors.centres)?, &of(&anchors.strides)?)?;
        Ok((
            Vec::<f32>::try_from(logits.f_to_kind(Kind::Float)?.f_sigmoid()?.f_flatten(0, 1)?)?,
            Vec::<i64>::try_from(at.f_flatten(0, 1)?)?,
            Vec::<f32>::try_from(boxes.f_flatten(0, 2)?)?,
        ))
    })?;
    let each = scores.len() / images.max(1) as usize;
    Ok((0..images as usize)
        .map(|image| {
            let candidates = (image * each..(image + 1) * each)
                .map(|index| Detection {
                    cell: (at[index] / classes) as usize,
                    class: (at[index] % classes) as usize,
                    score: scores[index],
                    corners: [0, 1, 2, 3].map(|side| corners[4 * index + side]),
                })
                .take_while(|candidate| f64::from(candidate.score) >= rule.score_least);
            suppress(candidates)
        })
        .collect())
}

/// Of candidates from sure to unsure those that overlap none of their class before them too much.
fn suppress(candidates: impl Iterator<Item = Detection>) -> Vec<Detection> {
    let mut kept: Vec<Detection> = Vec::new();
    for candidate in candidates {
        let told = |other: &Detection| {
            other.class == candidate.class && overlap(other.corners, candidate.corners) > OVERLAP_MOST
        };
        if kept.iter().any(told) {
            continue;
        }
        kept.push(candidate);
        if kept.len() == BOXES {
            break;
        }
    }
    kept
}

/// Intersection over union; 0 of boxes without area.
fn overlap(a: [f32; 4], b: [f32; 4]) -> f32 {
    let both = common_area(a, b);
    let either = area(a) + area(b) - both;
    if either > 0.0 { both / either } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Device;

    /// Cells of a 64-pixel square that find a box of one stride to each side, with these logits of two classes.
    fn raw(said: &[(usize, [f32; 2])]) -> (RawBoxes, Anchors) {
        let anchors = Anchors::new(64, Device::Cpu).unwrap();
        let count = anchors.count();
        let mut bins = vec![-50f32; count * 64];
        bins.iter_mut().skip(1).step_by(16).for_each(|bin| *bin = 50.0);
        let mut classes = vec![-20f32; count * 2];
        for (cell, logits) in said {
            classes[2 * cell..][..2].copy_from_slice(logits);
        }
        let shaped = |values: &[f32], last| Tensor::from_slice(values).view([1, count as i64, last]);
        (RawBoxes { bins: shaped(&bins, 64), classes: shaped(&classes, 2) }, anchors)
    }

    #[test]
    fn the_sure_ones_come_first_and_the_unsure_not_at_all() {
        let (raw, anchors) = raw(&[(0, [2.0, -9.0]), (30, [-9.0, 3.0]), (63, [-2.0, -9.0])]);
        let found = detections(&raw, &anchors, PREDICT).unwrap().remove(0);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].class, found[1].class), (1, 0));
        assert_eq!((found[0].cell, found[1].cell), (30, 0));
        assert!((f64::from(found[1].score) - 1.0 / (1.0 + (-2f64).exp())).abs() < 1e-6);
        assert_eq!(found[1].corners.map(f32::round), [-4.0, -4.0, 12.0, 12.0]);
        let all = detections(&raw, &anchors, VALIDATE).unwrap().remove(0);
        assert_eq!(all.len(), 3);
    }

    #[test]
    fn one_object_is_told_once_for_each_class() {
        let at =
            |x: f32, class, score| Detection { cell: 0, class, score, corners: [x, 0.0, x + 10.0, 10.0] };
        let kept = suppress([at(0.0, 0, 0.9), at(1.0, 0, 0.8), at(1.0, 1, 0.7), at(5.0, 0, 0.6)].into_iter());
        assert_eq!(kept.iter().map(|kept| kept.score).collect::<Vec<_>>(), [0.9, 0.7, 0.6]);
        let many = (0..1_000).map(|index| at(index as f32 * 20.0, 0, 0.5));
        assert_eq!(suppress(many).len(), BOXES);
    }

    #[test]
    fn a_cell_that_is_unsure_between_classes_answers_one_and_is_measured_by_both() {
        let (raw, anchors) = raw(&[(9, [1.0, 0.9])]);
        assert_eq!(detections(&raw, &anchors, PREDICT).unwrap()[0].len(), 1);
        assert_eq!(detections(&raw, &anchors, VALIDATE).unwrap()[0].len(), 2);
    }
}
