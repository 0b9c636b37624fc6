//! `/v1/quota`: how much the tenant may run, and how much of that it uses.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use trainyard_commands::Command;
use trainyard_commands::tenant::TenantCommand;
use trainyard_events::Aggregate;
use trainyard_events::tenant::Role;

use crate::error::ApiError;
use crate::extract::Body;
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::route::{Access, Route};
use crate::tokens::Identity;

pub(super) fn routes() -> Vec<Route> {
    let limit = |what| json!({ "type": ["integer", "null"], "minimum": 0, "description": what });
    let new = json!({
        "type": "object",
        "description": "Both limits; one that is left out or null is none",
        "properties": {
            "concurrent_jobs": limit("Jobs that run at once or are on the work queue"),
            "gpu_hours": limit("Hours on the GPU pool, counted since there is a quota"),
        },
    });
    vec![
        Route::read("/v1/quota", "The tenant's quota, and how much of it is used", show),
        Route::new(
            Method::PUT,
            "/v1/quota",
            Access::Needs(Role::Admin),
            "Set the tenant's quota; what runs goes on",
            set,
        )
        .body(new),
    ]
}

async fn show(State(gateway): State<Gateway>, identity: Identity) -> Result<Json<Value>, ApiError> {
    let tenant =
        gateway.views.tenant(&identity.tenant).await?.ok_or_else(|| ApiError::not_found("tenant"))?;
    Ok(Json(json!({
        "quota": { "concurrent_jobs": tenant.concurrent_jobs, "gpu_hours": tenant.gpu_hours },
        "use": { "concurrent_jobs": tenant.slots.len(), "jobs": tenant.slots, "gpu_seconds": tenant.gpu_ms / 1_000 },
    })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewQuota {
    concurrent_jobs: Option<u32>,
    gpu_hours: Option<u32>,
}

async fn set(
    State(gateway): State<Gateway>,
    asker: Asker,
    Body(NewQuota { concurrent_jobs, gpu_hours }): Body<NewQuota>,
) -> Result<Json<Value>, ApiError> {
    let tenant = Aggregate::Tenant(asker.identity.tenant.clone());
    let set = Command::Tenant(TenantCommand::SetQuota { concurrent_jobs, gpu_hours });
    let recorded = gateway.ask(&asker, "quota", tenant, set).await?.recorded();
    let quota = json!({ "concurrent_jobs": concurrent_jobs, "gpu_hours": gpu_hours });
    Ok(Json(json!({ "quota": quota, "sequence": recorded.map(|recorded| recorded.sequence) })))
}
