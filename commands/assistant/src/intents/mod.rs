//! Decides what a turn wants, from the words around the slots that were found in it.

mod jobs;
mod lists;
mod models;
mod proposal;
mod questions;

pub(crate) use jobs::names_only_a_job;
use jobs::{about_jobs, about_the_job_of_a_model, asking_how, asking_why, predicting};
use lists::asking_for_the_list;
pub(crate) use lists::states;
use models::{about_datasets, about_models, comparing};
use proposal::{answering, describing, helping, resetting};
use questions::asking_of_a_setting;

use crate::cues::Cues;
use crate::lexicon::intents as cues;
use crate::slots::Intent;

/// What was found in a turn before anyone asked what it is for.
#[derive(Clone, Copy, Debug, Default)]
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

/// Whether our words stand in it for things of another world: a model agency, the next train, a job interview.
fn elsewhere(cues: &Cues, found: &Found) -> bool {
    let content = found.describes() || found.configures() || found.path || found.job;
    !content && cues.any(cues::ELSEWHERE) && !cues.any(cues::MAKE)
}

/// Whether the turn makes or repeats something, so that `30번` may count runs.
pub(crate) fn makes_or_repeats(cues: &Cues) -> bool {
    cues.any(cues::MAKE) || cues.any(&["돌려", "돌리", "반복", "번만", "학습", "훈련"])
}

/// Whether the turn makes or changes something.
pub(crate) fn makes_or_changes(cues: &Cues) -> bool {
    makes_or_repeats(cues) || cues.any(cues::CHANGE)
}

/// Whether the turn has said all it means, so that its last sentence alone means nothing else: an attack, or a question about
/// a setting.
pub(crate) fn is_whole(cues: &Cues, found: &Found) -> bool {
    is_attack(cues) || asking_of_a_setting(cues, found).is_some()
}

/// The first rule that fits; the order is the grammar.
pub(crate) fn decide(cues: &Cues, found: &Found) -> Intent {
    if is_attack(cues) || elsewhere(cues, found) {
        return Intent::Unknown;
    }
    let rules = [
        asking_how,
        predicting,
        comparing,
        about_the_job_of_a_model,
        asking_why,
        resetting,
        about_models,
        about_datasets,
        asking_for_the_list,
        about_jobs,
        asking_of_a_setting,
        helping,
        describing,
        answering,
    ];
    rules.iter().find_map(|rule| rule(cues, found)).unwrap_or(Intent::Unknown)
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
    )
}
