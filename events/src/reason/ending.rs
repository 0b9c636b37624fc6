//! Why something ended before its time, without having failed.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Ending {
    // Of an attempt whose trainer has left.
    WorkerStops,
    WorkerStopsBeforeTraining,
    WorkerStopsWithoutCheckpoint,
    TrainerToldToStop,

    // Of a wish to cancel. `who` is the name of a token.
    AskedBy {
        who: String,
    },
    AskedInChatBy {
        who: String,
    },

    /// Of a training that had no more to gain: `measurement` of the validation was best at `value`, in epoch `best_epoch`.
    NoImprovement {
        measurement: String,
        value: f64,
        best_epoch: u32,
        epochs: u32,
    },
}
