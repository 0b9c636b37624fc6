//! Batches whose images are mixed with each other: mixup (Zhang et al., arXiv 1710.09412) and CutMix (Yun et al., arXiv
//! 1905.04899). One share for a batch; an image's other is the one as far from the end as it is from the beginning.

use tch::{TchError, Tensor};
use trainyard_data::random::Random;

/// Shares are of Beta(a, a); 0: never. Where both are wanted, a coin decides for each batch.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mixing {
    pub(super) mixup: f64,
    pub(super) cutmix: f64,
}

impl Mixing {
    /// `[N, 3, H, W]`, and which share of each image is its own.
    pub(super) fn mixed(self, images: Tensor, random: &mut Random) -> Result<(Tensor, f64), TchError> {
        let cuts = match (self.mixup > 0.0, self.cutmix > 0.0) {
            (false, false) => return Ok((images, 1.0)),
            (true, true) => random.chance(0.5),
            (_, cuts) => cuts,
        };
        let own = beta(if cuts { self.cutmix } else { self.mixup }, random);
        if cuts {
            return cut(&images, own, random);
        }
        let others = images.f_flip([0])?.f_mul_scalar(1.0 - own)?;
        Ok((images.f_mul_scalar(own)?.f_add(&others)?, own))
    }
}

/// A window of the other's, of the image's shape and around any of its points; what lies beyond the edge is lost.
fn cut(images: &Tensor, own: f64, random: &mut Random) -> Result<(Tensor, f64), TchError> {
    let (_, _, height, width) = images.size4()?;
    let part = (1.0 - own).sqrt();
    let mut span = |side: i64| {
        let (middle, half) = (random.unit() * side as f64, part * side as f64 / 2.0);
        let edge = |at: f64| (at.round() as i64).clamp(0, side);
        (edge(middle - half), edge(middle + half))
    };
    let ((top, low), (left, right)) = (span(height), span(width));
    let window = |of: &Tensor| of.f_narrow(2, top, low - top)?.f_narrow(3, left, right - left);
    let mixed = images.copy();
    window(&mixed)?.f_copy_(&window(&images.f_flip([0])?)?)?;
    let foreign = (low - top) * (right - left);
    Ok((mixed, 1.0 - foreign as f64 / (height * width) as f64))
}

/// A number of Beta(a, a), `a` from above 0 to 1 (Joehnk 1964); by logarithms, as powers of a large exponent are none.
fn beta(a: f64, random: &mut Random) -> f64 {
    loop {
        let mut power = || (1.0 - random.unit()).ln() / a;
        let (one, other) = (power(), power());
        if one.exp() + other.exp() <= 1.0 {
            return 1.0 / (1.0 + (other - one).exp());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    fn images() -> Tensor {
        Tensor::arange(3, (Kind::Float, Device::Cpu)).view([3, 1, 1, 1]).expand([3, 3, 10, 10], false)
    }

    fn mean_and_spread(a: f64) -> (f64, f64) {
        let mut random = Random::new(&[5]);
        let drawn: Vec<f64> = (0..4000).map(|_| beta(a, &mut random)).collect();
        assert!(drawn.iter().all(|share| (0.0..=1.0).contains(share)));
        let mean = drawn.iter().sum::<f64>() / 4000.0;
        (mean, drawn.iter().map(|share| (share - mean).powi(2)).sum::<f64>() / 4000.0)
    }

    /// The variance of Beta(a, a) is `1 / (4 (2 a + 1))`.
    #[test]
    fn shares_are_of_beta() {
        for a in [0.001, 0.2, 1.0] {
            let (mean, spread) = mean_and_spread(a);
            assert!((mean - 0.5).abs() < 0.03, "{a}: {mean}");
            assert!((spread * 4.0 * (2.0 * a + 1.0) - 1.0).abs() < 0.06, "{a}: {spread}");
        }
    }

    #[test]
    fn nothing_is_mixed_unasked() {
        let (same, own) = Mixing::default().mixed(images(), &mut Random::new(&[1])).unwrap();
        assert!(same == images() && own == 1.0);
    }

    #[test]
    fn mixup_adds_the_images_by_their_shares() {
        let (mixed, own) =
            Mixing { mixup: 1.0, cutmix: 0.0 }.mixed(images(), &mut Random::new(&[1])).unwrap();
        let value = |image: i64| mixed.double_value(&[image, 2, 4, 4]);
        assert!((0.01..0.99).contains(&own));
        assert!((value(0) - 2.0 * (1.0 - own)).abs() < 1e-6 && (value(1) - 1.0).abs() < 1e-6);
        assert!((value(2) - 2.0 * own).abs() < 1e-6);
    }

    #[test]
    fn cutmix_tells_the_share_that_is_left() {
        let mut some = 0;
        for seed in 0..20 {
            let mixing = Mixing { mixup: 0.0, cutmix: 1.0 };
            let (mixed, own) = mixing.mixed(images(), &mut Random::new(&[seed])).unwrap();
            let first = mixed.get(0);
            let foreign = first.eq(2.0).to_kind(Kind::Double).mean(Kind::Double).double_value(&[]);
            assert!((1.0 - foreign - own).abs() < 1e-9, "{foreign} {own}");
            assert_eq!(first.eq(0.0).logical_or(&first.eq(2.0)).all().int64_value(&[]), 1);
            some += u32::from((0.05..0.95).contains(&own));
        }
        assert!(some > 5, "{some}");
    }
}
