//! Scores of classes that are sums of weights, a row of them for each bucket that features fall into.

/// Eight bits a weight.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// What a weight of 1 stands for, by class.
    pub scales: Vec<f32>,
    /// By bucket, then by class.
    pub weights: Vec<i8>,
}

impl Linear {
    /// Where nothing has been learned yet: every score is 0.
    pub fn blank(buckets: usize, classes: usize) -> Linear {
        Linear { scales: vec![0.0; classes], weights: vec![0; buckets * classes] }
    }

    /// Of weights that are not rounded yet, in the same order.
    pub fn rounded(weights: &[f32], classes: usize) -> Linear {
        let highest = |class: usize| {
            weights.iter().skip(class).step_by(classes).fold(0.0_f32, |most, weight| most.max(weight.abs()))
        };
        let scales: Vec<f32> = (0..classes).map(|class| highest(class).max(1e-6) / 127.0).collect();
        let eight = |(place, weight): (usize, &f32)| (weight / scales[place % classes]).round() as i8;
        Linear { weights: weights.iter().enumerate().map(eight).collect(), scales }
    }

    /// How much speaks for each class.
    pub fn scores(&self, values: impl Iterator<Item = (usize, f32)>) -> Vec<f32> {
        let classes = self.scales.len();
        let mut scores = vec![0.0_f32; classes];
        for (bucket, value) in values {
            let row = &self.weights[bucket * classes..][..classes];
            for (score, weight) in scores.iter_mut().zip(row) {
                *score += value * f32::from(*weight);
            }
        }
        for (score, scale) in scores.iter_mut().zip(&self.scales) {
            *score *= scale;
        }
        scores
    }

    /// Takes one of so many classes off the front of `bytes`, as [`Linear::write`] put it there.
    pub(super) fn read(bytes: &[u8], buckets: usize, classes: usize) -> Option<(Linear, &[u8])> {
        let (floats, rest) = bytes.split_at_checked(4 * classes)?;
        let (weights, rest) = rest.split_at_checked(buckets * classes)?;
        let scales = floats.chunks_exact(4).map(|it| f32::from_le_bytes([it[0], it[1], it[2], it[3]]));
        let weights = weights.iter().map(|byte| byte.cast_signed()).collect();
        Some((Linear { scales: scales.collect(), weights }, rest))
    }

    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.scales.iter().flat_map(|scale| scale.to_le_bytes()));
        bytes.extend(self.weights.iter().map(|weight| weight.cast_unsigned()));
    }
}
