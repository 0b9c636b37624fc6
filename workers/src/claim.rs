//! From a training command to an attempt: the log decides who may begin, and gives the token.

use trainyard_bus::{EventLog, JetStreamLog};
use trainyard_commands::job::JobCommand;
use trainyard_commands::{Command, Door, HandleError, Request, State, derived_id};
use trainyard_events::job::JobEvent;
use trainyard_events::{Actor, Aggregate, Event, TenantId};
use uuid::Uuid;

use crate::prepare::Order;
use crate::report::Reporter;

/// An attempt that is ours.
pub(crate) struct Claim {
    /// Sequence of `attempt_started`.
    pub(crate) token: u64,
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
    let State::Job(state) = opened.state() else { return Ok(None) };
    // The answer to a command that came twice may be an attempt that has ended since.
    let Some(started) = started.filter(|started| state.token == Some(started.sequence)) else {
        return Ok(None);
    };
    let Event::Job(JobEvent::AttemptStarted { batch_divisor, resume, .. }) = started.envelope.event else {
        return Ok(None);
    };
    let (Some(config), Some(dataset)) = (state.config.as_deref().cloned(), state.dataset) else {
        return Ok(None);
    };
    let order = Order { tenant: tenant.clone(), job, config, dataset, batch_divisor, resume };
    let reporter = Reporter {
        opened,
        tenant: tenant.clone(),
        job,
        worker: worker.to_owned(),
        started: started.envelope.event_id,
        correlation_id: cause.correlation_id,
    };
    Ok(Some(Claim { token: started.sequence, order, reporter }))
}
