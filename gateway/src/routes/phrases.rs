//! `/v1/phrases`: the platform's own reasons, as the log has them and in Korean, for pages that show them.

use axum::Json;
use axum::http::Method;
use serde_json::{Value, json};
use trainyard_events::tenant::Role;

use crate::chat::korean::PHRASES;
use crate::route::{Access, Route};

pub(super) fn routes() -> Vec<Route> {
    let summary = "The platform's own reasons and their Korean; `{}` is what varies, `{0}` where it goes";
    vec![Route::new(Method::GET, "/v1/phrases", Access::Needs(Role::Viewer), summary, list)]
}

async fn list() -> Json<Value> {
    Json(json!({ "phrases": PHRASES }))
}
