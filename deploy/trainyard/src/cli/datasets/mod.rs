//! `trainyard datasets`: what is registered, registering more, and what was found in each.

mod check;
mod report;
mod sizes;
mod task;

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::{Instant, sleep};
use trainyard_api::datasets::{DatasetAnswer, DatasetList, DatasetRegistered, NewDataset};
use trainyard_api::tokens::Whoami;
use trainyard_events::Aggregate;
use trainyard_events::config::Task;
use trainyard_views::{DatasetRow, DatasetStatus};
use uuid::Uuid;

use crate::args::DatasetAction;
use crate::cli::client::Client;
use crate::cli::{print_json, table};
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
            let at = format!("/v1/datasets/{}", id(client, &dataset).await?);
            let found = client.get::<DatasetAnswer>(&at).await?;
            if json {
                return print_json(&found.json["dataset"]);
            }
            show(&found.dataset);
            Ok(())
        }
        Some(DatasetAction::Add { task: None, .. } | DatasetAction::Check(_)) => {
            unreachable!("these need the trainer and are run with it")
        }
    }
}

async fn list(client: &Client, json: bool) -> Result<()> {
    let answer = client.get::<DatasetList>("/v1/datasets").await?;
    if json {
        return print_json(&answer.json);
    }
    let rows: Vec<Vec<String>> = answer.datasets.iter().map(row).collect();
    if rows.is_empty() {
        line("no datasets yet; register one with: trainyard datasets add PATH");
        return Ok(());
    }
    table::print(&["dataset", "task", "status", "images", "classes", "remark"], &rows);
    Ok(())
}

fn row(dataset: &DatasetRow) -> Vec<String> {
    let profile = dataset.profile.as_ref();
    let remark = match (&dataset.problem, &dataset.next_step) {
        (Some(problem), next_step) => format!("{problem} ({})", next_step.as_deref().unwrap_or_default()),
        (None, _) => profile.and_then(|profile| profile.warnings.first()).cloned().unwrap_or_default(),
    };
    vec![
        dataset.path.clone(),
        dataset.task.to_string(),
        dataset.status.name().to_owned(),
        profile.map_or_else(String::new, |profile| profile.images.total().to_string()),
        profile.map_or_else(String::new, |profile| profile.classes.len().to_string()),
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
    let new = NewDataset { path: path.to_owned(), task: Some(task) };
    let registered = client.post::<DatasetRegistered>("/v1/datasets", &new).await?;
    let at = format!("/v1/datasets/{}", registered.dataset.id);
    let mut hint = Some(Instant::now() + LONG);
    let found = loop {
        let found = client.get::<DatasetAnswer>(&at).await?;
        let is_answer = found.dataset.inspection >= registered.sequence.unwrap_or(0);
        if is_answer && found.dataset.status != DatasetStatus::Pending {
            break found;
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
        print_json(&found.json["dataset"])?;
    } else {
        show(&found.dataset);
    }
    if found.dataset.status == DatasetStatus::Valid {
        return Ok(());
    }
    bail!("{path} cannot be trained on")
}

/// By its id, or by the path that it was registered under.
async fn id(client: &Client, dataset: &str) -> Result<Uuid> {
    if let Ok(id) = Uuid::parse_str(dataset) {
        return Ok(id);
    }
    let me = client.get::<Whoami>("/v1/whoami").await?;
    Ok(Aggregate::dataset_id(&me.tenant, dataset))
}

/// What a row says, for people.
fn show(row: &DatasetRow) {
    let path = &row.path;
    match (row.status, &row.profile) {
        (DatasetStatus::Valid, Some(profile)) => report::good(path, profile),
        (DatasetStatus::Rejected, _) => {
            let said = |text: &Option<String>| text.clone().unwrap_or_default();
            report::bad(path, &said(&row.problem), &said(&row.next_step), &row.report, row.bad_files);
        }
        _ => line(format_args!("{path} is being looked at")),
    }
}
