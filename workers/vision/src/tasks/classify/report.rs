//! What a classifier's reports say.

use image::RgbImage;
use serde_json::{Value, json};

use super::measure::Classified;
use crate::data::cache::Images;
use crate::failure::Failure;
use crate::metrics::answered::Answered;
use crate::metrics::drawing::{FRAMED_COLUMNS, PAGE_FRAMED, framed};
use crate::tasks::told::{Most, told};
use crate::tasks::{Account, picture, sheet_of};

/// Images that are told of.
const MOST: Most = Most { worst: 300, spread: 100 };

pub(super) fn account(classes: &[String], images: &Images, classified: &Classified) -> Account {
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
    let shown = shown(images, &classified.answers).into_iter();
    Account {
        classes: of_class.collect(),
        counts: classified.confusion.counts.clone(),
        rows: classes.to_vec(),
        curves: None,
        samples: shown.map(|index| of_image(index, images, classes, &classified.answers)).collect(),
    }
}

/// Each square that the network saw, in a frame that says whether the answer is right.
pub(super) fn sheet(images: &Images, classified: &Classified) -> Result<Vec<u8>, Failure> {
    let shown = shown(images, &classified.answers).into_iter().take(PAGE_FRAMED);
    let drawn = shown.map(|index| {
        let square = picture(images.side(), images.get(index)?.into_owned());
        Ok(framed(&square, classified.answers[index].0 as i64 == images.label(index)))
    });
    sheet_of(&drawn.collect::<Result<Vec<RgbImage>, Failure>>()?, FRAMED_COLUMNS)
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
    told(order, MOST)
}

fn of_image(index: usize, images: &Images, classes: &[String], answers: &[(usize, f64)]) -> Value {
    let (answer, confidence) = answers[index];
    let truth = &classes[images.label(index) as usize];
    json!({ "path": images.path(index), "truth": truth, "answer": classes[answer], "confidence": confidence })
}
