//! What `/openapi.json` promises holds: schemathesis asks a platform for everything that it describes, well and badly.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::process::Command;
use trainyard_e2e::{Platform, few_digits, root};

const MINUTES: Duration = Duration::from_secs(300);
/// Below what one token and one address may ask for.
const RATE: &str = "80/s";
/// Cases of each operation that are made up beside those that its schema names.
const CASES: &str = "40";
/// So that a run can be repeated as it was.
const SEED: &str = "7";

/// A platform with a job, number 1, that has trained and answers; with the row of the job.
async fn lived_in() -> Result<(Platform, Value)> {
    let platform = Platform::start().await?;
    few_digits(&platform.folder().join("data/digits"), &["0", "1"], 20)?;
    let order = json!({
        "model": "resnet18", "dataset": "data/digits", "epochs": 1, "image_size": 16, "batch_size": 16,
        "device": "cpu",
    });
    platform.post("/v1/jobs", order).await?;
    let job = platform
        .job_until("1", MINUTES, |job| job["status"] == "finished" || job["status"] == "failed")
        .await?;
    ensure!(job["status"] == "finished", "{job}");
    platform.post("/v1/jobs/1/deploy", json!({})).await?;
    Ok((platform, job))
}

/// Runs schemathesis with everything that it can check; what it found is on standard output.
async fn schemathesis(platform: &Platform, config: &Path, arguments: &[&str]) -> Result<()> {
    let status = Command::new(root().join("deploy/tools/schemathesis"))
        .arg("--config-file")
        .arg(config)
        .args(["run", &format!("{}/openapi.json", platform.url())])
        .args(["--header", &format!("Authorization: Bearer {}", platform.token())])
        .args(["--checks", "all", "--continue-on-failure", "--no-shrink", "--warnings", "off"])
        .args(["--rate-limit", RATE, "--max-examples", CASES, "--seed", SEED])
        .args(arguments)
        .current_dir(platform.folder())
        .stdin(Stdio::null())
        .status()
        .await
        .context("schemathesis does not start: it needs Python 3.11 or newer")?;
    ensure!(status.success(), "schemathesis has found something: see above\n{}", platform.log());
    Ok(())
}

fn settings() -> PathBuf {
    root().join("deploy/tools/schemathesis.toml")
}

#[tokio::test]
async fn the_api_is_as_it_is_described() -> Result<()> {
    let (mut platform, job) = lived_in().await?;
    // A socket is none of its business.
    schemathesis(&platform, &settings(), &["--exclude-path", "/v1/live"]).await?;

    // Once more about what is there: made-up ids name nothing.
    let here = platform.folder().join("here.toml");
    let mut known = std::fs::read_to_string(settings())?;
    // Of two things in a path both are known, or neither: a made-up one beside one that is there is no mistake.
    known += &format!(
        "\n[[operations]]\ninclude-path-regex = \"/versions/\"\nparameters = {{ id = {}, number = 1 }}\n",
        job["dataset"]
    );
    for (path, id) in [("/v1/jobs/", &job["id"]), ("/v1/datasets/", &job["dataset"])] {
        known +=
            &format!("\n[[operations]]\ninclude-path-regex = \"^{path}\"\nparameters = {{ id = {id} }}\n");
    }
    known += &format!(
        "\n[[operations]]\ninclude-path-regex = \"^/inference/\"\nparameters = {{ job_id = {} }}\n",
        job["id"]
    );
    std::fs::write(&here, known)?;
    let about = "^/(v1/(jobs|datasets)|inference)/";
    schemathesis(&platform, &here, &["--include-path-regex", about, "--phases", "coverage,fuzzing"]).await?;
    platform.stop().await
}
