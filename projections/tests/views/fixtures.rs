//! Stories for the tests to tell, a log to tell them from, and databases to watch.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::{StreamExt, stream};
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use trainyard_bus::{AppendError, EntryStream, EventLog, LogError, MemoryLog};
use trainyard_events::address::Place;
use trainyard_events::card::Output;
use trainyard_events::chat::{Choice, Interpreter, Language};
use trainyard_events::config::{
    Augmentation, Device, Optimizer, Priority, Proposal, Resize, Schedule, Task, TrainingConfig,
};
use trainyard_events::dataset::{DatasetProfile, DatasetVersion, SplitCounts};
use trainyard_events::fleet::Pool;
use trainyard_events::job::{Failure, FailureClass};
use trainyard_events::model::{ModelCard, Share};
use trainyard_events::reason::LabelFormat;
use trainyard_events::reason::{Advice, Trouble};
use trainyard_events::results::{Artifact, CheckpointRef, Measurements};
use trainyard_events::tenant::Role;
use trainyard_events::*;
use trainyard_projections::{Health, Progress, Projector, ProjectorError, Views};
use uuid::Uuid;

pub const STREAM: &str = "log-1";
pub const DEADLINE: Duration = Duration::from_secs(30);

pub fn tenant(name: &str) -> TenantId {
    name.parse().unwrap()
}

/// Facts in order, each a second after the one before.
#[derive(Clone, Default)]
pub struct Story {
    pub events: Vec<Recorded>,
}

impl Story {
    /// Adds a fact and returns its sequence.
    pub fn tell(&mut self, of: &str, aggregate: Aggregate, event: Event) -> u64 {
        let sequence = self.events.len() as u64 + 1;
        let command_id = Uuid::from_u128(u128::from(sequence));
        let envelope = Envelope {
            event_id: event_id(command_id),
            tenant: tenant(of),
            aggregate,
            command_id,
            correlation_id: command_id,
            causation_id: None,
            actor: Actor::User("laptop".to_owned()),
            at: OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(1_750_000_000 + sequence as i64),
            sealed: None,
            event,
        };
        self.events.push(Recorded::new(sequence, envelope));
        sequence
    }

    pub fn job(&mut self, of: &str, id: Uuid, event: JobEvent) -> u64 {
        self.tell(of, Aggregate::Job(id), Event::Job(event))
    }

    pub fn last(&self) -> &Recorded {
        self.events.last().unwrap()
    }

    pub async fn append_to(&self, log: &MemoryLog) {
        let mut newest: BTreeMap<(TenantId, Aggregate), u64> = BTreeMap::new();
        let told = log.last_sequence().await.unwrap();
        for Recorded { sequence, envelope, .. } in &self.events {
            let last = newest.entry((envelope.tenant.clone(), envelope.aggregate.clone())).or_default();
            if *sequence > told {
                assert_eq!(log.append(envelope, *last).await.unwrap(), *sequence);
            }
            *last = *sequence;
        }
    }

    pub async fn log(&self) -> MemoryLog {
        let log = MemoryLog::default();
        self.append_to(&log).await;
        log
    }
}

/// A log that says what it is told to, and then falls silent.
#[derive(Clone)]
pub struct Script(pub Vec<Recorded>);

impl EventLog for Script {
    async fn append(&self, _: &Envelope, _: u64) -> Result<u64, AppendError> {
        Err(AppendError::Unavailable("a script is only read".to_owned()))
    }

    async fn put_back(&self, _: &Entry, _: u64) -> Result<u64, AppendError> {
        Err(AppendError::Unavailable("a script is only read".to_owned()))
    }

    async fn entries(&self, _: &TenantId, _: &Aggregate, _: u64) -> Result<Vec<Entry>, LogError> {
        Err(LogError::Unavailable("a script is only followed".to_owned()))
    }

    async fn at(&self, _: u64) -> Result<Option<Entry>, LogError> {
        Err(LogError::Unavailable("a script is only followed".to_owned()))
    }

    async fn follow(&self, after: u64) -> Result<EntryStream, LogError> {
        let entries = self.0.iter().filter(|event| event.sequence > after).cloned();
        let entries: Vec<_> = entries.map(|event| Ok(Entry::from(event))).collect();
        Ok(Box::pin(stream::iter(entries).chain(stream::pending())))
    }

    async fn last_sequence(&self) -> Result<u64, LogError> {
        Ok(self.0.len() as u64)
    }
}

/// A log that is asked at a member of NATS that takes itself for the leader so many times more, and does not know the newest events.
#[derive(Clone)]
pub struct Deposed {
    pub log: MemoryLog,
    pub mistaken: Arc<AtomicUsize>,
}

impl EventLog for Deposed {
    async fn append(&self, envelope: &Envelope, last: u64) -> Result<u64, AppendError> {
        self.log.append(envelope, last).await
    }

    async fn put_back(&self, entry: &Entry, last: u64) -> Result<u64, AppendError> {
        self.log.put_back(entry, last).await
    }

    async fn entries(&self, tenant: &TenantId, of: &Aggregate, after: u64) -> Result<Vec<Entry>, LogError> {
        self.log.entries(tenant, of, after).await
    }

    async fn at(&self, sequence: u64) -> Result<Option<Entry>, LogError> {
        self.log.at(sequence).await
    }

    async fn follow(&self, after: u64) -> Result<EntryStream, LogError> {
        self.log.follow(after).await
    }

    async fn last_sequence(&self) -> Result<u64, LogError> {
        let fewer = |left: usize| left.checked_sub(1);
        let mistaken = self.mistaken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer).is_ok();
        let newest = self.log.last_sequence().await?;
        Ok(if mistaken { newest / 2 } else { newest })
    }
}

pub async fn views() -> Views {
    Views::connect(&trainyard_local::harness::postgres_database().await.url).await.unwrap()
}

/// A projector at work.
pub struct Running {
    pub stop: CancellationToken,
    pub task: JoinHandle<Result<(), ProjectorError>>,
    progress: watch::Receiver<Progress>,
}

pub fn start(log: &impl EventLog, views: &Views) -> Running {
    let stop = CancellationToken::new();
    let projector = Projector::new(log.clone(), views.clone(), STREAM.to_owned());
    let progress = projector.progress();
    Running { task: tokio::spawn(projector.run(stop.clone())), stop, progress }
}

impl Running {
    /// Waits until it has read where the views are, and goes on from there.
    pub async fn follows(&mut self) {
        let follows = self.progress.wait_for(|progress| progress.health == Health::Following);
        timeout(DEADLINE, follows).await.expect("it follows in time").expect("it runs");
    }

    pub async fn stands_by(&mut self) {
        let another = |progress: &Progress| matches!(&progress.health, Health::Waiting(reason) if reason.contains("stands by"));
        let stands_by = self.progress.wait_for(another);
        timeout(DEADLINE, stands_by).await.expect("it stands by in time").expect("it runs");
    }

    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }
}

/// Projects the whole log and stops.
pub async fn project(log: &impl EventLog, views: &Views) {
    let running = start(log, views);
    let last = log.last_sequence().await.unwrap();
    assert!(views.wait_for(last, DEADLINE).await.unwrap(), "the views did not reach event {last}");
    running.stop().await;
}

pub fn config() -> TrainingConfig {
    TrainingConfig {
        task: Task::Classify,
        model: "resnet18".to_owned(),
        dataset: Some("/data/고양이".to_owned()),
        classes: Vec::new(),
        epochs: 4,
        image_size: 64,
        batch_size: 32,
        learning_rate: 0.1,
        optimizer: Optimizer::Sgd,
        momentum: 0.9,
        weight_decay: 5e-4,
        schedule: Schedule::Cosine,
        warmup_epochs: 1.0,
        label_smoothing: 0.1,
        ema: true,
        augmentation: Augmentation::Standard,
        resize: Resize::Letterbox,
        patience: Some(10),
        seed: u64::MAX,
        device: Device::Auto,
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

pub fn requested(chat: Option<Uuid>) -> JobEvent {
    let config = config();
    JobEvent::Requested {
        config_hash: config.hash(),
        config,
        dataset: Uuid::from_u128(0xda7a),
        chat,
        approval: Uuid::from_u128(0xa),
    }
}

pub fn dispatched() -> JobEvent {
    let (pool, class, reason) = (Pool::Cpu, Priority::Normal, "next in line".to_owned());
    JobEvent::Dispatched { pool, class, reason, withdrawn: false, worker: None, because: vec![], price: None }
}

pub fn attempt(number: u32, dispatch: u64, resume: Option<CheckpointRef>) -> JobEvent {
    JobEvent::AttemptStarted {
        worker: format!("cpu-{number}"),
        attempt: number,
        dispatch,
        batch_divisor: 1,
        resume,
    }
}

pub fn training_started(token: u64) -> JobEvent {
    JobEvent::TrainingStarted {
        token,
        device: "cpu (2 threads)".to_owned(),
        parameters: u64::MAX,
        train_images: 800,
        validation_images: 200,
        classes: vec!["cat".to_owned(), "dog".to_owned()],
        dataset_hash: "d".repeat(64),
        resolved: BTreeMap::from([("amp".to_owned(), "off".to_owned())]),
    }
}

pub fn accuracy(value: f64) -> Measurements {
    BTreeMap::from([("accuracy".to_owned(), value), ("loss".to_owned(), 1.0 / 3.0)])
}

pub fn epoch(token: u64, epoch: u32, value: f64, is_best: bool) -> JobEvent {
    JobEvent::EpochLogged {
        token,
        epoch,
        train: accuracy(value + 0.01),
        validation: accuracy(value),
        primary: "accuracy".to_owned(),
        is_best,
        learning_rate: 0.1,
        seconds: 2.5,
    }
}

pub fn artifact(role: &str) -> Artifact {
    Artifact { role: role.to_owned(), key: format!("jobs/x/1/{role}"), sha256: "a".repeat(64), bytes: 7 }
}

pub fn checkpoint(epoch: u32) -> CheckpointRef {
    CheckpointRef { epoch, step: u64::from(epoch) * 25, artifact: artifact("checkpoint") }
}

pub fn failure(class: FailureClass) -> Failure {
    Failure {
        class,
        message: "the loss is no longer a number at step 7".to_owned(),
        next_step: "train with a lower learning rate, or look at the data".to_owned(),
        console: vec!["step 7".to_owned(), "loss nan".to_owned()],
        because: vec![Trouble::LossNotANumber { step: 7 }.into()],
        advice: vec![Advice::TrainSlower],
    }
}

pub fn finished(token: u64, best_epoch: u32) -> JobEvent {
    JobEvent::Finished {
        token,
        best_epoch,
        measurements: accuracy(0.9),
        classes: vec!["cat".to_owned(), "dog".to_owned()],
        artifacts: vec![artifact("weights"), artifact("report")],
        stopped_early: None,
        because: vec![],
    }
}

pub fn proposal() -> Proposal {
    let config = config();
    Proposal { hash: config.hash(), config, missing: vec![], sources: BTreeMap::new(), warnings: vec![] }
}

pub fn profile() -> DatasetProfile {
    DatasetProfile {
        format: LabelFormat::ImageFolder,
        task: Task::Classify,
        images: SplitCounts { train: 800, validation: 200, test: 0 },
        split: true,
        classes: Vec::new(),
        width: [32, 64, 128],
        height: [32, 64, 128],
        grey: false,
        bytes: u64::MAX,
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

pub const CHAT: Uuid = Uuid::from_u128(0xc4a7);
pub const GOOD: Uuid = Uuid::from_u128(0x900d);
pub const BAD: Uuid = Uuid::from_u128(0xbad);
pub const TOKEN: Uuid = Uuid::from_u128(0x70);
pub const TOKEN_HASH: &str = "5ec4e75ec4e75ec4e75ec4e75ec4e75ec4e75ec4e75ec4e75ec4e75ec4e75ec4";

/// A bit of everything: a chat that becomes a job which loses a worker, is resumed and finishes; one that fails.
pub fn story() -> Story {
    let mut story = Story::default();
    let home = |event| Event::Tenant(event);
    let acme = || Aggregate::Tenant(tenant("acme"));
    story.tell("acme", acme(), home(TenantEvent::Created {}));
    let issued = TenantEvent::TokenIssued {
        token_id: TOKEN,
        name: "laptop".to_owned(),
        role: Role::Editor,
        sha256: TOKEN_HASH.to_owned(),
        expires_at: Some(datetime!(2026-06-01 00:00:00 UTC)),
    };
    story.tell("acme", acme(), home(issued));
    let quota = TenantEvent::QuotaSet {
        concurrent_jobs: Some(2),
        gpu_hours: None,
        dataset_bytes: Some(u64::MAX),
        month_budget: None,
    };
    story.tell("acme", acme(), home(quota));

    let chat = |event| Event::Chat(event);
    let text = "고양이와 개를 구분하는 모델을 학습해줘\0".to_owned();
    let prompt = ChatEvent::PromptReceived { text, language: Language::Korean };
    story.tell("acme", Aggregate::Chat(CHAT), chat(prompt));
    let (interpreter, reply) = (Interpreter::Grammar, "이렇게 할까요?".to_owned());
    let choices =
        vec![Choice { say: "시작해줘".to_owned(), what: "학습이 시작됩니다".to_owned() }];
    let proposal = Box::new(proposal());
    let proposed = ChatEvent::ConfigProposed { proposal, interpreter, reply, choices };
    story.tell("acme", Aggregate::Chat(CHAT), chat(proposed));

    let data = Aggregate::dataset_at(&tenant("acme"), "/data/고양이");
    let register = || DatasetEvent::Registered {
        path: "/data/고양이".to_owned(),
        task: Task::Classify,
        source: Default::default(),
        remote: None,
    };
    let first = story.tell("acme", data.clone(), Event::Dataset(register()));
    let second = story.tell("acme", data.clone(), Event::Dataset(register()));
    let late = DatasetEvent::Rejected {
        inspection: first,
        problem: "nothing there".to_owned(),
        next_step: "look again".to_owned(),
        report: Vec::new(),
        bad_files: u64::MAX,
        because: vec![],
        advice: vec![],
    };
    story.tell("acme", data.clone(), Event::Dataset(late));
    let artifacts = vec![artifact("sample_images"), artifact("sample_labels")];
    let valid =
        DatasetEvent::Validated { inspection: second, profile: profile().into(), artifacts, version: None };
    story.tell("acme", data, Event::Dataset(valid));

    let (config, hash, reply) = (config(), config().hash(), "좋아요".to_owned());
    story.tell("acme", Aggregate::Chat(CHAT), chat(ChatEvent::ProposalApproved { hash, config, reply }));
    good_job(&mut story);

    story.job("acme", BAD, requested(None));
    let dispatch = story.job("acme", BAD, dispatched());
    let token = story.job("acme", BAD, attempt(1, dispatch, None));
    let diverged = failure(FailureClass::Diverged);
    story.job("acme", BAD, JobEvent::AttemptFailed { token, failure: diverged.clone(), console: None });
    story.job("acme", BAD, JobEvent::Failed { failure: diverged });

    // The same id, somebody else's.
    kept_datasets(&mut story);
    named_model(&mut story);
    story.job("rival", GOOD, requested(None));
    story.job("rival", GOOD, JobEvent::CancelRequested { reason: "never mind".to_owned(), because: vec![] });
    story.job("rival", GOOD, JobEvent::Cancelled { token: None, console: None });

    // Two slots of the quota: one was used for a while on a GPU, one is.
    let [used, uses] = [GOOD, BAD].map(|job| TenantEvent::SlotReserved { job, wait: 1 });
    story.tell("acme", acme(), home(used));
    story.tell("acme", acme(), home(uses));
    story.tell("acme", acme(), home(TenantEvent::SlotReleased { job: GOOD, wait: 1, gpu_ms: 61_500 }));
    story
}

/// One with a tag that was put away, and one of which nothing is left.
fn kept_datasets(story: &mut Story) {
    let at = |name| Aggregate::dataset_at(&tenant("acme"), name);
    for name in ["archived", "deleted"] {
        let source = Place::Files { list: artifact("files") };
        let registered =
            DatasetEvent::Registered { path: name.to_owned(), task: Task::Classify, source, remote: None };
        let inspection = story.tell("acme", at(name), Event::Dataset(registered));
        for number in 1..=2 {
            let manifest = artifact("manifest");
            let version = DatasetVersion {
                number,
                kinds: vec![Task::Classify],
                manifest,
                stored: true,
                problems: None,
            };
            let valid = DatasetEvent::Validated {
                inspection: if number == 1 { inspection } else { inspection + 2 },
                profile: profile().into(),
                artifacts: vec![],
                version: Some(version),
            };
            story.tell("acme", at(name), Event::Dataset(valid));
            if number == 1 {
                let source = Place::Files { list: artifact("files") };
                let again = DatasetEvent::Registered {
                    path: name.to_owned(),
                    task: Task::Classify,
                    source,
                    remote: None,
                };
                story.tell("acme", at(name), Event::Dataset(again));
            }
        }
        let tagged = |tag: &str, version| DatasetEvent::Tagged { tag: tag.to_owned(), version };
        story.tell("acme", at(name), Event::Dataset(tagged("검수본", 2)));
        story.tell("acme", at(name), Event::Dataset(tagged("old", 1)));
        let gone = DatasetEvent::Deleted { versions: vec![1], whole: false };
        story.tell("acme", at(name), Event::Dataset(gone));
        story.tell("acme", at(name), Event::Dataset(DatasetEvent::Archived {}));
    }
    let gone = DatasetEvent::Deleted { versions: vec![2], whole: true };
    story.tell("acme", at("deleted"), Event::Dataset(gone));
}

/// Two versions of a job's model, of which the alias goes to the second and back, and the second is put away.
fn named_model(story: &mut Story) {
    let model = Aggregate::model_called(&tenant("acme"), "line3");
    let registered = |version, export: &str| ModelEvent::Registered {
        name: "line3".to_owned(),
        version,
        card: Box::new(ModelCard {
            job: GOOD,
            export: Artifact { sha256: export.to_owned(), ..artifact("onnx") },
            weights: Some(artifact("weights")),
            task: Task::Classify,
            model: "resnet18".to_owned(),
            runner: None,
            licence: None,
            classes: vec!["cat".to_owned(), "dog".to_owned()],
            preprocessing: None,
            output: Some(Output::Logits),
            dataset: Some("/data/고양이".to_owned()),
            dataset_hash: None,
            config_hash: config().hash(),
            measurements: Measurements::from([("accuracy".to_owned(), 0.75)]),
        }),
    };
    let aliased = |alias: &str, version, former| {
        let alias = alias.to_owned();
        ModelEvent::Aliased { alias, version, former }
    };
    for event in [
        registered(1, "one"),
        aliased("champion", 1, None),
        registered(2, "two"),
        aliased("champion", 2, Some(1)),
        aliased("tried", 2, None),
        ModelEvent::AliasRemoved { alias: "tried".to_owned() },
        aliased("champion", 1, Some(2)),
        ModelEvent::Archived { version: 1 },
        ModelEvent::Restored { version: 1 },
        ModelEvent::Archived { version: 2 },
        ModelEvent::SamplingSet { share: Share::try_from(0.25).unwrap() },
        ModelEvent::SamplesDeleted {},
    ] {
        story.tell("acme", model.clone(), Event::Model(event));
    }
}

fn good_job(story: &mut Story) {
    story.job("acme", GOOD, requested(Some(CHAT)));
    let dispatch = story.job("acme", GOOD, dispatched());
    let token = story.job("acme", GOOD, attempt(1, dispatch, None));
    story.job("acme", GOOD, training_started(token));
    story.job("acme", GOOD, epoch(token, 1, 0.5, true));
    story.job("acme", GOOD, epoch(token, 2, 0.6, true));
    story.job("acme", GOOD, JobEvent::CheckpointCommitted { token, checkpoint: checkpoint(2) });
    story.job("acme", GOOD, epoch(token, 3, 0.7, true));
    story.job("acme", GOOD, JobEvent::AttemptLost { token });
    let dispatch = story.job("acme", GOOD, dispatched());
    let token = story.job("acme", GOOD, attempt(2, dispatch, Some(checkpoint(2))));
    story.job("acme", GOOD, training_started(token));
    story.job("acme", GOOD, epoch(token, 3, 0.55, false));
    story.job("acme", GOOD, epoch(token, 4, 0.8, true));
    story.job("acme", GOOD, finished(token, 4));
    let deployed = EndpointEvent::Deployed { weights: artifact("weights"), classes: vec!["cat".to_owned()] };
    story.tell("acme", Aggregate::Endpoint(GOOD), Event::Endpoint(deployed));
}
