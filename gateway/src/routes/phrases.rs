//! `/v1/phrases`: what the platform writes and refuses by itself, and the same in Korean, for pages that show it.

use axum::Json;
use axum::http::Method;
use serde_json::{Value, json};

use crate::korean::phrases;
use crate::route::{Access, Route};

/// Open, as the description of the routes is: it holds nothing of a tenant, and a page must be able to say what went wrong
/// where tokens cannot be looked up.
pub(super) fn routes() -> Vec<Route> {
    let summary =
        "The platform's own reasons and errors and their Korean; `{}` is what varies, `{0}` where it goes";
    vec![Route::new(Method::GET, "/v1/phrases", Access::Open, summary, list)]
}

async fn list() -> Json<Value> {
    Json(json!({ "phrases": phrases().collect::<Vec<_>>() }))
}
