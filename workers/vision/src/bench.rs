//! The hidden `bench` command: images a second of the bare training step and of an epoch from files, to be set
//! beside `bench/bench_torch.py`, which does the same in PyTorch.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use tch::{Device, Kind, Tensor};
use trainyard_events::TrainingConfig;
use trainyard_events::config::{self, Augmentation, Optimizer as Rule, Priority, Resize, Schedule, Task};
use trainyard_events::trainer::TrainerSpec;
use uuid::Uuid;

use crate::data::loader::{Changes, Loader, training_plan};
use crate::data::preprocess::Preprocessing;
use crate::failure::Failure;
use crate::loss::classify::cross_entropy;
use crate::models::{Model, Shape, channels_last};
use crate::optim::Optimizer;
use crate::train::{Dataset, Hardware, inputs};

#[derive(Args)]
pub struct Settings {
    #[arg(long)]
    data: PathBuf,
    #[arg(long)]
    what: What,
    #[arg(long)]
    layout: Layout,
    #[arg(long, default_value_t = 64)]
    batch: u32,
    #[arg(long, default_value_t = 32)]
    size: u32,
    #[arg(long, default_value_t = 2)]
    threads: u32,
    #[arg(long, default_value_t = 5)]
    rounds: usize,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum What {
    Step,
    Epoch,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Layout {
    Contiguous,
    ChannelsLast,
}

/// One measurement as JSON: images a second for each round; a first round to warm up is left out.
pub fn bench(settings: &Settings) -> Result<Value, Failure> {
    let spec = spec(settings);
    let hardware = Hardware::choose(spec.config.device, spec.threads)?;
    let dataset = Dataset::open(&spec, &hardware, &mut Default::default())?;
    let shape =
        Shape { name: spec.config.model.clone(), classes: dataset.classes.len(), image_size: settings.size };
    let model = Model::new(&shape, hardware.device).expect("the bench names a model that exists");
    if settings.layout == Layout::ChannelsLast {
        model.use_channels_last()?;
    }
    let optimizer = Optimizer::new(&spec.config, model.parameters())?;
    let mut bench = Bench { model, optimizer, rate: spec.config.learning_rate, steps: 0 };
    let speeds = match settings.what {
        What::Step => bench.steps(settings, shape.classes as i64)?,
        What::Epoch => bench.epochs(settings, &spec.config, &dataset, &hardware)?,
    };
    let value_name =
        |value: Option<clap::builder::PossibleValue>| value.map(|value| value.get_name().to_owned());
    Ok(json!({
        "what": value_name(settings.what.to_possible_value()),
        "layout": value_name(settings.layout.to_possible_value()),
        "images_per_second": speeds,
    }))
}

struct Bench {
    model: Model,
    optimizer: Optimizer,
    rate: f64,
    steps: u64,
}

impl Bench {
    fn step(&mut self, images: &Tensor, labels: &Tensor) -> Result<(), Failure> {
        let loss = cross_entropy(&self.model.forward(images, true)?, labels, 0.0)?;
        let gradients = self.optimizer.gradients(&loss)?;
        self.steps += 1;
        self.optimizer.step(gradients, self.rate, self.steps)?;
        loss.f_double_value(&[])?;
        Ok(())
    }

    fn steps(&mut self, settings: &Settings, classes: i64) -> Result<Vec<f64>, Failure> {
        let (batch, side) = (i64::from(settings.batch), i64::from(settings.size));
        let mut images = Tensor::f_randn([batch, 3, side, side], (Kind::Float, Device::Cpu))?;
        if settings.layout == Layout::ChannelsLast {
            images = channels_last(&images)?;
        }
        let labels = Tensor::f_randint(classes, [batch], (Kind::Int64, Device::Cpu))?;
        let mut speeds = Vec::new();
        for _ in 0..=settings.rounds {
            let start = Instant::now();
            self.step(&images, &labels)?;
            speeds.push(f64::from(settings.batch) / start.elapsed().as_secs_f64());
        }
        Ok(speeds.split_off(1))
    }

    fn epochs(
        &mut self,
        settings: &Settings,
        config: &TrainingConfig,
        dataset: &Dataset,
        hardware: &Hardware,
    ) -> Result<Vec<f64>, Failure> {
        let loader = Loader::new(hardware.decoding_threads)?;
        let (mean, std) = dataset.statistics;
        let preprocessing = Preprocessing { image_size: settings.size, resize: config.resize, mean, std };
        let (side, count) = (settings.size as usize, dataset.train.len());
        let mut speeds = Vec::new();
        for epoch in 0..=settings.rounds as u64 {
            let start = Instant::now();
            let plan = training_plan(count, settings.batch as usize, config.seed, epoch);
            let changes =
                Changes { kind: config.augmentation, fill: dataset.fill(), seed: config.seed, epoch };
            for batch in loader.batches(&Arc::clone(&dataset.train), side, plan, Some(changes)) {
                let last = settings.layout == Layout::ChannelsLast;
                let (images, labels) = inputs(&batch?, side, &preprocessing, hardware.device, last)?;
                self.step(&images, &labels)?;
            }
            speeds.push(count as f64 / start.elapsed().as_secs_f64());
        }
        Ok(speeds.split_off(1))
    }
}

fn spec(settings: &Settings) -> TrainerSpec {
    let config = TrainingConfig {
        task: Task::Classify,
        model: "resnet18".to_owned(),
        dataset: None,
        classes: Vec::new(),
        epochs: 1,
        image_size: settings.size,
        batch_size: settings.batch,
        learning_rate: 0.05,
        optimizer: Rule::Sgd,
        momentum: 0.9,
        weight_decay: 5e-4,
        schedule: Schedule::Constant,
        warmup_epochs: 0.0,
        label_smoothing: 0.0,
        ema: false,
        augmentation: Augmentation::Light,
        resize: Resize::Stretch,
        patience: None,
        seed: 0,
        device: config::Device::Cpu,
        priority: Priority::Normal,
        initial_weights: None,
    };
    TrainerSpec {
        job: Uuid::nil(),
        config,
        dataset: settings.data.clone(),
        dataset_hash: None,
        initial_weights: None,
        batch_divisor: 1,
        threads: settings.threads,
    }
}
