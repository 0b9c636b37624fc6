//! The agent: what all parts of one worker share, and the name it goes by.

use std::collections::{BTreeMap, HashSet};
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use nix::fcntl::Flock;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use trainyard_bus::{Bus, JetStreamLog};
use trainyard_door::{Clock, Door};
use trainyard_events::card::{Description, PRETRAINED};
use trainyard_events::fleet::{Pool, WorkerRecord};
use trainyard_events::{TenantId, TrainingConfig};
use trainyard_store::Store;
use uuid::Uuid;

use crate::cache::Cache;
use crate::devices::Giving;
use crate::duty::Duty;
use crate::notices::Notices;
use crate::presence::Presence;
use crate::programs::Programs;
use crate::runners::Installed;
use crate::{WorkerConfig, WorkerError, WorkerMetrics, folder, host};

const HOST_CHARS: usize = 60;

/// What all parts of one worker share.
pub(crate) struct Agent {
    pub(crate) name: String,
    pub(crate) config: WorkerConfig,
    pub(crate) bus: Bus,
    pub(crate) store: Store,
    pub(crate) log: JetStreamLog,
    pub(crate) door: Door<JetStreamLog>,
    pub(crate) clock: Clock,
    pub(crate) notices: Notices,
    pub(crate) presence: Presence,
    pub(crate) metrics: WorkerMetrics,
    /// Whether it takes anything new.
    pub(crate) duty: watch::Sender<Duty>,
    pub(crate) programs: Programs,
    pub(crate) stop: CancellationToken,
    /// Everything that must end before the worker may leave.
    pub(crate) tasks: TaskTracker,
    /// The runners that are here now; others are found while the worker runs.
    pub(crate) runners: watch::Sender<BTreeMap<String, Installed>>,
    /// Datasets that are being looked at here, with the registration that asked for it.
    looks: Mutex<HashSet<(Uuid, u64)>>,
    /// This run of the agent: another one of the same name is another one.
    pub(crate) instance: Uuid,
    /// Of a name that nobody gave it.
    _name: Option<Flock<File>>,
}

impl Agent {
    /// The files of a tenant's datasets, here.
    pub(crate) fn cache<'a>(&'a self, tenant: &'a TenantId) -> Cache<'a> {
        let (work_dir, limit) = (&self.config.work_dir, self.config.cache_bytes);
        Cache { store: &self.store, tenant, work_dir, limit }
    }

    pub(crate) fn new(
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
        config.inspector = absolute(&config.inspector)?;
        config.work_dir = absolute(&config.work_dir)?;
        config.runners = absolute(&config.runners)?;
        if !config.trainer.is_file() {
            return Err(WorkerError::Config(format!("there is no trainer at {}", config.trainer.display())));
        }
        make_private(&config.work_dir).map_err(|error| {
            WorkerError::Config(format!("{} cannot be made: {error}", config.work_dir.display()))
        })?;
        metrics.gpus.watch();
        // Nothing else computes with them.
        let giving = match config.pool {
            Pool::Gpu => config.giving.clone(),
            Pool::Cpu => Giving::Declared(Vec::new()),
        };
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
            runners: Vec::new(),
            gpus: Vec::new(),
            devices: giving.declared(),
            cores: std::thread::available_parallelism()
                .ok()
                .and_then(|cores| u32::try_from(cores.get()).ok()),
            memory_bytes: host::memory(),
            machine: None,
            labels: config.labels.clone(),
            takes_own: true,
        };
        Ok(Agent {
            name,
            log: bus.log(),
            door: Door::new(bus.log(), clock),
            clock,
            notices: Notices::default(),
            presence: Presence::new(record, giving, bus.fleet(), clock, metrics.clone()),
            metrics,
            duty: watch::Sender::default(),
            programs: Programs::default(),
            tasks: TaskTracker::new(),
            runners: watch::Sender::new(BTreeMap::new()),
            looks: Mutex::default(),
            instance,
            _name: lock,
            config,
            bus,
            store,
            stop,
        })
    }

    /// What whoever trains this says of itself. Our own trainer is asked only where that matters.
    pub(crate) async fn description(&self, config: &TrainingConfig) -> Option<Description> {
        if let Some(runner) = &config.runner {
            return self.runners.borrow().get(runner).map(|installed| installed.description.clone());
        }
        config.initial_weights.as_deref().filter(|named| *named == PRETRAINED)?;
        let command = vec![self.config.trainer.display().to_string()];
        let asked = Installed::ask(command, &self.config.work_dir).await;
        asked
            .inspect_err(|error| tracing::error!(%error, "our own trainer does not say what it can do"))
            .ok()
            .map(|own| own.description)
    }

    pub(crate) fn looks(&self) -> MutexGuard<'_, HashSet<(Uuid, u64)>> {
        self.looks.lock().expect("nothing panics while it holds the looks")
    }
}

/// Weights and images lie below: nobody else may pass.
fn make_private(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::set_permissions(folder, Permissions::from_mode(0o700))
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
