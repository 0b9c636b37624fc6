//! From a training command to an attempt: the log decides who may begin, and gives the token.

use trainyard_bus::{EventLog, JetStreamLog};
use trainyard_commands::job::JobCommand;
use trainyard_commands::{Command, Request, State, derived_id};
use trainyard_door::{Door, HandleError, Opened};
use trainyard_events::job::JobEvent;
use trainyard_events::{Actor, Aggregate, Event, Recorded, TenantId};
use uuid::Uuid;

use crate::folder::Whose;
use crate::prepare::Order;
use crate::report::Reporter;

/// An attempt that is ours.
pub(crate) struct Claim {
    /// Sequence of `attempt_started`.
    pub(crate) token: u64,
    /// Sequence of the dispatch that it took up.
    pub(crate) dispatch: u64,
    pub(crate) order: Order,
    pub(crate) reporter: Reporter,
}

/// Asks the log for the job. `None` when there is nothing to do (any more). `instance` tells this run of the agent from
/// an earlier one of the same name, whose attempts are not ours to go on with.
pub(crate) async fn claim(
    log: &JetStreamLog,
    door: &Door<JetStreamLog>,
    worker: &str,
    instance: Uuid,
    (tenant, job, dispatch): (&TenantId, Uuid, u64),
) -> Result<Option<Claim>, HandleError> {
    let aggregate = Aggregate::Job(job);
    let since = log.history(tenant, &aggregate, dispatch.saturating_sub(1)).await?;
    let Some(dispatched) = since.into_iter().next().filter(|first| first.sequence == dispatch) else {
        tracing::warn!(%job, dispatch, "a training command that the log does not know; passed over");
        return Ok(None);
    };
    let cause = dispatched.envelope;
    let mut opened = door.open(tenant, &aggregate).await?;
    if let Some(name) = unread(&opened) {
        return Err(HandleError::Unavailable(format!("its configuration has {name:?}: upgrade this worker")));
    }
    let request = Request {
        id: derived_id(cause.event_id, &format!("start attempt {instance}")),
        tenant: tenant.clone(),
        aggregate,
        actor: Actor::Worker(worker.to_owned()),
        correlation_id: cause.correlation_id,
        causation_id: Some(cause.event_id),
        command: Command::Job(JobCommand::StartAttempt { worker: worker.to_owned(), dispatch }),
    };
    let started = match opened.handle(request).await {
        Ok(handled) => handled.recorded(),
        Err(HandleError::Rejected(rejection)) => {
            tracing::info!(%job, %rejection, "the job is not for us");
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    Ok(started.and_then(|started| attempt_of(opened, started, worker, tenant, job)))
}

/// A field of the job's configuration that a newer binary has written: what this one would train is not what was approved.
fn unread(opened: &Opened<JetStreamLog>) -> Option<String> {
    let State::Job(job) = opened.state() else { return None };
    let config = job.config.as_deref()?;
    let continues = config.continues.iter().flat_map(|from| from.unread.keys());
    config.unread.keys().chain(continues).next().cloned()
}

/// The attempt that an earlier life of this worker has begun, unless the log has decided against it since.
pub(crate) async fn reclaim(
    log: &JetStreamLog,
    door: &Door<JetStreamLog>,
    worker: &str,
    whose: &Whose,
) -> Result<Option<Claim>, HandleError> {
    let Whose { tenant, job, token } = whose;
    let aggregate = Aggregate::Job(*job);
    let opened = door.open(tenant, &aggregate).await?;
    let since = log.history(tenant, &aggregate, token.saturating_sub(1)).await?;
    let started = since.into_iter().next().filter(|first| first.sequence == *token);
    Ok(started.and_then(|started| attempt_of(opened, started, worker, tenant, *job)))
}

/// `None` when the attempt that began with `started` is not the one that runs, or not this worker's.
fn attempt_of(
    opened: Opened<JetStreamLog>,
    started: Recorded,
    worker: &str,
    tenant: &TenantId,
    job: Uuid,
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
    Some(Claim { token: started.sequence, dispatch, order, reporter })
}
