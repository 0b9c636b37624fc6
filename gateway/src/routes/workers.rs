//! `/v1/workers`: who works, as each worker last said itself.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use serde_json::Value;
use trainyard_events::tenant::Role;

use crate::gateway::Gateway;
use crate::route::{Access, Route};
use crate::tokens::Identity;

pub(super) fn routes() -> Vec<Route> {
    let viewer = Access::Needs(Role::Viewer);
    vec![Route::new(
        Method::GET,
        "/v1/workers",
        viewer,
        "The workers, what they run of yours, and which of it cannot be reached",
        list,
    )]
}

async fn list(State(gateway): State<Gateway>, identity: Identity) -> Json<Value> {
    Json(gateway.hub.fleet().borrow().rows(&identity.tenant))
}
