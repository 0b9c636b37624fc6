//! `/v1/models`: the catalog.

use axum::Json;
use axum::extract::Path;
use serde::Deserialize;
use serde_json::{Value, json};
use trainyard_assistant::catalog::{self, Model};
use trainyard_events::config::Task;
use trainyard_events::tenant::Role;

use crate::error::ApiError;
use crate::extract::Params;
use crate::route::{Access, Route};

pub(super) fn routes() -> Vec<Route> {
    let viewer = Access::Needs(Role::Viewer);
    vec![
        Route::new(axum::http::Method::GET, "/v1/models", viewer, "Search the model catalog", list)
            .params(&["task", "q"]),
        Route::new(axum::http::Method::GET, "/v1/models/{id}", viewer, "One model of the catalog", one),
    ]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelParams {
    task: Option<Task>,
    q: Option<String>,
}

async fn list(Params(params): Params<ModelParams>) -> Json<Value> {
    let models = catalog::search(params.q.as_deref().unwrap_or_default(), params.task);
    Json(json!({ "models": models.into_iter().map(listed).collect::<Vec<_>>() }))
}

async fn one(Path(id): Path<String>) -> Result<Json<Value>, ApiError> {
    let model = catalog::find(&id).ok_or_else(|| ApiError::not_found("model"))?;
    Ok(Json(json!({ "model": shown(model) })))
}

/// A model among many: without the other ways to write it, which are most of its bytes. `?q=` finds it by them.
fn listed(model: &Model) -> Value {
    let mut listed = shown(model);
    if let Some(fields) = listed.as_object_mut() {
        fields.remove("aliases");
    }
    listed
}

/// The model, and whether it can be trained now or what to choose instead.
fn shown(model: &Model) -> Value {
    let mut shown = json!(model);
    let trainable = catalog::trainable_now(model);
    shown["trainable"] = trainable.is_ok().into();
    shown["note"] = trainable.err().map(|reason| reason.to_string()).into();
    shown
}
