//! `/v1/jobs/{id}/deploy`: putting a finished job's model behind its endpoint.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Deployed {
    pub endpoint: Endpoint,
    /// Of the event that it is; null where it was deployed already.
    pub sequence: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Endpoint {
    pub job: Uuid,
    /// Where the model answers; without a public URL, below this gateway.
    pub url: String,
}
