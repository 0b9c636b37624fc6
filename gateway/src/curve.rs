//! Curves of step measurements, thinned while they are read: of every stretch of steps the lowest and the highest point
//! stay, so that no peak is lost, and the memory a curve takes does not grow with it. Pure.

use std::collections::BTreeMap;

use trainyard_api::telemetry::{self, StepCurves};
use trainyard_events::trainer::{StepMeasurement, Telemetry};

/// A stretch of steps, as wide as all others of its curve.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    /// Which one: its steps divided by the width.
    place: u64,
    low: (u64, f64),
    high: (u64, f64),
}

impl Stretch {
    fn points(&self) -> u32 {
        if self.low.0 == self.high.0 { 1 } else { 2 }
    }

    /// Whether a point is left out by that.
    fn join(&mut self, other: &Stretch) -> bool {
        let before = self.points() + other.points();
        if other.low.1 < self.low.1 {
            self.low = other.low;
        }
        if other.high.1 > self.high.1 {
            self.high = other.high;
        }
        self.points() < before
    }
}

/// One curve, in at most `most` stretches.
#[derive(Debug)]
struct Curve {
    most: usize,
    /// Steps of a stretch: doubled whenever there are too many.
    width: u64,
    stretches: Vec<Stretch>,
    /// Points have been left out.
    thinned: bool,
}

impl Curve {
    fn new(most: usize) -> Curve {
        Curve { most, width: 1, stretches: Vec::new(), thinned: false }
    }

    /// Steps grow; one that does not takes the curve back to there, as an attempt does that goes on from a checkpoint.
    fn push(&mut self, step: u64, value: f64) {
        if !value.is_finite() {
            return;
        }
        while self.stretches.last().is_some_and(|last| last.low.0.min(last.high.0) >= step) {
            self.stretches.pop();
        }
        let place = step / self.width;
        let new = Stretch { place, low: (step, value), high: (step, value) };
        match self.stretches.last_mut() {
            Some(last) if last.place == place => self.thinned |= last.join(&new),
            _ => self.stretches.push(new),
        }
        while self.stretches.len() > self.most {
            self.widen();
        }
    }

    fn widen(&mut self) {
        self.width *= 2;
        let narrow = std::mem::take(&mut self.stretches);
        for mut stretch in narrow {
            stretch.place /= 2;
            match self.stretches.last_mut() {
                Some(last) if last.place == stretch.place => self.thinned |= last.join(&stretch),
                _ => self.stretches.push(stretch),
            }
        }
    }

    /// Steps and values, in order of step.
    fn points(&self) -> (Vec<u64>, Vec<f64>) {
        let ends = self.stretches.iter().flat_map(|Stretch { low, high, .. }| {
            let (first, second) = if low.0 <= high.0 { (*low, *high) } else { (*high, *low) };
            std::iter::once(first).chain((first.0 != second.0).then_some(second))
        });
        ends.unzip()
    }
}

/// All curves of one job, or of some of its steps.
#[derive(Debug)]
pub(crate) struct Curves {
    /// The first and the last step that are wanted.
    steps: (u64, u64),
    /// Stretches of a curve at most.
    most: usize,
    curves: BTreeMap<String, Curve>,
    /// Of the newest attempt: what an older one still says is not part of the curve.
    token: u64,
    measurements: u64,
    newest: Option<StepMeasurement>,
}

impl Curves {
    /// Of the steps `from` to `to`, with at most `points` points each, two at least.
    pub(crate) fn new(from: u64, to: u64, points: usize) -> Curves {
        let most = (points / 2).max(1);
        Curves { steps: (from, to), most, curves: BTreeMap::new(), token: 0, measurements: 0, newest: None }
    }

    pub(crate) fn push(&mut self, Telemetry { token, step }: Telemetry) {
        if token < self.token {
            return;
        }
        self.token = token;
        if (self.steps.0..=self.steps.1).contains(&step.step) {
            self.measurements += 1;
            for (name, value) in &step.losses {
                self.put(&format!("loss:{name}"), step.step, *value);
            }
            self.put("learning_rate", step.step, step.learning_rate);
            self.put("images_per_second", step.step, step.images_per_second);
            self.put("data_wait_ms", step.step, step.data_wait_ms);
            for (name, mib) in [("gpu_mib", step.gpu_mib), ("memory_mib", step.memory_mib)] {
                if let Some(mib) = mib {
                    self.put(name, step.step, mib as f64);
                }
            }
        }
        self.newest = Some(step);
    }

    fn put(&mut self, name: &str, step: u64, value: f64) {
        match self.curves.get_mut(name) {
            Some(curve) => curve.push(step, value),
            None => {
                let mut curve = Curve::new(self.most);
                curve.push(step, value);
                self.curves.insert(name.to_owned(), curve);
            }
        }
    }

    /// `measurements` were read; `thinned` says that not all of their points are here.
    pub(crate) fn told(self) -> StepCurves {
        let thinned = self.curves.values().any(|curve| curve.thinned);
        let told = self.curves.into_iter().map(|(name, curve)| {
            let (steps, values) = curve.points();
            (name, telemetry::Curve { steps, values })
        });
        StepCurves { curves: told.collect(), measurements: self.measurements, thinned, newest: self.newest }
    }
}

#[cfg(test)]
mod tests {
    use trainyard_events::results::Measurements;

    use super::*;

    fn measured(token: u64, step: u64, loss: f64) -> Telemetry {
        let losses = Measurements::from([("loss".to_owned(), loss)]);
        let step = StepMeasurement {
            epoch: 1,
            step,
            steps: 1_000_000,
            losses,
            learning_rate: 0.01,
            images_per_second: 100.0,
            data_wait_ms: 1.0,
            gpu_mib: None,
            memory_mib: None,
        };
        Telemetry { token, step }
    }

    fn loss(curves: &Curves) -> (Vec<u64>, Vec<f64>) {
        curves.curves["loss:loss"].points()
    }

    #[test]
    fn few_points_stay_as_they_are() {
        let mut curves = Curves::new(0, u64::MAX, 1_000);
        for step in 1..=400 {
            curves.push(measured(1, step * 50, step as f64));
        }
        let (steps, values) = loss(&curves);
        assert_eq!(steps, (1..=400).map(|step| step * 50).collect::<Vec<_>>());
        assert_eq!(values[399], 400.0);
        let told = curves.told();
        assert_eq!((told.thinned, told.measurements), (false, 400));
    }

    #[test]
    fn a_million_points_keep_their_peaks() {
        let mut curves = Curves::new(0, u64::MAX, 2_000);
        for step in 1..=1_000_000 {
            let loss = match step {
                123_456 => -99.0,
                654_321 => 99.0,
                _ => (step as f64).sin(),
            };
            curves.push(measured(1, step, loss));
        }
        let (steps, values) = loss(&curves);
        assert!((1_000..=2_000).contains(&steps.len()), "{}", steps.len());
        assert!(steps.is_sorted() && steps[0] < 2_000 && steps[steps.len() - 1] > 998_000);
        let peak =
            |value: f64| steps[values.iter().position(|one| *one == value).expect("the peak is there")];
        assert_eq!((peak(-99.0), peak(99.0)), (123_456, 654_321));
        assert!(curves.told().thinned);
    }

    #[test]
    fn some_of_the_steps_have_all_their_points() {
        let mut curves = Curves::new(5_000, 5_099, 1_000);
        (1..=100_000).for_each(|step| curves.push(measured(1, step, step as f64)));
        let (steps, _) = loss(&curves);
        assert_eq!(steps, (5_000..=5_099).collect::<Vec<_>>());
        assert_eq!(curves.told().newest.map(|newest| newest.step), Some(100_000));
    }

    #[test]
    fn an_attempt_that_goes_on_takes_the_curve_back_and_a_late_word_of_the_old_one_is_dropped() {
        let mut curves = Curves::new(0, u64::MAX, 1_000);
        (1..=30).for_each(|step| curves.push(measured(1, step, 1.0)));
        (21..=25).for_each(|step| curves.push(measured(2, step, 2.0)));
        curves.push(measured(1, 31, 1.0));
        let (steps, values) = loss(&curves);
        assert_eq!(steps, (1..=25).collect::<Vec<_>>());
        assert_eq!((values[19], values[20]), (1.0, 2.0));
    }

    #[test]
    fn what_is_no_number_is_left_out() {
        let mut curves = Curves::new(0, u64::MAX, 1_000);
        for (step, loss) in [(1, 1.0), (2, f64::NAN), (3, f64::INFINITY), (4, 2.0)] {
            curves.push(measured(1, step, loss));
        }
        assert_eq!(loss(&curves), (vec![1, 4], vec![1.0, 2.0]));
    }
}
