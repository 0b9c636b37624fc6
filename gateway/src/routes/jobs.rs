//! `/v1/jobs`: asking for a training without a conversation, watching it, stopping it.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use trainyard_commands::Command;
use trainyard_commands::job::JobCommand;
use trainyard_events::reason::Ending;
use trainyard_events::{Aggregate, limits};
use trainyard_projections::{JobFilter, Rows};
use trainyard_views::JobStatus;
use uuid::Uuid;

use super::activity;
use crate::chat::{continuation, order};
use crate::error::ApiError;
use crate::extract::{Body, Nothing, Params, Preferred, page};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::route::Route;
use crate::tokens::Identity;
use crate::waiting;

pub(super) fn routes() -> Vec<Route> {
    let new = json!({
        "type": "object",
        "description": "Fields of a training configuration; what is left out is recommended",
        "required": ["model", "dataset"],
    });
    vec![
        Route::post("/v1/jobs", "Train: propose and approve in one step", create).body(new),
        Route::read("/v1/jobs", "List jobs, newest first", list)
            .params(&["status", "q", "chat", "before", "limit"]),
        Route::read("/v1/jobs/{id}", "One job by id or number, with its epochs", one),
        Route::read("/v1/jobs/{id}/events", "The job's events in order", events).params(&["after", "limit"]),
        Route::post("/v1/jobs/{id}/cancel", "Ask the job to stop", cancel).body(json!({ "type": "object" })),
        Route::post(
            "/v1/jobs/{id}/resume",
            "Go on with a stopped job from its checkpoint, as a new one",
            resume,
        )
        .body(json!({ "type": "object" })),
    ]
}

async fn create(
    State(gateway): State<Gateway>,
    asker: Asker,
    Preferred(language): Preferred,
    Body(fields): Body<Map<String, Value>>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let ordered = order::order(&gateway, &asker, fields, language).await?;
    let answer = json!({ "job": ordered.job, "proposal": ordered.proposal, "sequence": ordered.sequence });
    Ok((StatusCode::CREATED, Json(answer)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JobParams {
    /// Several with commas between.
    status: Option<String>,
    q: Option<String>,
    /// The conversation that they were approved in.
    chat: Option<Uuid>,
    before: Option<u64>,
    limit: Option<u32>,
}

async fn list(
    State(gateway): State<Gateway>,
    identity: Identity,
    Params(params): Params<JobParams>,
) -> Result<Json<Value>, ApiError> {
    let words = params.status.iter().flat_map(|words| words.split(',')).filter(|word| !word.is_empty());
    let status = words.map(status).collect::<Result<_, _>>()?;
    let filter = JobFilter { status, q: params.q, chat: params.chat };
    let page = page(params.before, params.limit);
    let Rows { rows, next } = gateway.views.jobs(&identity.tenant, &filter, page).await?;
    Ok(Json(json!({ "jobs": rows, "next": next })))
}

fn status(word: &str) -> Result<JobStatus, ApiError> {
    serde_json::from_value(Value::String(word.to_owned())).map_err(|_| {
        ApiError::bad_request(
            format!("{word:?} is no status of a job"),
            "requested, queued, starting, training, cancelling, finished, failed and cancelled are",
        )
    })
}

async fn one(
    State(gateway): State<Gateway>,
    identity: Identity,
    Path(reference): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let job = waiting::told(&gateway, gateway.job(&identity, &reference).await?).await?;
    let epochs = gateway.views.epochs(&identity.tenant, job.id, limits::EPOCHS).await?;
    let unreachable =
        job.status.is_running() && gateway.hub.fleet().borrow().late(&identity.tenant).contains(&job.id);
    Ok(Json(json!({ "job": job, "epochs": epochs, "unreachable": unreachable })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventParams {
    after: Option<u64>,
    limit: Option<u32>,
}

/// Oldest first: `next` is the `after` of the next page.
async fn events(
    State(gateway): State<Gateway>,
    identity: Identity,
    Path(reference): Path<String>,
    Params(params): Params<EventParams>,
) -> Result<Json<Value>, ApiError> {
    let job = gateway.job(&identity, &reference).await?;
    let about = vec![Aggregate::Job(job.id), Aggregate::Endpoint(job.id)];
    activity::history(&gateway, &identity, about, params.after.unwrap_or(0), params.limit).await
}

async fn cancel(
    State(gateway): State<Gateway>,
    asker: Asker,
    Path(reference): Path<String>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let job = gateway.job(&asker.identity, &reference).await?;
    let because = vec![Ending::AskedBy { who: asker.identity.name.clone() }.into()];
    let cancel = Command::Job(JobCommand::RequestCancel { because });
    let recorded = gateway.ask(&asker, "cancel", Aggregate::Job(job.id), cancel).await?.recorded();
    let answer = json!({
        "job": { "id": job.id, "number": job.number },
        "sequence": recorded.map(|recorded| recorded.sequence),
    });
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

async fn resume(
    State(gateway): State<Gateway>,
    asker: Asker,
    Preferred(language): Preferred,
    Path(reference): Path<String>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let job = gateway.job(&asker.identity, &reference).await?;
    let ordered = continuation::go_on(&gateway, &asker, &job, language).await?;
    let answer = json!({ "job": ordered.job, "proposal": ordered.proposal, "sequence": ordered.sequence });
    Ok((StatusCode::CREATED, Json(answer)))
}
