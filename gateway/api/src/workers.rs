//! `/v1/workers`: who works, as each worker last said itself, and what operators have taken out of work.

use serde::{Deserialize, Serialize};
use trainyard_events::fleet::WorkerRecord;
use trainyard_events::maintenance::{DrainedWorker, PausedQueue};
use uuid::Uuid;

/// The fleet as a tenant may see it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fleet {
    /// Of the jobs that each runs, only the tenant's own.
    pub workers: Vec<WorkerRecord>,
    /// The tenant's jobs whose attempt has not renewed its lease in time.
    pub unreachable: Vec<Uuid>,
    /// Workers that get nothing new, by name; also those that are not there now.
    #[serde(default)]
    pub drained: Vec<DrainedWorker>,
    /// Null while jobs are dispatched.
    #[serde(default)]
    pub paused: Option<PausedQueue>,
}

/// A worker is to get nothing new.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewDrain {
    /// Why, for people.
    #[serde(default)]
    pub note: Option<String>,
    /// Whether what runs there is told to stop with a checkpoint, and goes on elsewhere.
    #[serde(default)]
    pub now: bool,
}

/// Nothing is to be dispatched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewPause {
    /// Why, for people.
    #[serde(default)]
    pub note: Option<String>,
}
