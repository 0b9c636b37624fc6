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

/// A part of a whole: from 0, nothing, to 1, all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("minimum" = 0, "maximum" = 1)))]
#[serde(try_from = "f64", into = "f64")]
pub struct Share(f64);

impl TryFrom<f64> for Share {
    type Error = String;

    fn try_from(share: f64) -> Result<Share, String> {
        match (0.0..=1.0).contains(&share) {
            // A negative nothing is written as nothing.
            true => Ok(Share(share + 0.0)),
            false => Err(format!("a share is a number from 0 to 1, not {share}")),
        }
    }
}

impl From<Share> for f64 {
    fn from(Share(share): Share) -> f64 {
        share
    }
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
    /// Of the images that the model is asked about by its name, this share is kept for people to review from here on.
    #[serde(rename = "model.sampling_set")]
    SamplingSet { share: Share },
    /// Those that were kept until here are nobody's to see any more.
    #[serde(rename = "model.samples_deleted")]
    SamplesDeleted {},
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
            ModelEvent::SamplingSet { .. } => "model.sampling_set",
            ModelEvent::SamplesDeleted {} => "model.samples_deleted",
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

    #[test]
    fn a_share_is_no_more_than_all_and_no_less_than_nothing() {
        for share in [0.0, 0.01, 1.0] {
            let read: Share = serde_json::from_value(share.into()).unwrap();
            assert_eq!((f64::from(read), serde_json::to_value(read).unwrap()), (share, share.into()));
        }
        assert_eq!(f64::from(Share::try_from(-0.0).unwrap()).to_bits(), 0.0_f64.to_bits());
        for bad in [-0.01, 1.01, f64::NAN, f64::INFINITY] {
            assert!(Share::try_from(bad).is_err(), "{bad}");
        }
    }
}
