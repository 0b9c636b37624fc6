//! `/v1/blobs`: files of datasets by their content, before a dataset names them.

use serde::{Deserialize, Serialize};

/// Hashes that are asked about at once.
pub const ASKED: usize = 5_000;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BlobQuestion {
    /// SHA-256 of files, 64 hexadecimal digits each.
    #[cfg_attr(feature = "schema", schemars(length(max = ASKED), inner(regex(pattern = "^[0-9a-f]{64}$"))))]
    pub sha256: Vec<String>,
    /// The length of each, in the same order, so that what there is no room for is refused before it is sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = ASKED)))]
    pub bytes: Vec<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BlobsMissing {
    /// Those that are not in the store.
    pub missing: Vec<String>,
}

/// A multipart form: a field for each file, named by the SHA-256 of its content.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
pub struct BlobForm {
    #[schemars(flatten)]
    pub files: std::collections::BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BlobsStored {
    /// Files, those that were there already among them.
    pub stored: u64,
}
