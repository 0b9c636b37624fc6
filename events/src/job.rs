//! The facts of a job: one training request, run by one or more attempts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::annotation::Annotation;
use crate::config::{Priority, TrainingConfig};
use crate::fleet::Pool;
use crate::price::Price;
use crate::reason::{Advice, Reason, known};
use crate::results::{Artifact, CheckpointRef, Measurements};

/// Why an attempt or a job failed: the class decides what happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    Config,
    Dataset,
    OutOfMemory,
    Diverged,
    Device,
    Internal,
}

impl FailureClass {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            FailureClass::Config => "config",
            FailureClass::Dataset => "dataset",
            FailureClass::OutOfMemory => "out_of_memory",
            FailureClass::Diverged => "diverged",
            FailureClass::Device => "device",
            FailureClass::Internal => "internal",
        }
    }

    /// Whether another attempt may succeed where this one did not.
    pub fn may_pass(self) -> bool {
        matches!(self, FailureClass::OutOfMemory | FailureClass::Device | FailureClass::Internal)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Failure {
    pub class: FailureClass,
    /// What happened, in one sentence.
    pub message: String,
    /// What the reader can do now.
    pub next_step: String,
    /// The trainer's last lines, newest last.
    pub console: Vec<String>,
    /// `message` as data, and `next_step`. Absent where only sentences were given.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known")]
    pub because: Vec<Reason>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known")]
    pub advice: Vec<Advice>,
}

/// Where a job stands, as decisions see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    #[default]
    Unknown,
    /// Waits to be dispatched, at first or again.
    Requested,
    /// On the work queue.
    Queued,
    Starting,
    Training,
    Finished,
    Failed,
    Cancelled,
}

impl Status {
    pub fn has_ended(self) -> bool {
        matches!(self, Status::Finished | Status::Failed | Status::Cancelled)
    }
}

/// `token` is the sequence of the attempt's `attempt_started`: a fact that carries another is refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", content = "body")]
pub enum JobEvent {
    /// `approval` is the event of the `proposal_approved` that this job stands on; `dataset` the registered dataset.
    #[serde(rename = "job.requested")]
    Requested {
        config: TrainingConfig,
        config_hash: String,
        dataset: Uuid,
        chat: Option<Uuid>,
        approval: Uuid,
    },
    /// Put on the work queue, at first, or again because nobody took it. `reason` is the scheduler's, in English.
    #[serde(rename = "job.dispatched")]
    Dispatched {
        pool: Pool,
        class: Priority,
        reason: String,
        /// Taken back from its queue, where nobody is any more, or from its turn: it waits again.
        #[serde(default, skip_serializing_if = "is_false")]
        withdrawn: bool,
        /// The worker that it was decided for; left out where any of the pool may take it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        worker: Option<String>,
        /// `reason` as data.
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known")]
        because: Vec<Reason>,
        /// What an attempt under it costs, whatever becomes of the pool's price; absent is nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        price: Option<Price>,
    },
    /// Attempts count from 1. `dispatch` is the sequence of the dispatch that it takes up.
    #[serde(rename = "job.attempt_started")]
    AttemptStarted {
        worker: String,
        attempt: u32,
        dispatch: u64,
        batch_divisor: u32,
        resume: Option<CheckpointRef>,
    },
    /// The trainer is ready and its first step comes next.
    #[serde(rename = "job.training_started")]
    TrainingStarted {
        token: u64,
        device: String,
        /// Trainable parameters.
        parameters: u64,
        train_images: u64,
        validation_images: u64,
        classes: Vec<String>,
        dataset_hash: String,
        /// What the trainer resolved by itself, as `name: value`.
        resolved: BTreeMap<String, String>,
    },
    /// `epoch` counts from 1. `primary` names the validation measurement that decides which epoch is best.
    #[serde(rename = "job.epoch_logged")]
    EpochLogged {
        token: u64,
        epoch: u32,
        train: Measurements,
        validation: Measurements,
        primary: String,
        is_best: bool,
        learning_rate: f64,
        seconds: f64,
    },
    #[serde(rename = "job.checkpoint_committed")]
    CheckpointCommitted { token: u64, checkpoint: CheckpointRef },
    /// The attempt is to stop with a checkpoint, for no fault of its own: the job waits again at its old place.
    #[serde(rename = "job.preempt_requested")]
    PreemptRequested {
        token: u64,
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known")]
        because: Vec<Reason>,
    },
    #[serde(rename = "job.attempt_preempted")]
    AttemptPreempted {
        token: u64,
        reason: String,
        /// `reason` as data.
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known")]
        because: Vec<Reason>,
    },
    /// Its lease ran out.
    #[serde(rename = "job.attempt_lost")]
    AttemptLost { token: u64 },
    #[serde(rename = "job.attempt_failed")]
    AttemptFailed {
        token: u64,
        failure: Failure,
        /// All that the trainer printed, where the store could take it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        console: Option<Artifact>,
    },
    #[serde(rename = "job.cancel_requested")]
    CancelRequested {
        reason: String,
        /// `reason` as data.
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known")]
        because: Vec<Reason>,
    },
    /// The trainer, if there was one, has been seen to end.
    #[serde(rename = "job.cancelled")]
    Cancelled {
        token: Option<u64>,
        /// What the trainer printed, where there was one and the store could take it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        console: Option<Artifact>,
    },
    #[serde(rename = "job.finished")]
    Finished {
        token: u64,
        best_epoch: u32,
        measurements: Measurements,
        /// In the order of the model's outputs.
        classes: Vec<String>,
        /// The `weights` artifact among them is the model.
        artifacts: Vec<Artifact>,
        /// The reason, when it did not run all epochs.
        stopped_early: Option<String>,
        /// `stopped_early` as data.
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known")]
        because: Vec<Reason>,
    },
    #[serde(rename = "job.failed")]
    Failed { failure: Failure },
    /// What people say of the job, all of it as it is from here on. It is no work: it may come at any time, also after the
    /// end, and changes nothing else.
    #[serde(rename = "job.annotated")]
    Annotated { annotation: Annotation },
}

fn is_false(value: &bool) -> bool {
    !value
}

impl JobEvent {
    /// Dotted wire name.
    pub fn kind(&self) -> &'static str {
        match self {
            JobEvent::Requested { .. } => "job.requested",
            JobEvent::Dispatched { .. } => "job.dispatched",
            JobEvent::AttemptStarted { .. } => "job.attempt_started",
            JobEvent::TrainingStarted { .. } => "job.training_started",
            JobEvent::EpochLogged { .. } => "job.epoch_logged",
            JobEvent::CheckpointCommitted { .. } => "job.checkpoint_committed",
            JobEvent::PreemptRequested { .. } => "job.preempt_requested",
            JobEvent::AttemptPreempted { .. } => "job.attempt_preempted",
            JobEvent::AttemptLost { .. } => "job.attempt_lost",
            JobEvent::AttemptFailed { .. } => "job.attempt_failed",
            JobEvent::CancelRequested { .. } => "job.cancel_requested",
            JobEvent::Cancelled { .. } => "job.cancelled",
            JobEvent::Finished { .. } => "job.finished",
            JobEvent::Failed { .. } => "job.failed",
            JobEvent::Annotated { .. } => "job.annotated",
        }
    }

    /// The fencing token it was written under, if an attempt wrote it.
    pub fn token(&self) -> Option<u64> {
        match self {
            JobEvent::TrainingStarted { token, .. }
            | JobEvent::EpochLogged { token, .. }
            | JobEvent::CheckpointCommitted { token, .. }
            | JobEvent::PreemptRequested { token, .. }
            | JobEvent::AttemptPreempted { token, .. }
            | JobEvent::AttemptLost { token }
            | JobEvent::AttemptFailed { token, .. }
            | JobEvent::Finished { token, .. } => Some(*token),
            JobEvent::Cancelled { token, .. } => *token,
            _ => None,
        }
    }
}
