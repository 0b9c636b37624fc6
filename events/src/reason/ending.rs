//! Why something ended before its time, without having failed.

use serde::{Deserialize, Serialize};

use crate::config::Priority;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Ending {
    // Of an attempt whose trainer has left.
    WorkerStops,
    WorkerStopsBeforeTraining,
    WorkerStopsWithoutCheckpoint,
    TrainerToldToStop,

    // Of an attempt that was told to stop. `who` is the name of an operator's token.
    WorkerDrained {
        who: String,
    },
    /// For a job of this class, which found no room.
    GaveWay {
        class: Priority,
    },

    // Of a wish to cancel. `who` is the name of a token.
    AskedBy {
        who: String,
    },
    AskedInChatBy {
        who: String,
    },

    /// Of a training whose attempts have cost what its configuration lets it, and of one that took the hours it has.
    CostCapReached {
        max_cost: f64,
        currency: String,
    },
    HoursCapReached {
        max_hours: f64,
    },

    /// Of a training that had no more to gain: `measurement` of the validation was best at `value`, in epoch `best_epoch`.
    NoImprovement {
        measurement: String,
        value: f64,
        best_epoch: u32,
        epochs: u32,
    },
}

impl Ending {
    /// Whether it is the end of what a configuration lets a training take, which is worth a last checkpoint.
    pub fn is_cap(&self) -> bool {
        matches!(self, Ending::CostCapReached { .. } | Ending::HoursCapReached { .. })
    }
}
