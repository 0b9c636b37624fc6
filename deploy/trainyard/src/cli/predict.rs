//! `trainyard predict`.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;
use trainyard_events::prediction::Prediction;

use crate::cli::client::Client;
use crate::cli::{print_json, table};
use crate::language::pick;

pub(crate) async fn run(client: &Client, job: &str, images: &[PathBuf], json: bool) -> Result<()> {
    let mut rows = Vec::new();
    for image in images {
        let answer = client.predict(job, image).await?;
        if json {
            print_json(&json!({ "image": image.display().to_string(), "answer": answer.json }))?;
        } else {
            rows.extend(answer.predictions.iter().take(3).map(|found| {
                vec![image.display().to_string(), found.class.clone(), percent(found), place(found)]
            }));
        }
    }
    if !json {
        let header = pick(
            client.language,
            ["이미지", "클래스", "확신도", "박스"],
            ["image", "class", "confidence", "box"],
        );
        table::print(&header, &rows);
    }
    Ok(())
}

pub(crate) fn percent(found: &Prediction) -> String {
    format!("{:.1} %", found.confidence * 100.0)
}

fn place(found: &Prediction) -> String {
    found.bbox.map_or_else(String::new, |corners| json!(corners).to_string())
}
