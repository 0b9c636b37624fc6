//! One training: all that it holds, and how it begins.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use tch::{Device, Kind, Tensor};
use trainyard_events::TrainingConfig;
use trainyard_events::reason::{Advice, Trouble};
use trainyard_events::trainer::{TrainerLine, TrainerSpec};

use crate::data::loader::Loader;
use crate::data::preprocess::IMAGENET;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::models::{Model, Network};
use crate::optim::Optimizer;
use crate::optim::layers::Layers;
use crate::optim::schedule::Schedule;
use crate::options::{Freeze, Options};
use crate::protocol::say;
use crate::tasks::{Part, Task};
use crate::train::checkpoint::{Progress, When};
use crate::train::precision::Precision;
use crate::train::rhythm::Rhythm;
use crate::train::setup::Notes;
use crate::train::writing::Writing;
use crate::train::{Dataset, Hardware};
use crate::weights::initial;
use crate::weights::model::shape;
use trainyard_events::card::Card;
use trainyard_events::card::Preprocessing;
use trainyard_libtorch::Group;

pub struct Run<T: Task> {
    pub(super) spec: TrainerSpec,
    pub(super) work: PathBuf,
    pub(super) hardware: Hardware,
    pub(super) dataset: Dataset<T::Part>,
    pub(super) loader: Loader,
    pub(super) interrupt: Interrupt,
    pub(super) card: Card,
    pub(super) channels_last: bool,
    pub(super) progress: Progress,
    /// Tensors of the best epoch, on the CPU.
    pub(super) best: BTreeMap<String, Tensor>,
    pub(super) task: T,
    pub(super) rhythm: Rhythm,
    pub(super) model: Model<T::Network>,
    /// Whether only its head learns: the statistics of the rest stay too.
    pub(super) is_frozen: bool,
    pub(super) average: Option<Model<T::Network>>,
    pub(super) optimizer: Optimizer,
    pub(super) schedule: Schedule,
    /// What the task measures, summed over the epoch's images; on the device, so that a step need not wait for it.
    pub(super) sums: Tensor,
    /// Gradients of the batches since the last step; empty after one.
    pub(super) gradients: Vec<Tensor>,
    pub(super) last_checkpoint: Instant,
    pub(super) writing: Writing,
    pub(super) checkpoints: When,
    /// Those that learn together; the first of them measures, writes and tells.
    pub(super) group: Group,
    /// Whether one of them has been asked to leave.
    pub(super) is_called: bool,
    /// Whether no step line has left yet: the first leaves at once.
    pub(super) silent: bool,
}

impl<T: Task> Run<T> {
    pub fn new(
        spec: &TrainerSpec,
        work: &Path,
        hardware: Hardware,
        dataset: Dataset<T::Part>,
        interrupt: Interrupt,
        group: Group,
        notes: &mut Notes,
    ) -> Result<Self, Failure> {
        let config = &spec.config;
        let (mean, std) = match config.initial_weights {
            Some(_) if T::RECIPE.follows_weights => IMAGENET,
            _ => dataset.splits.statistics,
        };
        let mut card = Card::new(
            config.task,
            config.model.clone(),
            dataset.classes.clone(),
            Preprocessing {
                image_size: config.image_size,
                resize: config.resize,
                mean,
                std,
                sample_bits: dataset.sample_bits,
            },
        );
        if T::RECIPE.has_keypoints {
            card.keypoints.clone_from(&dataset.keypoints);
        }
        tch::manual_seed(config.seed as i64);
        let model = Model::new(&shape(&card), hardware.device).expect("check_config knows the model's name");
        if let Some(path) = initial_weights(spec)? {
            let report = initial::load(&model, path)?;
            if group.leads() {
                report.tell();
            }
            notes.insert("initial_weights".to_owned(), report.to_string());
            if let Some(theirs) = report.preprocessing
                && T::RECIPE.follows_weights
            {
                (card.preprocessing.mean, card.preprocessing.std) = (theirs.mean, theirs.std);
            }
        }
        let is_frozen = Options::of(config).freeze == Freeze::Backbone;
        if is_frozen {
            model.freeze_backbone();
        }
        let channels_last = hardware.device.is_cuda() || T::RECIPE.channels_last;
        if channels_last {
            model.use_channels_last()?;
        }
        let average =
            config.ema.then(|| copy_of(&model, &card, hardware.device, channels_last)).transpose()?;
        let rhythm = Rhythm::new(config, T::RECIPE.nominal_batch, dataset.splits.train.len());
        let progress = Progress {
            config_hash: config.hash(),
            dataset_hash: dataset.hash.clone(),
            step: 0,
            epoch: 0,
            batch: 0,
            sums: Vec::new(),
            images: 0,
            seconds: 0.0,
            best: None,
            history: Vec::new(),
            precision: Precision::choose(
                Options::of(config).precision,
                hardware.device,
                model.gains_from_bf16(),
            ),
            rhythm: Some(rhythm),
            fell_back_at: None,
        };
        Ok(Run {
            work: work.to_owned(),
            loader: Loader::new(hardware.decoding_threads)?,
            interrupt,
            channels_last,
            progress,
            best: BTreeMap::new(),
            optimizer: optimizer(config, rhythm, &model)?,
            schedule: Schedule::new(config, rhythm.steps as u64),
            sums: Tensor::f_zeros([T::MEASURED.len() as i64], (Kind::Double, hardware.device))?,
            gradients: Vec::new(),
            task: T::new(&card, hardware.device)?.configured(config, &dataset.splits.train),
            rhythm,
            last_checkpoint: Instant::now(),
            writing: Writing::default(),
            checkpoints: When::default(),
            group,
            is_called: false,
            silent: true,
            average,
            is_frozen,
            model,
            card,
            hardware,
            dataset,
            spec: spec.clone(),
        })
    }

    /// What validation looks at.
    pub(super) fn judged(&self) -> &Model<T::Network> {
        self.average.as_ref().unwrap_or(&self.model)
    }

    pub fn announce(&self, mut notes: Notes) {
        let (config, hardware) = (&self.spec.config, &self.hardware);
        let rhythm = self.rhythm;
        let preprocessing = &self.card.preprocessing;
        let three = |values: [f64; 3]| values.map(|value| format!("{value:.4}")).join(", ");
        let decays = "weights of convolutions and of the head; not norms or biases";
        for (name, value) in [
            (
                "threads",
                format!("{} arithmetic, {} decoding", hardware.arithmetic_threads, hardware.decoding_threads),
            ),
            ("memory_format", if self.channels_last { "channels_last" } else { "contiguous" }.to_owned()),
            ("precision", self.precision_in_words()),
            ("steps_per_epoch", rhythm.steps.to_string()),
            ("batches_per_epoch", rhythm.batches.to_string()),
            ("steps", self.schedule.steps().to_string()),
            ("batch_parts", self.spec.batch_divisor.max(1).to_string()),
            ("pixel_mean", three(preprocessing.mean)),
            ("pixel_std", three(preprocessing.std)),
            ("weight_decay_on", decays.to_owned()),
            ("weight_decay", format!("{}", config.weight_decay * rhythm.decay)),
        ] {
            notes.insert(name.to_owned(), value);
        }
        notes.extend(self.task.notes(config, &shape(&self.card)));
        if config.ema {
            notes.insert("ema_decay".to_owned(), T::RECIPE.decay.in_words().to_owned());
        }
        let line = TrainerLine::Started {
            device: hardware.name(),
            parameters: self.model.parameter_count(),
            train_images: self.dataset.splits.train.len() as u64,
            validation_images: self.dataset.splits.validation.len() as u64,
            classes: self.dataset.classes.clone(),
            dataset_hash: self.dataset.hash.clone(),
            resolved: notes,
        };
        say(&line);
        eprintln!(
            "training {} with {} parameters on {} images, validating on {}, {}",
            config.model,
            self.model.parameter_count(),
            self.dataset.splits.train.len(),
            self.dataset.splits.validation.len(),
            hardware.name()
        );
    }

    pub(super) fn precision_in_words(&self) -> String {
        let Progress { precision, fell_back_at, .. } = self.progress;
        let since = fell_back_at.map(|step| format!(" since step {step}, before that bfloat16"));
        format!("{}{}", precision.in_words(), since.unwrap_or_default())
    }
}

pub(super) fn optimizer<N: Network>(
    config: &TrainingConfig,
    rhythm: Rhythm,
    model: &Model<N>,
) -> Result<Optimizer, Failure> {
    let optimizer = Optimizer::new(config, config.weight_decay * rhythm.decay, model.parameters())?;
    Ok(optimizer.by_layers(layers(config, rhythm, model)))
}

/// How layers differ in what they learn, where it is asked for.
fn layers<N: Network>(config: &TrainingConfig, rhythm: Rhythm, model: &Model<N>) -> Option<Layers> {
    let Options { layer_decay, unfreeze_every, .. } = Options::of(config);
    let every = (unfreeze_every > 0).then(|| u64::from(unfreeze_every) * rhythm.steps as u64);
    let differ = every.is_some() || layer_decay < 1.0;
    differ.then(|| Layers::new(model.parameters().keys(), N::is_head, layer_decay, every))
}

fn initial_weights(spec: &TrainerSpec) -> Result<Option<&Path>, Failure> {
    match (&spec.config.initial_weights, &spec.initial_weights) {
        (None, _) => Ok(None),
        (Some(_), Some(path)) => Ok(Some(path)),
        (Some(wanted), None) => {
            Err(Failure::config(Trouble::WeightsNotHere { path: wanted.clone() }, Advice::ReadablePathOrNone))
        }
    }
}

fn copy_of<N: Network>(
    model: &Model<N>,
    card: &Card,
    device: Device,
    channels_last: bool,
) -> Result<Model<N>, Failure> {
    let copy = Model::new(&shape(card), device).expect("the same shape has just been built");
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
pub(super) fn copies<N: Network>(model: &Model<N>) -> Result<BTreeMap<String, Tensor>, Failure> {
    model
        .tensors()
        .into_iter()
        .map(|(name, tensor)| {
            let copy = tensor.f_detach()?.f_to_device(Device::Cpu)?.f_contiguous()?.copy();
            Ok((name, copy))
        })
        .collect()
}
