//! The configuration of a training, as proposed, approved by hash, and run.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::card::is_runner;
use crate::limits;
use crate::reason::{ConfigProblem, Field};
use crate::resources::Resources;
use crate::results::{CheckpointRef, Measurements};

/// What a model does with an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Task {
    Classify,
    Detect,
    Segment,
    Pose,
    // Tells what is as it should be from what is not, having seen the former only.
    Anomaly,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Optimizer {
    /// Nesterov momentum.
    Sgd,
    Adam,
    Adamw,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    Cosine,
    OneCycle,
    Linear,
    Constant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Augmentation {
    None,
    /// Shifted crops and, where classes survive it, nothing else: for digits and letters.
    Light,
    /// Crop, flip, colour jitter, erasing.
    Standard,
}

/// How an image of another shape becomes a square. Stored with the model, so that predicting does the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Resize {
    /// Whole image, borders filled.
    Letterbox,
    /// Whole image, aspect ratio given up.
    Stretch,
    /// Shorter side fitted, the middle kept.
    Crop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Device {
    Cpu,
    Gpu,
    /// Whatever the worker has.
    Auto,
}

/// The class of a training command on the work queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    Low,
    Normal,
    High,
}

impl Task {
    /// Whether the answer is one class of the whole image, and not objects in it.
    pub fn is_of_image(self) -> bool {
        matches!(self, Task::Classify | Task::Anomaly)
    }
}

/// A word that names no variant.
#[derive(Debug, thiserror::Error, PartialEq)]
#[error("{word:?} is not one of {choices}")]
pub struct UnknownWord {
    pub word: String,
    pub choices: String,
}

/// Reads a unit variant by its wire name.
fn from_word<T: serde::de::DeserializeOwned>(word: &str, choices: &str) -> Result<T, UnknownWord> {
    serde_json::from_value(Value::String(word.to_owned()))
        .map_err(|_| UnknownWord { word: word.to_owned(), choices: choices.to_owned() })
}

impl FromStr for Task {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        from_word(word, "classify, detect, segment, pose, anomaly")
    }
}

impl FromStr for Optimizer {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        from_word(word, "sgd, adam, adamw")
    }
}

impl FromStr for Device {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        from_word(word, "cpu, gpu, auto")
    }
}

impl FromStr for Priority {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        from_word(word, "low, normal, high")
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Task::Classify => "classify",
            Task::Detect => "detect",
            Task::Segment => "segment",
            Task::Pose => "pose",
            Task::Anomaly => "anomaly",
        })
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Priority::Low => "low",
            Priority::Normal => "normal",
            Priority::High => "high",
        })
    }
}

/// Where a training goes on from: a checkpoint that an attempt at another job of the same tenant has left. Only the
/// gateway writes it, from the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Continuation {
    pub job: Uuid,
    pub checkpoint: CheckpointRef,
    /// The best epoch by then, and its validation measurements.
    pub best_epoch: Option<u32>,
    pub best: Option<Measurements>,
    /// [`TrainingConfig::hash`] of what the checkpoint was trained [as](TrainingConfig::as_trained), where values have changed
    /// since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trained_as: Option<String>,
    /// What a newer binary has written and this one does not know: the hash covers it.
    #[serde(flatten)]
    pub unread: Map<String, Value>,
}

/// Every value that decides a training. What the hash covers is exactly this.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrainingConfig {
    pub task: Task,
    /// Catalog id, such as `resnet18`.
    pub model: String,
    /// Path or URI as the user wrote it; `None` while it is missing.
    pub dataset: Option<String>,
    /// The classes to train on, in order; empty means all that the dataset has.
    pub classes: Vec<String>,
    pub epochs: u32,
    /// Side of the square the network sees, in pixels.
    pub image_size: u32,
    /// Images of one optimizer step.
    pub batch_size: u32,
    /// Peak learning rate, after warm-up.
    pub learning_rate: f64,
    pub optimizer: Optimizer,
    /// SGD's momentum, Adam's first beta.
    pub momentum: f64,
    pub weight_decay: f64,
    pub schedule: Schedule,
    pub warmup_epochs: f64,
    pub label_smoothing: f64,
    /// Whether an exponential moving average of the weights is kept and evaluated.
    pub ema: bool,
    pub augmentation: Augmentation,
    pub resize: Resize,
    /// Epochs without strict improvement after which training stops; `None` never stops early.
    pub patience: Option<u32>,
    pub seed: u64,
    pub device: Device,
    pub priority: Priority,
    /// What to start from: `pretrained`, or a path, `https://`, `hf://` or `s3://` of a safetensors file; `None` is a random
    /// start.
    pub initial_weights: Option<String>,
    /// Who trains it, as its `describe` names itself; left out where it is our own trainer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner: Option<String>,
    /// That runner's own settings; left out are those that have its default.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, Value>,
    /// Left out where it begins at the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continues: Option<Box<Continuation>>,
    /// Left out where any worker of its pool will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<Box<Resources>>,
    /// The most that the training may cost, in units of the tenant's currency: its attempts together. Then it stops with a
    /// checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cost: Option<f64>,
    /// The same of the hours that its attempts may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_hours: Option<f64>,
    /// What a newer binary has written and this one does not know: carried on as it is, covered by the hash, and never
    /// trained by a worker that does not know it.
    #[serde(flatten)]
    pub unread: Map<String, Value>,
}

impl TrainingConfig {
    /// SHA-256 of the canonical JSON, in hex: what an approval names.
    pub fn hash(&self) -> String {
        let canonical =
            serde_json::to_value(self).expect("a configuration is plain data, which always serialises");
        hex::encode(Sha256::digest(canonical.to_string()))
    }

    /// As a trainer is given it: a checkpoint belongs to what is trained, wherever that began, and no trainer keeps to a cap.
    pub fn as_trained(&self) -> TrainingConfig {
        TrainingConfig { continues: None, max_cost: None, max_hours: None, ..self.clone() }
    }

    /// Every value out of its range. Whether the model exists is the catalog's to say.
    pub fn problems(&self) -> Vec<ConfigProblem> {
        let mut problems = self.ranges();
        if self.patience == Some(0) {
            problems.push(ConfigProblem::PatienceZero);
        }
        problems.extend(self.names());
        problems.extend(self.paths());
        let is_named_wrongly = |name: &&String| !is_runner(name);
        let runner = self.runner.iter().find(is_named_wrongly);
        problems.extend(runner.map(|given| ConfigProblem::NotARunnersName { given: given.clone() }));
        problems.extend(self.continues.iter().flat_map(|from| from.problems(self.epochs)));
        problems.extend(self.resources.iter().flat_map(|asked| asked.problems()));
        if self.device == Device::Cpu && self.gpus() > 0 {
            problems.push(ConfigProblem::GpusOnCpu { gpus: self.gpus() });
        }
        problems
    }

    /// GPUs that it has to itself.
    pub fn gpus(&self) -> u32 {
        self.resources.as_ref().map_or(0, |asked| asked.gpu_count())
    }

    fn ranges(&self) -> Vec<ConfigProblem> {
        let whole = |field, given: u32, low: u32, high: u32| (field, given.into(), low.into(), high.into());
        let ranges: [(Field, f64, f64, f64); 8] = [
            whole(Field::Epochs, self.epochs, 1, limits::EPOCHS),
            whole(Field::ImageSize, self.image_size, limits::IMAGE_SIZE_MIN, limits::IMAGE_SIZE_MAX),
            whole(Field::BatchSize, self.batch_size, 1, limits::BATCH_SIZE),
            (Field::LearningRate, self.learning_rate, 0.0, limits::LEARNING_RATE_MAX),
            (Field::Momentum, self.momentum, 0.0, limits::MOMENTUM_MAX),
            (Field::WeightDecay, self.weight_decay, 0.0, limits::WEIGHT_DECAY_MAX),
            (Field::WarmupEpochs, self.warmup_epochs, 0.0, f64::from(self.epochs)),
            (Field::LabelSmoothing, self.label_smoothing, 0.0, limits::LABEL_SMOOTHING_MAX),
        ];
        let caps = [
            (Field::MaxCost, self.max_cost, limits::CAP_COST_MAX),
            (Field::MaxHours, self.max_hours, limits::CAP_HOURS_MAX),
        ];
        let caps = caps.into_iter().filter_map(|(field, cap, most)| Some((field, cap?, 0.0, most)));
        let problem = |(field, given, low, high): (Field, f64, f64, f64)| {
            let fits = (low..=high).contains(&given);
            match field {
                _ if !given.is_finite() => Some(ConfigProblem::NotANumberGiven { field }),
                Field::LearningRate | Field::MaxCost | Field::MaxHours if !fits || given <= 0.0 => {
                    Some(ConfigProblem::NotAbove { field, given, low, high })
                }
                _ if fits => None,
                Field::WarmupEpochs => Some(ConfigProblem::WarmupTooLong { given, epochs: self.epochs }),
                _ => Some(ConfigProblem::OutOfRange { field, given, low, high }),
            }
        };
        ranges.into_iter().chain(caps).filter_map(problem).collect()
    }

    fn names(&self) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        let (given, limit) = (self.classes.len() as u64, limits::CLASSES as u64);
        if given > limit {
            problems.push(ConfigProblem::TooManyClassesAsked { given, limit });
        }
        for (index, class) in self.classes.iter().enumerate() {
            let length = class.chars().count();
            if !(1..=limits::CLASS_NAME_CHARS).contains(&length) {
                let (length, limit) = (length as u64, limits::CLASS_NAME_CHARS as u64);
                problems.push(ConfigProblem::AskedNameLength { length, limit });
            }
            if self.classes[..index].contains(class) {
                problems.push(ConfigProblem::ClassAskedTwice { class: class.clone() });
            }
        }
        problems
    }

    fn paths(&self) -> impl Iterator<Item = ConfigProblem> {
        let paths = [(Field::Dataset, &self.dataset), (Field::InitialWeights, &self.initial_weights)];
        paths.into_iter().filter_map(|(field, path)| {
            let length = path.as_ref()?.chars().count();
            let (given, limit) = (length as u64, limits::PATH_CHARS as u64);
            let fits = (1..=limits::PATH_CHARS).contains(&length);
            (!fits).then_some(ConfigProblem::PathLength { field, length: given, limit })
        })
    }
}

impl Continuation {
    /// Whether it is a place within a training of so many epochs.
    fn problems(&self, epochs: u32) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        let CheckpointRef { epoch, step, artifact } = &self.checkpoint;
        let own = artifact.key.starts_with(&format!("jobs/{}/", self.job)) && !artifact.key.contains("..");
        if !own || artifact.role != "checkpoint" {
            problems.push(ConfigProblem::NotACheckpoint { key: artifact.key.clone(), job: self.job });
        }
        if *step == 0 || *epoch > epochs {
            problems.push(ConfigProblem::CheckpointOutside { epoch: *epoch, step: *step, epochs });
        }
        let best = self.best_epoch.unwrap_or(0);
        if best > *epoch {
            problems.push(ConfigProblem::BestAfterCheckpoint { epoch: best });
        }
        problems
    }
}

/// Where a value of a proposal came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "from", content = "because")]
pub enum Source {
    /// The user said it.
    Said,
    /// The model or the task implies it.
    Implied(String),
    /// Our recommendation, with the reason.
    Recommended(String),
}

/// A configuration put before the user, with what is missing and why each value is what it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Proposal {
    pub config: TrainingConfig,
    /// [`TrainingConfig::hash`]: an approval must name exactly this.
    pub hash: String,
    /// Slots that the user still has to give; empty means that it can be approved.
    pub missing: Vec<String>,
    /// By field of the configuration.
    pub sources: BTreeMap<String, Source>,
    /// What is unusual about it, in the user's language.
    pub warnings: Vec<String>,
}
