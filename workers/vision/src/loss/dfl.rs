//! Distribution focal loss (arXiv 2006.04388): a distance between two whole numbers is told by the bins of both.

use tch::{Kind, Reduction, TchError, Tensor};

use crate::models::anchors::BINS;

/// Distances end short of the last bin by this much, so that there is always a bin above.
const MARGIN: f64 = 0.01;

/// `[K, 4 x BINS]` logits and `[K, 4]` true distances in strides to `[K]`: cross entropy with the two bins around each
/// distance, weighted by nearness, as the mean over the four sides.
pub fn distribution_focal_loss(bins: &Tensor, distances: &Tensor) -> Result<Tensor, TchError> {
    let distances = distances.f_clamp(0.0, (BINS - 1) as f64 - MARGIN)?.f_flatten(0, -1)?;
    let below = distances.f_floor()?;
    let nearness = distances.f_sub(&below)?;
    let below = below.f_to_kind(Kind::Int64)?;
    let logits = bins.f_reshape([-1, BINS])?;
    let miss = |bin: &Tensor| logits.f_cross_entropy_loss(bin, None::<&Tensor>, Reduction::None, -100, 0.0);
    let low = miss(&below)?.f_mul(&nearness.f_neg()?.f_add_scalar(1.0)?)?;
    let high = miss(&below.f_add_scalar(1)?)?.f_mul(&nearness)?;
    low.f_add(&high)?.f_reshape([-1, 4])?.f_mean_dim(1, false, Kind::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Even logits: every bin has 1/16, whatever the distance, even one out of reach.
        let bins = Tensor::zeros([1, 4 * BINS], (Kind::Float, tch::Device::Cpu));
        let distances = Tensor::from_slice(&[0.0f32, 2.25, 15.0, 99.0]).view([1, 4]);
        let loss = distribution_focal_loss(&bins, &distances).unwrap().double_value(&[0]);
        assert!((loss - 16f64.ln()).abs() < 1e-5, "{loss}");

        // The best that 2.25 can get is the entropy of 3/4 and 1/4.
        let mut logits = vec![-50.0f32; BINS as usize];
        (logits[2], logits[3]) = (0.75f32.ln(), 0.25f32.ln());
        let bins = Tensor::from_slice(&logits.repeat(4)).view([1, 64]);
        let distances = Tensor::from_slice(&[2.25f32; 4]).view([1, 4]);
        let loss = distribution_focal_loss(&bins, &distances).unwrap().double_value(&[0]);
        let entropy = -(0.75 * 0.75f64.ln() + 0.25 * 0.25f64.ln());
        assert!((loss - entropy).abs() < 1e-5, "{loss} {entropy}");
    }
}
