//! A trainer beside our own: tried by the suite, kept on a machine, found by its worker, and trained with by name.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;
use trainyard_e2e::{Platform, binary, few_digits};

const SOON: Duration = Duration::from_secs(60);

async fn json(platform: &Platform, arguments: &[&str]) -> Result<Value> {
    let (good, printed, errors) = platform.trainyard(arguments).await?;
    anyhow::ensure!(good, "{arguments:?}: {printed}{errors}");
    Ok(serde_json::from_str(&printed)?)
}

#[tokio::test]
async fn our_own_trainer_passes_the_suite_and_is_a_runner_like_any_other() -> Result<()> {
    let mut platform = Platform::start().await?;
    let trainer = binary("trainyard-vision")?;
    let trainer = trainer.to_str().context("a path")?;
    for model in ["resnet18", "yolo11n"] {
        let (good, printed, errors) =
            platform.trainyard(&["runners", "check", "--model", model, trainer]).await?;
        assert!(good && printed.lines().count() == 7, "{model}: {printed}{errors}");
    }

    let (good, printed, _) = platform.trainyard(&["runners", "add", "/bin/echo"]).await?;
    assert!(!good, "{printed}");
    let (good, printed, errors) = platform.trainyard(&["runners", "add", trainer]).await?;
    assert!(good && printed.starts_with("trainyard "), "{printed}{errors}");
    let deadline = tokio::time::Instant::now() + SOON;
    let listed = loop {
        let listed = json(&platform, &["--json", "models", "--runner", "trainyard"]).await?;
        if listed["models"].as_array().is_some_and(|models| models.len() == 25) {
            break listed;
        }
        anyhow::ensure!(tokio::time::Instant::now() < deadline, "its worker does not find it: {listed}");
    };
    assert_eq!(listed["runners"][0]["runner"], "trainyard", "{listed}");

    let elsewhere = tempfile::tempdir()?;
    few_digits(elsewhere.path(), &["0", "1"], 12)?;
    let path = elsewhere.path().to_str().context("a path")?;
    let (good, printed, errors) = platform.trainyard(&["datasets", "add", "digits", path]).await?;
    assert!(good, "{printed}{errors}");
    let train = [
        "--json",
        "train",
        "--model",
        "resnet18",
        "--dataset",
        "digits",
        "--epochs",
        "1",
        "--image-size",
        "16",
    ];
    let with = |more: &[&'static str]| [&train[..], more].concat();
    let (good, printed, errors) =
        platform.trainyard(&with(&["--runner", "trainyard", "--set", "frezze=backbone"])).await?;
    assert!(!good && format!("{printed}{errors}").contains("frezze"), "{printed}{errors}");
    let ordered = json(&platform, &with(&["--runner", "trainyard"])).await?;
    let id = ordered["job"]["id"].as_str().context("a job")?.to_owned();
    let job = platform.job_until(&id, SOON * 3, |job| job["status"] == "finished").await?;
    assert_eq!(job["config"]["runner"], "trainyard", "{job}");

    let (good, printed, errors) = platform.trainyard(&["export", &id, "--to", "digits.onnx"]).await?;
    assert!(good && printed.contains("digits.onnx"), "{printed}{errors}");
    let (good, printed, errors) = platform.trainyard(&["runners", "remove", "trainyard"]).await?;
    assert!(good, "{printed}{errors}");
    platform.stop().await
}
