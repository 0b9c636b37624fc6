//! `/v1/datasets/{id}`: what becomes of a dataset that is there: its tags, putting it away, and deleting it.

use std::num::NonZeroU32;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use trainyard_api::datasets::NewTag;
use trainyard_api::error::What;
use trainyard_api::page::Changed;
use trainyard_api::place::{ById, OfTag, OfVersion};
use trainyard_api::{Code, Problem};
use trainyard_commands::Command;
use trainyard_commands::dataset::DatasetCommand;
use trainyard_events::Aggregate;
use trainyard_events::dataset::parted;
use trainyard_events::tenant::Role;
use trainyard_views::{DatasetRow, JobRow};

use crate::error::ApiError;
use crate::extract::{Body, Place};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::route::{Access, Route};

/// Jobs on one dataset that are looked at before it is deleted; with more, some are named and it is refused anyway.
const JOBS: u32 = 200;

pub(super) fn routes() -> Vec<Route> {
    let editor = Access::Needs(Role::Editor);
    vec![
        Route::new(Method::PUT, "/v1/datasets/{id}/tags/{tag}", editor, "Have a tag name a version", tag)
            .at::<OfTag>()
            .takes::<NewTag>()
            .answers::<Changed>()
            .refuses(&[Code::BadTag, Code::Refused, Code::NotFound]),
        Route::new(Method::DELETE, "/v1/datasets/{id}/tags/{tag}", editor, "Remove a tag", untag)
            .at::<OfTag>()
            .answers::<Changed>()
            .refuses(&[Code::NotFound]),
        Route::post(
            "/v1/datasets/{id}/archive",
            "Put a dataset away: no job is begun on it any more",
            archive,
        )
        .at::<ById>()
        .answers::<Changed>()
        .refuses(&[Code::NotFound]),
        Route::post("/v1/datasets/{id}/restore", "Take an archived dataset out again", restore)
            .at::<ById>()
            .answers::<Changed>()
            .refuses(&[Code::NotFound]),
        Route::new(
            Method::DELETE,
            "/v1/datasets/{id}",
            editor,
            "Delete a dataset with all its versions",
            delete,
        )
        .at::<ById>()
        .answers::<Changed>()
        .refuses(&[Code::NotFound, Code::DatasetInUse]),
        Route::new(
            Method::DELETE,
            "/v1/datasets/{id}/versions/{number}",
            editor,
            "Delete one version of a dataset",
            delete_version,
        )
        .at::<OfVersion>()
        .answers::<Changed>()
        .refuses(&[Code::NotFound, Code::DatasetInUse]),
    ]
}

async fn tag(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(OfTag { id, tag }): Place<OfTag>,
    Body(NewTag { version }): Body<NewTag>,
) -> Result<Json<Changed>, ApiError> {
    let row = gateway.dataset(&asker.identity, &id).await?;
    change(&gateway, &asker, &row, DatasetCommand::Tag { tag, version }).await
}

async fn untag(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(OfTag { id, tag }): Place<OfTag>,
) -> Result<Json<Changed>, ApiError> {
    let row = gateway.dataset(&asker.identity, &id).await?;
    change(&gateway, &asker, &row, DatasetCommand::Untag { tag }).await
}

async fn archive(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(ById { id }): Place<ById>,
) -> Result<Json<Changed>, ApiError> {
    let row = gateway.dataset(&asker.identity, &id).await?;
    change(&gateway, &asker, &row, DatasetCommand::Archive).await
}

async fn restore(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(ById { id }): Place<ById>,
) -> Result<Json<Changed>, ApiError> {
    let row = gateway.dataset(&asker.identity, &id).await?;
    change(&gateway, &asker, &row, DatasetCommand::Restore).await
}

async fn delete(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(ById { id }): Place<ById>,
) -> Result<Json<Changed>, ApiError> {
    let row = gateway.dataset(&asker.identity, &id).await?;
    unless_needed(&gateway, &asker, &row, None).await?;
    change(&gateway, &asker, &row, DatasetCommand::Delete { version: None }).await
}

async fn delete_version(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(OfVersion { id, number }): Place<OfVersion>,
) -> Result<Json<Changed>, ApiError> {
    let row = gateway.dataset(&asker.identity, &id).await?;
    // Numbers are from 1.
    let version: NonZeroU32 = number.parse().map_err(|_| ApiError::not_found(What::Artifact))?;
    let version = version.get();
    unless_needed(&gateway, &asker, &row, Some(version)).await?;
    change(&gateway, &asker, &row, DatasetCommand::Delete { version: Some(version) }).await
}

async fn change(
    gateway: &Gateway,
    asker: &Asker,
    row: &DatasetRow,
    command: DatasetCommand,
) -> Result<Json<Changed>, ApiError> {
    let (aggregate, command) = (Aggregate::Dataset(row.id), Command::Dataset(command));
    let recorded = gateway.ask(asker, "dataset", aggregate, command).await?.recorded();
    Ok(Json(Changed { sequence: recorded.map(|recorded| recorded.sequence) }))
}

/// Refused while a job that has not ended needs what is to be deleted, of all that the log has by now. One that is
/// requested in the same moment is refused its dataset before it begins, and what it names stays in the store until it
/// has ended.
async fn unless_needed(
    gateway: &Gateway,
    asker: &Asker,
    row: &DatasetRow,
    version: Option<u32>,
) -> Result<(), ApiError> {
    let tenant = &asker.identity.tenant;
    let open =
        gateway.after_the_log(|| async { Ok(Some(gateway.views.open_jobs_on(tenant, row.id, JOBS).await?)) });
    let open = open.await?.unwrap_or_default();
    let newest = row.versions.last().map(|version| version.number);
    let needs = |job: &&JobRow| {
        let named = job.config.dataset.as_deref().and_then(|written| parted(written).1);
        version.is_none() || named.or(newest) == version
    };
    let jobs: Vec<u64> = open.iter().filter(needs).map(|job| job.number).collect();
    if jobs.is_empty() { Ok(()) } else { Err(Problem::DatasetInUse { jobs }.into()) }
}
