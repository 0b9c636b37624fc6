//! Objects in boxes: alone, with masks, with keypoints, or by queries.

use trainyard_events::card::Card;
use trainyard_events::prediction::Prediction;

use super::Part;
use super::classes::sigmoid;
use super::grid::Grid;
use crate::frame::Frame;
use crate::limits::BOXES;
use crate::nms::{Found, candidates, suppress};
use crate::prepare::Prepared;

type Parts<'p, 'a> = &'p dyn Fn(&str) -> Part<'a>;

pub fn boxes(card: &Card, part: Parts, image: &Prepared) -> Result<Vec<Prediction>, String> {
    Ok(found(card, part, image.least)?.iter().map(|found| told(card, found, &image.frame)).collect())
}

/// What is told of a model that says the same object many times.
fn found(card: &Card, part: Parts, least: f32) -> Result<Vec<Found>, String> {
    let (boxes, scores) = (part("boxes"), part("scores"));
    if boxes.sizes[0] != scores.sizes[0] {
        let (placed, said) = (boxes.sizes[0], scores.sizes[0]);
        return Err(format!("`boxes` has {placed} places and `scores` {said}: export the model again"));
    }
    Ok(suppress(candidates(scores.values, card.classes.len(), least, |at| corners(&boxes, at))))
}

fn corners(boxes: &Part, at: usize) -> [f32; 4] {
    std::array::from_fn(|side| boxes.values[4 * at + side])
}

fn told(card: &Card, found: &Found, frame: &Frame) -> Prediction {
    Prediction {
        bbox: Some(frame.box_to_image(found.corners).map(f64::from)),
        ..Prediction::of(&card.classes[found.class], f64::from(found.score))
    }
}

/// The rows of an output that has one for each place.
fn row<'a>(of: &'a Part, at: usize, name: &str) -> Result<&'a [f32], String> {
    let each = of.sizes[1..].iter().product();
    of.values.chunks_exact(usize::max(each, 1)).nth(at).ok_or_else(|| {
        format!("`{name}` has {} places, and `boxes` has more: export the model again", of.sizes[0])
    })
}

/// Of each object the cells of the prototypes within its box whose weighted sum is above 0.
pub fn masks(card: &Card, part: Parts, image: &Prepared) -> Result<Vec<Prediction>, String> {
    let frame = &image.frame;
    let (coefficients, prototypes) = (part("coefficients"), part("prototypes"));
    let (kinds, rows, columns) = (prototypes.sizes[0], prototypes.sizes[1], prototypes.sizes[2]);
    if coefficients.sizes[1] != kinds {
        let weights = coefficients.sizes[1];
        return Err(format!(
            "there are {weights} coefficients for {kinds} prototypes: export the model again"
        ));
    }
    let grid = Grid { rows, columns, side: card.preprocessing.image_size };
    let of = |found: &Found| {
        let weights = row(&coefficients, found.at, "coefficients")?;
        let sum = |cell: usize| -> f32 {
            weights
                .iter()
                .zip(prototypes.values[cell..].iter().step_by(rows * columns))
                .map(|(a, b)| a * b)
                .sum()
        };
        let mask: Vec<bool> =
            (0..rows * columns).map(|cell| grid.is_within(cell, found.corners) && sum(cell) > 0.0).collect();
        let rle = image.rle.then(|| grid.coded(&mask, frame)).flatten();
        Ok(Prediction { polygons: grid.polygons(&mask, frame), rle, ..told(card, found, frame) })
    };
    found(card, part, image.least)?.iter().map(of).collect()
}

pub fn keypoints(card: &Card, part: Parts, image: &Prepared) -> Result<Vec<Prediction>, String> {
    let frame = &image.frame;
    let points = part("keypoints");
    let placed = |&[x, y, sure]: &[f32; 3]| {
        let [x, y] = frame.to_image([x, y]);
        [x, y, sure].map(f64::from)
    };
    let of = |found: &Found| {
        let points = row(&points, found.at, "keypoints")?.as_chunks().0;
        Ok(Prediction { keypoints: points.iter().map(placed).collect(), ..told(card, found, frame) })
    };
    found(card, part, image.least)?.iter().map(of).collect()
}

/// Of a model that says each object once.
pub fn queries(card: &Card, part: Parts, image: &Prepared) -> Result<Vec<Prediction>, String> {
    let (logits, boxes) = (part("logits"), part("boxes"));
    if logits.sizes[0] != boxes.sizes[0] {
        let (said, placed) = (logits.sizes[0], boxes.sizes[0]);
        return Err(format!("`logits` has {said} queries and `boxes` {placed}: export the model again"));
    }
    let side = card.preprocessing.image_size as f32;
    let scores: Vec<f32> = logits.values.iter().map(|logit| sigmoid(*logit) as f32).collect();
    let corners = |at: usize| {
        let [x, y, width, height] = corners(&boxes, at);
        [x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0].map(|at| at * side)
    };
    let mut found = candidates(&scores, card.classes.len(), image.least, corners);
    found.truncate(BOXES);
    Ok(found.iter().map(|found| told(card, found, &image.frame)).collect())
}
