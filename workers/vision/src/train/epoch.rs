//! What follows the batches of an epoch: validation, a verdict and a checkpoint, and whether there is another.

use std::time::Instant;

use trainyard_events::reason::{Ending, Trouble};
use trainyard_events::results::Measurements;
use trainyard_events::trainer::TrainerLine;

use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::protocol::say;
use crate::tasks::{Evaluation, Judge, Task};
use crate::train::checkpoint::{Best, EpochRecord};
use crate::train::run::copies;
use crate::train::{Outcome, Run};

impl<T: Task> Run<T> {
    /// Whether all epochs are done, or none is to come.
    pub fn is_over(&self) -> bool {
        self.progress.epoch >= self.spec.config.epochs || self.stopped_early().is_some()
    }

    pub(super) fn stopped_early(&self) -> Option<Ending> {
        let (patience, best) = (self.spec.config.patience?, self.progress.best.as_ref()?);
        let waited = self.progress.epoch - best.epoch;
        let primary = T::PRIMARY;
        (waited >= patience && self.progress.epoch < self.spec.config.epochs).then(|| Ending::NoImprovement {
            measurement: primary.to_owned(),
            value: best.measurements[primary],
            best_epoch: best.epoch,
            epochs: waited,
        })
    }

    /// The rest of the current epoch.
    pub fn epoch(&mut self) -> Result<Outcome, Failure> {
        let mut started = Instant::now();
        if self.steps(&mut started)? == Outcome::Preempted {
            return Ok(Outcome::Preempted);
        }
        let Some(evaluation) =
            self.judge(&self.interrupt).evaluate(self.judged(), &self.dataset.splits.validation)?
        else {
            self.group.told(Next::Leave.number())?;
            return self.leave(&started);
        };
        self.progress.seconds += started.elapsed().as_secs_f64();
        self.close_epoch(&evaluation)?;
        if self.checkpoints.is_due_after(self.progress.epoch) {
            self.write_checkpoint()?;
        }
        let next = if self.is_over() { Next::Finish } else { Next::Learn };
        self.group.told(next.number())?;
        Ok(Outcome::Done)
    }

    /// All epochs beside the first process, which alone knows how good they were.
    pub fn follow(&mut self) -> Result<Outcome, Failure> {
        // Later it does not know: whether an epoch was better is not told.
        let mut goes_on = !self.is_over();
        while goes_on {
            if self.steps(&mut Instant::now())? == Outcome::Preempted {
                return Ok(Outcome::Preempted);
            }
            match Next::of(self.group.told(f64::NAN)?) {
                Next::Learn => self.begin_next()?,
                Next::Finish => goes_on = false,
                Next::Leave => return Ok(Outcome::Preempted),
            }
        }
        Ok(Outcome::Done)
    }

    fn begin_next(&mut self) -> Result<(), Failure> {
        let progress = &mut self.progress;
        progress.epoch += 1;
        (progress.batch, progress.images, progress.seconds) = (0, 0, 0.0);
        let _ = self.sums.f_zero_()?;
        Ok(())
    }

    pub(super) fn judge<'a>(&'a self, interrupt: &'a Interrupt) -> Judge<'a, T> {
        let batch = (self.spec.config.batch_size / self.spec.batch_divisor.max(1)).max(1);
        Judge {
            task: &self.task,
            preprocessing: &self.card.preprocessing,
            loader: &self.loader,
            batch_size: batch as usize,
            channels_last: self.channels_last,
            interrupt,
        }
    }

    /// Says what the epoch brought and keeps it when it is the best so far.
    fn close_epoch(&mut self, evaluation: &Evaluation<T::Seen>) -> Result<(), Failure> {
        self.check_finite()?;
        let validation = evaluation.measurements.clone();
        if !validation["loss"].is_finite() {
            return Err(self.diverged(Trouble::ValidationNotANumber));
        }
        let images = self.progress.images as f64;
        let sums = Vec::<f64>::try_from(&self.sums)?;
        let names = T::MEASURED.iter().map(|name| (*name).to_owned());
        let train: Measurements = names.zip(sums.iter().map(|sum| sum / images)).collect();
        let primary = T::PRIMARY;
        let progress = &mut self.progress;
        let is_best =
            progress.best.as_ref().is_none_or(|best| validation[primary] > best.measurements[primary]);
        let learning_rate = self.schedule.learning_rate(progress.step);
        let (epoch, seconds) = (progress.epoch + 1, progress.seconds);
        eprintln!(
            "epoch {epoch}: train {}; validation {}{}; {seconds:.1} s",
            in_words(&train),
            in_words(&validation),
            if is_best { ", best so far" } else { "" }
        );
        let record = EpochRecord {
            epoch,
            train: train.clone(),
            validation: validation.clone(),
            learning_rate,
            seconds,
        };
        progress.history.push(record);
        if is_best {
            progress.best = Some(Best { epoch, measurements: validation.clone() });
            self.best = copies(self.judged())?;
        }
        let primary = primary.to_owned();
        say(&TrainerLine::Epoch { epoch, train, validation, primary, is_best, learning_rate, seconds });
        self.begin_next()
    }
}

/// What comes after an epoch: the first process says it to the others.
#[derive(Clone, Copy)]
enum Next {
    Learn,
    Finish,
    Leave,
}

impl Next {
    fn number(self) -> f64 {
        f64::from(self as u8)
    }

    fn of(number: f64) -> Next {
        [Next::Learn, Next::Finish].into_iter().find(|next| next.number() == number).unwrap_or(Next::Leave)
    }
}

/// Losses first, as a line of the console.
fn in_words(measurements: &Measurements) -> String {
    let (losses, others): (Vec<_>, Vec<_>) = measurements.iter().partition(|(name, _)| name.contains("loss"));
    let words = |(name, value): (&String, &f64)| format!("{name} {value:.4}");
    losses.into_iter().rev().chain(others).map(words).collect::<Vec<_>>().join(", ")
}
