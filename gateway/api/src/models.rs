//! `/v1/models`: the catalog.

use serde::{Deserialize, Serialize};
use trainyard_events::config::Task;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ModelsQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// Part of any of its names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
}

/// Who trains a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Runner {
    /// Trainyard's own trainer, today.
    Native,
    /// Trainyard's own trainer, not yet.
    NativePlanned,
    Timm,
    Torchvision,
    Ultralytics,
    Transformers,
    /// Known by name only.
    None,
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
    pub runner: Runner,
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
    pub models: Vec<Model>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelAnswer {
    pub model: Model,
}
