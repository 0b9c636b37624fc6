//! Histories in, dispatches and policies out.

use time::macros::datetime;
use trainyard_events::config::{Augmentation, Optimizer, Priority, Resize, Schedule, Task, TrainingConfig};
use trainyard_events::dataset::{DatasetFormat, DatasetProfile, SplitCounts};
use trainyard_events::fleet::WorkMessage;
use trainyard_events::job::{Failure, FailureClass, JobEvent};
use trainyard_events::{
    Actor, Aggregate, ChatEvent, DatasetEvent, Envelope, Event, Recorded, TenantEvent, limits,
};

use super::*;
use crate::command::Command;
use crate::policy;

const DATASET: Uuid = Uuid::from_u128(1_000);

fn config(priority: Priority, device: Device) -> TrainingConfig {
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
        label_smoothing: 0.0,
        ema: true,
        augmentation: Augmentation::Light,
        resize: Resize::Letterbox,
        patience: None,
        seed: 42,
        device,
        priority,
        initial_weights: None,
        continues: None,
        unread: Default::default(),
    }
}

fn profile() -> DatasetProfile {
    DatasetProfile {
        format: DatasetFormat::ImageFolder,
        task: Task::Classify,
        images: SplitCounts::default(),
        split: false,
        classes: vec![],
        width: [8; 3],
        height: [8; 3],
        grey: true,
        bytes: 1,
        content_hash: String::new(),
        warnings: vec![],
        skipped: vec![],
        noted: vec![],
        boxes: None,
        histograms: None,
    }
}

#[derive(Default)]
struct Log {
    world: World,
}

impl Log {
    fn then(&mut self, aggregate: Aggregate, event: Event) -> u64 {
        let sequence = self.world.sequence + 1;
        let envelope = Envelope {
            event_id: Uuid::from_u128(u128::from(sequence)),
            tenant: "acme".parse().unwrap(),
            aggregate,
            command_id: Uuid::nil(),
            correlation_id: Uuid::nil(),
            causation_id: None,
            actor: Actor::User("test".into()),
            at: datetime!(2026-01-01 00:00 UTC),
            event,
        };
        self.world.evolve(&Recorded::new(sequence, envelope));
        sequence
    }

    fn job(&mut self, id: u128, event: JobEvent) -> u64 {
        self.then(Aggregate::Job(Uuid::from_u128(id)), Event::Job(event))
    }

    fn request(&mut self, id: u128, priority: Priority, device: Device) {
        let config = config(priority, device);
        let config_hash = config.hash();
        let event = JobEvent::Requested {
            config,
            config_hash,
            dataset: DATASET,
            chat: None,
            approval: Uuid::from_u128(id),
        };
        self.job(id, event);
    }

    fn dispatch(&mut self, id: u128) -> u64 {
        let event = JobEvent::Dispatched { pool: Pool::Cpu, class: Priority::Normal, reason: String::new() };
        self.job(id, event)
    }

    /// A dispatch and an attempt; returns the token.
    fn run(&mut self, id: u128) -> u64 {
        let dispatch = self.dispatch(id);
        let worker = "w".to_owned();
        self.job(
            id,
            JobEvent::AttemptStarted { worker, attempt: 1, dispatch, batch_divisor: 1, resume: None },
        )
    }

    fn fail(&mut self, id: u128, class: FailureClass) {
        let token = self.run(id);
        let failure = Failure { class, message: String::new(), next_step: String::new(), console: vec![] };
        self.job(id, JobEvent::AttemptFailed { token, failure, console: None });
    }

    fn register(&mut self) -> u64 {
        let event = DatasetEvent::Registered { path: "data/x".into(), task: Task::Classify };
        self.then(Aggregate::Dataset(DATASET), Event::Dataset(event))
    }

    fn good_dataset(&mut self) {
        let inspection = self.register();
        let profile = Box::new(profile());
        let event = DatasetEvent::Validated { inspection, profile, artifacts: Vec::new() };
        self.then(Aggregate::Dataset(DATASET), Event::Dataset(event));
    }

    /// The jobs dispatched now, in order, with pool and reason.
    fn dispatched(&self, fleet: &[WorkerRecord]) -> Vec<(u128, Pool, String)> {
        let jobs = due(&self.world, fleet).into_iter().map(|action| {
            let Action::Ask(request) = action else { panic!("only dispatches are due") };
            let (Aggregate::Job(id), Command::Job(JobCommand::Dispatch { pool, reason, .. })) =
                (request.aggregate, request.command)
            else {
                panic!("only dispatches are due")
            };
            (id.as_u128(), pool, reason)
        });
        jobs.collect()
    }

    fn order(&self) -> Vec<u128> {
        self.dispatched(&[worker(Pool::Cpu, 8)]).into_iter().map(|(id, ..)| id).collect()
    }

    /// What policies ask of job `id` now.
    fn asked(&self, id: u128) -> Vec<JobCommand> {
        let asked = policy::due(&self.world).into_iter().filter_map(|action| match action {
            Action::Ask(request) if request.aggregate == Aggregate::Job(Uuid::from_u128(id)) => {
                match request.command {
                    Command::Job(command) => Some(command),
                    _ => None,
                }
            }
            _ => None,
        });
        asked.collect()
    }

    fn published(&self) -> Vec<WorkMessage> {
        let published = policy::due(&self.world).into_iter().filter_map(|action| match action {
            Action::Publish { message, .. } => Some(message),
            Action::Ask(_) => None,
        });
        published.collect()
    }
}

fn worker(pool: Pool, slots: u32) -> WorkerRecord {
    WorkerRecord {
        worker: "w".into(),
        pool,
        device: String::new(),
        host: String::new(),
        version: String::new(),
        started_at: datetime!(2026-01-01 00:00 UTC),
        seen_at: datetime!(2026-01-01 00:00 UTC),
        jobs: vec![],
        slots,
        draining: false,
    }
}

#[test]
fn a_job_waits_until_its_dataset_is_found_good() {
    let mut log = Log::default();
    log.request(1, Priority::Normal, Device::Cpu);
    assert_eq!(log.order(), []);
    log.register();
    assert_eq!(log.order(), []);
    assert!(matches!(log.published()[..], [WorkMessage::Inspect { inspection: 2, .. }]));
    log.good_dataset();
    assert_eq!(log.order(), [1]);
}

#[test]
fn a_job_on_a_bad_dataset_ends_without_an_attempt() {
    let mut log = Log::default();
    log.request(1, Priority::Normal, Device::Cpu);
    let inspection = log.register();
    let event = DatasetEvent::Rejected {
        inspection,
        problem: "one class only".into(),
        next_step: "add another".into(),
        report: vec![],
        bad_files: 0,
    };
    log.then(Aggregate::Dataset(DATASET), Event::Dataset(event));
    assert_eq!(log.order(), []);
    let asked = log.asked(1);
    assert!(
        matches!(&asked[..], [JobCommand::Fail { failure }] if failure.class == FailureClass::Dataset),
        "{asked:?}"
    );
}

#[test]
fn high_goes_before_normal_and_then_who_asked_first() {
    let mut log = Log::default();
    log.good_dataset();
    log.request(1, Priority::Low, Device::Cpu);
    log.request(2, Priority::Normal, Device::Cpu);
    log.request(3, Priority::High, Device::Cpu);
    log.request(4, Priority::Normal, Device::Cpu);
    assert_eq!(log.order(), [3, 2, 4, 1]);
}

#[test]
fn no_more_is_dispatched_than_there_are_free_slots() {
    let mut log = Log::default();
    log.good_dataset();
    for job in 1..=5 {
        log.request(job, Priority::Normal, Device::Cpu);
    }
    let jobs = |log: &Log, fleet: &[WorkerRecord]| -> Vec<u128> {
        log.dispatched(fleet).into_iter().map(|(id, ..)| id).collect()
    };
    assert_eq!(jobs(&log, &[]), [1], "one, to say that nobody is there");
    assert_eq!(jobs(&log, &[worker(Pool::Cpu, 2)]), [1, 2]);
    log.run(1);
    assert_eq!(jobs(&log, &[worker(Pool::Cpu, 2)]), [2], "the other slot is taken");
    log.dispatch(2);
    assert_eq!(jobs(&log, &[worker(Pool::Cpu, 2)]), []);
    let leaving = WorkerRecord { draining: true, ..worker(Pool::Cpu, 2) };
    let other = WorkerRecord { worker: "other".into(), ..worker(Pool::Cpu, 2) };
    assert_eq!(jobs(&log, &[leaving, other]), [3], "what runs on a worker that leaves takes no room");
}

#[test]
fn a_quota_holds_back_what_is_over_it() {
    let mut log = Log::default();
    log.good_dataset();
    let quota = TenantEvent::QuotaSet { concurrent_jobs: Some(2), gpu_hours: None };
    log.then(Aggregate::Tenant("acme".parse().unwrap()), Event::Tenant(quota));
    log.request(1, Priority::Normal, Device::Cpu);
    log.run(1);
    log.request(2, Priority::Normal, Device::Cpu);
    log.request(3, Priority::Normal, Device::Cpu);
    assert_eq!(log.order(), [2]);
    log.dispatch(2);
    assert_eq!(log.order(), []);
}

#[test]
fn the_pool_is_what_was_asked_for_or_where_the_workers_are() {
    let mut log = Log::default();
    log.good_dataset();
    log.request(1, Priority::Normal, Device::Gpu);
    log.request(2, Priority::Normal, Device::Auto);
    let pools = |fleet: &[WorkerRecord]| -> Vec<Pool> {
        log.dispatched(fleet).into_iter().map(|(_, pool, _)| pool).collect()
    };
    assert_eq!(pools(&[worker(Pool::Cpu, 1)]), [Pool::Gpu, Pool::Cpu]);
    assert_eq!(pools(&[worker(Pool::Cpu, 1), worker(Pool::Gpu, 2)]), [Pool::Gpu, Pool::Gpu]);
    let reasons = log.dispatched(&[worker(Pool::Cpu, 1)]);
    assert!(reasons[0].2.contains("no gpu worker is up"), "{}", reasons[0].2);
}

#[test]
fn a_failure_that_may_pass_is_tried_again_and_only_so_often() {
    let mut log = Log::default();
    log.good_dataset();
    log.request(1, Priority::Normal, Device::Cpu);
    for _ in 1..limits::RETRY_BUDGET {
        log.fail(1, FailureClass::Internal);
        assert_eq!((log.order(), log.asked(1)), (vec![1], vec![]));
    }
    log.fail(1, FailureClass::Internal);
    assert_eq!(log.order(), []);
    assert!(matches!(log.asked(1)[..], [JobCommand::Fail { .. }]));
}

#[test]
fn a_failure_that_cannot_pass_is_the_end() {
    for class in [FailureClass::Config, FailureClass::Dataset, FailureClass::Diverged] {
        let mut log = Log::default();
        log.good_dataset();
        log.request(1, Priority::Normal, Device::Cpu);
        log.fail(1, class);
        assert_eq!(log.order(), []);
        assert!(matches!(log.asked(1)[..], [JobCommand::Fail { .. }]), "{class:?}");
    }
}

#[test]
fn a_lost_attempt_uses_up_no_retry() {
    let mut log = Log::default();
    log.good_dataset();
    log.request(1, Priority::Normal, Device::Cpu);
    for _ in 0..2 * limits::RETRY_BUDGET {
        let token = log.run(1);
        log.job(1, JobEvent::AttemptLost { token });
        assert_eq!(log.order(), [1]);
    }
}

#[test]
fn cancelled_before_it_runs_is_confirmed_and_not_dispatched() {
    let mut log = Log::default();
    log.good_dataset();
    log.request(1, Priority::Normal, Device::Cpu);
    log.request(2, Priority::Normal, Device::Cpu);
    log.dispatch(2);
    for job in [1, 2] {
        log.job(job, JobEvent::CancelRequested { reason: String::new() });
        assert_eq!(log.asked(job), [JobCommand::ConfirmCancel]);
        log.job(job, JobEvent::Cancelled { token: None, console: None });
        assert_eq!(log.asked(job), []);
    }
    assert_eq!((log.order(), log.published()), (vec![], vec![]));
}

#[test]
fn an_approval_leads_to_one_job_whatever_happens_twice() {
    let mut log = Log::default();
    let config = config(Priority::Normal, Device::Cpu);
    let approved =
        ChatEvent::ProposalApproved { hash: config.hash(), config: config.clone(), reply: String::new() };
    let approval = log.then(Aggregate::Chat(Uuid::nil()), Event::Chat(approved));
    let job = policy::job_of_approval(Uuid::from_u128(u128::from(approval)));
    let (first, second) = (policy::due(&log.world), policy::due(&log.world));
    assert_eq!(first, second, "acting again is the same commands with the same ids");
    let asked = log.asked(job.as_u128());
    assert!(
        matches!(&asked[..], [JobCommand::RequestJob { config: asked, .. }] if asked.hash() == config.hash()),
        "{asked:?}"
    );
    let config_hash = config.hash();
    let approval = Uuid::from_u128(u128::from(approval));
    log.job(
        job.as_u128(),
        JobEvent::Requested { config, config_hash, dataset: DATASET, chat: None, approval },
    );
    assert_eq!(log.asked(job.as_u128()), []);
}

#[test]
fn ended_jobs_cost_nothing() {
    let mut log = Log::default();
    log.good_dataset();
    log.request(1, Priority::Normal, Device::Cpu);
    let token = log.run(1);
    log.job(1, JobEvent::CancelRequested { reason: String::new() });
    log.job(1, JobEvent::Cancelled { token: Some(token), console: None });
    assert!(log.world.jobs.is_empty());
}
