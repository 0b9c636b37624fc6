//! `trainyard registry list` and `show`.

use anyhow::Result;
use trainyard_api::registry::{RegistryAnswer, RegistryList, VersionUse};
use trainyard_events::chat::Language;
use trainyard_views::{ModelRow, ModelVersion};

use crate::cli::client::{Answer, Client};
use crate::cli::{print_json, table};
use crate::language::pick;
use crate::out::line;

pub(super) fn list(client: &Client, answer: &Answer<RegistryList>, json: bool) -> Result<()> {
    if json {
        return print_json(&answer.json);
    }
    let language = client.language;
    if answer.models.is_empty() {
        line(pick(
            language,
            "등록한 모델이 없습니다. 완료된 작업을 등록하세요: trainyard registry register 3 line3",
            "no model has a name yet; give a finished job one: trainyard registry register 3 line3",
        ));
        return Ok(());
    }
    let header =
        pick(language, ["모델", "버전", "작업 종류", "별칭"], ["model", "versions", "task", "aliases"]);
    let rows: Vec<Vec<String>> = answer.models.iter().map(|model| row(model, language)).collect();
    table::print(&header, &rows);
    Ok(())
}

fn row(model: &ModelRow, language: Language) -> Vec<String> {
    let task = model.versions.last().map(|newest| trainyard_words::said(&newest.card.task, language));
    let aliases = model.aliases.iter().map(|(alias, named)| format!("{alias} → {}", named.version));
    vec![
        model.name.clone(),
        model.versions.len().to_string(),
        task.unwrap_or_default(),
        aliases.collect::<Vec<_>>().join(", "),
    ]
}

pub(super) fn one(client: &Client, answer: &Answer<RegistryAnswer>, json: bool) -> Result<()> {
    if json {
        return print_json(&answer.json);
    }
    let language = client.language;
    let header = pick(
        language,
        ["버전", "작업", "모델", "데이터셋", "측정값", "별칭", "배포", "이어 학습한 작업"],
        ["version", "job", "model", "dataset", "measurements", "aliases", "deployed", "started from it"],
    );
    let versions = answer.model.versions.iter().rev().zip(answer.uses.iter().rev());
    let rows: Vec<Vec<String>> =
        versions.map(|(version, uses)| version_row(&answer.model.name, version, uses, language)).collect();
    table::print(&header, &rows);
    if let Some(newest) = answer.model.versions.last() {
        let classes = newest.card.classes.len();
        let licence = newest.card.licence.as_deref().unwrap_or("-");
        line(pick(
            language,
            format!("클래스 {classes}개, 라이선스 {licence}, SHA-256 {}", newest.card.export.sha256),
            format!("{classes} classes, licence {licence}, SHA-256 {}", newest.card.export.sha256),
        ));
    }
    Ok(())
}

fn version_row(name: &str, version: &ModelVersion, uses: &VersionUse, language: Language) -> Vec<String> {
    let archived = if version.archived { pick(language, " (보관)", " (archived)") } else { "" };
    let numbers = |numbers: &[u64]| numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    let is_deployed = if uses.deployed { pick(language, "예", "yes") } else { "" };
    vec![
        format!("{name}@{}{archived}", version.number),
        uses.job.map_or_else(String::new, |job| job.to_string()),
        version.card.model.clone(),
        version.card.dataset.clone().unwrap_or_default(),
        measured(version),
        uses.aliases.join(", "),
        is_deployed.to_owned(),
        numbers(&uses.started),
    ]
}

fn measured(version: &ModelVersion) -> String {
    let measured = version.card.measurements.iter().map(|(name, value)| format!("{name} {value:.4}"));
    measured.collect::<Vec<_>>().join(", ")
}
