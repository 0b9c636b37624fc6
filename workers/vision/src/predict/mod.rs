//! Answers with a trained model: from its file alone, with the same preprocessing as in training.

pub mod queue;

use std::fs;
use std::path::Path;

use image::RgbImage;
use serde_json::json;
use tch::{Device, Kind, TchError, Tensor, no_grad};
use trainyard_events::prediction::Prediction;

use crate::data::decode::decode;
use crate::data::preprocess::{Preprocessing, square};
use crate::limits::PREDICTIONS;
use crate::models::Model;
use crate::weights::model::{self, Card, ModelError};

/// A loaded model.
#[derive(Debug)]
pub struct Predictor {
    model: Model,
    card: Card,
}

impl Predictor {
    pub fn load(weights: &Path, device: Device) -> Result<Self, ModelError> {
        let (model, card) = model::load(weights, device)?;
        Ok(Predictor { model, card })
    }

    pub fn preprocessing(&self) -> &Preprocessing {
        &self.card.preprocessing
    }

    /// For each of `squares` (see [`prepare`]) the most confident classes, at most [`PREDICTIONS`] of them.
    pub fn predict(&self, squares: &[Vec<u8>]) -> Result<Vec<Vec<Prediction>>, TchError> {
        let side = i64::from(self.card.preprocessing.image_size);
        let shape = [squares.len() as i64, side, side, 3];
        let shown = self.card.classes.len().min(PREDICTIONS);
        let (confidences, classes) = no_grad(|| -> Result<_, TchError> {
            let pixels = Tensor::f_from_data_size(&squares.concat(), &shape, Kind::Uint8)?
                .f_to_device(self.model.device())?;
            let images = self.card.preprocessing.normalise(&pixels, false)?;
            let confidences = self.model.forward(&images, false)?.f_softmax(1, Kind::Double)?;
            let (confidences, classes) = confidences.f_topk(shown as i64, 1, true, true)?;
            Ok((
                Vec::<f64>::try_from(confidences.f_flatten(0, 1)?)?,
                Vec::<i64>::try_from(classes.f_flatten(0, 1)?)?,
            ))
        })?;
        let named = |(&confidence, &class): (&f64, &i64)| Prediction {
            class: self.card.classes[class as usize].clone(),
            confidence,
            bbox: None,
        };
        Ok(confidences
            .chunks(shown)
            .zip(classes.chunks(shown))
            .map(|(confidences, classes)| confidences.iter().zip(classes).map(named).collect())
            .collect())
    }
}

/// An image as a model wants it.
pub fn prepare(image: &RgbImage, preprocessing: &Preprocessing) -> Vec<u8> {
    square(image, preprocessing.image_size, preprocessing.resize)
}

/// The `predict` command: one JSON object for each image, with its answer or what is wrong with it. Fails when the
/// weights cannot be used.
pub fn predict_files(
    weights: &Path,
    images: &[impl AsRef<Path>],
) -> Result<Vec<serde_json::Value>, ModelError> {
    let predictor = Predictor::load(weights, Device::cuda_if_available())?;
    let answer = |path: &Path| -> Result<serde_json::Value, String> {
        let bytes = fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
        let image = decode(&bytes).map_err(|error| error.to_string())?;
        let square = prepare(&image, predictor.preprocessing());
        let predictions = predictor.predict(&[square]).map_err(|error| error.to_string())?.remove(0);
        Ok(
            json!({ "image": path, "predictions": predictions, "width": image.width(), "height": image.height() }),
        )
    };
    Ok(images
        .iter()
        .map(|path| {
            let path = path.as_ref();
            answer(path).unwrap_or_else(|problem| json!({ "image": path, "problem": problem }))
        })
        .collect())
}
