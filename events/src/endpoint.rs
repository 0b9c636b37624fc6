//! The facts of an endpoint: a finished job's model, answering or not.

use serde::{Deserialize, Serialize};

use crate::results::Artifact;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", content = "body")]
pub enum EndpointEvent {
    /// `weights` is the artifact that `job.finished` named.
    #[serde(rename = "endpoint.deployed")]
    Deployed { weights: Artifact, classes: Vec<String> },
    #[serde(rename = "endpoint.withdrawn")]
    Withdrawn {},
}

impl EndpointEvent {
    /// Dotted wire name.
    pub fn kind(&self) -> &'static str {
        match self {
            EndpointEvent::Deployed { .. } => "endpoint.deployed",
            EndpointEvent::Withdrawn { .. } => "endpoint.withdrawn",
        }
    }
}
