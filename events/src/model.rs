//! The facts of a model: what people call it, its versions, each of one finished job, and the aliases that name a version.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::card::{Output, Preprocessing};
use crate::config::Task;
use crate::dataset::is_tag;
use crate::results::{Artifact, Measurements};

/// What a version is, as it was when it was registered. It never changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelCard {
    /// Whose model it is: its endpoint is the one that answers.
    pub job: Uuid,
    /// The artifact of the job that answers, `onnx` or of older jobs `weights`. Its hash is the version.
    pub export: Artifact,
    /// What other trainings can start from, where the job has left any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<Artifact>,
    pub task: Task,
    /// The architecture, by its catalog id.
    pub model: String,
    /// Who trained it, where it was not our own trainer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner: Option<String>,
    /// Of the program that trained it, by its SPDX name, where it says one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// In the order of the outputs.
    pub classes: Vec<String>,
    /// As the card in the export says; absent where the export has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preprocessing: Option<Preprocessing>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Output>,
    /// What it was trained on, as the configuration has it, and the SHA-256 of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_hash: Option<String>,
    pub config_hash: String,
    /// Of the best epoch, on the validation split.
    pub measurements: Measurements,
}

/// A version or alias of a model, as people write it: `line3@2`, `line3@champion`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick<'a> {
    Version(u32),
    Alias(&'a str),
}

/// A model as people write it, parted into its name and what of it is meant. A path is no model.
pub fn picked(written: &str) -> Option<(&str, Pick<'_>)> {
    if let (name, Some(version)) = crate::dataset::parted(written) {
        return Some((name, Pick::Version(version)));
    }
    crate::dataset::tagged(written).map(|(name, alias)| (name, Pick::Alias(alias)))
}

/// Whether `text` can be an alias: as a model is named, and no number.
pub fn is_alias(text: &str) -> bool {
    is_tag(text)
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", content = "body")]
pub enum ModelEvent {
    /// `name` has a version more. Numbers are from 1, and none is given twice.
    #[serde(rename = "model.registered")]
    Registered { name: String, version: u32, card: Box<ModelCard> },
    /// `alias` names this version from here on: what is asked of it, that version answers.
    #[serde(rename = "model.aliased")]
    Aliased {
        alias: String,
        version: u32,
        /// The one that it named before: where a roll back goes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        former: Option<u32>,
    },
    #[serde(rename = "model.alias_removed")]
    AliasRemoved { alias: String },
    /// A version is put away: no alias may name it. What it names stays in the store.
    #[serde(rename = "model.archived")]
    Archived { version: u32 },
    #[serde(rename = "model.restored")]
    Restored { version: u32 },
}

impl ModelEvent {
    /// Dotted wire name.
    pub fn kind(&self) -> &'static str {
        match self {
            ModelEvent::Registered { .. } => "model.registered",
            ModelEvent::Aliased { .. } => "model.aliased",
            ModelEvent::AliasRemoved { .. } => "model.alias_removed",
            ModelEvent::Archived { .. } => "model.archived",
            ModelEvent::Restored { .. } => "model.restored",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_or_an_alias_is_parted_from_a_name_and_never_from_a_path() {
        for (written, expected) in [
            ("line3@2", Some(("line3", Pick::Version(2)))),
            ("3호기-긁힘@champion", Some(("3호기-긁힘", Pick::Alias("champion")))),
            ("line3", None),
            ("line3@", None),
            ("line3@0", None),
            ("/data/line3@2", None),
            ("hf://owner/repo@main/file", None),
            ("pretrained", None),
        ] {
            assert_eq!(picked(written), expected, "{written}");
        }
    }
}
