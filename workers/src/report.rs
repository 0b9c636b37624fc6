//! The facts of one attempt, written in order through the one door, each once.

use tokio::sync::mpsc;
use trainyard_bus::JetStreamLog;
use trainyard_commands::job::JobCommand;
use trainyard_commands::{Command, Rejection, Request, derived_id};
use trainyard_door::{HandleError, Opened};
use trainyard_events::job::{FailureClass, JobEvent};
use trainyard_events::reason::Fact;
use trainyard_events::{Actor, Aggregate, Event, TenantId};
use uuid::Uuid;

use trainyard_child::Backoff;

/// Facts that may wait for the bus to come back; beyond that the trainer waits too.
pub(crate) const FACTS_WAITING: usize = 10_000;

/// Why nothing more is written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReportError {
    /// The attempt does not own the job any more: stop, and leave everything alone.
    #[error(transparent)]
    Fenced(Rejection),
    /// The trainer said what cannot be.
    #[error("{fact:?}: {rejection}")]
    Refused { fact: Fact, rejection: Rejection },
    /// Two different facts under one id: this agent counts its facts wrongly.
    #[error("{fact:?} was written before, with other contents, as event {sequence}")]
    Taken { fact: Fact, sequence: u64 },
}

impl ReportError {
    pub(crate) fn class(&self) -> FailureClass {
        match self {
            ReportError::Refused { rejection: Rejection::NotFinite { .. }, .. } => FailureClass::Diverged,
            _ => FailureClass::Internal,
        }
    }
}

/// Writes under one token.
pub(crate) struct Reporter {
    pub(crate) opened: Opened<JetStreamLog>,
    pub(crate) tenant: TenantId,
    pub(crate) job: Uuid,
    pub(crate) worker: String,
    /// The event that started the attempt: everything it writes follows from it.
    pub(crate) started: Uuid,
    pub(crate) correlation_id: Uuid,
}

impl Reporter {
    /// Writes facts as they come, until no more can come.
    pub(crate) async fn run(&mut self, mut facts: mpsc::Receiver<JobEvent>) -> Result<(), ReportError> {
        while let Some(fact) = facts.recv().await {
            self.write(fact).await?;
        }
        Ok(())
    }

    /// Tries for as long as the bus is away. Dropped half-way and called again with the same fact, it writes once.
    pub(crate) async fn write(&mut self, fact: JobEvent) -> Result<(), ReportError> {
        let (kind, name) = (kind(&fact), name(&fact));
        let request = Request {
            id: derived_id(self.started, &name),
            tenant: self.tenant.clone(),
            aggregate: Aggregate::Job(self.job),
            actor: Actor::Worker(self.worker.clone()),
            correlation_id: self.correlation_id,
            causation_id: Some(self.started),
            command: Command::Job(JobCommand::Report(Box::new(fact))),
        };
        let mut backoff = Backoff::default();
        loop {
            match self.opened.handle(request.clone()).await {
                Ok(_) => return Ok(()),
                // In quarantine, until somebody upgrades or skips what bars it.
                Err(error @ (HandleError::Unavailable(_) | HandleError::Quarantined { .. })) => {
                    if backoff.tries() == 0 {
                        tracing::warn!(fact = name, %error, "a fact waits; training goes on");
                    }
                    backoff.wait().await;
                }
                // One that goes on from a checkpoint may come by it again.
                Err(HandleError::Rejected(rejection @ Rejection::CheckpointBehind { .. })) => {
                    tracing::debug!(%rejection, "a checkpoint is not needed");
                    return Ok(());
                }
                Err(HandleError::Rejected(rejection)) if rejection.is_fenced() => {
                    return Err(ReportError::Fenced(rejection));
                }
                Err(HandleError::Rejected(rejection)) => {
                    return Err(ReportError::Refused { fact: kind, rejection });
                }
                Err(HandleError::IdTaken { sequence }) => {
                    return Err(ReportError::Taken { fact: kind, sequence });
                }
            }
        }
    }
}

/// What a fact is about, for whoever reads that it was refused.
fn kind(fact: &JobEvent) -> Fact {
    match fact {
        JobEvent::TrainingStarted { .. } => Fact::TrainingStarted,
        JobEvent::EpochLogged { epoch, .. } => Fact::Epoch { epoch: *epoch },
        JobEvent::CheckpointCommitted { checkpoint, .. } => Fact::Checkpoint { step: checkpoint.step },
        JobEvent::AttemptPreempted { .. } => Fact::Preempted,
        JobEvent::AttemptFailed { .. } => Fact::AttemptFailed,
        JobEvent::Cancelled { .. } => Fact::Cancelled,
        JobEvent::Finished { .. } => Fact::Finished,
        other => Fact::Other { kind: Event::Job(other.clone()).kind().to_owned() },
    }
}

/// What makes a fact the same one when it is written again.
fn name(fact: &JobEvent) -> String {
    match fact {
        JobEvent::TrainingStarted { .. } => "training started".to_owned(),
        JobEvent::EpochLogged { epoch, .. } => format!("epoch {epoch}"),
        JobEvent::CheckpointCommitted { checkpoint, .. } => format!("checkpoint of step {}", checkpoint.step),
        JobEvent::AttemptPreempted { .. } => "preempted".to_owned(),
        JobEvent::AttemptFailed { .. } => "attempt failed".to_owned(),
        JobEvent::Cancelled { .. } => "cancelled".to_owned(),
        JobEvent::Finished { .. } => "finished".to_owned(),
        other => format!("{other:?}"),
    }
}
