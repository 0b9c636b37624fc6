//! What a language model may answer: an intent and the slots it has read, each with the words that say it.

use serde::Deserialize;

use super::Failure;
use crate::slots::Intent;

/// What a language model may understand. Whatever starts, approves, drops or stops something is the grammar's alone.
pub(super) const INTENTS: [Intent; 16] = [
    Intent::Train,
    Intent::Adjust,
    Intent::Dataset,
    Intent::Status,
    Intent::Results,
    Intent::Explain,
    Intent::Predict,
    Intent::AnalyzeDataset,
    Intent::ListDatasets,
    Intent::ListModels,
    Intent::RecommendModel,
    Intent::ShowModel,
    Intent::CompareModels,
    Intent::ListJobs,
    Intent::Help,
    Intent::Unknown,
];

pub(super) const SLOTS: [&str; 16] = [
    "task",
    "model",
    "models",
    "classes",
    "dataset",
    "input",
    "job",
    "epochs",
    "image_size",
    "batch_size",
    "seed",
    "patience",
    "learning_rate",
    "optimizer",
    "device",
    "priority",
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Patch {
    pub(super) intent: Intent,
    pub(super) slots: Vec<Said>,
}

/// One value, and the part of the turn that says it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    pub(super) slot: String,
    pub(super) value: String,
    pub(super) words: String,
}

impl Patch {
    /// Reads an answer. A fence of Markdown around it, which some models cannot help, is taken off.
    pub(super) fn parse(answer: &str) -> Result<Patch, Failure> {
        let fenced = answer.trim();
        let plain = fenced.strip_prefix("```json").or_else(|| fenced.strip_prefix("```"));
        let plain = plain.map_or(fenced, |rest| rest.trim_end().trim_end_matches('`'));
        let patch: Patch =
            serde_json::from_str(plain).map_err(|error| Failure::NoPatch(error.to_string()))?;
        if !INTENTS.contains(&patch.intent) {
            let name = patch.intent.name();
            return Err(Failure::NoPatch(format!("the intent {name} is not a language model's to read")));
        }
        match patch.slots.iter().find(|said| !SLOTS.contains(&said.slot.as_str())) {
            Some(other) => Err(Failure::NoPatch(format!("there is no slot {:?}", other.slot))),
            None => Ok(patch),
        }
    }
}
