//! `/v1/{jobs,datasets}/{id}/artifacts`: what a finished job, or a look into a dataset, left behind, straight from the
//! store.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use trainyard_events::limits::DATASET_ARTIFACT_BYTES;
use trainyard_events::results::Artifact;
use trainyard_store::StoreError;
use trainyard_views::DatasetRow;

use crate::error::ApiError;
use crate::extract::Params;
use crate::gateway::Gateway;
use crate::route::Route;
use crate::tokens::Identity;

const HASH_HEADER: &str = "x-trainyard-sha256";
/// What is asked for by its hash never changes. It is kept by the browser of who may see it, and by nobody between.
const KEEP: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");
/// Should somebody open one in a browser: nothing in it runs.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; img-src 'self'; sandbox");

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::read("/v1/jobs/{id}/artifacts", "What the job left behind", of_job),
        Route::read("/v1/jobs/{id}/artifacts/{role}", "The bytes of an artifact", bytes_of_job)
            .params(&["sha256"]),
        Route::read(
            "/v1/datasets/{id}/artifacts",
            "What shows the dataset: images and their labels",
            of_dataset,
        ),
        Route::read(
            "/v1/datasets/{id}/artifacts/{role}",
            "The bytes of what shows a dataset",
            bytes_of_dataset,
        )
        .params(&["sha256"]),
    ]
}

async fn of_job(
    State(gateway): State<Gateway>,
    identity: Identity,
    Path(reference): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let job = gateway.job(&identity, &reference).await?;
    Ok(list(&format!("/v1/jobs/{}", job.id), &job.artifacts))
}

async fn of_dataset(
    State(gateway): State<Gateway>,
    identity: Identity,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let row = gateway.dataset(&identity, &id).await?;
    Ok(list(&format!("/v1/datasets/{}", row.id), &shown_of(row)))
}

fn list(owner: &str, artifacts: &[Artifact]) -> Json<Value> {
    let shown = artifacts.iter().map(|artifact| {
        let Artifact { role, key, sha256, bytes } = artifact;
        let url = format!("{owner}/artifacts/{role}?sha256={sha256}");
        json!({ "role": role, "name": file_name(key), "sha256": sha256, "bytes": bytes, "url": url })
    });
    Json(json!({ "artifacts": shown.collect::<Vec<_>>() }))
}

/// Those that lie where the dataset's own do: an id belongs to one tenant, so nothing of another's can be named here.
fn shown_of(row: DatasetRow) -> Vec<Artifact> {
    let own = format!("datasets/{}/", row.id);
    row.artifacts.into_iter().filter(|artifact| artifact.key.starts_with(&own)).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArtifactParams {
    /// Which one, where a role has several.
    sha256: Option<String>,
}

async fn bytes_of_job(
    State(gateway): State<Gateway>,
    identity: Identity,
    Path((reference, role)): Path<(String, String)>,
    Params(params): Params<ArtifactParams>,
) -> Result<Response, ApiError> {
    let job = gateway.job(&identity, &reference).await?;
    bytes(&gateway, &job.artifacts, &role, params, u64::MAX).await
}

async fn bytes_of_dataset(
    State(gateway): State<Gateway>,
    identity: Identity,
    Path((id, role)): Path<(String, String)>,
    Params(params): Params<ArtifactParams>,
) -> Result<Response, ApiError> {
    let shown = shown_of(gateway.dataset(&identity, &id).await?);
    bytes(&gateway, &shown, &role, params, DATASET_ARTIFACT_BYTES).await
}

async fn bytes(
    gateway: &Gateway,
    artifacts: &[Artifact],
    role: &str,
    params: ArtifactParams,
    limit: u64,
) -> Result<Response, ApiError> {
    let wanted = |artifact: &&Artifact| {
        artifact.role == role && params.sha256.as_ref().is_none_or(|sha256| *sha256 == artifact.sha256)
    };
    let artifact = artifacts.iter().find(wanted).ok_or_else(|| ApiError::not_found("artifact"))?;
    let (length, content) = gateway.store.stream(&artifact.key).await?;
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
    if params.sha256.is_some() {
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

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing { .. } => ApiError::new(
                axum::http::StatusCode::GONE,
                "artifact_gone",
                error.to_string(),
                "the artifact was collected; train or look at the dataset again to have it back",
            ),
            StoreError::Unavailable(_) => ApiError::unavailable(error.to_string()),
            _ => ApiError::internal(error.to_string()),
        }
    }
}
