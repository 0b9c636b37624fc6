//! `trainyard registry sample` and `samples`: images that a model was asked about, kept for people to review.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::json;
use trainyard_api::page::Changed;
use trainyard_api::registry::{NewSampling, Sample, SampleList};
use trainyard_data::decode::ending;
use trainyard_events::model::Share;

use crate::cli::client::Client;
use crate::cli::{new_folder, predict, print_json, table, tokens};
use crate::language::pick;
use crate::out::line;

pub(super) async fn keep(client: &Client, name: &str, percent: f64, json: bool) -> Result<()> {
    let Ok(share) = Share::try_from(percent / 100.0) else {
        bail!(pick(
            client.language,
            format!("{percent}: 0부터 100까지의 퍼센트를 적으세요"),
            format!("{percent} is no percentage: write a number from 0 to 100"),
        ));
    };
    let at = format!("/v1/registry/{name}/sampling");
    let changed = client.put::<Changed>(&at, &NewSampling { share }).await?;
    if json {
        return print_json(&changed.json);
    }
    line(match percent {
        0.0 => pick(
            client.language,
            format!("{name}에 물어본 이미지를 보관하지 않습니다"),
            format!("no image that {name} is asked about is kept"),
        ),
        _ => pick(
            client.language,
            format!(
                "{name}에 물어본 이미지의 {percent}%를 보관합니다. 보기: trainyard registry samples {name}"
            ),
            format!(
                "{percent} % of the images that {name} is asked about are kept; see them: trainyard registry samples {name}"
            ),
        ),
    });
    Ok(())
}

pub(super) async fn list(client: &Client, name: &str, json: bool) -> Result<()> {
    let told = client.get::<SampleList>(&at(name)).await?;
    if json {
        return print_json(&told.json);
    }
    if told.samples.is_empty() {
        line(pick(
            client.language,
            format!("보관한 이미지가 없습니다. 5%를 보관하려면: trainyard registry sample {name} 5"),
            format!("no image is kept; to keep 5 %: trainyard registry sample {name} 5"),
        ));
        return Ok(());
    }
    let header =
        pick(client.language, ["이미지", "버전", "시각", "답"], ["image", "version", "asked", "answer"]);
    let rows: Vec<Vec<String>> = told.samples.iter().map(row).collect();
    table::print(&header, &rows);
    Ok(())
}

fn row(sample: &Sample) -> Vec<String> {
    vec![
        short(&sample.sha256).to_owned(),
        sample.version.to_string(),
        tokens::second(sample.at),
        answer(sample),
    ]
}

/// The most confident of what was seen, and how much else there was.
fn answer(sample: &Sample) -> String {
    if let Some(anomaly) = &sample.answer.anomaly {
        return format!("{:.3}", anomaly.score);
    }
    let seen = &sample.answer.predictions;
    let Some(first) = seen.first() else { return "-".to_owned() };
    let others = match first.bbox {
        // Of a class, every image has several answers.
        Some(_) if seen.len() > 1 => format!(", +{}", seen.len() - 1),
        _ => String::new(),
    };
    format!("{} {}{others}", first.class, predict::percent(first))
}

/// Enough of a hash to tell images apart.
fn short(sha256: &str) -> &str {
    sha256.get(..12).unwrap_or(sha256)
}

pub(super) async fn write(client: &Client, name: &str, to: &Path, json: bool) -> Result<()> {
    new_folder::refuse_if_used(to, client.language)?;
    let told = client.get::<SampleList>(&at(name)).await?;
    fs::create_dir_all(to).with_context(|| to.display().to_string())?;
    let mut written = Vec::new();
    for sample in &told.samples {
        let image = client.bytes(&format!("{}/{}", at(name), sample.sha256)).await?;
        let file = format!("{}.{}", short(&sample.sha256), ending(&image).unwrap_or("bin"));
        let path = to.join(&file);
        fs::write(&path, &image).with_context(|| path.display().to_string())?;
        written.push(file);
    }
    if json {
        return print_json(&json!({ "model": name, "images": written }));
    }
    let (count, to) = (written.len(), to.display());
    // Whatever has answered last is deployed.
    let version = told.samples.first().map_or(1, |newest| newest.version);
    line(pick(
        client.language,
        format!(
            "이미지 {count}개: {to}. 다음: trainyard prelabel --images {to} --with {name}@{version} --format label-studio --to queue"
        ),
        format!(
            "{count} images are in {to}; next: trainyard prelabel --images {to} --with {name}@{version} --format label-studio --to queue"
        ),
    ));
    Ok(())
}

pub(super) async fn delete(client: &Client, name: &str, json: bool) -> Result<()> {
    let deleted = client.delete::<Changed>(&at(name)).await?;
    if json {
        return print_json(&deleted.json);
    }
    line(pick(
        client.language,
        format!("{name}에 물어본 이미지로 보관한 것을 모두 지웠습니다"),
        format!("the images that were kept of {name} are deleted"),
    ));
    Ok(())
}

fn at(name: &str) -> String {
    format!("/v1/registry/{name}/samples")
}
