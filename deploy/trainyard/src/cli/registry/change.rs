//! `trainyard registry register`, `promote`, `rollback`, `unalias`, `archive` and `restore`.

use anyhow::Result;
use trainyard_api::page::{Changed, Nothing};
use trainyard_api::registry::{AliasMoved, NewAlias, NewVersion, VersionRegistered};

use crate::cli::client::{Answer, Client};
use crate::cli::print_json;
use crate::language::pick;
use crate::out::line;

pub(super) async fn register(client: &Client, job: &str, name: &str, json: bool) -> Result<()> {
    let body = NewVersion { job: job.trim_start_matches('#').to_owned() };
    let made = client.post::<VersionRegistered>(&format!("/v1/registry/{name}/versions"), &body).await?;
    if json {
        return print_json(&made.json);
    }
    let version = made.version;
    line(match made.sequence {
        Some(_) => pick(
            client.language,
            format!(
                "작업 {job}의 모델: {name}@{version}. 다음: trainyard registry promote {name}@{version} champion"
            ),
            format!(
                "the model of job {job} is {name}@{version}; next: trainyard registry promote {name}@{version} champion"
            ),
        ),
        None => pick(
            client.language,
            format!("작업 {job}의 모델은 이미 {name}@{version}입니다"),
            format!("the model of job {job} is {name}@{version} already"),
        ),
    });
    Ok(())
}

pub(super) async fn promote(client: &Client, written: &str, alias: &str, json: bool) -> Result<()> {
    let (name, version) = super::version(client, written).await?;
    let at = format!("/v1/registry/{name}/aliases/{alias}");
    told(client, &name, &client.put::<AliasMoved>(&at, &NewAlias { version }).await?, json)
}

pub(super) async fn roll_back(client: &Client, written: &str, json: bool) -> Result<()> {
    let (name, alias) = super::alias(client, written)?;
    let at = format!("/v1/registry/{name}/aliases/{alias}/rollback");
    told(client, name, &client.post::<AliasMoved>(&at, &Nothing {}).await?, json)
}

fn told(client: &Client, name: &str, moved: &Answer<AliasMoved>, json: bool) -> Result<()> {
    if json {
        return print_json(&moved.json);
    }
    let AliasMoved { alias, version, former, url, .. } = &**moved;
    let url = if url.starts_with('/') { format!("{}{url}", client.url) } else { url.clone() };
    let former = former.map(|former| {
        pick(client.language, format!(" (이전: {name}@{former})"), format!(" (before: {name}@{former})"))
    });
    let former = former.unwrap_or_default();
    line(pick(
        client.language,
        format!("{name}@{alias} → {name}@{version}{former}. 답하는 주소: {url}"),
        format!("{name}@{alias} is {name}@{version}{former}; it answers at {url}"),
    ));
    if moved.deployed.is_some() {
        line(pick(
            client.language,
            format!("배포하지 않았던 버전이라 {name}@{version}을 먼저 배포했습니다"),
            format!("{name}@{version} was not deployed, and is now"),
        ));
    }
    Ok(())
}

pub(super) async fn unalias(client: &Client, written: &str, json: bool) -> Result<()> {
    let (name, alias) = super::alias(client, written)?;
    let changed = client.delete::<Changed>(&format!("/v1/registry/{name}/aliases/{alias}")).await?;
    if json {
        return print_json(&changed.json);
    }
    line(pick(
        client.language,
        format!("{written} 별칭을 지웠습니다"),
        format!("{written} names nothing any more"),
    ));
    Ok(())
}

/// `step` is the last word of the route.
pub(super) async fn put_away(client: &Client, written: &str, step: &str, json: bool) -> Result<()> {
    let (name, version) = super::version(client, written).await?;
    let at = format!("/v1/registry/{name}/versions/{version}/{step}");
    let changed = client.post::<Changed>(&at, &Nothing {}).await?;
    if json {
        return print_json(&changed.json);
    }
    line(match step {
        "archive" => pick(
            client.language,
            format!(
                "{name}@{version}: 보관했습니다. 다시 꺼내려면: trainyard registry restore {name}@{version}"
            ),
            format!(
                "{name}@{version} is archived; to take it out again: trainyard registry restore {name}@{version}"
            ),
        ),
        _ => pick(
            client.language,
            format!("{name}@{version}: 다시 꺼냈습니다"),
            format!("{name}@{version} is restored"),
        ),
    });
    Ok(())
}
