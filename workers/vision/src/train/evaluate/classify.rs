//! How often a classifier is right.

use tch::{Kind, Tensor, no_grad};
use trainyard_events::results::Measurements;

use crate::data::cache::Images;
use crate::data::loader::evaluation_plan;
use crate::failure::Failure;
use crate::loss::classify::cross_entropy;
use crate::metrics::confusion::Confusion;
use crate::models::Model;
use crate::train::part::{Part, Truth};

use super::{Detail, Evaluation, Judge};

#[derive(Debug)]
pub struct Classified {
    pub confusion: Confusion,
    /// For each image in order: the answer and its confidence.
    pub answers: Vec<(usize, f64)>,
}

pub(super) fn evaluate(
    judge: &Judge,
    model: &Model,
    part: &Part,
    images: &Images,
) -> Result<Option<Evaluation>, Failure> {
    let mut loss = 0.0;
    let mut confusion = Confusion::new(model.class_count());
    let mut answers = Vec::with_capacity(images.len());
    let side = judge.preprocessing.image_size as usize;
    for lot in part.batches(judge.loader, side, evaluation_plan(images.len(), judge.batch_size), None) {
        if judge.interrupt.is_raised() {
            return Ok(None);
        }
        let lot = lot?;
        let Truth::Labels(labels) = &lot.truth else { continue };
        let pixels = lot.inputs(judge.preprocessing, model.device(), judge.channels_last)?;
        let (batch_loss, confidences, found) = no_grad(|| -> Result<_, Failure> {
            let logits = model.forward(&pixels, false)?.logits()?;
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
        ("loss".to_owned(), loss / images.len().max(1) as f64),
        ("accuracy".to_owned(), confusion.accuracy()),
        ("precision".to_owned(), precision),
        ("recall".to_owned(), recall),
    ]);
    Ok(Some(Evaluation { measurements, detail: Detail::Classified(Classified { confusion, answers }) }))
}
