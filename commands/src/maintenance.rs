//! What operators take out of work: workers that get nothing new, and the queue.

use std::borrow::Cow;

use trainyard_events::fleet::WorkerRecord;
use trainyard_events::limits::MAINTENANCE_NOTE_CHARS;
use trainyard_events::reason::{Ending, Reason, Rejection, Wait};
use trainyard_events::{Maintenance, MaintenanceEvent};

use crate::job::{Job, JobCommand, Status};
use crate::schedule;
use crate::world::{OpenJob, World};

#[derive(Clone, Debug, PartialEq)]
pub enum MaintenanceCommand {
    /// As it is from here on: again without `now`, what runs there may go on.
    Drain {
        worker: String,
        note: Option<String>,
        now: bool,
    },
    Return {
        worker: String,
    },
    Pause {
        note: Option<String>,
    },
    Resume,
}

pub(crate) fn decide(
    state: &Maintenance,
    command: &MaintenanceCommand,
) -> Result<Option<MaintenanceEvent>, Rejection> {
    Ok(match command {
        MaintenanceCommand::Drain { worker, note, now } => {
            check(note.as_deref())?;
            let known = state.drained.get(worker);
            let so = known.is_some_and(|drained| (&drained.note, drained.now) == (note, *now));
            let (worker, note, now) = (worker.clone(), note.clone(), *now);
            (!so).then_some(MaintenanceEvent::WorkerDrained { worker, note, now })
        }
        MaintenanceCommand::Return { worker } => {
            let worker = worker.clone();
            state.is_drained(&worker).then_some(MaintenanceEvent::WorkerReturned { worker })
        }
        MaintenanceCommand::Pause { note } => {
            check(note.as_deref())?;
            let so = state.paused.as_ref().is_some_and(|paused| paused.note == *note);
            (!so).then(|| MaintenanceEvent::QueuePaused { note: note.clone() })
        }
        MaintenanceCommand::Resume => state.paused.is_some().then_some(MaintenanceEvent::QueueResumed {}),
    })
}

fn check(note: Option<&str>) -> Result<(), Rejection> {
    let fits = |note: &str| {
        (1..=MAINTENANCE_NOTE_CHARS).contains(&note.chars().count()) && !note.contains(char::is_control)
    };
    if note.is_none_or(fits) { Ok(()) } else { Err(Rejection::BadMaintenanceNote) }
}

/// The fleet as work is given to it: whoever is drained takes nothing new, as one that is being stopped.
pub fn working<'f>(maintenance: &Maintenance, fleet: &'f [WorkerRecord]) -> Cow<'f, [WorkerRecord]> {
    if fleet.iter().all(|worker| !maintenance.is_drained(&worker.worker)) {
        return Cow::Borrowed(fleet);
    }
    let marked = fleet.iter().map(|worker| WorkerRecord {
        draining: worker.draining || maintenance.is_drained(&worker.worker),
        ..worker.clone()
    });
    Cow::Owned(marked.collect())
}

/// What maintenance asks of a job: to wait again where it has not begun, and to stop where its worker is to be empty now.
pub(crate) fn of_job(world: &World, open: &OpenJob) -> Option<JobCommand> {
    let job = &open.job;
    match job.status {
        Status::Queued => withdraw(&world.maintenance, open),
        Status::Starting | Status::Training if !job.is_stopping() => stop(&world.maintenance, job),
        _ => None,
    }
}

fn withdraw(maintenance: &Maintenance, open: &OpenJob) -> Option<JobCommand> {
    let offered_to = open.job.offered_to.as_ref().and_then(|worker| maintenance.drained.get(worker));
    let because: Reason = match (&maintenance.paused, offered_to) {
        (Some(paused), _) => Wait::QueuePaused { who: paused.who.clone() }.into(),
        (None, Some(drained)) => Ending::WorkerDrained { who: drained.who.clone() }.into(),
        (None, None) => return None,
    };
    let (class, since) = (schedule::class(open), open.job.since());
    Some(JobCommand::Withdraw { pool: open.pool?, class, because: vec![because], since })
}

fn stop(maintenance: &Maintenance, job: &Job) -> Option<JobCommand> {
    let drained = maintenance.stops(job.worker.as_deref()?)?;
    let because = vec![Ending::WorkerDrained { who: drained.who.clone() }.into()];
    Some(JobCommand::Preempt { token: job.token?, because })
}
