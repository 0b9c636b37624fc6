//! What is wrong with a configuration.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::config::Task;

/// A value of a configuration, by its wire name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Task,
    Model,
    Dataset,
    Classes,
    Epochs,
    ImageSize,
    BatchSize,
    LearningRate,
    Momentum,
    WeightDecay,
    WarmupEpochs,
    LabelSmoothing,
    Patience,
    Seed,
    InitialWeights,
    Continues,
    Runner,
    Options,
    Resources,
    Gpus,
    Gpu,
    GpuMemoryGb,
    MaxCost,
    MaxHours,
}

/// One thing wrong with a configuration, and what would be right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ConfigProblem {
    OutOfRange {
        field: Field,
        given: f64,
        low: f64,
        high: f64,
    },
    NotANumberGiven {
        field: Field,
    },
    /// `low` itself is out.
    NotAbove {
        field: Field,
        given: f64,
        low: f64,
        high: f64,
    },
    WarmupTooLong {
        given: f64,
        epochs: u32,
    },
    PatienceZero,
    TooManyClassesAsked {
        given: u64,
        limit: u64,
    },
    AskedNameLength {
        length: u64,
        limit: u64,
    },
    ClassAskedTwice {
        class: String,
    },
    PathLength {
        field: Field,
        length: u64,
        limit: u64,
    },
    ModelOfOtherTask {
        model: String,
        does: Task,
        asked: Task,
    },
    NotACheckpoint {
        key: String,
        job: Uuid,
    },
    CheckpointOutside {
        epoch: u32,
        step: u64,
        epochs: u32,
    },
    BestAfterCheckpoint {
        epoch: u32,
    },
    /// A checkpoint is of no use with another value of this field or option; both as they would be written.
    FixedByCheckpoint {
        name: String,
        was: String,
        given: String,
    },
    /// The checkpoint comes after the last epoch.
    NoEpochLeft {
        epoch: u32,
    },
    NotARunnersName {
        given: String,
    },
    NoSuchOption {
        runner: String,
        option: String,
        /// Those that it has.
        options: Vec<String>,
    },
    /// `takes` as it would be written: `0 to 1`, `none, backbone`.
    OptionUnfit {
        option: String,
        given: String,
        takes: String,
    },
    NotAKindOfGpu {
        given: String,
    },
    /// `zone=a`.
    NotALabel {
        given: String,
    },
    TooManyLabels {
        given: u64,
        limit: u64,
    },
    /// Of a job that is to run on the CPU.
    GpusOnCpu {
        gpus: u32,
    },
}

impl ConfigProblem {
    /// The value that it is about.
    pub fn field(&self) -> Field {
        match self {
            ConfigProblem::OutOfRange { field, .. }
            | ConfigProblem::NotANumberGiven { field }
            | ConfigProblem::NotAbove { field, .. }
            | ConfigProblem::PathLength { field, .. } => *field,
            ConfigProblem::WarmupTooLong { .. } => Field::WarmupEpochs,
            ConfigProblem::PatienceZero => Field::Patience,
            ConfigProblem::TooManyClassesAsked { .. }
            | ConfigProblem::AskedNameLength { .. }
            | ConfigProblem::ClassAskedTwice { .. } => Field::Classes,
            ConfigProblem::ModelOfOtherTask { .. } => Field::Task,
            ConfigProblem::NotACheckpoint { .. }
            | ConfigProblem::CheckpointOutside { .. }
            | ConfigProblem::BestAfterCheckpoint { .. }
            | ConfigProblem::FixedByCheckpoint { .. } => Field::Continues,
            ConfigProblem::NoEpochLeft { .. } => Field::Epochs,
            ConfigProblem::NotARunnersName { .. } => Field::Runner,
            ConfigProblem::NoSuchOption { .. } | ConfigProblem::OptionUnfit { .. } => Field::Options,
            ConfigProblem::NotAKindOfGpu { .. } => Field::Gpu,
            ConfigProblem::NotALabel { .. } | ConfigProblem::TooManyLabels { .. } => Field::Resources,
            ConfigProblem::GpusOnCpu { .. } => Field::Gpus,
        }
    }
}
