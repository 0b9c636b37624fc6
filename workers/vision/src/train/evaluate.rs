//! Measures a model on images it does not learn from.

use std::sync::Arc;

use tch::{Device, Kind, Tensor, no_grad};
use trainyard_events::job::Measurements;

use crate::data::cache::Images;
use crate::data::loader::{Batch, Loader, evaluation_plan};
use crate::data::preprocess::Preprocessing;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::loss::classify::cross_entropy;
use crate::metrics::confusion::Confusion;
use crate::models::Model;

/// One pass over a split.
#[derive(Debug)]
pub struct Evaluation {
    /// Mean cross entropy, labels not smoothed.
    pub loss: f64,
    pub confusion: Confusion,
    /// For each image in order: the answer and its confidence.
    pub answers: Vec<(usize, f64)>,
}

impl Evaluation {
    pub fn measurements(&self) -> Measurements {
        let (precision, recall) = self.confusion.macro_scores();
        Measurements::from([
            ("loss".to_owned(), self.loss),
            ("accuracy".to_owned(), self.confusion.accuracy()),
            ("precision".to_owned(), precision),
            ("recall".to_owned(), recall),
        ])
    }
}

/// The bytes of a batch as the network wants them.
pub fn inputs(
    batch: &Batch,
    side: usize,
    preprocessing: &Preprocessing,
    device: Device,
    channels_last: bool,
) -> Result<(Tensor, Tensor), Failure> {
    let shape = [batch.labels.len() as i64, side as i64, side as i64, 3];
    let pixels = Tensor::f_from_data_size(&batch.pixels, &shape, Kind::Uint8)?.f_to_device(device)?;
    let labels = Tensor::f_from_slice(&batch.labels)?.f_to_device(device)?;
    Ok((preprocessing.normalise(&pixels, channels_last)?, labels))
}

/// `None` when interrupted on the way.
pub fn evaluate(
    model: &Model,
    images: &Arc<Images>,
    preprocessing: &Preprocessing,
    loader: &Loader,
    batch_size: usize,
    channels_last: bool,
    interrupt: &Interrupt,
) -> Result<Option<Evaluation>, Failure> {
    let side = preprocessing.image_size as usize;
    let classes = model.class_count();
    let (mut loss, mut confusion, mut answers) =
        (0.0, Confusion::new(classes), Vec::with_capacity(images.len()));
    for batch in loader.batches(images, side, evaluation_plan(images.len(), batch_size), None) {
        if interrupt.is_raised() {
            return Ok(None);
        }
        let batch = batch?;
        let (pixels, labels) = inputs(&batch, side, preprocessing, model.device(), channels_last)?;
        let (batch_loss, confidences, found) = no_grad(|| -> Result<_, Failure> {
            let logits = model.forward(&pixels, false)?;
            let batch_loss = cross_entropy(&logits, &labels, 0.0)?.f_double_value(&[])?;
            let (confidences, found) = logits.f_softmax(1, Kind::Double)?.f_max_dim(1, false)?;
            Ok((batch_loss, Vec::<f64>::try_from(confidences)?, Vec::<i64>::try_from(found)?))
        })?;
        loss += batch_loss * batch.labels.len() as f64;
        for ((&truth, &answer), &confidence) in batch.labels.iter().zip(&found).zip(&confidences) {
            confusion.add(truth as usize, answer as usize);
            answers.push((answer as usize, confidence));
        }
    }
    Ok(Some(Evaluation { loss: loss / images.len().max(1) as f64, confusion, answers }))
}
