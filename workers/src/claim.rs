//! From a training command to an attempt: the log decides who may begin, and gives the token.

use trainyard_bus::{EventLog, JetStreamLog};
use trainyard_commands::job::{Job, JobCommand};
use trainyard_commands::schedule::leaves_to_another;
use trainyard_commands::{Command, Request, State, derived_id};
use trainyard_door::{HandleError, Opened};
use trainyard_events::job::JobEvent;
use trainyard_events::{Actor, Aggregate, Event, Recorded, TenantId, limits};
use uuid::Uuid;

use crate::agent::Agent;
use crate::folder::Whose;
use crate::prepare::Order;
use crate::presence::Given;
use crate::report::Reporter;

/// An attempt that is ours.
pub(crate) struct Claim {
    /// Sequence of `attempt_started`.
    pub(crate) token: u64,
    /// Sequence of the dispatch that it took up.
    pub(crate) dispatch: u64,
    pub(crate) order: Order,
    pub(crate) reporter: Reporter,
    pub(crate) given: Given,
}

/// What became of a training command.
pub(crate) enum Claimed {
    Ours(Box<Claim>),
    /// There is nothing to do (any more).
    Nothing,
    /// Better another worker takes it: this one, or its machine, lost the job last.
    LeftToOthers,
    /// The GPUs that it needs are not free here.
    NoRoom,
}

/// Asks the log for the job. The command has been delivered so many times.
pub(crate) async fn claim(
    agent: &Agent,
    (tenant, job, dispatch): (&TenantId, Uuid, u64),
    deliveries: u64,
) -> Result<Claimed, HandleError> {
    let Agent { log, door, name: worker, instance, .. } = agent;
    let aggregate = Aggregate::Job(job);
    let history = log.history(tenant, &aggregate, 0).await?;
    let Some(dispatched) = at(&history, dispatch) else {
        tracing::warn!(%job, dispatch, "a training command that the log does not know; passed over");
        return Ok(Claimed::Nothing);
    };
    let cause = &dispatched.envelope;
    let mut opened = door.opened(tenant, &aggregate, &history);
    if let Some(name) = unread(&opened) {
        return Err(HandleError::Unavailable(format!("its configuration has {name:?}: upgrade this worker")));
    }
    if let State::Job(job) = opened.state()
        && let Some(runner) = job.config.as_ref().and_then(|config| config.runner.as_deref())
        && !agent.runners.borrow().contains_key(runner)
    {
        // It has just been taken away here.
        return Ok(Claimed::LeftToOthers);
    }
    if let State::Job(job) = opened.state()
        && job.offered_to.is_none()
        && deliveries <= limits::DECLINED_DELIVERIES
        && is_better_elsewhere(agent, job).await
    {
        return Ok(Claimed::LeftToOthers);
    }
    let State::Job(state) = opened.state() else { return Ok(Claimed::Nothing) };
    let asked = state.config.as_deref().and_then(|config| config.resources.as_deref());
    let Some(given) = agent.presence.give(job, asked) else { return Ok(Claimed::NoRoom) };
    let request = Request {
        id: derived_id(cause.event_id, &format!("start attempt {instance}")),
        tenant: tenant.clone(),
        aggregate,
        actor: Actor::Worker(worker.clone()),
        correlation_id: cause.correlation_id,
        causation_id: Some(cause.event_id),
        command: Command::Job(JobCommand::StartAttempt { worker: worker.clone(), dispatch }),
    };
    let started = match opened.handle(request).await {
        Ok(handled) => handled.recorded(),
        Err(HandleError::Rejected(rejection)) => {
            tracing::info!(%job, %rejection, "the job is not for us");
            return Ok(Claimed::Nothing);
        }
        Err(error) => return Err(error),
    };
    let ours = started.and_then(|started| attempt_of(opened, started, worker, (tenant, job), given));
    Ok(ours.map_or(Claimed::Nothing, |claim| Claimed::Ours(Box::new(claim))))
}

/// Asks the fleet only about a job that somebody had no luck with. A fleet that does not answer has nobody else.
async fn is_better_elsewhere(agent: &Agent, job: &Job) -> bool {
    if job.setbacks.avoid.is_none() {
        return false;
    }
    match agent.bus.fleet().list().await {
        Ok(fleet) => leaves_to_another(job, &agent.presence.record(), &fleet),
        Err(error) => {
            tracing::debug!(%error, "who else is there cannot be known now");
            false
        }
    }
}

/// A field of the job's configuration that a newer binary has written: what this one would train is not what was approved.
fn unread(opened: &Opened<JetStreamLog>) -> Option<String> {
    let State::Job(job) = opened.state() else { return None };
    let config = job.config.as_deref()?;
    let continues = config.continues.iter().flat_map(|from| from.unread.keys());
    let asked = config.resources.iter().flat_map(|asked| asked.unread.keys());
    config.unread.keys().chain(continues).chain(asked).next().cloned()
}

/// The attempt that an earlier life of this worker has begun, unless the log has decided against it since.
/// With the GPUs that its trainer has.
pub(crate) async fn reclaim(
    agent: &Agent,
    whose: &Whose,
    indices: &[u32],
) -> Result<Option<Claim>, HandleError> {
    let Agent { log, door, name: worker, presence, .. } = agent;
    let Whose { tenant, job, token } = whose;
    let aggregate = Aggregate::Job(*job);
    let history = log.history(tenant, &aggregate, 0).await?;
    let opened = door.opened(tenant, &aggregate, &history);
    let started = at(&history, *token).cloned();
    let State::Job(state) = opened.state() else { return Ok(None) };
    let asked = state.config.as_deref().and_then(|config| config.resources.as_deref());
    let given = presence.give_again(*job, indices.to_vec(), asked);
    Ok(started.and_then(|started| attempt_of(opened, started, worker, (tenant, *job), given)))
}

fn at(history: &[Recorded], sequence: u64) -> Option<&Recorded> {
    history.iter().find(|recorded| recorded.sequence == sequence)
}

/// `None` when the attempt that began with `started` is not the one that runs, or not this worker's.
fn attempt_of(
    opened: Opened<JetStreamLog>,
    started: Recorded,
    worker: &str,
    (tenant, job): (&TenantId, Uuid),
    given: Given,
) -> Option<Claim> {
    let State::Job(state) = opened.state() else { return None };
    // The answer to a command that came twice may be an attempt that has ended since.
    if state.token != Some(started.sequence) || state.worker.as_deref() != Some(worker) {
        return None;
    }
    let Event::Job(JobEvent::AttemptStarted { batch_divisor, dispatch, resume, .. }) = started.envelope.event
    else {
        return None;
    };
    let (config, dataset) = (state.config.as_deref().cloned()?, state.dataset?);
    let order = Order { tenant: tenant.clone(), job, config, dataset, batch_divisor, resume };
    let reporter = Reporter {
        opened,
        tenant: tenant.clone(),
        job,
        worker: worker.to_owned(),
        started: started.envelope.event_id,
        correlation_id: started.envelope.correlation_id,
    };
    Some(Claim { token: started.sequence, dispatch, order, reporter, given })
}
