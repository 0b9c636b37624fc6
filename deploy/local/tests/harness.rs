//! The harness itself: what tests of other crates rely on.

use std::process::Command;

use trainyard_local::harness;

fn psql(url: &str, sql: &str) -> String {
    let program = harness::tools().postgres.join("bin/psql");
    let output = Command::new(program).args(["-XAt", "-c", sql, url]).output().expect("psql runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

#[tokio::test]
async fn every_call_gets_a_database_of_its_own_and_a_template_is_copied() {
    let first = harness::postgres_database().await;
    psql(&first.url, "CREATE TABLE here (id int); INSERT INTO here VALUES (7)");
    let (empty, copy) =
        tokio::join!(harness::postgres_database(), harness::postgres_database_from(&first.name));
    assert_eq!(psql(&empty.url, "SELECT to_regclass('here') IS NULL"), "t");
    assert_eq!(psql(&copy.url, "SELECT id FROM here"), "7");
}

/// The server must not go down with the runtime of the test that asked first.
#[test]
fn postgres_outlives_the_runtime_that_asked_for_it() {
    for _ in 0..2 {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let database = runtime.block_on(harness::postgres_database());
        drop(runtime);
        assert_eq!(psql(&database.url, "SELECT 1"), "1");
    }
}

#[tokio::test]
async fn nats_comes_and_goes_on_the_same_address() {
    let mut nats = harness::nats_of(1, &[]).await;
    let (url, before) = (nats.url(), nats.pid(0));
    nats.kill().await;
    assert_eq!(nats.pid(0), None);
    nats.restart().await;
    assert_eq!(nats.url(), url);
    assert!(nats.pid(0).is_some() && nats.pid(0) != before);
}

#[tokio::test]
async fn three_servers_replicate_and_a_member_rejoins() {
    let mut cluster = harness::nats_of(3, &[]).await;
    assert_eq!(cluster.urls().len(), 3);
    cluster.kill_member(0).await;
    assert_eq!(cluster.pid(0), None);
    assert!(cluster.pid(1).is_some() && cluster.pid(2).is_some());
    cluster.restart_member(0).await;
}

#[tokio::test]
async fn every_call_gets_a_bucket_of_its_own() {
    let (first, second) = tokio::join!(harness::s3(), harness::s3());
    assert_eq!(first.endpoint, second.endpoint);
    assert_ne!(first.bucket, second.bucket);
}
