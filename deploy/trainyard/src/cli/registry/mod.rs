//! `trainyard registry`: models that people have named, their versions and aliases.

mod change;
mod compare;
mod samples;
mod show;

use anyhow::{Result, bail};
use trainyard_api::page::PageQuery;
use trainyard_api::registry::{RegistryAnswer, RegistryList};
use trainyard_events::model::{Pick, picked};

use crate::args::RegistryAction;
use crate::cli::client::{Answer, Client};
use crate::language::pick;

/// Rows of the list; the gateway gives no more at once.
const ROWS: u32 = 200;

pub(crate) async fn run(client: &Client, action: Option<RegistryAction>, json: bool) -> Result<()> {
    match action {
        None | Some(RegistryAction::List) => {
            let query = PageQuery { limit: Some(ROWS), before: None };
            show::list(client, &client.find::<RegistryList>("/v1/registry", &query).await?, json)
        }
        Some(RegistryAction::Show { name }) => show::one(client, &of_name(client, &name).await?, json),
        Some(RegistryAction::Register { job, name }) => change::register(client, &job, &name, json).await,
        Some(RegistryAction::Promote { model, alias }) => change::promote(client, &model, &alias, json).await,
        Some(RegistryAction::Rollback { alias }) => change::roll_back(client, &alias, json).await,
        Some(RegistryAction::Unalias { alias }) => change::unalias(client, &alias, json).await,
        Some(RegistryAction::Archive { model }) => change::put_away(client, &model, "archive", json).await,
        Some(RegistryAction::Restore { model }) => change::put_away(client, &model, "restore", json).await,
        Some(RegistryAction::Sample { name, percent }) => samples::keep(client, &name, percent, json).await,
        Some(RegistryAction::Samples { name, delete: true, .. }) => {
            samples::delete(client, &name, json).await
        }
        Some(RegistryAction::Samples { name, to: Some(to), .. }) => {
            samples::write(client, &name, &to, json).await
        }
        Some(RegistryAction::Samples { name, .. }) => samples::list(client, &name, json).await,
        Some(RegistryAction::Compare { first, second, images }) => {
            compare::run(client, [&first, &second], &images, json).await
        }
    }
}

pub(super) async fn of_name(client: &Client, name: &str) -> Result<Answer<RegistryAnswer>> {
    client.get::<RegistryAnswer>(&format!("/v1/registry/{name}")).await
}

/// `NAME@NUMBER`, or the number that `NAME@ALIAS` stands for now.
pub(super) async fn version(client: &Client, written: &str) -> Result<(String, u32)> {
    match picked(written) {
        Some((name, Pick::Version(version))) => Ok((name.to_owned(), version)),
        Some((name, Pick::Alias(alias))) => {
            let answer = of_name(client, name).await?;
            match answer.model.aliases.get(alias) {
                Some(named) => Ok((name.to_owned(), named.version)),
                None => bail!(pick(
                    client.language,
                    format!(
                        "{name} 모델에는 {alias} 별칭이 없습니다. `trainyard registry show {name}`에서 확인하세요"
                    ),
                    format!(
                        "{name} has no alias {alias}; `trainyard registry show {name}` lists those that it has"
                    ),
                )),
            }
        }
        None => bail!(pick(
            client.language,
            format!("{written}: 이름@버전으로 적으세요. 예: line3@2"),
            format!("{written}: write a name and a version, such as line3@2"),
        )),
    }
}

/// `NAME@ALIAS`.
fn alias<'w>(client: &Client, written: &'w str) -> Result<(&'w str, &'w str)> {
    match picked(written) {
        Some((name, Pick::Alias(alias))) => Ok((name, alias)),
        _ => bail!(pick(
            client.language,
            format!("{written}: 이름@별칭으로 적으세요. 예: line3@champion"),
            format!("{written}: write a name and an alias, such as line3@champion"),
        )),
    }
}
