//! What the fleet is told and says of itself: work-queue messages and heartbeats. None of it is history.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::TenantId;
use crate::config::{Device, Priority, Task};

/// Workers of one kind, which share a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pool {
    Cpu,
    Gpu,
}

impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Pool::Cpu => "cpu",
            Pool::Gpu => "gpu",
        })
    }
}

impl Pool {
    /// Whether a job that asks for `device` may run here.
    pub fn serves(self, device: Device) -> bool {
        match device {
            Device::Cpu => self == Pool::Cpu,
            Device::Gpu => self == Pool::Gpu,
            Device::Auto => true,
        }
    }
}

/// The two kinds of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    Train,
    Inspect,
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Work::Train => "train",
            Work::Inspect => "inspect",
        })
    }
}

/// A message of the work queue. It only says that something can be done; the log says whether it still may.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "work")]
pub enum WorkMessage {
    /// `dispatch` is the sequence of `job.dispatched`.
    Train {
        tenant: TenantId,
        job: Uuid,
        dispatch: u64,
        class: Priority,
        pool: Pool,
        /// Who has to train it, where that is not our own trainer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        runner: Option<String>,
        /// Which worker it was decided for: on that one's own queue, and on nobody else's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        worker: Option<String>,
    },
    /// `inspection` is the sequence of `dataset.registered`.
    Inspect { tenant: TenantId, dataset: Uuid, inspection: u64, path: String, task: Task, pool: Pool },
}

/// The value under a job's key in the `leases` bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    pub tenant: TenantId,
    pub worker: String,
    /// Sequence of `attempt_started`.
    pub token: u64,
}

/// The value under a worker's key in the `fleet` bucket: what it is and is doing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WorkerRecord {
    pub worker: String,
    pub pool: Pool,
    /// As the trainer names it, such as `cpu (2 threads)`.
    pub device: String,
    pub host: String,
    pub version: String,
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub started_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub seen_at: OffsetDateTime,
    /// Jobs it runs now. At most `slots`.
    pub jobs: Vec<Uuid>,
    pub slots: u32,
    /// Told to stop: takes nothing new.
    pub draining: bool,
    /// What trains here besides our own trainer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runners: Vec<InstalledRunner>,
    /// The GPUs of its machine, neighbours' use of them included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gpus: Vec<Gpu>,
    /// What it gives to the jobs that it runs: the GPUs of its machine, or those that its settings name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<Accelerator>,
    /// Of its machine: processors, and memory in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cores: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// What its machine was doing a moment ago.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<Machine>,
    /// As its settings say, such as `zone` and `a`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Whether it has a queue of its own, on which jobs come that were decided for it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub takes_own: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// A GPU that a worker gives to jobs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Accelerator {
    /// Of its machine, from 0, in the order of the bus.
    pub index: u32,
    /// Its name, such as `NVIDIA H100 80GB HBM3`.
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Those that have it now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub jobs: Vec<Uuid>,
    /// Whether the one that has it has it to itself.
    #[serde(default, skip_serializing_if = "is_false")]
    pub whole: bool,
}

impl WorkerRecord {
    /// Whether it has what the job needs; `None` is our own trainer, which every worker has.
    pub fn has(&self, runner: Option<&str>) -> bool {
        runner.is_none_or(|wanted| self.runners.iter().any(|installed| installed.runner == wanted))
    }
}

/// How much of a machine is in use, neighbours of the worker included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Machine {
    /// Of all its processors together, since the record before.
    pub busy_percent: u32,
    pub memory_used_bytes: u64,
}

/// A GPU as its driver has last told of it; what the driver does not tell is absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Gpu {
    /// Of its machine, from 0.
    pub index: u32,
    pub name: String,
    /// How much of the last moment it computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_percent: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_used_bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub celsius: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watts: Option<u32>,
}

/// A trainer of somebody else's that a worker has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InstalledRunner {
    pub runner: String,
    /// Of the framework behind it.
    pub version: String,
    /// SHA-256 of what it says of itself ([`crate::card::Description`]); the store has that below [`crate::card::shelf`].
    pub description: String,
}
