//! One training: epochs of steps, each followed by validation, a verdict and a checkpoint.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use tch::{Device, Kind, Tensor, no_grad};
use trainyard_events::job::{FailureClass, Measurements};
use trainyard_events::trainer::{StepMeasurement, TrainerLine, TrainerSpec};

use crate::data::cache::Images;
use crate::data::loader::{Batch, Changes, Loader, steps_per_epoch, training_plan};
use crate::data::preprocess::{IMAGENET, Preprocessing};
use crate::data::random::Random;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::limits::{CHECKPOINT_INTERVAL, STEP_INTERVAL};
use crate::loss::classify::cross_entropy;
use crate::models::Model;
use crate::optim::schedule::Schedule;
use crate::optim::{Optimizer, ema};
use crate::protocol::say;
use crate::train::checkpoint::{self, Best, EpochRecord, Groups, Progress};
use crate::train::evaluate::inputs;
use crate::train::setup::{Notes, augmentation_in_words};
use crate::train::{Dataset, Evaluation, Hardware, Outcome, evaluate};
use crate::weights::initial;
use crate::weights::model::Card;

/// The validation measurement that decides which epoch is best.
pub(super) const PRIMARY: &str = "accuracy";

pub struct Run {
    pub(super) spec: TrainerSpec,
    pub(super) work: PathBuf,
    pub(super) hardware: Hardware,
    pub(super) dataset: Dataset,
    pub(super) loader: Loader,
    pub(super) interrupt: Interrupt,
    pub(super) card: Card,
    pub(super) channels_last: bool,
    pub(super) progress: Progress,
    /// Tensors of the best epoch, on the CPU.
    pub(super) best: BTreeMap<String, Tensor>,
    model: Model,
    average: Option<Model>,
    optimizer: Optimizer,
    schedule: Schedule,
    /// Loss and right answers summed over the epoch's images; on the device, so that a step need not wait for it.
    sums: Tensor,
    last_checkpoint: Instant,
    /// Whether no step line has left yet: the first leaves at once.
    silent: bool,
}

impl Run {
    pub fn new(
        spec: &TrainerSpec,
        work: &Path,
        hardware: Hardware,
        dataset: Dataset,
        interrupt: Interrupt,
        notes: &mut Notes,
    ) -> Result<Self, Failure> {
        let config = &spec.config;
        let (mean, std) = if config.initial_weights.is_some() { IMAGENET } else { dataset.statistics };
        let mut card = Card {
            task: config.task,
            model: config.model.clone(),
            classes: dataset.classes.clone(),
            preprocessing: Preprocessing { image_size: config.image_size, resize: config.resize, mean, std },
        };
        tch::manual_seed(config.seed as i64);
        let model = Model::new(&card.shape(), hardware.device).expect("check_config knows the model's name");
        if let Some(path) = initial_weights(spec)? {
            let report = initial::load(&model, path)?;
            eprintln!("initial weights: {report}");
            report.missing.iter().for_each(|name| eprintln!("  starts fresh, missing: {name}"));
            report.reshaped.iter().for_each(|name| eprintln!("  starts fresh, of another shape: {name}"));
            report.unused.iter().for_each(|name| eprintln!("  not used: {name}"));
            notes.insert("initial_weights".to_owned(), report.to_string());
            if let Some(theirs) = report.preprocessing {
                (card.preprocessing.mean, card.preprocessing.std) = (theirs.mean, theirs.std);
            }
        }
        let channels_last = hardware.prefers_channels_last();
        if channels_last {
            model.use_channels_last()?;
        }
        let average =
            config.ema.then(|| copy_of(&model, &card, hardware.device, channels_last)).transpose()?;
        let steps = steps_per_epoch(dataset.train.len(), config.batch_size as usize);
        let progress = Progress {
            config_hash: config.hash(),
            dataset_hash: dataset.hash.clone(),
            step: 0,
            epoch: 0,
            batch: 0,
            loss_sum: 0.0,
            right: 0.0,
            images: 0,
            seconds: 0.0,
            best: None,
            history: Vec::new(),
        };
        Ok(Run {
            work: work.to_owned(),
            loader: Loader::new(hardware.decoding_threads)?,
            interrupt,
            channels_last,
            progress,
            best: BTreeMap::new(),
            optimizer: Optimizer::new(config, model.parameters())?,
            schedule: Schedule::new(config, steps as u64),
            sums: Tensor::f_zeros([2], (Kind::Double, hardware.device))?,
            last_checkpoint: Instant::now(),
            silent: true,
            average,
            model,
            card,
            hardware,
            dataset,
            spec: spec.clone(),
        })
    }

    /// Goes on from a checkpoint of the same configuration and dataset.
    pub fn resume(&mut self, from: &Path) -> Result<(), Failure> {
        let (progress, saved) = checkpoint::load(from)?;
        if progress.config_hash != self.progress.config_hash
            || progress.dataset_hash != self.progress.dataset_hash
        {
            return Err(Failure::config(
                "the checkpoint is of another configuration or of other data",
                "resume with the configuration it was made with, or start again without it",
            ));
        }
        for (group, tensors) in self.groups() {
            if group != "best" {
                checkpoint::restore(&saved, group, &tensors)?;
            }
        }
        self.sums =
            Tensor::from_slice(&[progress.loss_sum, progress.right]).f_to_device(self.hardware.device)?;
        self.progress = progress;
        self.best =
            if self.is_best_now() { copies(self.judged())? } else { checkpoint::group(&saved, "best") };
        eprintln!("resuming after step {}", self.progress.step);
        Ok(())
    }

    /// What validation looks at.
    fn judged(&self) -> &Model {
        self.average.as_ref().unwrap_or(&self.model)
    }

    /// Whether the best tensors are those of this moment, which need not be stored twice.
    fn is_best_now(&self) -> bool {
        let Progress { epoch, batch, best, .. } = &self.progress;
        *batch == 0 && best.as_ref().is_some_and(|best| best.epoch == *epoch)
    }

    fn groups(&self) -> Groups {
        let shallow = |tensors: &BTreeMap<String, Tensor>| {
            tensors.iter().map(|(name, tensor)| (name.clone(), tensor.shallow_clone())).collect()
        };
        let mut groups =
            Groups::from([("model", self.model.tensors()), ("optimizer", self.optimizer.state())]);
        if !self.is_best_now() {
            groups.insert("best", shallow(&self.best));
        }
        if let Some(average) = &self.average {
            groups.insert("average", average.tensors());
        }
        groups
    }

    pub fn announce(&self, mut notes: Notes) {
        let (config, hardware) = (&self.spec.config, &self.hardware);
        let steps = self.steps_per_epoch();
        let preprocessing = &self.card.preprocessing;
        let three = |values: [f64; 3]| values.map(|value| format!("{value:.4}")).join(", ");
        let decays = "weights of convolutions and of the head; not norms or biases";
        for (name, value) in [
            (
                "threads",
                format!("{} arithmetic, {} decoding", hardware.arithmetic_threads, hardware.decoding_threads),
            ),
            ("memory_format", if self.channels_last { "channels_last" } else { "contiguous" }.to_owned()),
            ("precision", "float32".to_owned()),
            (
                "stem",
                if self.card.shape().has_small_stem() { "3x3 stride 1" } else { "7x7 stride 2" }.to_owned(),
            ),
            ("steps_per_epoch", steps.to_string()),
            ("steps", self.schedule.steps().to_string()),
            ("batch_parts", self.spec.batch_divisor.max(1).to_string()),
            ("augmentation", augmentation_in_words(config.augmentation, config.image_size)),
            ("pixel_mean", three(preprocessing.mean)),
            ("pixel_std", three(preprocessing.std)),
            ("weight_decay_on", decays.to_owned()),
        ] {
            notes.insert(name.to_owned(), value);
        }
        if config.ema {
            notes.insert("ema_decay".to_owned(), format!("min({}, (1 + step) / (10 + step))", ema::DECAY));
        }
        let line = TrainerLine::Started {
            device: hardware.name(),
            parameters: self.model.parameter_count(),
            train_images: self.dataset.train.len() as u64,
            validation_images: self.dataset.validation.len() as u64,
            classes: self.dataset.classes.clone(),
            dataset_hash: self.dataset.hash.clone(),
            resolved: notes,
        };
        say(&line);
        eprintln!(
            "training {} with {} parameters on {} images, validating on {}, {}",
            config.model,
            self.model.parameter_count(),
            self.dataset.train.len(),
            self.dataset.validation.len(),
            hardware.name()
        );
    }

    fn steps_per_epoch(&self) -> usize {
        steps_per_epoch(self.dataset.train.len(), self.spec.config.batch_size as usize)
    }

    /// Whether all epochs are done, or none is to come.
    pub fn is_over(&self) -> bool {
        self.progress.epoch >= self.spec.config.epochs || self.stopped_early().is_some()
    }

    pub(super) fn stopped_early(&self) -> Option<String> {
        let (patience, best) = (self.spec.config.patience?, self.progress.best.as_ref()?);
        let waited = self.progress.epoch - best.epoch;
        (waited >= patience && self.progress.epoch < self.spec.config.epochs).then(|| {
            format!(
                "validation {PRIMARY} did not rise above {:.4} of epoch {} for {waited} epochs",
                best.measurements[PRIMARY], best.epoch
            )
        })
    }

    /// The rest of the current epoch.
    pub fn epoch(&mut self) -> Result<Outcome, Failure> {
        let mut started = Instant::now();
        if self.steps(&mut started)? == Outcome::Preempted {
            return Ok(Outcome::Preempted);
        }
        let Some(evaluation) = self.evaluate(self.judged(), &self.dataset.validation)? else {
            return self.leave(&started);
        };
        self.progress.seconds += started.elapsed().as_secs_f64();
        self.close_epoch(&evaluation)?;
        self.write_checkpoint()?;
        Ok(Outcome::Done)
    }

    fn evaluate(&self, model: &Model, images: &Arc<Images>) -> Result<Option<Evaluation>, Failure> {
        let (preprocessing, batch) = (&self.card.preprocessing, self.evaluation_batch());
        evaluate(model, images, preprocessing, &self.loader, batch, self.channels_last, &self.interrupt)
    }

    pub(super) fn evaluation_batch(&self) -> usize {
        (self.spec.config.batch_size / self.spec.batch_divisor.max(1)).max(1) as usize
    }

    fn steps(&mut self, started: &mut Instant) -> Result<Outcome, Failure> {
        let config = &self.spec.config;
        let epoch = u64::from(self.progress.epoch) + 1;
        let mut plan =
            training_plan(self.dataset.train.len(), config.batch_size as usize, config.seed, epoch);
        let plan = plan.split_off(self.progress.batch);
        let changes =
            Changes { kind: config.augmentation, fill: self.dataset.fill(), seed: config.seed, epoch };
        let side = config.image_size as usize;
        let mut batches = self.loader.batches(&self.dataset.train, side, plan, Some(changes));
        let mut pace = Pace::new();
        loop {
            if self.interrupt.is_raised() {
                return self.leave(started);
            }
            let waiting = Instant::now();
            let Some(batch) = batches.next() else { return Ok(Outcome::Done) };
            let waited = waiting.elapsed();
            let batch = batch?;
            let (rate, loss) = self.step(&batch)?;
            pace.images += batch.labels.len();
            if self.silent || pace.is_due() {
                self.check_finite()?;
                say(&TrainerLine::Step(StepMeasurement {
                    epoch: self.progress.epoch + 1,
                    step: self.progress.step,
                    steps: self.schedule.steps(),
                    losses: Measurements::from([("loss".to_owned(), loss.f_double_value(&[])?)]),
                    learning_rate: rate,
                    images_per_second: pace.images_per_second(),
                    data_wait_ms: waited.as_secs_f64() * 1e3,
                    gpu_mib: None,
                }));
                self.silent = false;
                pace = Pace::new();
            }
            if self.last_checkpoint.elapsed() > CHECKPOINT_INTERVAL {
                self.progress.seconds += started.elapsed().as_secs_f64();
                *started = Instant::now();
                self.write_checkpoint()?;
            }
        }
    }

    /// One optimizer step; returns its learning rate and the batch's mean loss, still on the device.
    fn step(&mut self, batch: &Batch) -> Result<(f64, Tensor), Failure> {
        let config = &self.spec.config;
        let number = self.progress.step + 1;
        // What libtorch draws in this step depends on the step alone.
        tch::manual_seed((Random::new(&[config.seed, number]).draw() >> 1) as i64);
        let count = batch.labels.len();
        let preprocessing = &self.card.preprocessing;
        let (pixels, labels) = inputs(
            batch,
            config.image_size as usize,
            preprocessing,
            self.hardware.device,
            self.channels_last,
        )?;
        let parts = self.spec.batch_divisor.max(1) as usize;
        let mut gradients: Vec<Tensor> = Vec::new();
        let mut step_loss = Tensor::f_zeros([], (Kind::Double, self.hardware.device))?;
        for part in 0..parts {
            let (start, end) = ((part * count / parts) as i64, ((part + 1) * count / parts) as i64);
            let logits = self.model.forward(&pixels.f_narrow(0, start, end - start)?, true)?;
            let labels = labels.f_narrow(0, start, end - start)?;
            let share = (end - start) as f64 / count as f64;
            let loss = cross_entropy(&logits, &labels, config.label_smoothing)?.f_mul_scalar(share)?;
            let found = self.optimizer.gradients(&loss)?;
            no_grad(|| -> Result<(), Failure> {
                if gradients.is_empty() {
                    gradients = found;
                } else {
                    for (sum, gradient) in gradients.iter_mut().zip(&found) {
                        let _ = sum.f_add_(gradient)?;
                    }
                }
                let right = logits.f_argmax(1, false)?.f_eq_tensor(&labels)?.f_sum(Kind::Double)?;
                let loss = loss.f_to_kind(Kind::Double)?;
                let _ = step_loss.f_add_(&loss)?;
                let _ = self.sums.f_add_(&Tensor::f_stack(&[loss.f_mul_scalar(count as f64)?, right], 0)?)?;
                Ok(())
            })?;
        }
        let rate = self.schedule.learning_rate(number);
        self.optimizer.step(gradients, rate, number)?;
        if let Some(average) = &self.average {
            ema::update(average, &self.model, number)?;
        }
        self.progress.step = number;
        self.progress.batch += 1;
        self.progress.images += count as u64;
        Ok((rate, step_loss))
    }

    fn check_finite(&self) -> Result<(), Failure> {
        if self.sums.f_double_value(&[0])?.is_finite() {
            return Ok(());
        }
        let rate = self.spec.config.learning_rate;
        Err(Failure::new(
            FailureClass::Diverged,
            format!("the loss is no longer a number at step {}", self.progress.step),
            format!("lower learning_rate from {rate} to {:.1e}", rate / 10.0),
        ))
    }

    /// Says what the epoch brought and keeps it when it is the best so far.
    fn close_epoch(&mut self, evaluation: &Evaluation) -> Result<(), Failure> {
        self.check_finite()?;
        if !evaluation.loss.is_finite() {
            let rate = self.spec.config.learning_rate;
            let next = format!("lower learning_rate from {rate} to {:.1e}", rate / 10.0);
            return Err(Failure::new(
                FailureClass::Diverged,
                "the validation loss is no longer a number",
                next,
            ));
        }
        let images = self.progress.images as f64;
        let train = Measurements::from([
            ("loss".to_owned(), self.sums.f_double_value(&[0])? / images),
            ("accuracy".to_owned(), self.sums.f_double_value(&[1])? / images),
        ]);
        let progress = &mut self.progress;
        progress.epoch += 1;
        let validation = evaluation.measurements();
        let is_best =
            progress.best.as_ref().is_none_or(|best| validation[PRIMARY] > best.measurements[PRIMARY]);
        let learning_rate = self.schedule.learning_rate(progress.step);
        let (epoch, seconds) = (progress.epoch, progress.seconds);
        eprintln!(
            "epoch {epoch}: train loss {:.4}, accuracy {:.4}; validation loss {:.4}, accuracy {:.4}{}; {seconds:.1} s",
            train["loss"],
            train["accuracy"],
            validation["loss"],
            validation["accuracy"],
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
        let primary = PRIMARY.to_owned();
        say(&TrainerLine::Epoch { epoch, train, validation, primary, is_best, learning_rate, seconds });
        let progress = &mut self.progress;
        (progress.batch, progress.images, progress.seconds) = (0, 0, 0.0);
        let _ = self.sums.f_zero_()?;
        Ok(())
    }

    fn write_checkpoint(&mut self) -> Result<(), Failure> {
        self.check_finite()?;
        self.progress.loss_sum = self.sums.f_double_value(&[0])?;
        self.progress.right = self.sums.f_double_value(&[1])?;
        let (path, sha256) = checkpoint::save(&self.work, &self.progress, &self.groups())?;
        let Progress { epoch, step, .. } = self.progress;
        say(&TrainerLine::Checkpoint { path, epoch, step, sha256: Some(sha256) });
        self.last_checkpoint = Instant::now();
        Ok(())
    }

    fn leave(&mut self, started: &Instant) -> Result<Outcome, Failure> {
        self.progress.seconds += started.elapsed().as_secs_f64();
        self.write_checkpoint()?;
        eprintln!("asked to leave: checkpoint written after step {}", self.progress.step);
        Ok(Outcome::Preempted)
    }
}

fn initial_weights(spec: &TrainerSpec) -> Result<Option<&Path>, Failure> {
    match (&spec.config.initial_weights, &spec.initial_weights) {
        (None, _) => Ok(None),
        (Some(_), Some(path)) => Ok(Some(path)),
        (Some(wanted), None) => Err(Failure::config(
            format!("the initial weights {wanted:?} are not on this worker"),
            "name a path that the worker can read, or leave initial_weights out",
        )),
    }
}

fn copy_of(model: &Model, card: &Card, device: Device, channels_last: bool) -> Result<Model, Failure> {
    let copy = Model::new(&card.shape(), device).expect("the same shape has just been built");
    copy.copy_from(model)?;
    copy.parameters().values().for_each(|tensor| {
        let _ = tensor.set_requires_grad(false);
    });
    if channels_last {
        copy.use_channels_last()?;
    }
    Ok(copy)
}

/// Contiguous copies on the CPU.
fn copies(model: &Model) -> Result<BTreeMap<String, Tensor>, Failure> {
    model
        .tensors()
        .into_iter()
        .map(|(name, tensor)| {
            let copy = tensor.f_detach()?.f_to_device(Device::Cpu)?.f_contiguous()?.copy();
            Ok((name, copy))
        })
        .collect()
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
