//! Views made again from the log: equal to the live ones, different where those were touched, and put in their place.

use std::collections::BTreeSet;

use serde_json::json;
use sqlx::{Connection, PgConnection};
use trainyard_bus::MemoryLog;
use trainyard_local::harness;
use trainyard_projections::{PROJECTION_VERSION, Page, ProjectorError, ViewError, Views, rebuild};

use crate::fixtures::*;

#[tokio::test]
async fn rebuilt_views_are_the_live_ones() {
    let (views, log) = (views().await, story().log().await);
    project(&log, &views).await;
    let report = rebuild(&views, &log, STREAM, true).await.unwrap();
    assert!(report.equal && !report.swapped, "{report:#?}");
    assert_eq!((report.events, report.sequence), (story().events.len() as u64, story().events.len() as u64));
    assert!(
        report.tables.iter().all(|table| table.live_rows > 0 || table.name == "held"),
        "an empty table compares nothing: {report:#?}"
    );
}

#[tokio::test]
async fn every_table_is_compared() {
    let database = harness::postgres_database().await;
    let views = Views::connect(&database.url).await.unwrap();
    let report = rebuild(&views, &MemoryLog::default(), STREAM, true).await.unwrap();
    let compared: BTreeSet<String> = report.tables.into_iter().map(|table| table.name).collect();
    let mut connection = PgConnection::connect(&database.url).await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT table_name::text FROM information_schema.tables
         WHERE table_schema = 'views_4' AND table_name NOT IN ('position', '_sqlx_migrations')",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert_eq!(compared, tables.into_iter().collect());
}

#[tokio::test]
async fn a_touched_row_is_found_and_a_rebuild_mends_it() {
    let database = harness::postgres_database().await;
    let views = Views::connect(&database.url).await.unwrap();
    let log = story().log().await;
    project(&log, &views).await;
    let mut connection = PgConnection::connect(&database.url).await.unwrap();
    for sql in [
        "UPDATE views_4.epochs SET validation = jsonb_set(validation, '{accuracy}', '0.99') WHERE epoch = 4",
        "DELETE FROM views_4.chat_messages WHERE sequence = 5",
    ] {
        assert_eq!(sqlx::query(sql).execute(&mut connection).await.unwrap().rows_affected(), 1);
    }
    let report = rebuild(&views, &log, STREAM, true).await.unwrap();
    let differs: Vec<&str> =
        report.tables.iter().filter(|table| !table.equal).map(|table| table.name.as_str()).collect();
    assert_eq!((report.equal, differs), (false, vec!["chat_messages", "epochs"]));

    let mended = rebuild(&views, &log, STREAM, false).await.unwrap();
    assert!(mended.swapped && !mended.equal, "it says what was wrong: {mended:#?}");
    assert!(rebuild(&views, &log, STREAM, true).await.unwrap().equal);
    Views::connect(&database.url).await.expect("the schema is a whole one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn views_are_put_in_place_under_a_running_projector_and_its_readers() {
    let views = views().await;
    let mut story = story();
    let log = story.log().await;
    let running = start(&log, &views);
    assert!(views.wait_for(story.events.len() as u64, DEADLINE).await.unwrap());
    for round in 0..3_u128 {
        let writer = async {
            for number in 0..200 {
                story.job("acme", uuid::Uuid::from_u128(1_000 * (round + 1) + number), requested(None));
                story.append_to(&log).await;
                tokio::task::yield_now().await;
            }
        };
        let readers = async {
            for _ in 0..20 {
                let snapshot = views
                    .snapshot(&tenant("acme"), trainyard_projections::Topic::Activity, &[])
                    .await
                    .unwrap();
                let newest =
                    json!(snapshot.rows).as_array().unwrap().last().unwrap()["sequence"].as_u64().unwrap();
                // The last event of the story is of `rival`.
                assert!(newest == snapshot.sequence || newest + 3 == snapshot.sequence, "{newest}");
            }
        };
        let (report, (), ()) = tokio::join!(rebuild(&views, &log, STREAM, false), writer, readers);
        assert!(report.unwrap().equal);
    }
    let last = story.events.len() as u64;
    assert!(views.wait_for(last, DEADLINE).await.unwrap(), "the projector goes on behind the new tables");
    running.stop().await;
    assert!(rebuild(&views, &log, STREAM, true).await.unwrap().equal);
    let newest = views.jobs(&tenant("acme"), &Default::default(), Page::first()).await.unwrap();
    assert_eq!(newest.rows[0].number, 602);
}

/// Whoever reads in a loop sees every list whole, nothing that was there before gone, and no error.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_do_not_notice_that_views_are_put_in_place() {
    let views = views().await;
    let mut story = story();
    for number in 1..=400 {
        story.job("acme", uuid::Uuid::from_u128(10_000 + number), requested(None));
    }
    let log = story.log().await;
    project(&log, &views).await;
    let acme = tenant("acme");
    let (done, reading) = tokio::sync::watch::channel(false);
    let read = async |mut reading: tokio::sync::watch::Receiver<bool>| {
        let (mut seen, mut reads) = (0, 0);
        while !*reading.borrow_and_update() {
            let newest = views.jobs(&acme, &Default::default(), Page::first()).await.unwrap().rows[0].number;
            let one = views.job_by_number(&acme, 1).await.unwrap();
            let epochs = views.epoch_lines(&acme, GOOD).await.unwrap();
            let position = views.position().await.unwrap().sequence;
            assert_eq!((newest, one.is_some(), epochs.len()), (402, true, 4));
            assert!(position >= seen, "back from {seen} to {position}");
            (seen, reads) = (position, reads + 1);
        }
        reads
    };
    let rebuilding = async {
        for _ in 0..5 {
            assert!(rebuild(&views, &log, STREAM, false).await.unwrap().swapped);
        }
        done.send_replace(true);
    };
    let (one, other, ()) = tokio::join!(read(reading.clone()), read(reading.clone()), rebuilding);
    assert!(one > 5 && other > 5, "they read meanwhile: {one} and {other} times");
}

#[tokio::test]
async fn rebuilt_tables_have_every_index() {
    let database = harness::postgres_database().await;
    let views = Views::connect(&database.url).await.unwrap();
    let mut connection = PgConnection::connect(&database.url).await.unwrap();
    let schema = format!("views_{PROJECTION_VERSION}");
    let sql = "SELECT indexdef FROM pg_indexes WHERE schemaname = $1 ORDER BY indexname";
    let fresh: Vec<String> = sqlx::query_scalar(sql).bind(&schema).fetch_all(&mut connection).await.unwrap();
    let log = story().log().await;
    project(&log, &views).await;
    rebuild(&views, &log, STREAM, false).await.unwrap();
    let rebuilt: Vec<String> =
        sqlx::query_scalar(sql).bind(&schema).fetch_all(&mut connection).await.unwrap();
    assert!(fresh.len() > 15, "{fresh:?}");
    assert_eq!(rebuilt, fresh);
    let kept: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class
         WHERE relnamespace = $1::text::regnamespace AND relkind = 'r' AND relpersistence <> 'p'",
    )
    .bind(&schema)
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert!(kept.is_empty(), "gone after a crash: {kept:?}");
}

#[tokio::test]
async fn views_of_another_log_are_not_compared_but_can_be_replaced() {
    let (views, log) = (views().await, story().log().await);
    project(&log, &views).await;
    let error = rebuild(&views, &log, "log-2", true).await.unwrap_err();
    assert!(matches!(error, ProjectorError::OtherLog { .. }), "{error}");
    let mut shorter = story();
    shorter.events.truncate(10);
    let report = rebuild(&views, &shorter.log().await, "log-2", false).await.unwrap();
    assert_eq!((report.events, report.swapped), (10, true));
    let position = views.position().await.unwrap();
    assert_eq!((position.sequence, position.stream.as_str()), (10, "log-2"));
}

#[tokio::test]
async fn many_roles_may_start_at_once_and_a_newer_schema_is_refused() {
    let database = harness::postgres_database().await;
    let starts = (0..6).map(|_| Views::connect(&database.url));
    for started in futures::future::join_all(starts).await {
        started.unwrap();
    }
    let mut connection = PgConnection::connect(&database.url).await.unwrap();
    sqlx::query("INSERT INTO views_4._sqlx_migrations SELECT 9999, 'later', now(), true, checksum, 0 FROM views_4._sqlx_migrations LIMIT 1")
        .execute(&mut connection)
        .await
        .unwrap();
    let error = Views::connect(&database.url).await.unwrap_err();
    assert!(matches!(error, ViewError::NewerSchema), "{error}");
}
