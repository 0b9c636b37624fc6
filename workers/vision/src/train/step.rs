//! The batches of an epoch: gradients of each, an optimizer step when one is due.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Instant;

use tch::{TchError, Tensor, no_grad};
use trainyard_events::job::FailureClass;
use trainyard_events::reason::{Advice, Trouble};
use trainyard_events::results::Measurements;
use trainyard_events::trainer::{StepMeasurement, TrainerLine};

use crate::data::lot::{Lot, Variation};
use crate::failure::Failure;
use crate::limits::STEP_INTERVAL;
use crate::models::Mode;
use crate::optim::{clip::clip, ema};
use crate::options::Options;
use crate::protocol::say;
use crate::tasks::{LabelOf, Part, Share, Task};
use crate::train::hardware::resident_mib;
use crate::train::precision::{Precision, is_finite};
use crate::train::{Outcome, Run};
use crate::weights::model::set;
use trainyard_data::random::Random;

/// Tells the numbers that mix a batch from the others of its key.
const MIXING: u64 = 1;

impl<T: Task> Run<T> {
    /// How the images are changed in an epoch, counted from 1.
    pub(super) fn variation(&self, epoch: u32) -> Variation {
        let config = &self.spec.config;
        Variation {
            kind: config.augmentation,
            strength: Options::of(config).rand_augment,
            fill: self.dataset.fill(),
            mosaic: T::has_mosaic(config, epoch),
            seed: config.seed,
            epoch: u64::from(epoch),
        }
    }

    /// What is left of the epoch's batches.
    pub(super) fn steps(&mut self, started: &mut Instant) -> Result<Outcome, Failure> {
        let config = &self.spec.config;
        let epoch = self.progress.epoch + 1;
        let variation = self.variation(epoch);
        let train = &self.dataset.splits.train;
        let mut plan = self.task.plan(config, train, variation.epoch);
        let plan = plan.split_off(self.progress.batch);
        let sizes: Vec<usize> = plan.iter().map(Vec::len).collect();
        let own = plan.iter().map(|batch| batch[self.own_of(batch.len())].to_vec()).collect();
        let lots = train.batches(&self.loader, config.image_size as usize, own, Some(variation));
        let mut lots = lots.zip(sizes);
        let mut pace = Pace::new();
        loop {
            if self.is_asked_to_leave() {
                return self.leave(started);
            }
            self.writing.tell()?;
            let waiting = Instant::now();
            let Some((lot, images)) = lots.next() else { return Ok(Outcome::Done) };
            let waited = waiting.elapsed();
            let lot = lot?;
            let number = self.progress.step + 1;
            let sums = self.learn(&lot, images)?;
            pace.images += images;
            if !self.group.leads() {
                continue;
            }
            if self.silent || pace.is_due() {
                self.check_finite()?;
                say(&TrainerLine::Step(StepMeasurement {
                    epoch,
                    step: number,
                    steps: self.schedule.steps(),
                    losses: self.losses(&sums, images)?,
                    learning_rate: self.schedule.learning_rate(number),
                    images_per_second: pace.images_per_second(),
                    data_wait_ms: waited.as_secs_f64() * 1e3,
                    gpu_mib: None,
                    memory_mib: resident_mib(),
                }));
                self.silent = false;
                pace = Pace::new();
            }
            if self.last_checkpoint.elapsed() > self.checkpoints.after {
                self.progress.seconds += started.elapsed().as_secs_f64();
                *started = Instant::now();
                self.write_checkpoint()?;
            }
        }
    }

    /// The places of a batch of so many images that this process learns from.
    fn own_of(&self, images: usize) -> Range<usize> {
        let [start, end] =
            [self.group.rank(), self.group.rank() + 1].map(|at| at * images / self.group.size());
        start..end
    }

    /// All processes leave after the same batch, whoever of them is asked.
    fn is_asked_to_leave(&self) -> bool {
        if self.group.size() > 1 { self.is_called } else { self.interrupt.is_raised() }
    }

    /// Adds the gradients of one batch of so many images, of which `lot` is this process's share, and steps when it is time;
    /// returns what the task measures, summed over the batch's images and still on the device.
    fn learn(&mut self, lot: &Lot<LabelOf<T>>, images: usize) -> Result<Tensor, Failure> {
        let Lesson { sums, gradients } = self.lesson(lot, images)?;
        no_grad(|| -> Result<(), Failure> {
            let _ = self.sums.f_add_(&sums)?;
            Ok(add(&mut self.gradients, gradients)?)
        })?;
        if self.group.size() > 1 {
            let [called] = self.group.totals([f64::from(u8::from(self.interrupt.is_raised()))])?;
            self.is_called = called > 0.0;
        }
        self.progress.batch += 1;
        self.progress.images += images as u64;
        if self.rhythm.is_due(self.progress.batch) {
            self.step()?;
        }
        Ok(sums)
    }

    /// What a batch teaches. Where bf16 comes to what is no number, the batch is gone through again in fp32, and so is all
    /// that follows. (On a GPU, asking costs a wait for each batch.)
    fn lesson(&mut self, lot: &Lot<LabelOf<T>>, images: usize) -> Result<Lesson, Failure> {
        if self.progress.precision == Precision::Fp32 {
            return self.pass(lot, images);
        }
        let statistics = self.model.statistics();
        let before: BTreeMap<_, _> =
            statistics.iter().map(|(name, tensor)| (name.clone(), tensor.copy())).collect();
        let lesson = self.pass(lot, images)?;
        if is_finite(&lesson.sums, &lesson.gradients)? {
            return Ok(lesson);
        }
        for (name, tensor) in &statistics {
            set(tensor, &before[name])?;
        }
        let step = self.progress.step + 1;
        eprintln!("step {step}: bfloat16 came to numbers that are none; float32 from here on");
        (self.progress.precision, self.progress.fell_back_at) = (Precision::Fp32, Some(step));
        self.pass(lot, images)
    }

    /// Once there and back, and the sum of what all processes have found.
    fn pass(&self, lot: &Lot<LabelOf<T>>, images: usize) -> Result<Lesson, Failure> {
        let config = &self.spec.config;
        let (epoch, batch) = (u64::from(self.progress.epoch), self.progress.batch as u64);
        // What libtorch draws for a batch depends on the batch alone, and on whose share it is.
        let share = (!self.group.leads()).then_some(self.group.rank() as u64);
        let key: Vec<u64> = [config.seed, epoch, batch].into_iter().chain(share).collect();
        tch::manual_seed((Random::new(&key).draw() >> 1) as i64);
        let pixels = lot.inputs(&self.card.preprocessing, self.hardware.device, self.channels_last)?;
        let pixels = pixels.f_to_kind(self.progress.precision.kind())?;
        let (group, parts) = (&self.group, self.spec.batch_divisor.max(1) as usize);
        let first = self.own_of(images).start;
        let mut lesson = Lesson { sums: self.sums.f_zeros_like()?, gradients: Vec::new() };
        for part in group.rank() * parts..(group.rank() + 1) * parts {
            let [start, end] = [part, part + 1].map(|at| at * images / (parts * group.size()) - first);
            let seen = pixels.f_narrow(0, start as i64, (end - start) as i64)?;
            let mut random = Random::new(&[config.seed, epoch, batch, part as u64, MIXING]);
            let (seen, own) = self.task.mixed(seen, &mut random)?;
            let mode = if self.is_frozen { Mode::Answer } else { Mode::Learn(group) };
            let output = self.model.forward(&seen, mode)?;
            let learnt =
                self.task.learn(&output, &lot.truth[start..end], Share { batch: images, own, group })?;
            let found = self.optimizer.gradients(&learnt.loss)?;
            no_grad(|| -> Result<(), Failure> {
                let _ = lesson.sums.f_add_(&learnt.sums)?;
                Ok(add(&mut lesson.gradients, found)?)
            })?;
        }
        group.add_up(std::slice::from_mut(&mut lesson.sums))?;
        group.add_up(&mut lesson.gradients)?;
        Ok(lesson)
    }

    fn step(&mut self) -> Result<(), Failure> {
        let number = self.progress.step + 1;
        let mut gradients = std::mem::take(&mut self.gradients);
        if let Some(most) = T::RECIPE.gradient_norm {
            clip(&mut gradients, most)?;
        }
        self.optimizer.step(gradients, self.schedule.learning_rate(number), number)?;
        if let Some(average) = &self.average {
            ema::update(average, &self.model, T::RECIPE.decay.at(number))?;
        }
        self.progress.step = number;
        Ok(())
    }

    /// Means over the images of a batch.
    fn losses(&self, sums: &Tensor, images: usize) -> Result<Measurements, Failure> {
        let sums = Vec::<f64>::try_from(sums)?;
        let named = T::MEASURED.iter().zip(sums).filter(|(name, _)| name.ends_with("loss"));
        Ok(named.map(|(name, sum)| ((*name).to_owned(), sum / images as f64)).collect())
    }

    pub(super) fn check_finite(&self) -> Result<(), Failure> {
        if self.sums.f_double_value(&[0])?.is_finite() {
            return Ok(());
        }
        Err(self.diverged(Trouble::LossNotANumber { step: self.progress.step }))
    }

    pub(super) fn diverged(&self, because: Trouble) -> Failure {
        let from = self.spec.config.learning_rate;
        let advice = Advice::LowerRate { from, to: two_digits(from / 10.0) };
        Failure::new(FailureClass::Diverged, because, advice)
    }
}

/// What is learned of a batch: what the task measures, summed over its images, and the gradients.
struct Lesson {
    sums: Tensor,
    gradients: Vec<Tensor>,
}

/// `sum` is empty before the first.
fn add(sum: &mut Vec<Tensor>, more: Vec<Tensor>) -> Result<(), TchError> {
    if sum.is_empty() {
        *sum = more;
        return Ok(());
    }
    for (sum, more) in sum.iter_mut().zip(&more) {
        let _ = sum.f_add_(more)?;
    }
    Ok(())
}

/// `0.0123` as `0.012`: a rate to try, no measurement.
fn two_digits(rate: f64) -> f64 {
    format!("{rate:.1e}").parse().unwrap_or(rate)
}

/// Step lines leave at most every [`STEP_INTERVAL`].
struct Pace {
    since: Instant,
    images: usize,
}

impl Pace {
    fn new() -> Self {
        Pace { since: Instant::now(), images: 0 }
    }

    fn is_due(&self) -> bool {
        self.since.elapsed() >= STEP_INTERVAL
    }

    fn images_per_second(&self) -> f64 {
        self.images as f64 / self.since.elapsed().as_secs_f64().max(1e-9)
    }
}
