//! The linear model: a weight for each feature and intent in eight bits, and how sure its scores are to be taken.

use crate::slots::Intent;

use super::features::{Features, fnv};

/// Buckets that features fall into, and how much more what is known counts than a piece of text.
pub const SHAPE: Shape = Shape { buckets: 1 << 16, state_weight: 2.0 };
/// What the file begins with: its form.
const MAGIC: &[u8; 8] = b"reader 2";

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
    /// What a weight of 1 stands for, by intent.
    pub scales: Vec<f32>,
    /// By bucket, then by intent.
    pub weights: Vec<i8>,
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
        let (floats, weights) = rest.split_at_checked(4 * (1 + intents.len()))?;
        let mut floats = floats.chunks_exact(4).map(|it| f32::from_le_bytes([it[0], it[1], it[2], it[3]]));
        let temperature = floats.next()?;
        let scales: Vec<f32> = floats.collect();
        let weights: Vec<i8> = weights.iter().map(|byte| byte.cast_signed()).collect();
        (weights.len() == SHAPE.buckets * intents.len()).then_some(Model {
            sets,
            intents,
            temperature,
            scales,
            weights,
        })
    }

    pub fn write(&self) -> Vec<u8> {
        let names: Vec<&str> = self.intents.iter().map(|intent| intent.name()).collect();
        let mut bytes = MAGIC.to_vec();
        bytes.extend(names.join(" ").as_bytes());
        bytes.push(b'\n');
        bytes.extend(self.sets.to_le_bytes());
        for float in [self.temperature].iter().chain(&self.scales) {
            bytes.extend(float.to_le_bytes());
        }
        bytes.extend(self.weights.iter().map(|weight| weight.cast_unsigned()));
        bytes
    }

    pub fn read_turn(&self, features: &Features) -> Reading {
        self.reading(self.scores(features))
    }

    /// How much speaks for each intent.
    pub fn scores(&self, features: &Features) -> Vec<f32> {
        let mut scores = vec![0.0_f32; self.intents.len()];
        for (bucket, value) in values(features) {
            let row = &self.weights[bucket * self.intents.len()..][..self.intents.len()];
            for (score, weight) in scores.iter_mut().zip(row) {
                *score += value * f32::from(*weight);
            }
        }
        for (score, scale) in scores.iter_mut().zip(&self.scales) {
            *score *= scale;
        }
        scores
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
