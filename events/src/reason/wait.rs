//! Why a job is where it is: chosen by the scheduler, held back, or between two attempts.

use serde::{Deserialize, Serialize};

use crate::config::Priority;
use crate::fleet::Pool;
use crate::price::Month;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Wait {
    // The scheduler's, of a dispatch.
    /// No device was asked for. `workers` take work in the pool.
    PoolChosen {
        pool: Pool,
        workers: u32,
    },
    PoolAsAsked {
        pool: Pool,
        workers: u32,
    },
    NoWorkerInPool {
        pool: Pool,
    },
    /// What trains the model is on no worker of the pool.
    NoWorkerHasRunner {
        pool: Pool,
        runner: String,
    },
    /// The worker that it is dispatched to, which has what it needs.
    ForWorker {
        worker: String,
    },
    OfPriority {
        class: Priority,
    },
    /// From 2.
    NextAttempt {
        attempt: u32,
    },

    /// Nobody took it from the queue in time.
    OfferedAgain {
        pool: Pool,
    },
    /// Nobody is in it any more.
    PoolGone {
        pool: Pool,
    },
    /// The one that it was dispatched to.
    WorkerGone {
        worker: String,
    },
    /// A slot of the quota that it had no use of.
    SlotGivenBack,

    // Before the scheduler has spoken.
    NoDispatcher,
    DatasetPending,
    /// At its dataset.
    NobodyLooks,
    /// All that the tenant's quota has.
    QuotaSlots {
        slots: u32,
    },
    QuotaHours {
        hours: u32,
    },
    /// All that the tenant may spend in this month, in whole units.
    BudgetSpent {
        budget: u64,
        currency: String,
        month: Month,
    },
    NoWorkerFits,
    /// Of the kind that was asked for; what there is that comes nearest.
    NoWorkerHasGpu {
        gpu: String,
        nearest: Option<String>,
    },
    NoWorkerHasGpuMemory {
        gb: u32,
        most_gb: u32,
    },
    /// One worker has to have all of them.
    NoWorkerHasGpus {
        gpus: u32,
        most: u32,
    },
    /// As they were asked for: `zone=a, rack=3`.
    NoWorkerHasLabels {
        labels: String,
    },
    /// `most` are free on one worker of those that have as many.
    GpusTaken {
        gpus: u32,
        most: u32,
    },
    /// All that could take it are being stopped.
    WorkersLeave,
    /// And they alone could take it.
    WorkersDrained,
    /// By an operator, of whose token this is the name.
    QueuePaused {
        who: String,
    },
    SlotsTaken {
        pool: Pool,
        slots: u32,
    },
    SlotsFree {
        pool: Pool,
        slots: u32,
        free: u32,
    },
    /// It gets one of the free slots in a moment, if nothing else holds it back.
    NotHeldBackSoon,
    NextOfTenant,
    Behind {
        jobs: u32,
    },
    /// More than were counted.
    BehindAtLeast {
        jobs: u32,
    },

    // Between two attempts; what ended the attempt stands after it.
    AttemptPreempted {
        attempt: u32,
    },
    AttemptFailed {
        attempt: u32,
    },
    AttemptLost {
        attempt: u32,
        worker: String,
    },
}
