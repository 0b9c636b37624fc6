//! `/v1/registry`: models that people have named, their versions and aliases.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use trainyard_events::calls::CallsAtTime;
use trainyard_events::model::Share;
use trainyard_views::ModelRow;
use uuid::Uuid;

use crate::predict::PredictAnswer;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegistryList {
    pub models: Vec<ModelRow>,
    /// The `before` of the next page; null at the end.
    pub next: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegistryAnswer {
    pub model: ModelRow,
    /// By version, in the order of `model.versions`.
    pub uses: Vec<VersionUse>,
}

/// Who uses a version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionUse {
    pub version: u32,
    /// The number of the job that it comes from.
    pub job: Option<u64>,
    /// Whether it answers now.
    pub deployed: bool,
    /// Where it answers if it is deployed; without a public URL, below this gateway.
    pub url: String,
    pub aliases: Vec<String>,
    /// The numbers of jobs that have started from its weights: the first 200.
    pub started: Vec<u64>,
}

/// Questions to the versions of a model that gateways have had in the last days, all of them together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelCalls {
    /// Nothing before this is counted.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub since: OffsetDateTime,
    /// Those that were asked, by number.
    pub versions: Vec<VersionCalls>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionCalls {
    pub version: u32,
    pub answered: u64,
    /// Questions that had no answer.
    pub refused: u64,
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub last_at: OffsetDateTime,
    /// From question to answer of the last ones of each gateway, the newest last, in milliseconds.
    pub last_ms: Vec<f64>,
    /// By five minutes of the last day, the newest last; those in which nobody asked are left out.
    pub history: Vec<CallsAtTime>,
}

/// How many of the images that a model is asked about by its name are kept for review.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewSampling {
    /// 0 keeps none.
    pub share: Share,
}

/// An image that a model was asked about, and what it answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sample {
    /// Of the image, whose bytes are at `/v1/registry/{name}/samples/{sha256}`.
    pub sha256: String,
    pub bytes: u64,
    /// Which version has answered, when it was asked last.
    pub version: u32,
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub at: OffsetDateTime,
    pub answer: PredictAnswer,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SampleList {
    /// The newest first.
    pub samples: Vec<Sample>,
    /// How many are kept, with those that are not in this list.
    pub kept: usize,
}

/// Which samples.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SampleQuery {
    /// At most so many; all that are kept where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// One page of the models, the most recently changed first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RegistryQuery {
    /// Rows at most; 200 are the most there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next` of the page before this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// A part of the name or of an alias.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewVersion {
    /// A finished job, by its number or its id.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = crate::place::JOB, "examples" = ["1"])))]
    pub job: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionRegistered {
    pub id: Uuid,
    pub name: String,
    pub version: u32,
    /// Of the registration; null where the same export is a version of it already.
    pub sequence: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewAlias {
    /// What it names from then on.
    pub version: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AliasMoved {
    pub alias: String,
    /// What it names now, and named before.
    pub version: u32,
    pub former: Option<u32>,
    /// Of the event that let the version answer; null where it did already.
    pub deployed: Option<u64>,
    /// Of the event that moved the alias; null where it named the version already.
    pub sequence: Option<u64>,
    /// Where it answers; without a public URL, below this gateway.
    pub url: String,
}
