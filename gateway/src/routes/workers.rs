//! `/v1/workers`: who works, as each worker last said itself.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use trainyard_api::workers::Fleet;
use trainyard_events::tenant::Role;

use crate::gateway::Gateway;
use crate::identity::Identity;
use crate::route::{Access, Route};

pub(super) fn routes() -> Vec<Route> {
    let viewer = Access::Needs(Role::Viewer);
    let summary = "The workers, what they run of yours, and which of it cannot be reached";
    vec![Route::new(Method::GET, "/v1/workers", viewer, summary, list).answers::<Fleet>()]
}

async fn list(State(gateway): State<Gateway>, identity: Identity) -> Json<Fleet> {
    Json(gateway.hub.fleet().borrow().seen_by(&identity.tenant))
}
