//! `/v1/registry`: models that people have named, their versions and aliases.

use std::num::NonZeroU32;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use trainyard_api::Code;
use trainyard_api::error::What;
use trainyard_api::page::{Changed, Nothing, PageQuery};
use trainyard_api::place::{OfModelAlias, OfModelName, OfModelVersion};
use trainyard_api::registry::{
    AliasMoved, ModelCalls, NewAlias, NewVersion, RegistryAnswer, RegistryList, RegistryQuery,
    VersionRegistered, VersionUse,
};
use trainyard_commands::Command;
use trainyard_commands::model::ModelCommand;
use trainyard_events::Aggregate;
use trainyard_events::tenant::Role;
use trainyard_views::{ModelRow, ModelVersion};

use crate::deployment::public_base;
use crate::error::ApiError;
use crate::extract::{Body, Params, Place, page_of};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::identity::Identity;
use crate::model_calls;
use crate::registry;
use crate::route::{Access, Route};

/// Jobs that are named as started from one version.
const JOBS: u32 = 200;

pub(super) fn routes() -> Vec<Route> {
    let editor = Access::Needs(Role::Editor);
    const ALIAS: &str = "/v1/registry/{name}/aliases/{alias}";
    vec![
        Route::read("/v1/registry", "The models that were given a name, the last changed first", list)
            .query::<RegistryQuery>()
            .answers::<RegistryList>(),
        Route::read("/v1/registry/{name}", "A model with its versions, its aliases, and who uses them", show)
            .at::<OfModelName>()
            .answers::<RegistryAnswer>()
            .refuses(&[Code::NotFound]),
        Route::read(
            "/v1/registry/{name}/calls",
            "How often each version of a model was asked in the last days, when, and how long answers took",
            calls,
        )
        .at::<OfModelName>()
        .answers::<ModelCalls>()
        .refuses(&[Code::NotFound]),
        Route::post("/v1/registry/{name}/versions", "Register a finished job as the next version", register)
            .at::<OfModelName>()
            .takes::<NewVersion>()
            .answers::<VersionRegistered>()
            .refuses(&[Code::NotFound, Code::BadModelName, Code::JobNotFinished, Code::Refused]),
        Route::post(
            "/v1/registry/{name}/versions/{number}/archive",
            "Put a version away: no alias can name it",
            archive,
        )
        .at::<OfModelVersion>()
        .takes::<Nothing>()
        .answers::<Changed>()
        .refuses(&[Code::NotFound, Code::NoSuchModelVersion, Code::Refused]),
        Route::post(
            "/v1/registry/{name}/versions/{number}/restore",
            "Take an archived version out again",
            restore,
        )
        .at::<OfModelVersion>()
        .takes::<Nothing>()
        .answers::<Changed>()
        .refuses(&[Code::NotFound, Code::NoSuchModelVersion]),
        Route::new(Method::PUT, ALIAS, editor, "Have an alias name a version, and let it answer", promote)
            .at::<OfModelAlias>()
            .takes::<NewAlias>()
            .answers::<AliasMoved>()
            .refuses(&[
                Code::NotFound,
                Code::NoSuchModelVersion,
                Code::BadModelName,
                Code::JobNotFinished,
                Code::Refused,
            ]),
        Route::post(
            "/v1/registry/{name}/aliases/{alias}/rollback",
            "Have an alias name the version that it named before",
            roll_back,
        )
        .at::<OfModelAlias>()
        .takes::<Nothing>()
        .answers::<AliasMoved>()
        .refuses(&[Code::NotFound, Code::NoSuchModelVersion, Code::JobNotFinished, Code::Refused]),
        Route::new(Method::DELETE, ALIAS, editor, "Remove an alias", remove)
            .at::<OfModelAlias>()
            .answers::<Changed>()
            .refuses(&[Code::NotFound, Code::NoSuchModelVersion]),
    ]
}

async fn list(
    State(gateway): State<Gateway>,
    identity: Identity,
    Params(RegistryQuery { limit, before, q }): Params<RegistryQuery>,
) -> Result<Json<RegistryList>, ApiError> {
    let page = page_of(&PageQuery { limit, before });
    let rows = gateway.views.models(&identity.tenant, q.as_deref(), page).await?;
    Ok(Json(RegistryList { models: rows.rows, next: rows.next }))
}

async fn show(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(OfModelName { name }): Place<OfModelName>,
) -> Result<Json<RegistryAnswer>, ApiError> {
    let model = gateway.model(&identity, &name).await?;
    let mut uses = Vec::with_capacity(model.versions.len());
    for version in &model.versions {
        uses.push(used(&gateway, &identity, &model, version).await?);
    }
    Ok(Json(RegistryAnswer { model, uses }))
}

async fn calls(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(OfModelName { name }): Place<OfModelName>,
) -> Result<Json<ModelCalls>, ApiError> {
    let model = gateway.model(&identity, &name).await?;
    Ok(Json(model_calls::of(&gateway, model.id).await?))
}

async fn used(
    gateway: &Gateway,
    identity: &Identity,
    model: &ModelRow,
    version: &ModelVersion,
) -> Result<VersionUse, ApiError> {
    let (tenant, number) = (&identity.tenant, version.number);
    let written = format!("{}@{number}", model.name);
    let job = gateway.views.job(tenant, version.card.job).await?;
    let aliases = model.aliases.iter().filter(|(_, named)| named.version == number);
    Ok(VersionUse {
        version: number,
        job: job.as_ref().map(|job| job.number),
        deployed: job.is_some_and(|job| job.deployed),
        url: predict_url(gateway, &written),
        aliases: aliases.map(|(alias, _)| alias.clone()).collect(),
        started: gateway.views.jobs_from(tenant, &written, JOBS).await?,
    })
}

async fn register(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(OfModelName { name }): Place<OfModelName>,
    Body(NewVersion { job }): Body<NewVersion>,
) -> Result<Json<VersionRegistered>, ApiError> {
    let job = gateway.job(&asker.identity, &job).await?;
    let (version, sequence) = registry::register(&gateway, &asker, &name, &job).await?;
    let id = registry::id(&asker.identity.tenant, &name);
    Ok(Json(VersionRegistered { id, name, version, sequence }))
}

async fn promote(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(OfModelAlias { name, alias }): Place<OfModelAlias>,
    Body(NewAlias { version }): Body<NewAlias>,
) -> Result<Json<AliasMoved>, ApiError> {
    let moved = registry::promote(&gateway, &asker, (&name, &alias), version).await?;
    Ok(told(&gateway, &name, alias, moved))
}

async fn roll_back(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(OfModelAlias { name, alias }): Place<OfModelAlias>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Json<AliasMoved>, ApiError> {
    let moved = registry::roll_back(&gateway, &asker, (&name, &alias)).await?;
    Ok(told(&gateway, &name, alias, moved))
}

fn told(gateway: &Gateway, name: &str, alias: String, moved: registry::Moved) -> Json<AliasMoved> {
    let registry::Moved { version, former, deployed, sequence } = moved;
    let url = predict_url(gateway, &format!("{name}@{alias}"));
    Json(AliasMoved { alias, version, former, deployed, sequence, url })
}

async fn remove(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(OfModelAlias { name, alias }): Place<OfModelAlias>,
) -> Result<Json<Changed>, ApiError> {
    change(&gateway, &asker, &name, ModelCommand::RemoveAlias { alias }).await
}

async fn archive(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(OfModelVersion { name, number }): Place<OfModelVersion>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Json<Changed>, ApiError> {
    change(&gateway, &asker, &name, ModelCommand::Archive { version: counted(&number)? }).await
}

async fn restore(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(OfModelVersion { name, number }): Place<OfModelVersion>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Json<Changed>, ApiError> {
    change(&gateway, &asker, &name, ModelCommand::Restore { version: counted(&number)? }).await
}

/// Numbers are from 1.
fn counted(number: &str) -> Result<u32, ApiError> {
    number.parse().map(NonZeroU32::get).map_err(|_| ApiError::not_found(What::Model))
}

pub(super) async fn change(
    gateway: &Gateway,
    asker: &Asker,
    name: &str,
    command: ModelCommand,
) -> Result<Json<Changed>, ApiError> {
    let aggregate = Aggregate::model_called(&asker.identity.tenant, name);
    let handled = gateway.ask(asker, "model", aggregate, Command::Model(command)).await?;
    let sequence = handled.recorded().map(|recorded| recorded.sequence);
    if let Some(sequence) = sequence {
        gateway.shown(sequence).await?;
    }
    Ok(Json(Changed { sequence }))
}

/// Where what is written so answers; without a public URL, relative to this gateway.
fn predict_url(gateway: &Gateway, written: &str) -> String {
    format!("{}/v1/models/{written}/predict", public_base(gateway))
}
