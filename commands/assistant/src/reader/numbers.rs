//! A number as the model sees it, which says what setting it is for, or none.

use crate::slots::Slot;

use super::linear::Linear;

pub const BUCKETS: usize = 1 << 14;
/// None of the settings, and each of them.
pub const CLASSES: usize = 1 + Slot::ALL.len();

/// A number that no word of change has taken, and what stands around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    pub value: f64,
    /// By their hashes.
    pub features: Vec<u64>,
}

impl Number {
    /// The buckets of its features with their values: those of a unit vector.
    pub fn values(&self) -> impl Iterator<Item = (usize, f32)> + '_ {
        let unit = 1.0 / (self.features.len().max(1) as f32).sqrt();
        self.features.iter().map(move |hash| ((hash % BUCKETS as u64) as usize, unit))
    }

    /// The setting that it is for.
    pub(crate) fn setting(&self, learned: &Linear) -> Option<Slot> {
        let scores = learned.scores(self.values());
        let likeliest = (1..CLASSES).max_by(|one, other| scores[*one].total_cmp(&scores[*other]))?;
        (scores[likeliest] > scores[0]).then_some(Slot::ALL[likeliest - 1])
    }
}

/// The class of a setting.
pub(super) fn class(slot: Slot) -> usize {
    1 + slot as usize
}
