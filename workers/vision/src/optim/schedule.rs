//! The learning rate of every step, known in advance from the configuration.

use std::f64::consts::PI;

use trainyard_events::config::{Schedule as Kind, TrainingConfig};

/// Cosine and linear end at this part of the peak.
const FLOOR: f64 = 0.01;
/// One cycle (arXiv 1708.07120) with PyTorch's defaults: it rises over this part of the steps, from
/// `peak / ONE_CYCLE_START`, and ends at `peak / ONE_CYCLE_START / ONE_CYCLE_END`.
const ONE_CYCLE_RISE: f64 = 0.3;
const ONE_CYCLE_START: f64 = 25.0;
const ONE_CYCLE_END: f64 = 1e4;

#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    kind: Kind,
    peak: f64,
    warmup: u64,
    steps: u64,
}

impl Schedule {
    pub fn new(config: &TrainingConfig, steps_per_epoch: u64) -> Self {
        Schedule {
            kind: config.schedule,
            peak: config.learning_rate,
            warmup: (config.warmup_epochs * steps_per_epoch as f64).round() as u64,
            steps: u64::from(config.epochs) * steps_per_epoch,
        }
    }

    /// Optimizer steps of the whole job.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// `step` counts from 1. Warm-up is linear and reaches the peak at its last step; one cycle has its own.
    pub fn learning_rate(&self, step: u64) -> f64 {
        if self.kind == Kind::OneCycle {
            return self.one_cycle(step - 1);
        }
        if step <= self.warmup {
            return self.peak * step as f64 / self.warmup as f64;
        }
        let left = self.steps.saturating_sub(self.warmup).max(1);
        let part = ((step - self.warmup - 1) as f64 / left as f64).min(1.0);
        match self.kind {
            Kind::Constant => self.peak,
            Kind::Linear => self.peak * (1.0 - part * (1.0 - FLOOR)),
            Kind::Cosine | Kind::OneCycle => cosine(self.peak, self.peak * FLOOR, part),
        }
    }

    fn one_cycle(&self, index: u64) -> f64 {
        let (start, last) = (self.peak / ONE_CYCLE_START, self.steps as f64 - 1.0);
        let top = ONE_CYCLE_RISE * self.steps as f64 - 1.0;
        let index = index as f64;
        if index <= top {
            cosine(start, self.peak, index / top.max(1.0))
        } else {
            cosine(self.peak, start / ONE_CYCLE_END, ((index - top) / (last - top).max(1.0)).min(1.0))
        }
    }
}

/// Half a wave from `from` at part 0 to `to` at part 1.
fn cosine(from: f64, to: f64, part: f64) -> f64 {
    to + (from - to) * (1.0 + (PI * part).cos()) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(kind: Kind, epochs: u32, warmup_epochs: f64) -> Vec<f64> {
        let config = TrainingConfig {
            schedule: kind,
            epochs,
            warmup_epochs,
            learning_rate: 0.1,
            ..crate::train::tests::config()
        };
        let schedule = Schedule::new(&config, 10);
        (1..=schedule.steps()).map(|step| schedule.learning_rate(step)).collect()
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn warm_up_rises_to_the_peak_for_each_shape() {
        for kind in [Kind::Cosine, Kind::Linear, Kind::Constant] {
            let rates = rates(kind, 10, 1.0);
            assert!((1..=10).all(|step| close(rates[step - 1], 0.01 * step as f64)), "{kind:?} {rates:?}");
            assert!(close(rates[10], 0.1) && rates[10..].windows(2).all(|pair| pair[1] <= pair[0]));
        }
    }

    #[test]
    fn each_shape_ends_where_it_should() {
        let at = |kind, index: usize| rates(kind, 10, 0.0)[index];
        assert!(close(at(Kind::Constant, 99), 0.1));
        assert!(close(at(Kind::Linear, 50), 0.1 * (1.0 - 0.5 * 0.99)));
        assert!(close(at(Kind::Cosine, 50), 0.001 + 0.099 / 2.0));
        assert!(at(Kind::Cosine, 99) < 0.0011 && at(Kind::Linear, 99) < 0.0021);
    }

    /// From torch.optim.lr_scheduler.OneCycleLR(max_lr=0.1, total_steps=100) of PyTorch 2.11.
    #[test]
    fn one_cycle_is_pytorchs() {
        let rates = rates(Kind::OneCycle, 10, 0.0);
        for (step, expected) in ONE_CYCLE {
            assert!(close(rates[step], expected), "{step}: {} {expected}", rates[step]);
        }
    }

    const ONE_CYCLE: [(usize, f64); 5] =
        [(0, 0.004), (10, 0.029516394846410082), (29, 0.1), (60, 0.05892800902855288), (99, 4e-7)];

    #[test]
    fn a_job_of_one_step_has_a_rate() {
        for kind in [Kind::Cosine, Kind::Linear, Kind::Constant, Kind::OneCycle] {
            let config = TrainingConfig {
                schedule: kind,
                epochs: 1,
                warmup_epochs: 1.0,
                ..crate::train::tests::config()
            };
            let rate = Schedule::new(&config, 1).learning_rate(1);
            assert!(rate.is_finite() && rate > 0.0, "{kind:?} {rate}");
        }
    }
}
