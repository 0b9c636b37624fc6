//! How often a classifier is right.

use tch::{Kind, Tensor, no_grad};
use trainyard_events::results::Measurements;

use super::Classify;
use super::loss::cross_entropy;
use super::part::Squares;
use crate::failure::Failure;
use crate::metrics::confusion::Confusion;
use crate::models::classifier::Classifier;
use crate::models::{Mode, Model};
use crate::tasks::{Evaluation, Judge, Part};

#[derive(Debug)]
pub struct Classified {
    pub confusion: Confusion,
    /// For each image in order: the answer and its confidence.
    pub answers: Vec<(usize, f64)>,
}

pub(super) fn measure(
    judge: &Judge<Classify>,
    model: &Model<Classifier>,
    part: &Squares,
) -> Result<Option<Evaluation<Classified>>, Failure> {
    let mut loss = 0.0;
    let mut confusion = Confusion::new(model.class_count());
    let mut answers = Vec::with_capacity(part.len());
    for lot in judge.lots(part) {
        if judge.interrupt.is_raised() {
            return Ok(None);
        }
        let lot = lot?;
        let labels = &lot.truth;
        let pixels = lot.inputs(judge.preprocessing, model.device(), judge.channels_last)?;
        let (batch_loss, confidences, found) = no_grad(|| -> Result<_, Failure> {
            let logits = model.forward(&pixels, Mode::Answer)?;
            let truth = Tensor::f_from_slice(labels)?.f_to_device(logits.device())?;
            // Labels are not smoothed here.
            let batch_loss = cross_entropy(&logits, &truth, 0.0)?.f_double_value(&[])?;
            let (confidences, found) = logits.f_softmax(1, Kind::Double)?.f_max_dim(1, false)?;
            Ok((batch_loss, Vec::<f64>::try_from(confidences)?, Vec::<i64>::try_from(found)?))
        })?;
        loss += batch_loss * labels.len() as f64;
        for ((&truth, &answer), &confidence) in labels.iter().zip(&found).zip(&confidences) {
            confusion.add(truth as usize, answer as usize);
            answers.push((answer as usize, confidence));
        }
    }
    let (precision, recall) = confusion.macro_scores();
    let measurements = Measurements::from([
        ("loss".to_owned(), loss / part.len().max(1) as f64),
        ("accuracy".to_owned(), confusion.accuracy()),
        ("precision".to_owned(), precision),
        ("recall".to_owned(), recall),
    ]);
    Ok(Some(Evaluation { measurements, seen: Classified { confusion, answers } }))
}
