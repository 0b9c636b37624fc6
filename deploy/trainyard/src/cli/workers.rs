//! `trainyard workers`.

use anyhow::Result;
use trainyard_api::workers::Fleet;
use trainyard_events::fleet::WorkerRecord;

use crate::cli::client::Client;
use crate::cli::{print_json, table};
use crate::out::line;

pub(crate) async fn run(client: &Client, json: bool) -> Result<()> {
    let answer = client.get::<Fleet>("/v1/workers").await?;
    if json {
        return print_json(&answer.json);
    }
    let rows: Vec<Vec<String>> = answer.workers.iter().map(row).collect();
    if rows.is_empty() {
        line(format_args!("no worker is up; start one with: trainyard worker"));
        return Ok(());
    }
    table::print(&["worker", "pool", "device", "busy", "doing"], &rows);
    Ok(())
}

fn row(worker: &WorkerRecord) -> Vec<String> {
    let jobs: Vec<String> = worker.jobs.iter().map(ToString::to_string).collect();
    vec![
        worker.worker.clone(),
        worker.pool.to_string(),
        worker.device.clone(),
        format!("{}/{}", jobs.len(), worker.slots),
        if worker.draining { "draining".to_owned() } else { jobs.join(" ") },
    ]
}
