//! The agent on a real NATS and the embedded store, with a trainer that does as it is told.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod yard;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use trainyard_commands::Command;
use trainyard_commands::dataset::DatasetCommand;
use trainyard_commands::job::JobCommand;
use trainyard_events::fleet::{Pool, WorkMessage};
use trainyard_events::job::FailureClass;
use trainyard_events::reason::{Ending, Reason};
use trainyard_events::results::Artifact;
use trainyard_events::{Aggregate, ConsoleLines, DatasetEvent, Event, JobEvent, limits};
use trainyard_store::{Store, StoreConfig};
use trainyard_workers::WorkerConfig;
use uuid::Uuid;
use yard::{Dataset, Way, Yard, epochs, eventually, is_running};

fn token_of(events: &[JobEvent]) -> u64 {
    events.iter().rev().find_map(JobEvent::token).expect("an attempt has spoken")
}

fn has_ended(event: &JobEvent) -> bool {
    matches!(
        event,
        JobEvent::Finished { .. }
            | JobEvent::Cancelled { .. }
            | JobEvent::AttemptFailed { .. }
            | JobEvent::AttemptPreempted { .. }
    )
}

async fn until_dead(pids: &[u32]) {
    assert!(!pids.is_empty());
    eventually("the end of the trainer's processes", async || {
        pids.iter().all(|pid| !is_running(*pid)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_goes_from_the_queue_to_its_results() {
    let yard = Yard::new().await;
    let dataset = yard.dataset("steady").await;
    let registered = yard.register(&dataset).await;
    let agent = yard.agent("happy");
    yard.offer_inspection(&dataset, registered.sequence).await;
    let found = |event: &Event| matches!(event, Event::Dataset(DatasetEvent::Validated { profile, .. }) if profile.content_hash == "c0ffee");
    yard.until(&Aggregate::Dataset(dataset.id(&yard.tenant)), found).await;

    dataset.gate(2);
    let job = yard.job(&dataset, 3).await;
    let events = job.until(|event| matches!(event, JobEvent::EpochLogged { epoch: 2, .. })).await;
    let token = token_of(&events);
    let (_, lease) = eventually("the lease", async || {
        yard.bus.leases().current().await.unwrap().into_iter().find(|(held, _)| *held == job.id)
    })
    .await;
    assert_eq!((lease.token, lease.worker.as_str()), (token, "happy"));
    let work = yard.folder.path().join("work");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&work), 0o700, "nobody else enters");
    let attempt = work.join(format!("jobs/{}/{token}/work", job.id));
    let written: Vec<_> = std::fs::read_dir(&attempt).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!written.is_empty() && written.iter().all(|path| mode(path) & 0o077 == 0), "{written:?}");
    eventually("the worker's word about the job", async || {
        let workers = yard.bus.fleet().list().await.unwrap();
        workers.into_iter().find(|worker| worker.jobs == [job.id] && worker.device == "pretence (1 thread)")
    })
    .await;
    dataset.gate(3);
    let events = job.until(has_ended).await;

    assert_eq!(epochs(&events), [1, 2, 3]);
    assert!(events.iter().all(|event| event.token().is_none_or(|given| given == token)));
    let JobEvent::TrainingStarted { dataset_hash, resolved, .. } = &events[3] else { panic!("{events:?}") };
    assert_eq!((dataset_hash.as_str(), resolved["threads"].as_str()), ("c0ffee", "1"));
    assert_eq!(resolved["trainer_sha256"].len(), 64, "which program it was: {resolved:?}");
    let Some(JobEvent::Finished { artifacts, best_epoch: 3, .. }) = events.last() else {
        panic!("{events:?}")
    };
    let roles: Vec<&str> = artifacts.iter().map(|artifact| artifact.role.as_str()).collect();
    assert_eq!(roles, ["report", "weights", "console"], "and nothing from outside the work folder");
    let weights = &artifacts[1];
    assert_eq!(weights.key, format!("jobs/{}/{token}/weights.safetensors", job.id));
    let stored = yard.store.get_bytes(&weights.key, 1_000).await.unwrap();
    assert_eq!(stored, format!("weights of {}", job.id));
    let console = yard.store.get_bytes(&artifacts[2].key, 10_000).await.unwrap();
    assert!(String::from_utf8_lossy(&console).contains("from the console"));
    let committed =
        events.iter().filter(|event| matches!(event, JobEvent::CheckpointCommitted { .. })).count();
    assert!(committed >= 1, "{events:?}");
    let steps = eventually("the telemetry", async || {
        let steps = yard.bus.telemetry().history(&yard.tenant, job.id, 10).await.unwrap();
        steps.iter().any(|telemetry| telemetry.step.epoch == 3).then_some(steps)
    })
    .await;
    assert!(steps.iter().all(|telemetry| telemetry.token == token));
    eventually("the lease's release", async || {
        yard.bus.leases().current().await.unwrap().is_empty().then_some(())
    })
    .await;
    agent.leave().await;
    assert!(yard.bus.fleet().list().await.unwrap().is_empty(), "it has said goodbye");
    let left = std::fs::read_dir(yard.folder.path().join("work/jobs")).unwrap().count();
    assert_eq!(left, 0, "and cleared up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trainer_that_hangs_is_killed_and_its_attempt_failed() {
    let yard = Yard::new().await;
    let agent =
        yard.agent_with(WorkerConfig { trainer_silence: Duration::from_secs(3), ..yard.config("patient") });
    let dataset = yard.dataset("steady").await;
    // It waits for ever before its second epoch.
    dataset.gate(1);
    let job = yard.job(&dataset, 3).await;
    let events = job.until(has_ended).await;
    let Some(JobEvent::AttemptFailed { failure, .. }) = events.last() else { panic!("{events:?}") };
    assert_eq!((failure.class, epochs(&events)), (FailureClass::Internal, vec![1]));
    assert!(failure.message.contains("the trainer has said nothing for"), "{failure:?}");
    until_dead(&dataset.pids()).await;
    agent.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_a_job_leaves_it_to_a_free_machine_but_not_for_ever() {
    let yard = Yard::new().await;
    let dataset = yard.dataset("steady").await;
    dataset.gate(9);
    let job = yard.job(&dataset, 1).await;
    let dispatch = yard.history(&job.aggregate()).await.last().unwrap().sequence;
    let start = JobCommand::StartAttempt { worker: "unlucky".to_owned(), dispatch };
    let token = job.ask(start).await.sequence;
    job.ask(JobCommand::LoseAttempt { token }).await;
    // It says that it is free, and never takes anything.
    let mut other = yard.record("other");
    other.host = "elsewhere".to_owned();
    yard.bus.fleet().report(&other).await.unwrap();

    let begun = Instant::now();
    let agent = yard.agent("unlucky");
    job.offer().await;
    let again = |event: &JobEvent| matches!(event, JobEvent::AttemptStarted { attempt: 2, worker, .. } if worker == "unlucky");
    job.until(again).await;
    let left = Duration::from_secs(limits::DECLINED_DELIVERIES);
    assert!(begun.elapsed() >= left, "it was left alone for {:?}", begun.elapsed());
    job.until(has_ended).await;
    agent.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_told_with_its_class_and_console() {
    let yard = Yard::new().await;
    let agent = yard.agent("unlucky");
    let table = [
        (
            "fails",
            FailureClass::Diverged,
            "the loss is not finite",
            "the loss went through the roof",
            vec![1],
        ),
        (
            "refuses",
            FailureClass::Config,
            "refuses the configuration",
            "this configuration is no good",
            vec![],
        ),
        ("leaps", FailureClass::Internal, "epoch 5 does not follow", "hello from the console", vec![1]),
    ];
    for (behaviour, class, message, said, logged) in table {
        let dataset = yard.dataset(behaviour).await;
        let events = yard.job(&dataset, 3).await.until(has_ended).await;
        let Some(JobEvent::AttemptFailed { failure, console, .. }) = events.last() else {
            panic!("{events:?}")
        };
        let console = console.as_ref().expect("all that it printed is kept");
        let printed = yard.store.get_bytes(&console.key, 10_000).await.unwrap();
        assert!(String::from_utf8_lossy(&printed).contains(said), "{printed:?}");
        assert_eq!(failure.class, class, "{failure:?}");
        assert!(failure.message.contains(message), "{failure:?}");
        assert!(failure.console.iter().any(|line| line.contains(said)), "{failure:?}");
        assert_eq!(epochs(&events), logged);
        until_dead(&dataset.pids()).await;
    }
    agent.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trainer_that_is_killed_fails_its_attempt_and_the_next_one_goes_on() {
    let yard = Yard::new().await;
    let agent = yard.agent("survivor");
    let dataset = yard.dataset("steady").await;
    dataset.gate(2);
    let job = yard.job(&dataset, 3).await;
    job.until(
        |event| matches!(event, JobEvent::CheckpointCommitted { checkpoint, .. } if checkpoint.epoch == 2),
    )
    .await;
    let pid = dataset.pids()[0];
    kill(Pid::from_raw(pid.cast_signed()), Signal::SIGKILL).unwrap();
    let events = job.until(has_ended).await;
    let Some(JobEvent::AttemptFailed { failure, .. }) = events.last() else { panic!("{events:?}") };
    assert_eq!(failure.class, FailureClass::Internal);
    assert!(failure.message.contains("SIGKILL"), "{failure:?}");

    dataset.gate(3);
    job.offer().await;
    let events = job.until(|event| matches!(event, JobEvent::Finished { .. })).await;
    assert_eq!(epochs(&events), [1, 2, 3], "no epoch twice: it went on from the checkpoint");
    agent.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_is_seen_within_two_seconds_even_by_a_stubborn_trainer() {
    let yard = Yard::new().await;
    let agent = yard.agent("obedient");
    for behaviour in ["steady", "stubborn"] {
        let dataset = yard.dataset(behaviour).await;
        dataset.gate(1);
        let job = yard.job(&dataset, 3).await;
        job.until(|event| matches!(event, JobEvent::EpochLogged { .. })).await;
        let asked = Instant::now();
        job.ask(JobCommand::RequestCancel { because: vec![Reason::said("enough")] }).await;
        let events = job.until(has_ended).await;
        println!("{behaviour}: cancelled after {:?}", asked.elapsed());
        assert!(asked.elapsed() < Duration::from_secs(2), "{behaviour}: {:?}", asked.elapsed());
        let Some(JobEvent::Cancelled { token: Some(_), console: Some(console) }) = events.last() else {
            panic!("{events:?}")
        };
        let printed = yard.store.get_bytes(&console.key, 10_000).await.unwrap();
        assert!(String::from_utf8_lossy(&printed).contains("hello from the console\n"), "{printed:?}");
        assert!(dataset.pids().iter().all(|pid| !is_running(*pid)), "it has been seen to end");
    }
    agent.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_has_taken_what_it_may_is_given_the_time_for_a_last_checkpoint() {
    let yard = Yard::new().await;
    let agent = yard.agent("capped");
    let dataset = yard.dataset("thorough").await;
    dataset.gate(1);
    let job = yard.job(&dataset, 3).await;
    job.until(|event| matches!(event, JobEvent::EpochLogged { .. })).await;
    job.ask(JobCommand::RequestCancel { because: vec![Ending::HoursCapReached { max_hours: 1.0 }.into()] })
        .await;
    let events = job.until(has_ended).await;
    let [.., JobEvent::CheckpointCommitted { checkpoint, .. }, JobEvent::Cancelled { console: Some(_), .. }] =
        &events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!(
        (checkpoint.epoch, checkpoint.step),
        (1, 15),
        "the one that it wrote when it was told to leave"
    );
    assert!(dataset.pids().iter().all(|pid| !is_running(*pid)), "it has been seen to end");
    agent.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_the_log_declares_lost_dies_with_all_its_processes() {
    let yard = Yard::new().await;
    let agent = yard.agent("zombie");
    let dataset = yard.dataset("stubborn").await;
    dataset.gate(1);
    let job = yard.job(&dataset, 3).await;
    let events = job.until(|event| matches!(event, JobEvent::EpochLogged { .. })).await;
    let pids = dataset.pids();
    assert_eq!(pids.len(), 2, "the trainer and its child");
    job.ask(JobCommand::LoseAttempt { token: token_of(&events) }).await;
    until_dead(&pids).await;
    let events = job.events().await;
    assert!(matches!(events.last(), Some(JobEvent::AttemptLost { .. })), "it says no more: {events:?}");

    dataset.behave("steady");
    dataset.gate(3);
    job.offer().await;
    let events = job.until(|event| matches!(event, JobEvent::Finished { .. })).await;
    assert_eq!(epochs(&events).last(), Some(&3));
    agent.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_told_to_stop_leaves_a_checkpoint_and_another_goes_on() {
    let yard = Yard::new().await;
    let agent = yard.agent("leaving");
    let dataset = yard.dataset("steady").await;
    dataset.gate(1);
    let job = yard.job(&dataset, 3).await;
    job.until(|event| matches!(event, JobEvent::CheckpointCommitted { .. })).await;
    agent.leave().await;
    let events = job.events().await;
    assert!(matches!(events.last(), Some(JobEvent::AttemptPreempted { .. })), "{events:?}");
    let mut steps = events.iter().filter_map(|event| match event {
        JobEvent::CheckpointCommitted { checkpoint, .. } => Some(checkpoint.step),
        _ => None,
    });
    assert_eq!(steps.next_back(), Some(15), "the one that was written on the way out");
    assert!(dataset.pids().iter().all(|pid| !is_running(*pid)));

    dataset.gate(3);
    let agent = yard.agent("taking-over");
    job.offer().await;
    let events = job.until(|event| matches!(event, JobEvent::Finished { .. })).await;
    assert_eq!(epochs(&events), [1, 2, 3]);
    agent.leave().await;
}

/// Between its start and its first look for signals a trainer just dies of one: that is no failure of the job's.
#[tokio::test(flavor = "multi_thread")]
async fn a_trainer_that_does_not_listen_yet_is_preempted_and_has_not_failed() {
    let yard = Yard::new().await;
    let agent = yard.agent("leaving-early");
    let dataset = yard.dataset("deaf").await;
    dataset.gate(1);
    let job = yard.job(&dataset, 3).await;
    job.until(|event| matches!(event, JobEvent::EpochLogged { .. })).await;
    agent.leave().await;
    let events = job.events().await;
    assert!(matches!(events.last(), Some(JobEvent::AttemptPreempted { .. })), "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_that_is_away_for_longer_than_a_lease_costs_no_epoch() {
    let yard = Yard::new().await;
    let agent = yard.agent("patient");
    let dataset = yard.dataset("steady").await;
    dataset.gate(1);
    let job = yard.job(&dataset, 6).await;
    job.until(|event| matches!(event, JobEvent::EpochLogged { .. })).await;

    yard.nats.lock().await.kill().await;
    dataset.gate(5);
    // Training goes on without the bus.
    let attempts = yard.folder.path().join("work/jobs").join(job.id.to_string());
    eventually("the fifth epoch's checkpoint", async || {
        let mut attempts = std::fs::read_dir(&attempts).ok()?.flatten();
        attempts.find(|attempt| attempt.path().join("work/step-0050.json").exists())
    })
    .await;
    // Long enough for every lease to run out.
    tokio::time::sleep(limits::LEASE + Duration::from_secs(1)).await;
    yard.nats.lock().await.restart().await;
    eventually("the lease, taken again", async || {
        yard.bus.leases().current().await.ok()?.into_iter().find(|(held, _)| *held == job.id)
    })
    .await;
    dataset.gate(6);
    let events = job.until(has_ended).await;
    assert!(matches!(events.last(), Some(JobEvent::Finished { .. })), "{events:?}");
    assert_eq!(epochs(&events), [1, 2, 3, 4, 5, 6]);
    assert_eq!(dataset.pids().len(), 1, "by one and the same trainer");
    agent.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_away_holds_up_no_epoch_and_gets_the_results_later() {
    a_store_that_takes_nothing(Way::cut).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_does_one_whose_disk_is_full() {
    a_store_that_takes_nothing(Way::fill).await;
}

async fn a_store_that_takes_nothing(happens: fn(&Way)) {
    let mut yard = Yard::new().await;
    let way = Way::to(yard.store_config.endpoint.as_deref().unwrap()).await;
    let config = StoreConfig { endpoint: Some(way.address.clone()), ..yard.store_config.clone() };
    yard.store = Store::connect(config).await.unwrap();
    let agent = yard.agent("waiting");
    let dataset = yard.dataset("steady").await;
    dataset.gate(1);
    let job = yard.job(&dataset, 3).await;
    job.until(|event| matches!(event, JobEvent::CheckpointCommitted { .. })).await;
    happens(&way);
    dataset.gate(3);
    let events = job.until(|event| matches!(event, JobEvent::EpochLogged { epoch: 3, .. })).await;
    assert!(!events.iter().any(has_ended), "{events:?}");
    way.mend();
    let events = job.until(has_ended).await;
    let Some(JobEvent::Finished { artifacts, .. }) = events.last() else { panic!("{events:?}") };
    let weights = artifacts.iter().find(|artifact| artifact.role == "weights").unwrap();
    yard.store.get_file(&weights.key, &weights.sha256, &yard.folder.path().join("weights")).await.unwrap();
    agent.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_does_not_wait_long_for_a_store_that_is_away() {
    let mut yard = Yard::new().await;
    let way = Way::to(yard.store_config.endpoint.as_deref().unwrap()).await;
    let config = StoreConfig { endpoint: Some(way.address.clone()), ..yard.store_config.clone() };
    yard.store = Store::connect(config).await.unwrap();
    let agent = yard.agent("impatient");
    way.cut();
    let begun = Instant::now();
    let dataset = yard.dataset("refuses").await;
    let events = yard.job(&dataset, 3).await.until(has_ended).await;
    let Some(JobEvent::AttemptFailed { failure, console: None, .. }) = events.last() else {
        panic!("{events:?}")
    };
    assert!(failure.console.iter().any(|line| line.contains("no good")), "{failure:?}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    agent.leave().await;
}

/// What is kept of the job's console: number and line.
async fn console(yard: &Yard, job: Uuid) -> BTreeMap<u64, String> {
    let mut kept = BTreeMap::new();
    let stream = yard.bus.telemetry();
    stream.each_console(&yard.tenant, job, |lines| kept.extend(lines.numbered())).await.unwrap();
    kept
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_is_told_while_the_job_runs_and_what_is_too_much_is_left_out() {
    let yard = Yard::new().await;
    let agent = yard.agent("talkative");
    let dataset = yard.dataset("steady").await;
    dataset.gate(0);
    let job = yard.job(&dataset, 1).await;
    job.until(|event| matches!(event, JobEvent::AttemptStarted { .. })).await;
    let begun = Instant::now();
    let is_said = |line: &String| line == "hello from the console";
    eventually("a line, without its colours", async || {
        console(&yard, job.id).await.into_values().find(is_said)
    })
    .await;
    println!("the first line came {:?} after the attempt began", begun.elapsed());
    dataset.gate(1);
    job.until(has_ended).await;

    let dataset = yard.dataset("chatty").await;
    dataset.gate(0);
    let job = yard.job(&dataset, 1).await;
    let kept = eventually("the newest of many lines", async || {
        let kept = console(&yard, job.id).await;
        kept.values().any(|line| line.starts_with("line 200000 ")).then_some(kept)
    })
    .await;
    let number = |line: &String| line.strip_prefix("line ")?.split(' ').next()?.parse::<u64>().ok();
    let said: Vec<u64> = kept.values().filter_map(number).collect();
    assert!(said.is_sorted_by(|a, b| a < b), "each once and in order: {said:?}");
    assert!(kept.keys().last() >= Some(&200_000), "what was left out has its numbers");
    let (mut messages, mut bytes) = (0, 0);
    let stream = yard.bus.telemetry();
    let count = |lines: ConsoleLines| {
        messages += 1;
        bytes += serde_json::to_vec(&lines).unwrap().len();
    };
    stream.each_console(&yard.tenant, job.id, count).await.unwrap();
    println!("of 200,000 lines {} are kept, {bytes} bytes in {messages} messages", kept.len());
    assert!(bytes < limits::CONSOLE_KEPT_BYTES + messages * (limits::CONSOLE_SENT_BYTES + 200), "{bytes}");
    dataset.gate(1);
    job.until(has_ended).await;
    agent.leave().await;
}

/// A trainer may write its last checkpoint while it writes its results; who forks the job needs one.
#[tokio::test(flavor = "multi_thread")]
async fn the_only_checkpoint_of_a_job_is_kept_though_there_are_results() {
    let yard = Yard::new().await;
    let agent = yard.agent("sole");
    let dataset = yard.dataset("writes last").await;
    let events = yard.job(&dataset, 1).await.until(has_ended).await;
    let [.., JobEvent::CheckpointCommitted { checkpoint, .. }, JobEvent::Finished { .. }] = events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert!(yard.store.has(&checkpoint.artifact.key).await.unwrap());
    agent.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_continues_another_begins_at_its_checkpoint() {
    let yard = Yard::new().await;
    let agent = yard.agent("successor");
    let dataset = yard.dataset("steady").await;
    dataset.gate(2);
    let old = yard.job(&dataset, 4).await;
    old.until(
        |event| matches!(event, JobEvent::CheckpointCommitted { checkpoint, .. } if checkpoint.epoch == 2),
    )
    .await;
    old.ask(JobCommand::RequestCancel { because: vec![Reason::said("enough")] }).await;
    let events = old.until(has_ended).await;
    let committed = events.iter().rev().find_map(|event| match event {
        JobEvent::CheckpointCommitted { checkpoint, .. } => Some(checkpoint.clone()),
        _ => None,
    });
    let checkpoint = committed.expect("a checkpoint");

    dataset.gate(4);
    let new = yard.job_from(&dataset, 4, Some((old.id, checkpoint.clone()))).await;
    let events = new.until(has_ended).await;
    assert_eq!(epochs(&events), [3, 4], "{events:?}");
    let resumed = |event: &JobEvent| matches!(event, JobEvent::AttemptStarted { resume: Some(from), .. } if *from == checkpoint);
    assert!(events.iter().any(resumed), "{events:?}");
    assert!(matches!(events.last(), Some(JobEvent::Finished { .. })), "{events:?}");
    agent.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_comes_twice_runs_once() {
    let yard = Yard::new().await;
    let agents = [yard.agent("one"), yard.agent("two")];
    let dataset = yard.dataset("steady").await;
    dataset.gate(1);
    let job = yard.job(&dataset, 2).await;
    job.until(|event| matches!(event, JobEvent::EpochLogged { .. })).await;
    let history = yard.history(&job.aggregate()).await;
    let is_dispatch = |event: &Event| matches!(event, Event::Job(JobEvent::Dispatched { .. }));
    let dispatch = history.iter().find(|recorded| is_dispatch(&recorded.envelope.event)).unwrap().sequence;
    for _ in 0..4 {
        job.offer_again(dispatch).await;
    }
    dataset.gate(2);
    let events = job.until(has_ended).await;
    job.offer_again(dispatch).await;
    let starts = events.iter().filter(|event| matches!(event, JobEvent::AttemptStarted { .. })).count();
    assert_eq!(starts, 1);
    assert_eq!(dataset.pids().len(), 1, "one trainer");
    for agent in agents {
        agent.leave().await;
    }
    assert_eq!(job.events().await.len(), events.len(), "nothing more happened");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dataset_that_cannot_be_looked_at_is_refused_with_the_reason() {
    let yard = Yard::new().await;
    let agent = yard.agent("inspector");
    let crashing = yard.dataset("crashes").await;
    let missing = yard.folder.path().join("nowhere").display().to_string();
    let table = [
        (crashing.path.display().to_string(), "cannot make head or tail of it"),
        (missing, "there is no such folder"),
        ("s3://bucket/cats".to_owned(), "name a folder that the workers can read"),
    ];
    for (path, said) in table {
        let aggregate = Aggregate::dataset_at(&yard.tenant, &path);
        let Aggregate::Dataset(dataset) = aggregate else { unreachable!() };
        let task = trainyard_events::config::Task::Classify;
        let register =
            DatasetCommand::Register { path: path.clone(), task, source: Default::default(), again: false };
        let registered = yard.ask(aggregate.clone(), Command::Dataset(register)).await;
        let (tenant, inspection) = (yard.tenant.clone(), registered.sequence);
        let message = WorkMessage::Inspect { tenant, dataset, inspection, path, task, pool: Pool::Cpu };
        yard.bus.work().publish(&message, Uuid::new_v4()).await.unwrap();
        let refused = |event: &Event| matches!(event, Event::Dataset(DatasetEvent::Rejected { .. }));
        let history = yard.until(&aggregate, refused).await;
        let Some(Event::Dataset(DatasetEvent::Rejected { problem, .. })) =
            history.last().map(|recorded| &recorded.envelope.event)
        else {
            panic!("{history:?}")
        };
        assert!(problem.contains(said), "{problem}");
    }
    agent.leave().await;
}

/// What the log says of a good dataset: the inspection, and the artifacts.
async fn validated(yard: &Yard, dataset: &Dataset) -> (u64, Vec<Artifact>) {
    let aggregate = Aggregate::Dataset(dataset.id(&yard.tenant));
    let is_validated = |event: &Event| matches!(event, Event::Dataset(DatasetEvent::Validated { .. }));
    let history = yard.until(&aggregate, is_validated).await;
    let last = history.into_iter().last().unwrap().envelope.event;
    let Event::Dataset(DatasetEvent::Validated { inspection, artifacts, .. }) = last else {
        panic!("{last:?}")
    };
    (inspection, artifacts)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_dataset_is_shown_by_pictures_that_lie_in_the_store_before_the_verdict() {
    let yard = Yard::new().await;
    let agent = yard.agent("painter");
    let dataset = yard.dataset("steady").await;
    let registered = yard.register(&dataset).await.sequence;
    yard.offer_inspection(&dataset, registered).await;
    let (inspection, artifacts) = validated(&yard, &dataset).await;
    assert_eq!(inspection, registered);
    let below = format!("datasets/{}/{registered}", dataset.id(&yard.tenant));
    let keys: Vec<&str> = artifacts.iter().map(|artifact| artifact.key.as_str()).collect();
    assert_eq!(keys, [format!("{below}/sample_images.jpg"), format!("{below}/sample_labels.json")]);
    let page = &artifacts[0];
    assert_eq!((page.role.as_str(), page.bytes), ("sample_images", 17));
    yard.store.get_file(&page.key, &page.sha256, &yard.folder.path().join("page")).await.unwrap();
    agent.leave().await;
    let left = std::fs::read_dir(yard.folder.path().join("work/inspections")).unwrap().count();
    assert_eq!(left, 0, "and cleared up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_comes_without_pictures_rather_than_not_at_all() {
    let yard = Yard::new().await;
    std::fs::write(yard.folder.path().join("secret"), "of the machine").unwrap();
    let agent = yard.agent("plain");
    for behaviour in ["draws nothing", "dies of drawing", "steals"] {
        let dataset = yard.dataset(behaviour).await;
        let registered = yard.register(&dataset).await.sequence;
        yard.offer_inspection(&dataset, registered).await;
        assert_eq!(validated(&yard, &dataset).await, (registered, vec![]), "{behaviour}");
    }
    agent.leave().await;
}

/// Whoever cannot keep the manifest leaves the dataset to others: no verdict is written that nobody could train by.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_the_store_refuses_gives_no_verdict() {
    let yard = Yard::new().await;
    let config = StoreConfig { secret_key: "of another bucket".to_owned(), ..yard.store_config.clone() };
    let refused = Yard { store: Store::connect(config).await.unwrap(), ..yard };
    let agent = refused.agent("without-a-key");
    let dataset = refused.dataset("steady").await;
    let registered = refused.register(&dataset).await.sequence;
    refused.offer_inspection(&dataset, registered).await;
    eventually("a look", async || {
        let folders = std::fs::read_dir(refused.folder.path().join("work/inspections")).ok()?;
        folders.flatten().next()
    })
    .await;
    agent.leave().await;
    let yard = Yard { store: Store::connect(refused.store_config.clone()).await.unwrap(), ..refused };
    let agent = yard.agent("with-a-key");
    let (inspection, artifacts) = validated(&yard, &dataset).await;
    assert_eq!((inspection, artifacts.len()), (registered, 2));
    agent.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_wait_for_a_store_that_is_away_for_a_moment() {
    let mut yard = Yard::new().await;
    let way = Way::to(yard.store_config.endpoint.as_deref().unwrap()).await;
    let config = StoreConfig { endpoint: Some(way.address.clone()), ..yard.store_config.clone() };
    yard.store = Store::connect(config).await.unwrap();
    way.cut();
    let agent = yard.agent("patient");
    let dataset = yard.dataset("steady").await;
    let registered = yard.register(&dataset).await.sequence;
    yard.offer_inspection(&dataset, registered).await;
    eventually("the drawn page", async || {
        let folders = std::fs::read_dir(yard.folder.path().join("work/inspections")).ok()?.flatten();
        folders.map(|folder| folder.path().join("labels.json")).find(|labels| labels.exists())
    })
    .await;
    way.mend();
    let (_, artifacts) = validated(&yard, &dataset).await;
    assert_eq!(artifacts.len(), 2);
    agent.leave().await;
}
