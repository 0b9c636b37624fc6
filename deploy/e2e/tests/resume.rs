//! A job that was stopped goes on as another one, and ends with the very weights of one that nobody touched.

use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use trainyard_e2e::{Platform, few_digits};

const MINUTES: Duration = Duration::from_secs(300);
const EPOCHS: u64 = 6;

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

async fn train(platform: &Platform) -> Result<String> {
    let body = json!({
        "model": "resnet18", "dataset": "digits", "epochs": EPOCHS, "image_size": 16, "batch_size": 16, "seed": 7,
        "device": "cpu",
    });
    Ok(text(&platform.post("/v1/jobs", body).await?["job"], "id").to_owned())
}

async fn finished(platform: &Platform, job: &str) -> Result<Value> {
    let has_ended = |job: &Value| job["status"] == "finished" || job["status"] == "failed";
    let row = platform.job_until(job, MINUTES, has_ended).await?;
    assert_eq!(row["status"], "finished", "{row}");
    Ok(row)
}

fn weights(row: &Value) -> Option<&Value> {
    row["artifacts"].as_array()?.iter().find(|artifact| artifact["role"] == "weights").map(|it| &it["sha256"])
}

#[tokio::test]
async fn a_cancelled_job_goes_on_to_the_same_weights_and_its_console_is_told() -> Result<()> {
    let mut platform = Platform::start().await?;
    few_digits(&platform.folder().join("digits"), &["0", "1", "2", "3"], 40)?;
    let untouched = train(&platform).await?;
    let untouched = finished(&platform, &untouched).await?;

    let stopped = train(&platform).await?;
    platform.job_until(&stopped, MINUTES, |job| job["checkpoint"].is_object()).await?;
    let console = platform.get(&format!("/v1/jobs/{stopped}/console")).await?;
    assert!(console["lines"].to_string().contains("training resnet18"), "while it runs: {console}");
    assert_eq!(console["from"], "telemetry");
    let (ok, _, early) = platform.trainyard(&["resume", &stopped]).await?;
    assert!(!ok && early.contains("It has not stopped"), "{early}");
    platform.post(&format!("/v1/jobs/{stopped}/cancel"), json!({})).await?;
    let row = platform.job_until(&stopped, MINUTES, |job| job["status"] == "cancelled").await?;
    let done = row["checkpoint"]["epoch"].as_u64().context("a checkpoint")?;
    assert!(done < EPOCHS, "it was stopped on its way: {row}");
    let (ok, printed, errors) = platform.trainyard(&["logs", &stopped]).await?;
    assert!(ok && printed.contains("training resnet18"), "{printed}{errors}");

    let (ok, printed, errors) = platform.trainyard(&["resume", &stopped, "--json"]).await?;
    assert!(ok, "{errors}");
    let made: Value = serde_json::from_str(&printed)?;
    let goes_on = finished(&platform, text(&made["job"], "id")).await?;
    assert_eq!(goes_on["config"]["continues"]["job"], json!(stopped));
    assert_eq!((&goes_on["epochs_done"], &goes_on["resumed_epoch"]), (&json!(EPOCHS), &json!(done)));
    assert_eq!(weights(&goes_on), weights(&untouched), "to the last bit");
    assert_eq!((&goes_on["best"], &goes_on["best_epoch"]), (&untouched["best"], &untouched["best_epoch"]));
    let curve = platform.get(&format!("/v1/jobs/{}", text(&goes_on, "id"))).await?;
    let first = &curve["epochs"][0]["epoch"];
    assert_eq!(first, &json!(done + 1), "no epoch is told again");

    let path = format!("/v1/jobs/{}/resume", text(&goes_on, "id"));
    let (status, answer) = platform.ask(Method::POST, &path, Some(json!({}))).await?;
    assert_eq!((status, text(&answer["error"], "code")), (StatusCode::CONFLICT, "job_finished"), "{answer}");
    let (equal, printed, errors) = platform.trainyard(&["rebuild", "--verify"]).await?;
    assert!(equal, "{printed}{errors}");
    platform.stop().await
}

#[tokio::test]
async fn a_fork_without_a_change_ends_with_the_weights_of_its_original() -> Result<()> {
    let mut platform = Platform::start().await?;
    few_digits(&platform.folder().join("digits"), &["0", "1", "2", "3"], 40)?;
    let original = train(&platform).await?;
    // While it runs.
    let row = platform.job_until(&original, MINUTES, |job| job["checkpoint"].is_object()).await?;
    let (epoch, step) = (row["checkpoint"]["epoch"].clone(), row["checkpoint"]["step"].to_string());
    let (ok, printed, errors) =
        platform.trainyard(&["jobs", "fork", &original, "--step", &step, "--json"]).await?;
    assert!(ok, "{errors}");
    let made: Value = serde_json::from_str(&printed)?;
    let same = text(&made["job"], "id").to_owned();
    let more = ["jobs", "fork", &original, "--step", &step, "--set", "learning_rate=0.0001", "--json"];
    let (ok, printed, errors) = platform.trainyard(&more).await?;
    assert!(ok, "{errors}");
    let made: Value = serde_json::from_str(&printed)?;
    let other = text(&made["job"], "id").to_owned();

    let original = finished(&platform, &original).await?;
    let same = finished(&platform, &same).await?;
    assert_eq!(weights(&same), weights(&original), "to the last bit");
    assert_eq!((&same["best"], &same["best_epoch"]), (&original["best"], &original["best_epoch"]));
    assert_eq!(same["resumed_epoch"], epoch);
    let curve = async |job: &Value| -> Result<Vec<Value>> {
        let answer = platform.get(&format!("/v1/jobs/{}", text(job, "id"))).await?;
        let epochs = answer["epochs"].as_array().context("epochs")?.clone();
        let measured = |epoch: Value| json!([epoch["epoch"], epoch["train"], epoch["validation"]]);
        Ok(epochs.into_iter().map(measured).collect())
    };
    let (whole, forked) = (curve(&original).await?, curve(&same).await?);
    assert!(whole.ends_with(&forked), "{forked:?} of {whole:?}");
    let other = finished(&platform, &other).await?;
    assert_ne!(weights(&other), weights(&original));
    // And of one that has finished, with more to do.
    let id = text(&original, "id").to_owned();
    let (ok, printed, errors) = platform.trainyard(&["jobs", "checkpoints", &id]).await?;
    assert!(ok && printed.contains("MB"), "{printed}{errors}");
    let (ok, printed, errors) =
        platform.trainyard(&["jobs", "fork", &id, "--set", "epochs=7", "--json"]).await?;
    assert!(ok, "{errors}");
    let made: Value = serde_json::from_str(&printed)?;
    let longer = finished(&platform, text(&made["job"], "id")).await?;
    assert_eq!(longer["epochs_done"], json!(7));
    let (equal, printed, errors) = platform.trainyard(&["rebuild", "--verify"]).await?;
    assert!(equal, "{printed}{errors}");
    platform.stop().await
}
