//! `/v1/workers`: who works, as each worker last said itself.

use serde::{Deserialize, Serialize};
use trainyard_events::fleet::WorkerRecord;
use uuid::Uuid;

/// The fleet as a tenant may see it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fleet {
    /// Of the jobs that each runs, only the tenant's own.
    pub workers: Vec<WorkerRecord>,
    /// The tenant's jobs whose attempt has not renewed its lease in time.
    pub unreachable: Vec<Uuid>,
}
