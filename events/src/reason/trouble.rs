//! Why an attempt failed: what the agent saw, and what our trainer says of itself.

use serde::{Deserialize, Serialize};

use super::{Cause, Doing, Flaw, Rejection};
use crate::config::Task;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Trouble {
    // The agent's, before a trainer runs.
    FolderUnwritable {
        path: String,
        cause: Cause,
    },
    DatasetHistoryUnreadable {
        cause: Cause,
    },
    CheckpointUnavailable {
        cause: Cause,
    },
    /// The lines of the dataset's images.
    ManifestUnavailable {
        cause: Cause,
    },
    CheckpointUnpackable {
        cause: Cause,
    },
    TrainerNotStarted {
        trainer: String,
        cause: Cause,
    },
    /// What trains the model has been taken off the worker.
    RunnerGone {
        runner: String,
    },
    /// Nobody publishes weights for it that we know of.
    NoPretrained {
        model: String,
    },
    WeightsUnreachable {
        source: String,
        cause: Cause,
    },
    /// Whoever has them answers with this HTTP status.
    WeightsRefused {
        source: String,
        status: u16,
    },
    WeightsTooLarge {
        source: String,
        gib: u64,
    },
    WeightsChanged {
        source: String,
        expected: String,
        found: String,
    },
    /// It is called as a version of a model is, and is none, or one that has left no weights.
    NoVersionToStartFrom {
        source: String,
    },
    /// An address inside somebody's network, or a scheme that is not fetched.
    WeightsOutOfBounds {
        source: String,
    },

    // The agent's, of a trainer that ended without a last word.
    MemoryRanOut,
    TrainerKilled {
        signal: String,
    },
    TrainerRefusesConfig,
    TrainerRefusesDataset,
    TrainerSaidNothing,
    TrainerExited {
        exit_code: i32,
    },

    // The agent's, of a trainer that said what cannot be, or left what cannot be kept.
    FactRefused {
        fact: Fact,
        rejection: Rejection,
    },
    /// Another fact was written under its id, as the event of `sequence`.
    FactTaken {
        fact: Fact,
        sequence: u64,
    },
    StoreRefuses {
        what: String,
        cause: Cause,
    },
    NotUploaded {
        what: String,
        cause: Cause,
    },
    TrainerUnheard {
        cause: Cause,
    },

    /// It has printed nothing at all for so long.
    TrainerSilent {
        minutes: u64,
    },

    // The dispatcher's.
    /// On `workers`, one for each of `attempts`.
    LostInARow {
        attempts: u64,
        workers: Vec<String>,
    },
    Refused {
        rejection: Rejection,
    },
    /// What was approved, when it was to be requested.
    ApprovedButRefused {
        rejection: Rejection,
    },

    // The trainer's, before it trains.
    SpecUnreadable {
        path: String,
        cause: Cause,
    },
    SpecBroken {
        cause: Cause,
    },
    TaskNotTrained {
        task: Task,
    },
    NoSuchModel {
        model: String,
        task: Task,
    },
    BatchOfOne,
    NotInCells {
        image_size: u32,
        cells: u32,
    },
    NotWholeImages,
    BatchAboveImages {
        batch_size: u32,
        images: u64,
    },
    PartsTooSmall {
        batch: u64,
        parts: u64,
    },
    NothingToValidate,
    NoGpu,
    DatasetChanged,
    NoSuchClasses {
        classes: Vec<String>,
    },
    OneClassChosen,
    NoBoxOfClasses,
    WeightsUnusable {
        cause: Cause,
    },
    WeightsOfOtherModel {
        loaded: u64,
        tensors: u64,
    },
    WeightsNotHere {
        path: String,
    },
    CheckpointOfOther,

    // The trainer's, at work.
    LossNotANumber {
        step: u64,
    },
    ValidationNotANumber,
    FileChanged {
        path: String,
        flaw: Flaw,
    },
    OutOfMemory {
        text: String,
    },
    DeviceFailed {
        text: String,
    },
    /// One of the processes that train together is gone, or does not answer.
    GroupBroken {
        text: String,
    },
    /// What libtorch says of anything else.
    TorchFailed {
        text: String,
    },
    Inside {
        doing: Doing,
        cause: Cause,
    },
}

/// What a trainer reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    TrainingStarted,
    Epoch { epoch: u32 },
    Checkpoint { step: u64 },
    Preempted,
    AttemptFailed,
    Cancelled,
    Finished,
    Other { kind: String },
}

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "exit", rename_all = "snake_case")]
pub enum Exit {
    Code { number: i32 },
    Signal { number: i32 },
}
