//! Batch normalisation (Ioffe and Szegedy, arXiv 1502.03167), by the images of all processes that learn together.

use tch::nn::{Init, Path};
use tch::{Kind, TchError, Tensor, no_grad};
use trainyard_libtorch::Group;

use crate::models::Mode;

/// PyTorch's own.
const EPSILON: f64 = 1e-5;
const MOMENTUM: f64 = 0.1;

/// Over `[N, C, H, W]`.
#[derive(Debug)]
pub struct BatchNorm {
    weight: Tensor,
    bias: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    epsilon: f64,
    momentum: f64,
}

impl BatchNorm {
    /// `weight` is 1, or 0 for the last one of a residual branch, which makes the block start as the identity.
    pub fn new(path: Path, channels: i64, weight: f64) -> Self {
        BatchNorm {
            weight: path.var("weight", &[channels], Init::Const(weight)),
            bias: path.var("bias", &[channels], Init::Const(0.0)),
            running_mean: path.zeros_no_train("running_mean", &[channels]),
            running_var: path.ones_no_train("running_var", &[channels]),
            epsilon: EPSILON,
            momentum: MOMENTUM,
        }
    }

    pub fn tuned(self, epsilon: f64, momentum: f64) -> Self {
        BatchNorm { epsilon, momentum, ..self }
    }

    /// With running statistics it is `x * scale + shift`.
    pub fn scale_and_shift(&self) -> Result<(Tensor, Tensor), TchError> {
        self.by(&self.running_mean, &self.running_var)
    }

    fn by(&self, mean: &Tensor, variance: &Tensor) -> Result<(Tensor, Tensor), TchError> {
        let scale = variance.f_add_scalar(self.epsilon)?.f_rsqrt()?.f_mul(&self.weight)?;
        let shift = self.bias.f_sub(&mean.f_mul(&scale)?)?;
        Ok((scale, shift))
    }

    pub fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        if let Mode::Learn(group) = mode
            && group.size() > 1
        {
            return self.together(x, group);
        }
        x.f_batch_norm(
            Some(&self.weight),
            Some(&self.bias),
            Some(&self.running_mean),
            Some(&self.running_var),
            mode.learns(),
            self.momentum,
            self.epsilon,
            true,
        )
    }

    /// By mean and variance over what all processes have. In 32-bit floats, as it is within libtorch.
    fn together(&self, x: &Tensor, group: &Group) -> Result<Tensor, TchError> {
        let (kind, channels) = (x.f_kind()?, x.size()[1]);
        let x = x.f_to_kind(Kind::Float)?;
        let (variance, mean) = x.f_var_mean_correction([0i64, 2, 3].as_slice(), 0, false)?;
        let (variance, mean) = (variance.f_to_kind(Kind::Double)?, mean.f_to_kind(Kind::Double)?);
        let own = (x.numel() as i64 / channels) as f64;
        let (ones, squares) = (mean.f_ones_like()?, variance.f_add(&mean.f_square()?)?);
        let sums = group.sum(&Tensor::f_stack(&[mean, squares, ones], 0)?.f_mul_scalar(own)?)?;
        let count = sums.f_get(2)?.f_detach()?;
        let means = sums.f_div(&count)?;
        let mean = means.f_get(0)?;
        let variance = means.f_get(1)?.f_sub(&mean.f_square()?)?.f_clamp_min(0.0)?;
        let unbiased = variance.f_mul(&count)?.f_div(&count.f_sub_scalar(1.0)?)?;
        let (mean, variance) = (mean.f_to_kind(Kind::Float)?, variance.f_to_kind(Kind::Float)?);
        self.remember(&mean, &unbiased.f_to_kind(Kind::Float)?)?;
        let (scale, shift) = self.by(&mean, &variance)?;
        let each = [1, channels, 1, 1];
        shift.f_view(each)?.f_addcmul(&x, &scale.f_view(each)?)?.f_to_kind(kind)
    }

    fn remember(&self, mean: &Tensor, variance: &Tensor) -> Result<(), TchError> {
        no_grad(|| {
            for (running, now) in [(&self.running_mean, mean), (&self.running_var, variance)] {
                let _ = running.shallow_clone().f_lerp_(now, self.momentum)?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
#[path = "../../libtorch/tests/members/mod.rs"]
mod members;

#[cfg(test)]
mod tests {
    use super::members::together;
    use super::*;
    use tch::nn::VarStore;
    use tch::{Device, Tensor};
    use trainyard_data::random::Random;

    /// What the images `[N, 3, 4, 4]` become, the gradients of weight, bias and images, and the running statistics.
    fn learnt(images: &Tensor, group: &Group) -> Vec<Tensor> {
        let store = VarStore::new(Device::Cpu);
        let norm = BatchNorm::new(store.root(), 3, 1.5);
        let images = images.detach().set_requires_grad(true);
        let out = norm.forward(&images, Mode::Learn(group)).unwrap();
        // Something that no mean and no variance is blind to.
        let loss = (out.sin() * (&out + 2.0)).sum(Kind::Float);
        let inputs = [&norm.weight, &norm.bias, &images];
        let gradients = Tensor::f_run_backward(&[loss], &inputs, false, false).unwrap();
        let mut all = gradients;
        all.extend([out, norm.running_mean.copy(), norm.running_var.copy()].map(|tensor| tensor.detach()));
        all
    }

    /// Far from 0, as a sum of squares likes it least.
    fn images() -> Tensor {
        let mut random = Random::new(&[3]);
        let numbers: Vec<f32> = (0..7 * 3 * 16).map(|_| 40.0 + 3.0 * random.unit() as f32).collect();
        Tensor::from_slice(&numbers).view([7, 3, 4, 4])
    }

    #[test]
    fn shares_of_a_batch_are_normalised_as_the_whole() {
        let whole = learnt(&images(), &Group::alone());
        for size in [2, 3] {
            let share = |rank: usize| {
                let [start, end] = [rank, rank + 1].map(|at| (at * 7 / size) as i64);
                (start, end - start)
            };
            let parts = together(size, |group| {
                let (start, count) = share(group.rank());
                let images = images().narrow(0, start, count);
                let mut learnt = learnt(&images, &group);
                group.add_up(&mut learnt[..2]).unwrap();
                learnt
            });
            for (rank, part) in parts.iter().enumerate() {
                let (start, count) = share(rank);
                let own = |whole: &Tensor| whole.narrow(0, start, count);
                let expected = [&whole[0], &whole[1], &own(&whole[2]), &own(&whole[3]), &whole[4], &whole[5]];
                for (at, (found, expected)) in part.iter().zip(expected).enumerate() {
                    let off = (found - expected).abs().max().double_value(&[]);
                    let most = expected.abs().max().double_value(&[]).max(1.0);
                    assert!(off < 2e-5 * most, "{at} of {rank} of {size}: {off} of {most}");
                }
            }
        }
    }
}
