//! A job with two GPUs of its own is trained by two processes, on a processor where there are none; when one of them dies, the
//! attempt fails for what happened, and the next goes on.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use trainyard_e2e::{Platform, few_digits};

const MINUTES: Duration = Duration::from_secs(300);

/// The process that trains beside the first one, below the platform's folder.
fn second(platform: &Platform) -> Result<Pid> {
    let below = platform.folder().to_string_lossy().into_owned();
    for entry in std::fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Ok(pid) = name.to_string_lossy().parse() else { continue };
        // One that has ended meanwhile has no command line.
        let Ok(line) = std::fs::read(format!("/proc/{pid}/cmdline")) else { continue };
        let words: Vec<_> = line.split(|byte| *byte == 0).map(String::from_utf8_lossy).collect();
        if words.iter().any(|word| word == "--rank") && words.iter().any(|word| word.starts_with(&below)) {
            return Ok(Pid::from_raw(pid));
        }
    }
    anyhow::bail!("nobody trains beside the first one")
}

fn kinds<'e>(events: &'e [Value], kind: &str) -> Vec<&'e Value> {
    events.iter().filter(|event| event["kind"] == kind).collect()
}

#[tokio::test]
async fn two_gpus_train_one_job_and_one_that_dies_is_told_of() -> Result<()> {
    let mut platform = Platform::start_with(&[
        ("TRAINYARD_DATASET_ROOTS", "/"),
        ("TRAINYARD_WORKER_POOL", "gpu"),
        ("TRAINYARD_WORKER_GPUS", "2xH100:80"),
    ])
    .await?;
    let digits = platform.folder().join("digits");
    few_digits(&digits, &["0", "1", "2"], 40)?;
    let order = json!({
        "model": "resnet18", "dataset": digits.to_string_lossy(), "epochs": 8, "image_size": 16, "batch_size": 16,
        "seed": 1, "resources": { "gpus": 2 },
    });
    let answer = platform.post("/v1/jobs", order).await?;
    let job = answer["job"]["id"].as_str().context("a job id")?.to_owned();
    let row = platform.job_until(&job, MINUTES, |job| job["checkpoint"]["epoch"].as_u64() >= Some(1)).await?;
    ensure!(row["device"].as_str().is_some_and(|device| device.starts_with("2 x cpu")), "{row}");

    let killed = Instant::now();
    kill(second(&platform)?, Signal::SIGKILL)?;
    let row = platform.job_until(&job, MINUTES, |job| job["status"] == "finished").await?;
    println!("finished {:?} after one of two was killed", killed.elapsed());
    ensure!(row["attempt"] == 2, "{row}");
    let events = platform.events().await?;
    let failed = kinds(&events, "job.attempt_failed");
    ensure!(failed.len() == 1, "{failed:?}");
    let failure = &failed[0]["body"]["failure"];
    ensure!(failure["class"] == "device" && failure["because"][0]["code"] == "group_broken", "{failure}");
    let started = kinds(&events, "job.attempt_started");
    ensure!(
        started.last().is_some_and(|event| event["body"]["resume"]["epoch"].as_u64() >= Some(1)),
        "{started:?}"
    );
    platform.stop().await
}
