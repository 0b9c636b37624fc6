//! Stochastic gradient descent with Nesterov momentum, as `torch.optim.SGD`.

use tch::{TchError, Tensor};

use crate::optim::Parameter;

#[derive(Debug)]
pub(super) struct Sgd {
    momentum: f64,
    pub(super) momenta: Vec<Tensor>,
}

impl Sgd {
    pub(super) fn new(momentum: f64, parameters: &[Parameter]) -> Result<Self, TchError> {
        let momenta =
            parameters.iter().map(|p| p.tensor.detach().f_zeros_like()).collect::<Result<_, _>>()?;
        Ok(Sgd { momentum, momenta })
    }

    /// With `g = gradient + decay * p` and `m = momentum * m + g`: `p -= rate * (g + momentum * m)`. A parameter whose rate is 0
    /// stays as it is.
    pub(super) fn step(
        &mut self,
        parameters: &[Parameter],
        gradients: Vec<Tensor>,
        rates: &[f64],
    ) -> Result<(), TchError> {
        for (((Parameter { tensor, weight_decay, .. }, velocity), mut gradient), rate) in
            parameters.iter().zip(&mut self.momenta).zip(gradients).zip(rates)
        {
            // A factor as a tensor makes `a + b * factor` one pass over memory.
            let factor = |value: f64| Tensor::f_full([], value, (tensor.kind(), tensor.device()));
            if *weight_decay > 0.0 {
                let _ = gradient.f_addcmul_(tensor, &factor(*weight_decay)?)?;
            }
            let _ = velocity.f_mul_scalar_(self.momentum)?.f_add_(&gradient)?;
            if *rate > 0.0 {
                let _ = gradient.f_addcmul_(velocity, &factor(self.momentum)?)?;
                let _ = tensor.shallow_clone().f_addcmul_(&gradient, &factor(-rate)?)?;
            }
        }
        Ok(())
    }
}
