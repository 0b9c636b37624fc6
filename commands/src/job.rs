//! A job: one training request, run by attempts of which only the one with the current token may speak.

use serde::{Deserialize, Serialize};
use trainyard_events::Annotation;
use trainyard_events::config::{Priority, TrainingConfig};
use trainyard_events::fleet::Pool;
pub use trainyard_events::job::Status;
use trainyard_events::job::{Failure, FailureClass, JobEvent};
use trainyard_events::results::CheckpointRef;
use trainyard_events::{Price, limits};
use uuid::Uuid;

use trainyard_events::reason::{Reason, Rejection};

use crate::annotation::AnnotationChange;
use crate::setbacks::Setbacks;

#[derive(Clone, Debug, PartialEq)]
pub enum JobCommand {
    /// `approval` is the event that approved exactly this configuration.
    RequestJob {
        config: Box<TrainingConfig>,
        dataset: Uuid,
        chat: Option<Uuid>,
        approval: Uuid,
    },
    /// Puts a job that waits onto the work queue, or once more one that nobody takes. `since` is the [`Job::since`] that
    /// this was decided on: a job that has moved on stays where it is.
    Dispatch {
        pool: Pool,
        class: Priority,
        /// The one that it is for; `None` is any of the pool.
        worker: Option<String>,
        because: Vec<Reason>,
        since: u64,
        /// Of the pool, as it stands now.
        price: Option<Price>,
    },
    /// Takes it back from a queue where nobody is, or from its turn: it waits again.
    Withdraw {
        pool: Pool,
        class: Priority,
        because: Vec<Reason>,
        since: u64,
    },
    StartAttempt {
        worker: String,
        dispatch: u64,
    },
    /// What a running attempt has to say, under its token.
    Report(Box<JobEvent>),
    /// The attempt is to stop with a checkpoint, for no fault of its own.
    Preempt {
        token: u64,
        because: Vec<Reason>,
    },
    /// The attempt's lease has run out, or it is overdue.
    LoseAttempt {
        token: u64,
    },
    RequestCancel {
        because: Vec<Reason>,
    },
    /// Nothing runs any more, so the wish can be granted.
    ConfirmCancel,
    /// No attempt is worth it any more. `since` as in `Dispatch`.
    Fail {
        failure: Failure,
        since: u64,
    },
    /// People say something else of it; also once it has ended.
    Annotate(AnnotationChange),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Job {
    pub status: Status,
    pub config: Option<Box<TrainingConfig>>,
    pub dataset: Option<Uuid>,
    /// Sequence of the request.
    pub requested: u64,
    /// Sequence of the event since which it waits, or has waited for the dispatch that it is under.
    pub wait: u64,
    /// Sequence of the dispatch that is on the queue or was taken up.
    pub dispatch: u64,
    /// The worker that it is for, of the dispatch that is on the queue.
    #[serde(default)]
    pub offered_to: Option<String>,
    /// How often it has been put onto the queue since it waited.
    pub rounds: u32,
    /// Fencing token of the attempt that runs.
    pub token: Option<u64>,
    pub worker: Option<String>,
    pub attempts: u32,
    /// Failures that count against [`limits::RETRY_BUDGET`].
    pub failures: u32,
    pub last_failure: Option<Failure>,
    pub setbacks: Setbacks,
    /// Doubled by each out-of-memory, so that the effective batch stays.
    pub batch_divisor: u32,
    /// The newest that is committed, at first the one that the job continues.
    pub checkpoint: Option<CheckpointRef>,
    /// Whole epochs logged by the attempt that runs, counting from those of its checkpoint.
    pub epoch: u32,
    pub cancel_requested: bool,
    /// Whether the attempt that runs is to stop for another job's sake or its worker's, and how often one has by now.
    pub to_yield: bool,
    pub yielded: u32,
    pub annotation: Annotation,
}

impl Job {
    pub fn evolve(&mut self, event: &JobEvent, sequence: u64) {
        if let JobEvent::Annotated { annotation } = event {
            self.annotation = annotation.clone();
            return;
        }
        if self.status.has_ended() || event.token().is_some_and(|token| self.token != Some(token)) {
            return;
        }
        match event {
            JobEvent::Requested { config, dataset, .. } => {
                self.status = Status::Requested;
                (self.wait, self.requested) = (sequence, sequence);
                self.config = Some(Box::new(config.clone()));
                self.dataset = Some(*dataset);
                self.batch_divisor = 1;
                self.checkpoint = config.continues.as_ref().map(|from| from.checkpoint.clone());
            }
            JobEvent::Dispatched { withdrawn: true, .. } => self.wait_again(sequence),
            JobEvent::Dispatched { worker, .. } => {
                self.offered_to.clone_from(worker);
                self.rounds = if self.status == Status::Queued { self.rounds.saturating_add(1) } else { 1 };
                self.status = Status::Queued;
                self.dispatch = sequence;
            }
            JobEvent::AttemptStarted { worker, attempt, .. } => {
                self.status = Status::Starting;
                self.token = Some(sequence);
                self.worker = Some(worker.clone());
                self.attempts = *attempt;
                self.epoch = self.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.epoch);
            }
            JobEvent::TrainingStarted { .. } => self.status = Status::Training,
            JobEvent::EpochLogged { epoch, .. } => {
                self.epoch = *epoch;
                self.setbacks.epoch(*epoch);
            }
            JobEvent::CheckpointCommitted { checkpoint, .. } => {
                self.checkpoint = Some(checkpoint.clone());
                self.setbacks.further();
            }
            JobEvent::PreemptRequested { .. } => self.to_yield = true,
            JobEvent::AttemptPreempted { .. } if self.to_yield => {
                self.yielded = self.yielded.saturating_add(1);
                self.setbacks.yielded();
                self.wait_again(sequence);
            }
            JobEvent::AttemptPreempted { .. } => {
                self.setbacks.preempted();
                self.wait_again(sequence);
            }
            JobEvent::AttemptLost { .. } => {
                self.setbacks.lost(self.worker.take());
                self.wait_again(sequence);
            }
            JobEvent::AttemptFailed { failure, .. } => {
                self.failures += 1;
                if failure.class == FailureClass::OutOfMemory {
                    self.batch_divisor = self.batch_divisor.saturating_mul(2);
                }
                self.last_failure = Some(failure.clone());
                self.setbacks.failed(self.worker.take(), failure.class);
                self.wait_again(sequence);
            }
            JobEvent::CancelRequested { .. } => self.cancel_requested = true,
            JobEvent::Cancelled { .. } => self.end(Status::Cancelled),
            JobEvent::Finished { .. } => self.end(Status::Finished),
            JobEvent::Failed { .. } => self.end(Status::Failed),
            // Above: the end of work does not end it.
            JobEvent::Annotated { .. } => {}
        }
    }

    fn wait_again(&mut self, sequence: u64) {
        self.status = Status::Requested;
        self.wait = sequence;
        self.token = None;
        self.worker = None;
        self.offered_to = None;
        self.to_yield = false;
    }

    /// Whether its attempt is to stop, for good or for now.
    pub fn is_stopping(&self) -> bool {
        self.cancel_requested || self.to_yield
    }

    /// The worker that has it, or is to take it.
    pub fn holder(&self) -> Option<&str> {
        self.worker.as_deref().or(self.offered_to.as_deref())
    }

    fn end(&mut self, status: Status) {
        self.status = status;
        self.token = None;
    }

    /// Sequence of the event that put it where it is, waiting or on the queue: what a decision about it names.
    pub fn since(&self) -> u64 {
        if self.status == Status::Queued { self.dispatch } else { self.wait }
    }

    /// Why this is the end, if it is: no other attempt could do better, or too many were lost or failed.
    pub fn final_failure(&self) -> Option<Failure> {
        if self.status != Status::Requested {
            return None;
        }
        self.setbacks.enough().or_else(|| self.fatal().cloned())
    }

    fn fatal(&self) -> Option<&Failure> {
        let failure = self.last_failure.as_ref()?;
        let cannot_halve = failure.class == FailureClass::OutOfMemory
            && self.config.as_ref().is_some_and(|config| self.batch_divisor > config.batch_size);
        (!failure.class.may_pass() || cannot_halve || self.failures >= limits::RETRY_BUDGET)
            .then_some(failure)
    }

    pub fn decide(&self, command: &JobCommand) -> Result<Option<JobEvent>, Rejection> {
        if self.status == Status::Unknown {
            return match command {
                JobCommand::RequestJob { config, dataset, chat, approval } => {
                    request(config, *dataset, *chat, *approval).map(Some)
                }
                _ => Err(Rejection::NoSuchJob),
            };
        }
        if let JobCommand::RequestJob { .. } = command {
            return Ok(None);
        }
        if let (JobCommand::RequestCancel { .. } | JobCommand::ConfirmCancel, Status::Cancelled) =
            (command, self.status)
        {
            return Ok(None);
        }
        if let JobCommand::Annotate(change) = command {
            let annotation = change.of(&self.annotation)?;
            return Ok((annotation != self.annotation).then_some(JobEvent::Annotated { annotation }));
        }
        if self.status.has_ended() {
            return Err(Rejection::JobAlreadyEnded { status: self.status });
        }
        match command {
            // Both above, whatever the status.
            JobCommand::RequestJob { .. } | JobCommand::Annotate(_) => Ok(None),
            JobCommand::Dispatch { pool, class, worker, because, since, price } => {
                let offer = Offer::At { price: price.clone(), worker: worker.clone() };
                self.dispatch((*pool, *class, because), *since, offer)
            }
            JobCommand::Withdraw { pool, class, because, since } => {
                self.dispatch((*pool, *class, because), *since, Offer::Withdrawn)
            }
            JobCommand::StartAttempt { worker, dispatch } => self.start_attempt(worker, *dispatch),
            JobCommand::Report(event) => self.report(event).map(Some),
            JobCommand::Preempt { token, because } => {
                self.check_token(*token)?;
                let (token, because) = (*token, because.clone());
                Ok((!self.is_stopping()).then_some(JobEvent::PreemptRequested { token, because }))
            }
            JobCommand::LoseAttempt { token } => {
                self.check_token(*token)?;
                Ok(Some(JobEvent::AttemptLost { token: *token }))
            }
            JobCommand::RequestCancel { because } => Ok((!self.cancel_requested)
                .then(|| JobEvent::CancelRequested { reason: String::new(), because: because.clone() })),
            JobCommand::ConfirmCancel if !self.cancel_requested => Err(Rejection::CancelNotRequested),
            JobCommand::ConfirmCancel if self.token.is_some() => Err(Rejection::AttemptStillRunning),
            JobCommand::ConfirmCancel => Ok(Some(JobEvent::Cancelled { token: None, console: None })),
            JobCommand::Fail { since, .. } if self.status != Status::Requested || self.wait != *since => {
                Err(Rejection::MovedOn)
            }
            JobCommand::Fail { failure, .. } => Ok(Some(JobEvent::Failed { failure: failure.clone() })),
        }
    }

    fn dispatch(
        &self,
        (pool, class, because): (Pool, Priority, &[Reason]),
        since: u64,
        offer: Offer,
    ) -> Result<Option<JobEvent>, Rejection> {
        match self.status {
            Status::Requested | Status::Queued if self.since() != since => Err(Rejection::MovedOn),
            Status::Requested | Status::Queued if !self.cancel_requested => {
                let (reason, because) = (String::new(), because.to_vec());
                let (withdrawn, worker, price) = match offer {
                    Offer::At { price, worker } => (false, worker, price),
                    Offer::Withdrawn => (true, None, None),
                };
                Ok(Some(JobEvent::Dispatched { pool, class, reason, withdrawn, worker, because, price }))
            }
            status => Err(Rejection::NotWaiting { status }),
        }
    }

    fn start_attempt(&self, worker: &str, dispatch: u64) -> Result<Option<JobEvent>, Rejection> {
        if self.status != Status::Queued || self.dispatch != dispatch || self.cancel_requested {
            return Err(Rejection::NotOffered);
        }
        if self.offered_to.as_deref().is_some_and(|whose| whose != worker) {
            return Err(Rejection::NotOffered);
        }
        Ok(Some(JobEvent::AttemptStarted {
            worker: worker.to_owned(),
            attempt: self.attempts + 1,
            dispatch,
            batch_divisor: self.batch_divisor,
            resume: self.checkpoint.clone(),
        }))
    }

    fn check_token(&self, given: u64) -> Result<(), Rejection> {
        if self.token == Some(given) {
            Ok(())
        } else {
            Err(Rejection::StaleToken { given, current: self.token })
        }
    }

    fn report(&self, event: &JobEvent) -> Result<JobEvent, Rejection> {
        self.check_token(event.token().ok_or(Rejection::NotAReport)?)?;
        match event {
            JobEvent::EpochLogged { epoch, train, validation, .. } => {
                let expected = self.epoch + 1;
                if *epoch != expected {
                    return Err(Rejection::EpochOutOfOrder { given: *epoch, expected });
                }
                let epochs = self.config.as_ref().map_or(0, |config| config.epochs);
                if *epoch > epochs {
                    return Err(Rejection::TooManyEpochs { given: *epoch, epochs });
                }
                if let Some((name, _)) = train.iter().chain(validation).find(|(_, value)| !value.is_finite())
                {
                    return Err(Rejection::NotFinite { measurement: name.clone() });
                }
            }
            JobEvent::CheckpointCommitted { checkpoint, .. } => {
                let newest = self.checkpoint.as_ref().map_or(0, |kept| kept.step);
                if checkpoint.step <= newest {
                    return Err(Rejection::CheckpointBehind { given: checkpoint.step, newest });
                }
            }
            JobEvent::Finished { artifacts, .. } if artifacts.iter().all(|found| found.role != "weights") => {
                return Err(Rejection::NoWeights);
            }
            JobEvent::Cancelled { .. } if !self.cancel_requested => {
                return Err(Rejection::CancelNotRequested);
            }
            JobEvent::AttemptLost { .. } | JobEvent::PreemptRequested { .. } => {
                return Err(Rejection::NotAReport);
            }
            _ => {}
        }
        Ok(event.clone())
    }
}

/// How a job is offered to workers.
enum Offer {
    /// At a price, to one worker or any.
    At { price: Option<Price>, worker: Option<String> },
    /// Not any more.
    Withdrawn,
}

fn request(
    config: &TrainingConfig,
    dataset: Uuid,
    chat: Option<Uuid>,
    approval: Uuid,
) -> Result<JobEvent, Rejection> {
    let problems = config.problems();
    if !problems.is_empty() {
        return Err(Rejection::BadConfig { problems });
    }
    if config.dataset.is_none() {
        return Err(Rejection::ProposalIncomplete { missing: vec!["dataset".to_owned()] });
    }
    Ok(JobEvent::Requested { config: config.clone(), config_hash: config.hash(), dataset, chat, approval })
}
