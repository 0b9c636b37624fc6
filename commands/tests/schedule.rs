//! Histories in, dispatches and policies out: whose turn it is, and what ends without one.

mod given;

use given::log::{DATASET, Log, worker};
use trainyard_commands::action::Action;
use trainyard_commands::job::JobCommand;
use trainyard_commands::job_of_approval;
use trainyard_commands::policy;
use trainyard_events::config::{Device, Priority};
use trainyard_events::dataset::DatasetEvent;
use trainyard_events::fleet::{InstalledRunner, Pool, WorkMessage, WorkerRecord};
use trainyard_events::job::{FailureClass, JobEvent};
use trainyard_events::reason::{Advice, Unfit};
use trainyard_events::{Aggregate, Event, limits};
use uuid::Uuid;

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
        because: vec![],
        advice: vec![],
    };
    log.then(Aggregate::Dataset(DATASET), Event::Dataset(event));
    assert_eq!(log.order(), []);
    let asked = log.asked(1);
    assert!(
        matches!(&asked[..], [JobCommand::Fail { failure, .. }] if failure.class == FailureClass::Dataset),
        "{asked:?}"
    );
}

#[test]
fn a_job_on_an_archived_dataset_ends_and_one_from_before_goes_on() {
    let mut log = Log::default();
    log.good_dataset();
    log.request(1, Priority::Normal, Device::Cpu);
    log.then(Aggregate::Dataset(DATASET), Event::Dataset(DatasetEvent::Archived {}));
    log.request(2, Priority::Normal, Device::Cpu);
    assert_eq!(log.order(), [1]);
    assert!(log.asked(1).is_empty());
    assert!(matches!(&log.asked(2)[..], [JobCommand::Fail { failure, .. }]
        if failure.because == [Unfit::DatasetArchived.into()] && failure.advice == [Advice::RestoreDataset]));
    log.then(Aggregate::Dataset(DATASET), Event::Dataset(DatasetEvent::Restored {}));
    assert_eq!(log.order(), [1, 2]);
}

#[test]
fn a_job_on_a_deleted_dataset_ends_and_nothing_is_registered_for_it() {
    let mut log = Log::default();
    log.good_dataset();
    let gone = DatasetEvent::Deleted { versions: vec![], whole: true };
    log.then(Aggregate::Dataset(DATASET), Event::Dataset(gone));
    log.request(1, Priority::Normal, Device::Cpu);
    assert_eq!((log.order(), log.published()), (vec![], vec![]));
    assert!(matches!(&log.asked(1)[..], [JobCommand::Fail { failure, .. }]
        if failure.because == [Unfit::DatasetDeleted.into()]));
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
    let jobs = |log: &mut Log, fleet: &[WorkerRecord]| -> Vec<u128> {
        log.dispatched(fleet).into_iter().map(|(id, ..)| id).collect()
    };
    assert_eq!(jobs(&mut log, &[]), [], "nobody is there");
    assert_eq!(jobs(&mut log, &[worker(Pool::Cpu, 2)]), [1, 2]);
    log.run(1);
    assert_eq!(jobs(&mut log, &[worker(Pool::Cpu, 2)]), [2], "the other slot is taken");
    log.dispatch(2);
    assert_eq!(jobs(&mut log, &[worker(Pool::Cpu, 2)]), []);
    let leaving = WorkerRecord { draining: true, ..worker(Pool::Cpu, 2) };
    let other = WorkerRecord { worker: "other".into(), ..worker(Pool::Cpu, 2) };
    assert_eq!(jobs(&mut log, &[leaving, other]), [3], "what runs on a worker that leaves takes no room");
}

#[test]
fn the_pool_is_what_was_asked_for_or_where_the_workers_are() {
    let mut log = Log::default();
    log.good_dataset();
    log.request(1, Priority::Normal, Device::Gpu);
    log.request(2, Priority::Normal, Device::Auto);
    let mut pools = |fleet: &[WorkerRecord]| -> Vec<(u128, Pool)> {
        log.dispatched(fleet).into_iter().map(|(id, pool, _)| (id, pool)).collect()
    };
    assert_eq!(pools(&[worker(Pool::Cpu, 1)]), [(2, Pool::Cpu)]);
    assert_eq!(pools(&[worker(Pool::Cpu, 1), worker(Pool::Gpu, 2)]), [(1, Pool::Gpu), (2, Pool::Gpu)]);
}

#[test]
fn a_job_goes_only_where_its_runner_is() {
    let mut log = Log::default();
    log.good_dataset();
    log.request_by("timm", 1);
    log.request_by("timm", 2);
    log.request(3, Priority::Normal, Device::Auto);
    let with = |runner: &str, name: &str, pool: Pool, slots: u32| {
        let (version, description) = (String::new(), String::new());
        let runners = vec![InstalledRunner { runner: runner.into(), version, description }];
        WorkerRecord { worker: name.into(), runners, ..worker(pool, slots) }
    };
    let mut chosen = |fleet: &[WorkerRecord]| -> Vec<(u128, Pool)> {
        log.dispatched(fleet).into_iter().map(|(id, pool, _)| (id, pool)).collect()
    };
    assert_eq!(chosen(&[worker(Pool::Cpu, 4)]), [(3, Pool::Cpu)], "nobody has it");
    let other = with("anomalib", "other", Pool::Gpu, 4);
    let able = with("timm", "able", Pool::Cpu, 1);
    assert_eq!(chosen(&[other.clone(), able.clone()]), [(1, Pool::Cpu), (3, Pool::Gpu)], "one slot has it");
    assert_eq!(
        chosen(&[other, able.clone(), with("timm", "gpu", Pool::Gpu, 2)])[..2],
        [(1, Pool::Gpu), (2, Pool::Gpu)]
    );
    log.run_on(3, "able");
    assert_eq!(
        log.dispatched(&[able, worker(Pool::Cpu, 4)]).len(),
        0,
        "its one slot is taken by another's job"
    );
}

#[test]
fn a_failure_that_may_pass_is_tried_again_and_only_so_often() {
    let mut log = Log::default();
    log.good_dataset();
    log.request(1, Priority::Normal, Device::Cpu);
    for _ in 1..limits::RETRY_BUDGET {
        log.fail(1, FailureClass::Internal);
        log.pause();
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
fn cancelled_before_it_runs_is_confirmed_and_not_dispatched() {
    let mut log = Log::default();
    log.good_dataset();
    log.request(1, Priority::Normal, Device::Cpu);
    log.request(2, Priority::Normal, Device::Cpu);
    log.dispatch(2);
    for job in [1, 2] {
        log.job(job, JobEvent::CancelRequested { reason: String::new(), because: vec![] });
        assert_eq!(log.asked(job), [JobCommand::ConfirmCancel]);
        log.job(job, JobEvent::Cancelled { token: None, console: None });
        assert_eq!(log.asked(job), []);
    }
    assert_eq!((log.order(), log.published()), (vec![], vec![]));
}

#[test]
fn an_approval_leads_to_one_job_whatever_happens_twice() {
    let mut log = Log::default();
    let approved = given::approved(&given::proposal(given::config()));
    log.then(Aggregate::Chat(Uuid::nil()), Event::Chat(approved));
    let (first, second) = (policy::due(log.world()), policy::due(log.world()));
    assert_eq!(first, second, "acting again is the same commands with the same ids");
    let [Action::Ask(register), Action::Ask(request)] = &first[..] else { panic!("{first:?}") };
    assert_eq!(register.aggregate, Aggregate::dataset_at(&register.tenant, "data/x"));
    assert_eq!(request.aggregate, Aggregate::Job(job_of_approval(log.events[0].envelope.event_id)));
    for _ in 0..2 {
        log.ask(request).unwrap();
    }
    assert_eq!(log.events.len(), 2);
    let Aggregate::Job(job) = request.aggregate else { panic!("{request:?}") };
    assert_eq!(log.asked(job.as_u128()), [], "only its dataset is to be looked at");
}

#[test]
fn ended_jobs_cost_nothing() {
    let mut log = Log::default();
    log.good_dataset();
    log.request(1, Priority::Normal, Device::Cpu);
    let token = log.run(1);
    log.job(1, JobEvent::CancelRequested { reason: String::new(), because: vec![] });
    log.job(1, JobEvent::Cancelled { token: Some(token), console: None });
    assert!(log.world().jobs.is_empty());
}
