//! A class for every part of the image: of each class its regions, outlined.

use trainyard_events::card::Card;
use trainyard_events::prediction::Prediction;

use super::Part;
use super::classes::softmax;
use super::grid::Grid;
use crate::limits::BOXES;
use crate::prepare::Prepared;

/// A class that is somewhere, with how sure its cells are of it on average, and the box around them.
pub fn regions(card: &Card, logits: &Part, image: &Prepared) -> Vec<Prediction> {
    let frame = &image.frame;
    let side = card.preprocessing.image_size;
    let grid = Grid { rows: logits.sizes[1], columns: logits.sizes[2], side };
    let (count, window) = (grid.rows * grid.columns, frame.window(side));
    let likeliest: Vec<Option<(usize, f64)>> = (0..count)
        .map(|cell| {
            let said: Vec<f32> = logits.values[cell..].iter().step_by(count).copied().collect();
            let best = softmax(&said).into_iter().enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
            best.filter(|_| grid.is_within(cell, window))
        })
        .collect();
    let mut told: Vec<Prediction> =
        (0..card.classes.len()).filter_map(|class| region(card, class, &likeliest, &grid, image)).collect();
    told.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    told.truncate(BOXES);
    told
}

fn region(
    card: &Card,
    class: usize,
    likeliest: &[Option<(usize, f64)>],
    grid: &Grid,
    image: &Prepared,
) -> Option<Prediction> {
    let is = |cell: &Option<(usize, f64)>| cell.filter(|(known, _)| *known == class).map(|(_, sure)| sure);
    let sure: Vec<f64> = likeliest.iter().filter_map(is).collect();
    if sure.is_empty() {
        return None;
    }
    let mask: Vec<bool> = likeliest.iter().map(|cell| is(cell).is_some()).collect();
    let polygons = grid.polygons(&mask, &image.frame);
    let rle = image.rle.then(|| grid.coded(&mask, &image.frame)).flatten();
    let confidence = sure.iter().sum::<f64>() / sure.len() as f64;
    let bbox = around(polygons.iter().flatten());
    Some(Prediction { bbox, polygons, rle, ..Prediction::of(&card.classes[class], confidence) })
}

fn around<'a>(points: impl Iterator<Item = &'a [f64; 2]>) -> Option<[f64; 4]> {
    points.fold(None, |around, [x, y]| {
        let [x1, y1, x2, y2] = around.unwrap_or([*x, *y, *x, *y]);
        Some([x1.min(*x), y1.min(*y), x2.max(*x), y2.max(*y)])
    })
}
