//! Optimizers whose whole state can be saved, learning-rate schedules and the moving average of weights.

mod adam;
pub mod clip;
pub mod ema;
pub mod layers;
pub mod schedule;
mod sgd;

use std::collections::BTreeMap;

use tch::{TchError, Tensor, no_grad};
use trainyard_events::config::{Optimizer as Kind, TrainingConfig};

use adam::Adam;
use layers::Layers;
use sgd::Sgd;

/// Updates parameters in place from their gradients. Weight decay leaves biases and norms alone: it is for tensors
/// of two or more dimensions.
#[derive(Debug)]
pub struct Optimizer {
    parameters: Vec<Parameter>,
    rule: Rule,
    /// Where all layers learn alike, none.
    layers: Option<Layers>,
}

#[derive(Debug)]
struct Parameter {
    name: String,
    tensor: Tensor,
    weight_decay: f64,
}

#[derive(Debug)]
enum Rule {
    Sgd(Sgd),
    Adam(Adam),
}

impl Optimizer {
    /// `weight_decay` is the configured one, scaled where a step is of another size than it is meant for.
    pub fn new(
        config: &TrainingConfig,
        weight_decay: f64,
        parameters: BTreeMap<String, Tensor>,
    ) -> Result<Self, TchError> {
        let parameters: Vec<Parameter> = parameters
            .into_iter()
            .map(|(name, tensor)| {
                let weight_decay = if tensor.dim() >= 2 { weight_decay } else { 0.0 };
                Parameter { name, tensor, weight_decay }
            })
            .collect();
        let rule = match config.optimizer {
            Kind::Sgd => Rule::Sgd(Sgd::new(config.momentum, &parameters)?),
            Kind::Adam => Rule::Adam(Adam::new(config.momentum, false, &parameters)?),
            Kind::Adamw => Rule::Adam(Adam::new(config.momentum, true, &parameters)?),
        };
        Ok(Optimizer { parameters, rule, layers: None })
    }

    /// The same, where layers differ in what they learn.
    pub fn by_layers(self, layers: Option<Layers>) -> Self {
        Optimizer { layers, ..self }
    }

    /// Of the parameters, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parameters.iter().map(|parameter| parameter.name.as_str())
    }

    /// Gradients of a scalar loss, in the order of the parameters. They are returned, not accumulated anywhere.
    pub fn gradients(&self, loss: &Tensor) -> Result<Vec<Tensor>, TchError> {
        let inputs: Vec<&Tensor> = self.parameters.iter().map(|parameter| &parameter.tensor).collect();
        Tensor::f_run_backward(&[loss], &inputs, false, false)
    }

    /// `gradients` are used up. `step` counts from 1 over the whole job.
    pub fn step(&mut self, gradients: Vec<Tensor>, learning_rate: f64, step: u64) -> Result<(), TchError> {
        let share = |name: &str| self.layers.as_ref().map_or(1.0, |layers| layers.share(name, step));
        let rates: Vec<f64> = self.names().map(|name| learning_rate * share(name)).collect();
        no_grad(|| match &mut self.rule {
            Rule::Sgd(sgd) => sgd.step(&self.parameters, gradients, &rates),
            Rule::Adam(adam) => adam.step(&self.parameters, gradients, &rates, step),
        })
    }

    /// The tensors of the state by name; writing into them restores it.
    pub fn state(&self) -> BTreeMap<String, Tensor> {
        let named = |what: &str, tensors: &[Tensor]| -> Vec<(String, Tensor)> {
            self.parameters
                .iter()
                .zip(tensors)
                .map(|(parameter, tensor)| (format!("{what}.{}", parameter.name), tensor.shallow_clone()))
                .collect()
        };
        match &self.rule {
            Rule::Sgd(sgd) => named("momentum", &sgd.momenta).into_iter().collect(),
            Rule::Adam(adam) => {
                named("first", &adam.first).into_iter().chain(named("second", &adam.second)).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind as Element};

    fn config(optimizer: Kind, momentum: f64, weight_decay: f64) -> TrainingConfig {
        TrainingConfig { optimizer, momentum, weight_decay, ..crate::train::tests::config() }
    }

    /// Three steps on `loss = sum(p^2 * [1, 2])` from `p = [1, -2]`.
    fn run(optimizer: Kind, momentum: f64, weight_decay: f64, learning_rate: f64, shape: &[i64]) -> Vec<f64> {
        let scale = Tensor::from_slice(&[1.0f64, 2.0]).view(shape);
        let parameter = Tensor::from_slice(&[1.0f64, -2.0]).view(shape).set_requires_grad(true);
        let parameters = BTreeMap::from([("p".to_owned(), parameter.shallow_clone())]);
        let mut optimizer =
            Optimizer::new(&config(optimizer, momentum, weight_decay), weight_decay, parameters).unwrap();
        for step in 1..=3 {
            let gradients = optimizer.gradients(&(parameter.square() * &scale).sum(Element::Double)).unwrap();
            optimizer.step(gradients, learning_rate, step).unwrap();
        }
        parameter.flatten(0, -1).try_into().unwrap()
    }

    /// Expected values from torch.optim of PyTorch 2.11 in double precision, the same three steps.
    #[test]
    fn the_same_numbers_as_pytorch() {
        let matrix = &[1, 2][..];
        for (kind, momentum, decay, rate, expected) in [
            (Kind::Sgd, 0.0, 0.0, 0.1, [0.512, -0.432]),
            (Kind::Sgd, 0.9, 0.0, 0.1, SGD_NESTEROV),
            (Kind::Sgd, 0.9, 0.01, 0.1, SGD_NESTEROV_DECAY),
            (Kind::Adam, 0.9, 0.01, 0.1, ADAM),
            (Kind::Adamw, 0.9, 0.01, 0.1, ADAMW),
        ] {
            let found = run(kind, momentum, decay, rate, matrix);
            assert!(
                found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12),
                "{kind:?} {momentum} {decay}: {found:?}, expected {expected:?}"
            );
        }
    }

    const SGD_NESTEROV: [f64; 2] = [-0.10835200000000006, 0.8665920000000003];
    const SGD_NESTEROV_DECAY: [f64; 2] = [-0.11165109425900013, 0.8670104993179999];
    const ADAM: [f64; 2] = [0.701586272938277, -1.700623391662686];
    const ADAMW: [f64; 2] = [0.6989111831582322, -1.694944514002364];

    #[test]
    fn a_vector_does_not_decay() {
        for kind in [Kind::Sgd, Kind::Adam, Kind::Adamw] {
            assert_eq!(run(kind, 0.9, 0.0, 0.1, &[2]), run(kind, 0.9, 0.5, 0.1, &[2]), "{kind:?}");
            assert_ne!(run(kind, 0.9, 0.0, 0.1, &[1, 2]), run(kind, 0.9, 0.5, 0.1, &[1, 2]), "{kind:?}");
        }
    }

    #[test]
    fn the_state_carries_on_where_it_was_saved() {
        let parameter = Tensor::ones([2, 2], (Element::Float, Device::Cpu)).set_requires_grad(true);
        for kind in [Kind::Sgd, Kind::Adamw] {
            let parameters = BTreeMap::from([("p".to_owned(), parameter.shallow_clone())]);
            let mut first = Optimizer::new(&config(kind, 0.9, 0.0), 0.0, parameters).unwrap();
            let gradients = first.gradients(&parameter.square().sum(Element::Float)).unwrap();
            first.step(gradients, 0.1, 1).unwrap();

            let copied = parameter.detach().copy().set_requires_grad(true);
            let parameters = BTreeMap::from([("p".to_owned(), copied.shallow_clone())]);
            let mut second = Optimizer::new(&config(kind, 0.9, 0.0), 0.0, parameters).unwrap();
            for (name, mut tensor) in second.state() {
                tensor.copy_(&first.state()[&name]);
            }
            for (optimizer, tensor) in [(&mut first, &parameter), (&mut second, &copied)] {
                let gradients = optimizer.gradients(&tensor.square().sum(Element::Float)).unwrap();
                optimizer.step(gradients, 0.1, 2).unwrap();
            }
            assert_eq!(parameter, copied, "{kind:?}");
        }
    }
}
