//! `/v1/datasets`: what was named, what the fleet found there, and asking it to look.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use trainyard_api::datasets::{
    DatasetAnswer, DatasetList, DatasetQuery, DatasetRef, DatasetRegistered, LookAnswer, NewDataset,
};
use trainyard_api::page::PageQuery;
use trainyard_api::place::ById;
use trainyard_api::{Code, Problem};
use trainyard_commands::dataset::DatasetCommand;
use trainyard_commands::{Command, Rejection};
use trainyard_events::Aggregate;
use trainyard_events::config::Task;
use trainyard_events::dataset::DatasetSource;
use trainyard_events::results::Artifact;
use trainyard_projections::Rows;
use trainyard_store::blob_key;
use trainyard_views::DatasetStatus;

use crate::error::ApiError;
use crate::extract::{Body, Params, Place, page_of};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::identity::Identity;
use crate::route::Route;
use crate::told::Told;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::read("/v1/datasets", "List datasets, the most recently changed first", list)
            .query::<DatasetQuery>()
            .answers::<DatasetList>(),
        Route::read("/v1/datasets/{id}", "One dataset: its profile, or what is wrong with it", one)
            .at::<ById>()
            .answers::<DatasetAnswer>(),
        Route::read("/v1/datasets/{id}/look", "How far the look at a dataset is", look)
            .at::<ById>()
            .answers::<LookAnswer>(),
        Route::post("/v1/datasets", "Have the fleet look at a dataset", register)
            .takes::<NewDataset>()
            .answers::<DatasetRegistered>()
            .with(StatusCode::ACCEPTED)
            .refuses(&[
                Code::BadPath,
                Code::Refused,
                Code::NotFound,
                Code::DatasetArchived,
                Code::DatasetPending,
            ]),
    ]
}

async fn list(
    State(gateway): State<Gateway>,
    identity: Identity,
    Params(DatasetQuery { limit, before, archived, q }): Params<DatasetQuery>,
) -> Result<Told<DatasetList>, ApiError> {
    let page = page_of(&PageQuery { limit, before });
    let Rows { rows, next } = gateway.views.datasets(&identity.tenant, archived, q.as_deref(), page).await?;
    Ok(Told(DatasetList { datasets: rows, next }))
}

async fn one(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(ById { id }): Place<ById>,
) -> Result<Told<DatasetAnswer>, ApiError> {
    let dataset = gateway.dataset(&identity, &id).await?;
    Ok(Told(DatasetAnswer { dataset }))
}

async fn look(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(ById { id }): Place<ById>,
) -> Result<Json<LookAnswer>, ApiError> {
    let dataset = gateway.dataset(&identity, &id).await?;
    if dataset.status != DatasetStatus::Pending {
        return Ok(Json(LookAnswer { looked: None }));
    }
    let told = gateway.bus.telemetry().look(&identity.tenant, dataset.id).await?;
    // Of an earlier registration it says nothing.
    let looked = told.filter(|told| told.inspection == dataset.inspection).map(|told| told.looked);
    Ok(Json(LookAnswer { looked }))
}

async fn register(
    State(gateway): State<Gateway>,
    asker: Asker,
    Body(new): Body<NewDataset>,
) -> Result<(StatusCode, Json<DatasetRegistered>), ApiError> {
    let id = Aggregate::dataset_id(&asker.identity.tenant, &new.path);
    let task = new.task.unwrap_or(Task::Classify);
    let source = match (new.files, new.url) {
        (Some(sha256), None) if new.sha256.is_none() => {
            DatasetSource::Files { list: uploaded(&gateway, &asker.identity, sha256).await? }
        }
        (None, Some(url)) => DatasetSource::at(&url, new.sha256).ok_or(Rejection::BadAddress)?,
        (None, None) if new.sha256.is_none() => DatasetSource::Path,
        // One place, and a hash of what is fetched.
        _ => return Err(Rejection::BadAddress.into()),
    };
    let register = DatasetCommand::Register { path: new.path, task, source, again: true };
    let handled = gateway.ask(&asker, "register", Aggregate::Dataset(id), Command::Dataset(register)).await?;
    let sequence = handled.recorded().map(|recorded| recorded.sequence);
    let answer = DatasetRegistered { dataset: DatasetRef { id }, sequence };
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

/// The list of a dataset's files, which has to be in the store.
async fn uploaded(gateway: &Gateway, identity: &Identity, sha256: String) -> Result<Artifact, ApiError> {
    let key = blob_key(identity.tenant.as_str(), &sha256)
        .map_err(|_| Problem::NoSuchBlob { sha256: sha256.clone() })?;
    match gateway.store.bytes_of(&key).await? {
        Some(bytes) => Ok(Artifact { role: "files".to_owned(), key, sha256, bytes }),
        None => Err(Problem::NoSuchBlob { sha256 }.into()),
    }
}
