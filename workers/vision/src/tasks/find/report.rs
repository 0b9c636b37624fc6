//! What the reports say of what was found.

use image::RgbImage;
use serde_json::{Value, json};
use trainyard_events::prediction::Prediction;

use super::measure::{Seen, truth};
use crate::data::scenes::Scenes;
use crate::failure::Failure;
use crate::metrics::average_precision::{Found, Truth};
use crate::metrics::drawing::{PAGE_SCENES, SCENE_COLUMNS, TRUTH, colour_of, sample};
use crate::metrics::matched::{SCORE, f1};
use crate::tasks::told::{Most, told};
use crate::tasks::{Account, picture, sheet_of};
use trainyard_data::object::{Object, Placement, Shape};

/// Answers to a sample are told from this confidence on, so that people see what a lower threshold than a predictor's would
/// answer; of one image at most so many, the surest first.
const TOLD_SCORE: f32 = 0.05;
const TOLD: usize = 100;
/// Images that are told of: what is told of one may be long.
const MOST: Most = Most { worst: 48, spread: 16 };
/// What answers and truths without a partner are counted under.
const BACKGROUND: &str = "background";

pub(super) fn account<O: Object>(classes: &[String], scenes: &Scenes<O>, seen: &Seen<O::Shape>) -> Account {
    let mut rows = classes.to_vec();
    rows.push(BACKGROUND.to_owned());
    let shown = shown(scenes.len(), seen).into_iter();
    Account {
        classes: scores(classes, seen),
        counts: seen.matched.confusion.counts.clone(),
        rows,
        curves: Some(curves(classes, seen)),
        samples: shown.map(|index| of_image(index, classes, scenes, seen)).collect(),
    }
}

pub(super) fn sheet<O: Object>(scenes: &Scenes<O>, seen: &Seen<O::Shape>) -> Result<Vec<u8>, Failure> {
    let shown = shown(scenes.len(), seen).into_iter().take(PAGE_SCENES);
    let drawn = shown.map(|index| drawn(index, scenes, seen));
    sheet_of(&drawn.collect::<Result<Vec<RgbImage>, Failure>>()?, SCENE_COLUMNS)
}

/// Those with the most wrong first, and of as many the ones that come first.
fn shown<S>(images: usize, seen: &Seen<S>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..images).collect();
    order.sort_by_key(|index| std::cmp::Reverse(seen.matched.wrong(*index)));
    told(order, MOST)
}

/// Average precision by class; precision, recall and F1 at the score from which a predictor answers.
fn scores(classes: &[String], seen: &Seen<impl Shape>) -> Vec<Value> {
    let scores = seen.matched.scores();
    classes
        .iter()
        .zip(&seen.precision.classes)
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
                "confidence": precision.answered,
            })
        })
        .collect()
}

/// Precision over recall at IoU .5.
fn curves(classes: &[String], seen: &Seen<impl Shape>) -> Value {
    let of_class = classes
        .iter()
        .zip(&seen.precision.classes)
        .map(|(name, class)| json!({ "name": name, "ap50": class.ap50, "precision": class.curve }));
    let recall: Vec<f64> = (0..=100).map(|percent| f64::from(percent) / 100.0).collect();
    json!({ "iou": 0.5, "recall": recall, "classes": of_class.collect::<Vec<_>>() })
}

/// What is there and what is answered, also where a predictor would not be sure enough, in pixels of the image.
fn of_image<O: Object>(index: usize, classes: &[String], scenes: &Scenes<O>, seen: &Seen<O::Shape>) -> Value {
    let scene = scenes.scene(index);
    let truths = scene.objects.iter().filter(|object| !object.bounds().crowd).map(|object| {
        let (truth, shape) = truth(index, object, [scene.width, scene.height]);
        let value = json!({ "class": classes[truth.class], "bbox": truth.corners });
        with_shape(value, &shape)
    });
    let mut sure: Vec<(&Found, &O::Shape)> = answers(index, seen, TOLD_SCORE).collect();
    sure.sort_by(|(a, _), (b, _)| b.score.total_cmp(&a.score));
    let answers = sure.into_iter().take(TOLD).map(|(found, shape)| {
        let class = &classes[found.class];
        let value = json!({ "class": class, "confidence": found.score, "bbox": found.corners });
        with_shape(value, shape)
    });
    json!({
        "path": scene.file.path,
        "width": scene.width,
        "height": scene.height,
        "truths": truths.collect::<Vec<_>>(),
        "predictions": answers.collect::<Vec<_>>(),
    })
}

/// As a predictor tells it.
fn with_shape(mut value: Value, shape: &impl Shape) -> Value {
    let Prediction { polygons, keypoints, .. } = shape.told(Prediction::of("", 0.0));
    if !polygons.is_empty() {
        value["polygons"] = json!(polygons);
    }
    if !keypoints.is_empty() {
        value["keypoints"] = json!(keypoints);
    }
    value
}

/// The square that the network saw, with what is there and what was found on it.
fn drawn<O: Object>(index: usize, scenes: &Scenes<O>, seen: &Seen<O::Shape>) -> Result<RgbImage, Failure> {
    let square = picture(scenes.side(), scenes.get(index)?.into_owned());
    let (scene, letterbox) = (scenes.scene(index), scenes.frame(index).letterbox);
    let there = scene.objects.iter().filter(|object| !object.bounds().crowd);
    let there = there.map(|object| truth(index, object, [scene.width, scene.height]));
    let (there, outlines): (Vec<Truth>, Vec<O::Shape>) = there.unzip();
    let there: Vec<Truth> = there
        .into_iter()
        .map(|truth| Truth { corners: letterbox.to_square(truth.corners), ..truth })
        .collect();
    let found: Vec<Found> = answers(index, seen, SCORE)
        .map(|(found, _)| Found { corners: letterbox.to_square(found.corners), ..*found })
        .collect();
    Ok(sample(&square, &there, &found, |page, scale| {
        let to = Placement::of(letterbox).then(Placement::scaled(scale));
        answers(index, seen, SCORE).for_each(|(found, shape)| shape.paint(page, to, colour_of(found.class)));
        outlines.iter().for_each(|shape| shape.paint(page, to, TRUTH));
    }))
}

/// Those of an image that are so sure.
fn answers<S>(index: usize, seen: &Seen<S>, least: f32) -> impl Iterator<Item = (&Found, &S)> {
    let all = seen.found.iter().zip(&seen.shapes);
    all.filter(move |(found, _)| found.image == index && found.score >= least)
}
