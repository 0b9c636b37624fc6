//! `trainyard workers`.

use anyhow::Result;
use serde_json::Value;

use crate::cli::client::Client;
use crate::cli::{print_json, table, text};
use crate::out::line;

pub(crate) async fn run(client: &Client, json: bool) -> Result<()> {
    let answer = client.get("/v1/workers").await?;
    if json {
        return print_json(&answer);
    }
    let rows: Vec<Vec<String>> = answer["workers"].as_array().into_iter().flatten().map(row).collect();
    if rows.is_empty() {
        line(format_args!("no worker is up; start one with: trainyard worker"));
        return Ok(());
    }
    table::print(&["worker", "pool", "device", "busy", "doing"], &rows);
    Ok(())
}

fn row(worker: &Value) -> Vec<String> {
    let jobs: Vec<&str> = worker["jobs"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    vec![
        text(worker, "worker").to_owned(),
        text(worker, "pool").to_owned(),
        text(worker, "device").to_owned(),
        format!("{}/{}", jobs.len(), worker["slots"]),
        if worker["draining"] == true { "draining".to_owned() } else { jobs.join(" ") },
    ]
}
