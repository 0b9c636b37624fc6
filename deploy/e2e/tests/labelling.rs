//! What a model is least sure of goes to a labelling tool, is corrected there, and comes back as the next version of its dataset.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use trainyard_e2e::{Platform, few_digits, root};

const MINUTES: Duration = Duration::from_secs(300);
const WORST: usize = 12;

async fn done(platform: &Platform, words: &[&str]) -> Result<String> {
    let (good, printed, errors) = platform.trainyard(words).await?;
    anyhow::ensure!(good, "{words:?}: {printed}{errors}");
    Ok(printed + &errors)
}

async fn typed(platform: &Platform, words: &[&str]) -> Result<Value> {
    let (good, printed, errors) = platform.trainyard(words).await?;
    anyhow::ensure!(good, "{words:?}: {printed}{errors}");
    Ok(serde_json::from_str(&printed)?)
}

/// A finished job on the digits, deployed, by its number.
async fn trained(platform: &Platform) -> Result<String> {
    let body = json!({
        "model": "resnet18", "dataset": "digits", "epochs": 1, "image_size": 16, "batch_size": 16, "seed": 7,
        "device": "cpu",
    });
    let job = platform.post("/v1/jobs", body).await?["job"].take();
    let id = job["id"].as_str().context("a job")?.to_owned();
    let row = platform
        .job_until(&id, MINUTES, |job| job["status"] == "finished" || job["status"] == "failed")
        .await?;
    assert_eq!(row["status"], "finished", "{row}");
    platform.post(&format!("/v1/jobs/{id}/deploy"), json!({})).await?;
    Ok(row["number"].to_string())
}

/// Ranks and doubts are those of the model's own answers, and no image that was left out is less sure.
async fn is_worst_first(platform: &Platform, job: &str, tasks: &[Value], digits: &Path) -> Result<()> {
    let mut doubts: BTreeMap<String, f64> = BTreeMap::new();
    for class in std::fs::read_dir(digits)? {
        for image in std::fs::read_dir(class?.path())? {
            let path = image?.path();
            let (_, answer) = platform.predict(job, std::fs::read(&path)?).await?;
            let sure = |at: usize| answer["predictions"][at]["confidence"].as_f64().context("a confidence");
            let name = path.strip_prefix(digits)?.to_str().context("a name")?.to_owned();
            doubts.insert(name, 1.0 - (sure(0)? - sure(1)?));
        }
    }
    let mut expected: Vec<(&String, &f64)> = doubts.iter().collect();
    expected.sort_by(|a, b| b.1.total_cmp(a.1).then_with(|| a.0.cmp(b.0)));
    for (rank, (task, (_, doubt))) in (1..).zip(tasks.iter().zip(&expected)) {
        assert_eq!(task["data"]["rank"], rank, "{task}");
        let said = task["data"]["uncertainty"].as_f64().context("a number")?;
        // Other images may have shared its pass, which moves the last digits.
        assert!((said - **doubt).abs() < 1e-4, "{said} {doubt}: {task}");
    }
    Ok(())
}

#[tokio::test]
async fn the_least_sure_are_corrected_and_come_back_as_the_next_version() -> Result<()> {
    let mut platform = Platform::start().await?;
    let elsewhere = tempfile::tempdir()?;
    let digits = elsewhere.path().join("digits");
    few_digits(&digits, &["0", "1", "7"], 20)?;
    done(&platform, &["datasets", "add", "digits", digits.to_str().context("a path")?]).await?;
    let job = trained(&platform).await?;

    let worst = WORST.to_string();
    let asked = [
        "prelabel",
        "digits@1",
        "--with",
        &job,
        "--format",
        "label-studio",
        "--to",
        "queue",
        "--worst",
        &worst,
    ];
    let said = done(&platform, &asked).await?;
    assert!(said.contains("12 of 60 images written into queue"), "{said}");
    let (again, _, errors) = platform.trainyard(&asked).await?;
    assert!(!again && errors.contains("queue is not empty"), "{errors}");
    let queue = platform.folder().join("queue");
    let tasks: Vec<Value> = serde_json::from_slice(&std::fs::read(queue.join("tasks.json"))?)?;
    assert_eq!(tasks.len(), WORST);
    is_worst_first(&platform, &job, &tasks, &digits).await?;
    let table = std::fs::read_to_string(queue.join("queue.csv"))?;
    assert_eq!(table.lines().count(), 1 + WORST, "{table}");
    for task in &tasks {
        let name = task["data"]["trainyard_image"].as_str().context("a name")?;
        assert_eq!(std::fs::read(queue.join("images").join(name))?, std::fs::read(digits.join(name))?);
    }

    // As somebody corrects them: what the folder says is right, but for one.
    let truth = |task: &Value| {
        let name = task["data"]["trainyard_image"].as_str().unwrap_or_default();
        name.split('/').next().unwrap_or_default().to_owned()
    };
    let wrong = if truth(&tasks[3]) == "7" { "0" } else { "7" };
    let corrected = |(at, task): (usize, &Value)| {
        let mut result = task["predictions"][0]["result"].clone();
        let class = if at == 3 { wrong.to_owned() } else { truth(task) };
        result[0]["value"]["choices"] = json!([class]);
        json!({
            "id": at, "data": task["data"], "predictions": [at], "file_upload": null,
            "annotations": [{ "id": at, "result": result, "was_cancelled": false, "ground_truth": false }],
        })
    };
    let export: Value = tasks.iter().enumerate().map(corrected).collect();
    std::fs::write(platform.folder().join("project-1.json"), export.to_string())?;
    let said =
        done(&platform, &["datasets", "add", "digits", "project-1.json", "--onto", "digits@1"]).await?;
    // The version's manifest is put into the store before.
    assert!(said.contains("1 of 62 files to upload"), "the export: {said}");
    let diff = typed(&platform, &["--json", "datasets", "diff", "digits@1", "digits@2"]).await?;
    for kind in ["added", "removed", "moved", "replaced", "renamed"] {
        assert_eq!(diff[kind]["count"], 0, "{kind}: {diff}");
    }
    assert_eq!(diff["relabelled"]["count"], 1, "{diff}");
    assert_eq!(diff["relabelled"]["first"][0]["name"], tasks[3]["data"]["trainyard_image"], "{diff}");
    let train = ["--json", "train", "--model", "resnet18", "--dataset", "digits@2", "--epochs", "1"];
    let more = ["--image-size", "16", "--batch-size", "16", "--watch"];
    done(&platform, &[&train[..], &more].concat()).await?;

    a_folder_goes_through_cvat(&platform, &job).await?;
    platform.stop().await
}

/// Images that no dataset has, one of which is none.
async fn a_folder_goes_through_cvat(platform: &Platform, job: &str) -> Result<()> {
    let photos = platform.folder().join("photos");
    std::fs::create_dir(&photos)?;
    for class in ["0", "1", "7"] {
        let held_out = root().join(".tools/data/digits/test").join(class);
        for (at, image) in std::fs::read_dir(held_out)?.take(4).enumerate() {
            std::fs::copy(image?.path(), photos.join(format!("{class} {at}.png")))?;
        }
    }
    std::fs::write(photos.join("broken.png"), "no image")?;
    let asked =
        ["prelabel", "--images", "photos", "--with", job, "--format", "cvat", "--to", "cvat", "--json"];
    let (good, printed, errors) = platform.trainyard(&asked).await?;
    assert!(good && errors.contains("1 of 13 images have no answer"), "{printed}{errors}");
    let queue: Value = serde_json::from_str(&printed)?;
    assert_eq!((queue["asked"].clone(), queue["images"].as_array().map(Vec::len)), (json!(12), Some(12)));

    let cvat = platform.folder().join("cvat");
    let sheet = std::fs::read_to_string(cvat.join("annotations.xml"))?;
    let (good, printed, errors) = platform.trainyard(&["datasets", "check", "cvat"]).await?;
    assert!(!good && printed.contains("predictions that nobody has corrected"), "{printed}{errors}");
    // As CVAT writes it, under its own head.
    let images = sheet.split_once("</meta>").context("a head")?.1;
    let export = format!("<annotations><version>1.1</version><meta><dumped/></meta>{images}");
    std::fs::write(cvat.join("images/annotations.xml"), export)?;
    let said = done(platform, &["datasets", "add", "photos", "cvat/images"]).await?;
    assert!(said.contains("can be trained on"), "{said}");
    let row = typed(platform, &["--json", "datasets", "show", "photos"]).await?;
    assert_eq!(row["versions"][0]["stored"], json!(true), "{row}");
    Ok(())
}
