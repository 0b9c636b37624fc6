//! Histories in, and what a drained worker and a paused queue make of dispatches and of what runs.

mod given;

use std::time::Duration;

use given::log::{Log, acme, named};
use trainyard_commands::job::{JobCommand, Status};
use trainyard_commands::maintenance::MaintenanceCommand;
use trainyard_commands::{Command, Rejection};
use trainyard_events::config::{Device, Priority};
use trainyard_events::fleet::{Pool, WorkerRecord};
use trainyard_events::job::JobEvent;
use trainyard_events::reason::{Ending, Reason, Wait};
use trainyard_events::{Aggregate, Resources};

const SOON: Duration = Duration::from_secs(1);

fn fleet() -> [WorkerRecord; 2] {
    ["a", "b"].map(|name| WorkerRecord {
        takes_own: true,
        labels: [("name".to_owned(), name.to_owned())].into(),
        ..named(name, name, Pool::Cpu, 1)
    })
}

fn say(log: &mut Log, number: u128, command: MaintenanceCommand) -> Result<(), Rejection> {
    log.tell(number, Aggregate::Maintenance(acme()), Command::Maintenance(command))
}

fn drain(worker: &str, now: bool) -> MaintenanceCommand {
    MaintenanceCommand::Drain { worker: worker.to_owned(), note: None, now }
}

fn only_on(worker: &str) -> Resources {
    Resources { labels: [("name".to_owned(), worker.to_owned())].into(), ..Resources::default() }
}

fn who() -> String {
    "test".to_owned()
}

#[test]
fn a_drained_worker_gets_nothing_new_until_it_is_returned() {
    let mut log = Log::default();
    log.good_dataset();
    say(&mut log, 1, drain("a", false)).expect("anybody may here");
    log.request_with(1, Priority::Normal, only_on("a"));
    log.request_with(2, Priority::Normal, only_on("b"));
    log.wait(SOON, &fleet());
    assert_eq!((log.state_of(1).status, log.state_of(2).status), (Status::Requested, Status::Queued));
    say(&mut log, 2, MaintenanceCommand::Return { worker: "a".to_owned() }).expect("it is drained");
    log.wait(SOON, &fleet());
    assert_eq!(log.state_of(1).offered_to.as_deref(), Some("a"));
}

#[test]
fn what_was_offered_to_it_waits_again_and_what_runs_goes_on() {
    let mut log = Log::default();
    log.good_dataset();
    log.request_with(1, Priority::Normal, only_on("a"));
    log.request_with(2, Priority::Normal, only_on("b"));
    log.wait(SOON, &fleet());
    let token = log.start(2, "b").expect("it is offered");
    say(&mut log, 1, drain("a", false)).expect("anybody may here");
    say(&mut log, 2, drain("b", false)).expect("anybody may here");
    log.wait(SOON, &fleet());
    assert_eq!(log.state_of(1).status, Status::Requested, "it is taken back");
    assert!(log.start(1, "a").is_err(), "and nobody can begin it any more");
    assert_eq!(log.state_of(2).token, Some(token));
    assert!(!log.state_of(2).is_stopping());
}

#[test]
fn what_runs_on_a_worker_that_is_emptied_now_stops_once_and_goes_on_elsewhere() {
    let mut log = Log::default();
    log.good_dataset();
    log.request(1, Priority::Normal, Device::Cpu);
    log.wait(SOON, &fleet());
    let token = log.start(1, "a").expect("it is offered");
    say(&mut log, 1, drain("a", true)).expect("anybody may here");
    log.wait(SOON, &fleet());
    log.wait(SOON, &fleet());
    let because: Vec<Reason> = vec![Ending::WorkerDrained { who: who() }.into()];
    let asked = log.events.iter().filter(|event| event.envelope.event.kind() == "job.preempt_requested");
    assert_eq!(asked.count(), 1);
    assert!(log.state_of(1).to_yield);
    log.job(1, JobEvent::AttemptPreempted { token, reason: String::new(), because });
    let setbacks = log.state_of(1).setbacks;
    assert!(setbacks.pause().is_zero(), "no failure is counted: {setbacks:?}");
    log.wait(SOON, &fleet());
    assert_eq!(log.state_of(1).status, Status::Queued, "at once, for the one that is left");
    assert!(log.start(1, "b").is_ok());
}

#[test]
fn of_a_paused_queue_nothing_is_dispatched_and_what_waits_is_told() {
    let mut log = Log::default();
    log.good_dataset();
    log.request(1, Priority::High, Device::Cpu);
    log.request(2, Priority::Normal, Device::Cpu);
    log.wait(SOON, &fleet());
    let token = log.start(1, "a").expect("it is offered");
    say(&mut log, 1, MaintenanceCommand::Pause { note: Some("the storage moves".to_owned()) })
        .expect("so be it");
    log.wait(SOON, &fleet());
    assert_eq!(log.state_of(1).token, Some(token), "what runs goes on");
    assert_eq!(log.state_of(2).status, Status::Requested);
    let last = log.events.iter().rev().find_map(|recorded| match &recorded.envelope.event {
        trainyard_events::Event::Job(JobEvent::Dispatched { withdrawn: true, because, .. }) => {
            Some(because.clone())
        }
        _ => None,
    });
    assert_eq!(last, Some(vec![Wait::QueuePaused { who: who() }.into()]));
    log.request(3, Priority::High, Device::Cpu);
    log.wait(Duration::from_secs(3_600), &fleet());
    assert_eq!(log.state_of(3).status, Status::Requested, "however long it lasts");
    say(&mut log, 2, MaintenanceCommand::Resume).expect("it is paused");
    log.wait(SOON, &fleet());
    assert_eq!(
        log.state_of(3).status,
        Status::Queued,
        "the higher class first, in the one slot that is left"
    );
}

#[test]
fn a_wish_to_cancel_is_granted_while_the_queue_is_paused() {
    let mut log = Log::default();
    log.good_dataset();
    log.request(1, Priority::Normal, Device::Cpu);
    log.wait(SOON, &fleet());
    say(&mut log, 1, MaintenanceCommand::Pause { note: None }).expect("so be it");
    log.command(1, JobCommand::RequestCancel { because: vec![] }).expect("it has not ended");
    log.wait(SOON, &fleet());
    assert_eq!(log.state_of(1).status, Status::Cancelled);
}

#[test]
fn what_is_so_already_is_no_event_and_a_note_is_one_line() {
    let mut log = Log::default();
    say(&mut log, 1, MaintenanceCommand::Return { worker: "a".to_owned() }).expect("it is so");
    say(&mut log, 2, MaintenanceCommand::Resume).expect("it is so");
    assert!(log.events.is_empty());
    say(&mut log, 3, drain("a", false)).expect("it is news");
    say(&mut log, 4, drain("a", false)).expect("it is so");
    say(&mut log, 5, drain("a", true)).expect("it is news");
    assert_eq!(log.events.len(), 2);
    for note in ["", "two\nlines", &"x".repeat(201)] {
        let note = Some(note.to_owned());
        let pause = MaintenanceCommand::Pause { note: note.clone() };
        assert_eq!(say(&mut log, 6, pause), Err(Rejection::BadMaintenanceNote), "{note:?}");
        let drain = MaintenanceCommand::Drain { worker: "b".to_owned(), note, now: false };
        assert_eq!(say(&mut log, 7, drain), Err(Rejection::BadMaintenanceNote));
    }
}

#[test]
fn a_dispatcher_that_starts_again_knows_it() {
    let mut log = Log::with_dispatchers(2);
    log.good_dataset();
    say(&mut log, 1, drain("a", true)).expect("it is news");
    say(&mut log, 2, MaintenanceCommand::Pause { note: None }).expect("it is news");
    let json = log.world().to_json().expect("nothing is kept back");
    let world = trainyard_commands::world::World::remembered(&json).expect("it was written so");
    assert_eq!(world.maintenance, log.world().maintenance);
    assert!(world.maintenance.stops("a").is_some() && world.maintenance.paused.is_some());
}
