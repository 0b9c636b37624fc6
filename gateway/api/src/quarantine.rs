//! `/v1/quarantine`: what nobody here can read, and the way out of it.

use serde::{Deserialize, Serialize};
use trainyard_events::Aggregate;
use trainyard_views::Quarantined;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Quarantine {
    pub quarantine: Vec<Held>,
}

/// One aggregate, and the first event of it that cannot be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Held {
    pub aggregate: Aggregate,
    #[serde(flatten)]
    pub by: Quarantined,
}

/// Why an event may be skipped: this stands in the log for ever.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Because {
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 500)))]
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Skipped {
    pub aggregate: Aggregate,
    /// Of the event that says so.
    pub sequence: u64,
}
