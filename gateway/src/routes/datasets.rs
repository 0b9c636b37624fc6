//! `/v1/datasets`: what was named, what the fleet found there, and asking it to look.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use trainyard_commands::Command;
use trainyard_commands::dataset::DatasetCommand;
use trainyard_events::Aggregate;
use trainyard_events::config::Task;
use trainyard_projections::Rows;

use crate::error::ApiError;
use crate::extract::{Body, PageParams, Params};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::route::Route;
use crate::tokens::Identity;

pub(super) fn routes() -> Vec<Route> {
    let new = json!({
        "type": "object",
        "required": ["path"],
        "properties": {
            "path": { "type": "string" },
            "task": { "enum": ["classify", "detect", "segment", "pose"], "default": "classify" },
        },
    });
    vec![
        Route::read("/v1/datasets", "List datasets, the most recently changed first", list)
            .params(&["before", "limit"]),
        Route::read("/v1/datasets/{id}", "One dataset: its profile, or what is wrong with it", one),
        Route::post("/v1/datasets", "Have the fleet look at a dataset", register).body(new),
    ]
}

async fn list(
    State(gateway): State<Gateway>,
    identity: Identity,
    Params(params): Params<PageParams>,
) -> Result<Json<Value>, ApiError> {
    let Rows { rows, next } = gateway.views.datasets(&identity.tenant, params.page()).await?;
    Ok(Json(json!({ "datasets": rows, "next": next })))
}

async fn one(
    State(gateway): State<Gateway>,
    identity: Identity,
    Path(dataset): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let dataset = gateway.dataset(&identity, &dataset).await?;
    Ok(Json(json!({ "dataset": dataset })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewDataset {
    path: String,
    task: Option<Task>,
}

async fn register(
    State(gateway): State<Gateway>,
    asker: Asker,
    Body(new): Body<NewDataset>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let dataset = Aggregate::dataset_at(&asker.identity.tenant, &new.path);
    let task = new.task.unwrap_or(Task::Classify);
    let register = DatasetCommand::Register { path: new.path, task, again: true };
    let handled = gateway.ask(&asker, "register", dataset.clone(), Command::Dataset(register)).await?;
    let sequence = handled.recorded().map(|recorded| recorded.sequence);
    let answer = json!({ "dataset": { "id": dataset.id() }, "sequence": sequence });
    Ok((StatusCode::ACCEPTED, Json(answer)))
}
