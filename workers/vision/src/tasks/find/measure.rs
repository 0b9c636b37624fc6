//! What is found, set against what is there, in pixels of the images.

use tch::no_grad;
use trainyard_events::results::Measurements;

use super::{Find, Finder, ScenesOf, ShapeOf};
use crate::data::scenes::Scenes;
use crate::failure::Failure;
use crate::metrics::average_precision::{
    ANSWERS, AveragePrecision, Comparison, Found, Truth, average_precision, overlap,
};
use crate::metrics::matched::Matched;
use crate::models::yolo11::Yolo11;
use crate::models::{Mode, Model};
use crate::predict::nms::{Detection, VALIDATE, detections};
use crate::tasks::{Evaluation, Judge, Task};
use trainyard_data::boxes::Frame;
use trainyard_data::object::{Object, Shape};
use trainyard_libtorch::Group;

#[derive(Debug)]
pub struct Seen<S> {
    pub precision: AveragePrecision,
    pub matched: Matched,
    pub found: Vec<Found>,
    /// Of each of `found` what there is beyond its box.
    pub shapes: Vec<S>,
}

pub(super) fn measure<F: Find>(
    judge: &Judge<Finder<F>>,
    model: &Model<Yolo11<F::Head>>,
    part: &ScenesOf<F>,
) -> Result<Option<Evaluation<Seen<ShapeOf<F>>>>, Failure> {
    let Finder { anchors, kind } = judge.task;
    let (mut found, mut shapes) = (Vec::new(), Vec::new());
    // The whole loss and its parts, summed over the images.
    let mut losses = vec![0.0; Finder::<F>::MEASURED.len()];
    let mut first = 0;
    for lot in judge.lots(part) {
        if judge.interrupt.is_raised() {
            return Ok(None);
        }
        let lot = lot?;
        let pixels = lot.inputs(judge.preprocessing, model.device(), judge.channels_last)?;
        no_grad(|| -> Result<(), Failure> {
            let output = model.forward(&pixels, Mode::Answer)?;
            let parts = kind.losses(&output, anchors, &lot.truth, &Group::alone())?;
            let parts = parts.iter().map(|part| part.f_double_value(&[])).collect::<Result<Vec<_>, _>>()?;
            let whole: f64 = parts.iter().sum();
            for (sum, part) in losses.iter_mut().zip([whole].into_iter().chain(parts)) {
                *sum += part * lot.len() as f64;
            }
            for (at, seen) in detections(F::raw(&output), anchors, VALIDATE)?.into_iter().enumerate() {
                let seen: Vec<Detection> = seen.into_iter().take(F::DETAILED).collect();
                let (image, frame) = (first + at, part.frame(first + at));
                let of_image = kind.shapes(&output, anchors, at, &seen, &frame)?;
                found.extend(
                    seen.iter().zip(&of_image).map(|(seen, shape)| found_in(image, seen, shape, &frame)),
                );
                shapes.extend(of_image);
            }
            Ok(())
        })?;
        first += lot.len();
    }
    let (objects, outlines) = objects(part);
    let alike = |answer: usize, truth: usize| {
        kind.alike((&found[answer], &shapes[answer]), (&objects[truth], &outlines[truth]))
    };
    let comparison = Comparison { alike: &alike, answers: F::ANSWERS };
    let classes = model.class_count();
    let precision = judge.loader.install(|| average_precision(classes, &objects, &found, &comparison));
    let matched = Matched::new(classes, &objects, &found, &comparison);
    let mut measurements = measurements(&precision, &matched);
    if F::IS_MORE_THAN_BOXES {
        let alike = |answer: usize, truth: usize| overlap(&found[answer], &objects[truth]);
        let comparison = Comparison { alike: &alike, answers: ANSWERS };
        let boxes = judge.loader.install(|| average_precision(classes, &objects, &found, &comparison));
        measurements.extend([("box_ap50_95".to_owned(), boxes.ap), ("box_ap50".to_owned(), boxes.ap50)]);
    }
    let images = part.len().max(1) as f64;
    for (name, sum) in Finder::<F>::MEASURED.iter().zip(losses) {
        measurements.insert((*name).to_owned(), sum / images);
    }
    Ok(Some(Evaluation { measurements, seen: Seen { precision, matched, found, shapes } }))
}

fn measurements(precision: &AveragePrecision, matched: &Matched) -> Measurements {
    let (precise, complete) = matched.macro_scores();
    let known = [
        ("ap50_95", Some(precision.ap)),
        ("ap50", Some(precision.ap50)),
        ("ap75", Some(precision.ap75)),
        ("precision", Some(precise)),
        ("recall", Some(complete)),
        ("ap_small", precision.small),
        ("ap_medium", precision.medium),
        ("ap_large", precision.large),
    ];
    known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn found_in(image: usize, seen: &Detection, shape: &impl Shape, frame: &Frame) -> Found {
    let corners = frame.to_image(seen.corners);
    Found { image, class: seen.class, score: seen.score, corners, area: shape.area() }
}

/// What is there, crowds included, and of each what there is beyond its box.
fn objects<O: Object>(scenes: &Scenes<O>) -> (Vec<Truth>, Vec<O::Shape>) {
    let of_image = |image: usize| {
        let scene = scenes.scene(image);
        scene.objects.iter().map(move |object| truth(image, object, [scene.width, scene.height]))
    };
    (0..scenes.len()).flat_map(of_image).unzip()
}

pub(super) fn truth<O: Object>(image: usize, object: &O, size: [u32; 2]) -> (Truth, O::Shape) {
    let (bounds, shape) = (object.bounds(), object.shape(size));
    let (area, is_blank) = (shape.area(), shape.is_blank());
    let (class, corners, crowd) = (bounds.class, bounds.corners, bounds.crowd);
    (Truth { image, class, corners, crowd, area, is_blank }, shape)
}
