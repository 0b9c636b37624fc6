//! The road of a detector on real processes: a dataset checked and registered from the command line, the seed sentence,
//! a training, its artifacts, and boxes over REST.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::StatusCode;
use serde_json::{Value, json};
use trainyard_e2e::{Platform, few_trees};

const MINUTES: Duration = Duration::from_secs(300);

async fn say(platform: &Platform, chat: &str, said: &str) -> Result<Value> {
    platform.post(&format!("/v1/chats/{chat}/messages"), json!({ "text": said })).await
}

#[tokio::test]
async fn a_korean_sentence_becomes_a_detector_that_answers_in_boxes() -> Result<()> {
    let mut platform = Platform::start().await?;
    let trees = platform.folder().join("trees");
    few_trees(&trees, 8, 3)?;
    datasets_from_the_command_line(&platform, &trees).await?;

    let id = |value: &Value| value["id"].as_str().unwrap_or_default().to_owned();
    let chat = id(&platform.post("/v1/chats", json!({})).await?);
    let proposed = say(&platform, &chat, "YOLO11n으로 객체 탐지 모델 만들어줘. 클래스는 tree").await?;
    assert_eq!(proposed["missing"], json!(["dataset"]), "{proposed}");
    say(&platform, &chat, "./trees").await?;
    let ready = say(&platform, &chat, "에폭 1, 이미지 크기 64, 배치 4로 해줘").await?;
    assert_eq!(ready["missing"], json!([]), "{ready}");
    let job = id(&say(&platform, &chat, "시작해줘").await?["job"]);
    let row = platform
        .job_until(&job, MINUTES, |job| job["status"] == "finished" || job["status"] == "failed")
        .await?;
    assert_eq!((&row["status"], &row["classes"]), (&json!("finished"), &json!(["tree"])), "{row}");
    assert_eq!(row["primary"], "ap50_95", "{row}");

    let artifacts = platform.get(&format!("/v1/jobs/{job}/artifacts")).await?;
    let mut roles: Vec<&str> = artifacts["artifacts"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|found| found["role"].as_str())
        .collect();
    roles.sort_unstable();
    let expected = [
        "augmented",
        "confusion_matrix",
        "console",
        "onnx",
        "pr_curve",
        "report",
        "sample_images",
        "sample_predictions",
        "weights",
    ];
    assert_eq!(roles, expected);
    let curve = platform.get(&format!("/v1/jobs/{job}/artifacts/pr_curve")).await?;
    assert_eq!(curve["recall"].as_array().map(Vec::len), Some(101));

    platform.post(&format!("/v1/jobs/{job}/deploy"), json!({})).await?;
    let tile = std::fs::read_dir(trees.join("images/val"))?.next().context("a tile")??.path();
    let (status, answer) = platform.predict(&job, std::fs::read(tile)?).await?;
    assert_eq!(status, StatusCode::OK, "{answer}");
    for found in answer["predictions"].as_array().context("predictions")? {
        let corners: [f64; 4] = serde_json::from_value(found["bbox"].clone())?;
        let [x1, y1, x2, y2] = corners;
        assert!(found["class"] == "tree" && 0.0 <= x1 && x1 < x2 && x2 <= 320.0, "{found}");
        assert!(0.0 <= y1 && y1 < y2 && y2 <= 320.0, "{found}");
    }
    platform.stop().await
}

async fn datasets_from_the_command_line(platform: &Platform, trees: &Path) -> Result<()> {
    let (good, printed, errors) = platform.trainyard(&["datasets", "check", "trees"]).await?;
    assert!(good && printed.contains("can be trained on") && printed.contains("YOLO"), "{printed}{errors}");
    let (_, printed, _) = platform.trainyard(&["--json", "datasets", "check", "trees"]).await?;
    let found: Value = serde_json::from_str(&printed)?;
    assert_eq!((&found["verdict"], &found["profile"]["task"]), (&json!("good"), &json!("detect")));

    let (good, added, errors) = platform.trainyard(&["datasets", "add", "./trees"]).await?;
    assert!(good && added.contains("8 to train on, 3 to validate on"), "{added}{errors}");
    assert!(added.contains("their size"), "{added}");
    let (good, printed, errors) = platform.trainyard(&["datasets", "add", "./nowhere"]).await?;
    assert!(!good && printed.contains("there is nothing at"), "{printed}{errors}");
    let (good, shown, errors) = platform.trainyard(&["datasets", "show", "./trees"]).await?;
    assert!(good && shown == added, "{shown}{errors}");
    let (good, printed, errors) =
        platform.trainyard(&["datasets", "add", "./nowhere", "--task", "detect"]).await?;
    assert!(!good && printed.contains("there is nothing at"), "{printed}{errors}");
    let (good, _, errors) = platform.trainyard(&["datasets", "show", "./never-said"]).await?;
    assert!(!good && errors.lines().count() == 1, "{errors}");

    let label = std::fs::read_dir(trees.join("labels/train"))?.next().context("a label")??.path();
    let kept = std::fs::read(&label)?;
    std::fs::write(&label, "0 0.5 0.5 NaN 0.1\n")?;
    let (good, printed, errors) = platform.trainyard(&["datasets", "check", "trees"]).await?;
    std::fs::write(&label, kept)?;
    assert!(!good && printed.contains("line 1: \"NaN\" is not a number"), "{printed}");
    assert!(printed.contains("1 of 11 files cannot be used, more than 5 %"), "{printed}");
    assert_eq!(errors, "error: trees cannot be trained on\n");
    Ok(())
}
