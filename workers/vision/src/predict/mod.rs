//! Answers with a trained model: from its file alone, with the same preprocessing as in training.

pub mod nms;

use std::fs;
use std::path::Path;

use image::RgbImage;
use serde_json::json;
use tch::{Device, Kind, TchError, Tensor, no_grad};
use trainyard_events::config::Task;
use trainyard_events::prediction::Prediction;
use trainyard_words::english;

use crate::data::preprocess::normalise;
use crate::limits::PREDICTIONS;
use crate::models::anchors::Anchors;
use crate::models::head::RawBoxes;
use crate::models::{Model, Output, prefers_channels_last};
use crate::predict::nms::{PREDICT, detections};
use crate::weights::file::FileError;
use crate::weights::model::{self, ModelError};
use trainyard_data::boxes::Letterbox;
use trainyard_data::decode::decode;
use trainyard_data::resize::square;
use trainyard_events::card::Card;
use trainyard_events::card::Preprocessing;

/// A loaded model.
#[derive(Debug)]
pub struct Predictor {
    model: Model,
    card: Card,
    /// Of a detector.
    anchors: Option<Anchors>,
    channels_last: bool,
}

/// An image as a model wants it.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Rows of RGB.
    pub square: Vec<u8>,
    /// Of the image itself, in pixels after EXIF rotation.
    pub width: u32,
    pub height: u32,
}

impl Prepared {
    pub fn new(image: &RgbImage, preprocessing: &Preprocessing) -> Self {
        Prepared {
            square: square(image, preprocessing.image_size, preprocessing.resize),
            width: image.width(),
            height: image.height(),
        }
    }
}

impl Predictor {
    pub fn load(weights: &Path, device: Device) -> Result<Self, ModelError> {
        let (model, card) = model::load(weights, device)?;
        let channels_last = prefers_channels_last(device, card.task);
        if channels_last {
            model.use_channels_last().map_err(FileError::from)?;
        }
        let anchors = (card.task == Task::Detect)
            .then(|| Anchors::new(card.preprocessing.image_size, device))
            .transpose()
            .map_err(FileError::from)?;
        Ok(Predictor { model, card, anchors, channels_last })
    }

    pub fn preprocessing(&self) -> &Preprocessing {
        &self.card.preprocessing
    }

    /// For each image the most confident first: of a classifier at most [`PREDICTIONS`] classes, of a detector its
    /// boxes in pixels of the image.
    pub fn predict(&self, images: &[Prepared]) -> Result<Vec<Vec<Prediction>>, TchError> {
        let side = i64::from(self.card.preprocessing.image_size);
        let shape = [images.len() as i64, side, side, 3];
        let bytes: Vec<&[u8]> = images.iter().map(|image| image.square.as_slice()).collect();
        let output = no_grad(|| {
            let pixels = Tensor::f_from_data_size(&bytes.concat(), &shape, Kind::Uint8)?
                .f_to_device(self.model.device())?;
            let pixels = normalise(&self.card.preprocessing, &pixels, self.channels_last)?;
            self.model.forward(&pixels, false)
        })?;
        match output {
            Output::Logits(logits) => self.classes(&logits),
            Output::Boxes(raw) => self.boxes(&raw, images),
        }
    }

    fn classes(&self, logits: &Tensor) -> Result<Vec<Vec<Prediction>>, TchError> {
        let shown = self.card.classes.len().min(PREDICTIONS);
        let confidences = logits.f_softmax(1, Kind::Double)?;
        let (confidences, classes) = confidences.f_topk(shown as i64, 1, true, true)?;
        let confidences = Vec::<f64>::try_from(confidences.f_flatten(0, 1)?)?;
        let classes = Vec::<i64>::try_from(classes.f_flatten(0, 1)?)?;
        let named = |(&confidence, &class): (&f64, &i64)| {
            Prediction::of(&self.card.classes[class as usize], confidence)
        };
        Ok(confidences
            .chunks(shown)
            .zip(classes.chunks(shown))
            .map(|(confidences, classes)| confidences.iter().zip(classes).map(named).collect())
            .collect())
    }

    fn boxes(&self, raw: &RawBoxes, images: &[Prepared]) -> Result<Vec<Vec<Prediction>>, TchError> {
        let anchors = self.anchors.as_ref();
        let anchors =
            anchors.ok_or_else(|| TchError::Torch("a detector's card says it classifies".into()))?;
        let found = detections(raw, anchors, PREDICT)?;
        let side = self.card.preprocessing.image_size;
        Ok(images
            .iter()
            .zip(found)
            .map(|(&Prepared { width, height, .. }, found)| {
                let letterbox = Letterbox::of(width, height, side);
                let told = found.into_iter().map(|found| Prediction {
                    bbox: Some(letterbox.to_image(found.corners, width, height).map(f64::from)),
                    ..Prediction::of(&self.card.classes[found.class], f64::from(found.score))
                });
                told.collect()
            })
            .collect())
    }
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
        let image = decode(&bytes, predictor.preprocessing().sample_bits).map_err(|flaw| english(&flaw))?;
        let prepared = Prepared::new(&image, predictor.preprocessing());
        let predictions = predictor.predict(&[prepared]).map_err(|error| error.to_string())?.remove(0);
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
