//! The queue of work: one message after the other is handed on, as many at once as there are slots.

use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::sync::Semaphore;
use trainyard_bus::{BusError, Delivery, WorkPuller};
use trainyard_events::fleet::{Pool, Work};

use crate::agent::Agent;
use crate::duty;
use trainyard_child::Backoff;

/// Hands each message to `task`, as many as there are `slots`, until told to stop.
pub(crate) async fn take(
    agent: Arc<Agent>,
    (work, pool): (Work, Pool),
    slots: Arc<Semaphore>,
    task: fn(Arc<Agent>, Delivery) -> BoxFuture<'static, ()>,
) {
    let taking = async {
        let (mut runners, mut on_duty) = (agent.runners.subscribe(), agent.duty.subscribe());
        duty::on(&mut on_duty).await;
        let mut puller = puller(&agent, work, pool).await;
        loop {
            let slot = slots.clone().acquire_owned().await.expect("nobody closes the semaphore");
            let delivery = loop {
                tokio::select! {
                    biased;
                    () = duty::off(&mut on_duty) => duty::on(&mut on_duty).await,
                    delivery = puller.next() => break delivery,
                    Ok(()) = runners.changed() => {}
                }
                puller = self::puller(&agent, work, pool).await;
            };
            let work = task(agent.clone(), delivery);
            agent.tasks.spawn(async move {
                work.await;
                drop(slot);
            });
        }
    };
    agent.stop.run_until_cancelled(taking).await;
}

/// Of our own trainer's work, of the runners that are here now, and of what was decided for this worker.
async fn puller(agent: &Agent, work: Work, pool: Pool) -> WorkPuller {
    let mut backoff = Backoff::default();
    loop {
        let runners: Vec<String> = match work {
            Work::Train => agent.runners.borrow().keys().cloned().collect(),
            Work::Inspect => Vec::new(),
        };
        let pulled = async {
            let puller = agent.bus.work().pull(work, pool, &runners).await?;
            match work {
                Work::Train => puller.with_own_queue(pool, &agent.name).await,
                Work::Inspect => Ok(puller),
            }
        };
        match pulled.await {
            Ok(puller) => return puller,
            Err(error) => tracing::warn!(%error, "waiting for the work queue"),
        }
        backoff.wait().await;
    }
}

/// A word to the queue that did not arrive only means that the message comes again.
pub(crate) fn settle(told: Result<(), BusError>) {
    if let Err(error) = told {
        tracing::debug!(%error, "the queue was not told; the message will come again");
    }
}
