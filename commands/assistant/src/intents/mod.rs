//! What was found in a turn, and the few questions about its words that are not learned.

mod jobs;
mod lists;

pub(crate) use jobs::names_only_a_job;
pub(crate) use lists::states;

use crate::cues::Cues;
use crate::lexicon::intents as cues;
use crate::slots::Intent;

/// What was found in a turn before anyone asked what it is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) task: bool,
    /// Models named and meant.
    pub(crate) models: usize,
    pub(crate) classes: bool,
    /// A path or URI, of any kind.
    pub(crate) path: bool,
    /// That path is an image or a video.
    pub(crate) image: bool,
    pub(crate) job: bool,
    /// A number, optimizer, device or priority.
    pub(crate) setting: bool,
    /// The only setting is a device.
    pub(crate) only_device: bool,
    /// A relative change, also where there was nothing to change.
    pub(crate) changed: bool,
    /// A numeric slot was named.
    pub(crate) named: bool,
    /// "the nano model", "a bigger one".
    pub(crate) resized: bool,
    /// There is an open proposal, and it has a task.
    pub(crate) open: bool,
    pub(crate) open_described: bool,
}

impl Found {
    fn describes(&self) -> bool {
        self.task || self.models > 0 || self.classes
    }

    fn configures(&self) -> bool {
        self.setting || self.changed || self.resized
    }
}

/// Whether the turn gives orders to a language model instead of asking for something.
pub(crate) fn is_attack(cues: &Cues) -> bool {
    cues.any(cues::INJECTION)
}

/// Whether the turn makes or repeats something, so that `30번` may count runs.
pub(crate) fn makes_or_repeats(cues: &Cues) -> bool {
    cues.any(cues::MAKE) || cues.any(&["돌려", "돌리", "반복", "번만", "학습", "훈련"])
}

/// Whether the turn makes or changes something.
pub(crate) fn makes_or_changes(cues: &Cues) -> bool {
    makes_or_repeats(cues) || cues.any(cues::CHANGE)
}

/// Whether the turn is about a job by intent, so that a lone number names it.
pub(crate) fn concerns_job(intent: Intent) -> bool {
    matches!(
        intent,
        Intent::Status
            | Intent::Results
            | Intent::Explain
            | Intent::Cancel
            | Intent::Resume
            | Intent::Predict
            | Intent::Deploy
            | Intent::RegisterModel
    )
}
