//! `/v1/jobs/{id}/deploy`: putting a finished job's model behind its endpoint, and taking it away again.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use serde_json::{Value, json};
use trainyard_events::tenant::Role;

use crate::deployment;
use crate::error::ApiError;
use crate::extract::{Body, Nothing};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::route::{Access, Route};

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
    let job = gateway.job(&asker.identity, &reference).await?;
    let sequence = deployment::deploy(&gateway, &asker, &job).await?;
    let endpoint = json!({ "job": job.id, "url": deployment::predict_url(&gateway, &job) });
    Ok(Json(json!({ "endpoint": endpoint, "sequence": sequence })))
}

async fn withdraw(
    State(gateway): State<Gateway>,
    asker: Asker,
    Path(reference): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let job = gateway.job(&asker.identity, &reference).await?;
    let sequence = deployment::withdraw(&gateway, &asker, &job).await?;
    Ok(Json(json!({ "job": { "id": job.id, "number": job.number }, "sequence": sequence })))
}
