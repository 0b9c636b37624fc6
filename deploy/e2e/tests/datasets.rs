//! A folder becomes a dataset of the platform: uploaded once, versioned, and trained on by workers that never saw it.

use anyhow::{Context, Result};
use serde_json::Value;
use trainyard_e2e::{Platform, few_digits};

async fn json(platform: &Platform, arguments: &[&str]) -> Result<Value> {
    let (good, printed, errors) = platform.trainyard(arguments).await?;
    anyhow::ensure!(good, "{arguments:?}: {printed}{errors}");
    Ok(serde_json::from_str(&printed)?)
}

fn numbers(dataset: &Value) -> Vec<u64> {
    let versions = dataset["versions"].as_array().into_iter().flatten();
    versions.filter_map(|version| version["number"].as_u64()).collect()
}

/// Two versions, the first with 24 images and the second with 28.
async fn versions_are_told_image_by_image(platform: &Platform, dataset: &Value) -> Result<()> {
    let (good, printed, errors) = platform.trainyard(&["datasets", "show", "digits@1"]).await?;
    assert!(good && printed.contains("digits@1: 24 images"), "{printed}{errors}");
    let all = printed.lines().find(|line| line.starts_with("(all)")).context("a row of all")?;
    assert_eq!(all.split_whitespace().collect::<Vec<_>>(), ["(all)", "24"], "{printed}");
    let listed = json(platform, &["--json", "datasets", "show", "digits", "--problems"]).await?;
    assert_eq!(listed["manifest"], dataset["versions"][1]["manifest"]["sha256"], "{listed}");
    let older = json(platform, &["--json", "datasets", "show", "digits@1", "--problems"]).await?;
    assert_eq!(older["manifest"], dataset["versions"][0]["manifest"]["sha256"], "{older}");
    assert_eq!(older["from"], "look", "each version keeps the list of its own look: {older}");
    let (good, _, errors) = platform.trainyard(&["datasets", "show", "digits@7"]).await?;
    assert!(!good && errors.contains("no such version"), "{errors}");

    let id = dataset["id"].as_str().context("an id")?;
    let at = format!("/v1/datasets/{id}/versions/2/images");
    let page = platform.get(&format!("{at}?limit=200")).await?;
    assert_eq!((&page["matching"], &page["next"]), (&28.into(), &Value::Null), "{page}");
    let image = &page["images"][0];
    assert_eq!(image["labels"][0]["class"], "0", "{image}");
    Ok(())
}

#[tokio::test]
async fn a_folder_is_uploaded_once_versioned_and_trained_on_from_the_store() -> Result<()> {
    let mut platform = Platform::start().await?;
    let elsewhere = tempfile::tempdir()?;
    let folder = elsewhere.path().join("digits");
    few_digits(&folder, &["0", "1"], 12)?;
    let path = folder.to_str().context("a path")?;

    // No worker may read there.
    let (good, printed, _) = platform.trainyard(&["datasets", "add", path]).await?;
    assert!(!good && printed.contains("is not below a folder that workers may read for you"), "{printed}");

    let (good, printed, errors) = platform.trainyard(&["datasets", "add", "digits", path]).await?;
    assert!(good && errors.contains("24 of 24 files to upload"), "{printed}{errors}");
    let first = json(&platform, &["--json", "datasets", "show", "digits"]).await?;
    assert_eq!((numbers(&first), &first["versions"][0]["stored"]), (vec![1], &Value::Bool(true)), "{first}");

    // The same again is the same version, and sends nothing.
    let (_, _, errors) = platform.trainyard(&["datasets", "add", "digits", path]).await?;
    assert!(errors.contains("0 of 24 files to upload"), "{errors}");
    few_digits(&folder, &["0", "1"], 14)?;
    let (_, _, errors) = platform.trainyard(&["datasets", "add", "digits", path]).await?;
    assert!(errors.contains("4 of 28 files to upload"), "{errors}");
    let second = json(&platform, &["--json", "datasets", "show", "digits"]).await?;
    assert_eq!(numbers(&second), [1, 2], "{second}");

    versions_are_told_image_by_image(&platform, &second).await?;

    let (good, printed, errors) =
        platform.trainyard(&["datasets", "export", "digits@1", "--format", "folder", "--to", "back"]).await?;
    assert!(good && printed.contains("24 images written into back"), "{printed}{errors}");
    let (good, printed, _) = platform.trainyard(&["datasets", "check", "back"]).await?;
    assert!(good && printed.contains("24 to train on"), "{printed}");

    // The folder is nobody's business any more.
    drop(elsewhere);
    for (written, images) in [("digits@1", 24), ("digits", 28)] {
        let train = [
            "--json",
            "train",
            "--model",
            "resnet18",
            "--dataset",
            written,
            "--epochs",
            "1",
            "--image-size",
            "16",
            "--batch-size",
            "4",
            "--watch",
        ];
        let (good, printed, errors) = platform.trainyard(&train).await?;
        assert!(good, "{written}: {printed}{errors}");
        let jobs = json(&platform, &["--json", "jobs"]).await?;
        let job = &jobs["jobs"][0];
        let of = |split: &str| job["progress"][split].as_u64().unwrap_or_default();
        assert_eq!(job["status"], "finished", "{written}: {job}");
        let seen = of("train_images") + of("validation_images");
        assert!(seen == 0 || seen == images, "{written}: {job}");
        let mut left = job["artifacts"].as_array().into_iter().flatten();
        let is_shown = left.any(|artifact| artifact["role"] == "augmented");
        assert_eq!(is_shown, job["config"]["augmentation"] != "none", "{written}: {job}");
    }
    let (good, printed, errors) = platform
        .trainyard(&["train", "--model", "resnet18", "--dataset", "digits@9", "--epochs", "1", "--watch"])
        .await?;
    assert!(!good && errors.contains("no version 9"), "{printed}{errors}");
    platform.stop().await
}

#[tokio::test]
async fn a_dataset_is_compared_tagged_archived_and_deleted() -> Result<()> {
    let mut platform = Platform::start().await?;
    let elsewhere = tempfile::tempdir()?;
    let folder = elsewhere.path().join("digits");
    let path = folder.to_str().context("a path")?;
    for images in [12, 14] {
        few_digits(&folder, &["0", "1"], images)?;
        let (good, printed, errors) = platform.trainyard(&["datasets", "add", "digits", path]).await?;
        anyhow::ensure!(good, "{printed}{errors}");
    }
    let (good, printed, errors) = platform.trainyard(&["datasets", "diff", "digits@1", "digits@2"]).await?;
    assert!(good && printed.contains("added: 4") && printed.contains("24 → 28"), "{printed}{errors}");
    let diff = json(&platform, &["--json", "datasets", "diff", "digits@1", "digits"]).await?;
    assert_eq!((&diff["added"]["count"], &diff["removed"]["count"]), (&4.into(), &0.into()), "{diff}");

    let (good, printed, errors) = platform.trainyard(&["datasets", "tag", "digits@1", "golden"]).await?;
    assert!(good && printed.contains("digits@golden is digits@1"), "{printed}{errors}");
    let (good, printed, errors) = platform
        .trainyard(&["datasets", "export", "digits@golden", "--format", "folder", "--to", "back"])
        .await?;
    assert!(good && printed.contains("24 images"), "the tag names the first: {printed}{errors}");
    let (good, _, _) = platform.trainyard(&["datasets", "untag", "digits", "golden"]).await?;
    assert!(good);
    let (good, _, errors) = platform.trainyard(&["datasets", "diff", "digits@golden", "digits"]).await?;
    assert!(!good && errors.contains("no such version or tag"), "{errors}");

    let listed = async |arguments: &[&str]| -> Result<usize> {
        Ok(json(&platform, arguments).await?["datasets"].as_array().map_or(0, Vec::len))
    };
    let (good, _, _) = platform.trainyard(&["datasets", "archive", "digits"]).await?;
    assert!(good);
    assert_eq!(listed(&["--json", "datasets"]).await?, 0);
    assert_eq!(listed(&["--json", "datasets", "--archived"]).await?, 1);
    let train = ["train", "--model", "resnet18", "--dataset", "digits@2", "--epochs", "1"];
    let (good, _, errors) = platform.trainyard(&train).await?;
    assert!(!good && errors.contains("trainyard datasets restore"), "{errors}");
    let (good, _, _) = platform.trainyard(&["datasets", "restore", "digits"]).await?;
    assert!(good);

    let (good, printed, errors) = platform.trainyard(&["datasets", "delete", "digits"]).await?;
    assert!(!good && errors.contains("--yes"), "nobody was asked: {printed}{errors}");
    let (good, printed, errors) = platform.trainyard(&["datasets", "delete", "digits@1", "--yes"]).await?;
    assert!(good && printed.contains("digits@1 is deleted"), "{printed}{errors}");
    let row = json(&platform, &["--json", "datasets", "show", "digits"]).await?;
    assert_eq!(numbers(&row), [2], "{row}");
    let (good, printed, errors) = platform.trainyard(&["datasets", "delete", "digits", "--yes"]).await?;
    assert!(good, "{printed}{errors}");
    let (good, printed, errors) = platform.trainyard(&["datasets", "add", "digits", path]).await?;
    assert!(
        good && errors.contains("0 of 28 files"),
        "what is not collected is not sent again: {printed}{errors}"
    );
    let row = json(&platform, &["--json", "datasets", "show", "digits"]).await?;
    assert_eq!(numbers(&row), [3], "numbers go on: {row}");
    let (good, printed, errors) = platform.trainyard(&["quota", "show"]).await?;
    assert!(good && printed.contains("bytes of datasets"), "{printed}{errors}");
    platform.stop().await
}
