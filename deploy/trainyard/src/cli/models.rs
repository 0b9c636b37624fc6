//! `trainyard models`.

use anyhow::Result;
use serde_json::Value;

use crate::cli::client::Client;
use crate::cli::{print_json, table, text};

pub(crate) async fn run(client: &Client, task: Option<&str>, json: bool) -> Result<()> {
    let filter = task.map(|task| format!("?task={task}")).unwrap_or_default();
    let answer = client.get(&format!("/v1/models{filter}")).await?;
    if json {
        return print_json(&answer);
    }
    let rows: Vec<Vec<String>> = answer["models"].as_array().into_iter().flatten().map(row).collect();
    table::print(&["model", "task", "parameters", "image", "licence", "trains here"], &rows);
    Ok(())
}

fn row(model: &Value) -> Vec<String> {
    let millions = |count: f64| format!("{:.1} M", count / 1e6);
    vec![
        text(model, "id").to_owned(),
        text(model, "task").to_owned(),
        model["parameters"].as_f64().filter(|count| *count > 0.0).map_or_else(String::new, millions),
        model["image_size"].to_string(),
        text(model, "licence").to_owned(),
        if model["native"] == true { "yes".to_owned() } else { "not yet".to_owned() },
    ]
}
