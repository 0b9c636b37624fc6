//! A gateway in its house: every server real, and a fleet of one test that looks at datasets and runs jobs by hand.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::StreamExt;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use time::macros::datetime;
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use trainyard_assistant::Assistant;
use trainyard_bus::{
    Bus, BusConfig, CUTTER, EventLog, Issuer, JetStreamLog, PLATFORM_ACCOUNT, Part, READERS_ACCOUNT, Rights,
    Service,
};
use trainyard_commands::dataset::DatasetCommand;
use trainyard_commands::job::JobCommand;
use trainyard_commands::tenant::{NewToken, TenantCommand};
use trainyard_commands::{Command, Request};
use trainyard_dispatcher::DispatcherMetrics;
use trainyard_door::{Door, system_clock};
use trainyard_events::config::Task;
use trainyard_events::dataset::{ClassProfile, DatasetProfile, SplitCounts};
use trainyard_events::fleet::{Pool, WorkerRecord};
use trainyard_events::reason::LabelFormat;
use trainyard_events::reason::Reason;
use trainyard_events::results::{Artifact, CheckpointRef, Measurements};
use trainyard_events::tenant::Role;
use trainyard_events::trainer::Inspection;
use trainyard_events::{Actor, Aggregate, DatasetEvent, Event, JobEvent, Recorded, TenantId, limits};
use trainyard_gateway::{
    GatewayConfig, GatewayError, HookAccess, Logins, Metrics, Services, bind, new_token, serve,
};
use trainyard_hooks::HooksKey;
use trainyard_local::harness::{self, TestNats};
use trainyard_local::{NatsService, NatsUser, Readers, S3Access};
use trainyard_projections::{Projector, ProjectorError, Views};
use trainyard_store::{Store, StoreConfig};
use uuid::Uuid;

pub const DEADLINE: Duration = Duration::from_secs(20);
/// The worker of the house, with one slot. Attempts that tests begin by hand are others', and take up none.
pub const WORKER: &str = "house";

type Projecting = (CancellationToken, JoinHandle<Result<(), ProjectorError>>);

pub struct House {
    pub nats: TestNats,
    database: String,
    pub bus: Bus,
    pub views: Views,
    pub store: Store,
    pub door: Door<JetStreamLog>,
    pub address: std::net::SocketAddr,
    pub stop: CancellationToken,
    pub serving: Option<JoinHandle<Result<(), GatewayError>>>,
    pub dispatcher: JoinHandle<()>,
    projecting: Mutex<Option<Projecting>>,
    http: Client,
    /// Who reads what is said, from the next opening on.
    pub assistant: Assistant,
    config: GatewayConfig,
    tokens: Mutex<BTreeMap<(String, Role), String>>,
    /// Says that there is a worker, who never takes anything by itself.
    worker: Option<JoinHandle<()>>,
    /// Vouches for readers, where there are any.
    issuer: Option<Issuer>,
}

impl House {
    pub async fn new() -> House {
        Box::pin(House::with(|_| {})).await
    }

    pub async fn with(configure: impl Fn(&mut GatewayConfig)) -> House {
        let mut house = Box::pin(House::without_worker(configure)).await;
        house.hire(worker(WORKER, vec![])).await;
        house
    }

    /// In which no dispatcher has ever heard of a worker.
    pub async fn without_worker(configure: impl Fn(&mut GatewayConfig)) -> House {
        Box::pin(House::on(harness::nats().await, None, configure)).await
    }

    /// Whose NATS has an account of readers, and whose gateway answers for those who log in there.
    pub async fn with_readers() -> House {
        let user = |name: &str, Rights { publish, subscribe }| NatsUser {
            name: name.to_owned(),
            publish,
            subscribe,
        };
        let issuer = Issuer::draw();
        let services = trainyard_bus::services().into_iter();
        let services =
            services.map(|Service { asked, heard, streams }| NatsService { asked, heard, streams });
        let readers = Readers {
            account: READERS_ACCOUNT.to_owned(),
            platform: PLATFORM_ACCOUNT.to_owned(),
            services: services.collect(),
            system: user(CUTTER, trainyard_bus::cutter()),
            issuer: issuer.public_key(),
        };
        let parts = Part::ALL.map(|part| user(part.name(), part.rights()));
        let nats = harness::nats_with_readers(1, &parts, &readers).await;
        Box::pin(House::on(nats, Some(issuer), |_| {})).await
    }

    async fn on(nats: TestNats, issuer: Option<Issuer>, configure: impl Fn(&mut GatewayConfig)) -> House {
        let (database, s3) = tokio::join!(harness::postgres_database(), bucket());
        let bus = Bus::connect(BusConfig { url: nats.url(), replicas: nats.servers() }).await.unwrap();
        bus.ensure().await.unwrap();
        let views = Views::connect(&database.url).await.unwrap();
        let store = Store::connect(StoreConfig {
            endpoint: Some(s3.endpoint),
            region: s3.region,
            access_key: s3.access_key,
            secret_key: s3.secret_key,
            bucket: s3.bucket,
            path_style: true,
        });
        let mut config = GatewayConfig::new("127.0.0.1:0".parse().unwrap());
        configure(&mut config);
        let dispatched = trainyard_dispatcher::run(
            bus.clone(),
            system_clock,
            DispatcherMetrics::default(),
            CancellationToken::new(),
        );
        let mut house = House {
            dispatcher: tokio::spawn(async { dispatched.await.unwrap() }),
            door: Door::new(bus.log(), system_clock),
            nats,
            database: database.url,
            bus,
            views,
            store: store.await.unwrap(),
            address: config.listen,
            stop: CancellationToken::new(),
            serving: None,
            projecting: Mutex::default(),
            assistant: Assistant::default(),
            http: trainyard_fetch::client().build().unwrap(),
            config,
            tokens: Mutex::default(),
            worker: None,
            issuer,
        };
        house.project().await;
        tokio::spawn(look_at_datasets(house.bus.clone(), house.door.clone()));
        house.open().await;
        house
    }

    /// From now on this is the worker of the house.
    pub async fn hire(&mut self, record: WorkerRecord) {
        self.dismiss().await;
        let fleet = self.bus.fleet();
        fleet.report(&record).await.unwrap();
        self.worker = Some(tokio::spawn(async move {
            loop {
                tokio::time::sleep(limits::FLEET_RECORD / 5).await;
                let _or_later = fleet.report(&record).await;
            }
        }));
    }

    /// The house has no worker.
    pub async fn dismiss(&mut self) {
        if let Some(worker) = self.worker.take() {
            worker.abort();
            let _ended = worker.await;
        }
        self.bus.fleet().remove(WORKER).await.unwrap();
    }

    /// Lets the views follow the log, at first or again.
    pub async fn project(&self) {
        let stream = self.bus.stream_id().await.unwrap();
        let stop = CancellationToken::new();
        let projector = Projector::new(self.bus.log(), self.views.clone(), stream);
        let projecting = (stop.clone(), tokio::spawn(projector.run(stop)));
        self.projecting.lock().unwrap().replace(projecting);
    }

    /// The views stay where they are.
    pub async fn stop_projecting(&self) {
        let (stop, projector) = self.projecting.lock().unwrap().take().expect("it was projecting");
        stop.cancel();
        projector.await.unwrap().unwrap();
    }

    /// Starts a gateway, the first or the next one.
    pub async fn open(&mut self) {
        let listener = bind(self.config.clone()).await.unwrap();
        self.address = listener.address();
        self.stop = CancellationToken::new();
        let bus = match self.issuer {
            None => self.bus.clone(),
            Some(_) => self.bus_of("gateway").await,
        };
        let logins = match self.issuer.clone() {
            None => None,
            Some(issuer) => Some(Logins { issuer, cutter: self.bus_of(CUTTER).await }),
        };
        let services = Services {
            bus,
            logins,
            hooks: Some(hook_access()),
            views: self.views.clone(),
            store: self.store.clone(),
            assistant: self.assistant.clone(),
            clock: system_clock,
            metrics: Metrics::default(),
        };
        self.serving = Some(tokio::spawn(serve(listener, services, self.stop.clone())));
    }

    /// Starts another gateway of the same platform, which shares nothing with the first but the servers; its address.
    pub async fn beside(&self) -> std::net::SocketAddr {
        let listener = bind(self.config.clone()).await.unwrap();
        let address = listener.address();
        let config = BusConfig { url: self.nats.url(), replicas: self.nats.servers() };
        let services = Services {
            bus: Bus::connect(config).await.unwrap(),
            logins: None,
            hooks: None,
            views: Views::connect(&self.database).await.unwrap(),
            store: self.store.clone(),
            assistant: self.assistant.clone(),
            clock: system_clock,
            metrics: Metrics::default(),
        };
        tokio::spawn(serve(listener, services, CancellationToken::new()));
        address
    }

    /// A connection as one of the users of the house's NATS.
    pub async fn bus_of(&self, user: &str) -> Bus {
        let url = self.nats.urls_of(user).join(",");
        Bus::connect(BusConfig { url, replicas: self.nats.servers() }).await.unwrap()
    }

    pub async fn close(&mut self) {
        self.stop.cancel();
        let serving = self.serving.take().expect("it was open");
        tokio::time::timeout(DEADLINE, serving).await.expect("it drains in time").unwrap().unwrap();
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A token of the tenant with the role; the same one every time.
    pub async fn token(&self, tenant: &str, role: Role) -> String {
        let key = (tenant.to_owned(), role);
        if let Some(token) = self.tokens.lock().unwrap().get(&key) {
            return token.clone();
        }
        let (text, sequence) = self.issue(tenant, role).await;
        assert!(self.views.wait_for(sequence, DEADLINE).await.unwrap());
        self.tokens.lock().unwrap().insert(key, text.clone());
        text
    }

    /// A new token, and where it was issued; the views may not know it yet.
    pub async fn issue(&self, tenant: &str, role: Role) -> (String, u64) {
        let (text, sha256) = new_token();
        let aggregate = Aggregate::Tenant(tenant.parse().unwrap());
        self.tell(tenant, aggregate.clone(), Command::Tenant(TenantCommand::Create)).await;
        let name = format!("{role:?}").to_lowercase();
        let issue = TenantCommand::IssueToken(NewToken {
            token_id: Uuid::new_v4(),
            name,
            role,
            sha256,
            expires_at: None,
            scope: Vec::new(),
            now: system_clock(),
        });
        let issued = self.tell(tenant, aggregate, Command::Tenant(issue)).await.expect("a new token");
        (text, issued.sequence)
    }

    /// Enters a fact by the one door; `None` if it was already so.
    pub async fn tell(&self, tenant: &str, aggregate: Aggregate, command: Command) -> Option<Recorded> {
        tell(&self.door, tenant.parse().unwrap(), aggregate, command).await
    }

    pub async fn ask(&self, token: &str, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.http.request(method, self.url(path)).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(request).await
    }

    pub fn request(&self, token: &str, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, self.url(path));
        if token.is_empty() { request } else { request.bearer_auth(token) }
    }

    /// Reads as tenant `acme`'s editor; the answer must be 200.
    pub async fn get(&self, path: &str) -> Value {
        let token = self.token("acme", Role::Editor).await;
        let (status, body) = self.ask(&token, Method::GET, path, None).await;
        assert_eq!(status, 200, "GET {path}: {body}");
        body
    }

    /// Writes as tenant `acme`'s editor; the answer must be a success.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        let token = self.token("acme", Role::Editor).await;
        let (status, body) = self.ask(&token, Method::POST, path, Some(body)).await;
        assert!((200..300).contains(&status), "POST {path}: {status} {body}");
        body
    }

    /// The same with another method.
    pub async fn put(&self, path: &str, body: Value) -> Value {
        let token = self.token("acme", Role::Editor).await;
        let (status, body) = self.ask(&token, Method::PUT, path, Some(body)).await;
        assert!((200..300).contains(&status), "PUT {path}: {status} {body}");
        body
    }

    pub async fn say(&self, chat: &str, text: &str) -> Value {
        self.post(&format!("/v1/chats/{chat}/messages"), json!({ "text": text })).await
    }

    pub async fn chat(&self) -> String {
        self.post("/v1/chats", json!({})).await["id"].as_str().unwrap().to_owned()
    }

    /// A job of tenant `acme`. Only one at a time gets onto the work queue: the worker has no more room.
    pub async fn ordered_job(&self) -> Uuid {
        let order = json!({ "model": "resnet18", "dataset": "data/digits", "epochs": 2 });
        let made = self.post("/v1/jobs", order).await;
        made["job"]["id"].as_str().unwrap().parse().unwrap()
    }

    /// A job of tenant `acme`, on the work queue.
    pub async fn queued_job(&self) -> Uuid {
        let id = self.ordered_job().await;
        self.job_until(id, "queued").await;
        id
    }

    /// The same, stopped with a checkpoint of its first of two epochs in the store, and a console.
    pub async fn stopped_job(&self, console: &str) -> Uuid {
        let id = self.queued_job().await;
        let job = |command| self.tell("acme", Aggregate::Job(id), Command::Job(command));
        let token = self.start(id).await;
        let report = |event| job(JobCommand::Report(Box::new(event)));
        // Checkpoints come into the store behind the epochs.
        for (epoch, value) in [(1, 0.9), (2, 0.95)] {
            report(JobEvent::EpochLogged {
                token,
                epoch,
                train: Measurements::new(),
                validation: Measurements::from([("accuracy".to_owned(), value)]),
                primary: "accuracy".into(),
                is_best: true,
                learning_rate: 0.01,
                seconds: 1.5,
            })
            .await;
        }
        let artifact = self.stored(id, token, "checkpoint", "checkpoint-57.safetensors", b"half of it").await;
        let checkpoint = CheckpointRef { epoch: 1, step: 57, artifact };
        report(JobEvent::CheckpointCommitted { token, checkpoint }).await;
        job(JobCommand::RequestCancel { because: vec![Reason::said("enough")] }).await;
        let console = self.stored(id, token, "console", "console.log", console.as_bytes()).await;
        report(JobEvent::Cancelled { token: Some(token), console: Some(console) }).await;
        self.job_until(id, "cancelled").await;
        id
    }

    /// Begins an attempt at a queued job, and gives its token.
    pub async fn start(&self, id: Uuid) -> u64 {
        let history = self.bus.log().history(&"acme".parse().unwrap(), &Aggregate::Job(id), 0).await.unwrap();
        let dispatch = history.last().unwrap().sequence;
        let start = JobCommand::StartAttempt { worker: "test-1".into(), dispatch };
        self.tell("acme", Aggregate::Job(id), Command::Job(start)).await.unwrap().sequence
    }

    /// The same, trained: an attempt, two epochs, weights and a report in the store.
    pub async fn finished_job(&self) -> Uuid {
        self.finished_job_of(&[("weights", "weights.safetensors", b"not really weights")]).await
    }

    /// The same with these results: role, name and content.
    pub async fn finished_job_of(&self, results: &[(&str, &str, &[u8])]) -> Uuid {
        let id = self.queued_job().await;
        let job = |command| self.tell("acme", Aggregate::Job(id), Command::Job(command));
        let token = self.start(id).await;
        let classes: Vec<String> = (0..3).map(|class| class.to_string()).collect();
        let report = |event| job(JobCommand::Report(Box::new(event)));
        report(JobEvent::TrainingStarted {
            token,
            device: "cpu".into(),
            parameters: 11,
            train_images: 1_437,
            validation_images: 360,
            classes: classes.clone(),
            dataset_hash: "d".repeat(64),
            resolved: BTreeMap::new(),
        })
        .await;
        let accuracy =
            |value: f64| Measurements::from([("accuracy".to_owned(), value), ("loss".to_owned(), 0.05)]);
        for (epoch, value) in [(1, 0.9), (2, 0.9833)] {
            report(JobEvent::EpochLogged {
                token,
                epoch,
                train: accuracy(value),
                validation: accuracy(value),
                primary: "accuracy".into(),
                is_best: true,
                learning_rate: 0.01,
                seconds: 1.5,
            })
            .await;
        }
        let score = |name| json!({ "name": name, "precision": 0.99, "recall": 0.98, "support": 120 });
        let scores = json!({
            "classes": classes.iter().map(score).collect::<Vec<_>>(),
            "confusion_matrix": [[118, 2, 0], [0, 120, 0], [0, 0, 120]],
        });
        let mut artifacts = Vec::new();
        for (role, name, content) in results {
            artifacts.push(self.stored(id, token, role, name, content).await);
        }
        artifacts.push(self.stored(id, token, "report", "report.json", scores.to_string().as_bytes()).await);
        report(JobEvent::Finished {
            token,
            best_epoch: 2,
            measurements: accuracy(0.9833),
            classes,
            artifacts,
            stopped_early: None,
            because: vec![],
        })
        .await;
        self.job_until(id, "finished").await;
        id
    }

    pub async fn stored(&self, job: Uuid, token: u64, role: &str, name: &str, content: &[u8]) -> Artifact {
        let key = trainyard_store::job_key(job, token, name).unwrap();
        let stored = self.store.put_bytes(&key, content.to_vec().into()).await.unwrap();
        Artifact { role: role.to_owned(), key, sha256: stored.sha256, bytes: stored.bytes }
    }

    pub async fn job_until(&self, id: Uuid, status: &str) -> Value {
        let token = self.token("acme", Role::Editor).await;
        until(async || {
            let (_, body) = self.ask(&token, Method::GET, &format!("/v1/jobs/{id}"), None).await;
            if body["job"]["status"] == status { Ok(body["job"].clone()) } else { Err(body) }
        })
        .await
    }
}

/// One for all houses: jobs have ids of their own, and the store takes room for every bucket.
async fn bucket() -> S3Access {
    static BUCKET: OnceCell<S3Access> = OnceCell::const_new();
    BUCKET.get_or_init(harness::s3).await.clone()
}

/// Status and body.
pub async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// What `check` gives as soon as it gives it; panics with what it said last when time is up.
pub async fn until<T, E: std::fmt::Debug>(mut check: impl AsyncFnMut() -> Result<T, E>) -> T {
    let begun = Instant::now();
    loop {
        match check().await {
            Ok(found) => return found,
            Err(instead) => assert!(begun.elapsed() < DEADLINE, "not within {DEADLINE:?}: {instead:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A command of the test's own, never asked before.
pub fn request(tenant: TenantId, aggregate: Aggregate, command: Command) -> Request {
    let id = Uuid::new_v4();
    let actor = Actor::User("test".to_owned());
    Request { id, tenant, aggregate, actor, correlation_id: id, causation_id: None, command }
}

async fn tell(
    door: &Door<JetStreamLog>,
    tenant: TenantId,
    aggregate: Aggregate,
    command: Command,
) -> Option<Recorded> {
    door.handle(request(tenant, aggregate, command)).await.unwrap().recorded()
}

/// The fleet's part: every dataset is 1,797 digits, but `bad` ones are empty and `slow` ones are never looked at.
async fn look_at_datasets(bus: Bus, door: Door<JetStreamLog>) {
    let mut entries = bus.log().follow(0).await.unwrap();
    while let Some(Ok(entry)) = entries.next().await {
        let Some(recorded) = entry.event() else { continue };
        let Event::Dataset(DatasetEvent::Registered { path, .. }) = &recorded.envelope.event else {
            continue;
        };
        let result = match path.as_str() {
            slow if slow.contains("slow") => continue,
            bad if bad.contains("bad") => Inspection::Bad {
                problem: "the folder has no images".to_owned(),
                next_step: "put images into a folder for each class".to_owned(),
                report: Vec::new(),
                bad_files: 0,
                because: vec![],
                advice: vec![],
            },
            _ => Inspection::Good { profile: Box::new(digits()) },
        };
        let record = DatasetCommand::RecordInspection {
            inspection: recorded.sequence,
            result,
            artifacts: Vec::new(),
            manifest: None,
        };
        let (tenant, aggregate) = (recorded.envelope.tenant, recorded.envelope.aggregate);
        tell(&door, tenant, aggregate, Command::Dataset(record)).await;
    }
}

pub fn digits() -> DatasetProfile {
    let class = |name: u32| ClassProfile {
        name: name.to_string(),
        images: SplitCounts { train: 180, validation: 0, test: 0 },
        objects: 180,
    };
    DatasetProfile {
        format: LabelFormat::ImageFolder,
        task: Task::Classify,
        images: SplitCounts { train: 1_797, validation: 0, test: 0 },
        split: false,
        classes: (0..10).map(class).collect(),
        width: [8, 8, 8],
        height: [8, 8, 8],
        grey: true,
        bytes: 400_000,
        content_hash: "d".repeat(64),
        warnings: Vec::new(),
        cautions: vec![],
        skipped: Vec::new(),
        skipped_files: 0,
        noted_files: 0,
        kinds: Vec::new(),
        noted: Vec::new(),
        boxes: None,
        histograms: None,
    }
}

/// A worker's word about itself.
pub fn worker(name: &str, jobs: Vec<Uuid>) -> WorkerRecord {
    let at = datetime!(2026-01-02 03:04:05 UTC);
    WorkerRecord {
        worker: name.to_owned(),
        pool: Pool::Cpu,
        device: "cpu (2 threads)".to_owned(),
        host: "test".to_owned(),
        version: "0.1.0".to_owned(),
        started_at: at,
        seen_at: at,
        jobs,
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

/// Hooks lead to public addresses alone.
fn hook_access() -> HookAccess {
    HookAccess { key: HooksKey::draw(), trusted: Arc::default() }
}
