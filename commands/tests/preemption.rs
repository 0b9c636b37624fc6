//! Which jobs give way to one of a higher class: random fleets and random jobs, and cases by hand.

mod given;

use std::collections::BTreeMap;
use std::time::Duration;

use given::log::{Log, machine, named};
use proptest::prelude::*;
use trainyard_commands::Command;
use trainyard_commands::action::Action;
use trainyard_commands::job::{JobCommand, Status};
use trainyard_events::config::Priority;
use trainyard_events::fleet::{Pool, WorkerRecord};
use trainyard_events::job::JobEvent;
use trainyard_events::reason::{Ending, Reason};
use trainyard_events::results::{Artifact, CheckpointRef};
use trainyard_events::{Aggregate, Resources, limits};

const SOON: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_secs(700);

fn gpus(count: u32) -> Resources {
    Resources { gpus: Some(count), ..Resources::default() }
}

fn preempting() -> Log {
    let mut log = Log::default();
    log.rules.preempts = true;
    log.good_dataset();
    log
}

/// The worker that was chosen begins.
fn begin(log: &mut Log, job: u128) -> u64 {
    let worker = log.state_of(job).offered_to.expect("it is dispatched by name");
    log.start(job, &worker).expect("it is offered to it")
}

/// Who would be asked to give way now, and to which class.
fn asked(log: &mut Log, fleet: &[WorkerRecord]) -> Vec<(u128, Priority)> {
    log.read(0, usize::MAX);
    let asked = log.due_of(0, fleet).into_iter().filter_map(|action| match action {
        Action::Ask(request) => match (request.aggregate, request.command) {
            (Aggregate::Job(id), Command::Job(JobCommand::Preempt { because, .. })) => match &because[..] {
                [Reason::Ending(Ending::GaveWay { class })] => Some((id.as_u128(), *class)),
                other => panic!("{other:?}"),
            },
            _ => None,
        },
        Action::Publish { .. } => None,
    });
    asked.collect()
}

fn preempted(log: &mut Log, job: u128) {
    let token = log.state_of(job).token.expect("it runs");
    log.job(job, JobEvent::AttemptPreempted { token, reason: String::new(), because: vec![] });
}

#[test]
fn a_high_job_that_fits_nowhere_takes_the_place_of_a_low_one_which_waits_and_comes_back() {
    let (mut log, fleet) = (preempting(), [machine("a", "A100", 1)]);
    log.request_with(1, Priority::Low, gpus(1));
    log.wait(SOON, &fleet);
    begin(&mut log, 1);
    log.request_with(2, Priority::High, gpus(1));
    assert_eq!(asked(&mut log, &fleet), [(1, Priority::High)]);
    log.wait(SOON, &fleet);
    assert!(log.state_of(1).to_yield);
    assert_eq!(asked(&mut log, &fleet), [], "once is enough");
    assert_eq!(log.state_of(2).status, Status::Requested, "until it has left");
    preempted(&mut log, 1);
    assert!(log.state_of(1).setbacks.pause().is_zero(), "that is no setback");
    log.wait(SOON, &fleet);
    assert_eq!(log.state_of(1).status, Status::Requested);
    let token = begin(&mut log, 2);
    log.job(2, given::finished(token));
    log.wait(SOON, &fleet);
    begin(&mut log, 1);
}

#[test]
fn without_the_rule_nobody_gives_way() {
    let mut log = Log::default();
    log.good_dataset();
    let fleet = [machine("a", "A100", 1)];
    log.request_with(1, Priority::Low, gpus(1));
    log.wait(SOON, &fleet);
    begin(&mut log, 1);
    log.request_with(2, Priority::High, gpus(1));
    log.wait(LONG, &fleet);
    assert_eq!(asked(&mut log, &fleet), []);
}

#[test]
fn the_lowest_and_fewest_and_least_lost_give_way() {
    let (mut log, fleet) = (preempting(), [machine("a", "A100", 4), machine("b", "A100", 4)]);
    // On one worker two normal jobs of two GPUs each, on the other low ones of one GPU each.
    for job in [1, 2] {
        log.request_with(job, Priority::Normal, gpus(2));
    }
    log.wait(SOON, &fleet);
    for job in 3..=6 {
        log.request_with(job, Priority::Low, gpus(1));
    }
    log.wait(SOON, &fleet);
    for job in 1..=6 {
        begin(&mut log, job);
    }
    let token = log.state_of(5).token.expect("it runs");
    log.sleep(LONG);
    for job in 3..=6 {
        let token = log.state_of(job).token.expect("it runs");
        log.job(job, given::report_epoch(token, 1));
    }
    let artifact = Artifact { role: "checkpoint".into(), key: "k".into(), sha256: "s".into(), bytes: 1 };
    log.job(
        5,
        JobEvent::CheckpointCommitted { token, checkpoint: CheckpointRef { epoch: 1, step: 9, artifact } },
    );
    log.request_with(7, Priority::High, gpus(1));
    assert_eq!(asked(&mut log, &fleet), [(5, Priority::High)], "it has just left a checkpoint");
    log.wait(SOON, &fleet);
    log.request_with(8, Priority::High, gpus(3));
    let more = asked(&mut log, &fleet);
    assert_eq!(
        more.iter().map(|(job, _)| *job).collect::<Vec<_>>(),
        [3, 4, 6],
        "rather three low ones than two normal"
    );
    log.wait(SOON, &fleet);
    log.request_with(9, Priority::High, gpus(4));
    let normal = asked(&mut log, &fleet);
    assert_eq!(
        normal.iter().map(|(job, _)| *job).collect::<Vec<_>>(),
        [1, 2],
        "where nothing lower makes room"
    );
}

#[test]
fn who_has_given_way_is_left_alone_for_a_while() {
    let (mut log, fleet) = (preempting(), [machine("a", "A100", 1)]);
    log.request_with(1, Priority::Low, gpus(1));
    log.wait(SOON, &fleet);
    begin(&mut log, 1);
    log.request_with(2, Priority::High, gpus(1));
    log.wait(SOON, &fleet);
    preempted(&mut log, 1);
    log.wait(SOON, &fleet);
    let token = begin(&mut log, 2);
    log.job(2, given::finished(token));
    log.wait(SOON, &fleet);
    begin(&mut log, 1);
    log.request_with(3, Priority::High, gpus(1));
    assert_eq!(asked(&mut log, &fleet), []);
    log.wait(limits::PREEMPTION_PAUSE / 2, &fleet);
    assert_eq!(asked(&mut log, &fleet), []);
    log.sleep(limits::PREEMPTION_PAUSE);
    assert_eq!(asked(&mut log, &fleet), [(1, Priority::High)]);
}

#[test]
fn room_that_was_made_goes_to_whom_it_was_made_for() {
    let (mut log, fleet) = (preempting(), [machine("a", "A100", 2)]);
    for job in [1, 2] {
        log.request_with(job, Priority::Low, gpus(1));
    }
    log.wait(SOON, &fleet);
    begin(&mut log, 1);
    begin(&mut log, 2);
    // One that has waited for days, and one of a higher class that needs all.
    log.request_with(3, Priority::Normal, gpus(2));
    log.sleep(Duration::from_secs(3 * 24 * 3_600));
    log.request_with(4, Priority::High, gpus(2));
    log.wait(SOON, &fleet);
    preempted(&mut log, 1);
    log.request_with(5, Priority::Low, gpus(1));
    log.wait(SOON, &fleet);
    assert!(
        log.state_of(5).offered_to.is_none() && log.state_of(1).offered_to.is_none(),
        "half of it is nobody's"
    );
    preempted(&mut log, 2);
    log.wait(SOON, &fleet);
    assert_eq!(log.state_of(4).offered_to.as_deref(), Some("a"));
    assert!([1, 2, 3, 5].iter().all(|job| log.state_of(*job).offered_to.is_none()));
}

#[test]
fn a_slot_of_a_pool_without_gpus_is_made_free_as_well() {
    let mut log = preempting();
    let fleet = [WorkerRecord { takes_own: true, ..named("w", "machine", Pool::Cpu, 2) }];
    for job in [1, 2] {
        log.request(job, Priority::Low, trainyard_events::config::Device::Cpu);
    }
    log.wait(SOON, &fleet);
    log.start(1, "w").expect("anybody of the pool may");
    log.start(2, "w").expect("anybody of the pool may");
    log.request(3, Priority::Normal, trainyard_events::config::Device::Cpu);
    let one = asked(&mut log, &fleet);
    assert_eq!(one.len(), 1, "{one:?}");
    log.wait(SOON, &fleet);
    preempted(&mut log, one[0].0);
    log.wait(SOON, &fleet);
    assert_eq!(log.state_of(3).status, Status::Queued);
}

fn priority() -> impl Strategy<Value = Priority> {
    prop_oneof![Just(Priority::Low), Just(Priority::Normal), Just(Priority::High)]
}

/// Free slots and GPUs of each worker, by what runs in the log alone.
fn free(log: &Log, fleet: &[WorkerRecord], jobs: &BTreeMap<u128, (Priority, u32)>) -> Vec<(u32, u32)> {
    let of = |worker: &WorkerRecord| {
        let here = jobs.iter().filter(|(job, _)| log.state_of(**job).holder() == Some(&worker.worker));
        let (slots, taken) = here.fold((0, 0), |(slots, taken), (_, (_, gpus))| (slots + 1, taken + gpus));
        (worker.slots - slots, worker.devices.len() as u32 - taken)
    };
    fleet.iter().map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Whoever is asked runs, is of a strictly lower class, all are of one worker, and no other worker had room.
    #[test]
    fn nobody_gives_way_in_vain_or_to_its_equal(
        machines in prop::collection::vec(prop_oneof![Just(1_u32), Just(2), Just(4), Just(8)], 1..4),
        running in prop::collection::vec((priority(), 1_u32..5), 1..9),
        next in (priority(), 1_u32..9),
    ) {
        let fleet: Vec<WorkerRecord> =
            machines.iter().enumerate().map(|(number, count)| machine(&format!("m{number}"), "A100", *count)).collect();
        let mut log = preempting();
        let mut jobs = BTreeMap::new();
        for (job, (priority, count)) in (1..).zip(&running) {
            log.request_with(job, *priority, gpus(*count));
            log.wait(SOON, &fleet);
            if log.state_of(job).offered_to.is_some() {
                begin(&mut log, job);
                jobs.insert(job, (*priority, *count));
            } else {
                log.command(job, JobCommand::RequestCancel { because: vec![] }).expect("it waits");
                log.wait(SOON, &fleet);
            }
        }
        // Somebody may have been asked for one of these already.
        let before: Vec<u128> = jobs.keys().copied().filter(|job| log.state_of(*job).to_yield).collect();
        for job in before {
            preempted(&mut log, job);
            log.command(job, JobCommand::RequestCancel { because: vec![] }).expect("it waits");
            jobs.remove(&job);
        }
        log.wait(SOON, &fleet);
        let job = 1 + running.len() as u128;
        log.request_with(job, next.0, gpus(next.1));
        let free = free(&log, &fleet, &jobs);
        let asked = asked(&mut log, &fleet);
        let fits = |(slots, gpus): &(u32, u32)| *slots > 0 && *gpus >= next.1;
        if free.iter().any(fits) {
            prop_assert!(asked.is_empty(), "there is room: {free:?} {asked:?}");
        }
        let workers: std::collections::BTreeSet<_> =
            asked.iter().map(|(job, _)| log.state_of(*job).worker).collect();
        prop_assert!(workers.len() <= 1, "{workers:?}");
        for (victim, class) in &asked {
            prop_assert_eq!(*class, next.0);
            prop_assert!(jobs[victim].0 < next.0, "{:?} for {:?}", jobs[victim], next);
        }
        // What they leave is enough, and none of them is asked for nothing.
        if let Some(Some(worker)) = workers.into_iter().next() {
            let at = fleet.iter().position(|record| record.worker == worker).expect("it is there");
            let gpus: Vec<u32> = asked.iter().map(|(job, _)| jobs[job].1).collect();
            let has = free[at].1 + gpus.iter().sum::<u32>();
            prop_assert!(has >= next.1);
            let needed = |spared: &u32| has - spared < next.1 || (free[at].0 == 0 && gpus.len() == 1);
            prop_assert!(gpus.iter().all(needed), "{gpus:?} of {:?} for {}", free[at], next.1);
        } else {
            // Nobody is asked only where nobody could make room.
            let could = fleet.iter().zip(&free).any(|(worker, (_, free))| {
                let lower = jobs.iter().filter(|(job, (class, _))| {
                    *class < next.0 && log.state_of(**job).worker.as_deref() == Some(&worker.worker)
                });
                let gpus: u32 = lower.map(|(_, (_, gpus))| gpus).sum();
                gpus > 0 && gpus + free >= next.1
            });
            prop_assert!(free.iter().any(fits) || !could, "{free:?} {jobs:?} {next:?}");
        }
    }

    /// Jobs of all classes on too few machines, until all have ended: nobody runs for nothing for ever.
    #[test]
    fn everything_ends_however_often_somebody_gives_way(
        machines in prop::collection::vec(1_u32..4, 1..3),
        asked in prop::collection::vec((priority(), 1_u32..4, 0_u64..900), 1..14),
    ) {
        let fleet: Vec<WorkerRecord> =
            machines.iter().enumerate().map(|(number, count)| machine(&format!("m{number}"), "A100", *count)).collect();
        let most = machines.iter().copied().max().unwrap_or(1);
        let mut log = preempting();
        let mut left: BTreeMap<u128, u32> = BTreeMap::new();
        let mut coming = (1_u128..).zip(asked).collect::<std::collections::VecDeque<_>>();
        let mut steps = 0;
        while !coming.is_empty() || !left.is_empty() {
            steps += 1;
            prop_assert!(steps < 400, "{left:?}");
            if let Some((job, (priority, count, pause))) = coming.pop_front() {
                log.sleep(Duration::from_secs(pause));
                log.request_with(job, priority, gpus(count.min(most)));
                left.insert(job, 2);
            }
            log.wait(Duration::from_secs(30), &fleet);
            for job in left.keys().copied().collect::<Vec<_>>() {
                let state = log.state_of(job);
                match state.status {
                    Status::Queued => {
                        begin(&mut log, job);
                    }
                    Status::Starting if state.to_yield => preempted(&mut log, job),
                    Status::Starting => {
                        let steps = left.get_mut(&job).expect("it is left");
                        *steps -= 1;
                        if *steps == 0 {
                            left.remove(&job);
                            log.job(job, given::finished(state.token.expect("it runs")));
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}
