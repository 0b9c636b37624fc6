//! What a classifier's reports say.

use image::RgbImage;
use serde_json::{Value, json};
use trainyard_data::page::page;
use trainyard_events::reason::{Cause, Doing};

use super::measure::Classified;
use crate::data::cache::Images;
use crate::failure::Failure;
use crate::metrics::answered::Answered;
use crate::metrics::drawing::{CAPTIONED_COLUMNS, PAGE_CAPTIONED, captioned};
use crate::tasks::{Account, picture};
use crate::train::finish::bytes;

pub(super) fn account(
    classes: &[String],
    images: &Images,
    classified: &Classified,
) -> Result<Account, Failure> {
    let scores = classified.confusion.scores();
    let of_class = classes.iter().zip(&scores).enumerate().map(|(class, (name, score))| {
        json!({
            "name": name,
            "precision": score.precision,
            "recall": score.recall,
            "support": score.support,
            "confidence": answered(class, images, &classified.answers),
        })
    });
    let shown = shown(images, &classified.answers);
    let told: Vec<Value> =
        shown.iter().map(|&index| told(index, images, classes, &classified.answers)).collect();
    let drawn: Vec<RgbImage> = shown
        .iter()
        .map(|&index| drawn(index, images, classes, &classified.answers))
        .collect::<Result<_, _>>()?;
    let page = page(&drawn, CAPTIONED_COLUMNS)
        .map_err(|error| Failure::internal(Doing::DrawSamples, Cause::said(error.to_string())))?;
    Ok(Account {
        classes: of_class.collect(),
        counts: classified.confusion.counts.clone(),
        rows: classes.to_vec(),
        others: vec![
            ("sample_predictions", "sample_predictions.json", bytes(&json!(told))?),
            ("sample_images", "sample_images.jpg", page.jpeg),
        ],
    })
}

/// The answers that name a class.
fn answered(class: usize, images: &Images, answers: &[(usize, f64)]) -> Answered {
    let of_class = answers.iter().enumerate().filter(|(_, (answer, _))| *answer == class);
    Answered::of(of_class.map(|(index, (_, confidence))| (*confidence, images.label(index) == class as i64)))
}

/// The most confident mistakes first, then the least sure right answers.
fn shown(images: &Images, answers: &[(usize, f64)]) -> Vec<usize> {
    let key = |index: usize| {
        let (answer, confidence) = answers[index];
        let right = answer as i64 == images.label(index);
        (right, if right { confidence } else { -confidence })
    };
    let mut order: Vec<usize> = (0..images.len()).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (key(a), key(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    order.truncate(PAGE_CAPTIONED);
    order
}

fn told(index: usize, images: &Images, classes: &[String], answers: &[(usize, f64)]) -> Value {
    let (answer, confidence) = answers[index];
    let truth = &classes[images.label(index) as usize];
    json!({ "path": images.path(index), "truth": truth, "answer": classes[answer], "confidence": confidence })
}

/// The square that the network saw, above what it answered and what is true.
fn drawn(
    index: usize,
    images: &Images,
    classes: &[String],
    answers: &[(usize, f64)],
) -> Result<RgbImage, Failure> {
    let square = picture(images.side(), images.get(index)?.into_owned());
    let (answer, confidence) = answers[index];
    let truth = images.label(index) as usize;
    // The letters that can be drawn are ASCII.
    let name = |class: usize| match &classes[class] {
        name if name.is_ascii() => name.clone(),
        _ => format!("class {class}"),
    };
    let lines = [format!("{:.2} {}", confidence, name(answer)), format!("is   {}", name(truth))];
    Ok(captioned(&square, lines.each_ref().map(String::as_str), answer == truth))
}
