//! `trainyard datasets tag`, `untag`, `archive`, `restore` and `delete`.

use anyhow::{Result, bail};
use serde_json::json;
use trainyard_api::datasets::NewTag;
use trainyard_api::page::Changed;
use trainyard_events::chat::Language;
use trainyard_events::dataset::{parted, tagged};

use super::named;
use crate::cli::client::{Answer, Client};
use crate::cli::meant::is_meant;
use crate::cli::print_json;
use crate::language::pick;
use crate::out;

pub(super) async fn tag(client: &Client, written: &str, tag: &str, json: bool) -> Result<()> {
    let (row, version) = named::version(client, written).await?;
    let (name, number) = (&row.path, version.number);
    let at = format!("/v1/datasets/{}/tags/{tag}", row.id);
    let changed = client.put::<Changed>(&at, &NewTag { version: number }).await?;
    let done = [format!("{name}@{tag} → {name}@{number}"), format!("{name}@{tag} is {name}@{number}")];
    told(&changed, done, client.language, json)
}

pub(super) async fn untag(client: &Client, name: &str, tag: &str, json: bool) -> Result<()> {
    let id = super::id(client, name).await?;
    let changed = client.delete::<Changed>(&format!("/v1/datasets/{id}/tags/{tag}")).await?;
    let done =
        [format!("{name}@{tag} 태그를 지웠습니다"), format!("{name}@{tag} is no name of a version any more")];
    told(&changed, done, client.language, json)
}

pub(super) async fn archive(client: &Client, name: &str, json: bool) -> Result<()> {
    let id = super::id(client, name).await?;
    let changed = client.post::<Changed>(&format!("/v1/datasets/{id}/archive"), &json!({})).await?;
    let done = [
        format!(
            "{name}: 보관했습니다. 이미 요청한 작업은 계속합니다. 다시 꺼내려면: trainyard datasets restore {name}"
        ),
        format!(
            "{name} is archived; jobs that were asked for go on. To take it out again: trainyard datasets restore {name}"
        ),
    ];
    told(&changed, done, client.language, json)
}

pub(super) async fn restore(client: &Client, name: &str, json: bool) -> Result<()> {
    let id = super::id(client, name).await?;
    let changed = client.post::<Changed>(&format!("/v1/datasets/{id}/restore"), &json!({})).await?;
    told(&changed, [format!("{name}: 다시 꺼냈습니다"), format!("{name} is restored")], client.language, json)
}

/// Deletes a dataset, or the one version that is written behind it.
pub(super) async fn delete(client: &Client, written: &str, yes: bool, json: bool) -> Result<()> {
    let language = client.language;
    let is_one = tagged(written).is_some() || parted(written).1.is_some();
    let (row, version) = match is_one {
        true => named::version(client, written).await.map(|(row, version)| (row, Some(version)))?,
        false => (named::row(client, written).await?, None),
    };
    if !yes
        && !is_meant(
            &question(&row.path, row.versions.len(), version.as_ref().map(|it| it.number), language),
            language,
        )?
    {
        bail!(pick(language, "아무것도 지우지 않았습니다", "nothing was deleted"));
    }
    let at = match &version {
        Some(version) => format!("/v1/datasets/{}/versions/{}", row.id, version.number),
        None => format!("/v1/datasets/{}", row.id),
    };
    let changed = client.delete::<Changed>(&at).await?;
    let what = version.map_or_else(|| row.path.clone(), |version| format!("{}@{}", row.path, version.number));
    let done = [
        format!("{what}: 지웠습니다. 다른 데이터셋이 쓰지 않는 파일은 하루 안에 저장소에서 사라집니다"),
        format!("{what} is deleted; files that no other dataset needs leave the store within a day"),
    ];
    told(&changed, done, language, json)
}

fn question(name: &str, versions: usize, version: Option<u32>, language: Language) -> String {
    match version {
        Some(number) => pick(
            language,
            format!("{name}@{number} 버전을 지울까요? 되돌릴 수 없습니다"),
            format!("delete {name}@{number}? It cannot be had back"),
        ),
        None => pick(
            language,
            format!("{name} 데이터셋을 버전 {versions}개와 함께 지울까요? 되돌릴 수 없습니다"),
            format!("delete {name} with its {versions} versions? They cannot be had back"),
        ),
    }
}

fn told(
    changed: &Answer<Changed>,
    [korean, english]: [String; 2],
    language: Language,
    json: bool,
) -> Result<()> {
    if json {
        return print_json(&changed.json);
    }
    match changed.sequence {
        Some(_) => out::line(pick(language, korean, english)),
        None => out::line(pick(language, "이미 그렇습니다", "it is so already")),
    }
    Ok(())
}
