//! `/v1/workers`: who works, as each worker last said itself.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use serde_json::{Value, json};
use trainyard_events::tenant::Role;

use super::{Access, Route};
use crate::auth::Identity;
use crate::gateway::Gateway;

pub(super) fn routes() -> Vec<Route> {
    let viewer = Access::Needs(Role::Viewer);
    vec![Route::new(Method::GET, "/v1/workers", viewer, "The workers and what they run of yours", list)]
}

async fn list(State(gateway): State<Gateway>, identity: Identity) -> Json<Value> {
    let workers = gateway.hub.fleet().borrow().workers(&identity.tenant);
    Json(json!({ "workers": workers }))
}
