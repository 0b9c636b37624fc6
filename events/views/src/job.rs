//! One job as a row, and the pure fold that makes it: no SQL, no clock; the browser has the same one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use trainyard_events::fleet::Pool;
use trainyard_events::job::Failure;
use trainyard_events::reason::before::upcast;
use trainyard_events::reason::{Reason, Wait, known};
use trainyard_events::results::{Artifact, CheckpointRef, Measurements};
use trainyard_events::{
    Actor, Aggregate, Annotation, EndpointEvent, Event, JobEvent, Recorded, Spending, TenantId,
    TrainingConfig,
};
use uuid::Uuid;

use crate::Quarantined;

/// Folded, never set. `unreachable` is not among them: it is a late lease, which is not in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Waits to be put on the work queue, at first or again after an attempt ended.
    Requested,
    /// On the work queue.
    Queued,
    /// A worker has it; the first step has not been taken.
    Starting,
    Training,
    /// Asked to stop; the trainer has not been seen to end.
    Cancelling,
    Finished,
    Failed,
    Cancelled,
}

impl JobStatus {
    pub const ALL: [JobStatus; 8] = [
        JobStatus::Requested,
        JobStatus::Queued,
        JobStatus::Starting,
        JobStatus::Training,
        JobStatus::Cancelling,
        JobStatus::Finished,
        JobStatus::Failed,
        JobStatus::Cancelled,
    ];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            JobStatus::Requested => "requested",
            JobStatus::Queued => "queued",
            JobStatus::Starting => "starting",
            JobStatus::Training => "training",
            JobStatus::Cancelling => "cancelling",
            JobStatus::Finished => "finished",
            JobStatus::Failed => "failed",
            JobStatus::Cancelled => "cancelled",
        }
    }

    /// Terminal states absorb.
    pub fn is_terminal(self) -> bool {
        matches!(self, JobStatus::Finished | JobStatus::Failed | JobStatus::Cancelled)
    }

    /// A worker has it.
    pub fn is_running(self) -> bool {
        matches!(self, JobStatus::Starting | JobStatus::Training | JobStatus::Cancelling)
    }
}

/// The newest committed checkpoint, with what was best when it was written: a resume goes back to exactly this.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CheckpointMark {
    pub epoch: u32,
    pub step: u64,
    pub best_epoch: Option<u32>,
    pub best: Option<Measurements>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobRow {
    pub tenant: TenantId,
    pub id: Uuid,
    /// The tenant's jobs counted from 1 in order of request: how people refer to a job.
    pub number: u64,
    pub status: JobStatus,
    pub config: TrainingConfig,
    pub config_hash: String,
    pub dataset: Uuid,
    pub chat: Option<Uuid>,
    /// The name of the token that asked for it; `None` where an older release did not say.
    pub owner: Option<String>,
    /// What people say of it.
    pub annotation: Annotation,
    pub pool: Option<Pool>,
    /// Why it does not run yet: the scheduler's reason, or how the last attempt ended. `None` while one runs.
    pub waiting_reason: Option<String>,
    /// The same as data, each part by itself.
    #[serde(deserialize_with = "known")]
    pub waiting_because: Vec<Reason>,
    /// The worker of the current attempt, or of the last one once the job has ended.
    pub worker: Option<String>,
    /// 0 before the first.
    pub attempt: u32,
    /// Of the current attempt. `None` between attempts; kept once the job has ended.
    pub token: Option<u64>,
    pub batch_divisor: u32,
    /// Whole epochs that the current attempt took over.
    pub resumed_epoch: u32,
    /// As the trainer names it.
    pub device: Option<String>,
    /// Trainable ones.
    pub parameters: Option<u64>,
    pub train_images: Option<u64>,
    pub validation_images: Option<u64>,
    pub dataset_hash: Option<String>,
    /// In the order of the model's outputs; empty until the trainer has said.
    pub classes: Vec<String>,
    pub resolved: BTreeMap<String, String>,
    pub epochs_done: u32,
    /// 0 to 1, by epochs.
    pub progress: f64,
    /// The validation measurement that decides which epoch is best.
    pub primary: Option<String>,
    pub best_epoch: Option<u32>,
    /// Validation measurements of the best epoch.
    pub best: Option<Measurements>,
    /// Validation measurements of the newest epoch.
    pub last: Option<Measurements>,
    pub checkpoint: Option<CheckpointMark>,
    /// Attempts that failed by themselves; lost and preempted ones are not among them.
    pub failed_attempts: u32,
    /// Of the job, or of its newest failed attempt while it still goes on.
    pub failure: Option<Failure>,
    pub cancel_reason: Option<String>,
    #[serde(deserialize_with = "known")]
    pub cancel_because: Vec<Reason>,
    /// The results; then the consoles of attempts without any, the newest first.
    pub artifacts: Vec<Artifact>,
    /// The reason, if not all epochs were run.
    pub stopped_early: Option<String>,
    #[serde(deserialize_with = "known")]
    pub stopped_because: Vec<Reason>,
    /// Whether its endpoint answers.
    pub deployed: bool,
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub requested_at: OffsetDateTime,
    /// Of the first attempt.
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<trainyard_events::schema::Moment>"))]
    pub started_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<trainyard_events::schema::Moment>"))]
    pub finished_at: Option<OffsetDateTime>,
    /// What its attempts have held their leases for, and what that costs.
    pub spending: Spending,
    /// Set while its history has an event that cannot be read. By no fold: the reader of the log knows.
    pub quarantine: Option<Quarantined>,
    /// Of the last event that changed it.
    pub sequence: u64,
}

impl JobRow {
    /// Folds one event of a history in, which begins with a request, and says whether it counted. `number` is the tenant's
    /// next.
    pub fn fold(row: &mut Option<JobRow>, recorded: &Recorded, number: u64) -> bool {
        if let Some(row) = row {
            return row.apply(recorded);
        }
        *row = JobRow::requested(recorded, number);
        row.is_some()
    }

    /// The row that a request begins; `None` for any other event. `number` is the tenant's next.
    pub fn requested(recorded: &Recorded, number: u64) -> Option<JobRow> {
        let envelope = &recorded.envelope;
        let (Aggregate::Job(id), Event::Job(JobEvent::Requested { config, config_hash, dataset, chat, .. })) =
            (&envelope.aggregate, &envelope.event)
        else {
            return None;
        };
        let mut row = JobRow {
            tenant: envelope.tenant.clone(),
            id: *id,
            number,
            status: JobStatus::Requested,
            config: config.clone(),
            config_hash: config_hash.clone(),
            dataset: *dataset,
            chat: *chat,
            owner: match &envelope.actor {
                Actor::User(name) => Some(name.clone()),
                Actor::Worker(_) | Actor::Policy(_) => None,
            },
            annotation: Annotation::default(),
            pool: None,
            waiting_reason: None,
            waiting_because: Vec::new(),
            worker: None,
            attempt: 0,
            token: None,
            batch_divisor: 1,
            resumed_epoch: 0,
            device: None,
            parameters: None,
            train_images: None,
            validation_images: None,
            dataset_hash: None,
            classes: Vec::new(),
            resolved: BTreeMap::new(),
            epochs_done: 0,
            progress: 0.0,
            primary: None,
            best_epoch: None,
            best: None,
            last: None,
            checkpoint: None,
            failed_attempts: 0,
            failure: None,
            cancel_reason: None,
            cancel_because: Vec::new(),
            artifacts: Vec::new(),
            stopped_early: None,
            stopped_because: Vec::new(),
            deployed: false,
            requested_at: envelope.at,
            started_at: None,
            finished_at: None,
            spending: Spending::default(),
            quarantine: None,
            sequence: recorded.sequence,
        };
        row.take_over();
        Some(row)
    }

    /// A job that continues another stands where that one's checkpoint was.
    fn take_over(&mut self) {
        let Some(from) = self.config.continues.as_deref() else { return };
        let (best_epoch, best) = (from.best_epoch, from.best.clone());
        let CheckpointRef { epoch, step, .. } = from.checkpoint;
        self.checkpoint = Some(CheckpointMark { epoch, step, best_epoch, best: best.clone() });
        (self.best_epoch, self.best) = (best_epoch, best);
        self.set_epochs_done(epoch);
    }

    /// Folds one event in, and says whether it counted: a fact that came before, came after the end, or carries a
    /// token that is not current changes nothing.
    pub fn apply(&mut self, recorded: &Recorded) -> bool {
        if recorded.sequence <= self.sequence {
            return false;
        }
        let counted = match &*upcast(&recorded.envelope.event) {
            Event::Job(event) => self.apply_job(event, recorded),
            Event::Endpoint(event) => {
                self.deployed = matches!(event, EndpointEvent::Deployed { .. });
                true
            }
            _ => false,
        };
        if counted {
            self.sequence = recorded.sequence;
        }
        counted
    }

    fn apply_job(&mut self, event: &JobEvent, recorded: &Recorded) -> bool {
        if let JobEvent::Annotated { annotation } = event {
            self.annotation = annotation.clone();
            return true;
        }
        if self.status.is_terminal() || self.is_stale(event) {
            return false;
        }
        let at = recorded.envelope.at;
        self.spending.evolve(event, recorded.sequence, at);
        match event {
            JobEvent::Requested { .. } | JobEvent::Annotated { .. } => return false,
            JobEvent::Dispatched { withdrawn: true, reason, because, .. } => {
                self.wait(reason.clone(), because.clone());
            }
            JobEvent::Dispatched { pool, reason, because, .. } => {
                self.pool = Some(*pool);
                self.waiting_reason = Some(reason.clone());
                self.waiting_because.clone_from(because);
                self.go_on(JobStatus::Queued);
            }
            JobEvent::AttemptStarted { worker, attempt, batch_divisor, resume, .. } => {
                self.worker = Some(worker.clone());
                self.attempt = *attempt;
                self.batch_divisor = *batch_divisor;
                self.started_at.get_or_insert(at);
                self.start(recorded.sequence, resume.as_ref());
            }
            JobEvent::TrainingStarted { device, parameters, classes, dataset_hash, resolved, .. } => {
                self.device = Some(device.clone());
                self.parameters = Some(*parameters);
                self.classes = classes.clone();
                self.dataset_hash = Some(dataset_hash.clone());
                self.resolved = resolved.clone();
                self.set_images(event);
                self.go_on(JobStatus::Training);
            }
            JobEvent::EpochLogged { epoch, validation, primary, is_best, .. } => {
                self.set_epochs_done(*epoch);
                self.primary = Some(primary.clone());
                self.last = Some(validation.clone());
                if *is_best {
                    self.best_epoch = Some(*epoch);
                    self.best = Some(validation.clone());
                }
            }
            JobEvent::CheckpointCommitted { checkpoint: CheckpointRef { epoch, step, .. }, .. } => {
                let (best_epoch, best) = (self.best_epoch, self.best.clone());
                self.checkpoint = Some(CheckpointMark { epoch: *epoch, step: *step, best_epoch, best });
            }
            // What comes of it is told by the attempt itself.
            JobEvent::PreemptRequested { .. } => {}
            JobEvent::AttemptPreempted { reason, because, .. } => {
                let sentence = format!("attempt {} was preempted: {reason}", self.attempt);
                self.wait(sentence, ended(Wait::AttemptPreempted { attempt: self.attempt }, because));
            }
            JobEvent::AttemptLost { .. } => {
                let worker = self.worker.clone().unwrap_or_else(|| "its worker".to_owned());
                let sentence = format!("attempt {} was lost: {worker} fell silent", self.attempt);
                self.wait(sentence, ended(Wait::AttemptLost { attempt: self.attempt, worker }, &[]));
            }
            JobEvent::AttemptFailed { failure, console, .. } => {
                self.failed_attempts += 1;
                self.failure = Some(failure.clone());
                self.keep_console(console.as_ref());
                let sentence = format!("attempt {} failed: {}", self.attempt, failure.message);
                self.wait(sentence, ended(Wait::AttemptFailed { attempt: self.attempt }, &failure.because));
            }
            JobEvent::CancelRequested { reason, because } => {
                self.cancel_reason = Some(reason.clone());
                self.cancel_because.clone_from(because);
                self.status = JobStatus::Cancelling;
            }
            JobEvent::Cancelled { console, .. } => {
                self.keep_console(console.as_ref());
                self.end(JobStatus::Cancelled, at);
            }
            JobEvent::Finished {
                best_epoch,
                measurements,
                classes,
                artifacts,
                stopped_early,
                because,
                ..
            } => {
                self.best_epoch = Some(*best_epoch);
                self.best = Some(measurements.clone());
                self.classes = classes.clone();
                self.artifacts.splice(..0, artifacts.iter().cloned());
                self.stopped_early = stopped_early.clone();
                self.stopped_because.clone_from(because);
                self.failure = None;
                self.progress = 1.0;
                self.end(JobStatus::Finished, at);
            }
            JobEvent::Failed { failure } => {
                self.failure = Some(failure.clone());
                self.end(JobStatus::Failed, at);
            }
        }
        true
    }

    /// Deciding refuses such a fact already; a view that is handed one all the same does not believe it.
    fn is_stale(&self, event: &JobEvent) -> bool {
        event.token().is_some_and(|token| self.token != Some(token))
    }

    /// Cancelling is only left for the end.
    fn go_on(&mut self, status: JobStatus) {
        if self.status != JobStatus::Cancelling {
            self.status = status;
        }
    }

    /// What was reached after the checkpoint is gone: the curve goes on from there.
    fn start(&mut self, token: u64, resume: Option<&CheckpointRef>) {
        let mark = self.checkpoint.take().filter(|mark| resume.is_some_and(|from| from.step == mark.step));
        self.best_epoch = mark.as_ref().and_then(|mark| mark.best_epoch);
        self.best = mark.as_ref().and_then(|mark| mark.best.clone());
        self.checkpoint = mark;
        self.last = None;
        self.token = Some(token);
        self.resumed_epoch = resume.map_or(0, |from| from.epoch);
        self.set_epochs_done(self.resumed_epoch);
        self.waits_no_more();
        self.go_on(JobStatus::Starting);
    }

    fn set_images(&mut self, event: &JobEvent) {
        if let JobEvent::TrainingStarted { train_images, validation_images, .. } = event {
            self.train_images = Some(*train_images);
            self.validation_images = Some(*validation_images);
        }
    }

    fn set_epochs_done(&mut self, epochs: u32) {
        self.epochs_done = epochs;
        self.progress = (f64::from(epochs) / f64::from(self.config.epochs.max(1))).min(1.0);
    }

    fn keep_console(&mut self, console: Option<&Artifact>) {
        self.artifacts.splice(..0, console.cloned());
    }

    /// Between attempts, or taken back.
    fn wait(&mut self, reason: String, because: Vec<Reason>) {
        self.token = None;
        self.worker = None;
        self.waiting_reason = Some(reason);
        self.waiting_because = because;
        self.go_on(JobStatus::Requested);
    }

    fn waits_no_more(&mut self) {
        self.waiting_reason = None;
        self.waiting_because.clear();
    }

    fn end(&mut self, status: JobStatus, at: OffsetDateTime) {
        self.status = status;
        self.waits_no_more();
        self.finished_at = Some(at);
    }
}

/// What became of the last attempt, and why.
fn ended(how: Wait, because: &[Reason]) -> Vec<Reason> {
    std::iter::once(how.into()).chain(because.iter().cloned()).collect()
}
