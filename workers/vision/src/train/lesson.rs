//! The seam between the tasks: what a training makes small, measures and goes by. The rest of it is the same for all.

use tch::{Device, Kind, Tensor, no_grad};
use trainyard_events::config::{Augmentation, Task, TrainingConfig};
use trainyard_events::reason::{Cause, Doing};

use crate::failure::Failure;
use crate::loss::classify::cross_entropy;
use crate::loss::detect::detection_loss;
use crate::models::anchors::Anchors;
use crate::models::{Model, Shape};
use crate::optim::ema::Decay;
use crate::train::part::Truth;
use crate::train::setup::{Notes, augmentation_in_words};

/// A detector's gradients are shortened to this norm.
const GRADIENT_NORM: f64 = 10.0;
/// Epochs at the end that a detector spends on whole images, and the part of a short training.
const CLOSING_EPOCHS: u32 = 10;
const CLOSING_SHARE: f64 = 0.2;

pub enum Lesson {
    Classify { label_smoothing: f64 },
    Detect { anchors: Anchors },
}

/// What a part of a batch teaches.
pub struct Learnt {
    /// The scalar to differentiate: gradients of the parts of a batch add up to those of the batch.
    pub loss: Tensor,
    /// For each of [`Lesson::measured`] its sum over the images, in doubles on the device.
    pub sums: Tensor,
}

impl Lesson {
    pub fn new(config: &TrainingConfig, device: Device) -> Result<Self, Failure> {
        Ok(match config.task {
            Task::Detect => Lesson::Detect { anchors: Anchors::new(config.image_size, device)? },
            _ => Lesson::Classify { label_smoothing: config.label_smoothing },
        })
    }

    /// The validation measurement that decides which epoch is best; more is better.
    pub fn primary(&self) -> &'static str {
        match self {
            Lesson::Classify { .. } => "accuracy",
            Lesson::Detect { .. } => "ap50_95",
        }
    }

    /// What is summed over the training images, the whole loss first. Parts of it come with their gains.
    pub fn measured(&self) -> &'static [&'static str] {
        match self {
            Lesson::Classify { .. } => &["loss", "accuracy"],
            Lesson::Detect { .. } => &["loss", "box_loss", "class_loss", "dfl_loss"],
        }
    }

    /// `truth` is of the images in `pixels`, which are a part of a batch of `batch` images.
    pub fn learn(
        &self,
        model: &Model,
        pixels: &Tensor,
        truth: &Truth,
        batch: usize,
    ) -> Result<Learnt, Failure> {
        let output = model.forward(pixels, true)?;
        let images = truth.len() as f64;
        match (self, truth) {
            (Lesson::Classify { label_smoothing }, Truth::Labels(labels)) => {
                let logits = output.logits()?;
                let labels = Tensor::f_from_slice(labels)?.f_to_device(logits.device())?;
                let mean = cross_entropy(&logits, &labels, *label_smoothing)?;
                let sums = no_grad(|| -> Result<Tensor, Failure> {
                    let right = logits.f_argmax(1, false)?.f_eq_tensor(&labels)?.f_sum(Kind::Double)?;
                    let sum = mean.f_to_kind(Kind::Double)?.f_mul_scalar(images)?;
                    Ok(Tensor::f_stack(&[sum, right], 0)?)
                })?;
                Ok(Learnt { loss: mean.f_mul_scalar(images / batch as f64)?, sums })
            }
            (Lesson::Detect { anchors }, Truth::Boxes(boxes)) => {
                let parts = detection_loss(&output.boxes()?, anchors, boxes)?;
                let total = parts.total()?;
                let sums = no_grad(|| {
                    let all = [&total, &parts.boxes, &parts.classes, &parts.dfl];
                    Tensor::f_stack(&all, 0)?.f_to_kind(Kind::Double)?.f_mul_scalar(images)
                })?;
                Ok(Learnt { loss: total.f_mul_scalar(images)?, sums })
            }
            _ => Err(Failure::internal(Doing::LearnBatch, Cause::OtherTask)),
        }
    }

    pub fn gradient_norm(&self) -> Option<f64> {
        matches!(self, Lesson::Detect { .. }).then_some(GRADIENT_NORM)
    }

    pub fn decay(&self) -> Decay {
        match self {
            Lesson::Classify { .. } => Decay::Classifier,
            Lesson::Detect { .. } => Decay::Detector,
        }
    }

    /// Whether the scenes of an epoch, counted from 1, are made of four.
    pub fn has_mosaic(&self, config: &TrainingConfig, epoch: u32) -> bool {
        matches!(self, Lesson::Detect { .. })
            && config.augmentation == Augmentation::Standard
            && epoch + closing_epochs(config.epochs) <= config.epochs
    }

    /// What it resolves by itself, for `started`.
    pub fn notes(&self, config: &TrainingConfig, shape: &Shape) -> Notes {
        let note = |name: &str, value: String| (name.to_owned(), value);
        let augmentation = augmentation_in_words(config.task, config.augmentation, config.image_size);
        let mut notes = Notes::from([note("augmentation", augmentation)]);
        match self {
            Lesson::Classify { .. } => {
                let stem = if shape.has_small_stem() { "3x3 stride 1" } else { "7x7 stride 2" };
                notes.extend([note("stem", stem.to_owned())]);
            }
            Lesson::Detect { anchors } => {
                let last = closing_epochs(config.epochs);
                let mosaic = if self.has_mosaic(config, 1) {
                    format!("until epoch {}, off for the last {last}", config.epochs - last)
                } else {
                    "off".to_owned()
                };
                notes.extend([
                    note("mosaic", mosaic),
                    note("gradient_norm", format!("at most {GRADIENT_NORM}")),
                    note("cells", anchors.count().to_string()),
                ]);
            }
        }
        notes
    }
}

/// [`CLOSING_EPOCHS`], or [`CLOSING_SHARE`] of a training that has few.
fn closing_epochs(epochs: u32) -> u32 {
    CLOSING_EPOCHS.min((f64::from(epochs) * CLOSING_SHARE).ceil() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::tests::config;

    #[test]
    fn mosaic_ends_before_the_training_does() {
        let lesson = Lesson::Detect { anchors: Anchors::new(64, Device::Cpu).unwrap() };
        let with = |epochs, augmentation| TrainingConfig { epochs, augmentation, ..config() };
        for (epochs, last_with) in [(100, 90), (20, 16), (5, 4), (2, 1), (1, 0)] {
            let config = with(epochs, Augmentation::Standard);
            let found = (1..=epochs).filter(|&epoch| lesson.has_mosaic(&config, epoch)).max();
            assert_eq!(found.unwrap_or(0), last_with, "of {epochs}");
        }
        assert!(!lesson.has_mosaic(&with(100, Augmentation::Light), 1));
        let classify = Lesson::Classify { label_smoothing: 0.0 };
        assert!(!classify.has_mosaic(&with(100, Augmentation::Standard), 1));
    }
}
