//! How unlike the good images one is, and where.

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{GrayImage, ImageFormat, Luma};
use trainyard_events::card::{Card, THRESHOLD};
use trainyard_events::prediction::{Anomaly, Prediction};

use super::{Answer, Part};
use crate::frame::Frame;
use crate::limits::HEAT_SIDE;

/// The classes, where there are two, are the good one and the other.
pub fn anomaly<'a>(card: &Card, part: &dyn Fn(&str) -> Part<'a>, frame: &Frame) -> Result<Answer, String> {
    let score = f64::from(part("score").values[0]);
    if !(0.0..=1.0).contains(&score) {
        return Err(format!("`score` is {score}, and must be 0 to 1: export the model again"));
    }
    let map = part("map");
    if map.values.is_empty() {
        return Err("`map` has no cells: export the model again".to_owned());
    }
    let heat = heat_png(&map, card.preprocessing.image_size, frame)?;
    let threshold = card.threshold.unwrap_or(THRESHOLD);
    let other_one = confidence(score, threshold);
    let mut predictions: Vec<Prediction> = match card.classes.as_slice() {
        [good, other, ..] => vec![Prediction::of(other, other_one), Prediction::of(good, 1.0 - other_one)],
        [other] => vec![Prediction::of(other, other_one)],
        [] => Vec::new(),
    };
    predictions.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    Ok(Answer { predictions, anomaly: Some(Anomaly { score, threshold, heat }) })
}

/// That an image is not as it should be: one half at the threshold, and even on both sides of it.
fn confidence(score: f64, threshold: f64) -> f64 {
    if score < threshold {
        0.5 * score / threshold
    } else {
        0.5 + 0.5 * (score - threshold) / (1.0 - threshold)
    }
}

/// The cells that cover the image, 0 black and 1 white, as PNG in base64.
fn heat_png(map: &Part, side: u32, frame: &Frame) -> Result<String, String> {
    let (rows, columns) = (map.sizes[0], map.sizes[1]);
    let [x1, y1, x2, y2] = frame.window(side);
    let cells = |count: usize, length: f32| {
        ((length * count as f32 / side as f32).round() as usize).clamp(1, HEAT_SIDE) as u32
    };
    let (width, height) = (cells(columns, x2 - x1), cells(rows, y2 - y1));
    let at = |place: u32, places: u32, from: f32, to: f32, count: usize| {
        let square = from + (place as f32 + 0.5) / places as f32 * (to - from);
        ((square * count as f32 / side as f32) as usize).min(count - 1)
    };
    let heat = GrayImage::from_fn(width, height, |x, y| {
        let cell = at(y, height, y1, y2, rows) * columns + at(x, width, x1, x2, columns);
        Luma([(map.values[cell].clamp(0.0, 1.0) * 255.0).round() as u8])
    });
    let mut png = Cursor::new(Vec::new());
    heat.write_to(&mut png, ImageFormat::Png)
        .map_err(|error| format!("the heat map cannot be drawn: {error}"))?;
    Ok(STANDARD.encode(png.into_inner()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_is_where_both_are_as_likely() {
        for (score, threshold, expected) in [
            (0.0, 0.4, 0.0),
            (0.2, 0.4, 0.25),
            (0.4, 0.4, 0.5),
            (0.7, 0.4, 0.75),
            (1.0, 0.4, 1.0),
            (0.3, 0.5, 0.3),
        ] {
            assert!((confidence(score, threshold) - expected).abs() < 1e-9, "{score} {threshold}");
        }
    }
}
