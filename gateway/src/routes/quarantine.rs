//! `/v1/quarantine`: what nobody here can read, and the way out of it.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use trainyard_door::{Skip, SkipError};
use trainyard_events::Aggregate;
use trainyard_events::tenant::Role;
use trainyard_views::Quarantined;

use crate::error::ApiError;
use crate::extract::Body;
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::route::Route;
use crate::tokens::Identity;

/// Characters of the reason that an operator gives.
const REASON_CHARS: usize = 500;

pub(super) fn routes() -> Vec<Route> {
    let reason = json!({
        "type": "object", "required": ["reason"], "properties": { "reason": { "type": "string" } },
    });
    vec![
        Route::read("/v1/quarantine", "Histories with an event that this platform cannot read", list),
        Route::post("/v1/quarantine/{sequence}/skip", "Let what comes after an unreadable event count", skip)
            .needs(Role::Admin)
            .body(reason),
    ]
}

#[derive(Serialize)]
struct Quarantine {
    quarantine: Vec<Row>,
}

/// One aggregate, and the first event of it that cannot be read.
#[derive(Serialize)]
struct Row {
    aggregate: Aggregate,
    #[serde(flatten)]
    by: Quarantined,
}

async fn list(State(gateway): State<Gateway>, identity: Identity) -> Result<Json<Quarantine>, ApiError> {
    let held = gateway.views.quarantined(&identity.tenant).await?;
    let quarantine = held.into_iter().map(|(aggregate, by)| Row { aggregate, by }).collect();
    Ok(Json(Quarantine { quarantine }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Because {
    reason: String,
}

#[derive(Serialize)]
struct Skipped {
    aggregate: Aggregate,
    sequence: u64,
}

async fn skip(
    State(gateway): State<Gateway>,
    asker: Asker,
    Path(sequence): Path<String>,
    Body(Because { reason }): Body<Because>,
) -> Result<(StatusCode, Json<Skipped>), ApiError> {
    if !(1..=REASON_CHARS).contains(&reason.trim().chars().count()) {
        return Err(ApiError::bad_request(
            format!("a reason has 1 to {REASON_CHARS} characters"),
            "say why the event may be skipped: it stands in the log for ever",
        ));
    }
    let sequence = sequence.parse().map_err(|_| none())?;
    let Identity { tenant, .. } = &asker.identity;
    let actor = asker.identity.actor();
    let skip = Skip { id: asker.id("skip"), tenant: tenant.clone(), sequence, actor, reason };
    let recorded = gateway.door.skip(skip).await?;
    let skipped = Skipped { aggregate: recorded.envelope.aggregate, sequence: recorded.sequence };
    Ok((StatusCode::ACCEPTED, Json(skipped)))
}

impl From<SkipError> for ApiError {
    fn from(error: SkipError) -> Self {
        match error {
            SkipError::Handle(error) => error.into(),
            SkipError::Readable(_) | SkipError::NothingWaits(_) => none(),
        }
    }
}

/// Readable, of another tenant, or of nobody: the same answer.
fn none() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "not_found",
        "there is no such event in quarantine",
        "`trainyard events quarantine` lists what can be skipped",
    )
}
