//! When the gradients of several batches make one optimizer step.

use serde::{Deserialize, Serialize};
use trainyard_events::config::TrainingConfig;

use crate::data::loader::steps_per_epoch;

/// A training that has few steps does not spend them on larger ones: it gets at least this many, if it has the batches.
const STEPS_LEAST: usize = 1_000;

/// Of an epoch. Steps are of equal size give or take one batch, and none goes on over the end of an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rhythm {
    pub batches: usize,
    pub steps: usize,
    /// What the configured weight decay is multiplied with.
    pub decay: f64,
}

impl Rhythm {
    /// `nominal` images of a step are what learning rates are meant for; none: a batch is a step. `images` to train on.
    pub fn new(config: &TrainingConfig, nominal: Option<usize>, images: usize) -> Self {
        let batch = config.batch_size as usize;
        let batches = steps_per_epoch(images, batch);
        let Some(nominal) = nominal else { return Rhythm { batches, steps: batches, decay: 1.0 } };
        let wanted = ((nominal as f64 / batch as f64).round() as usize).max(1);
        let affordable = (batches * config.epochs as usize / STEPS_LEAST).max(1);
        let together = wanted.min(affordable);
        let decay = (batch.min(images) * together) as f64 / nominal as f64;
        Rhythm { batches, steps: batches.div_ceil(together), decay }
    }

    /// Whether a step is due after this many batches of the epoch.
    pub fn is_due(&self, batches: usize) -> bool {
        batches * self.steps / self.batches > (batches - 1) * self.steps / self.batches
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::tests::config;

    fn rhythm(nominal: Option<usize>, batch_size: u32, epochs: u32, images: usize) -> Rhythm {
        Rhythm::new(&TrainingConfig { batch_size, epochs, ..config() }, nominal, images)
    }

    #[test]
    fn a_long_training_of_a_detector_steps_every_64_images() {
        let found = rhythm(Some(64), 16, 100, 1_600);
        assert_eq!(found, Rhythm { batches: 100, steps: 25, decay: 1.0 });
        assert_eq!((1..=100).filter(|&batch| found.is_due(batch)).count(), 25);
        assert!(found.is_due(4) && found.is_due(100) && !found.is_due(3));
    }

    #[test]
    fn a_short_one_steps_as_often_as_it_can() {
        assert_eq!(rhythm(Some(64), 8, 10, 160), Rhythm { batches: 20, steps: 20, decay: 0.125 });
        assert_eq!(rhythm(Some(64), 8, 250, 64), Rhythm { batches: 8, steps: 4, decay: 0.25 });
        assert_eq!(rhythm(Some(64), 16, 5, 3), Rhythm { batches: 1, steps: 1, decay: 3.0 / 64.0 });
    }

    #[test]
    fn every_epoch_ends_with_a_step() {
        for (batch, images) in [(8, 101), (8, 1_003), (5, 77), (64, 64), (100, 1_000)] {
            let found = rhythm(Some(64), batch, 1_000, images);
            assert!(found.is_due(found.batches));
            assert_eq!((1..=found.batches).filter(|&batch| found.is_due(batch)).count(), found.steps);
        }
    }

    #[test]
    fn a_classifier_steps_with_every_batch() {
        assert_eq!(rhythm(None, 8, 100, 1_600), Rhythm { batches: 200, steps: 200, decay: 1.0 });
    }
}
