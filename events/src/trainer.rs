//! The trainer protocol: what an agent gives a trainer process, and the JSON lines that come back.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::TrainingConfig;
use crate::dataset::{DatasetProfile, FileProblem};
use crate::job::FailureClass;
use crate::reason::{Advice, Reason, known};
use crate::results::Measurements;

/// Exit codes of a trainer.
pub mod exit {
    pub const DONE: i32 = 0;
    pub const CONFIG: i32 = 64;
    pub const DATASET: i32 = 65;
    pub const INTERNAL: i32 = 70;
    /// A checkpoint was written after SIGTERM.
    pub const PREEMPTED: i32 = 75;
}

/// The file behind `--spec`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainerSpec {
    pub job: Uuid,
    /// `dataset` and `initial_weights` in it are as the user wrote them; the paths below are where they are.
    pub config: TrainingConfig,
    /// What is trained on: a line of JSON about the whole, then one about each image, its split and its labels, the classes
    /// in the order of the model's outputs. A trainer parses no other form.
    pub manifest: PathBuf,
    /// The folder below which each image of it lies under its name.
    pub images: PathBuf,
    /// Which dataset that is, to be written into checkpoints: a trainer does not go on from one of another.
    pub dataset_hash: String,
    pub initial_weights: Option<PathBuf>,
    /// The hash of the configuration that the checkpoint to go on from was trained as, where values have changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint_config: Option<String>,
    /// The batch is split into this many parts whose gradients are summed (after running out of memory).
    pub batch_divisor: u32,
    /// Threads for arithmetic and decoding together; 0 means all cores.
    pub threads: u32,
    /// GPUs that the job was given, on all of which it is trained; 0 where there are none to give.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub devices: u32,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// One JSON object a line on a trainer's standard output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "line")]
pub enum TrainerLine {
    Started {
        device: String,
        parameters: u64,
        train_images: u64,
        validation_images: u64,
        classes: Vec<String>,
        dataset_hash: String,
        resolved: BTreeMap<String, String>,
    },
    Step(StepMeasurement),
    Epoch {
        epoch: u32,
        train: Measurements,
        validation: Measurements,
        primary: String,
        is_best: bool,
        learning_rate: f64,
        seconds: f64,
    },
    /// `path` is a file or a folder below `--work`, complete and synced when the line is written; `sha256` is of
    /// the file, or absent for a folder.
    Checkpoint {
        path: PathBuf,
        epoch: u32,
        step: u64,
        sha256: Option<String>,
    },
    Artifact {
        role: String,
        path: PathBuf,
    },
    Finished {
        best_epoch: u32,
        measurements: Measurements,
        classes: Vec<String>,
        /// The model: safetensors with names, classes and preprocessing in its metadata.
        weights: PathBuf,
        stopped_early: Option<String>,
        /// `stopped_early` as data; a trainer may leave it out.
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known")]
        because: Vec<Reason>,
    },
    Failed {
        class: FailureClass,
        message: String,
        next_step: String,
        /// `message` as data, and `next_step`; a trainer may leave them out.
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known")]
        because: Vec<Reason>,
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known")]
        advice: Vec<Advice>,
    },
}

/// Numbers of a moment in training; at most two a second leave the trainer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StepMeasurement {
    /// From 1.
    pub epoch: u32,
    /// Optimizer steps since the job began, from 1.
    pub step: u64,
    /// Optimizer steps of the whole job.
    pub steps: u64,
    pub losses: Measurements,
    pub learning_rate: f64,
    pub images_per_second: f64,
    /// Time the last step waited for images.
    pub data_wait_ms: f64,
    pub gpu_mib: Option<u64>,
    /// Main memory that the trainer holds; unknown of older trainers.
    #[serde(default)]
    pub memory_mib: Option<u64>,
}

/// A step measurement on the telemetry stream, under the attempt that took it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Telemetry {
    pub token: u64,
    pub step: StepMeasurement,
}

/// How far a look at a dataset has come: lines of an inspector before its verdict, and what is told of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Looked {
    pub stage: LookStage,
    /// Images that are done, of those there are; 0 of 0 where nobody counts.
    pub images: u64,
    pub of: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LookStage {
    /// What does not lie on the worker's disks is fetched.
    Fetch,
    /// Every image is read.
    Read,
    /// What is not in the store yet is put there.
    Keep,
}

/// [`Looked`], and of which look: of that at the registration with this sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LookTold {
    pub inspection: u64,
    #[serde(flatten)]
    pub looked: Looked,
}

/// The line that a look at a dataset prints after some of how far it is, [`Looked`], and before [`TrainerLine::Artifact`] for each file below its `--samples`
/// folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum Inspection {
    Good {
        profile: Box<DatasetProfile>,
    },
    Bad {
        problem: String,
        next_step: String,
        report: Vec<FileProblem>,
        bad_files: u64,
        /// `problem` as data, and `next_step`; an inspector may leave them out.
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known")]
        because: Vec<Reason>,
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known")]
        advice: Vec<Advice>,
    },
}
