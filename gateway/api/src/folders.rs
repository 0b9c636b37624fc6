//! `/v1/roots`: the folders of the workers that a tenant may have read.

use serde::{Deserialize, Serialize};
use trainyard_events::limits::PATH_CHARS;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FolderQuery {
    /// One of them, or one below. Left out, the folders that all others lie in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = PATH_CHARS)))]
    pub path: Option<String>,
}
