//! `/v1/datasets`: what was named, what the fleet found there, and asking it to look.

use serde::{Deserialize, Serialize};
use trainyard_events::config::Task;
use trainyard_events::trainer::Looked;
use trainyard_views::DatasetRow;
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewDataset {
    /// A folder that the workers can read, or with `files` or `url` the dataset's name.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = trainyard_events::limits::PATH_CHARS)))]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = trainyard_events::schema::ONE_LINE)))]
    pub path: String,
    /// What it is for; `classify` where it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// SHA-256 of the list of its files, which was uploaded like them: a line of JSON each, with `name`, `sha256` and
    /// `bytes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[0-9a-f]{64}$")))]
    pub files: Option<String>,
    /// Where the workers fetch it: an archive at `https://...`, or `s3://bucket/prefix` with the objects below it or the
    /// archive that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = trainyard_events::limits::ADDRESS_CHARS)))]
    pub url: Option<String>,
    /// SHA-256 that the archive at `url` has to have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[0-9a-f]{64}$")))]
    pub sha256: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DatasetRegistered {
    pub dataset: DatasetRef,
    /// Of the registration; null where the fleet is looking already.
    pub sequence: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DatasetRef {
    pub id: Uuid,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DatasetList {
    pub datasets: Vec<DatasetRow>,
    /// The `before` of the next page; null at the end.
    pub next: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DatasetAnswer {
    pub dataset: DatasetRow,
}

/// One page of the datasets, the most recently changed first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DatasetQuery {
    /// Rows at most; 200 are the most there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next` of the page before this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// Those that are archived, instead of those that are not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    /// A part of the name or path, of a class, or of a tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
}

/// How far the look at a dataset is; null where nobody looks or nothing was told yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LookAnswer {
    pub looked: Option<Looked>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewTag {
    /// What it names from then on.
    pub version: u32,
}
