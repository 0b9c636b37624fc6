//! One split of the data and its batches, whatever the task.

use std::ops::Range;
use std::sync::Arc;

use tch::{Device, Kind, Tensor};
use trainyard_events::config::Augmentation;

use crate::data::cache::Images;
use crate::data::loader::{Changes, Loader};
use crate::data::preprocess::normalise;
use crate::data::scene_batches::SceneChanges;
use crate::data::scenes::Scenes;
use crate::failure::Failure;
use trainyard_data::boxes::LabelledBox;
use trainyard_events::card::Preprocessing;

#[derive(Clone)]
pub enum Part {
    Labelled(Arc<Images>),
    Scenes(Arc<Scenes>),
}

/// How the training images of an epoch are changed.
#[derive(Clone, Copy, Debug)]
pub struct Variation {
    pub kind: Augmentation,
    /// The colour of erased areas of a labelled image.
    pub fill: [u8; 3],
    /// Whether four scenes become one.
    pub mosaic: bool,
    pub seed: u64,
    pub epoch: u64,
}

/// A batch of any task: squares as bytes `[count, side, side, 3]`, and what is true of them.
pub struct Lot {
    pub pixels: Vec<u8>,
    pub truth: Truth,
}

pub enum Truth {
    Labels(Vec<i64>),
    /// By image, in pixels of the square.
    Boxes(Vec<Vec<LabelledBox>>),
}

impl Truth {
    pub fn len(&self) -> usize {
        match self {
            Truth::Labels(labels) => labels.len(),
            Truth::Boxes(boxes) => boxes.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Of some of the images.
    pub fn part(&self, images: Range<usize>) -> Truth {
        match self {
            Truth::Labels(labels) => Truth::Labels(labels[images].to_vec()),
            Truth::Boxes(boxes) => Truth::Boxes(boxes[images].to_vec()),
        }
    }
}

impl Lot {
    pub fn len(&self) -> usize {
        self.truth.len()
    }

    pub fn is_empty(&self) -> bool {
        self.truth.is_empty()
    }

    /// The pixels as the network wants them.
    pub fn inputs(
        &self,
        preprocessing: &Preprocessing,
        device: Device,
        channels_last: bool,
    ) -> Result<Tensor, Failure> {
        let side = i64::from(preprocessing.image_size);
        let shape = [self.len() as i64, side, side, 3];
        let pixels = Tensor::f_from_data_size(&self.pixels, &shape, Kind::Uint8)?.f_to_device(device)?;
        Ok(normalise(preprocessing, &pixels, channels_last)?)
    }
}

/// Batches in the order of their plan.
pub type Lots = Box<dyn Iterator<Item = Result<Lot, Failure>>>;

impl Part {
    pub fn len(&self) -> usize {
        match self {
            Part::Labelled(images) => images.len(),
            Part::Scenes(scenes) => scenes.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `plan` names the images of each batch; `variation` is for training only.
    pub fn batches(
        &self,
        loader: &Loader,
        side: usize,
        plan: Vec<Vec<usize>>,
        variation: Option<Variation>,
    ) -> Lots {
        match self {
            Part::Labelled(images) => {
                let changes = variation.map(|Variation { kind, fill, seed, epoch, .. }| Changes {
                    kind,
                    fill,
                    seed,
                    epoch,
                });
                Box::new(loader.batches(images, side, plan, changes).map(|batch| {
                    batch.map(|batch| Lot { pixels: batch.pixels, truth: Truth::Labels(batch.labels) })
                }))
            }
            Part::Scenes(scenes) => {
                let changes = variation.map(|Variation { kind, mosaic, seed, epoch, .. }| SceneChanges {
                    kind,
                    mosaic,
                    seed,
                    epoch,
                });
                Box::new(loader.scene_batches(scenes, side, plan, changes).map(|batch| {
                    batch.map(|batch| Lot { pixels: batch.pixels, truth: Truth::Boxes(batch.boxes) })
                }))
            }
        }
    }
}
