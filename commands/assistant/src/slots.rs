//! What a turn asks for (`Intent`) and the values it states (`Slots`), by their wire names.

use serde::{Deserialize, Serialize};
use trainyard_events::Resources;
use trainyard_events::config::{Device, Optimizer, Priority, Task};

use crate::{accelerators, catalog};

/// What the user wants to do with this turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// Describe a training, the first or a new one.
    Train,
    /// Change the open proposal.
    Adjust,
    /// Only name the dataset of the open proposal.
    Dataset,
    Approve,
    Reject,
    /// Start the conversation again.
    Reset,
    /// Take the last change of the open proposal back.
    Undo,
    Status,
    Results,
    /// Know why something failed or stopped.
    Explain,
    Cancel,
    Resume,
    Predict,
    AnalyzeDataset,
    ListDatasets,
    ListModels,
    RecommendModel,
    ShowModel,
    CompareModels,
    /// Several jobs beside each other.
    CompareJobs,
    ListJobs,
    /// Put a trained model behind its endpoint.
    Deploy,
    /// Make a trained model a version of one that people have named.
    RegisterModel,
    /// Have an alias name a version: what answers in production.
    Promote,
    /// Have an alias name the version that it named before.
    RollBack,
    /// Know which versions there are, and which one answers.
    ShowVersions,
    /// Several versions beside each other.
    CompareVersions,
    Help,
    Unknown,
}

impl Intent {
    pub const ALL: [Intent; 29] = [
        Intent::Train,
        Intent::Adjust,
        Intent::Dataset,
        Intent::Approve,
        Intent::Reject,
        Intent::Reset,
        Intent::Undo,
        Intent::Status,
        Intent::Results,
        Intent::Explain,
        Intent::Cancel,
        Intent::Resume,
        Intent::Predict,
        Intent::AnalyzeDataset,
        Intent::ListDatasets,
        Intent::ListModels,
        Intent::RecommendModel,
        Intent::ShowModel,
        Intent::CompareModels,
        Intent::CompareJobs,
        Intent::ListJobs,
        Intent::Deploy,
        Intent::RegisterModel,
        Intent::Promote,
        Intent::RollBack,
        Intent::ShowVersions,
        Intent::CompareVersions,
        Intent::Help,
        Intent::Unknown,
    ];

    /// The wire name, such as `analyze_dataset`.
    pub fn name(self) -> &'static str {
        match self {
            Intent::Train => "train",
            Intent::Adjust => "adjust",
            Intent::Dataset => "dataset",
            Intent::Approve => "approve",
            Intent::Reject => "reject",
            Intent::Reset => "reset",
            Intent::Undo => "undo",
            Intent::Status => "status",
            Intent::Results => "results",
            Intent::Explain => "explain",
            Intent::Cancel => "cancel",
            Intent::Resume => "resume",
            Intent::Predict => "predict",
            Intent::AnalyzeDataset => "analyze_dataset",
            Intent::ListDatasets => "list_datasets",
            Intent::ListModels => "list_models",
            Intent::RecommendModel => "recommend_model",
            Intent::ShowModel => "show_model",
            Intent::CompareModels => "compare_models",
            Intent::CompareJobs => "compare_jobs",
            Intent::ListJobs => "list_jobs",
            Intent::Deploy => "deploy",
            Intent::RegisterModel => "register_model",
            Intent::Promote => "promote",
            Intent::RollBack => "roll_back",
            Intent::ShowVersions => "show_versions",
            Intent::CompareVersions => "compare_versions",
            Intent::Help => "help",
            Intent::Unknown => "unknown",
        }
    }

    /// Whether the turn starts, stops, drops or moves something: what is never done on a guess.
    pub fn acts(self) -> bool {
        matches!(
            self,
            Intent::Approve
                | Intent::Reject
                | Intent::Reset
                | Intent::Cancel
                | Intent::Resume
                | Intent::Deploy
                | Intent::RegisterModel
                | Intent::Promote
                | Intent::RollBack
        )
    }

    /// Whether the turn is about versions of a model that people have named.
    pub fn of_versions(self) -> bool {
        matches!(self, Intent::Promote | Intent::RollBack | Intent::ShowVersions | Intent::CompareVersions)
    }

    /// Whether the turn says something about the open proposal's configuration.
    pub fn describes(self) -> bool {
        matches!(self, Intent::Train | Intent::Adjust | Intent::Dataset)
    }
}

/// The values a turn states, as the user meant them, not yet checked against any limit.
///
/// Serialises to the canonical object: a slot that was not stated does not appear.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Slots {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub task: Option<Task>,
    /// Catalog id; a name the catalog does not know is kept as written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub model: Option<String>,
    /// Catalog ids, for comparing.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub models: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub classes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dataset: Option<String>,
    /// What to predict on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub input: Option<String>,
    /// What the user called the job, such as `7`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub job: Option<String>,
    /// What people call a model: `tree-detector`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub versions: Vec<u32>,
    /// Such as `production`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub alias: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub epochs: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub image_size: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub batch_size: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub patience: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub learning_rate: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub momentum: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub weight_decay: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub optimizer: Option<Optimizer>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub device: Option<Device>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub priority: Option<Priority>,
    /// The GPUs that it is to have to itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub resources: Option<Resources>,
    /// Values that are no value of their slot, such as `nan` or 2.5 epochs: the proposal refuses them by name.
    #[serde(skip)]
    pub unusable: Vec<Unusable>,
}

/// A slot that holds a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    Epochs,
    ImageSize,
    BatchSize,
    Seed,
    Patience,
    LearningRate,
    Momentum,
    WeightDecay,
}

impl Slot {
    pub(crate) const ALL: [Slot; 8] = [
        Slot::Epochs,
        Slot::ImageSize,
        Slot::BatchSize,
        Slot::Seed,
        Slot::Patience,
        Slot::LearningRate,
        Slot::Momentum,
        Slot::WeightDecay,
    ];

    /// Whether its values are parts of one.
    pub(crate) fn is_fraction(self) -> bool {
        matches!(self, Slot::LearningRate | Slot::Momentum | Slot::WeightDecay)
    }

    /// The wire name, such as `image_size`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Slot::Epochs => "epochs",
            Slot::ImageSize => "image_size",
            Slot::BatchSize => "batch_size",
            Slot::Seed => "seed",
            Slot::Patience => "patience",
            Slot::LearningRate => "learning_rate",
            Slot::Momentum => "momentum",
            Slot::WeightDecay => "weight_decay",
        }
    }
}

/// The numbers that changed last, each with whether it grew.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Changed([Option<bool>; Slot::ALL.len()]);

impl Changed {
    pub fn with(mut self, slot: Slot, up: bool) -> Changed {
        self.0[slot as usize] = Some(up);
        self
    }

    pub(crate) fn slots(self) -> impl Iterator<Item = Slot> {
        Slot::ALL.into_iter().filter(move |slot| self.0[*slot as usize].is_some())
    }

    /// The only one.
    pub(crate) fn one(self) -> Option<Slot> {
        let mut slots = self.slots();
        slots.next().filter(|_| slots.next().is_none())
    }

    pub(crate) fn grew(self, slot: Slot) -> bool {
        self.0[slot as usize] == Some(true)
    }
}

/// A value that cannot be one of its slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    pub field: &'static str,
    /// In the user's words.
    pub said: String,
}

impl Slots {
    pub fn is_empty(&self) -> bool {
        *self == Slots::default()
    }

    /// These values, and the others where these say nothing.
    pub(crate) fn or(self, others: Slots) -> Slots {
        let list = |own: Vec<String>, other: Vec<String>| if own.is_empty() { other } else { own };
        let mut unusable = self.unusable;
        unusable.extend(
            others.unusable.into_iter().filter(|other| !unusable.contains(other)).collect::<Vec<_>>(),
        );
        Slots {
            task: self.task.or(others.task),
            model: self.model.or(others.model),
            models: list(self.models, others.models),
            classes: list(self.classes, others.classes),
            dataset: self.dataset.or(others.dataset),
            input: self.input.or(others.input),
            job: self.job.or(others.job),
            name: self.name.or(others.name),
            versions: if self.versions.is_empty() { others.versions } else { self.versions },
            alias: self.alias.or(others.alias),
            epochs: self.epochs.or(others.epochs),
            image_size: self.image_size.or(others.image_size),
            batch_size: self.batch_size.or(others.batch_size),
            seed: self.seed.or(others.seed),
            patience: self.patience.or(others.patience),
            learning_rate: self.learning_rate.or(others.learning_rate),
            momentum: self.momentum.or(others.momentum),
            weight_decay: self.weight_decay.or(others.weight_decay),
            optimizer: self.optimizer.or(others.optimizer),
            device: self.device.or(others.device),
            priority: self.priority.or(others.priority),
            resources: accelerators::or(self.resources, others.resources),
            unusable,
        }
    }

    pub(crate) fn number(&self, slot: Slot) -> Option<f64> {
        let integer = match slot {
            Slot::LearningRate => return self.learning_rate,
            Slot::Momentum => return self.momentum,
            Slot::WeightDecay => return self.weight_decay,
            Slot::Epochs => self.epochs,
            Slot::ImageSize => self.image_size,
            Slot::BatchSize => self.batch_size,
            Slot::Seed => self.seed,
            Slot::Patience => self.patience,
        };
        integer.map(|value| value as f64)
    }

    /// The model named, or the one recommended for the task.
    pub(crate) fn meant_model(&self) -> Option<&'static catalog::Model> {
        let named = self.model.as_deref().and_then(catalog::find);
        named.or_else(|| self.task.map(catalog::recommended))
    }

    /// The settings alone: numbers, optimizer, device and priority.
    pub(crate) fn settings(self) -> Slots {
        let (task, model, dataset, input, job, name, alias) = (None, None, None, None, None, None, None);
        let (models, classes, versions) = (Vec::new(), Vec::new(), Vec::new());
        Slots { task, model, dataset, input, job, name, alias, models, classes, versions, ..self }
    }

    /// Whether a number, an optimizer, a device or a priority is stated.
    pub(crate) fn has_setting(&self) -> bool {
        Slot::ALL.iter().any(|slot| self.number(*slot).is_some())
            || self.optimizer.is_some()
            || self.device.is_some()
            || self.priority.is_some()
            || self.resources.is_some()
            || !self.unusable.is_empty()
    }
}
