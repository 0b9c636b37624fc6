//! `trainyard datasets`.

use anyhow::Result;
use serde_json::{Value, json};

use crate::cli::client::Client;
use crate::cli::out::line;
use crate::cli::{print_json, table, text};

pub(crate) async fn run(client: &Client, add: Option<String>, json: bool) -> Result<()> {
    if let Some(path) = add {
        let answer = client.post("/v1/datasets", &json!({ "path": path })).await?;
        if json {
            return print_json(&answer);
        }
        line(format_args!("{path} is being looked at; see the verdict with: trainyard datasets"));
        return Ok(());
    }
    let answer = client.get("/v1/datasets").await?;
    if json {
        return print_json(&answer);
    }
    let rows: Vec<Vec<String>> = answer["datasets"].as_array().into_iter().flatten().map(row).collect();
    if rows.is_empty() {
        line(format_args!("no datasets yet; name one with: trainyard datasets PATH"));
        return Ok(());
    }
    table::print(&["dataset", "status", "images", "classes", "remark"], &rows);
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
        text(dataset, "status").to_owned(),
        if known { images.to_string() } else { String::new() },
        profile["classes"].as_array().map_or_else(String::new, |classes| classes.len().to_string()),
        remark,
    ]
}
