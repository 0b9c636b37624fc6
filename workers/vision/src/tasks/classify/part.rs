//! Images of one class each.

use std::sync::Arc;

use image::RgbImage;
use rayon::prelude::*;
use trainyard_data::manifest::{Header, Image, Split};
use trainyard_data::page::thumbnail;
use trainyard_events::trainer::TrainerSpec;

use crate::data::cache::{self, Images, Labelled};
use crate::data::loader::{Changes, Loader};
use crate::data::lot::{Lot, Lots, Variation};
use crate::data::preprocess::{channel_statistics, channel_sums};
use crate::failure::Failure;
use crate::limits::STATISTICS_IMAGES;
use crate::tasks::{Part, Splits, picture};
use crate::train::dataset::{file, of_split};
use crate::train::setup::check_sizes;
use trainyard_data::augment::source_side;

use super::Classify;

pub type Squares = Arc<Images>;

impl Part for Squares {
    type Label = i64;

    fn len(&self) -> usize {
        Images::len(self)
    }

    fn kept(&self) -> Option<u64> {
        self.is_cached().then(|| self.bytes())
    }

    fn not_kept(&self) -> Self {
        Arc::new(Images::not_kept(self))
    }

    fn batches(
        &self,
        loader: &Loader,
        side: usize,
        plan: Vec<Vec<usize>>,
        variation: Option<Variation>,
    ) -> Lots<i64> {
        let changes = variation.map(|Variation { kind, strength, fill, seed, epoch, .. }| Changes {
            kind,
            strength,
            fill,
            seed,
            epoch,
        });
        let batches = loader.batches(self, side, plan, changes);
        Box::new(batches.map(|batch| batch.map(|batch| Lot { pixels: batch.pixels, truth: batch.labels })))
    }

    fn shown(&self) -> Vec<usize> {
        (0..self.len()).collect()
    }

    fn original(&self, index: usize) -> Result<RgbImage, Failure> {
        Ok(thumbnail(&picture(self.side(), self.get(index)?.into_owned())))
    }

    fn drawn(square: RgbImage, _truth: &i64) -> RgbImage {
        thumbnail(&square)
    }
}

pub(super) fn open(
    spec: &TrainerSpec,
    images: &[Image],
    header: &Header,
    loader: &Loader,
) -> Result<Splits<Squares>, Failure> {
    let labelled = |image: &Image| {
        let label = image.labels.first()?.class as i64;
        Some(Labelled { file: file(image, header), label })
    };
    let part = |split| of_split(images, split, labelled);
    let (train, validation, test) = (part(Split::Train), part(Split::Validation), part(Split::Test));
    check_sizes::<Classify>(spec, train.len(), validation.len())?;
    let side = spec.config.image_size as usize;
    let budget = cache::budget(spec.devices as usize) / 3;
    let images =
        |images, side| Arc::new(Images::new(spec.images.clone(), images, side, spec.config.resize, budget));
    let train = images(train, source_side(spec.config.augmentation, side));
    Ok(Splits {
        statistics: loader.install(|| statistics(&train))?,
        train,
        validation: images(validation, side),
        test: (!test.is_empty()).then(|| images(test, side)),
    })
}

/// From at most [`STATISTICS_IMAGES`], evenly spread over the training images.
fn statistics(images: &Images) -> Result<([f64; 3], [f64; 3]), Failure> {
    let count = images.len().min(STATISTICS_IMAGES);
    let sums: Vec<_> = (0..count)
        .into_par_iter()
        .map(|index| Ok(channel_sums(&images.get(index * images.len() / count)?)))
        .collect::<Result<_, Failure>>()?;
    Ok(channel_statistics(sums.into_iter()))
}
