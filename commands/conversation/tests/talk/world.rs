//! A conversation and all that it could ask about, in memory: no server, no clock, thousands of turns a second.

use std::collections::HashMap;

use serde_json::Value;
use time::OffsetDateTime;
use time::macros::datetime;
use trainyard_commands::chat::ChatCommand;
use trainyard_commands::dataset::Bad;
use trainyard_commands::job_of_approval;
use trainyard_conversation::{Act, Answer, Known, Look, Need, Place, Sought, Thread, answer};
use trainyard_events::chat::Exhibit;
use trainyard_events::config::{Proposal, Task};
use trainyard_events::dataset::{ClassProfile, DatasetProfile, SplitCounts};
use trainyard_events::reason::LabelFormat;
use trainyard_events::{
    Actor, Aggregate, ChatEvent, DatasetEvent, Envelope, Event, JobEvent, ModelEvent, Recorded, TenantId,
    TrainingConfig,
};
use trainyard_views::{DatasetRow, EpochRow, Expected, JobRow, JobStatus, ModelRow};
use uuid::Uuid;

pub const NOW: OffsetDateTime = datetime!(2026-01-02 12:00:00 UTC);

pub struct World {
    tenant: TenantId,
    chat: Uuid,
    log: Vec<Recorded>,
    sequence: u64,
    /// The oldest first.
    pub jobs: Vec<JobRow>,
    pub datasets: HashMap<String, Look>,
    /// With the number of its version, by how it is written with a tag.
    pub tagged: HashMap<String, String>,
    pub epochs: Vec<EpochRow>,
    pub expected: Expected,
    /// That people have named, the last changed first.
    pub models: Vec<ModelRow>,
}

/// What a turn was answered with, and what it did.
#[derive(Debug)]
pub struct Told {
    pub intent: String,
    pub reply: String,
    /// Such as `cancel 2`.
    pub acts: Vec<String>,
    pub proposal: Option<Proposal>,
    /// Sentences to choose from.
    pub choices: Vec<String>,
    pub shows: Vec<Exhibit>,
}

impl World {
    pub fn new() -> World {
        let mut datasets = HashMap::new();
        for path in ["data/digits", "data/flowers"] {
            datasets.insert(path.to_owned(), Look::Good(Box::new(profile())));
        }
        datasets.insert("data/bad".to_owned(), Look::Bad(Box::<Bad>::default()));
        World {
            tenant: "acme".parse().expect("a name"),
            chat: Uuid::from_u128(7),
            log: Vec::new(),
            sequence: 0,
            jobs: Vec::new(),
            datasets,
            tagged: HashMap::new(),
            epochs: Vec::new(),
            expected: Expected { time: None, waiting: 0, running: 0 },
            models: Vec::new(),
        }
    }

    /// The models of these jobs, by their numbers, as versions of the model of this name.
    pub fn registered(mut self, name: &str, jobs: &[u64]) -> World {
        for number in jobs {
            self.register(name, *number);
        }
        self
    }

    /// What happens to a model.
    pub fn model(&mut self, name: &str, event: ModelEvent) {
        let aggregate = Aggregate::model_called(&self.tenant, name);
        let recorded = self.record(aggregate, Event::Model(event));
        let place = self.models.iter().position(|model| model.name == name);
        let mut row = place.map(|place| self.models.remove(place));
        ModelRow::apply(&mut row, &recorded);
        self.models.insert(0, row.expect("it was registered"));
    }

    fn register(&mut self, name: &str, number: u64) {
        let job = self.jobs.iter().find(|job| job.number == number).expect("it is one of them");
        let model = self.models.iter().find(|model| model.name == name);
        let version = model.map_or(0, |model| model.versions.len() as u32) + 1;
        let card = serde_json::json!({
            "job": job.id, "task": "classify", "model": job.config.model, "classes": [], "dataset": "data/digits",
            "config_hash": "c", "measurements": job.best.clone().unwrap_or_default(),
            "export": { "role": "onnx", "key": "k", "sha256": number.to_string(), "bytes": 1 },
        });
        let card = serde_json::from_value(card).expect("a card");
        self.model(name, ModelEvent::Registered { name: name.to_owned(), version, card });
    }

    /// Has the alias name this version.
    pub fn alias(&mut self, name: &str, alias: &str, version: u32) {
        let model = self.models.iter().find(|model| model.name == name).expect("it is registered");
        let former = model.aliases.get(alias).map(|named| named.version);
        self.model(name, ModelEvent::Aliased { alias: alias.to_owned(), version, former });
    }

    /// A job of another conversation.
    pub fn with(mut self, status: JobStatus, model: &str, accuracy: Option<f64>) -> World {
        let config = serde_json::json!({
            "task": "classify", "model": model, "dataset": "data/digits", "classes": [], "epochs": 10,
            "image_size": 224, "batch_size": 32, "learning_rate": 0.001, "optimizer": "adamw", "momentum": 0.9,
            "weight_decay": 0.01, "schedule": "cosine", "warmup_epochs": 0.0, "label_smoothing": 0.0, "ema": false,
            "augmentation": "light", "resize": "stretch", "patience": null, "seed": 42, "device": "auto",
            "priority": "normal", "initial_weights": null,
        });
        let config: TrainingConfig = serde_json::from_value(config).expect("a configuration");
        let id = Uuid::from_u128(1_000 + self.jobs.len() as u128);
        self.request(id, config, None);
        let job = self.jobs.last_mut().expect("it was requested");
        job.status = status;
        if let Some(accuracy) = accuracy {
            job.primary = Some("accuracy".to_owned());
            job.best = Some([("accuracy".to_owned(), accuracy)].into());
            job.best_epoch = Some(10);
            job.epochs_done = 10;
        }
        self
    }

    fn request(&mut self, id: Uuid, config: TrainingConfig, chat: Option<Uuid>) {
        let (config_hash, dataset, approval) = (config.hash(), Uuid::nil(), Uuid::nil());
        let requested = JobEvent::Requested { config, config_hash, dataset, chat, approval };
        let recorded = self.record(Aggregate::Job(id), Event::Job(requested));
        let (mut row, number) = (None, self.jobs.len() as u64 + 1);
        assert!(JobRow::fold(&mut row, &recorded, number));
        self.jobs.push(row.expect("a job begins so"));
    }

    fn record(&mut self, aggregate: Aggregate, event: Event) -> Recorded {
        self.sequence += 1;
        recorded(&self.tenant, self.sequence, aggregate, event)
    }

    pub fn thread(&self) -> Thread {
        Thread::of(self.log.clone(), Uuid::max(), Uuid::max())
    }

    /// What `text` would be answered with now.
    pub fn heard(&self, text: &str) -> Answer {
        let thread = self.thread();
        let turn = thread.read(text);
        let place = Place { url: "http://here".to_owned(), who: "tester".to_owned(), now: NOW };
        let mut known = Known::at(place);
        for _ in 0..32 {
            match answer(&thread, text, &turn, &known) {
                Ok(answer) => return answer,
                Err(need) => self.tell(&mut known, need),
            }
        }
        panic!("{text}: needs to know ever more");
    }

    fn tell(&self, known: &mut Known, need: Need) {
        let by_name = |named: &str| {
            let named_so = |job: &&JobRow| job.number.to_string() == named || job.id.to_string() == named;
            self.jobs.iter().find(named_so).cloned()
        };
        match need {
            Need::Job(named) => {
                known.job.insert(named.clone(), by_name(&named));
            }
            Need::Jobs(sought) => {
                let found = self.sought(&sought);
                known.jobs.insert(sought, found);
            }
            Need::Waiting(job) => {
                known.waiting.insert(job.id, *job);
            }
            Need::History(job) => {
                known.histories.insert(job, Vec::new());
            }
            Need::Epochs(job) => {
                let epochs = self.epochs.iter().filter(|epoch| epoch.job == job).cloned().collect();
                known.epochs.insert(job, epochs);
            }
            Need::Report(key) => {
                known.reports.insert(key, None);
            }
            Need::Stored(key) => {
                known.stored.insert(key, false);
            }
            Need::Models => known.models = Some(self.models.clone()),
            Need::Datasets => known.datasets = Some(self.rows()),
            Need::Look(looked) => {
                let look = self.datasets.get(&looked.path).cloned().unwrap_or(Look::Pending);
                known.looks.insert(looked, look);
            }
            Need::Expected(_) => known.expected = Some(self.expected.clone()),
            Need::Tagged(written) => {
                let pinned = self.tagged.get(&written).cloned();
                known.tagged.insert(written, pinned);
            }
            Need::News { path, since } => {
                known.news.insert((path, since), None);
            }
        }
    }

    /// The good datasets, as the views have them.
    fn rows(&self) -> Vec<DatasetRow> {
        let mut paths: Vec<&String> = self.datasets.keys().collect();
        paths.sort();
        let rows = paths.into_iter().filter_map(|path| match &self.datasets[path] {
            Look::Good(profile) => Some(dataset(&self.tenant, path, profile)),
            _ => None,
        });
        rows.collect()
    }

    fn sought(&self, Sought { status, text, most }: &Sought) -> Vec<JobRow> {
        let fits = |job: &&JobRow| {
            let words = format!("{} {:?}", job.config.model, job.config.dataset).to_lowercase();
            (status.is_empty() || status.contains(&job.status))
                && text.as_ref().is_none_or(|text| words.contains(&text.to_lowercase()))
        };
        self.jobs.iter().rev().filter(fits).take(*most as usize).cloned().collect()
    }

    /// Says it: what is answered is recorded, and what is to be done is done.
    pub fn say(&mut self, text: &str) -> Told {
        let Answer { acts, say } = self.heard(text);
        let language = self.thread().read(text).language;
        self.decide(&ChatCommand::ReceivePrompt { text: text.to_owned(), language });
        let acts = acts.into_iter().map(|act| self.carry_out(act)).collect();
        let recorded = self.decide(&say);
        let Event::Chat(event) = &recorded.envelope.event else { panic!("an answer is of the chat") };
        let (mut choices, mut shows) = (Vec::new(), Vec::new());
        let (intent, reply) = match event {
            ChatEvent::ReplyGiven { intent, reply, choices: offered, shows: shown, .. } => {
                shows.clone_from(shown);
                choices.extend(offered.iter().map(|choice| choice.say.clone()));
                (intent.as_str(), reply)
            }
            ChatEvent::ConfigProposed { reply, choices: offered, .. } => {
                choices.extend(offered.iter().map(|choice| choice.say.clone()));
                ("proposed", reply)
            }
            ChatEvent::ProposalRejected { reply, .. } => ("rejected", reply),
            ChatEvent::ProposalApproved { reply, config, .. } => {
                let id = job_of_approval(recorded.envelope.event_id);
                self.request(id, config.clone(), Some(self.chat));
                self.jobs.last_mut().expect("it was requested").status = JobStatus::Training;
                ("approved", reply)
            }
            ChatEvent::PromptReceived { .. }
            | ChatEvent::Annotated { .. }
            | ChatEvent::PromptsErased { .. } => panic!("it is no answer"),
        };
        Told {
            intent: intent.to_owned(),
            reply: reply.clone(),
            acts,
            proposal: self.thread().chat.open,
            choices,
            shows,
        }
    }

    fn decide(&mut self, command: &ChatCommand) -> Recorded {
        let decided = self.thread().chat.decide(command).expect("a conversation says what may be said");
        let recorded =
            self.record(Aggregate::Chat(self.chat), Event::Chat(decided.expect("it says something")));
        self.log.push(recorded.clone());
        recorded
    }

    fn carry_out(&mut self, act: Act) -> String {
        match &act {
            Act::Cancel(job) => self.row(job.id).status = JobStatus::Cancelled,
            Act::Deploy(job) => self.row(job.id).deployed = true,
            Act::Register { job, name, .. } => self.register(name, job.number),
            Act::Promote { name, alias, version } => self.alias(name, alias, *version),
            Act::RollBack { name, alias } => {
                let model = self.models.iter().find(|model| model.name == *name).expect("it is registered");
                let former = model.aliases[alias].former.expect("it named another before");
                self.alias(name, alias, former);
            }
        }
        done(&act)
    }
}

impl World {
    fn row(&mut self, id: Uuid) -> &mut JobRow {
        self.jobs.iter_mut().find(|row| row.id == id).expect("it is one of them")
    }
}

/// What is done, to what: such as `cancel 2` or `promote trees v3 production`.
pub fn done(act: &Act) -> String {
    match act {
        Act::Cancel(job) => format!("cancel {}", job.number),
        Act::Deploy(job) => format!("deploy {}", job.number),
        Act::Register { job, name, version } => format!("register {} {name} v{version}", job.number),
        Act::Promote { name, alias, version } => format!("promote {name} v{version} {alias}"),
        Act::RollBack { name, alias } => format!("roll back {name} {alias}"),
    }
}

impl Told {
    /// A value of the open proposal.
    pub fn value(&self, field: &str) -> Value {
        let proposal = self.proposal.as_ref().unwrap_or_else(|| panic!("nothing is open: {self:?}"));
        serde_json::to_value(&proposal.config).expect("plain data")[field].clone()
    }
}

fn dataset(tenant: &TenantId, path: &str, profile: &DatasetProfile) -> DatasetRow {
    let aggregate = Aggregate::dataset_at(tenant, path);
    let registered =
        serde_json::json!({ "kind": "dataset.registered", "body": { "path": path, "task": profile.task } });
    let found =
        serde_json::json!({ "kind": "dataset.validated", "body": { "inspection": 1, "profile": profile } });
    let mut row = None;
    for (sequence, event) in [(1, registered), (2, found)] {
        let event: DatasetEvent = serde_json::from_value(event).expect("an event");
        DatasetRow::apply(&mut row, &recorded(tenant, sequence, aggregate.clone(), Event::Dataset(event)));
    }
    row.expect("it was registered")
}

fn recorded(tenant: &TenantId, sequence: u64, aggregate: Aggregate, event: Event) -> Recorded {
    let id = Uuid::from_u128(u128::from(sequence));
    let envelope = Envelope {
        event_id: id,
        tenant: tenant.clone(),
        aggregate,
        command_id: id,
        correlation_id: id,
        causation_id: None,
        actor: Actor::User("tester".to_owned()),
        at: NOW,
        sealed: None,
        event,
    };
    Recorded::new(sequence, envelope)
}

fn profile() -> DatasetProfile {
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
