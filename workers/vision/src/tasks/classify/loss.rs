//! Cross entropy with smoothed labels (Szegedy et al., arXiv 1512.00567).

use tch::{Kind, Reduction, TchError, Tensor};

/// Mean over the batch of `[N, classes]` logits and `[N]` labels.
pub fn cross_entropy(logits: &Tensor, labels: &Tensor, label_smoothing: f64) -> Result<Tensor, TchError> {
    logits.f_cross_entropy_loss(labels, None::<&Tensor>, Reduction::Mean, -100, label_smoothing)
}

/// The same, where each image counts as much as `weights` `[classes]` says of its class: a batch in which all count 1 on the
/// average has the mean as its loss.
pub fn weighted_cross_entropy(
    logits: &Tensor,
    labels: &Tensor,
    label_smoothing: f64,
    weights: &Tensor,
) -> Result<Tensor, TchError> {
    let none = None::<&Tensor>;
    let each = logits.f_cross_entropy_loss(labels, none, Reduction::None, -100, label_smoothing)?;
    each.f_mul(&weights.f_index_select(0, labels)?)?.f_mean(Kind::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_counts_as_its_class_does() {
        let logits = Tensor::from_slice(&[0.0f32, 2.0, 1.0, -1.0]).view([2, 2]);
        let labels = Tensor::from_slice(&[1i64, 0]);
        let alone = |row: i64| {
            cross_entropy(&logits.narrow(0, row, 1), &labels.narrow(0, row, 1), 0.1)
                .unwrap()
                .double_value(&[])
        };
        let weights = Tensor::from_slice(&[0.5f32, 3.0]);
        let found = weighted_cross_entropy(&logits, &labels, 0.1, &weights).unwrap().double_value(&[]);
        assert!((found - (3.0 * alone(0) + 0.5 * alone(1)) / 2.0).abs() < 1e-6, "{found}");
    }

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
