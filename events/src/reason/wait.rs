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
    /// All that could take it are being stopped.
    WorkersLeave,
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
