//! A yard to test agents in: a NATS server, a bucket, and the words to ask for jobs and to wait for their facts.
#![allow(dead_code, reason = "each test binary uses its part")]

pub mod hub;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use trainyard_bus::{Bus, BusConfig, EventLog};
use trainyard_commands::dataset::DatasetCommand;
use trainyard_commands::job::JobCommand;
use trainyard_commands::{Command, Request};
use trainyard_door::{Door, system_clock};
use trainyard_events::config::{
    Augmentation, Continuation, Device, Optimizer, Priority, Resize, Schedule, Task, TrainingConfig,
};
use trainyard_events::fleet::{Pool, WorkMessage, WorkerRecord};
use trainyard_events::reason::Reason;
use trainyard_events::results::CheckpointRef;
use trainyard_events::{Actor, Aggregate, Event, JobEvent, Recorded, TenantId, limits};
use trainyard_local::harness::{self, TestNats};
use trainyard_store::{Store, StoreConfig};
use trainyard_workers::WorkerConfig;
use uuid::Uuid;

/// Nothing here takes longer on any machine, unless it never happens.
pub const DEADLINE: Duration = Duration::from_secs(40);

pub struct Yard {
    pub nats: Mutex<TestNats>,
    pub bus: Bus,
    pub store: Store,
    pub store_config: StoreConfig,
    pub tenant: TenantId,
    pub folder: TempDir,
}

pub struct TestAgent {
    pub name: String,
    pub stop: CancellationToken,
    pub task: JoinHandle<Result<(), trainyard_workers::WorkerError>>,
}

impl TestAgent {
    /// Tells it to stop and waits until it has.
    pub async fn leave(self) {
        self.stop.cancel();
        tokio::time::timeout(DEADLINE, self.task).await.expect("it leaves").unwrap().unwrap();
    }
}

pub fn trainer() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fake_trainer.py")
}

impl Yard {
    pub async fn new() -> Yard {
        let nats = harness::nats().await;
        let bus = Bus::connect(BusConfig { url: nats.url(), replicas: nats.servers() }).await.unwrap();
        bus.ensure().await.unwrap();
        let access = harness::s3().await;
        let store_config = StoreConfig {
            endpoint: Some(access.endpoint),
            region: access.region,
            access_key: access.access_key,
            secret_key: access.secret_key,
            bucket: access.bucket,
            path_style: true,
        };
        let store = Store::connect(store_config.clone()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        Yard { nats: Mutex::new(nats), bus, store, store_config, tenant: "acme".parse().unwrap(), folder }
    }

    pub fn config(&self, name: &str) -> WorkerConfig {
        WorkerConfig {
            name: Some(name.to_owned()),
            pool: Pool::Cpu,
            slots: 2,
            giving: Default::default(),
            labels: Default::default(),
            work_dir: self.folder.path().join("work"),
            trainer: trainer(),
            inspector: trainer(),
            runners: self.folder.path().join("runners"),
            hub: Default::default(),
            predictor: trainer(),
            threads: 1,
            dataset_roots: vec![trainyard_workers::Root { tenant: None, path: "/".into() }],
            sources: Default::default(),
            cache_bytes: 1 << 30,
            trainer_silence: limits::TRAINER_SILENCE,
            predictor_environment: Vec::new(),
        }
    }

    /// What a worker of this name would say of itself.
    pub fn record(&self, name: &str) -> WorkerRecord {
        WorkerRecord {
            worker: name.to_owned(),
            pool: Pool::Cpu,
            device: "cpu".to_owned(),
            host: "here".to_owned(),
            version: String::new(),
            started_at: system_clock(),
            seen_at: system_clock(),
            jobs: vec![],
            slots: 1,
            draining: false,
            runners: Vec::new(),
            gpus: Vec::new(),
            devices: Vec::new(),
            cores: None,
            memory_bytes: None,
            machine: None,
            labels: Default::default(),
            takes_own: false,
        }
    }

    pub fn agent(&self, name: &str) -> TestAgent {
        self.agent_with(self.config(name))
    }

    pub fn agent_with(&self, config: WorkerConfig) -> TestAgent {
        let stop = CancellationToken::new();
        let name = config.name.clone().unwrap();
        let run = trainyard_workers::run(
            self.bus.clone(),
            self.store.clone(),
            system_clock,
            Default::default(),
            config,
            stop.clone(),
        );
        TestAgent { name, stop, task: tokio::spawn(run) }
    }

    /// A dataset folder that makes the fake trainer behave so, found good by the log.
    pub async fn dataset(&self, behaviour: &str) -> Dataset {
        let path = self.folder.path().join(format!("dataset-{}", Uuid::new_v4()));
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("behaviour"), behaviour).unwrap();
        Dataset { path }
    }

    pub async fn ask(&self, aggregate: Aggregate, command: Command) -> Recorded {
        self.ask_as(&self.tenant, aggregate, command).await
    }

    pub async fn ask_as(&self, tenant: &TenantId, aggregate: Aggregate, command: Command) -> Recorded {
        let request = Request {
            id: Uuid::new_v4(),
            tenant: tenant.clone(),
            aggregate,
            actor: Actor::User("test".to_owned()),
            correlation_id: Uuid::new_v4(),
            causation_id: None,
            command,
        };
        let door = Door::new(self.bus.log(), system_clock);
        door.handle(request).await.unwrap().recorded().expect("it was not so before")
    }

    /// Requests a job and offers it to the workers, as the dispatcher would.
    pub async fn job(&self, dataset: &Dataset, epochs: u32) -> TestJob<'_> {
        self.job_from(dataset, epochs, None).await
    }

    /// The same, going on from a checkpoint of another job.
    pub async fn job_from(
        &self,
        dataset: &Dataset,
        epochs: u32,
        from: Option<(Uuid, CheckpointRef)>,
    ) -> TestJob<'_> {
        let mut config = config(&dataset.path, epochs);
        config.continues = from.map(|(job, checkpoint)| {
            Box::new(Continuation {
                job,
                checkpoint,
                best_epoch: None,
                best: None,
                trained_as: None,
                unread: Default::default(),
            })
        });
        self.job_of(dataset, config).await
    }

    /// A training of the dataset, as somebody has approved it.
    pub async fn job_of(&self, dataset: &Dataset, config: TrainingConfig) -> TestJob<'_> {
        let runner = config.runner.clone();
        let command = JobCommand::RequestJob {
            config: Box::new(config),
            dataset: dataset.id(&self.tenant),
            chat: None,
            approval: Uuid::new_v4(),
        };
        let job = TestJob { yard: self, id: Uuid::new_v4(), runner };
        job.ask(command).await;
        job.offer().await;
        job
    }

    pub async fn register(&self, dataset: &Dataset) -> Recorded {
        self.register_for(&self.tenant, dataset).await
    }

    pub async fn register_for(&self, tenant: &TenantId, dataset: &Dataset) -> Recorded {
        let path = dataset.path.display().to_string();
        let command =
            DatasetCommand::Register { path, task: Task::Classify, source: Default::default(), again: false };
        self.ask_as(tenant, Aggregate::Dataset(dataset.id(tenant)), Command::Dataset(command)).await
    }

    /// Puts the look that a registration asks for on the queue, as the dispatcher would.
    pub async fn offer_inspection(&self, dataset: &Dataset, inspection: u64) {
        let message = WorkMessage::Inspect {
            tenant: self.tenant.clone(),
            dataset: dataset.id(&self.tenant),
            inspection,
            path: dataset.path.display().to_string(),
            task: Task::Classify,
            pool: Pool::Cpu,
        };
        self.bus.work().publish(&message, Uuid::new_v4()).await.unwrap();
    }

    pub async fn history(&self, aggregate: &Aggregate) -> Vec<Recorded> {
        self.bus.log().history(&self.tenant, aggregate, 0).await.unwrap()
    }

    /// The aggregate's history as soon as one of its events is what is wanted.
    pub async fn until(&self, aggregate: &Aggregate, wanted: impl Fn(&Event) -> bool) -> Vec<Recorded> {
        self.until_of(&self.tenant, aggregate, wanted).await
    }

    pub async fn until_of(
        &self,
        tenant: &TenantId,
        aggregate: &Aggregate,
        wanted: impl Fn(&Event) -> bool,
    ) -> Vec<Recorded> {
        eventually(&format!("the awaited event of {aggregate}"), async || {
            let history = self.bus.log().history(tenant, aggregate, 0).await.unwrap_or_default();
            history.iter().any(|recorded| wanted(&recorded.envelope.event)).then_some(history)
        })
        .await
    }
}

pub struct Dataset {
    pub path: PathBuf,
}

impl Dataset {
    pub fn id(&self, tenant: &TenantId) -> Uuid {
        match Aggregate::dataset_at(tenant, &self.path.display().to_string()) {
            Aggregate::Dataset(id) => id,
            _ => unreachable!(),
        }
    }

    /// Lets the trainer go on to this epoch and no further.
    pub fn gate(&self, epoch: u32) {
        let (new, gate) = (self.path.join("gate.new"), self.path.join("gate"));
        std::fs::write(&new, epoch.to_string()).unwrap();
        std::fs::rename(new, gate).unwrap();
    }

    pub fn behave(&self, behaviour: &str) {
        std::fs::write(self.path.join("behaviour"), behaviour).unwrap();
    }

    /// The processes of every training on it so far.
    pub fn pids(&self) -> Vec<u32> {
        let text = std::fs::read_to_string(self.path.join("pids")).unwrap_or_default();
        text.lines().map(|pid| pid.parse().unwrap()).collect()
    }
}

pub struct TestJob<'a> {
    pub yard: &'a Yard,
    pub id: Uuid,
    pub runner: Option<String>,
}

impl TestJob<'_> {
    pub fn aggregate(&self) -> Aggregate {
        Aggregate::Job(self.id)
    }

    pub async fn ask(&self, command: JobCommand) -> Recorded {
        self.yard.ask(self.aggregate(), Command::Job(command)).await
    }

    pub async fn offer(&self) {
        let since = self.yard.history(&self.aggregate()).await.last().expect("it was requested").sequence;
        let because = vec![Reason::said("test")];
        let dispatch = JobCommand::Dispatch {
            pool: Pool::Cpu,
            class: Priority::Normal,
            worker: None,
            because,
            since,
            price: None,
        };
        let dispatched = self.ask(dispatch).await;
        self.offer_again(dispatched.sequence).await;
    }

    pub async fn offer_again(&self, dispatch: u64) {
        let message = WorkMessage::Train {
            tenant: self.yard.tenant.clone(),
            job: self.id,
            dispatch,
            class: Priority::Normal,
            pool: Pool::Cpu,
            runner: self.runner.clone(),
            worker: None,
        };
        self.yard.bus.work().publish(&message, Uuid::new_v4()).await.unwrap();
    }

    pub async fn until(&self, wanted: impl Fn(&JobEvent) -> bool) -> Vec<JobEvent> {
        let is_wanted = |event: &Event| matches!(event, Event::Job(event) if wanted(event));
        let history = self.yard.until(&self.aggregate(), is_wanted).await;
        history.into_iter().filter_map(|recorded| job_event(recorded.envelope.event)).collect()
    }

    pub async fn events(&self) -> Vec<JobEvent> {
        let history = self.yard.history(&self.aggregate()).await;
        history.into_iter().filter_map(|recorded| job_event(recorded.envelope.event)).collect()
    }
}

fn job_event(event: Event) -> Option<JobEvent> {
    match event {
        Event::Job(event) => Some(event),
        _ => None,
    }
}

/// The epochs that were logged, in order.
pub fn epochs(events: &[JobEvent]) -> Vec<u32> {
    let epoch = |event: &JobEvent| match event {
        JobEvent::EpochLogged { epoch, .. } => Some(*epoch),
        _ => None,
    };
    events.iter().filter_map(epoch).collect()
}

pub fn is_running(pid: u32) -> bool {
    // A zombie has been killed; only its parent has not looked yet.
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or("").trim_start().starts_with('Z'))
}

/// What `look` finds, as soon as it finds something.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, look: impl Fn() -> F) -> T {
    let searching = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(DEADLINE, searching).await.unwrap_or_else(|_| panic!("{what} does not come"))
}

pub fn config(dataset: &Path, epochs: u32) -> TrainingConfig {
    TrainingConfig {
        task: Task::Classify,
        model: "resnet18".to_owned(),
        dataset: Some(dataset.display().to_string()),
        classes: vec![],
        epochs,
        image_size: 32,
        batch_size: 64,
        learning_rate: 0.05,
        optimizer: Optimizer::Sgd,
        momentum: 0.9,
        weight_decay: 5e-4,
        schedule: Schedule::Cosine,
        warmup_epochs: 0.0,
        label_smoothing: 0.1,
        ema: true,
        augmentation: Augmentation::Light,
        resize: Resize::Letterbox,
        patience: None,
        seed: 42,
        device: Device::Cpu,
        priority: Priority::Normal,
        initial_weights: None,
        runner: None,
        options: Default::default(),
        continues: None,
        resources: None,
        max_cost: None,
        max_hours: None,
        unread: Default::default(),
    }
}

/// A way to the store that can be cut: it passes bytes on, hangs up on everybody, or answers that the disk is full.
pub struct Way {
    pub address: String,
    state: std::sync::Arc<tokio::sync::watch::Sender<State>>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Open,
    Cut,
    Full,
}

const FULL: &[u8] = b"HTTP/1.1 507 Insufficient Storage\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

impl Way {
    pub async fn to(endpoint: &str) -> Way {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let way = std::sync::Arc::new(tokio::sync::watch::Sender::new(State::Open));
        let (server, state) = (endpoint.trim_start_matches("http://").to_owned(), way.subscribe());
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let (server, mut state) = (server.clone(), state.clone());
                tokio::spawn(async move {
                    if *state.borrow() == State::Full {
                        let _ = near.read(&mut [0; 16 * 1024]).await;
                        let _ = near.write_all(FULL).await;
                        return;
                    }
                    let pass = async {
                        let mut far = TcpStream::connect(server).await?;
                        tokio::io::copy_bidirectional(&mut near, &mut far).await
                    };
                    tokio::select! {
                        _ = state.wait_for(|state| *state != State::Open) => {}
                        _ = pass => {}
                    }
                });
            }
        });
        Way { address, state: way }
    }

    pub fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    pub fn fill(&self) {
        self.state.send_replace(State::Full);
    }

    pub fn mend(&self) {
        self.state.send_replace(State::Open);
    }
}
