//! Nothing waits without a deadline: messages are deleted, pools die and workers freeze, and everything goes on.

mod given;

use std::time::Duration;

use given::log::{DATASET, Log, acme, named, worker};
use given::{report_epoch, request};
use trainyard_commands::action::Action;
use trainyard_commands::dataset::{DatasetCommand, Verdict};
use trainyard_commands::job::{JobCommand, Status};
use trainyard_commands::policy;
use trainyard_commands::{Command, Rejection, derived_id, job_of_approval};
use trainyard_events::config::{Device, Priority, Task};
use trainyard_events::fleet::{Pool, WorkMessage};
use trainyard_events::job::{FailureClass, JobEvent};
use trainyard_events::reason::{Reason, Trouble, Unfit, Wait};
use trainyard_events::trainer::Inspection;
use trainyard_events::{Aggregate, ChatEvent, DatasetEvent, Event, limits};
use uuid::Uuid;

const MOMENT: Duration = Duration::from_millis(1);

/// Job 1, for whom everything is ready.
fn ready(device: Device) -> Log {
    let mut log = Log::default();
    log.good_dataset();
    log.request(1, Priority::Normal, device);
    log
}

fn dispatches(log: &Log) -> Vec<(Pool, bool, Vec<Reason>)> {
    let events = log.events.iter().filter_map(|recorded| match &recorded.envelope.event {
        Event::Job(JobEvent::Dispatched { pool, withdrawn, because, .. }) => {
            Some((*pool, *withdrawn, because.clone()))
        }
        _ => None,
    });
    events.collect()
}

#[test]
fn a_training_command_that_is_lost_is_given_again_as_another_message() {
    let mut log = ready(Device::Cpu);
    let fleet = [worker(Pool::Cpu, 1)];
    log.wait(Duration::ZERO, &fleet);
    let (first, message) = log.queue.remove(0);
    let dispatched = log.events.last().unwrap().envelope.event_id;
    assert_eq!(first, derived_id(dispatched, "train"), "older dispatchers give it the same id");
    let WorkMessage::Train { dispatch: lost, .. } = message else { panic!("{message:?}") };

    log.wait(limits::DISPATCH_DEADLINE - MOMENT, &fleet);
    assert_eq!((log.queue.len(), dispatches(&log).len()), (0, 1), "its time is not up");
    log.wait(MOMENT, &fleet);
    let (second, _) = log.queue[0];
    assert_ne!(first, second, "the queue swallows a message id that it has had");
    assert!(dispatches(&log)[1].2.contains(&Wait::OfferedAgain { pool: Pool::Cpu }.into()));

    // Who finds the first message all the same cannot begin under it, and the other can.
    let late = JobCommand::StartAttempt { worker: "w".into(), dispatch: lost };
    assert_eq!(log.command(1, late), Err(Rejection::NotOffered));
    log.start(1, "w").unwrap();
    log.wait(limits::DISPATCH_DEADLINE_MAX, &fleet);
    assert_eq!(log.queue.len(), 1, "what was taken is not given again");
}

#[test]
fn it_is_given_again_for_ever_and_ever_more_rarely() {
    let mut log = ready(Device::Cpu);
    let fleet = [worker(Pool::Cpu, 1)];
    for _ in 0..24 * 360 {
        log.wait(Duration::from_secs(10), &fleet);
        log.queue.clear();
    }
    let times = log.events.iter().filter(|recorded| recorded.envelope.event.kind() == "job.dispatched");
    let times: Vec<_> = times.map(|recorded| recorded.envelope.at).collect();
    let gaps: Vec<Duration> = times.windows(2).map(|pair| (pair[1] - pair[0]).unsigned_abs()).collect();
    let slack = Duration::from_secs(10);
    for (gap, least) in gaps.iter().zip([45, 90, 180, 360, 600, 600]) {
        let least = Duration::from_secs(least);
        assert!((least..=least + slack).contains(gap), "{gaps:?}");
    }
    assert!(gaps.iter().all(|gap| *gap <= limits::DISPATCH_DEADLINE_MAX + slack), "{gaps:?}");
    assert!(gaps.len() > 100, "in a day: {}", gaps.len());
}

#[test]
fn a_pool_that_dies_loses_its_jobs_to_another_that_may_have_them() {
    let both = [named("g", "a", Pool::Gpu, 1), named("c", "b", Pool::Cpu, 1)];
    let mut log = ready(Device::Auto);
    log.wait(Duration::ZERO, &both);
    assert_eq!(dispatches(&log)[0].0, Pool::Gpu);
    log.wait(limits::POOL_GONE - MOMENT, &both[1..]);
    assert_eq!(dispatches(&log).len(), 1, "its worker may be starting again");
    log.wait(MOMENT, &both[1..]);
    let found = dispatches(&log);
    assert_eq!((found[1].1, found[2].0, found[2].1), (true, Pool::Cpu, false), "{found:?}");
    assert_eq!(found[1].2, [Wait::PoolGone { pool: Pool::Gpu }.into()]);
    log.start(1, "c").unwrap();
}

#[test]
fn one_that_needs_the_dead_pool_says_so_keeps_no_place_and_comes_back_with_it() {
    let gpu = [named("g", "a", Pool::Gpu, 1)];
    let mut log = ready(Device::Gpu);
    log.wait(Duration::ZERO, &gpu);
    let offered = log.state_of(1).dispatch;
    log.wait(limits::POOL_GONE, &[]);
    assert_eq!(log.state_of(1).status, Status::Requested);
    assert!(dispatches(&log)[1].2.contains(&Wait::NoWorkerInPool { pool: Pool::Gpu }.into()));
    let stale = JobCommand::StartAttempt { worker: "g".into(), dispatch: offered };
    assert_eq!(log.command(1, stale), Err(Rejection::NotOffered), "its old message gives it to nobody");
    let before = log.events.len();
    log.wait(limits::DISPATCH_DEADLINE_MAX * 10, &[]);
    assert_eq!(log.events.len(), before, "said once");
    log.wait(Duration::ZERO, &gpu);
    log.start(1, "g").unwrap();
}

#[test]
fn a_look_that_nobody_answers_is_asked_for_again_and_given_up_in_the_end() {
    let mut log = Log::default();
    log.register();
    log.request(1, Priority::Normal, Device::Cpu);
    let fleet = [worker(Pool::Cpu, 1)];
    let mut ids = Vec::new();
    for round in 0..limits::INSPECTION_ROUNDS {
        log.wait(Duration::ZERO, &fleet);
        let [(id, WorkMessage::Inspect { inspection: 1, .. })] = log.queue[..] else {
            panic!("round {round}: {:?}", log.queue)
        };
        log.queue.clear();
        ids.push(id);
        // With nobody there, nobody is late.
        log.wait(limits::INSPECTION_DEADLINE * 1_000, &[]);
        log.wait(limits::INSPECTION_DEADLINE * (1 << round) - MOMENT, &fleet);
        assert_eq!(log.queue, [], "round {round}: its time is not up");
        log.wait(MOMENT, &fleet);
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), limits::INSPECTION_ROUNDS as usize, "the queue swallows an id that it has had");
    let verdict = log.world().datasets[&(acme(), DATASET)].dataset.verdict.clone();
    let Verdict::Bad(bad) = &verdict else { panic!("{verdict:?}") };
    assert_eq!(bad.because, [Unfit::NeverLookedAt { rounds: limits::INSPECTION_ROUNDS }.into()]);
    assert_eq!(log.state_of(1).status, Status::Failed);
    // Who looks at it again begins anew.
    log.register();
    log.wait(Duration::ZERO, &fleet);
    assert_eq!(log.queue.len(), 1);
}

/// Registers another dataset, whose verdict the fleet owes.
fn register(log: &mut Log, number: u128) -> u64 {
    let (path, task) = (format!("data/{number}"), Task::Classify);
    let event = DatasetEvent::Registered { path, task, source: Default::default(), remote: None };
    log.then(Aggregate::Dataset(Uuid::from_u128(number)), Event::Dataset(event))
}

#[test]
fn datasets_whose_turn_has_not_come_are_not_late() {
    let mut log = Log::default();
    let fleet = [worker(Pool::Cpu, 1)];
    let registered: Vec<u64> = (0..100).map(|number| register(&mut log, 9_000 - number)).collect();
    log.wait(limits::INSPECTION_DEADLINE - MOMENT, &fleet);
    let asked = |log: &Log| -> Vec<u64> {
        let of = |(_, message): &(Uuid, WorkMessage)| match message {
            WorkMessage::Inspect { inspection, .. } => *inspection,
            WorkMessage::Train { .. } => panic!("{message:?}"),
        };
        let mut asked: Vec<u64> = log.queue.iter().map(of).collect();
        asked.sort_unstable();
        asked
    };
    assert_eq!(asked(&log), registered[..limits::INSPECTIONS_OF_WORKER], "the first that were registered");
    // Hours later the first have been given up, and each of the others has had its whole time or still waits.
    let verdicts = |log: &Log| {
        let is_verdict = |event: &Event| matches!(event, Event::Dataset(DatasetEvent::Rejected { .. }));
        log.events.iter().filter(|recorded| is_verdict(&recorded.envelope.event)).count()
    };
    let patience = limits::INSPECTION_DEADLINE * ((1 << limits::INSPECTION_ROUNDS) - 1);
    let mut waited = Duration::ZERO;
    while waited < patience * 2 {
        log.wait(limits::INSPECTION_DEADLINE / 2, &fleet);
        waited += limits::INSPECTION_DEADLINE / 2;
    }
    assert!((2..=4).contains(&verdicts(&log)), "{}", verdicts(&log));
    // With more workers more are asked for.
    log.queue.clear();
    let many: Vec<_> = (0..8).map(|number| named(&format!("w{number}"), "h", Pool::Cpu, 1)).collect();
    log.wait(Duration::ZERO, &many);
    assert!(log.queue.len() >= 14, "{:?}", log.queue.len());
}

#[test]
fn a_verdict_in_time_ends_the_asking() {
    let mut log = Log::default();
    log.good_dataset();
    log.wait(limits::INSPECTION_DEADLINE * 100, &[worker(Pool::Cpu, 1)]);
    assert_eq!((log.queue.len(), log.events.len()), (0, 2));
}

#[test]
fn an_attempt_that_never_begins_to_train_is_lost_though_its_lease_is_held() {
    let fleet = [worker(Pool::Cpu, 1)];
    let mut log = ready(Device::Cpu);
    log.wait(Duration::ZERO, &fleet);
    let token = log.start(1, "w").unwrap();
    log.wait(limits::STARTING_DEADLINE - MOMENT, &fleet);
    assert_eq!(log.state_of(1).token, Some(token));
    log.wait(MOMENT, &fleet);
    log.wait(limits::SETBACK_PAUSE, &fleet);
    assert_eq!(log.state_of(1).status, Status::Queued, "it has another attempt");
}

#[test]
fn an_attempt_that_tells_nothing_for_a_day_is_lost_and_each_fact_is_another_day() {
    let fleet = [worker(Pool::Cpu, 1)];
    let mut log = ready(Device::Cpu);
    log.wait(Duration::ZERO, &fleet);
    let token = log.start(1, "w").unwrap();
    log.job(1, given::training_started(token));
    for epoch in 1..=3 {
        log.wait(limits::TRAINING_DEADLINE - MOMENT, &fleet);
        log.job(1, report_epoch(token, epoch));
    }
    assert_eq!(log.state_of(1).token, Some(token));
    log.wait(limits::TRAINING_DEADLINE, &fleet);
    assert_eq!(log.state_of(1).token, None);
}

#[test]
fn a_cancel_that_its_worker_never_confirms_is_confirmed_all_the_same() {
    for trains in [false, true] {
        let fleet = [worker(Pool::Cpu, 1)];
        let mut log = ready(Device::Cpu);
        log.wait(Duration::ZERO, &fleet);
        let token = log.start(1, "w").unwrap();
        if trains {
            log.job(1, given::training_started(token));
        }
        log.command(1, JobCommand::RequestCancel { because: vec![] }).unwrap();
        log.wait(limits::CANCEL_DEADLINE - MOMENT, &fleet);
        assert_eq!(log.state_of(1).token, Some(token), "its worker may still see it end");
        log.wait(MOMENT, &fleet);
        assert_eq!(log.state_of(1).status, Status::Cancelled);
    }
}

#[test]
fn after_an_outage_everything_has_its_whole_time_again() {
    let mut log = ready(Device::Cpu);
    let fleet = [worker(Pool::Cpu, 1)];
    log.wait(Duration::ZERO, &fleet);
    log.wait(limits::DISPATCH_DEADLINE - MOMENT, &fleet);
    log.outage();
    log.wait(limits::DISPATCH_DEADLINE - MOMENT, &fleet);
    assert_eq!(dispatches(&log).len(), 1);
    log.wait(MOMENT, &fleet);
    assert_eq!(dispatches(&log).len(), 2);
}

#[test]
fn clocks_that_step_make_nothing_overdue() {
    let mut log = ready(Device::Cpu);
    let fleet = [worker(Pool::Cpu, 1)];
    log.wait(Duration::ZERO, &fleet);
    for hours in [5, -9, 4] {
        log.at += time::Duration::hours(hours);
        log.wait(limits::DISPATCH_DEADLINE / 4, &fleet);
    }
    assert_eq!(dispatches(&log).len(), 1);
}

#[test]
fn a_job_whose_dataset_nobody_had_looked_at_has_it_looked_at_or_ends() {
    let fleet = [worker(Pool::Cpu, 1)];
    let mut log = Log::default();
    log.request(1, Priority::Normal, Device::Cpu);
    log.wait(Duration::ZERO, &fleet);
    assert!(matches!(log.queue[..], [(_, WorkMessage::Inspect { .. })]), "{:?}", log.queue);

    let mut log = Log::default();
    let mut unreadable = request();
    let JobEvent::Requested { config, .. } = &mut unreadable else { panic!("{unreadable:?}") };
    config.dataset = Some("data/\u{7}".into());
    log.job(1, unreadable);
    log.wait(Duration::ZERO, &fleet);
    let Event::Job(JobEvent::Failed { failure }) = &log.events.last().unwrap().envelope.event else {
        panic!("{:?}", log.events)
    };
    let because = vec![Trouble::Refused { rejection: Rejection::BadPath }.into()];
    assert_eq!((failure.class, &failure.because), (FailureClass::Dataset, &because));
}

#[test]
fn a_dataset_that_cannot_be_read_is_left_alone() {
    let mut log = ready(Device::Cpu);
    log.damage(&Aggregate::Dataset(DATASET));
    let before = log.events.len();
    log.wait(limits::INSPECTION_DEADLINE * 100, &[worker(Pool::Cpu, 1)]);
    assert_eq!((log.events.len(), log.queue.len()), (before, 0), "{:?}", log.events.last());
}

#[test]
fn an_approval_has_a_bad_dataset_looked_at_once_more() {
    let mut log = Log::default();
    let aggregate = Aggregate::dataset_at(&acme(), "data/x");
    let register = DatasetEvent::Registered {
        path: "data/x".into(),
        task: Task::Classify,
        source: Default::default(),
        remote: None,
    };
    let inspection = log.then(aggregate.clone(), Event::Dataset(register));
    let (problem, next_step) = ("empty".to_owned(), "fill it".to_owned());
    let (report, because, advice) = (vec![], vec![], vec![]);
    let bad =
        DatasetEvent::Rejected { inspection, problem, next_step, report, bad_files: 0, because, advice };
    log.then(aggregate, Event::Dataset(bad));
    let approved = given::approved(&given::proposal(given::config()));
    log.then(Aggregate::Chat(Uuid::nil()), Event::Chat(approved));
    log.wait(Duration::ZERO, &[worker(Pool::Cpu, 1)]);
    assert!(matches!(log.queue[..], [(_, WorkMessage::Inspect { inspection: 4, .. })]), "{:?}", log.queue);
}

#[test]
fn what_was_approved_and_cannot_be_a_job_is_said_in_its_chat_once() {
    let mut config = given::config();
    config.epochs = 0;
    let problems = config.problems();
    let approved = given::approved(&given::proposal(config));
    let chat = Uuid::from_u128(7);
    let mut log = Log::default();
    log.then(Aggregate::Chat(chat), Event::Chat(approved));
    log.wait(Duration::ZERO, &[]);
    log.wait(Duration::ZERO, &[]);
    let told: Vec<_> =
        log.events.iter().filter(|recorded| recorded.envelope.event.kind() == "chat.reply_given").collect();
    assert_eq!(told.len(), 1, "{:?}", log.events);
    let told = &told[0].envelope;
    assert_eq!(told.aggregate, Aggregate::Chat(chat));
    let Event::Chat(ChatEvent::ReplyGiven { because, .. }) = &told.event else { panic!("{told:?}") };
    assert_eq!(
        *because,
        [Trouble::ApprovedButRefused { rejection: Rejection::BadConfig { problems } }.into()]
    );
    assert!(log.world().approvals.is_empty(), "that is its end");
    let job = job_of_approval(log.events[0].envelope.event_id);
    assert_eq!(log.state_of(job.as_u128()).status, Status::Unknown);
}

#[test]
fn only_what_somebody_waits_for_is_answered() {
    let mut log = ready(Device::Cpu);
    log.read(0, usize::MAX);
    for action in log.due_of(0, &[worker(Pool::Cpu, 1)]) {
        let Action::Ask(request) = action else { continue };
        assert_eq!(policy::told(&request, &Rejection::MovedOn), None, "{request:?}");
    }
}

#[test]
fn a_late_verdict_on_a_look_that_was_given_up_is_no_error() {
    let mut log = Log::default();
    let inspection = log.register();
    let record = |result| {
        Command::Dataset(DatasetCommand::RecordInspection {
            inspection,
            result,
            artifacts: vec![],
            manifest: None,
        })
    };
    let bad = Inspection::Bad {
        problem: "x".into(),
        next_step: "y".into(),
        report: vec![],
        bad_files: 0,
        because: vec![],
        advice: vec![],
    };
    for (id, result) in [(1, bad), (2, Inspection::Good { profile: Box::new(given::profile()) })] {
        log.tell(id, Aggregate::Dataset(DATASET), record(result)).unwrap();
    }
    assert_eq!(log.events.len(), 2);
}
