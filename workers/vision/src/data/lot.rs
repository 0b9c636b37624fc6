//! A batch as the loader makes it, and how the images of a training batch are changed.

use tch::{Device, Kind, Tensor};
use trainyard_events::card::Preprocessing;
use trainyard_events::config::Augmentation;

use crate::data::preprocess::normalise;
use crate::failure::Failure;

/// How the training images of an epoch are changed; the seed and the epoch are part of every image's random key.
#[derive(Clone, Copy, Debug)]
pub struct Variation {
    pub kind: Augmentation,
    /// Of RandAugment, on top; 0: none. Only of labelled images.
    pub strength: u32,
    /// The colour of erased areas of a labelled image.
    pub fill: [u8; 3],
    /// Whether four scenes become one; only with [`Augmentation::Standard`].
    pub mosaic: bool,
    pub seed: u64,
    pub epoch: u64,
}

/// Squares as bytes `[count, side, side, 3]`, and what is true of each of them.
#[derive(Debug, PartialEq)]
pub struct Lot<L> {
    pub pixels: Vec<u8>,
    pub truth: Vec<L>,
}

/// Batches in the order of their plan.
pub type Lots<L> = Box<dyn Iterator<Item = Result<Lot<L>, Failure>>>;

impl<L> Lot<L> {
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
