//! `trainyard predict`.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::{Value, json};

use crate::cli::client::Client;
use crate::cli::{print_json, table, text};

pub(crate) async fn run(client: &Client, job: &str, images: &[PathBuf], json: bool) -> Result<()> {
    let mut rows = Vec::new();
    for image in images {
        let answer = client.predict(job, image).await?;
        if json {
            print_json(&json!({ "image": image.display().to_string(), "answer": answer }))?;
        } else {
            rows.extend(answer["predictions"].as_array().into_iter().flatten().take(3).map(|found| {
                vec![
                    image.display().to_string(),
                    text(found, "class").to_owned(),
                    percent(found),
                    place(found),
                ]
            }));
        }
    }
    if !json {
        table::print(&["image", "class", "confidence", "box"], &rows);
    }
    Ok(())
}

pub(crate) fn percent(found: &Value) -> String {
    found["confidence"].as_f64().map_or_else(String::new, |confidence| format!("{:.1} %", confidence * 100.0))
}

fn place(found: &Value) -> String {
    if found["bbox"].is_null() { String::new() } else { found["bbox"].to_string() }
}
