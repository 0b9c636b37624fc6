//! `/v1/chats`: conversations.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use trainyard_projections::Rows;

use crate::chat::{self, Spoken};
use crate::error::ApiError;
use crate::extract::{Body, Nothing, PageParams, Params, id};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::route::Route;
use crate::tokens::Identity;

pub(super) fn routes() -> Vec<Route> {
    let empty = json!({ "type": "object" });
    let text = |name: &str| json!({ "type": "object", "required": [name], "properties": { name: { "type": "string" } } });
    vec![
        Route::post("/v1/chats", "Begin a conversation", begin).body(empty.clone()),
        Route::read("/v1/chats", "List conversations, the most recent first", list)
            .params(&["before", "limit"]),
        Route::read("/v1/chats/{id}", "One conversation: messages and open proposal", one),
        Route::post("/v1/chats/{id}/messages", "Say something", message).body(text("text")),
        Route::post("/v1/chats/{id}/approve", "Approve the open proposal by its hash", approve)
            .body(text("hash")),
        Route::post("/v1/chats/{id}/reject", "Drop the open proposal", reject).body(empty),
    ]
}

/// Only an id: a conversation begins with what is said in it.
async fn begin(asker: Asker, Body(Nothing {}): Body<Nothing>) -> (StatusCode, Json<Value>) {
    (StatusCode::CREATED, Json(json!({ "id": asker.id("chat") })))
}

async fn list(
    State(gateway): State<Gateway>,
    identity: Identity,
    Params(params): Params<PageParams>,
) -> Result<Json<Value>, ApiError> {
    let Rows { rows, next } = gateway.views.chats(&identity.tenant, params.page()).await?;
    Ok(Json(json!({ "chats": rows, "next": next })))
}

async fn one(
    State(gateway): State<Gateway>,
    identity: Identity,
    Path(chat): Path<String>,
    Params(params): Params<PageParams>,
) -> Result<Json<Value>, ApiError> {
    let id = id(&chat, "chat")?;
    let chat = gateway.views.chat(&identity.tenant, id).await?.ok_or_else(|| ApiError::not_found("chat"))?;
    // Newest first in the view, so that a long conversation shows its end; in order here.
    let Rows { rows: mut messages, next } =
        gateway.views.messages(&identity.tenant, id, params.page()).await?;
    messages.reverse();
    let proposal = chat.proposal.clone();
    Ok(Json(json!({ "chat": chat, "messages": messages, "proposal": proposal, "next": next })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    text: String,
}

async fn message(
    State(gateway): State<Gateway>,
    asker: Asker,
    Path(chat): Path<String>,
    Body(message): Body<Message>,
) -> Result<Json<Spoken>, ApiError> {
    Box::pin(chat::say(&gateway, &asker, id(&chat, "chat")?, &message.text)).await.map(Json)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Approval {
    hash: String,
}

async fn approve(
    State(gateway): State<Gateway>,
    asker: Asker,
    Path(chat): Path<String>,
    Body(approval): Body<Approval>,
) -> Result<Json<Value>, ApiError> {
    let (job, sequence) = chat::approve(&gateway, &asker, id(&chat, "chat")?, &approval.hash).await?;
    Ok(Json(json!({ "job": job, "sequence": sequence })))
}

async fn reject(
    State(gateway): State<Gateway>,
    asker: Asker,
    Path(chat): Path<String>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Json<Value>, ApiError> {
    let sequence = chat::reject(&gateway, &asker, id(&chat, "chat")?).await?;
    Ok(Json(json!({ "sequence": sequence })))
}
