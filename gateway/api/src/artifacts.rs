//! `/v1/{jobs,datasets}/{id}/artifacts`: what a finished job, or a look into a dataset, left behind.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ArtifactQuery {
    /// Which one, where a role has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ArtifactLink {
    /// Such as `weights`.
    pub role: String,
    /// Of the file.
    pub name: String,
    pub sha256: String,
    pub bytes: u64,
    /// Its bytes, below this gateway.
    pub url: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ArtifactList {
    pub artifacts: Vec<ArtifactLink>,
}
