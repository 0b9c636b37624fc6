//! `/v1/quarantine`: what nobody here can read, and the way out of it.

use std::num::NonZeroU64;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use trainyard_api::place::OfEvent;
use trainyard_api::quarantine::{Because, Held, Quarantine, Skipped};
use trainyard_api::{Code, Problem};
use trainyard_door::{Skip, SkipError};
use trainyard_events::tenant::Role;

use crate::error::ApiError;
use crate::extract::{Body, Place};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::identity::Identity;
use crate::route::Route;

/// Characters of the reason that an operator gives.
const REASON_CHARS: usize = 500;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::read("/v1/quarantine", "Histories with an event that this platform cannot read", list)
            .answers::<Quarantine>(),
        Route::post("/v1/quarantine/{sequence}/skip", "Let what comes after an unreadable event count", skip)
            .needs(Role::Admin)
            .at::<OfEvent>()
            .takes::<Because>()
            .answers::<Skipped>()
            .with(StatusCode::ACCEPTED)
            .refuses(&[Code::NotFound, Code::Refused]),
    ]
}

async fn list(State(gateway): State<Gateway>, identity: Identity) -> Result<Json<Quarantine>, ApiError> {
    let held = gateway.views.quarantined(&identity.tenant).await?;
    let quarantine = held.into_iter().map(|(aggregate, by)| Held { aggregate, by }).collect();
    Ok(Json(Quarantine { quarantine }))
}

async fn skip(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(OfEvent { sequence }): Place<OfEvent>,
    Body(Because { reason }): Body<Because>,
) -> Result<(StatusCode, Json<Skipped>), ApiError> {
    if !(1..=REASON_CHARS).contains(&reason.trim().chars().count()) {
        return Err(Problem::BadReason { chars_max: REASON_CHARS }.into());
    }
    let sequence = sequence.parse::<NonZeroU64>().map_err(|_| none())?.get();
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
    Problem::NotQuarantined.into()
}
