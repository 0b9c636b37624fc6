//! Jobs that give way on a real platform: to one of a higher class, and for the maintenance of their worker. What they have trained
//! is kept, and what they end with is what an untouched training gives.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use trainyard_e2e::servers::environment;
use trainyard_e2e::{Platform, binary, chain, few_digits, root};
use trainyard_local::{LocalConfig, Platform as Servers, Tools};

const MINUTES: Duration = Duration::from_secs(300);
/// An epoch takes a third of a second.
const EPOCHS: u32 = 24;
/// For long enough that a platform can be started again meanwhile.
const LONG: u32 = 240;
const SEED: u64 = 5;

/// With one slot and the trainer that learns a chain of hashes.
async fn platform(worker: &str, more: &[(&str, &str)]) -> Result<Platform> {
    let trainer = binary("trainyard-chain")?;
    let own = [
        ("TRAINYARD_TRAINER", trainer.to_str().context("a path")?),
        ("TRAINYARD_DATASET_ROOTS", "/"),
        ("TRAINYARD_WORKER_NAME", worker),
    ];
    Platform::start_with(&[&own[..], more].concat()).await
}

async fn ask(platform: &Platform, dataset: &str, priority: &str, epochs: u32) -> Result<String> {
    let order = json!({
        "model": "resnet18", "dataset": dataset, "epochs": epochs, "image_size": 16, "batch_size": 8, "seed": SEED,
        "priority": priority, "device": "cpu",
    });
    let answer = platform.post("/v1/jobs", order).await?;
    Ok(answer["job"]["id"].as_str().context("a job id")?.to_owned())
}

/// It trains, and has whole epochs behind it.
async fn trains(platform: &Platform, job: &str) -> Result<Value> {
    let is_on_its_way = |job: &Value| job["status"] == "training" && job["checkpoint"].is_object();
    platform.job_until(job, MINUTES, is_on_its_way).await
}

async fn finishes(platform: &Platform, job: &str) -> Result<Value> {
    let row = platform
        .job_until(job, MINUTES, |job| job["status"] == "finished" || job["status"] == "failed")
        .await?;
    ensure!(row["status"] == "finished", "{row}");
    Ok(row)
}

async fn waits(platform: &Platform, job: &str, code: &str) -> Result<Value> {
    let has = |job: &Value| {
        job["waiting_because"].as_array().is_some_and(|why| why.iter().any(|why| why["code"] == code))
    };
    platform.job_until(job, MINUTES, has).await
}

/// It was stopped once, went on from its checkpoint, counts no failure, and has learnt what it would have learnt untouched.
fn went_on(row: &Value, epochs: u32) -> Result<()> {
    ensure!(row["attempt"] == 2 && row["failed_attempts"] == 0, "{row}");
    ensure!(row["resumed_epoch"].as_u64() > Some(0), "from where it was: {row}");
    let learnt = chain::accuracy(&chain::state(SEED, epochs));
    ensure!(row["best"]["accuracy"] == json!(learnt), "{row}");
    Ok(())
}

async fn said(platform: &Platform, words: &[&str]) -> Result<()> {
    let (good, _, errors) = platform.trainyard(words).await?;
    ensure!(good, "{words:?}: {errors}");
    Ok(())
}

/// A line among its metrics, sooner or later.
async fn shows(platform: &Platform, line: &str) -> Result<()> {
    let (client, url) = (trainyard_fetch::client().build()?, format!("{}/metrics", platform.url()));
    let begun = Instant::now();
    loop {
        let metrics = client.get(&url).send().await?.error_for_status()?.text().await?;
        if metrics.lines().any(|told| told == line) {
            return Ok(());
        }
        ensure!(begun.elapsed() < MINUTES, "no {line}: {metrics}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn a_low_job_gives_way_to_a_high_one_and_goes_on_from_its_checkpoint() -> Result<()> {
    let mut platform = platform("only", &[("TRAINYARD_PREEMPT", "true")]).await?;
    few_digits(&platform.folder().join("digits"), &["0", "1"], 20)?;
    let low = ask(&platform, "digits", "low", EPOCHS).await?;
    trains(&platform, &low).await?;
    let equal = ask(&platform, "digits", "low", 2).await?;
    waits(&platform, &equal, "slots_taken").await?;
    let high = ask(&platform, "digits", "high", 3).await?;
    let gave_way = waits(&platform, &low, "gave_way").await?;
    ensure!(gave_way["failed_attempts"] == 0, "{gave_way}");
    let high = finishes(&platform, &high).await?;
    ensure!(high["attempt"] == 1, "{high}");
    let row = finishes(&platform, &low).await?;
    went_on(&row, EPOCHS)?;
    let equal = finishes(&platform, &equal).await?;
    ensure!(equal["started_at"].as_str() > row["started_at"].as_str(), "an equal waits: {equal}");
    let (equal, printed, errors) = platform.trainyard(&["rebuild", "--verify"]).await?;
    ensure!(equal, "{printed}{errors}");
    platform.stop().await
}

#[tokio::test]
async fn drained_workers_and_a_paused_queue_stay_so_through_restarts() -> Result<()> {
    let folder = tempfile::TempDir::with_prefix("trainyard-maintenance-")?;
    let config = LocalConfig::new(folder.path().join("servers"), Tools::find(&root().join(".tools"))?);
    let servers = Servers::start(config).await?;
    let digits = folder.path().join("digits");
    few_digits(&digits, &["0", "1"], 20)?;
    let digits = digits.to_string_lossy().into_owned();
    let of_servers = environment(servers.urls());
    let mut a = platform("worker-a", &of_servers).await?;
    let mut b = platform("worker-b", &of_servers).await?;
    let begun = Instant::now();
    while a.get("/v1/workers").await?["workers"].as_array().is_none_or(|workers| workers.len() < 2) {
        ensure!(begun.elapsed() < MINUTES, "the other is not there");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }

    // Nothing new comes to one that is drained, however free it is.
    said(&a, &["workers", "drain", "worker-a", "--because", "a new driver"]).await?;
    shows(&a, "trainyard_dispatcher_workers_drained 1").await?;
    let (_, listed, _) = a.trainyard(&["workers"]).await?;
    let first = ask(&a, &digits, "normal", LONG).await?;
    let row = trains(&a, &first).await?;
    ensure!(row["worker"] == "worker-b", "{row}");
    ensure!(listed.contains("worker-a"), "{listed}");
    said(&a, &["workers", "drain", "worker-b"]).await?;
    let second = ask(&a, &digits, "normal", 3).await?;
    waits(&a, &second, "workers_drained").await?;
    // It is in the log, and no word of a process: whoever starts again knows it.
    a.stop().await?;
    a.start_again().await?;
    waits(&a, &second, "workers_drained").await?;
    let (good, listed, errors) = a.trainyard(&["workers"]).await?;
    ensure!(good && listed.contains("a new driver"), "{listed}{errors}");

    // What runs is told to stop, and goes on elsewhere.
    said(&a, &["workers", "return", "worker-a"]).await?;
    finishes(&a, &second).await?;
    let row = a.job_until(&first, MINUTES, |_| true).await?;
    ensure!(row["status"] == "training" && row["worker"] == "worker-b", "it went on where it was: {row}");
    said(&a, &["workers", "drain", "worker-b", "--now"]).await?;
    let row = finishes(&a, &first).await?;
    went_on(&row, LONG)?;
    ensure!(row["worker"] == "worker-a", "{row}");

    // A paused queue, across restarts of its dispatchers too.
    said(&a, &["workers", "return", "worker-b"]).await?;
    said(&a, &["queue", "pause", "--because", "the storage moves"]).await?;
    let third = ask(&a, &digits, "high", 2).await?;
    let row = waits(&a, &third, "queue_paused").await?;
    ensure!(row["waiting_reason"].as_str().is_some_and(|why| why.contains("has paused the queue")), "{row}");
    b.stop().await?;
    b.start_again().await?;
    waits(&b, &third, "queue_paused").await?;
    shows(&b, "trainyard_dispatcher_queue_paused 1").await?;
    said(&b, &["queue", "resume"]).await?;
    finishes(&b, &third).await?;
    shows(&b, "trainyard_dispatcher_queue_paused 0").await?;
    a.stop().await?;
    b.stop().await?;
    servers.stop().await?;
    Ok(())
}
