//! `trainyard datasets`: what is registered, registering more, and what was found in each.

mod add;
mod check;
mod classes;
mod export;
mod files;
mod report;
mod sizes;
mod source;
mod upload;

use anyhow::Result;
use trainyard_api::datasets::{DatasetAnswer, DatasetList, NewDataset};
use trainyard_api::tokens::Whoami;
use trainyard_events::Aggregate;
use trainyard_events::chat::Language;
use trainyard_events::dataset::DatasetProfile;
use trainyard_views::{DatasetRow, DatasetStatus};
use trainyard_words::particle::{Particle, with_particle};
use uuid::Uuid;

use crate::args::DatasetAction;
use crate::cli::client::Client;
use crate::cli::{print_json, table};
use crate::language::{pick, said_or};
use crate::out::line;

pub(crate) use check::run as check;

pub(crate) async fn run(client: &Client, action: Option<DatasetAction>, json: bool) -> Result<()> {
    match action {
        None => list(client, json).await,
        Some(DatasetAction::Add { name, path, sha256, task }) => {
            let new = source::of(client, name, path, sha256).await?;
            add::run(client, NewDataset { task, ..new }, json).await
        }
        Some(DatasetAction::Show { dataset }) => {
            let at = format!("/v1/datasets/{}", id(client, &dataset).await?);
            let found = client.get::<DatasetAnswer>(&at).await?;
            if json {
                return print_json(&found.json["dataset"]);
            }
            show(&found.dataset, client.language);
            Ok(())
        }
        Some(DatasetAction::Export { dataset, format, to }) => {
            export::run(client, &dataset, format, to).await
        }
        Some(DatasetAction::Check(check)) => check::run(&check, json).await,
    }
}

async fn list(client: &Client, json: bool) -> Result<()> {
    let answer = client.get::<DatasetList>("/v1/datasets").await?;
    if json {
        return print_json(&answer.json);
    }
    let language = client.language;
    let rows: Vec<Vec<String>> = answer.datasets.iter().map(|dataset| row(dataset, language)).collect();
    if rows.is_empty() {
        line(pick(
            language,
            "아직 데이터셋이 없습니다. 등록하려면: trainyard datasets add 경로",
            "no datasets yet; register one with: trainyard datasets add PATH",
        ));
        return Ok(());
    }
    let header = pick(
        language,
        ["데이터셋", "작업 종류", "상태", "이미지", "클래스", "비고"],
        ["dataset", "task", "status", "images", "classes", "remark"],
    );
    table::print(&header, &rows);
    Ok(())
}

fn row(dataset: &DatasetRow, language: Language) -> Vec<String> {
    let profile = dataset.profile.as_ref();
    let status = match dataset.status {
        DatasetStatus::Pending => pick(language, "읽는 중", "pending"),
        DatasetStatus::Valid => pick(language, "정상", "valid"),
        DatasetStatus::Rejected => pick(language, "거부됨", "rejected"),
    };
    let remark = match refused(dataset, language) {
        Some((problem, next_step)) => format!("{problem} ({next_step})"),
        None => {
            profile.and_then(|profile| warnings(profile, language).into_iter().next()).unwrap_or_default()
        }
    };
    vec![
        dataset.path.clone(),
        trainyard_words::said(&dataset.task, language),
        status.to_owned(),
        profile.map_or_else(String::new, |profile| profile.images.total().to_string()),
        profile.map_or_else(String::new, |profile| profile.classes.len().to_string()),
        remark,
    ]
}

/// Why it was refused, and what to do next.
fn refused(dataset: &DatasetRow, language: Language) -> Option<(String, String)> {
    let beside = dataset.next_step.as_deref().unwrap_or_default();
    let problem = said_or(&dataset.because, dataset.problem.as_deref()?, language);
    Some((problem, said_or(&dataset.advice, beside, language)))
}

/// One line each.
fn warnings(profile: &DatasetProfile, language: Language) -> Vec<String> {
    match &profile.cautions[..] {
        [] => profile.warnings.clone(),
        cautions => cautions.iter().map(|caution| trainyard_words::said(caution, language)).collect(),
    }
}

fn unfit(path: &str, language: Language) -> String {
    pick(
        language,
        format!("{} 학습에 쓸 수 없습니다", with_particle(path, Particle::Topic)),
        format!("{path} cannot be trained on"),
    )
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
fn show(row: &DatasetRow, language: Language) {
    let path = &row.path;
    match (row.status, &row.profile) {
        (DatasetStatus::Valid, Some(profile)) => report::good(path, profile, language),
        (DatasetStatus::Rejected, _) => {
            let why = refused(row, language).unwrap_or_default();
            report::bad(path, &why, &row.report, row.bad_files, language);
        }
        _ => line(pick(language, format!("{path}: 살펴보고 있습니다"), format!("{path} is being looked at"))),
    }
}
