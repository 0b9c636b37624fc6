//! `trainyard demo`: the main job, said, approved, trained, deployed and asked, where everyone can see it.

mod digits;
mod trees;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use trainyard_api::chats::Spoken;
use trainyard_api::endpoints::Deployed;
use trainyard_api::page::Nothing;
use trainyard_api::tokens::Whoami;
use trainyard_events::results::Measurements;

use crate::cli::client::{Answer, Client};
use crate::cli::{chat, jobs, table, watch};
use crate::out::{self, line};
use crate::platform::ready::{READY_FILE, Ready};
use crate::platform::settings::Resolved;
use crate::platform::up::Running;

const APPROVAL: &str = "시작해줘";

/// On the platform that runs in this folder, or on one that lives as long as the demo.
pub(crate) async fn run(mut settings: Resolved, detect: bool) -> Result<()> {
    let (dataset, held_out) =
        if detect { (trees::DATASET, trees::HELD_OUT) } else { (digits::DATASET, digits::HELD_OUT) };
    let dataset = settings.tools.join(dataset);
    ensure!(
        dataset.join(held_out).is_dir(),
        "{} is not there: fetch it with `make tools`",
        dataset.display()
    );
    if let Ok(ready) = Ready::read(&settings.data.join(READY_FILE)) {
        let client = Client::new(&ready.http, &ready.token)?;
        if client.get::<Whoami>("/v1/whoami").await.is_ok() {
            line(format_args!("on the platform that runs at {}", ready.http));
            return main_job(&client, &dataset, detect).await;
        }
    }
    settings.listen.set_port(0);
    let begun = Instant::now();
    let mut running = Box::pin(Running::start(&settings)).await?;
    line(format_args!("platform up after {:.1} s at {}", begun.elapsed().as_secs_f64(), running.ready.http));
    let client = Client::new(&running.ready.http, &running.ready.token)?;
    let outcome = tokio::select! {
        outcome = main_job(&client, &dataset, detect) => outcome,
        ended = running.until_stopped() => ended.and_then(|()| bail!("stopped before the demo was done")),
    };
    running.stop().await?;
    outcome
}

async fn main_job(client: &Client, dataset: &Path, detect: bool) -> Result<()> {
    if detect { trees::main_job(client, dataset).await } else { digits::main_job(client, dataset).await }
}

/// Talks until a job is approved, watches it, deploys it, and returns its id. `wishes` come after the dataset is named;
/// `columns` are of the table by class: title and key of the report.
async fn train(
    client: &Client,
    prompt: &str,
    dataset: &Path,
    wishes: &[&str],
    columns: &[(&str, &str)],
) -> Result<String> {
    let chat = chat::begin(client).await?;
    say(client, &chat, prompt).await?;
    let mut proposal = say(client, &chat, &dataset.display().to_string()).await?;
    for wish in wishes {
        proposal = say(client, &chat, wish).await?;
    }
    ensure!(proposal.missing.is_empty(), "the proposal is not complete: see the answer above");
    let approved = Instant::now();
    let answer = say(client, &chat, APPROVAL).await?;
    let job = answer.job.context("the approval led to no job: see the answer above")?.id;

    let watched = watch::run(client, &job.to_string(), false).await?;
    let finished = watched.finished.context("the job had finished before anybody could watch it")?;
    line(format_args!("  trained in {:.1} s from the approval", approved.elapsed().as_secs_f64()));
    if let Some(first) = watched.first_step {
        line(format_args!("  first training step seen {:.2} s after the approval", first.as_secs_f64()));
    }
    per_class(&client.artifact(job, "report", finished.sequence).await?, columns);
    line("");
    line(format_args!("  best epoch {}: {}", finished.best_epoch, measurements(&finished.measurements)));

    let deployed = client.post::<Deployed>(&format!("/v1/jobs/{job}/deploy"), &Nothing {}).await?;
    line("");
    line(format_args!("  deployed: {}", jobs::endpoint_url(client, &deployed)));
    Ok(job.to_string())
}

/// Says one thing and prints both sides.
async fn say(client: &Client, chat: &str, said: &str) -> Result<Answer<Spoken>> {
    out::said(said);
    let answer = chat::say(client, chat, said).await?;
    out::lines(&answer.reply);
    Ok(answer)
}

fn measurements(values: &Measurements) -> String {
    let shown = values.iter().map(|(name, value)| format!("{name} {value:.4}"));
    shown.collect::<Vec<_>>().join(", ")
}

fn per_class(report: &Value, columns: &[(&str, &str)]) {
    line("");
    let cell = |value: &Value| match value {
        Value::String(name) => name.clone(),
        Value::Number(number) if number.is_f64() => format!("{:.3}", number.as_f64().unwrap_or(f64::NAN)),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    };
    let classes = report["classes"].as_array().into_iter().flatten();
    let rows: Vec<Vec<String>> =
        classes.map(|class| columns.iter().map(|(_, key)| cell(&class[key])).collect()).collect();
    let header: Vec<&str> = columns.iter().map(|(title, _)| *title).collect();
    table::print(&header, &rows);
}

/// What lies in a folder, by name.
fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    ensure!(!paths.is_empty(), "{} is empty: fetch it again with `make tools`", folder.display());
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
