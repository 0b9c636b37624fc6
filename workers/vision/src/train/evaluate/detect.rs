//! What a detector finds, set against what is there, in pixels of the images.

use tch::no_grad;
use trainyard_events::results::Measurements;

use crate::data::loader::evaluation_plan;
use crate::data::scenes::Scenes;
use crate::failure::Failure;
use crate::loss::detect::detection_loss;
use crate::metrics::average_precision::{AveragePrecision, Found, Truth as Object, average_precision};
use crate::metrics::matched::Matched;
use crate::models::Model;
use crate::models::anchors::Anchors;
use crate::predict::nms::{VALIDATE, detections};
use crate::train::part::{Part, Truth};

use super::{Detail, Evaluation, Judge};

#[derive(Debug)]
pub struct Detected {
    pub precision: AveragePrecision,
    pub matched: Matched,
    pub found: Vec<Found>,
}

pub(super) fn evaluate(
    judge: &Judge,
    model: &Model,
    part: &Part,
    scenes: &Scenes,
    anchors: &Anchors,
) -> Result<Option<Evaluation>, Failure> {
    let mut found = Vec::new();
    // The whole loss and its three parts, summed over the images.
    let mut losses = [0.0; 4];
    let mut first = 0;
    for lot in
        part.batches(judge.loader, scenes.side(), evaluation_plan(scenes.len(), judge.batch_size), None)
    {
        if judge.interrupt.is_raised() {
            return Ok(None);
        }
        let lot = lot?;
        let Truth::Boxes(boxes) = &lot.truth else { continue };
        let pixels = lot.inputs(judge.preprocessing, model.device(), judge.channels_last)?;
        let (loss, seen) = no_grad(|| -> Result<_, Failure> {
            let raw = model.forward(&pixels, false)?.boxes()?;
            let loss = detection_loss(&raw, anchors, boxes)?;
            let parts = [&loss.boxes, &loss.classes, &loss.dfl].map(|part| part.f_double_value(&[]));
            let [boxes, classes, dfl] = parts;
            Ok(([boxes?, classes?, dfl?], detections(&raw, anchors, VALIDATE)?))
        })?;
        let total: f64 = loss.iter().sum();
        for (sum, part) in losses.iter_mut().zip([total, loss[0], loss[1], loss[2]]) {
            *sum += part * lot.len() as f64;
        }
        for (image, seen) in (first..).zip(seen) {
            let (scene, letterbox) = (scenes.scene(image), scenes.letterbox(image));
            found.extend(seen.into_iter().map(|seen| Found {
                image,
                class: seen.class,
                score: seen.score,
                corners: letterbox.to_image(seen.corners, scene.width, scene.height),
            }));
        }
        first += lot.len();
    }
    let objects = objects(scenes);
    let classes = model.class_count();
    let precision = judge.loader.install(|| average_precision(classes, &objects, &found));
    let matched = Matched::new(classes, &objects, &found);
    let (precise, complete) = matched.macro_scores();
    let images = scenes.len().max(1) as f64;
    let mut measurements = Measurements::from([
        ("ap50_95".to_owned(), precision.ap),
        ("ap50".to_owned(), precision.ap50),
        ("ap75".to_owned(), precision.ap75),
        ("precision".to_owned(), precise),
        ("recall".to_owned(), complete),
    ]);
    for (name, sum) in judge.lesson.measured().iter().zip(losses) {
        measurements.insert((*name).to_owned(), sum / images);
    }
    for (name, value) in
        [("ap_small", precision.small), ("ap_medium", precision.medium), ("ap_large", precision.large)]
    {
        if let Some(value) = value {
            measurements.insert(name.to_owned(), value);
        }
    }
    let detail = Detail::Detected(Detected { precision, matched, found });
    Ok(Some(Evaluation { measurements, detail }))
}

/// What is there, crowds included.
fn objects(scenes: &Scenes) -> Vec<Object> {
    (0..scenes.len())
        .flat_map(|image| {
            scenes.scene(image).boxes.iter().map(move |object| Object {
                image,
                class: object.class,
                corners: object.corners,
                crowd: object.crowd,
                area: None,
            })
        })
        .collect()
}
