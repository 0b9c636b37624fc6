//! The projector on a real Postgres: once each, through restarts, rivals, outages and facts that are hard to store.

use std::sync::Arc;

use sqlx::{Connection, Executor, PgConnection};
use trainyard_bus::{EventLog, MemoryLog};
use trainyard_events::{Aggregate, ChatEvent, Event, chat::Language};
use trainyard_local::{LocalConfig, Platform, Server, harness};
use trainyard_projections::{Health, Page, Projector, ProjectorError, ViewError, Views, rebuild};

use crate::fixtures::*;

async fn assert_equal_to_a_rebuild(views: &Views, log: &impl EventLog) {
    let report = rebuild(views, log, STREAM, true).await.unwrap();
    assert!(report.equal, "{report:#?}");
    assert_eq!(report.sequence, log.last_sequence().await.unwrap());
}

#[tokio::test]
async fn a_restart_after_any_event_changes_nothing() {
    let (views, story) = (views().await, story());
    let log = MemoryLog::default();
    for count in 1..=story.events.len() {
        Story { events: story.events[..count].to_vec() }.append_to(&log).await;
        project(&log, &views).await;
    }
    assert_equal_to_a_rebuild(&views, &log).await;
}

#[tokio::test]
async fn a_projector_killed_in_mid_batch_leaves_whole_batches() {
    let views = views().await;
    let mut story = Story::default();
    for number in 0..1_000 {
        story.job("acme", uuid::Uuid::from_u128(number), requested(None));
    }
    let log = Script(story.events);
    let mut starts = 0;
    while views.position().await.unwrap().sequence < 1_000 {
        let running = start(&log, &views);
        // A later moment each time, whatever the projector is doing then.
        let moment = std::time::Duration::from_millis(10 * starts);
        let _ = tokio::time::timeout(moment, std::future::pending::<()>()).await;
        running.task.abort();
        starts += 1;
        assert!(starts < 500, "it never got anywhere");
    }
    assert!(starts > 1, "nothing was interrupted");
    assert_equal_to_a_rebuild(&views, &log).await;
    let newest = views.jobs(&tenant("acme"), &Default::default(), Page::first()).await.unwrap();
    assert_eq!(newest.rows[0].number, 1_000);
}

#[tokio::test]
async fn of_two_projectors_one_stands_by_and_takes_over() {
    let (views, log) = (views().await, MemoryLog::default());
    let (mut one, mut two) = (start(&log, &views), start(&log, &views));
    // Both want to write what comes now; one that began after it would have nothing to write.
    one.follows().await;
    two.follows().await;
    let mut story = story();
    story.append_to(&log).await;
    let (active, mut standby) = tokio::select! {
        () = one.stands_by() => (two, one),
        () = two.stands_by() => (one, two),
    };
    assert!(views.wait_for(log.last_sequence().await.unwrap(), DEADLINE).await.unwrap());
    // Dead in the middle of whatever it does, as by kill -9.
    active.task.abort();
    story.job("acme", uuid::Uuid::from_u128(1_000), requested(None));
    story.append_to(&log).await;
    let begun = std::time::Instant::now();
    assert!(views.wait_for(log.last_sequence().await.unwrap(), DEADLINE).await.unwrap());
    assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{:?}", begun.elapsed());
    standby.follows().await;
    standby.stop().await;
    assert_equal_to_a_rebuild(&views, &log).await;
}

/// For a while. An older copy of the log is one that stays behind.
#[tokio::test]
async fn a_leader_that_was_deposed_is_not_believed() {
    let (views, mut story) = (views().await, story());
    let log = story.log().await;
    project(&log, &views).await;
    let mut running = start(&Deposed { log: log.clone(), mistaken: Arc::new(3.into()) }, &views);
    story.job("acme", uuid::Uuid::from_u128(1_000), requested(None));
    story.append_to(&log).await;
    running.follows().await;
    assert!(views.wait_for(log.last_sequence().await.unwrap(), DEADLINE).await.unwrap());
    running.stop().await;
    assert_equal_to_a_rebuild(&views, &log).await;
}

#[tokio::test]
async fn it_refuses_another_log_and_an_older_copy() {
    let (views, log) = (views().await, story().log().await);
    project(&log, &views).await;
    let other = Projector::new(log, views.clone(), "log-2".to_owned());
    let error = other.run(Default::default()).await.unwrap_err();
    assert!(matches!(error, ProjectorError::OtherLog { .. }), "{error}");
    let older = Story { events: story().events[..3].to_vec() }.log().await;
    let older = Projector::new(older, views, STREAM.to_owned());
    let refused = tokio::time::timeout(DEADLINE, older.run(Default::default()));
    let error = refused.await.expect("it does not follow it").unwrap_err();
    assert!(matches!(error, ProjectorError::AheadOfLog { log: 3, .. }), "{error}");
}

/// As when somebody restores the views of another log beside it.
#[tokio::test]
async fn it_writes_nothing_into_views_that_have_become_those_of_another_log() {
    let database = harness::postgres_database().await;
    let views = Views::connect(&database.url).await.unwrap();
    let mut story = story();
    let log = story.log().await;
    let running = start(&log, &views);
    assert!(views.wait_for(story.events.len() as u64, DEADLINE).await.unwrap());
    let mut restorer = PgConnection::connect(&database.url).await.unwrap();
    restorer.execute("UPDATE views_4.position SET stream = 'log-2'").await.unwrap();
    story.job("acme", uuid::Uuid::from_u128(1_000), requested(None));
    story.append_to(&log).await;
    let ended = tokio::time::timeout(DEADLINE, running.task).await.expect("it does not go on").unwrap();
    assert!(matches!(ended, Ok(()) | Err(ProjectorError::OtherLog { .. })), "{ended:?}");
    assert_eq!(views.position().await.unwrap().stream, "log-2");
}

/// How many statements wait for a lock.
async fn blocked(watcher: &mut PgConnection) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM pg_locks WHERE NOT granted").fetch_one(watcher).await.unwrap()
}

#[tokio::test]
async fn an_outage_of_postgres_heals() {
    let config = LocalConfig::new(harness::folder(), harness::tools());
    let platform = Platform::start_only(config, &[Server::Postgres]).await.unwrap();
    let views = Views::connect(&platform.urls().postgres).await.unwrap();
    let mut story = story();
    let log = story.log().await;
    let projector = Projector::new(log.clone(), views.clone(), STREAM.to_owned());
    let mut progress = projector.progress();
    let stop = tokio_util::sync::CancellationToken::new();
    let task = tokio::spawn(projector.run(stop.clone()));
    assert!(views.wait_for(story.events.len() as u64, DEADLINE).await.unwrap());

    // A table is held, so that the batch is in the middle of its transaction when Postgres dies.
    let mut holder = PgConnection::connect(&platform.urls().postgres).await.unwrap();
    holder.execute("BEGIN; LOCK TABLE views_4.jobs IN ACCESS EXCLUSIVE MODE").await.unwrap();
    story.job("acme", uuid::Uuid::from_u128(1_000), requested(None));
    story.append_to(&log).await;
    let mut watcher = PgConnection::connect(&platform.urls().postgres).await.unwrap();
    let caught = async { while blocked(&mut watcher).await == 0 {} };
    tokio::time::timeout(DEADLINE, caught).await.expect("the batch waits for the table");
    let waiting = progress.wait_for(|progress| matches!(progress.health, Health::Waiting(_)));
    let before = platform.pid(Server::Postgres);
    platform.kill(Server::Postgres).await;
    tokio::time::timeout(DEADLINE, waiting).await.expect("a cut batch is told of").unwrap();
    // Facts go on coming until it is back.
    let outage = async {
        while [before, None].contains(&platform.pid(Server::Postgres)) {
            story.job("acme", uuid::Uuid::from_u128(1_000 + story.events.len() as u128), requested(None));
            story.append_to(&log).await;
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(DEADLINE, outage).await.expect("Postgres is started again");
    let all = story.events.len() as u64;
    let healed =
        progress.wait_for(|progress| progress.sequence == all && progress.health == Health::Following);
    tokio::time::timeout(DEADLINE, healed).await.expect("it goes on by itself").unwrap();
    stop.cancel();
    task.await.unwrap().unwrap();
    assert_equal_to_a_rebuild(&views, &log).await;
    platform.stop().await.unwrap();
    let error = views.ping().await.unwrap_err();
    assert!(error.is_transient(), "{error}");
}

#[tokio::test]
async fn no_fact_is_too_strange_to_store() {
    let views = views().await;
    let mut story = story();
    let texts =
        ["\0".to_owned(), "\u{10ffff}".repeat(4_000), "'; DROP TABLE jobs; --\\".to_owned(), String::new()];
    for text in texts {
        let prompt = ChatEvent::PromptReceived { text, language: Language::English };
        story.tell("acme", Aggregate::Chat(uuid::Uuid::from_u128(77)), Event::Chat(prompt));
    }
    let path = "\u{10ffff}".repeat(1_024);
    let dataset = Aggregate::dataset_at(&tenant("acme"), &path);
    let registered = trainyard_events::DatasetEvent::Registered {
        path,
        task: trainyard_events::config::Task::Pose,
        source: Default::default(),
        remote: None,
    };
    story.tell("acme", dataset, Event::Dataset(registered));
    let token = story.job("acme", uuid::Uuid::from_u128(78), requested(None));
    let mut odd = accuracy(f64::MAX);
    odd.insert("tiny".to_owned(), f64::MIN_POSITIVE / 2.0);
    odd.insert("zero".to_owned(), -0.0);
    let token = story.job("acme", uuid::Uuid::from_u128(78), attempt(u32::MAX, token, None));
    let logged = trainyard_events::JobEvent::EpochLogged {
        token,
        epoch: u32::MAX,
        train: odd.clone(),
        validation: odd,
        primary: "\0".to_owned(),
        is_best: true,
        learning_rate: f64::MIN_POSITIVE,
        seconds: f64::MAX,
    };
    story.job("acme", uuid::Uuid::from_u128(78), logged);
    let log = story.log().await;
    project(&log, &views).await;
    assert_equal_to_a_rebuild(&views, &log).await;
    let row = views.job(&tenant("acme"), uuid::Uuid::from_u128(78)).await.unwrap().unwrap();
    assert_eq!((row.best.unwrap()["accuracy"], row.attempt), (f64::MAX, u32::MAX));
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_says_so() {
    let error = Views::connect("postgres://nobody@127.0.0.1:1/nothing").await.unwrap_err();
    assert!(matches!(error, ViewError::Unavailable(_)), "{error}");
}
