//! The agent: takes work from the queue, as much as it has slots for, until it is told to stop.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use nix::fcntl::Flock;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;
use trainyard_bus::{Bus, BusError, Delivery, EventLog, JetStreamLog, WorkPuller};
use trainyard_commands::{Clock, Door, HandleError};
use trainyard_events::fleet::{Pool, Work, WorkMessage, WorkerRecord};
use trainyard_store::Store;
use uuid::Uuid;

use crate::backoff::Backoff;
use crate::claim::claim;
use crate::notices::{Busy, Notices};
use crate::presence::Presence;
use crate::{WorkerConfig, WorkerError, WorkerMetrics, adopt, attempt, folder, inspect, predictor};

/// Inspections beside the trainings.
const INSPECTIONS: usize = 2;
const HOST_CHARS: usize = 60;
/// A job that is just leaving this worker can come back after this long.
const LEAVING: Duration = Duration::from_millis(500);
/// A command that cannot be looked into now comes again after this long.
const UNAVAILABLE: Duration = Duration::from_secs(5);

/// What all parts of one worker share.
pub(crate) struct Agent {
    pub(crate) name: String,
    pub(crate) config: WorkerConfig,
    pub(crate) bus: Bus,
    pub(crate) store: Store,
    pub(crate) log: JetStreamLog,
    pub(crate) door: Door<JetStreamLog>,
    pub(crate) notices: Notices,
    pub(crate) presence: Presence,
    pub(crate) metrics: WorkerMetrics,
    pub(crate) stop: CancellationToken,
    /// Everything that must end before the worker may leave.
    pub(crate) tasks: TaskTracker,
    /// This run of the agent: another one of the same name is another one.
    pub(crate) instance: Uuid,
    /// Of a name that nobody gave it.
    _name: Option<Flock<File>>,
}

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
    if let Err(BusError::Config(problem)) = agent.presence.report().await {
        return Err(WorkerError::Config(problem));
    }
    let Some(now) = agent.last_sequence().await else { return Ok(()) };
    let beside = TaskTracker::new();
    let (presence, leaving) = (agent.presence.clone(), left.clone());
    beside.spawn(async move { presence.keep_reporting(leaving).await });
    let slots = Arc::new(Semaphore::new(agent.config.slots as usize));
    let since = adopt::left_behind(&agent, &slots).unwrap_or(now);
    let (notices, log) = (agent.notices.clone(), agent.log.clone());
    beside.spawn(left.clone().run_until_cancelled_owned(async move { notices.follow(log, since).await }));
    let trainings = (Work::Train, agent.config.pool);
    agent
        .tasks
        .spawn(take(agent.clone(), trainings, slots, |agent, delivery| train(agent, delivery).boxed()));
    // Looking at a dataset needs no accelerator: workers of every pool share the one queue of it.
    let (inspections, at_once) = ((Work::Inspect, Pool::Cpu), Arc::new(Semaphore::new(INSPECTIONS)));
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

impl Agent {
    fn new(
        bus: Bus,
        store: Store,
        clock: Clock,
        metrics: WorkerMetrics,
        mut config: WorkerConfig,
        stop: CancellationToken,
    ) -> Result<Agent, WorkerError> {
        if config.slots == 0 {
            return Err(WorkerError::Config("a worker needs 1 slot or more".to_owned()));
        }
        config.trainer = absolute(&config.trainer)?;
        config.work_dir = absolute(&config.work_dir)?;
        if !config.trainer.is_file() {
            return Err(WorkerError::Config(format!("there is no trainer at {}", config.trainer.display())));
        }
        std::fs::create_dir_all(&config.work_dir).map_err(|error| {
            WorkerError::Config(format!("{} cannot be made: {error}", config.work_dir.display()))
        })?;
        let host = host();
        let instance = Uuid::new_v4();
        let (name, lock) = name(&config, default_name(&host, instance))?;
        let record = WorkerRecord {
            worker: name.clone(),
            pool: config.pool,
            device: config.pool.to_string(),
            host,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: clock(),
            seen_at: clock(),
            jobs: Vec::new(),
            slots: config.slots,
            draining: false,
        };
        Ok(Agent {
            name,
            log: bus.log(),
            door: Door::new(bus.log(), clock),
            notices: Notices::default(),
            presence: Presence::new(record, bus.fleet(), clock, metrics.clone()),
            metrics,
            tasks: TaskTracker::new(),
            instance,
            _name: lock,
            config,
            bus,
            store,
            stop,
        })
    }

    /// Where to begin to listen; `None` when told to stop before the log could be reached.
    async fn last_sequence(&self) -> Option<u64> {
        let ask = async {
            let mut backoff = Backoff::default();
            loop {
                match self.log.last_sequence().await {
                    Ok(sequence) => return sequence,
                    Err(error) => tracing::warn!(%error, "waiting for the log"),
                }
                backoff.wait().await;
            }
        };
        self.stop.run_until_cancelled(ask).await
    }

    async fn puller(&self, work: Work, pool: Pool) -> WorkPuller {
        let mut backoff = Backoff::default();
        loop {
            match self.bus.work().pull(work, pool).await {
                Ok(puller) => return puller,
                Err(error) => tracing::warn!(%error, "waiting for the work queue"),
            }
            backoff.wait().await;
        }
    }
}

/// Hands each message to `task`, as many as there are `slots`, until told to stop.
async fn take(
    agent: Arc<Agent>,
    (work, pool): (Work, Pool),
    slots: Arc<Semaphore>,
    task: fn(Arc<Agent>, Delivery) -> BoxFuture<'static, ()>,
) {
    let taking = async {
        let mut puller = agent.puller(work, pool).await;
        loop {
            let slot = slots.clone().acquire_owned().await.expect("nobody closes the semaphore");
            let work = task(agent.clone(), puller.next().await);
            agent.tasks.spawn(async move {
                work.await;
                drop(slot);
            });
        }
    };
    agent.stop.run_until_cancelled(taking).await;
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
    let claimed = claim(&agent.log, &agent.door, &agent.name, agent.instance, (&tenant, job, dispatch)).await;
    let claim = match claimed {
        Ok(Some(claim)) => claim,
        Ok(None) => return settle(delivery.ack().await),
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

/// A word to the queue that did not arrive only means that the message comes again.
pub(crate) fn settle(told: Result<(), BusError>) {
    if let Err(error) = told {
        tracing::debug!(%error, "the queue was not told; the message will come again");
    }
}

fn absolute(path: &Path) -> Result<std::path::PathBuf, WorkerError> {
    std::path::absolute(path).map_err(|error| WorkerError::Config(format!("{}: {error}", path.display())))
}

fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    if name.trim().is_empty() { "host".to_owned() } else { name.trim().to_owned() }
}

/// The configured name, or the one that is kept in the work folder, where no other worker has that now.
fn name(config: &WorkerConfig, new: String) -> Result<(String, Option<Flock<File>>), WorkerError> {
    if let Some(name) = &config.name {
        return Ok((name.clone(), None));
    }
    let kept = folder::kept_name(&config.work_dir, &new).map_err(|error| {
        WorkerError::Config(format!("{} cannot be used: {error}", config.work_dir.display()))
    })?;
    Ok(kept.map_or((new, None), |(name, lock)| (name, Some(lock))))
}

/// Readable, and not another's.
fn default_name(host: &str, instance: Uuid) -> String {
    let host: String = host
        .chars()
        .map(|char| if char.is_ascii_alphanumeric() { char } else { '-' })
        .take(HOST_CHARS)
        .collect();
    format!("{host}-{}", &instance.simple().to_string()[..6])
}
