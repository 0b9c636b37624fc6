//! A bound on how far one step goes, whatever a batch says.

use tch::{TchError, Tensor, no_grad};

const EPSILON: f64 = 1e-6;

/// Scales the gradients so that the norm of all of them together is at most `norm_most`. Nothing is read back from
/// the device.
pub fn clip(gradients: &mut [Tensor], norm_most: f64) -> Result<(), TchError> {
    no_grad(|| {
        let norms = gradients.iter().map(Tensor::f_norm).collect::<Result<Vec<_>, _>>()?;
        let norm = Tensor::f_stack(&norms, 0)?.f_norm()?.f_add_scalar(EPSILON)?;
        let factor = norm.f_reciprocal()?.f_mul_scalar(norm_most)?.f_clamp_max(1.0)?;
        for gradient in gradients {
            let _ = gradient.f_mul_(&factor)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_too_long_is_shortened() {
        let gradients = || [Tensor::from_slice(&[3.0f32, 0.0]), Tensor::from_slice(&[4.0f32]).view([1, 1])];
        let clipped = |most: f64| {
            let mut gradients = gradients();
            clip(&mut gradients, most).unwrap();
            [gradients[0].double_value(&[0]), gradients[1].double_value(&[0, 0])]
        };
        assert_eq!(clipped(10.0), [3.0, 4.0]);
        let [a, b] = clipped(1.0);
        assert!((a - 0.6).abs() < 1e-6 && (b - 0.8).abs() < 1e-6, "{a} {b}");
    }
}
