//! `/v1/jobs/{id}/telemetry`: what was measured at the steps of a job, one by one or as curves of some width.

use axum::Json;
use axum::extract::State;
use trainyard_api::place::OfJob;
use trainyard_api::telemetry::{Steps, TelemetryAnswer, TelemetryQuery};

use crate::curve::Curves;
use crate::error::ApiError;
use crate::extract::{Params, Place};
use crate::gateway::Gateway;
use crate::identity::Identity;
use crate::route::Route;

/// Measurements of one answer.
const TELEMETRY_ROWS: usize = 1_000;
/// Points of one curve.
const POINTS_MAX: usize = 10_000;

pub(super) fn routes() -> Vec<Route> {
    let summary = "The job's last step measurements; with `points`, curves of all of them or of some steps";
    vec![
        Route::read("/v1/jobs/{id}/telemetry", summary, telemetry)
            .at::<OfJob>()
            .query::<TelemetryQuery>()
            .answers::<TelemetryAnswer>(),
    ]
}

async fn telemetry(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(OfJob { id }): Place<OfJob>,
    Params(query): Params<TelemetryQuery>,
) -> Result<Json<TelemetryAnswer>, ApiError> {
    let job = gateway.job(&identity, &id).await?;
    let stream = gateway.bus.telemetry();
    let Some(points) = query.points else {
        let limit = query.limit.map_or(TELEMETRY_ROWS, |limit| limit as usize).clamp(1, TELEMETRY_ROWS);
        let telemetry = stream.history(&identity.tenant, job.id, limit).await?;
        return Ok(Json(TelemetryAnswer::Steps(Steps { telemetry })));
    };
    let steps = (query.from.unwrap_or(0), query.to.unwrap_or(u64::MAX));
    let mut curves = Curves::new(steps.0, steps.1, (points as usize).min(POINTS_MAX));
    stream.each(&identity.tenant, job.id, |telemetry| curves.push(telemetry)).await?;
    Ok(Json(TelemetryAnswer::Curves(curves.told())))
}
