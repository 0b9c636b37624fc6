//! Pure: how long a training may take, and what that costs, by those like it that have finished.

use serde::{Deserialize, Serialize};
use trainyard_events::TrainingConfig;
use trainyard_events::fleet::Pool;
use trainyard_events::price::{Price, Taken};
use uuid::Uuid;

use crate::JobRow;

/// Trainings that are looked at, the newest first.
pub const LIKE_IT: usize = 5;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Estimate {
    pub ms: u64,
    /// So many trainings say so, [`LIKE_IT`] at most.
    pub by: usize,
    /// They were on other data: time is taken to grow with the number of images.
    pub guess: bool,
    /// Where the newest of them ran, on what, and in which currency that has a price.
    pub pool: Option<Pool>,
    pub device: Option<String>,
    pub currency: Option<String>,
    /// What the time costs, in millionths; 0 where it has no price.
    pub cost: u64,
}

/// What to expect of an open proposal.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// `None` where nothing like it has finished yet.
    pub time: Option<Estimate>,
    /// The tenant's jobs that wait, and those that workers have.
    pub waiting: u64,
    pub running: u64,
}

/// What is to be trained, as far as it decides how long that takes.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'c> {
    pub config: &'c TrainingConfig,
    pub dataset: Option<Uuid>,
    /// Those that its dataset trains on, where that is known.
    pub images: Option<u64>,
}

impl Asked<'_> {
    fn is_on_its_data(&self, row: &JobRow) -> bool {
        Some(row.dataset) == self.dataset
    }
}

impl Estimate {
    /// In millionths, and the currency; `None` where it has no price.
    pub fn price(&self) -> Option<(u64, &str)> {
        self.currency.as_deref().map(|currency| (self.cost, currency))
    }

    /// By finished trainings of the same model in the same size, the newest first: the middle one of how long an epoch took.
    /// `None` where none says anything. `price` is what a pool costs now.
    pub fn of<'p>(
        finished: &[JobRow],
        asked: Asked<'_>,
        price: impl FnOnce(Pool) -> Option<&'p Price>,
    ) -> Option<Estimate> {
        let guess = !finished.iter().any(|row| asked.is_on_its_data(row));
        let known = finished.iter().filter(|row| guess || asked.is_on_its_data(row));
        let timed = known.filter_map(|row| {
            let share = if guess { asked.images? as f64 / row.train_images? as f64 } else { 1.0 };
            Some((row, epoch_ms(row)? * share))
        });
        let looked: Vec<(&JobRow, f64)> = timed.take(LIKE_IT).collect();
        let (newest, _) = *looked.first()?;
        let mut each: Vec<f64> = looked.iter().map(|(_, ms)| *ms).collect();
        each.sort_by(f64::total_cmp);
        let done = asked.config.continues.as_ref().map_or(0, |from| from.checkpoint.epoch);
        let ms = each[each.len() / 2] * f64::from(asked.config.epochs.saturating_sub(done));
        let price = newest.pool.and_then(price).map(|price| price.of_gpus(asked.config.gpus()));
        let cost =
            price.as_ref().map_or(0, |price| Taken::of(ms as u64, price.of(newest.device.as_deref())).cost);
        Some(Estimate {
            ms: ms as u64,
            by: looked.len(),
            guess,
            pool: newest.pool,
            device: newest.device.clone(),
            currency: price.map(|price| price.currency),
            cost,
        })
    }
}

/// What an epoch took of a training that one attempt has trained through.
fn epoch_ms(row: &JobRow) -> Option<f64> {
    let epochs = row.epochs_done.checked_sub(row.resumed_epoch).filter(|epochs| *epochs > 0)?;
    let took = (row.finished_at? - row.started_at?).as_seconds_f64().max(0.0) * 1000.0;
    (row.attempt == 1).then(|| took / f64::from(epochs))
}
