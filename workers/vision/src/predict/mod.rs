//! Answers with a trained model: from its file alone, with the same preprocessing as in training.

pub mod nms;

use std::fs;
use std::path::Path;

use image::RgbImage;
use serde_json::json;
use tch::{Device, Kind, TchError, Tensor, no_grad};
use trainyard_data::decode::decode;
use trainyard_data::resize::square;
use trainyard_events::card::{Card, Preprocessing};
use trainyard_events::prediction::Prediction;
use trainyard_libtorch::has_cuda;
use trainyard_words::english;

use crate::data::preprocess::normalise;
use crate::models::{Mode, Model};
use crate::tasks::{Task, of_task};
use crate::weights::file::{self, FileError};
use crate::weights::model::{self, ModelError};

/// A loaded model.
#[derive(Debug)]
pub struct Predictor<T: Task> {
    model: Model<T::Network>,
    task: T,
    card: Card,
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

impl<T: Task> Predictor<T> {
    pub fn load(weights: &Path, device: Device) -> Result<Self, ModelError> {
        let (model, card) = model::load(weights, device)?;
        let channels_last = device.is_cuda() || T::RECIPE.channels_last;
        if channels_last {
            model.use_channels_last().map_err(FileError::from)?;
        }
        let task = T::new(&card, device).map_err(FileError::from)?;
        Ok(Predictor { model, task, card, channels_last })
    }

    pub fn preprocessing(&self) -> &Preprocessing {
        &self.card.preprocessing
    }

    /// For each image the most confident first.
    pub fn predict(&self, images: &[Prepared]) -> Result<Vec<Vec<Prediction>>, TchError> {
        let side = i64::from(self.card.preprocessing.image_size);
        let shape = [images.len() as i64, side, side, 3];
        let bytes: Vec<&[u8]> = images.iter().map(|image| image.square.as_slice()).collect();
        no_grad(|| {
            let pixels = Tensor::f_from_data_size(&bytes.concat(), &shape, Kind::Uint8)?
                .f_to_device(self.model.device())?;
            let pixels = normalise(&self.card.preprocessing, &pixels, self.channels_last)?;
            self.task.answers(&self.model.forward(&pixels, Mode::Answer)?, &self.card, images)
        })
    }
}

/// The `predict` command: one JSON object for each image, with its answer or what is wrong with it. Fails when the
/// weights cannot be used.
pub fn predict_files(
    weights: &Path,
    images: &[impl AsRef<Path>],
) -> Result<Vec<serde_json::Value>, ModelError> {
    let card = model::card_of(&file::read_metadata(weights)?)?;
    of_task!(card.task, T => answers::<T>(weights, images))
}

fn answers<T: Task>(
    weights: &Path,
    images: &[impl AsRef<Path>],
) -> Result<Vec<serde_json::Value>, ModelError> {
    let predictor = Predictor::<T>::load(weights, if has_cuda() { Device::Cuda(0) } else { Device::Cpu })?;
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
