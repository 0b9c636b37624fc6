//! What happens on the platforms that are measured: many jobs that have ended, and one that ran for 1,000 epochs.

use std::collections::BTreeMap;

use anyhow::Result;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use trainyard_bus::{Bus, EventLog};
use trainyard_events::chat::Interpreter;
use trainyard_events::config::{
    Augmentation, Device, Optimizer, Priority, Resize, Schedule, Task, TrainingConfig,
};
use trainyard_events::fleet::Pool;
use trainyard_events::results::{Artifact, Measurements};
use trainyard_events::{Actor, Aggregate, ChatEvent, Envelope, Event, JobEvent, TenantId, event_id, subject};
use uuid::Uuid;

/// Jobs of a long log, besides the one of 1,000 epochs.
const JOBS: u64 = 10_000;
pub const LONG_EPOCHS: u64 = 1_000;

#[expect(
    clippy::disallowed_methods,
    reason = "a latency is measured against the wall clock that events carry"
)]
pub fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

pub fn parsed(at: &str) -> Result<OffsetDateTime> {
    Ok(OffsetDateTime::parse(at, &Rfc3339)?)
}

pub fn envelope(tenant: &TenantId, command: Uuid, aggregate: Aggregate, event: Event) -> Envelope {
    Envelope {
        event_id: event_id(command),
        tenant: tenant.clone(),
        aggregate,
        command_id: command,
        correlation_id: command,
        causation_id: None,
        actor: Actor::User("bench".to_owned()),
        at: now(),
        sealed: None,
        event,
    }
}

/// Appends an event that nobody does anything about, to a conversation of its own; returns its sequence.
pub async fn say(bus: &Bus, tenant: &str) -> Result<u64> {
    let event = ChatEvent::ReplyGiven {
        reply: "an answer of some length, as they are: it says what was understood and what is proposed"
            .to_owned(),
        intent: "help".to_owned(),
        interpreter: Interpreter::Grammar,
        because: Vec::new(),
        choices: Vec::new(),
        job: None,
        dataset: None,
        shows: Vec::new(),
    };
    let chat = Uuid::new_v4();
    let envelope = envelope(&tenant.parse()?, chat, Aggregate::Chat(chat), Event::Chat(event));
    Ok(bus.log().append(&envelope, 0).await?)
}

/// Tells events one after the other, each under the sequence that it will have.
pub struct Telling {
    tenant: TenantId,
    sequence: u64,
}

/// An event as the log stores it: its subject and its bytes.
pub type Told = (String, String);

impl Telling {
    pub fn new(tenant: &str, after: u64) -> Telling {
        Telling { tenant: tenant.parse().expect("a tenant's name"), sequence: after }
    }

    /// The sequence of the last event.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    pub fn tell(&mut self, aggregate: Aggregate, event: Event) -> Told {
        self.sequence += 1;
        let command = Uuid::from_u128(0xbe << 64 | u128::from(self.sequence));
        let envelope = envelope(&self.tenant, command, aggregate, event);
        (subject::event(&self.tenant, &envelope.aggregate), envelope.to_json())
    }

    pub fn job(&mut self, id: Uuid, event: JobEvent) -> Told {
        self.tell(Aggregate::Job(id), Event::Job(event))
    }

    /// From the request to the first attempt, whose token is the newest sequence then.
    pub fn begin(&mut self, id: Uuid, dataset: Uuid, worker: &str) -> [Told; 3] {
        let requested = self.job(id, requested(dataset));
        let (pool, class, reason) = (Pool::Cpu, Priority::Normal, "next in line".to_owned());
        let dispatched = self.job(
            id,
            JobEvent::Dispatched {
                pool,
                class,
                reason,
                withdrawn: false,
                worker: None,
                because: vec![],
                price: None,
            },
        );
        let (worker, dispatch) = (worker.to_owned(), self.sequence);
        let started =
            JobEvent::AttemptStarted { worker, attempt: 1, dispatch, batch_divisor: 1, resume: None };
        [requested, dispatched, self.job(id, started)]
    }
}

pub fn requested(dataset: Uuid) -> JobEvent {
    let config = config();
    let config_hash = config.hash();
    JobEvent::Requested { config, config_hash, dataset, chat: None, approval: Uuid::nil() }
}

pub const DATASET: &str = "digits";

fn config() -> TrainingConfig {
    TrainingConfig {
        task: Task::Classify,
        model: "resnet18".to_owned(),
        dataset: Some(DATASET.to_owned()),
        classes: Vec::new(),
        epochs: 1_000,
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
        patience: None,
        seed: 1,
        device: Device::Cpu,
        priority: Priority::Normal,
        initial_weights: None,
        runner: None,
        options: BTreeMap::new(),
        continues: None,
        resources: None,
        max_cost: None,
        max_hours: None,
        unread: Default::default(),
    }
}

fn measurements(value: f64) -> Measurements {
    [("accuracy", value), ("loss", 1.0 - value), ("precision", value * 0.99), ("recall", value * 0.98)]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
}

/// The events of a platform on which so many things have happened, all of them over.
pub struct Ended {
    telling: Telling,
    jobs: u64,
    epochs: u64,
    /// The job of 1,000 epochs.
    pub long: Uuid,
}

impl Ended {
    pub fn new(tenant: &str, after: u64, events: u64) -> Ended {
        // Of each job, five events are none of an epoch.
        let epochs = (events.saturating_sub(LONG_EPOCHS) / JOBS).saturating_sub(5).max(1);
        Ended {
            telling: Telling::new(tenant, after),
            jobs: 0,
            epochs,
            long: Uuid::from_u128(u128::from(JOBS)),
        }
    }
}

impl Iterator for Ended {
    type Item = Vec<Told>;

    /// Everything that happens to the next job.
    fn next(&mut self) -> Option<Vec<Told>> {
        let (telling, number) = (&mut self.telling, self.jobs);
        if number > JOBS {
            return None;
        }
        self.jobs += 1;
        let id = Uuid::from_u128(u128::from(number));
        let epochs = if number == JOBS { LONG_EPOCHS } else { self.epochs };
        let mut told: Vec<Told> = telling.begin(id, Uuid::nil(), &format!("worker-{}", number % 8)).into();
        let token = telling.sequence();
        told.push(telling.job(
            id,
            JobEvent::TrainingStarted {
                token,
                device: "cpu (2 threads)".to_owned(),
                parameters: 11_000_000,
                train_images: 800,
                validation_images: 200,
                classes: vec!["0".to_owned(), "1".to_owned()],
                dataset_hash: "d".repeat(64),
                resolved: BTreeMap::new(),
            },
        ));
        for epoch in 1..=epochs {
            let value = 0.9 * epoch as f64 / epochs as f64 + 1.0 / (number + 17) as f64;
            told.push(telling.job(
                id,
                JobEvent::EpochLogged {
                    token,
                    epoch: epoch as u32,
                    train: measurements(value),
                    validation: measurements(value * 0.95),
                    primary: "accuracy".to_owned(),
                    is_best: true,
                    learning_rate: 0.1,
                    seconds: 2.5,
                },
            ));
        }
        let key = format!("jobs/{id}/{token}/weights.safetensors");
        let weights = Artifact { role: "weights".to_owned(), key, sha256: "a".repeat(64), bytes: 7 };
        told.push(telling.job(
            id,
            JobEvent::Finished {
                token,
                best_epoch: epochs as u32,
                measurements: measurements(0.9),
                classes: vec!["0".to_owned(), "1".to_owned()],
                artifacts: vec![weights],
                stopped_early: None,
                because: vec![],
            },
        ));
        Some(told)
    }
}
