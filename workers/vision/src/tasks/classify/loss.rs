//! Cross entropy with smoothed labels (Szegedy et al., arXiv 1512.00567).

use tch::{Reduction, TchError, Tensor};

/// Mean over the batch of `[N, classes]` logits and `[N]` labels.
pub fn cross_entropy(logits: &Tensor, labels: &Tensor, label_smoothing: f64) -> Result<Tensor, TchError> {
    logits.f_cross_entropy_loss(labels, None::<&Tensor>, Reduction::Mean, -100, label_smoothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let logits = Tensor::from_slice(&[0.0f32, 2.0, -1.0]).view([1, 3]);
        let labels = Tensor::from_slice(&[1i64]);
        let log_sum = (1.0 + 2f64.exp() + (-1f64).exp()).ln();
        let (hit, others) = (log_sum - 2.0, (log_sum - 0.0) + (log_sum + 1.0));
        for (smoothing, expected) in [(0.0, hit), (0.3, 0.7 * hit + 0.1 * (hit + others))] {
            let loss = cross_entropy(&logits, &labels, smoothing).unwrap().double_value(&[]);
            assert!((loss - expected).abs() < 1e-6, "{smoothing}: {loss} {expected}");
        }
    }
}
