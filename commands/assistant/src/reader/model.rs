//! The model: what a turn wants and which setting a number is for, and how sure that is to be taken.

use crate::slots::Intent;

use super::features::{Features, fnv};
use super::linear::Linear;
use super::numbers;

/// Buckets that features fall into, and how much more what is known counts than a piece of text.
pub const SHAPE: Shape = Shape { buckets: 1 << 16, state_weight: 2.0 };
/// What the file begins with: its form.
const MAGIC: &[u8; 8] = b"reader 3";

#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub buckets: usize,
    pub state_weight: f32,
}

/// Every intent with its probability, the likeliest first.
pub type Reading = Vec<(Intent, f64)>;

/// As it was learned.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Of what it was learned from, as [`mark`] has it.
    pub sets: u64,
    pub intents: Vec<Intent>,
    /// Scores are divided by this before they become probabilities: what calibrates them.
    pub temperature: f32,
    /// A class for each of `intents`.
    pub wants: Linear,
    /// Which setting a number is for.
    pub numbers: Linear,
}

impl Model {
    /// Of the bytes that [`Model::write`] gave; `None` where they are others.
    pub fn read(bytes: &[u8]) -> Option<Model> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (names, rest) = rest.split_at_checked(rest.iter().position(|byte| *byte == b'\n')?)?;
        let names = std::str::from_utf8(names).ok()?;
        let intents: Vec<Intent> =
            names.split(' ').map(|name| serde_json::from_value(name.into()).ok()).collect::<Option<_>>()?;
        let (sets, rest) = rest[1..].split_at_checked(8)?;
        let sets = u64::from_le_bytes(sets.try_into().ok()?);
        let (temperature, rest) = rest.split_at_checked(4)?;
        let temperature = f32::from_le_bytes(temperature.try_into().ok()?);
        let (wants, rest) = Linear::read(rest, SHAPE.buckets, intents.len())?;
        let (numbers, rest) = Linear::read(rest, numbers::BUCKETS, numbers::CLASSES)?;
        rest.is_empty().then_some(Model { sets, intents, temperature, wants, numbers })
    }

    pub fn write(&self) -> Vec<u8> {
        let names: Vec<&str> = self.intents.iter().map(|intent| intent.name()).collect();
        let mut bytes = MAGIC.to_vec();
        bytes.extend(names.join(" ").as_bytes());
        bytes.push(b'\n');
        bytes.extend(self.sets.to_le_bytes());
        bytes.extend(self.temperature.to_le_bytes());
        self.wants.write(&mut bytes);
        self.numbers.write(&mut bytes);
        bytes
    }

    pub fn read_turn(&self, features: &Features) -> Reading {
        self.reading(self.wants.scores(values(features)))
    }

    pub fn reading(&self, mut scores: Vec<f32>) -> Reading {
        scores.iter_mut().for_each(|score| *score /= self.temperature);
        let mut reading: Reading = self.intents.iter().copied().zip(probabilities(&scores)).collect();
        reading.sort_by(|left, right| right.1.total_cmp(&left.1));
        reading
    }
}

/// What tells one choice of sets from another.
pub fn mark<'t>(texts: impl Iterator<Item = &'t str>) -> u64 {
    fnv(texts)
}

/// The buckets of a turn's features with their values; the values of the text are those of a unit vector.
pub fn values(features: &Features) -> impl Iterator<Item = (usize, f32)> + '_ {
    let unit = 1.0 / (features.words.len().max(1) as f32).sqrt();
    let known = SHAPE.state_weight / (features.state.len().max(1) as f32).sqrt();
    let words = features.words.iter().map(move |hash| (bucket(*hash), unit));
    words.chain(features.state.iter().map(move |hash| (bucket(*hash), known)))
}

fn bucket(hash: u64) -> usize {
    (hash % SHAPE.buckets as u64) as usize
}

fn probabilities(scores: &[f32]) -> Vec<f64> {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let parts: Vec<f64> = scores.iter().map(|score| f64::from(score - highest).exp()).collect();
    let whole: f64 = parts.iter().sum();
    parts.into_iter().map(|part| part / whole).collect()
}
