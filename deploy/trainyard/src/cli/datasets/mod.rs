//! `trainyard datasets`: what is registered, registering more, what was found in each, and what becomes of it.

mod add;
mod base;
mod check;
mod classes;
mod diff;
mod export;
mod files;
mod life;
pub(crate) mod named;
mod problems;
mod report;
mod sizes;
mod source;
pub(crate) mod stored;
mod upload;
mod version;

use anyhow::Result;
use trainyard_api::datasets::{DatasetAnswer, DatasetList, DatasetQuery, NewDataset};
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

pub(crate) async fn run(
    client: &Client,
    archived: bool,
    action: Option<DatasetAction>,
    json: bool,
) -> Result<()> {
    match action {
        None => list(client, archived, json).await,
        Some(DatasetAction::Add { name, path, sha256, onto, task }) => {
            let new = source::of(client, name, path, (sha256, onto)).await?;
            add::run(client, NewDataset { task, ..new }, json).await
        }
        Some(DatasetAction::Show { dataset, problems }) => shown(client, &dataset, problems, json).await,
        Some(DatasetAction::Diff { from, to }) => diff::run(client, &from, &to, json).await,
        Some(DatasetAction::Tag { dataset, tag }) => life::tag(client, &dataset, &tag, json).await,
        Some(DatasetAction::Untag { dataset, tag }) => life::untag(client, &dataset, &tag, json).await,
        Some(DatasetAction::Archive { dataset }) => life::archive(client, &dataset, json).await,
        Some(DatasetAction::Restore { dataset }) => life::restore(client, &dataset, json).await,
        Some(DatasetAction::Delete { dataset, yes }) => life::delete(client, &dataset, yes, json).await,
        Some(DatasetAction::Export { dataset, format, to }) => {
            export::run(client, &dataset, format, to).await
        }
        Some(DatasetAction::Check(check)) => check::run(&check, json).await,
    }
}

/// All that is known of a dataset; of one version its images; of either what is wrong with single files.
async fn shown(client: &Client, written: &str, problems: bool, json: bool) -> Result<()> {
    let name = named::name(written);
    if problems || name != written {
        let (row, version) = named::version(client, written).await?;
        return match problems {
            true => problems::run(client, &row, &version, json).await,
            false => version::run(client, &row, &version, json).await,
        };
    }
    let found = client.get::<DatasetAnswer>(&format!("/v1/datasets/{}", id(client, name).await?)).await?;
    if json {
        return print_json(&found.json["dataset"]);
    }
    show(&found.dataset, client.language);
    Ok(())
}

async fn list(client: &Client, archived: bool, json: bool) -> Result<()> {
    let query = DatasetQuery { archived, ..DatasetQuery::default() };
    let answer = client.find::<DatasetList>("/v1/datasets", &query).await?;
    if json {
        return print_json(&answer.json);
    }
    let language = client.language;
    let rows: Vec<Vec<String>> = answer.datasets.iter().map(|dataset| row(dataset, language)).collect();
    if rows.is_empty() && archived {
        line(pick(language, "보관한 데이터셋이 없습니다", "no dataset is archived"));
        return Ok(());
    }
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
        DatasetStatus::Deleted => pick(language, "삭제됨", "deleted"),
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

/// By its id, or by the path that it was registered under, whichever version is written behind it.
async fn id(client: &Client, dataset: &str) -> Result<Uuid> {
    if let Ok(id) = Uuid::parse_str(dataset) {
        return Ok(id);
    }
    let me = client.get::<Whoami>("/v1/whoami").await?;
    Ok(Aggregate::dataset_id(&me.tenant, named::name(dataset)))
}

/// What a row says, for people.
fn show(row: &DatasetRow, language: Language) {
    let path = &row.path;
    if row.status == DatasetStatus::Deleted {
        return line(pick(language, format!("{path}: 삭제했습니다"), format!("{path} was deleted")));
    }
    match (row.status, &row.profile) {
        (DatasetStatus::Valid, Some(profile)) => report::good(path, profile, language),
        (DatasetStatus::Rejected, _) => {
            let why = refused(row, language).unwrap_or_default();
            report::bad(path, &why, &row.report, row.bad_files, language);
        }
        _ => line(pick(language, format!("{path}: 살펴보고 있습니다"), format!("{path} is being looked at"))),
    }
    for version in row.versions.iter().rev() {
        line(named_so(row, version.number, language));
    }
    if row.archived {
        line(pick(language, "보관한 데이터셋입니다", "it is archived"));
    }
}

/// A version with its tags.
fn named_so(row: &DatasetRow, number: u32, language: Language) -> String {
    let tags: Vec<&str> =
        row.tags.iter().filter(|(_, version)| **version == number).map(|(tag, _)| tag.as_str()).collect();
    let version = pick(language, format!("버전 {number}"), format!("version {number}"));
    if tags.is_empty() { version } else { format!("{version}: {}", tags.join(", ")) }
}
