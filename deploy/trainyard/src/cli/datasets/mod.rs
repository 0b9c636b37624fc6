//! `trainyard datasets`: what is registered, registering more, and what was found in each.

mod check;
mod report;
mod sizes;
mod task;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use trainyard_events::config::Task;
use trainyard_events::trainer::Inspection;
use trainyard_events::{Aggregate, TenantId};

use crate::args::DatasetAction;
use crate::cli::client::Client;
use crate::cli::{print_json, table, text};
use crate::out::{self, line};

pub(crate) use check::run as check;

/// How often a dataset that is being looked at is asked about.
const POLL: Duration = Duration::from_millis(200);
/// A look that takes longer is worth a word to who waits.
const LONG: Duration = Duration::from_secs(10);

pub(crate) async fn run(client: &Client, action: Option<DatasetAction>, json: bool) -> Result<()> {
    match action {
        None => list(client, json).await,
        Some(DatasetAction::Add { path, task: Some(task) }) => add(client, &path, task, json).await,
        Some(DatasetAction::Show { dataset }) => {
            let row = client.get(&format!("/v1/datasets/{}", id(client, &dataset).await?)).await?;
            let row = &row["dataset"];
            if json { print_json(row) } else { show(row) }
        }
        Some(DatasetAction::Add { task: None, .. } | DatasetAction::Check(_)) => {
            unreachable!("these need the trainer and are run with it")
        }
    }
}

async fn list(client: &Client, json: bool) -> Result<()> {
    let answer = client.get("/v1/datasets").await?;
    if json {
        return print_json(&answer);
    }
    let rows: Vec<Vec<String>> = answer["datasets"].as_array().into_iter().flatten().map(row).collect();
    if rows.is_empty() {
        line("no datasets yet; register one with: trainyard datasets add PATH");
        return Ok(());
    }
    table::print(&["dataset", "task", "status", "images", "classes", "remark"], &rows);
    Ok(())
}

fn row(dataset: &Value) -> Vec<String> {
    let profile = &dataset["profile"];
    let images: u64 =
        ["train", "validation", "test"].iter().filter_map(|split| profile["images"][split].as_u64()).sum();
    let known = !profile.is_null();
    let remark = match text(dataset, "problem") {
        "" => profile["warnings"][0].as_str().unwrap_or_default().to_owned(),
        problem => format!("{problem} ({})", text(dataset, "next_step")),
    };
    vec![
        text(dataset, "path").to_owned(),
        text(dataset, "task").to_owned(),
        text(dataset, "status").to_owned(),
        if known { images.to_string() } else { String::new() },
        profile["classes"].as_array().map_or_else(String::new, |classes| classes.len().to_string()),
        remark,
    ]
}

/// Registers a folder for what `trainer` sees that it can only be for.
pub(crate) async fn add_by_sight(client: &Client, trainer: &Path, path: &str, json: bool) -> Result<()> {
    let task = task::of(trainer, path).await?;
    out::note(task::taken(path, task));
    add(client, path, task, json).await
}

/// Registers a folder and waits for what the fleet finds in it.
async fn add(client: &Client, path: &str, task: Task, json: bool) -> Result<()> {
    let answer = client.post("/v1/datasets", &json!({ "path": path, "task": task })).await?;
    let registered = answer["sequence"].as_u64().unwrap_or(0);
    let at = format!("/v1/datasets/{}", text(&answer["dataset"], "id"));
    let mut hint = Some(Instant::now() + LONG);
    let row = loop {
        match client.get(&at).await {
            Ok(answer) => {
                let row = &answer["dataset"];
                if row["inspection"].as_u64() >= Some(registered) && row["status"] != "pending" {
                    break row.clone();
                }
            }
            // The view is a moment behind the registration.
            Err(error) if hint.is_none() => return Err(error),
            Err(_) => {}
        }
        if hint.is_some_and(|hint| Instant::now() > hint) {
            hint = None;
            out::note(format_args!(
                "{path} is still being looked at (`trainyard workers` shows by whom); Ctrl-C does not stop it"
            ));
        }
        sleep(POLL).await;
    };
    if json {
        print_json(&row)?;
    } else {
        show(&row)?;
    }
    if row["status"] == "valid" {
        return Ok(());
    }
    bail!("{path} cannot be trained on")
}

/// By its id, or by the path that it was registered under.
async fn id(client: &Client, dataset: &str) -> Result<String> {
    if uuid::Uuid::parse_str(dataset).is_ok() {
        return Ok(dataset.to_owned());
    }
    let tenant = text(&client.get("/v1/whoami").await?, "tenant").to_owned();
    let tenant: TenantId = tenant.parse().context("the gateway names no tenant")?;
    Ok(Aggregate::dataset_at(&tenant, dataset).id().to_string())
}

/// What a row says, for people.
fn show(row: &Value) -> Result<()> {
    let path = text(row, "path");
    let found = match text(row, "status") {
        "pending" => {
            line(format_args!("{path} is being looked at"));
            return Ok(());
        }
        "valid" => json!({ "verdict": "good", "profile": row["profile"] }),
        _ => {
            let mut found = row.clone();
            found["verdict"] = json!("bad");
            found
        }
    };
    let found: Inspection = serde_json::from_value(found).context("this gateway is of another version")?;
    report::print(path, &found);
    Ok(())
}
