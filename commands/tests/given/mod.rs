//! The small language of the decision tests: histories, commands, expectations.
#![allow(dead_code, reason = "each test binary uses its part")]

pub mod crowd;
pub mod log;

use std::fmt::Debug;

use time::macros::datetime;
use trainyard_commands::chat::ChatCommand;
use trainyard_commands::dataset::DatasetCommand;
use trainyard_commands::endpoint::EndpointCommand;
use trainyard_commands::job::JobCommand;
use trainyard_commands::tenant::TenantCommand;
use trainyard_commands::{Command, Rejection, State};
use trainyard_events::chat::Interpreter;
use trainyard_events::config::{
    Augmentation, Continuation, Device, Optimizer, Priority, Proposal, Resize, Schedule, Task, TrainingConfig,
};
use trainyard_events::dataset::{DatasetProfile, SplitCounts};
use trainyard_events::job::JobEvent;
use trainyard_events::reason::Field;
use trainyard_events::reason::LabelFormat;
use trainyard_events::results::{Artifact, CheckpointRef};
use trainyard_events::{
    Actor, Aggregate, ChatEvent, DatasetEvent, EndpointEvent, Envelope, Event, Recorded, TenantEvent,
};
use uuid::Uuid;

pub fn config() -> TrainingConfig {
    TrainingConfig {
        task: Task::Classify,
        model: "resnet18".into(),
        dataset: Some("data/x".into()),
        classes: vec![],
        epochs: 5,
        image_size: 32,
        batch_size: 64,
        learning_rate: 0.05,
        optimizer: Optimizer::Sgd,
        momentum: 0.9,
        weight_decay: 5e-4,
        schedule: Schedule::Cosine,
        warmup_epochs: 1.0,
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

pub fn proposal(config: TrainingConfig) -> Proposal {
    let hash = config.hash();
    Proposal { config, hash, missing: vec![], sources: Default::default(), warnings: vec![] }
}

pub fn proposed(proposal: &Proposal) -> ChatEvent {
    ChatEvent::ConfigProposed {
        proposal: Box::new(proposal.clone()),
        interpreter: Interpreter::Grammar,
        reply: String::new(),
        choices: Vec::new(),
    }
}

pub fn approved(proposal: &Proposal) -> ChatEvent {
    ChatEvent::ProposalApproved {
        hash: proposal.hash.clone(),
        config: proposal.config.clone(),
        reply: String::new(),
    }
}

pub fn request() -> JobEvent {
    let config = config();
    let config_hash = config.hash();
    JobEvent::Requested { config, config_hash, dataset: Uuid::nil(), chat: None, approval: Uuid::nil() }
}

pub fn training_started(token: u64) -> JobEvent {
    JobEvent::TrainingStarted {
        token,
        device: "cpu".into(),
        parameters: 1,
        train_images: 10,
        validation_images: 2,
        classes: vec!["a".into(), "b".into()],
        dataset_hash: "h".into(),
        resolved: Default::default(),
    }
}

pub fn report_epoch(token: u64, epoch: u32) -> JobEvent {
    JobEvent::EpochLogged {
        token,
        epoch,
        train: [("loss".to_owned(), 0.5)].into(),
        validation: [("accuracy".to_owned(), 0.9)].into(),
        primary: "accuracy".into(),
        is_best: true,
        learning_rate: 0.01,
        seconds: 1.0,
    }
}

pub fn finished(token: u64) -> JobEvent {
    let weights = Artifact { role: "weights".into(), key: "k".into(), sha256: "s".into(), bytes: 1 };
    JobEvent::Finished {
        token,
        best_epoch: 1,
        measurements: Default::default(),
        classes: vec!["a".into(), "b".into()],
        artifacts: vec![weights],
        stopped_early: None,
        because: vec![],
    }
}

pub fn profile() -> DatasetProfile {
    DatasetProfile {
        format: LabelFormat::ImageFolder,
        task: Task::Classify,
        images: SplitCounts { train: 10, validation: 0, test: 0 },
        split: false,
        classes: vec![],
        width: [8, 8, 8],
        height: [8, 8, 8],
        grey: true,
        bytes: 1,
        content_hash: "h".into(),
        warnings: vec![],
        cautions: vec![],
        skipped: vec![],
        skipped_files: 0,
        noted_files: 0,
        kinds: Vec::new(),
        noted: Vec::new(),
        boxes: None,
        histograms: None,
    }
}

/// From `epoch` of another job, where ten steps are an epoch.
pub fn continuation(epoch: u32) -> Box<Continuation> {
    let job = Uuid::from_u128(0x01d);
    let key = format!("jobs/{job}/7/checkpoint-{}.safetensors", epoch * 10);
    let artifact = Artifact { role: "checkpoint".into(), key, sha256: "s".into(), bytes: 1 };
    let checkpoint = CheckpointRef { epoch, step: u64::from(epoch) * 10, artifact };
    Box::new(Continuation {
        job,
        checkpoint,
        best_epoch: Some(1),
        best: None,
        trained_as: None,
        unread: Default::default(),
    })
}

fn broken(break_it: fn(&mut Continuation)) -> Option<Box<Continuation>> {
    let mut from = continuation(2);
    break_it(&mut from);
    Some(from)
}

pub type Break = fn(&mut TrainingConfig);

/// Each field with a value that must be refused.
pub fn broken_configs() -> Vec<(Field, Break)> {
    vec![
        (Field::Epochs, |config| config.epochs = 0),
        (Field::Epochs, |config| config.epochs = 1_000_000_000),
        (Field::ImageSize, |config| config.image_size = 7),
        (Field::ImageSize, |config| config.image_size = 100_000),
        (Field::BatchSize, |config| config.batch_size = 0),
        (Field::LearningRate, |config| config.learning_rate = f64::NAN),
        (Field::LearningRate, |config| config.learning_rate = 0.0),
        (Field::LearningRate, |config| config.learning_rate = f64::INFINITY),
        (Field::Momentum, |config| config.momentum = 1.0),
        (Field::WeightDecay, |config| config.weight_decay = -1.0),
        (Field::WarmupEpochs, |config| config.warmup_epochs = 6.0),
        (Field::LabelSmoothing, |config| config.label_smoothing = 0.9),
        (Field::Patience, |config| config.patience = Some(0)),
        (Field::Classes, |config| config.classes = vec!["a".into(), "a".into()]),
        (Field::Classes, |config| config.classes = vec![String::new()]),
        (Field::Dataset, |config| config.dataset = Some("x".repeat(1_025))),
        (Field::Continues, |config| config.continues = Some(continuation(6))),
        (Field::Continues, |config| config.continues = broken(|from| from.job = Uuid::nil())),
        (Field::Continues, |config| config.continues = broken(|from| from.checkpoint.step = 0)),
        (Field::Continues, |config| config.continues = broken(|from| from.best_epoch = Some(3))),
        (Field::Continues, |config| {
            config.continues = broken(|from| from.checkpoint.artifact.role = "weights".into())
        }),
        (Field::Continues, |config| {
            config.continues =
                broken(|from| from.checkpoint.artifact.key += "/../../another/7/checkpoint-1.pt")
        }),
    ]
}

pub fn recorded(aggregate: &Aggregate, sequence: u64, event: Event) -> Recorded {
    let envelope = Envelope {
        event_id: Uuid::from_u128(u128::from(sequence)),
        tenant: "acme".parse().expect("a valid name"),
        aggregate: aggregate.clone(),
        command_id: Uuid::from_u128(u128::from(sequence)),
        correlation_id: Uuid::nil(),
        causation_id: None,
        actor: Actor::User("test".into()),
        at: datetime!(2026-01-01 00:00 UTC),
        sealed: None,
        event,
    };
    Recorded::new(sequence, envelope)
}

pub struct Given {
    state: State,
}

/// The history numbers its events from 1, which are their sequences and so the tokens.
fn given(aggregate: &Aggregate, events: impl Iterator<Item = Event>) -> Given {
    let mut state = State::new(aggregate);
    for (index, event) in events.enumerate() {
        state.evolve(&recorded(aggregate, index as u64 + 1, event));
    }
    Given { state }
}

pub fn chat(events: &[ChatEvent]) -> When<ChatCommand, ChatEvent> {
    let given = given(&Aggregate::Chat(Uuid::nil()), events.iter().cloned().map(Event::Chat));
    When {
        given,
        command: Command::Chat,
        event: |event| if let Event::Chat(event) = event { event } else { panic!() },
    }
}

pub fn dataset(events: &[DatasetEvent]) -> When<DatasetCommand, DatasetEvent> {
    let given = given(&Aggregate::Dataset(Uuid::nil()), events.iter().cloned().map(Event::Dataset));
    When {
        given,
        command: Command::Dataset,
        event: |event| if let Event::Dataset(event) = event { event } else { panic!() },
    }
}

pub fn job(events: &[JobEvent]) -> When<JobCommand, JobEvent> {
    let given = given(&Aggregate::Job(Uuid::nil()), events.iter().cloned().map(Event::Job));
    When {
        given,
        command: Command::Job,
        event: |event| if let Event::Job(event) = event { event } else { panic!() },
    }
}

pub fn endpoint(events: &[EndpointEvent]) -> When<EndpointCommand, EndpointEvent> {
    let given = given(&Aggregate::Endpoint(Uuid::nil()), events.iter().cloned().map(Event::Endpoint));
    When {
        given,
        command: Command::Endpoint,
        event: |event| if let Event::Endpoint(event) = event { event } else { panic!() },
    }
}

pub fn tenant(events: &[TenantEvent]) -> When<TenantCommand, TenantEvent> {
    let given = given(
        &Aggregate::Tenant("acme".parse().expect("a valid name")),
        events.iter().cloned().map(Event::Tenant),
    );
    When {
        given,
        command: Command::Tenant,
        event: |event| if let Event::Tenant(event) = event { event } else { panic!() },
    }
}

pub struct When<C, E> {
    given: Given,
    command: fn(C) -> Command,
    event: fn(Event) -> E,
}

impl<C, E> When<C, E> {
    pub fn when(self, command: C) -> Then<E> {
        Then {
            decision: self.given.state.decide(&(self.command)(command)).map(|event| event.map(self.event)),
        }
    }
}

pub struct Then<E> {
    decision: Result<Option<E>, Rejection>,
}

impl<E: Debug + PartialEq> Then<E> {
    pub fn event(self) -> E {
        self.decision.expect("not refused").expect("an event")
    }

    pub fn happens(self, expected: impl Fn(&E) -> bool) {
        let event = self.event();
        assert!(expected(&event), "{event:?}");
    }

    pub fn refused(self, rejection: Rejection) {
        assert_eq!(self.decision, Err(rejection));
    }

    pub fn already_so(self) {
        assert_eq!(self.decision, Ok(None));
    }
}
