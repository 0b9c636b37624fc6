//! `/v1/jobs/{id}/deploy`: putting a finished job's model behind its endpoint, and taking it away again.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use serde_json::{Value, json};
use trainyard_commands::endpoint::EndpointCommand;
use trainyard_commands::{Command, Handled};
use trainyard_events::Aggregate;
use trainyard_events::tenant::Role;
use trainyard_projections::{JobRow, JobStatus};

use super::{Access, Route, find_job};
use crate::error::ApiError;
use crate::extract::{Body, Nothing};
use crate::gateway::Gateway;
use crate::idempotency::Asker;

pub(super) fn routes() -> Vec<Route> {
    let editor = Access::Needs(Role::Editor);
    vec![
        Route::post("/v1/jobs/{id}/deploy", "Let the job's model answer", deploy_job)
            .body(json!({ "type": "object" })),
        Route::new(
            Method::DELETE,
            "/v1/jobs/{id}/deploy",
            editor,
            "Stop the job's model answering",
            withdraw,
        ),
    ]
}

async fn deploy_job(
    State(gateway): State<Gateway>,
    asker: Asker,
    Path(reference): Path<String>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Json<Value>, ApiError> {
    let job = find_job(&gateway, &asker.identity, &reference).await?;
    let sequence = deploy(&gateway, &asker, &job).await?;
    let endpoint = json!({ "job": job.id, "url": predict_url(&gateway, &job) });
    Ok(Json(json!({ "endpoint": endpoint, "sequence": sequence })))
}

/// Deploys a finished job, and waits a moment until the endpoint is known everywhere.
pub(crate) async fn deploy(gateway: &Gateway, asker: &Asker, job: &JobRow) -> Result<Option<u64>, ApiError> {
    let weights = job.artifacts.iter().find(|artifact| artifact.role == "weights");
    let Some(weights) = weights.filter(|_| job.status == JobStatus::Finished) else {
        return Err(ApiError::conflict(
            "job_not_finished",
            format!("job {} has no model yet", job.number),
            "wait until it has finished, then deploy it",
        ));
    };
    let deploy = EndpointCommand::Deploy { weights: weights.clone(), classes: job.classes.clone() };
    let handled =
        gateway.ask(asker, "deploy", Aggregate::Endpoint(job.id), Command::Endpoint(deploy)).await?;
    shown(gateway, handled).await
}

async fn withdraw(
    State(gateway): State<Gateway>,
    asker: Asker,
    Path(reference): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let job = find_job(&gateway, &asker.identity, &reference).await?;
    let withdraw = Command::Endpoint(EndpointCommand::Withdraw);
    let handled = gateway.ask(&asker, "withdraw", Aggregate::Endpoint(job.id), withdraw).await?;
    let sequence = shown(&gateway, handled).await?;
    Ok(Json(json!({ "job": { "id": job.id, "number": job.number }, "sequence": sequence })))
}

async fn shown(gateway: &Gateway, handled: Handled) -> Result<Option<u64>, ApiError> {
    let sequence = handled.recorded().map(|recorded| recorded.sequence);
    if let Some(sequence) = sequence {
        gateway.shown(sequence).await?;
    }
    Ok(sequence)
}

/// Where the job's model answers; without a public URL, relative to this gateway.
pub(crate) fn predict_url(gateway: &Gateway, job: &JobRow) -> String {
    let base = gateway.config.public_url.as_deref().unwrap_or_default().trim_end_matches('/');
    format!("{base}/inference/{}/predict", job.id)
}
