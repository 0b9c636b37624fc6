//! What has ended leaves the log of a real platform, and nothing is seen of it; killed at any moment it loses nothing; and a job that
//! was under way goes on training on three servers that were made of the archive.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use reqwest::StatusCode;
use serde_json::{Value, json};
use trainyard_bus::{Bus, BusConfig};
use trainyard_e2e::{Platform, few_digits, root, servers};
use trainyard_local::harness;
use trainyard_store::{Store, StoreConfig};

const MINUTES: Duration = Duration::from_secs(300);
const KEY: &str = "once-and-for-all";

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn job_body(epochs: u32) -> Value {
    json!({
        "model": "resnet18", "dataset": "digits", "epochs": epochs, "image_size": 16, "batch_size": 16, "seed": 7,
        "device": "cpu",
    })
}

/// A platform whose archiver runs so often, and which keeps nothing in its log that has ended.
async fn start(every: &str) -> Result<Platform> {
    let tools = root().join(".tools").display().to_string();
    let said =
        [("TRAINYARD_TOOLS", &*tools), ("TRAINYARD_ARCHIVE_EVERY", every), ("TRAINYARD_ARCHIVE_AFTER", "0s")];
    Platform::start_with(&said).await
}

/// Asks for a job under the same key each time.
async fn ask_once(platform: &Platform, epochs: u32) -> Result<Value> {
    let asked = trainyard_fetch::client().build()?.post(format!("{}/v1/jobs", platform.url()));
    let asked = asked.bearer_auth(platform.token()).header("Idempotency-Key", KEY).json(&job_body(epochs));
    Ok(asked.send().await?.json().await?)
}

async fn finished(platform: &Platform, job: &str) -> Result<Value> {
    let has_ended = |job: &Value| job["status"] == "finished" || job["status"] == "failed";
    let row = platform.job_until(job, MINUTES, has_ended).await?;
    ensure!(row["status"] == "finished", "{row}\n{}", platform.log());
    Ok(row)
}

/// Messages in the stream, and the newest sequence of the log.
async fn stream(platform: &Platform) -> Result<(u64, u64)> {
    let bus = Bus::connect(BusConfig { url: text(platform.ready(), "nats").to_owned(), replicas: 1 }).await?;
    let streams = bus.streams().await?;
    let events = streams.into_iter().find(|it| it.stream == "EVENTS").context("a log")?;
    bus.drain().await;
    Ok((events.messages, events.last_sequence))
}

/// Byte for byte, as it comes over HTTP.
async fn body(platform: &Platform, path: &str) -> Result<String> {
    let asked = trainyard_fetch::client().build()?.get(format!("{}{path}", platform.url()));
    let answer = asked.bearer_auth(platform.token()).send().await?;
    ensure!(answer.status() == StatusCode::OK, "{path}: {}", answer.status());
    Ok(answer.text().await?)
}

async fn store(platform: &Platform) -> Result<Store> {
    let said = &platform.ready()["s3_access"];
    Ok(Store::connect(StoreConfig {
        endpoint: Some(text(said, "endpoint").to_owned()),
        region: text(said, "region").to_owned(),
        access_key: text(said, "access_key").to_owned(),
        secret_key: text(said, "secret_key").to_owned(),
        bucket: text(said, "bucket").to_owned(),
        path_style: true,
    })
    .await?)
}

/// Waits for the auditor to have read everything there is; what it has found.
async fn audited(platform: &Platform) -> Result<Value> {
    let (_, newest) = stream(platform).await?;
    let begun = Instant::now();
    loop {
        let audit = platform.get("/v1/audit").await?["audit"].take();
        if audit["sequence"].as_u64() >= Some(newest) || audit["findings"] != json!([]) {
            return Ok(audit["findings"].clone());
        }
        ensure!(begun.elapsed() < MINUTES, "the auditor does not come to the end: {audit}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn what_has_ended_leaves_and_nothing_is_seen_of_it() -> Result<()> {
    let mut platform = start("never").await?;
    few_digits(&platform.folder().join("digits"), &["0", "1", "7"], 20)?;
    let asked = ask_once(&platform, 3).await?;
    let job = text(&asked["job"], "id").to_owned();
    finished(&platform, &job).await?;
    let paths = [format!("/v1/jobs/{job}"), format!("/v1/jobs/{job}/events"), "/v1/jobs".to_owned()];
    let mut before = Vec::new();
    for path in &paths {
        before.push(body(&platform, path).await?);
    }
    let (messages, newest) = stream(&platform).await?;
    assert_eq!(messages, newest, "all is there");
    platform.stop().await?;

    // What leaves has been in the archive before.
    let (ok, printed, errors) = platform.trainyard(&["archive", "--json"]).await?;
    ensure!(ok, "{errors}");
    let first: Value = serde_json::from_str(&printed)?;
    assert_eq!((first["events"].as_u64(), &first["left"]), (Some(newest), &json!(0)), "{first}");
    let (ok, printed, errors) = platform.trainyard(&["archive", "--json"]).await?;
    ensure!(ok, "{errors}");
    let second: Value = serde_json::from_str(&printed)?;
    assert_eq!(second["keeps_all"], false, "{second}");
    let left = second["left"].as_u64().context("events that left")?;
    assert!(left > 5 && second["histories"].as_u64() >= Some(2), "a job and a conversation: {second}");
    // Whoever remembers nothing reads it from its first event.
    std::fs::remove_file(platform.folder().join(".trainyard/dispatcher.world"))?;
    platform.start_again().await?;

    let (messages, _) = stream(&platform).await?;
    assert!(messages <= newest - left + 5, "{messages} of {newest} are in the stream, {left} have left");
    for (path, before) in paths.iter().zip(&before) {
        assert_eq!(body(&platform, path).await?, *before, "{path}");
    }
    let all = platform.events().await?;
    let sequences: Vec<u64> = all.iter().filter_map(|event| event["sequence"].as_u64()).collect();
    assert_eq!(sequences, (1..=sequences.len() as u64).collect::<Vec<_>>());
    assert_eq!(text(&ask_once(&platform, 3).await?["job"], "id"), job, "the same command is the same job");
    let (equal, printed, errors) = platform.trainyard(&["rebuild", "--verify"]).await?;
    assert!(equal, "{printed}{errors}");
    let (rebuilt, printed, errors) = platform.trainyard(&["rebuild"]).await?;
    assert!(rebuilt, "{printed}{errors}");
    assert_eq!(body(&platform, &paths[1]).await?, before[1]);

    platform.post(&format!("/v1/jobs/{job}/deploy"), json!({})).await?;
    let digits = root().join(".tools/data/digits/train/7");
    let image = std::fs::read_dir(digits)?.next().context("an image")??.path();
    let (status, answer) = platform.predict(&job, std::fs::read(image)?).await?;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let refused =
        platform.ask(reqwest::Method::POST, &format!("/v1/jobs/{job}/cancel"), Some(json!({}))).await?;
    assert!(refused.0.is_client_error(), "it has ended: {refused:?}");
    assert_eq!(audited(&platform).await?, json!([]));
    a_flipped_byte_is_named(&mut platform).await
}

/// By the auditor of a platform that runs, and by whoever looks or restores.
async fn a_flipped_byte_is_named(platform: &mut Platform) -> Result<()> {
    let store = store(platform).await?;
    let segments = store.list("archive/", None).await?.objects;
    let key = segments.iter().map(|it| &it.key).find(|key| key.ends_with(".jsonl")).context("a segment")?;
    let whole = store.get_bytes(key, 1 << 24).await?;
    let mut damaged = whole.to_vec();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    let line = whole[..middle].iter().filter(|byte| **byte == b'\n').count() + 1;
    store.put_bytes(key, damaged.into()).await?;
    let named = format!("{key}, line {line} (event {})", line - 1);
    let begun = Instant::now();
    // The archive is of no tenant: its operator is told, in the log and by an alert.
    while !platform.log().contains(&named) {
        ensure!(begun.elapsed() < MINUTES, "the auditor does not name {named}: {}", platform.log());
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    platform.stop().await?;
    let (ok, _, told) = platform.trainyard(&["archive", "--verify"]).await?;
    ensure!(!ok && told.contains(&named), "{told}");
    let (ok, _, told) = platform.trainyard(&["restore", "--data", "elsewhere"]).await?;
    ensure!(!ok && told.contains("there is no archive"), "{told}");
    Ok(())
}

#[tokio::test]
async fn an_archiver_that_is_killed_again_and_again_loses_nothing() -> Result<()> {
    let mut platform = start("1s").await?;
    few_digits(&platform.folder().join("digits"), &["0", "1", "7"], 20)?;
    let mut jobs = Vec::new();
    for round in 0..4_u64 {
        let job = text(&platform.post("/v1/jobs", job_body(2)).await?["job"], "id").to_owned();
        finished(&platform, &job).await?;
        jobs.push(job);
        // Somewhere between a segment, the head, a look back and a purge.
        tokio::time::sleep(Duration::from_millis(900 + 170 * round)).await;
        platform.kill().await?;
        platform.start_again().await?;
    }
    let begun = Instant::now();
    while { stream(&platform).await?.0 } > stream(&platform).await?.1 / 2 {
        ensure!(begun.elapsed() < MINUTES, "nothing leaves the log:\n{}", platform.log());
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    for job in &jobs {
        let row = platform.get(&format!("/v1/jobs/{job}")).await?;
        assert_eq!(row["job"]["status"], "finished", "{row}");
    }
    let all = platform.events().await?;
    let sequences: Vec<u64> = all.iter().filter_map(|event| event["sequence"].as_u64()).collect();
    assert_eq!(sequences, (1..=sequences.len() as u64).collect::<Vec<_>>());
    assert_eq!(audited(&platform).await?, json!([]));
    let (equal, printed, errors) = platform.trainyard(&["rebuild", "--verify"]).await?;
    assert!(equal, "{printed}{errors}");
    platform.stop().await?;
    let (ok, printed, told) = platform.trainyard(&["archive", "--verify"]).await?;
    ensure!(ok, "{printed}{told}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_was_under_way_goes_on_training_on_three_servers_made_of_the_archive() -> Result<()> {
    let (one, three, s3) =
        (harness::nats_of(1, &[]).await, harness::nats_of(3, &[]).await, harness::s3().await);
    let (before, after) = (harness::postgres_database().await, harness::postgres_database().await);
    let nats = one.url();
    let of_servers = servers::with(&nats, &before.url, &s3);
    let mut platform =
        Platform::start_with(&[&of_servers[..], &[("TRAINYARD_ARCHIVE_AFTER", "0s")]].concat()).await?;
    few_digits(&platform.folder().join("digits"), &["0", "1", "7"], 60)?;
    let done = text(&platform.post("/v1/jobs", job_body(1)).await?["job"], "id").to_owned();
    finished(&platform, &done).await?;
    let history = body(&platform, &format!("/v1/jobs/{done}/events")).await?;
    let (ok, _, errors) = platform.trainyard(&["archive"]).await?;
    ensure!(ok, "{errors}");
    let job = text(&platform.post("/v1/jobs", job_body(30)).await?["job"], "id").to_owned();
    platform.job_until(&job, MINUTES, |job| job["checkpoint"].is_object()).await?;
    platform.kill().await?;
    let (ok, printed, errors) = platform.trainyard(&["archive", "--json"]).await?;
    ensure!(ok && !printed.contains("\"left\":0"), "the first job has left the log: {printed}{errors}");

    // Another machine, with another data folder and nothing but the store.
    platform.say("TRAINYARD_NATS_URL", &three.url());
    platform.say("TRAINYARD_NATS_REPLICAS", "3");
    platform.say("TRAINYARD_DATABASE_URL", &after.url);
    platform.say("TRAINYARD_DATA", "another");
    let (ok, printed, errors) = platform.trainyard(&["restore"]).await?;
    ensure!(ok, "{printed}{errors}");
    platform.start_again().await?;
    let row = finished(&platform, &job).await?;
    assert_eq!(row["epochs_done"], 30, "{row}");
    assert!(row["resumed_epoch"].as_u64() >= Some(1), "it went on from its checkpoint: {row}");
    let epochs = platform.get(&format!("/v1/jobs/{job}")).await?["epochs"].take();
    let epochs: Vec<_> =
        epochs.as_array().context("epochs")?.iter().filter_map(|it| it["epoch"].as_u64()).collect();
    assert_eq!(epochs, (1..=30).collect::<Vec<_>>(), "each once");
    assert_eq!(body(&platform, &format!("/v1/jobs/{done}/events")).await?, history);
    let (equal, printed, errors) = platform.trainyard(&["rebuild", "--verify"]).await?;
    assert!(equal, "{printed}{errors}");
    platform.stop().await
}
