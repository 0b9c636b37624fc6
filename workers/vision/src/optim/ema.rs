//! The exponential moving average of a model's tensors, which is what gets evaluated and kept.

use tch::{TchError, no_grad};

use crate::models::Model;

/// The decay that long trainings reach.
pub const DECAY: f64 = 0.9998;

/// Short of it, the average must not remember the beginning: after n steps it looks back about n / 10.
pub fn decay(step: u64) -> f64 {
    let step = step as f64;
    DECAY.min((1.0 + step) / (10.0 + step))
}

/// Moves `average` towards `model`; `step` counts from 1. Running statistics are averaged too.
pub fn update(average: &Model, model: &Model, step: u64) -> Result<(), TchError> {
    let weight = 1.0 - decay(step);
    let tensors = model.tensors();
    no_grad(|| {
        for (name, mut tensor) in average.tensors() {
            let _ = tensor.f_lerp_(&tensors[&name], weight)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Shape;
    use tch::Device;

    #[test]
    fn decay_ramps_up() {
        assert!((decay(1) - 2.0 / 11.0).abs() < 1e-12);
        assert!((decay(90) - 0.91).abs() < 1e-12);
        assert_eq!(decay(1_000_000), DECAY);
    }

    #[test]
    fn the_average_moves_by_one_minus_decay() {
        let shape = Shape { name: "resnet18".to_owned(), classes: 2, image_size: 32 };
        let (average, model) =
            (Model::new(&shape, Device::Cpu).unwrap(), Model::new(&shape, Device::Cpu).unwrap());
        let set = |model: &Model, name: &str, value: f64| {
            let _ = no_grad(|| model.tensors()[name].shallow_clone().fill_(value));
        };
        for name in ["fc.bias", "bn1.running_mean"] {
            set(&average, name, 1.0);
            set(&model, name, 3.0);
        }
        update(&average, &model, 1).unwrap();
        for name in ["fc.bias", "bn1.running_mean"] {
            let value = average.tensors()[name].double_value(&[0]);
            assert!((value - (1.0 + 2.0 * 9.0 / 11.0)).abs() < 1e-6, "{name} {value}");
        }
    }
}
