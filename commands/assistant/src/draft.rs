//! The open proposal as far as it has been said: what a turn's words lean on, and what is still missing.

use serde_json::{Map, Value};
use trainyard_events::TrainingConfig;
use trainyard_events::card::PRETRAINED;
use trainyard_events::chat::Language;
use trainyard_events::config::Task;

use crate::catalog;
use crate::configure;
use crate::interpretation::Interpretation;
use crate::quantities::Base;
use crate::slots::{Changed, Intent, Slot, Slots};
use crate::wishes::Start;

/// What the user has said of the open proposal so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// Only what was said, or what a named model implies.
    pub slots: Slots,
    /// Values that were given by their fields, of settings that no sentence states.
    pub given: Map<String, Value>,
    /// The configuration last shown, whose recommended values relative changes also start from.
    pub shown: Option<TrainingConfig>,
    /// Language of the last turn that had words.
    pub language: Option<Language>,
    /// What "actually 45" and "again by 10" speak of.
    pub last: Option<Changed>,
    pub before: Before,
    /// Nothing is open: all there is is what was said before.
    pub closed: bool,
}

/// What the turns before were for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Before {
    /// The last question about a job, which "and job 7?" asks of another. What is not understood leaves it; what speaks of
    /// something else ends it.
    pub asked: Option<Intent>,
    /// The very last; whatever describes a proposal is [`Intent::Adjust`].
    pub said: Option<Intent>,
}

impl Before {
    /// After a turn for this.
    pub fn then(self, intent: Intent) -> Before {
        let asked = match intent {
            Intent::Status | Intent::Results | Intent::Explain => Some(intent),
            Intent::Help | Intent::Unknown => self.asked,
            _ => None,
        };
        Before { asked, said: Some(if intent.describes() { Intent::Adjust } else { intent }) }
    }
}

impl Draft {
    /// What a conversation without an open proposal leans on.
    pub fn remembering(before: Before) -> Draft {
        Draft { before, closed: true, ..Draft::default() }
    }

    /// Takes in a turn. A new description replaces the old one; everything else adds to it.
    pub fn merge(&mut self, turn: &Interpretation) {
        let described = self.slots.task.is_some() || self.slots.model.is_some();
        if turn.intent == Intent::Train && described {
            *self = Draft::default();
        }
        let before = self.clone();
        self.language = Some(turn.language);
        self.closed = false;
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
        let given =
            |field: &str| Slot::ALL.iter().any(|slot| slot.name() == field && said.number(*slot).is_some());
        slots.unusable.retain(|unusable| !given(unusable.field));
        self.given.retain(|field, _| !given(field));
        if let Some(start) = turn.start {
            let weights = match start {
                Start::Pretrained => Value::from(PRETRAINED),
                Start::Scratch => Value::Null,
            };
            self.given.insert("initial_weights".to_owned(), weights);
        }
        self.slots = said.or(std::mem::take(&mut self.slots));
        self.follow(&before);
    }

    /// Notes which numbers have changed since `before`, so that the next turn may leave their names out.
    pub fn follow(&mut self, before: &Draft) {
        let changed = |slot: &Slot| {
            let now = self.slots.number(*slot);
            now.is_some() && now != before.slots.number(*slot)
        };
        let base = before.base();
        let changes = Slot::ALL.into_iter().filter(changed);
        let noted = |changes: Option<Changed>, slot| {
            Some(changes.unwrap_or_default().with(slot, self.slots.number(slot) > base.of(slot)))
        };
        self.last = changes.fold(None, noted).or(before.last);
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

    pub(crate) fn base(&self) -> Base {
        let shown = self.shown.clone().or_else(|| configure::resolved(&self.slots));
        Base::new(|slot| {
            let shown = || shown.as_ref().and_then(|config| configured(config, slot));
            self.slots.number(slot).or_else(shown)
        })
    }
}

fn configured(config: &TrainingConfig, slot: Slot) -> Option<f64> {
    match slot {
        Slot::Epochs => Some(config.epochs.into()),
        Slot::ImageSize => Some(config.image_size.into()),
        Slot::BatchSize => Some(config.batch_size.into()),
        Slot::Seed => Some(config.seed as f64),
        Slot::Patience => config.patience.map(f64::from),
        Slot::LearningRate => Some(config.learning_rate),
        Slot::Momentum => Some(config.momentum),
        Slot::WeightDecay => Some(config.weight_decay),
    }
}
