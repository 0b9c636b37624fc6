//! Models by name on real processes: two trainings under one name, asked through an alias that moves, the second one started
//! from the first.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use trainyard_e2e::{Platform, few_digits, root};

const MINUTES: Duration = Duration::from_secs(300);

/// A finished job on the digits, by its number.
async fn train(platform: &Platform, initial_weights: Option<&str>) -> Result<String> {
    let body = json!({
        "model": "resnet18", "dataset": "digits", "epochs": 1, "image_size": 16, "batch_size": 16, "seed": 7,
        "device": "cpu", "initial_weights": initial_weights,
    });
    let job = platform.post("/v1/jobs", body).await?["job"].take();
    let id = job["id"].as_str().context("a job")?.to_owned();
    let row = platform
        .job_until(&id, MINUTES, |job| job["status"] == "finished" || job["status"] == "failed")
        .await?;
    assert_eq!(row["status"], "finished", "{row}");
    Ok(job["number"].to_string())
}

/// What the command line prints as JSON.
async fn typed(platform: &Platform, words: &[&str]) -> Result<Value> {
    let (done, printed, errors) = platform.trainyard(words).await?;
    assert!(done, "{words:?}: {printed}{errors}");
    serde_json::from_str(&printed).with_context(|| format!("{words:?}: {printed}"))
}

#[tokio::test]
async fn a_model_with_a_name_answers_moves_and_is_started_from() -> Result<()> {
    let mut platform = Platform::start().await?;
    few_digits(&platform.folder().join("digits"), &["0", "1", "7"], 40)?;
    let image = root().join(".tools/data/digits/test/7");
    let image = std::fs::read_dir(image)?.next().context("a held-out image")??.path();
    let image = image.display().to_string();

    let first = train(&platform, None).await?;
    let made = typed(&platform, &["registry", "register", &first, "line3", "--json"]).await?;
    assert_eq!(made["version"], 1, "{made}");
    let moved = typed(&platform, &["registry", "promote", "line3@1", "champion", "--json"]).await?;
    assert!(moved["deployed"].is_u64(), "it is deployed, and said to be: {moved}");
    let seen = typed(&platform, &["predict", "line3@champion", &image, "--json"]).await?;
    assert_eq!(seen["answer"]["predictions"].as_array().map(Vec::len), Some(3), "{seen}");

    let second = train(&platform, Some("line3@champion")).await?;
    let job = platform.get(&format!("/v1/jobs/{second}")).await?;
    assert_eq!(job["job"]["config"]["initial_weights"], "line3@1", "{job}");
    typed(&platform, &["registry", "register", &second, "line3", "--json"]).await?;
    let moved = typed(&platform, &["registry", "promote", "line3@2", "champion", "--json"]).await?;
    assert_eq!((&moved["former"], &moved["version"]), (&json!(1), &json!(2)), "{moved}");

    let shown = typed(&platform, &["registry", "show", "line3", "--json"]).await?;
    let card = &shown["model"]["versions"][1]["card"];
    assert_eq!(
        (&card["output"], &card["preprocessing"]["image_size"]),
        (&json!("logits"), &json!(16)),
        "{card}"
    );
    assert_eq!(card["classes"], json!(["0", "1", "7"]));
    assert_eq!(shown["uses"][0]["started"], json!([second.parse::<u64>()?]), "{shown}");

    let compared =
        typed(&platform, &["registry", "compare", "line3@1", "line3@2", "--images", &image, "--json"])
            .await?;
    assert_eq!(compared["images"].as_array().map(Vec::len), Some(1), "{compared}");
    assert_eq!(compared["measurements"].as_array().map(Vec::len), Some(2), "on the same data: {compared}");
    let back = typed(&platform, &["registry", "rollback", "line3@champion", "--json"]).await?;
    assert_eq!((&back["version"], &back["former"]), (&json!(1), &json!(2)), "{back}");
    let (gone, _, errors) = platform.trainyard(&["deploy", &first, "--withdraw"]).await?;
    assert!(!gone && errors.contains("line3@champion"), "{errors}");
    let (equal, printed, errors) = platform.trainyard(&["rebuild", "--verify"]).await?;
    assert!(equal, "{printed}{errors}");
    platform.stop().await
}
