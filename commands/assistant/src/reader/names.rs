//! A word as the model sees it, which says whether it is the name of data.

use std::ops::Range;

use super::linear::Linear;

pub const NAME_BUCKETS: usize = 1 << 15;
/// Nothing of ours, data, a model that people have named, a job, a class.
pub const NAME_CLASSES: usize = 5;
pub(super) const DATA: usize = 1;
pub(super) const MODEL: usize = 2;
pub(super) const JOB: usize = 3;
pub(super) const CLASS: usize = 4;

/// A word, or a word without the ending that Korean puts behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    pub(crate) range: Range<usize>,
    /// As written.
    pub text: String,
    /// By their hashes.
    pub features: Vec<u64>,
}

impl Name {
    /// The buckets of its features with their values: those of a unit vector.
    pub fn values(&self) -> impl Iterator<Item = (usize, f32)> + '_ {
        let unit = 1.0 / (self.features.len().max(1) as f32).sqrt();
        self.features.iter().map(move |hash| ((hash % NAME_BUCKETS as u64) as usize, unit))
    }

    /// By how much it is rather data than the likeliest else.
    pub(crate) fn is_data(&self, learned: &Linear) -> f32 {
        self.is(DATA, learned)
    }

    /// By how much it is rather a class than the likeliest else.
    pub(crate) fn is_class(&self, learned: &Linear) -> f32 {
        self.is(CLASS, learned)
    }

    fn is(&self, kind: usize, learned: &Linear) -> f32 {
        let scores = learned.scores(self.values());
        let others = scores.iter().enumerate().filter(|(class, _)| *class != kind).map(|(_, score)| *score);
        scores[kind] - others.fold(f32::NEG_INFINITY, f32::max)
    }
}
