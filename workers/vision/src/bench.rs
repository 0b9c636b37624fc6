//! The hidden `bench` command: images a second of the bare training step, of an epoch from files, of loading alone and of validation,
//! to be set beside the programs in `bench/` that do the same with PyTorch.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use tch::Tensor;
use trainyard_events::TrainingConfig;
use trainyard_events::config::{self, Augmentation, Optimizer as Rule, Priority, Resize, Schedule, Task};
use trainyard_events::reason::{Cause, Doing};
use trainyard_events::trainer::TrainerSpec;
use uuid::Uuid;

use crate::data::loader::{Loader, training_plan};
use crate::data::lot::{Lots, Variation};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::models::{self, Mode, Model};
use crate::optim::clip::clip;
use crate::optim::{Optimizer, ema};
use crate::options::Options;
use crate::tasks::{self, Judge, LabelOf, Part, Share, of_task};
use crate::train::precision::{Precision, is_finite};
use crate::train::{Dataset, Hardware, check_config};
use crate::weights::model::shape;
use trainyard_events::card::{Card, Preprocessing};
use trainyard_libtorch::Group;

#[derive(Args)]
pub struct Settings {
    #[arg(long)]
    data: PathBuf,
    #[arg(long)]
    what: What,
    #[arg(long)]
    layout: Layout,
    #[arg(long, default_value = "resnet18")]
    model: String,
    #[arg(long, default_value_t = 64)]
    batch: u32,
    #[arg(long, default_value_t = 32)]
    size: u32,
    #[arg(long, default_value_t = 2)]
    threads: u32,
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// As the option of a configuration.
    #[arg(long, default_value = "fp32")]
    precision: String,
    #[arg(long)]
    gpu: bool,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum What {
    Step,
    Epoch,
    /// Decoded, squared, changed and normalised as training has them, and learned from by nobody.
    Decode,
    /// The same of squares that are kept in memory, as in every epoch but the first where they fit.
    Load,
    Validation,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Layout {
    Contiguous,
    ChannelsLast,
}

/// One measurement as JSON: images a second for each round, by the clock and by the time that the cores gave. A first round,
/// to warm up, stands alone.
pub fn bench(settings: &Settings) -> Result<Value, Failure> {
    let spec = spec(settings);
    check_config(&spec.config)?;
    of_task!(spec.config.task, T => measured::<T>(settings, spec))
}

fn measured<T: tasks::Task>(settings: &Settings, spec: TrainerSpec) -> Result<Value, Failure> {
    let hardware = Hardware::choose(spec.config.device, spec.threads, &Group::alone())?;
    let read = trainyard_data::read(&settings.data);
    let read = read.map_err(|refusal| Failure::dataset(*refusal.because, refusal.advice))?;
    let planned = read.manifest.planned(spec.config.task, &[], spec.config.seed);
    let planned = planned.map_err(|unwanted| Failure::config(unwanted.trouble, unwanted.advice))?;
    let mut dataset = Dataset::of::<T>(planned, &spec, &hardware, &mut Default::default())?;
    if settings.what == What::Decode {
        // What was read for the statistics is in memory by now.
        dataset.splits.train = dataset.splits.train.not_kept();
    }
    let mut bench = Bench::<T>::new(spec.config, hardware, dataset, settings.layout == Layout::ChannelsLast)?;
    let (mut speeds, mut core_speeds) = (Vec::new(), Vec::new());
    for round in 0..=settings.rounds as u64 {
        let (start, core_start) = (Instant::now(), core_time());
        let images = match settings.what {
            What::Step => bench.one_batch()?,
            What::Epoch => bench.epoch(round)?,
            What::Decode | What::Load => bench.load(round)?,
            What::Validation => bench.validate()?,
        };
        speeds.push(images as f64 / start.elapsed().as_secs_f64());
        core_speeds.push(images as f64 / (core_time() - core_start).as_secs_f64());
    }
    let value_name =
        |value: Option<clap::builder::PossibleValue>| value.map(|value| value.get_name().to_owned());
    Ok(json!({
        "what": value_name(settings.what.to_possible_value()),
        "layout": value_name(settings.layout.to_possible_value()),
        "images_per_second": speeds.split_off(1),
        "first_round": speeds[0],
        "core_images_per_second": core_speeds.split_off(1),
        "core_first_round": core_speeds[0],
    }))
}

/// What all threads of this process have had of the cores, which on a machine with other work is less than what passed.
fn core_time() -> Duration {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let nanoseconds = threads.filter_map(|thread| {
        let told = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        told.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanoseconds.sum())
}

struct Bench<T: tasks::Task> {
    config: TrainingConfig,
    hardware: Hardware,
    dataset: Dataset<T::Part>,
    loader: Loader,
    preprocessing: Preprocessing,
    channels_last: bool,
    task: T,
    model: Model<T::Network>,
    /// As training has it.
    average: Option<Model<T::Network>>,
    optimizer: Optimizer,
    steps: u64,
    precision: Precision,
    group: Group,
    /// The batch that is learned again and again.
    batch: Option<(Tensor, Vec<LabelOf<T>>)>,
}

impl<T: tasks::Task> Bench<T> {
    fn new(
        config: TrainingConfig,
        hardware: Hardware,
        dataset: Dataset<T::Part>,
        channels_last: bool,
    ) -> Result<Self, Failure> {
        let (mean, std) = dataset.splits.statistics;
        let (image_size, resize) = (config.image_size, config.resize);
        let preprocessing = Preprocessing { image_size, resize, mean, std, sample_bits: dataset.sample_bits };
        let (model, classes) = (config.model.clone(), dataset.classes.clone());
        let keypoints = if T::RECIPE.has_keypoints { dataset.keypoints.clone() } else { Vec::new() };
        let card = Card { keypoints, ..Card::new(config.task, model, classes, preprocessing.clone()) };
        let new = || -> Result<Model<T::Network>, Failure> {
            let model =
                Model::new(&shape(&card), hardware.device).expect("check_config knows the model's name");
            if channels_last {
                model.use_channels_last()?;
            }
            Ok(model)
        };
        let (model, average) = (new()?, config.ema.then(new).transpose()?);
        let wanted = Options::of(&config).precision;
        let precision = Precision::choose(wanted, hardware.device, model.gains_from_bf16());
        Ok(Bench {
            preprocessing,
            loader: Loader::new(hardware.decoding_threads)?,
            task: T::new(&card, hardware.device)?.configured(&config, &dataset.splits.train),
            optimizer: Optimizer::new(&config, config.weight_decay, model.parameters())?,
            model,
            average,
            config,
            hardware,
            dataset,
            channels_last,
            steps: 0,
            precision,
            group: Group::alone(),
            batch: None,
        })
    }

    fn learn(&mut self, pixels: &Tensor, truth: &[LabelOf<T>]) -> Result<usize, Failure> {
        let output =
            self.model.forward(&pixels.f_to_kind(self.precision.kind())?, Mode::Learn(&self.group))?;
        let learnt =
            self.task.learn(&output, truth, Share { batch: truth.len(), own: 1.0, group: &self.group })?;
        let mut gradients = self.optimizer.gradients(&learnt.loss)?;
        if self.precision == Precision::Bf16 {
            is_finite(&learnt.sums, &gradients)?;
        }
        self.steps += 1;
        if let Some(most) = T::RECIPE.gradient_norm {
            clip(&mut gradients, most)?;
        }
        self.optimizer.step(gradients, self.config.learning_rate, self.steps)?;
        if let Some(average) = &self.average {
            ema::update(average, &self.model, T::RECIPE.decay.at(self.steps))?;
        }
        learnt.loss.f_double_value(&[])?;
        Ok(truth.len())
    }

    fn batches(&self, epoch: u64) -> Lots<LabelOf<T>> {
        let config = &self.config;
        let plan =
            training_plan(self.dataset.splits.train.len(), config.batch_size as usize, config.seed, epoch);
        let variation = Variation {
            kind: config.augmentation,
            strength: 0,
            fill: self.dataset.fill(),
            mosaic: config.augmentation == Augmentation::Standard,
            seed: config.seed,
            epoch,
        };
        self.dataset.splits.train.batches(&self.loader, config.image_size as usize, plan, Some(variation))
    }

    fn one_batch(&mut self) -> Result<usize, Failure> {
        let (pixels, truth) = match self.batch.take() {
            Some(batch) => batch,
            None => {
                let first = self.batches(1).next();
                let lot = first.ok_or_else(|| Failure::internal(Doing::Decode, Cause::EndedEarly))??;
                (lot.inputs(&self.preprocessing, self.hardware.device, self.channels_last)?, lot.truth)
            }
        };
        let images = self.learn(&pixels, &truth)?;
        self.batch = Some((pixels, truth));
        Ok(images)
    }

    fn epoch(&mut self, epoch: u64) -> Result<usize, Failure> {
        let mut images = 0;
        for lot in self.batches(epoch) {
            let lot = lot?;
            let pixels = lot.inputs(&self.preprocessing, self.hardware.device, self.channels_last)?;
            images += self.learn(&pixels, &lot.truth)?;
        }
        Ok(images)
    }

    fn load(&self, epoch: u64) -> Result<usize, Failure> {
        let mut images = 0;
        for lot in self.batches(epoch) {
            let lot = lot?;
            let pixels = lot.inputs(&self.preprocessing, self.hardware.device, self.channels_last)?;
            debug_assert_eq!(pixels.size()[0] as usize, lot.truth.len());
            images += lot.truth.len();
        }
        Ok(images)
    }

    fn validate(&self) -> Result<usize, Failure> {
        let judge = Judge {
            task: &self.task,
            preprocessing: &self.preprocessing,
            loader: &self.loader,
            batch_size: self.config.batch_size as usize,
            channels_last: self.channels_last,
            interrupt: &Interrupt::default(),
        };
        judge.evaluate(&self.model, &self.dataset.splits.validation)?;
        Ok(self.dataset.splits.validation.len())
    }
}

fn spec(settings: &Settings) -> TrainerSpec {
    let detects = models::names(Task::Detect).contains(&settings.model.as_str());
    let is_varied = detects || matches!(settings.what, What::Decode | What::Load);
    let config = TrainingConfig {
        task: if detects { Task::Detect } else { Task::Classify },
        model: settings.model.clone(),
        dataset: None,
        classes: Vec::new(),
        epochs: 1,
        image_size: settings.size,
        batch_size: settings.batch,
        learning_rate: if detects { 1e-3 } else { 0.05 },
        optimizer: if detects { Rule::Adamw } else { Rule::Sgd },
        momentum: 0.9,
        weight_decay: 5e-4,
        schedule: Schedule::Constant,
        warmup_epochs: 0.0,
        label_smoothing: 0.0,
        ema: detects,
        augmentation: if is_varied { Augmentation::Standard } else { Augmentation::Light },
        resize: if detects { Resize::Letterbox } else { Resize::Stretch },
        patience: None,
        seed: 0,
        device: if settings.gpu { config::Device::Gpu } else { config::Device::Cpu },
        priority: Priority::Normal,
        initial_weights: None,
        runner: None,
        options: [("precision".to_owned(), Value::from(settings.precision.clone()))].into(),
        continues: None,
        resources: None,
        max_cost: None,
        max_hours: None,
        unread: Default::default(),
    };
    TrainerSpec {
        job: Uuid::nil(),
        config,
        manifest: PathBuf::new(),
        images: settings.data.clone(),
        dataset_hash: String::new(),
        initial_weights: None,
        checkpoint_config: None,
        batch_divisor: 1,
        devices: 0,
        threads: settings.threads,
    }
}
