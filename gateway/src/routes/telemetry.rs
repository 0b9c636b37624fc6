//! `/v1/jobs/{id}/telemetry`: what was measured at the steps of a job, one by one or as curves of some width.

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::curve::Curves;
use crate::error::ApiError;
use crate::extract::Params;
use crate::gateway::Gateway;
use crate::route::Route;
use crate::tokens::Identity;

/// Measurements of one answer.
const TELEMETRY_ROWS: usize = 1_000;
/// Points of one curve.
const POINTS_MAX: usize = 10_000;

pub(super) fn routes() -> Vec<Route> {
    let summary = "The job's last step measurements; with `points`, curves of all of them or of some steps";
    vec![
        Route::read("/v1/jobs/{id}/telemetry", summary, telemetry).params(&["limit", "points", "from", "to"]),
    ]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TelemetryParams {
    limit: Option<usize>,
    points: Option<usize>,
    /// Steps, both included.
    from: Option<u64>,
    to: Option<u64>,
}

async fn telemetry(
    State(gateway): State<Gateway>,
    identity: Identity,
    Path(reference): Path<String>,
    Params(params): Params<TelemetryParams>,
) -> Result<Json<Value>, ApiError> {
    let job = gateway.job(&identity, &reference).await?;
    let stream = gateway.bus.telemetry();
    let Some(points) = params.points else {
        let limit = params.limit.unwrap_or(TELEMETRY_ROWS).clamp(1, TELEMETRY_ROWS);
        let telemetry = stream.history(&identity.tenant, job.id, limit).await?;
        return Ok(Json(json!({ "telemetry": telemetry })));
    };
    let steps = (params.from.unwrap_or(0), params.to.unwrap_or(u64::MAX));
    let mut curves = Curves::new(steps.0, steps.1, points.min(POINTS_MAX));
    stream.each(&identity.tenant, job.id, |telemetry| curves.push(telemetry)).await?;
    Ok(Json(curves.told()))
}
