//! Adam (arXiv 1412.6980) and AdamW (arXiv 1711.05101), as `torch.optim.Adam` and `torch.optim.AdamW`.

use tch::{TchError, Tensor};

use crate::optim::Parameter;

const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

#[derive(Debug)]
pub(super) struct Adam {
    beta1: f64,
    /// Whether weight decay shrinks the weights directly instead of joining the gradient.
    decoupled: bool,
    pub(super) first: Vec<Tensor>,
    pub(super) second: Vec<Tensor>,
}

impl Adam {
    pub(super) fn new(beta1: f64, decoupled: bool, parameters: &[Parameter]) -> Result<Self, TchError> {
        let zeros =
            || parameters.iter().map(|p| p.tensor.detach().f_zeros_like()).collect::<Result<Vec<_>, _>>();
        Ok(Adam { beta1, decoupled, first: zeros()?, second: zeros()? })
    }

    /// A parameter whose rate is 0 stays as it is, and its moments follow its gradients.
    pub(super) fn step(
        &mut self,
        parameters: &[Parameter],
        gradients: Vec<Tensor>,
        rates: &[f64],
        step: u64,
    ) -> Result<(), TchError> {
        let correction = |beta: f64| 1.0 - beta.powf(step as f64);
        let (correction1, correction2) = (correction(self.beta1), correction(BETA2));
        let moments = self.first.iter_mut().zip(&mut self.second);
        for (((Parameter { tensor, weight_decay, .. }, mut gradient), (first, second)), &rate) in
            parameters.iter().zip(gradients).zip(moments).zip(rates)
        {
            let mut tensor = tensor.shallow_clone();
            if self.decoupled {
                let _ = tensor.f_mul_scalar_(1.0 - rate * weight_decay)?;
            } else if *weight_decay > 0.0 {
                gradient = gradient.f_add(&tensor.f_mul_scalar(*weight_decay)?)?;
            }
            let _ = first.f_lerp_(&gradient, 1.0 - self.beta1)?;
            let _ = second.f_lerp_(&gradient.f_square()?, 1.0 - BETA2)?;
            if rate == 0.0 {
                continue;
            }
            // -rate * (first / correction1) / (sqrt(second / correction2) + epsilon), in as few passes as there are.
            let mut divisor = second.f_sqrt()?.f_add_scalar_(EPSILON * correction2.sqrt())?;
            let _ = divisor.f_mul_scalar_(-correction1 / (rate * correction2.sqrt()))?;
            let _ = tensor.f_addcdiv_(first, &divisor)?;
        }
        Ok(())
    }
}
