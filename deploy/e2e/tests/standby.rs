//! Two platforms on the same servers: whichever is killed, projector, dispatcher and all, the other goes on within seconds.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use trainyard_e2e::servers::environment;
use trainyard_e2e::{Platform, binary, few_digits, root};
use trainyard_local::{LocalConfig, Platform as Servers, Tools};

const MINUTES: Duration = Duration::from_secs(300);
/// From the death of the one to the other's first work.
const TAKEN_OVER: Duration = Duration::from_secs(5);

async fn platform(servers: &Servers, worker: &str) -> Result<Platform> {
    let of_servers = environment(servers.urls());
    let trainer = binary("trainyard-chain")?;
    let own = [
        ("TRAINYARD_TRAINER", trainer.to_str().context("a path")?),
        ("TRAINYARD_DATASET_ROOTS", "/"),
        ("TRAINYARD_WORKER_NAME", worker),
    ];
    Platform::start_as(binary("trainyard")?, &[&of_servers[..], &own].concat()).await
}

async fn ask(platform: &Platform, dataset: &str, seed: u64) -> Result<String> {
    let order = json!({
        "model": "resnet18", "dataset": dataset, "epochs": 4, "image_size": 16, "batch_size": 8, "seed": seed,
    });
    let answer = platform.post("/v1/jobs", order).await?;
    Ok(answer["job"]["id"].as_str().context("a job id")?.to_owned())
}

fn is_dispatched(job: &Value) -> bool {
    !job.is_null() && job["status"] != "requested"
}

#[tokio::test]
async fn whichever_dies_the_other_goes_on() -> Result<()> {
    let folder = tempfile::TempDir::with_prefix("trainyard-standby-")?;
    let config = LocalConfig::new(folder.path().join("servers"), Tools::find(&root().join(".tools"))?);
    let servers = Servers::start(config).await?;
    let digits = folder.path().join("digits");
    few_digits(&digits, &["0", "1", "2", "3"], 20)?;
    let digits = digits.to_string_lossy().into_owned();
    let mut both = [platform(&servers, "worker-a").await?, platform(&servers, "worker-b").await?];
    let first = ask(&both[0], &digits, 1).await?;
    both[0].job_until(&first, MINUTES, |job| job["status"] == "finished").await?;
    // One of the two deaths is that of the projector that writes.
    for (round, (dies, stays)) in [(0, 1), (1, 0)].into_iter().enumerate() {
        both[dies].kill().await?;
        let begun = Instant::now();
        let job = ask(&both[stays], &digits, 2 + round as u64).await?;
        both[stays].job_until(&job, MINUTES, is_dispatched).await?;
        ensure!(begun.elapsed() < TAKEN_OVER, "{:?}: {}", begun.elapsed(), both[stays].log());
        both[stays].job_until(&job, MINUTES, |job| job["status"] == "finished").await?;
        both[dies].start_again().await?;
    }
    for platform in &mut both {
        platform.stop().await?;
    }
    servers.stop().await?;
    Ok(())
}
