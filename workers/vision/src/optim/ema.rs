//! The exponential moving average of a model's tensors, which is what gets evaluated and kept.

use tch::{TchError, no_grad};

use crate::models::{Model, Network};

/// How much of itself an average keeps at a step. Early on it must not remember the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decay {
    /// Looks back about n / 10 after n steps, and never more than 5,000.
    Classifier,
    /// As published for the detectors.
    Detector,
}

impl Decay {
    /// `step` counts from 1.
    pub fn at(self, step: u64) -> f64 {
        let step = step as f64;
        match self {
            Decay::Classifier => 0.9998f64.min((1.0 + step) / (10.0 + step)),
            Decay::Detector => 0.9999 * (1.0 - (-step / 2_000.0).exp()),
        }
    }

    pub fn in_words(self) -> &'static str {
        match self {
            Decay::Classifier => "min(0.9998, (1 + step) / (10 + step))",
            Decay::Detector => "0.9999 (1 - e^(-step / 2000))",
        }
    }
}

/// Moves `average` towards `model`. Running statistics are averaged too.
pub fn update<N: Network>(average: &Model<N>, model: &Model<N>, decay: f64) -> Result<(), TchError> {
    let weight = 1.0 - decay;
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
    use crate::models::resnet::ResNet;
    use tch::Device;

    #[test]
    fn decay_ramps_up() {
        let classifier = |step| Decay::Classifier.at(step);
        assert!((classifier(1) - 2.0 / 11.0).abs() < 1e-12);
        assert!((classifier(90) - 0.91).abs() < 1e-12);
        assert_eq!(classifier(1_000_000), 0.9998);
        let detector = |step| Decay::Detector.at(step);
        assert!((detector(2_000) - 0.9999 * (1.0 - (-1f64).exp())).abs() < 1e-12);
        assert!(detector(1) < 0.001 && (detector(1_000_000) - 0.9999).abs() < 1e-9);
    }

    #[test]
    fn the_average_moves_by_one_minus_decay() {
        let shape = Shape { name: "resnet18".to_owned(), classes: 2, points: 0, image_size: 32 };
        let (average, model) =
            (Model::new(&shape, Device::Cpu).unwrap(), Model::new(&shape, Device::Cpu).unwrap());
        let set = |model: &Model<ResNet>, name: &str, value: f64| {
            let _ = no_grad(|| model.tensors()[name].shallow_clone().fill_(value));
        };
        for name in ["fc.bias", "bn1.running_mean"] {
            set(&average, name, 1.0);
            set(&model, name, 3.0);
        }
        update(&average, &model, Decay::Classifier.at(1)).unwrap();
        for name in ["fc.bias", "bn1.running_mean"] {
            let value = average.tensors()[name].double_value(&[0]);
            assert!((value - (1.0 + 2.0 * 9.0 / 11.0)).abs() < 1e-6, "{name} {value}");
        }
    }
}
