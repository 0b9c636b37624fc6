//! A worker as far as the log can see it: claims what the queue offers, holds a lease, reports, and may stop at any
//! moment, for good or only for a while.

use std::time::Duration;

use trainyard_commands::job::JobCommand;
use trainyard_commands::schedule::leaves_to_another;
use trainyard_commands::{Command, Rejection, Request, State, derived_id};
use trainyard_door::{Door, HandleError, Opened};
use trainyard_events::fleet::{Accelerator, Pool, WorkMessage, WorkerRecord};
use trainyard_events::job::JobEvent;
use trainyard_events::results::{Artifact, CheckpointRef};
use trainyard_events::{Actor, Aggregate, Resources, TenantId};
use uuid::Uuid;

use super::flaky::FlakyLog;

pub(super) struct Worker {
    pub(super) name: String,
    /// Another one in each life.
    instance: Uuid,
    pub(super) attempt: Option<Attempt>,
    /// Until then it does nothing, as a process that was stopped.
    pub(super) frozen_until: Duration,
    /// Until then it renews its lease and does nothing else.
    pub(super) hung_until: Duration,
    /// Until then the fleet does not hear of it.
    pub(super) unseen_until: Duration,
    pub(super) pool: Pool,
    /// Which of the clocks it goes by.
    pub(super) clock: usize,
}

pub(super) struct Attempt {
    pub(super) job: Uuid,
    pub(super) token: u64,
    opened: Opened<FlakyLog>,
    started: Uuid,
    epochs: u32,
    epoch: u32,
    saved: u64,
    /// Said, and not yet known to be written: said again until it is.
    unsaid: Option<JobEvent>,
}

impl Worker {
    pub(super) fn new(number: usize, life: u128) -> Worker {
        let instance = Uuid::from_u128(life);
        Worker {
            name: format!("worker-{number}"),
            instance,
            attempt: None,
            frozen_until: Duration::ZERO,
            hung_until: Duration::ZERO,
            unseen_until: Duration::ZERO,
            pool: super::POOLS[number],
            clock: 0,
        }
    }

    /// As the fleet hears of it: alone on its machine, with a GPU where it is of that pool.
    pub(super) fn record(&self) -> WorkerRecord {
        let gpu = Accelerator {
            index: 0,
            kind: "NVIDIA A100".to_owned(),
            memory_bytes: None,
            jobs: Vec::new(),
            whole: false,
        };
        WorkerRecord {
            devices: if self.pool == Pool::Gpu { vec![gpu] } else { Vec::new() },
            machine: None,
            labels: [("name".to_owned(), self.name.clone())].into(),
            takes_own: true,
            ..super::given::log::named(&self.name, &self.name, self.pool, 1)
        }
    }

    /// Tries to begin what the message offers. False when nothing can be known now: the message stays.
    /// Unless it is better left to one of the `others`.
    pub(super) async fn claim(
        &mut self,
        door: &Door<FlakyLog>,
        message: &WorkMessage,
        others: &[WorkerRecord],
    ) -> bool {
        let WorkMessage::Train { tenant, job, dispatch, .. } = message else { return true };
        let aggregate = Aggregate::Job(*job);
        let Ok(mut opened) = door.open(tenant, &aggregate).await else { return false };
        let me = self.record();
        if let State::Job(state) = opened.state()
            && state.offered_to.is_none()
            && leaves_to_another(state, &me, others)
        {
            return false;
        }
        let cause = derived_id(*job, &dispatch.to_string());
        let command = JobCommand::StartAttempt { worker: self.name.clone(), dispatch: *dispatch };
        let id = derived_id(cause, &self.instance.to_string());
        let started = match opened.handle(request(id, tenant, *job, command)).await {
            Ok(handled) => handled.recorded(),
            Err(HandleError::Rejected(_)) => return true,
            Err(_) => return false,
        };
        let State::Job(state) = opened.state() else { panic!("a job is a job") };
        // An answer that comes late may be of an attempt that has ended since.
        let Some(started) = started.filter(|started| state.token == Some(started.sequence)) else {
            return true;
        };
        let epochs = state.config.as_ref().map_or(0, |config| config.epochs);
        let (epoch, saved) = state.checkpoint.as_ref().map_or((0, 0), |kept| (kept.epoch, kept.step));
        let (token, started) = (started.sequence, started.envelope.event_id);
        self.attempt =
            Some(Attempt { job: *job, token, opened, started, epochs, epoch, saved, unsaid: None });
        true
    }

    /// One thing more of the attempt. It is over when the log says that the token is not current.
    pub(super) async fn go_on(&mut self, tenant: &TenantId, saves: bool) {
        let Some(attempt) = &mut self.attempt else { return };
        let fact = attempt.unsaid.take().unwrap_or_else(|| attempt.next(saves));
        let id = derived_id(attempt.started, &name(&fact));
        let command = JobCommand::Report(Box::new(fact.clone()));
        match attempt.opened.handle(request(id, tenant, attempt.job, command)).await {
            Ok(_) => {
                if attempt.written(&fact) {
                    self.attempt = None;
                }
            }
            Err(HandleError::Unavailable(_)) => attempt.unsaid = Some(fact),
            Err(HandleError::Rejected(Rejection::CheckpointBehind { .. })) => {}
            Err(HandleError::Rejected(rejection)) => {
                assert!(rejection.is_fenced(), "{}: {fact:?} was refused: {rejection}", self.name);
                self.attempt = None;
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// A trainer that counts wrongly: it has left an epoch out, or keeps a checkpoint once more. Only between two facts, since
    /// what waits for its answer may have been written.
    pub(super) async fn miscount(&mut self, tenant: &TenantId) {
        let Some(attempt) = self.attempt.as_mut().filter(|attempt| attempt.unsaid.is_none()) else { return };
        for fact in [attempt.epoch_logged(attempt.epoch + 2), attempt.committed(attempt.epoch, attempt.saved)]
        {
            let id = derived_id(attempt.started, &format!("not the next: {}", name(&fact)));
            let command = JobCommand::Report(Box::new(fact.clone()));
            let answer = attempt.opened.handle(request(id, tenant, attempt.job, command)).await;
            assert!(answer.is_err(), "{}: {fact:?} was believed", self.name);
        }
    }
}

impl Attempt {
    fn next(&self, saves: bool) -> JobEvent {
        let token = self.token;
        if self.epoch == self.epochs {
            return JobEvent::Finished {
                token,
                best_epoch: self.epoch,
                measurements: Default::default(),
                classes: vec![],
                artifacts: vec![artifact("weights")],
                stopped_early: None,
                because: vec![],
            };
        }
        if let State::Job(job) = self.opened.state()
            && job.to_yield
        {
            return JobEvent::AttemptPreempted { token, reason: String::new(), because: vec![] };
        }
        if saves && self.saved < u64::from(self.epoch) {
            return self.committed(self.epoch, u64::from(self.epoch));
        }
        self.epoch_logged(self.epoch + 1)
    }

    fn committed(&self, epoch: u32, step: u64) -> JobEvent {
        let checkpoint = CheckpointRef { epoch, step, artifact: artifact("checkpoint") };
        JobEvent::CheckpointCommitted { token: self.token, checkpoint }
    }

    fn epoch_logged(&self, epoch: u32) -> JobEvent {
        JobEvent::EpochLogged {
            token: self.token,
            epoch,
            train: Default::default(),
            validation: [("accuracy".to_owned(), f64::from(epoch))].into(),
            primary: "accuracy".into(),
            is_best: true,
            learning_rate: 0.1,
            seconds: 1.0,
        }
    }

    /// Takes in that the fact is written; true when it was the last.
    fn written(&mut self, fact: &JobEvent) -> bool {
        match fact {
            JobEvent::EpochLogged { epoch, .. } => self.epoch = *epoch,
            JobEvent::CheckpointCommitted { checkpoint, .. } => self.saved = checkpoint.step,
            JobEvent::Finished { .. } | JobEvent::AttemptPreempted { .. } => return true,
            _ => {}
        }
        false
    }
}

/// What only this one has.
pub(super) fn asks_for(worker: usize) -> Resources {
    match super::POOLS[worker] {
        Pool::Gpu => Resources { gpu: Some("A100".to_owned()), ..Resources::default() },
        Pool::Cpu => {
            let labels = [("name".to_owned(), format!("worker-{worker}"))].into();
            Resources { labels, ..Resources::default() }
        }
    }
}

fn name(fact: &JobEvent) -> String {
    match fact {
        JobEvent::EpochLogged { epoch, .. } => format!("epoch {epoch}"),
        JobEvent::CheckpointCommitted { checkpoint, .. } => format!("checkpoint {}", checkpoint.step),
        JobEvent::AttemptPreempted { .. } => "preempted".to_owned(),
        _ => "finished".to_owned(),
    }
}

fn artifact(role: &str) -> Artifact {
    Artifact { role: role.to_owned(), key: role.to_owned(), sha256: String::new(), bytes: 1 }
}

pub(super) fn request(id: Uuid, tenant: &TenantId, job: Uuid, command: JobCommand) -> Request {
    Request {
        id,
        tenant: tenant.clone(),
        aggregate: Aggregate::Job(job),
        actor: Actor::User("simulation".to_owned()),
        correlation_id: id,
        causation_id: None,
        command: Command::Job(command),
    }
}
