//! What a training was is certified, checked without a platform, and trained again to the same bytes; where it is not the same, that is
//! told and where it begins.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use trainyard_e2e::{Platform, few_digits};

const MINUTES: Duration = Duration::from_secs(300);

async fn ended(platform: &Platform, job: &Value) -> Result<String> {
    let id = job["id"].as_str().context("an id")?.to_owned();
    let has_ended = |job: &Value| job["status"] == "finished" || job["status"] == "failed";
    let row = platform.job_until(&id, MINUTES, has_ended).await?;
    assert_eq!(row["status"], "finished", "{row}");
    Ok(id)
}

#[tokio::test]
async fn a_training_is_certified_checked_and_reproduced() -> Result<()> {
    let mut platform = Platform::start().await?;
    few_digits(&platform.folder().join("digits"), &["0", "1", "2"], 30)?;
    let body = json!({
        "model": "resnet18", "dataset": "digits", "epochs": 2, "image_size": 16, "batch_size": 16, "seed": 7, "device": "cpu",
    });
    let made = platform.post("/v1/jobs", body).await?;
    let first = ended(&platform, &made["job"]).await?;
    let (ok, certificate, errors) = platform.trainyard(&["certificate", &first]).await?;
    assert!(ok, "{errors}");
    let read: Value = serde_json::from_str(&certificate)?;
    assert_eq!(read["statement"]["epochs"].as_array().map(Vec::len), Some(2), "{read}");
    assert_eq!(read["statement"]["attempts"][0]["trainer"].as_str().map(str::len), Some(64), "{read}");
    let write = |name: &str, text: &str| -> Result<String> {
        let path = platform.folder().join(name);
        std::fs::write(&path, text)?;
        Ok(path.display().to_string())
    };
    let file = write("job.json", &certificate)?;

    let (ok, key, _) = platform.trainyard(&["certificate", "--key"]).await?;
    assert!(ok);
    let check = ["certificate", "--check", &file, "--by", key.trim()];
    let (ok, printed, errors) = platform.trainyard(&check).await?;
    assert!(ok && printed.contains("holds"), "{printed}{errors}");
    let other = "0".repeat(64);
    let (ok, _, errors) = platform.trainyard(&["certificate", "--check", &file, "--by", &other]).await?;
    assert!(!ok && errors.contains("another key"), "{errors}");
    // One digit of one measurement.
    let loss = read["statement"]["epochs"][1]["train"]["loss"].to_string();
    let (kept, digit) = (&loss[..3], loss[3..4].parse::<u8>()?);
    let flipped = format!("{kept}{}{}", (digit + 1) % 10, &loss[4..]);
    assert_eq!(certificate.matches(&loss).count(), 1);
    let forged = write("forged.json", &certificate.replace(&loss, &flipped))?;
    for command in [&["certificate", "--check", &forged][..], &["reproduce", &forged][..]] {
        let (ok, _, errors) = platform.trainyard(command).await?;
        assert!(!ok && errors.contains("it was changed after it was signed"), "{errors}");
    }

    let (ok, printed, errors) = platform.trainyard(&["reproduce", &file]).await?;
    assert!(ok && printed.contains("equal: the measurements of all 2 epochs"), "{printed}{errors}");
    let (ok, printed, errors) = platform.trainyard(&["reproduce", &file, "--set", "seed=8"]).await?;
    assert!(!ok && errors.contains("epoch 1 is the first that differs"), "{printed}{errors}");

    // A fork is trained again from where it began.
    let (ok, printed, errors) =
        platform.trainyard(&["jobs", "fork", &first, "--set", "epochs=3", "--json"]).await?;
    assert!(ok, "{errors}");
    let forked = ended(&platform, &serde_json::from_str::<Value>(&printed)?["job"]).await?;
    let (ok, certificate, errors) = platform.trainyard(&["certificate", &forked]).await?;
    assert!(ok, "{errors}");
    let fork = write("fork.json", &certificate)?;
    let (ok, printed, errors) = platform.trainyard(&["reproduce", &fork]).await?;
    assert!(ok && printed.contains("equal"), "{printed}{errors}");
    platform.stop().await
}
