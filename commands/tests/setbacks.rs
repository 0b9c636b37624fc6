//! A job that kills its workers is tried a few times, ever later and elsewhere first, and then fails with its history.

mod given;

use std::time::Duration;

use given::log::{Log, named, worker};
use given::report_epoch;
use trainyard_commands::job::{JobCommand, Status};
use trainyard_commands::schedule::leaves_to_another;
use trainyard_events::config::{Device, Priority};
use trainyard_events::fleet::Pool;
use trainyard_events::job::{Failure, FailureClass, JobEvent};
use trainyard_events::reason::Trouble;
use trainyard_events::results::{Artifact, CheckpointRef};
use trainyard_events::{Event, limits};

/// Ends the attempt that runs, without a result.
type End = fn(&mut Log, u64);

fn lost(log: &mut Log, token: u64) {
    log.job(1, JobEvent::AttemptLost { token });
}

fn preempted(log: &mut Log, token: u64) {
    log.job(1, JobEvent::AttemptPreempted { token, reason: "spot notice".into(), because: vec![] });
}

fn broken(log: &mut Log, token: u64) {
    let failure = Failure {
        class: FailureClass::Device,
        message: "no GPU".into(),
        next_step: String::new(),
        console: vec![],
        because: vec![],
        advice: vec![],
    };
    log.job(1, JobEvent::AttemptFailed { token, failure, console: None });
}

fn ready() -> Log {
    let mut log = Log::default();
    log.good_dataset();
    log.request(1, Priority::Normal, Device::Cpu);
    log
}

/// Waits for the next offer, and how long that was, in seconds.
fn offered_after(log: &mut Log) -> u64 {
    let fleet = [worker(Pool::Cpu, 1)];
    for second in 0..=limits::SETBACK_PAUSE_MAX.as_secs() {
        log.wait(if second == 0 { Duration::ZERO } else { Duration::from_secs(1) }, &fleet);
        if log.state_of(1).status != Status::Requested {
            return second;
        }
    }
    panic!("it is not offered again: {:?}", log.state_of(1))
}

fn pauses(count: usize, end: End) -> Vec<u64> {
    let mut log = ready();
    let mut pauses = Vec::new();
    for number in 0..count {
        pauses.push(offered_after(&mut log));
        let token = log.start(1, &format!("w{number}")).expect("it is offered");
        end(&mut log, token);
    }
    pauses
}

#[test]
fn each_loss_in_a_row_makes_it_wait_longer() {
    assert_eq!(pauses(limits::LOSS_BUDGET, lost), [0, 2, 8, 32, 128]);
}

#[test]
fn preemptions_use_up_no_budget_and_wait_longer_all_the_same() {
    assert_eq!(pauses(8, preempted), [0, 2, 8, 32, 128, 512, 600, 600]);
}

#[test]
fn a_broken_device_is_not_tried_again_at_once() {
    assert_eq!(pauses(limits::RETRY_BUDGET as usize, broken), [0, 2, 8]);
}

#[test]
fn too_many_losses_end_it_with_its_history() {
    let mut log = ready();
    for number in 1..=limits::LOSS_BUDGET {
        offered_after(&mut log);
        let token = log.start(1, &format!("w{number}")).unwrap();
        lost(&mut log, token);
    }
    log.wait(Duration::ZERO, &[worker(Pool::Cpu, 1)]);
    let Event::Job(JobEvent::Failed { failure }) = &log.events.last().unwrap().envelope.event else {
        panic!("{:?}", log.events.last())
    };
    assert_eq!(failure.class, FailureClass::Internal);
    let workers = ["w1", "w2", "w3", "w4", "w5"].map(str::to_owned).to_vec();
    assert_eq!(failure.because, [Trouble::LostInARow { attempts: 5, workers }.into()]);
}

#[test]
fn getting_further_forgives_and_going_over_the_same_ground_does_not() {
    // From the start each time: epoch 1 is news once.
    let mut log = ready();
    let mut attempts = 0;
    while log.state_of(1).status != Status::Failed && attempts < 99 {
        offered_after(&mut log);
        let token = log.start(1, "w").unwrap();
        log.job(1, report_epoch(token, 1));
        lost(&mut log, token);
        log.wait(Duration::ZERO, &[worker(Pool::Cpu, 1)]);
        attempts += 1;
    }
    assert_eq!(attempts, limits::LOSS_BUDGET, "its first epoch is further only once");

    // With a checkpoint each time, which goes beyond the one before.
    let mut log = ready();
    for step in 1..=4 * limits::LOSS_BUDGET as u64 {
        let pause = offered_after(&mut log);
        assert_eq!(pause, if step == 1 { 0 } else { 2 });
        let token = log.start(1, "w").unwrap();
        let artifact = Artifact { role: "checkpoint".into(), key: "k".into(), sha256: "s".into(), bytes: 1 };
        let checkpoint = CheckpointRef { epoch: 0, step, artifact };
        log.command(1, JobCommand::Report(Box::new(JobEvent::CheckpointCommitted { token, checkpoint })))
            .unwrap();
        lost(&mut log, token);
    }
}

#[test]
fn a_decision_on_an_older_attempt_changes_nothing() {
    let mut log = ready();
    offered_after(&mut log);
    let token = log.start(1, "w").unwrap();
    broken(&mut log, token);
    let judged = log.state_of(1).since();
    let fail = |since| JobCommand::Fail { failure: log_failure(), since };
    let dispatch = |since| {
        let (pool, class) = (Pool::Cpu, Priority::Normal);
        JobCommand::Dispatch { pool, class, worker: None, because: vec![], since, price: None }
    };
    // Another dispatcher was faster: it is on the queue, then runs, then waits again.
    offered_after(&mut log);
    let moved_on = Err(trainyard_commands::Rejection::MovedOn);
    assert_eq!(
        (log.command(1, fail(judged)), log.command(1, dispatch(judged))),
        (moved_on.clone(), moved_on.clone())
    );
    let token = log.start(1, "w").unwrap();
    assert_eq!(log.command(1, fail(judged)), moved_on);
    preempted(&mut log, token);
    assert_eq!(
        (log.command(1, fail(judged)), log.command(1, dispatch(judged))),
        (moved_on.clone(), moved_on)
    );
    let now = log.state_of(1).since();
    log.command(1, dispatch(now)).unwrap();
}

fn log_failure() -> Failure {
    Failure {
        class: FailureClass::Device,
        message: String::new(),
        next_step: String::new(),
        console: vec![],
        because: vec![],
        advice: vec![],
    }
}

#[test]
fn who_lost_it_leaves_it_to_another_machine_that_is_free() {
    let mut log = ready();
    offered_after(&mut log);
    let token = log.start(1, "a1").unwrap();
    lost(&mut log, token);
    offered_after(&mut log);
    let job = log.state_of(1);
    let [a1, a2, b] =
        [("a1", "a"), ("a2", "a"), ("b", "b")].map(|(name, host)| named(name, host, Pool::Cpu, 1));
    let all = [a1.clone(), a2.clone(), b.clone()];
    let leaves = |me, fleet: &[_]| leaves_to_another(&job, me, fleet);
    assert!(leaves(&a1, &all));
    assert!(leaves(&a2, &all), "the machine may be the reason");
    assert!(!leaves(&b, &all));
    assert!(!leaves(&a1, &[a1.clone(), a2.clone()]), "nobody else is there");
    let mut busy = b.clone();
    busy.jobs = vec![given::log::DATASET];
    assert!(!leaves(&a1, &[a1.clone(), busy]), "nobody else is free");
    let mut draining = b.clone();
    draining.draining = true;
    assert!(!leaves(&a1, &[a1.clone(), draining]));
    assert!(!leaves(&a1, &[a1.clone(), named("g", "b", Pool::Gpu, 1)]), "that is another pool");
    assert!(leaves(&a1, std::slice::from_ref(&b)), "its own record may be late");
    // Preempted, it may go on where it was.
    let token = log.start(1, "b").unwrap();
    preempted(&mut log, token);
    assert!(!leaves_to_another(&log.state_of(1), &b, &all));
}
