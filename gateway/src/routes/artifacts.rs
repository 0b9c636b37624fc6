//! `/v1/{jobs,datasets}/{id}/artifacts`: what a finished job, or a look into a dataset, left behind, straight from the
//! store.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use trainyard_api::Code;
use trainyard_api::artifacts::{ArtifactLink, ArtifactList, ArtifactQuery};
use trainyard_api::error::What;
use trainyard_api::place::{ByHash, ById, OfDatasetArtifact, OfJob, OfJobArtifact, OfVersion};
use trainyard_events::limits::DATASET_ARTIFACT_BYTES;
use trainyard_events::results::Artifact;
use trainyard_store::StoreError;
use trainyard_views::DatasetRow;

use crate::error::ApiError;
use crate::extract::{Params, Place};
use crate::gateway::Gateway;
use crate::identity::Identity;
use crate::route::Route;

const HASH_HEADER: &str = "x-trainyard-sha256";
/// What is asked for by its hash never changes. It is kept by the browser of who may see it, and by nobody between.
pub(super) const KEEP: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");
/// Should somebody open one in a browser: nothing in it runs.
pub(super) const POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; img-src 'self'; sandbox");

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::read("/v1/jobs/{id}/artifacts", "What the job left behind", of_job)
            .at::<OfJob>()
            .answers::<ArtifactList>(),
        Route::read("/v1/jobs/{id}/artifacts/{role}", "The bytes of an artifact", bytes_of_job)
            .at::<OfJobArtifact>()
            .query::<ArtifactQuery>()
            .serves("*/*")
            .refuses(&[Code::ArtifactGone]),
        Route::read(
            "/v1/datasets/{id}/artifacts",
            "What shows the dataset: images and their labels",
            of_dataset,
        )
        .at::<ById>()
        .answers::<ArtifactList>(),
        Route::read(
            "/v1/datasets/{id}/artifacts/{role}",
            "The bytes of what shows a dataset",
            bytes_of_dataset,
        )
        .at::<OfDatasetArtifact>()
        .query::<ArtifactQuery>()
        .serves("*/*")
        .refuses(&[Code::ArtifactGone]),
        Route::read(
            "/v1/datasets/{id}/versions/{number}",
            "The manifest of a version: a line of JSON about the whole, then one about each image",
            manifest,
        )
        .at::<OfVersion>()
        .serves("*/*")
        .refuses(&[Code::ArtifactGone]),
        Route::read("/v1/blobs/{sha256}", "A file of a dataset in the store", blob)
            .at::<ByHash>()
            .serves("*/*")
            .refuses(&[Code::ArtifactGone]),
    ]
}

async fn of_job(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(OfJob { id: reference }): Place<OfJob>,
) -> Result<Json<ArtifactList>, ApiError> {
    let job = gateway.job(&identity, &reference).await?;
    Ok(list(&format!("/v1/jobs/{}", job.id), &job.artifacts))
}

async fn of_dataset(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(ById { id }): Place<ById>,
) -> Result<Json<ArtifactList>, ApiError> {
    let row = gateway.dataset(&identity, &id).await?;
    Ok(list(&format!("/v1/datasets/{}", row.id), &shown_of(row)))
}

fn list(owner: &str, artifacts: &[Artifact]) -> Json<ArtifactList> {
    let link = |Artifact { role, key, sha256, bytes }: &Artifact| ArtifactLink {
        url: format!("{owner}/artifacts/{role}?sha256={sha256}"),
        role: role.clone(),
        name: file_name(key).to_owned(),
        sha256: sha256.clone(),
        bytes: *bytes,
    };
    Json(ArtifactList { artifacts: artifacts.iter().map(link).collect() })
}

/// Those that lie where the dataset's own do: an id belongs to one tenant, so nothing of another's can be named here.
fn shown_of(row: DatasetRow) -> Vec<Artifact> {
    let own = format!("datasets/{}/", row.id);
    row.artifacts.into_iter().filter(|artifact| artifact.key.starts_with(&own)).collect()
}

async fn bytes_of_job(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(OfJobArtifact { id, role }): Place<OfJobArtifact>,
    Params(query): Params<ArtifactQuery>,
) -> Result<Response, ApiError> {
    let artifact = gateway.found(What::Artifact, || async {
        let job = gateway.look_for_job(&identity, &id).await?;
        Ok(job.and_then(|job| wanted(job.artifacts, &role, &query)))
    });
    bytes(&gateway, &artifact.await?, query.sha256.is_some(), u64::MAX).await
}

async fn bytes_of_dataset(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(OfDatasetArtifact { id, role }): Place<OfDatasetArtifact>,
    Params(query): Params<ArtifactQuery>,
) -> Result<Response, ApiError> {
    let artifact = gateway.found(What::Artifact, || async {
        let row = gateway.look_for_dataset(&identity, &id).await?;
        Ok(row.and_then(|row| wanted(shown_of(row), &role, &query)))
    });
    bytes(&gateway, &artifact.await?, query.sha256.is_some(), DATASET_ARTIFACT_BYTES).await
}

async fn manifest(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(OfVersion { id, number }): Place<OfVersion>,
) -> Result<Response, ApiError> {
    let version = gateway.found(What::Artifact, || async {
        let row = gateway.look_for_dataset(&identity, &id).await?;
        let versions = row.map(|row| row.versions).unwrap_or_default();
        Ok(versions.into_iter().find(|version| version.number.to_string() == number))
    });
    bytes(&gateway, &version.await?.manifest, true, u64::MAX).await
}

/// What another tenant has uploaded is not there.
async fn blob(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(ByHash { sha256 }): Place<ByHash>,
) -> Result<Response, ApiError> {
    let key = super::blobs::key(&identity, &sha256).map_err(|_| ApiError::not_found(What::Artifact))?;
    let length = gateway.store.bytes_of(&key).await?.ok_or_else(|| ApiError::not_found(What::Artifact))?;
    let artifact = Artifact { role: "file".to_owned(), key, sha256, bytes: length };
    bytes(&gateway, &artifact, true, u64::MAX).await
}

fn wanted(artifacts: Vec<Artifact>, role: &str, query: &ArtifactQuery) -> Option<Artifact> {
    let is_wanted = |artifact: &Artifact| {
        artifact.role == role && query.sha256.as_ref().is_none_or(|sha256| *sha256 == artifact.sha256)
    };
    artifacts.into_iter().find(is_wanted)
}

/// `by_hash` says that they were asked for so.
async fn bytes(
    gateway: &Gateway,
    artifact: &Artifact,
    by_hash: bool,
    limit: u64,
) -> Result<Response, ApiError> {
    let (length, content) = gateway.store.stream(&artifact.key, &artifact.sha256).await?;
    if length > limit {
        return Err(StoreError::TooLarge { key: artifact.key.clone(), bytes: length, limit }.into());
    }
    let name = file_name(&artifact.key);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type(name))),
        (header::CONTENT_LENGTH, HeaderValue::from(length)),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    let text = |text: String| {
        HeaderValue::from_str(&text).map_err(|_| ApiError::internal("an artifact has an impossible name"))
    };
    let mut response = (headers, Body::from_stream(content)).into_response();
    let named = text(format!("inline; filename=\"{}\"", name.replace('"', "")))?;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, named);
    if by_hash {
        response.headers_mut().insert(header::CACHE_CONTROL, KEEP);
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("authorization"));
    }
    response.headers_mut().insert(HASH_HEADER, text(artifact.sha256.clone())?);
    Ok(response)
}

fn file_name(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("json") => "application/json",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("txt" | "log" | "csv") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
