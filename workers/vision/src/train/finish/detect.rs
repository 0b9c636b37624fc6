//! What a detector's reports say.

use image::RgbImage;
use serde_json::{Value, json};
use trainyard_data::page::page;
use trainyard_events::reason::{Cause, Doing};

use crate::data::scenes::Scenes;
use crate::failure::Failure;
use crate::metrics::average_precision::{Found, Truth};
use crate::metrics::drawing::{PAGE_SCENES, SCENE_COLUMNS, sample};
use crate::metrics::matched::{SCORE, f1};
use crate::train::evaluate::Detected;

use super::{Account, bytes};

/// What answers and truths without a partner are counted under.
const BACKGROUND: &str = "background";

pub(super) fn account(classes: &[String], scenes: &Scenes, detected: &Detected) -> Result<Account, Failure> {
    let shown: Vec<usize> = spread(scenes.len(), PAGE_SCENES);
    let samples: Vec<Value> = shown.iter().map(|&index| told(index, classes, scenes, detected)).collect();
    let drawn: Vec<RgbImage> =
        shown.iter().map(|&index| drawn(index, classes, scenes, detected)).collect::<Result<_, _>>()?;
    let page = page(&drawn, SCENE_COLUMNS)
        .map_err(|error| Failure::internal(Doing::DrawSamples, Cause::said(error.to_string())))?;
    let mut rows = classes.to_vec();
    rows.push(BACKGROUND.to_owned());
    Ok(Account {
        classes: scores(classes, detected),
        counts: detected.matched.confusion.counts.clone(),
        rows,
        others: vec![
            ("pr_curve", "pr_curve.json", bytes(&curves(classes, detected))?),
            ("sample_predictions", "sample_predictions.json", bytes(&json!(samples))?),
            ("sample_images", "sample_images.jpg", page.jpeg),
        ],
    })
}

/// Average precision by class; precision, recall and F1 at the score from which a predictor answers.
fn scores(classes: &[String], detected: &Detected) -> Vec<Value> {
    let scores = detected.matched.scores();
    classes
        .iter()
        .zip(&detected.precision.classes)
        .zip(&scores)
        .map(|((name, precision), score)| {
            let f1 = score.precision.zip(score.recall).map(|(precision, recall)| f1(precision, recall));
            json!({
                "name": name,
                "ap": precision.ap,
                "ap50": precision.ap50,
                "precision": score.precision,
                "recall": score.recall,
                "f1": f1,
                "support": precision.truths,
            })
        })
        .collect()
}

/// Precision over recall at IoU .5.
fn curves(classes: &[String], detected: &Detected) -> Value {
    let of_class = classes
        .iter()
        .zip(&detected.precision.classes)
        .map(|(name, class)| json!({ "name": name, "ap50": class.ap50, "precision": class.curve }));
    let recall: Vec<f64> = (0..=100).map(|percent| f64::from(percent) / 100.0).collect();
    json!({ "iou": 0.5, "recall": recall, "classes": of_class.collect::<Vec<_>>() })
}

/// At most `most` of `count` indices, evenly spread.
fn spread(count: usize, most: usize) -> Vec<usize> {
    let shown = count.min(most);
    (0..shown).map(|index| index * count / shown).collect()
}

/// What is there and what a predictor would answer, in pixels of the image.
fn told(index: usize, classes: &[String], scenes: &Scenes, detected: &Detected) -> Value {
    let scene = scenes.scene(index);
    let truths = scene.boxes.iter().filter(|object| !object.crowd);
    let truths = truths.map(|object| json!({ "class": classes[object.class], "bbox": object.corners }));
    let answers = answers(index, detected).map(
        |found| json!({ "class": classes[found.class], "confidence": found.score, "bbox": found.corners }),
    );
    json!({
        "path": scene.file.path,
        "width": scene.width,
        "height": scene.height,
        "truths": truths.collect::<Vec<_>>(),
        "predictions": answers.collect::<Vec<_>>(),
    })
}

/// The square that the network saw, with the boxes on it.
fn drawn(
    index: usize,
    classes: &[String],
    scenes: &Scenes,
    detected: &Detected,
) -> Result<RgbImage, Failure> {
    let side = scenes.side() as u32;
    let square = RgbImage::from_raw(side, side, scenes.get(index)?.into_owned())
        .expect("a square holds three bytes for every pixel");
    let letterbox = scenes.letterbox(index);
    let truths: Vec<Truth> = scenes
        .boxes(index)
        .into_iter()
        .map(|object| Truth {
            image: index,
            class: object.class,
            corners: object.corners,
            crowd: false,
            area: None,
        })
        .collect();
    let found: Vec<Found> = answers(index, detected)
        .map(|found| Found { corners: letterbox.to_square(found.corners), ..*found })
        .collect();
    Ok(sample(&square, &truths, &found, classes))
}

fn answers(index: usize, detected: &Detected) -> impl Iterator<Item = &Found> {
    detected.found.iter().filter(move |found| found.image == index && found.score >= SCORE)
}
