//! The open proposal as far as it has been said: what a turn's words lean on, and what is still missing.

use trainyard_events::TrainingConfig;
use trainyard_events::chat::Language;
use trainyard_events::config::Task;

use crate::Interpretation;
use crate::catalog;
use crate::relative::Base;
use crate::slots::{Intent, Slots};

/// What the user has said of the open proposal so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// Only what was said, or what a named model implies.
    pub slots: Slots,
    /// The configuration last shown, whose recommended values relative changes also start from.
    pub shown: Option<TrainingConfig>,
    /// Language of the last turn that had words.
    pub language: Option<Language>,
}

impl Draft {
    /// Takes in a turn. A new description replaces the old one; everything else adds to it.
    pub fn merge(&mut self, turn: &Interpretation) {
        let described = self.slots.task.is_some() || self.slots.model.is_some();
        if turn.intent == Intent::Train && described {
            *self = Draft::default();
        }
        self.language = Some(turn.language);
        let said = turn.slots.clone();
        let slots = &mut self.slots;
        if said.task.is_some() && said.task != slots.task && said.model.is_none() {
            // Another task by name: a model for the old one no longer fits.
            let task = said.task.unwrap_or(Task::Classify);
            let other = slots
                .model
                .as_deref()
                .and_then(catalog::find)
                .and_then(|model| catalog::for_task(model, task));
            slots.model = other.map(|model| model.id.clone());
        }
        let kept = |field: &str| match field {
            "epochs" => said.epochs.is_none(),
            "image_size" => said.image_size.is_none(),
            "batch_size" => said.batch_size.is_none(),
            "seed" => said.seed.is_none(),
            "patience" => said.patience.is_none(),
            _ => said.learning_rate.is_none(),
        };
        slots.unusable.retain(|unusable| kept(unusable.field));
        slots.unusable.extend(said.unusable);
        slots.task = said.task.or(slots.task);
        slots.model = said.model.or(slots.model.take());
        slots.dataset = said.dataset.or(slots.dataset.take());
        slots.epochs = said.epochs.or(slots.epochs);
        slots.image_size = said.image_size.or(slots.image_size);
        slots.batch_size = said.batch_size.or(slots.batch_size);
        slots.seed = said.seed.or(slots.seed);
        slots.patience = said.patience.or(slots.patience);
        slots.learning_rate = said.learning_rate.or(slots.learning_rate);
        slots.optimizer = said.optimizer.or(slots.optimizer);
        slots.device = said.device.or(slots.device);
        slots.priority = said.priority.or(slots.priority);
        if !said.classes.is_empty() {
            slots.classes = said.classes;
        }
    }

    /// Required slots that are not given, in the order in which to ask. A task implies a recommended model.
    pub fn missing(&self) -> Vec<&'static str> {
        let model = self.slots.model.as_deref().and_then(catalog::find);
        let mut missing = Vec::new();
        if self.slots.task.is_none() && model.is_none() {
            missing.push("task");
        }
        if self.slots.dataset.is_none() {
            missing.push("dataset");
        }
        missing
    }

    /// The model named, or the one recommended for the task.
    pub(crate) fn model(&self) -> Option<&'static catalog::Model> {
        let named = self.slots.model.as_deref().and_then(catalog::find);
        named.or_else(|| self.slots.task.map(catalog::recommended))
    }

    pub(crate) fn base(&self) -> Base {
        let shown = self.shown.clone().or_else(|| crate::proposal::resolved(self, None));
        let number = |said: Option<i64>, shown: Option<f64>| said.map(|value| value as f64).or(shown);
        let shown = shown.as_ref();
        Base {
            epochs: number(self.slots.epochs, shown.map(|config| f64::from(config.epochs))),
            image_size: number(self.slots.image_size, shown.map(|config| f64::from(config.image_size))),
            batch_size: number(self.slots.batch_size, shown.map(|config| f64::from(config.batch_size))),
            seed: number(self.slots.seed, shown.map(|config| config.seed as f64)),
            patience: number(self.slots.patience, shown.and_then(|config| config.patience).map(f64::from)),
            learning_rate: self.slots.learning_rate.or(shown.map(|config| config.learning_rate)),
        }
    }
}
