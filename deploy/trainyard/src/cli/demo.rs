//! `trainyard demo`: the main job, said, approved, trained, deployed and asked, where everyone can see it.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::cli::client::Client;
use crate::cli::out::line;
use crate::cli::{chat, jobs, predict, table, text, watch};
use crate::platform::settings::Resolved;
use crate::platform::up::{READY_FILE, Ready, Running};

const PROMPT: &str = "resnet18로 숫자 이미지 분류 모델 만들어줘";
const APPROVAL: &str = "시작해줘";
/// Below the tools: the digits of scikit-learn as an image folder with `train` and `test`.
const DATASET: &str = "data/digits";
/// Held-out images shown with their answers; all are asked about.
const SHOWN: usize = 10;

/// On the platform that runs in this folder, or on one that lives as long as the demo.
pub(crate) async fn run(mut settings: Resolved) -> Result<()> {
    let dataset = settings.tools.join(DATASET);
    ensure!(dataset.join("test").is_dir(), "{} is not there: fetch it with `make tools`", dataset.display());
    if let Ok(ready) = Ready::read(&settings.data.join(READY_FILE)) {
        let client = Client::new(&ready.http, &ready.token)?;
        if client.get("/v1/whoami").await.is_ok() {
            line(format_args!("on the platform that runs at {}", ready.http));
            return main_job(&client, &dataset).await;
        }
    }
    settings.listen.set_port(0);
    let begun = Instant::now();
    let mut running = Box::pin(Running::start(&settings)).await?;
    line(format_args!("platform up after {:.1} s at {}", begun.elapsed().as_secs_f64(), running.ready.http));
    let client = Client::new(&running.ready.http, &running.ready.token)?;
    let outcome = tokio::select! {
        outcome = main_job(&client, &dataset) => outcome,
        ended = running.until_stopped() => ended.and_then(|()| bail!("stopped before the demo was done")),
    };
    running.stop().await?;
    outcome
}

async fn main_job(client: &Client, dataset: &Path) -> Result<()> {
    let chat = chat::begin(client).await?;
    say(client, &chat, PROMPT).await?;
    let proposal = say(client, &chat, &dataset.display().to_string()).await?;
    ensure!(proposal["missing"] == json!([]), "the proposal is not complete: see the answer above");
    let approved = Instant::now();
    let answer = say(client, &chat, APPROVAL).await?;
    let job = text(&answer["job"], "id");
    ensure!(!job.is_empty(), "the approval led to no job: see the answer above");

    let watched = watch::run(client, job, false).await?;
    let finished = &watched.finished["body"];
    line(format_args!("  trained in {:.1} s from the approval", approved.elapsed().as_secs_f64()));
    if let Some(first) = watched.first_step {
        line(format_args!("  first training step seen {:.2} s after the approval", first.as_secs_f64()));
    }
    per_class(&client.artifact(job, "report").await?);
    line(format_args!(
        "\n  best epoch {}: {}",
        finished["best_epoch"],
        measurements(&finished["measurements"])
    ));

    let endpoint = client.post(&format!("/v1/jobs/{job}/deploy"), &json!({})).await?;
    line(format_args!("\n  deployed: {}", jobs::endpoint_url(client, &endpoint)));
    held_out(client, job, &dataset.join("test")).await
}

/// Says one thing and prints both sides.
async fn say(client: &Client, chat: &str, said: &str) -> Result<Value> {
    line(format_args!("\n\u{1b}[1m> {said}\u{1b}[0m"));
    let answer = chat::say(client, chat, said).await?;
    line(format_args!("{}", text(&answer, "reply")));
    Ok(answer)
}

fn measurements(values: &Value) -> String {
    let shown = values
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| format!("{name} {:.4}", value.as_f64().unwrap_or(f64::NAN)));
    shown.collect::<Vec<_>>().join(", ")
}

fn per_class(report: &Value) {
    line("");
    let number = |value: &Value| format!("{:.3}", value.as_f64().unwrap_or(f64::NAN));
    let classes = report["classes"].as_array().into_iter().flatten();
    let rows: Vec<Vec<String>> = classes
        .map(|class| {
            let name = text(class, "name").to_owned();
            vec![name, number(&class["precision"]), number(&class["recall"]), class["support"].to_string()]
        })
        .collect();
    table::print(&["class", "precision", "recall", "images"], &rows);
}

/// Asks the endpoint about every image that no training has seen, and counts what it gets right.
async fn held_out(client: &Client, job: &str, folder: &Path) -> Result<()> {
    let images = images_by_truth(folder)?;
    line(format_args!("  asking about {} held-out images with plain HTTP requests:\n", images.len()));
    let stride = (images.len() / SHOWN).max(1);
    let (mut right, mut shown) = (0, Vec::new());
    for (index, (truth, image)) in images.iter().enumerate() {
        let answer = client.predict(job, image).await?;
        let best = &answer["predictions"][0];
        let found = text(best, "class");
        right += usize::from(found == truth);
        if index % stride == 0 && shown.len() < SHOWN {
            let mark = if found == truth { "right" } else { "WRONG" };
            let name = image.file_name().unwrap_or_default().to_string_lossy().into_owned();
            shown.push(vec![name, truth.clone(), found.to_owned(), predict::percent(best), mark.to_owned()]);
        }
    }
    table::print(&["image", "truth", "answer", "confidence", ""], &shown);
    line(format_args!(
        "\n{right} of {} held-out images right: {:.2} %",
        images.len(),
        100.0 * right as f64 / images.len() as f64
    ));
    Ok(())
}

fn images_by_truth(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let list = |folder: &Path| -> Result<Vec<PathBuf>> {
        let entries =
            std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
        let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
        paths.sort();
        Ok(paths)
    };
    let mut images = Vec::new();
    for class in list(folder)? {
        let truth = class.file_name().unwrap_or_default().to_string_lossy().into_owned();
        images.extend(list(&class)?.into_iter().map(|image| (truth.clone(), image)));
    }
    ensure!(!images.is_empty(), "{} holds no images: fetch them again with `make tools`", folder.display());
    Ok(images)
}
