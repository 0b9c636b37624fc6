//! `trainyard models`.

use anyhow::Result;
use trainyard_api::models::{Model, ModelList, ModelsQuery};
use trainyard_events::config::Task;

use crate::cli::client::Client;
use crate::cli::{print_json, table};

pub(crate) async fn run(client: &Client, task: Option<Task>, json: bool) -> Result<()> {
    let answer = client.find::<ModelList>("/v1/models", &ModelsQuery { task, q: None }).await?;
    if json {
        return print_json(&answer.json);
    }
    let rows: Vec<Vec<String>> = answer.models.iter().map(row).collect();
    table::print(&["model", "task", "parameters", "image", "licence", "trains here"], &rows);
    Ok(())
}

fn row(model: &Model) -> Vec<String> {
    let millions = |count: u64| format!("{:.1} M", count as f64 / 1e6);
    vec![
        model.id.clone(),
        model.task.to_string(),
        model.parameters.filter(|count| *count > 0).map_or_else(String::new, millions),
        model.image_size.to_string(),
        model.licence.clone(),
        if model.native { "yes".to_owned() } else { "not yet".to_owned() },
    ]
}
