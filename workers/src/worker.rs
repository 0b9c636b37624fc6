//! One worker: takes work from the queue, as much as it has slots for, until it is told to stop.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::Semaphore;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;
use trainyard_bus::{Bus, BusError, Delivery, EventLog};
use trainyard_door::{Clock, HandleError};
use trainyard_events::fleet::{Pool, Work, WorkMessage};
use trainyard_events::{card, limits};
use trainyard_store::{Store, StoreError};

use crate::agent::Agent;
use crate::claim::{Claimed, claim};
use crate::notices::Busy;
use crate::queue::{settle, take};
use crate::runners::{self, Installed};
use crate::{
    WorkerConfig, WorkerError, WorkerMetrics, adopt, attempt, duty, files, folders, inspect, predictor,
};
use trainyard_child::Backoff;

/// A job that is just leaving this worker can come back after this long.
const LEAVING: Duration = Duration::from_millis(500);
/// Until then another worker has looked at the queue, or this one takes it after all.
const LEFT_TO_OTHERS: Duration = Duration::from_secs(1);
/// A command that cannot be looked into now comes again after this long.
const UNAVAILABLE: Duration = Duration::from_secs(5);
/// A runner that has been installed is taken up after this long.
const LOOK_FOR_RUNNERS: Duration = Duration::from_secs(5);

/// Works until `stop`. Then it takes nothing new, its trainers write checkpoints, and it leaves within
/// half a minute.
pub async fn run(
    bus: Bus,
    store: Store,
    clock: Clock,
    metrics: WorkerMetrics,
    config: WorkerConfig,
    stop: CancellationToken,
) -> Result<(), WorkerError> {
    let agent = Arc::new(Agent::new(bus, store, clock, metrics, config, stop)?);
    let left = CancellationToken::new();
    agent.presence.settle().await;
    if let Err(BusError::Config(problem)) = agent.presence.report().await {
        return Err(WorkerError::Config(problem));
    }
    let Some(now) = last_sequence(&agent).await else { return Ok(()) };
    let beside = TaskTracker::new();
    let (presence, leaving) = (agent.presence.clone(), left.clone());
    beside.spawn(async move { presence.keep_reporting(leaving).await });
    let slots = Arc::new(Semaphore::new(agent.config.slots as usize));
    let since = adopt::left_behind(&agent, &slots).unwrap_or(now);
    let (notices, log) = (agent.notices.clone(), agent.log.clone());
    beside.spawn(left.clone().run_until_cancelled_owned(async move { notices.follow(log, since).await }));
    beside.spawn(left.clone().run_until_cancelled_owned(watch(agent.clone())));
    let on_duty = agent.clone();
    beside.spawn(left.clone().run_until_cancelled_owned(async move { duty::follow(&on_duty).await }));
    beside.spawn(left.clone().run_until_cancelled_owned(folders::show(agent.clone())));
    beside.spawn(left.clone().run_until_cancelled_owned(files::show(agent.clone())));
    let trainings = (Work::Train, agent.config.pool);
    agent
        .tasks
        .spawn(take(agent.clone(), trainings, slots, |agent, delivery| train(agent, delivery).boxed()));
    // Looking at a dataset needs no accelerator: workers of every pool share the one queue of it.
    let (inspections, at_once) =
        ((Work::Inspect, Pool::Cpu), Arc::new(Semaphore::new(limits::INSPECTIONS_OF_WORKER)));
    agent.tasks.spawn(take(agent.clone(), inspections, at_once, |agent, delivery| {
        inspect::take(agent, delivery).boxed()
    }));
    if !agent.config.predictor_environment.is_empty() {
        agent.tasks.spawn(predictor::keep(agent.clone()));
    }
    tracing::info!(worker = agent.name, pool = %agent.config.pool, slots = agent.config.slots, "ready for work");

    agent.stop.cancelled().await;
    agent.presence.draining();
    agent.tasks.close();
    agent.tasks.wait().await;
    left.cancel();
    beside.close();
    beside.wait().await;
    tracing::info!(worker = agent.name, "left");
    Ok(())
}

/// Runs the job that the message offers, if it is still offered.
async fn train(agent: Arc<Agent>, delivery: Delivery) {
    let WorkMessage::Train { tenant, job, dispatch, .. } = delivery.message.clone() else {
        tracing::error!(message = ?delivery.message, "this does not belong on the queue of trainings");
        return settle(delivery.ack().await);
    };
    let notice = match agent.notices.listen(&tenant, job, dispatch) {
        Ok(notice) => notice,
        Err(Busy::Begun) => return settle(delivery.ack().await),
        Err(Busy::Otherwise) => return settle(delivery.again(LEAVING).await),
    };
    let claim = match claim(&agent, (&tenant, job, dispatch), delivery.deliveries).await {
        Ok(Claimed::Ours(claim)) => *claim,
        Ok(Claimed::Nothing) => return settle(delivery.ack().await),
        Ok(Claimed::NoRoom) => {
            tracing::info!(%job, "the GPUs that the job needs are taken here; it comes again");
            return settle(delivery.again(LEFT_TO_OTHERS).await);
        }
        Ok(Claimed::LeftToOthers) => {
            tracing::info!(%job, "the last attempt was lost here; the job is left to another worker");
            return settle(delivery.again(LEFT_TO_OTHERS).await);
        }
        Err(HandleError::Unavailable(reason)) => {
            tracing::warn!(%job, reason, "the job cannot be taken now");
            return settle(delivery.again(UNAVAILABLE).await);
        }
        Err(error) => {
            tracing::error!(%job, %error, "the job cannot be taken by this version; it is left to another worker");
            return settle(delivery.again(UNAVAILABLE).await);
        }
    };
    notice.begun(dispatch);
    let correlation = claim.reporter.correlation_id;
    let span = tracing::info_span!("attempt", %tenant, %job, token = claim.token, %correlation);
    let _runs = agent.presence.runs(job);
    let running = async {
        // From here on the lease is ours, not the queue's.
        settle(delivery.ack().await);
        tracing::info!("the attempt begins");
        attempt::run(&agent, notice, claim, None).await;
    };
    running.instrument(span).await;
}

/// Finds runners as they come and go. What one says of itself is in the store before the fleet hears of it.
async fn watch(agent: Arc<Agent>) {
    loop {
        let found = runners::installed(&agent.config.runners);
        if *agent.runners.borrow() != found {
            match tell(&agent, found.values()).await {
                Ok(()) => drop(agent.runners.send_replace(found)),
                Err(error) => tracing::warn!(%error, "the runners here cannot be told now; trying again"),
            }
        }
        sleep(LOOK_FOR_RUNNERS).await;
    }
}

async fn tell(agent: &Agent, found: impl Iterator<Item = &Installed>) -> Result<(), StoreError> {
    let mut told = Vec::new();
    for installed in found {
        let (runner, words) = installed.told();
        let key = card::shelf(&runner.description);
        if !agent.store.has(&key).await? {
            agent.store.put_bytes(&key, words.into()).await?;
        }
        told.push(runner);
    }
    agent.presence.runners(told);
    Ok(())
}

/// Where to begin to listen; `None` when told to stop before the log could be reached.
async fn last_sequence(agent: &Agent) -> Option<u64> {
    let ask = async {
        let mut backoff = Backoff::default();
        loop {
            match agent.log.last_sequence().await {
                Ok(sequence) => return sequence,
                Err(error) => tracing::warn!(%error, "waiting for the log"),
            }
            backoff.wait().await;
        }
    };
    agent.stop.run_until_cancelled(ask).await
}
