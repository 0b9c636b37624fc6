//! Two workers of declared GPUs on one platform: jobs go where what they ask for is, and each sees the GPUs that it was given.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use trainyard_e2e::servers::environment;
use trainyard_e2e::{Platform, binary, few_digits, root};
use trainyard_local::{LocalConfig, Platform as Servers, Tools};

const MINUTES: Duration = Duration::from_secs(300);
/// An epoch takes a third of a second: jobs that are asked for together run beside each other.
const EPOCHS: u32 = 30;

async fn platform(servers: &Servers, worker: &str, gpus: &str, labels: &str) -> Result<Platform> {
    let of_servers = environment(servers.urls());
    let trainer = binary("trainyard-chain")?;
    let own = [
        ("TRAINYARD_TRAINER", trainer.to_str().context("a path")?),
        ("TRAINYARD_DATASET_ROOTS", "/"),
        ("TRAINYARD_WORKER_NAME", worker),
        ("TRAINYARD_WORKER_POOL", "gpu"),
        ("TRAINYARD_WORKER_SLOTS", "2"),
        ("TRAINYARD_WORKER_GPUS", gpus),
        ("TRAINYARD_WORKER_LABELS", labels),
    ];
    Platform::start_as(binary("trainyard")?, &[&of_servers[..], &own].concat()).await
}

async fn ask(platform: &Platform, dataset: &str, resources: Value) -> Result<String> {
    let order = json!({
        "model": "resnet18", "dataset": dataset, "epochs": EPOCHS, "image_size": 16, "batch_size": 8, "seed": 1,
        "resources": resources,
    });
    let answer = platform.post("/v1/jobs", order).await?;
    Ok(answer["job"]["id"].as_str().context("a job id")?.to_owned())
}

async fn trains(platform: &Platform, job: &str) -> Result<(String, String)> {
    let row = platform.job_until(job, MINUTES, |job| job["status"] == "training").await?;
    let text = |name: &str| Ok::<_, anyhow::Error>(row[name].as_str().context("a text")?.to_owned());
    Ok((text("worker")?, text("device")?))
}

#[tokio::test]
async fn jobs_go_where_what_they_ask_for_is() -> Result<()> {
    let folder = tempfile::TempDir::with_prefix("trainyard-resources-")?;
    let config = LocalConfig::new(folder.path().join("servers"), Tools::find(&root().join(".tools"))?);
    let servers = Servers::start(config).await?;
    let digits = folder.path().join("digits");
    few_digits(&digits, &["0", "1", "2", "3"], 20)?;
    let digits = digits.to_string_lossy().into_owned();
    let mut a = platform(&servers, "worker-a", "2xA100:40", "zone=a").await?;
    let mut b = platform(&servers, "worker-b", "2xH100:80", "zone=b,rack=3").await?;

    let begun = Instant::now();
    let of_b = loop {
        let fleet = a.get("/v1/workers").await?;
        let told = fleet["workers"].as_array().context("workers")?;
        if let Some(other) = told.iter().find(|worker| worker["worker"] == "worker-b") {
            break other.clone();
        }
        ensure!(begun.elapsed() < MINUTES, "the other is not there: {fleet}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    ensure!(of_b["devices"][1]["kind"] == "H100" && of_b["labels"]["rack"] == "3", "{of_b}");

    // One kind, two jobs, a GPU each.
    let first = ask(&a, &digits, json!({ "gpu": "h100" })).await?;
    let second = ask(&a, &digits, json!({ "gpu_memory_gb": 80 })).await?;
    let both = [trains(&a, &first).await?, trains(&a, &second).await?];
    ensure!(both.iter().all(|(worker, _)| worker == "worker-b"), "{both:?}");
    ensure!(both[0].1 != both[1].1, "each has its own: {both:?}");
    // A third has to wait for one of them, and says so; another kind has room.
    let third = ask(&a, &digits, json!({ "gpus": 2, "labels": { "zone": "b" } })).await?;
    let waits = a.job_until(&third, MINUTES, |job| {
        job["waiting_because"].as_array().is_some_and(|why| why.iter().any(|why| why["code"] == "gpus_taken"))
    });
    waits.await?;
    let whole = ask(&a, &digits, json!({ "gpus": 2, "gpu": "A100" })).await?;
    let (worker, device) = trains(&a, &whole).await?;
    ensure!((worker.as_str(), device.as_str()) == ("worker-a", "gpu 0,1 (chain)"), "{worker} {device}");
    // What nobody has.
    let never = ask(&a, &digits, json!({ "gpu": "T4" })).await?;
    let row = a.job_until(&never, MINUTES, |job| {
        job["waiting_because"]
            .as_array()
            .is_some_and(|why| why.iter().any(|why| why["code"] == "no_worker_has_gpu"))
    });
    let row = row.await?;
    ensure!(row["waiting_reason"].as_str().is_some_and(|why| why.contains("nearest is H100")), "{row}");

    let (worker, device) = trains(&a, &third).await?;
    ensure!((worker.as_str(), device.as_str()) == ("worker-b", "gpu 0,1 (chain)"), "{worker} {device}");
    for job in [&first, &second, &third, &whole] {
        a.job_until(job, MINUTES, |job| job["status"] == "finished").await?;
    }
    a.post(&format!("/v1/jobs/{never}/cancel"), json!({})).await?;

    // Its log once more, under the same rules, twice: the same decisions.
    let (good, log, errors) = a.trainyard(&["--json", "events", "--after", "0", "--no-follow"]).await?;
    ensure!(good, "{errors}");
    std::fs::write(a.folder().join("log.jsonl"), log)?;
    // The log names the workers that there were, and what they have is told by the fleet.
    std::fs::write(a.folder().join("fleet.json"), a.get("/v1/workers").await?.to_string())?;
    let replay = ["--json", "schedule", "replay", "log.jsonl", "--fleet", "fleet.json"];
    let (good, first, errors) = a.trainyard(&replay).await?;
    ensure!(good, "{errors}");
    let (_, again, _) = a.trainyard(&replay).await?;
    ensure!(first == again, "{first} {again}");
    let report: Value = serde_json::from_str(&first)?;
    ensure!(report["replayed"]["class normal"]["jobs"] == 4 && report["workers"] == 2, "{report}");

    a.stop().await?;
    b.stop().await?;
    servers.stop().await?;
    Ok(())
}
