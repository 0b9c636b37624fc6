//! `/v1/models`: the catalog.

use serde::{Deserialize, Serialize};
use trainyard_events::config::Task;
use trainyard_events::options::Options;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ModelsQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// Part of any of its names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// All that this runner has, where a worker has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runner: Option<String>,
}

/// One model, and whether it can be trained now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Model {
    pub id: String,
    pub family: String,
    pub task: Task,
    /// As published; null where no count is certain.
    pub parameters: Option<u64>,
    /// Default side in pixels.
    pub image_size: u32,
    pub licence: String,
    /// Whether Trainyard's own trainer trains it today.
    pub native: bool,
    /// Who trains it: `native`, `native_planned`, `none`, or the name of a runner.
    pub runner: String,
    /// Other ways to write it; absent from lists, which are found by them all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aliases: Option<Vec<String>>,
    pub trainable: bool,
    /// What to choose instead.
    pub note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelList {
    /// What can be trained now first.
    pub models: Vec<Model>,
    /// What trains besides our own trainer.
    pub runners: Vec<RunnerHere>,
}

/// A runner that a worker has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunnerHere {
    pub runner: String,
    /// Of the framework behind it, and under which licence that is.
    pub version: String,
    pub licence: String,
    pub models: u32,
    /// The settings that it has beyond those of every configuration, by name.
    #[serde(default)]
    pub options: Options,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelAnswer {
    pub model: Model,
}
