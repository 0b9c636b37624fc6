//! `/v1/chats`: conversations.

use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use trainyard_api::Code;
use trainyard_api::chats::{
    Approval, Approved, Changes, ChatAnswer, ChatBegun, ChatList, ChatPatch, ChatsQuery, Message, Outlook,
    ProposalChanged, Spoken,
};
use trainyard_api::error::What;
use trainyard_api::page::{Changed, Nothing, PageQuery};
use trainyard_api::place::ById;
use trainyard_commands::Command;
use trainyard_commands::chat::ChatCommand;
use trainyard_events::Aggregate;
use trainyard_events::tenant::Role;
use trainyard_projections::{ChatFilter, Rows};

use crate::chat;
use crate::error::ApiError;
use crate::extract::{Body, Params, Place, id, page, page_of};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::identity::Identity;
use crate::route::{Access, Route};
use crate::told::Told;

/// What a conversation refuses of what is said in it.
const UNSAYABLE: &[Code] = &[
    Code::PromptEmpty,
    Code::PromptTooLong,
    Code::PromptUnreadable,
    Code::ProposalOvertaken,
    Code::AlreadySo,
    Code::Refused,
    Code::NotFound,
    Code::NoSuchModelVersion,
    Code::BadModelName,
    Code::JobNotFinished,
    Code::DatasetArchived,
    Code::DatasetPending,
];
/// Why the open proposal is not approved.
const NOT_APPROVED: &[Code] = &[
    Code::NoOpenProposal,
    Code::ProposalChanged,
    Code::ProposalOvertaken,
    Code::ProposalIncomplete,
    Code::BadConfig,
    Code::ModelNotTrainable,
    Code::AlreadyApproved,
    Code::Refused,
    Code::DatasetArchived,
    Code::DatasetPending,
];

/// Why the open proposal is not changed.
const NOT_CHANGED: &[Code] = &[
    Code::NoOpenProposal,
    Code::ProposalOvertaken,
    Code::BadConfig,
    Code::BadPath,
    Code::AlreadySo,
    Code::Refused,
    Code::NoSuchModelVersion,
    Code::DatasetArchived,
    Code::DatasetPending,
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/chats", "Begin a conversation", begin)
            .takes::<Nothing>()
            .answers::<ChatBegun>()
            .with(StatusCode::CREATED),
        Route::read("/v1/chats", "List conversations, the most recent first", list)
            .query::<ChatsQuery>()
            .answers::<ChatList>(),
        Route::read("/v1/chats/{id}", "One conversation: messages and open proposal", one)
            .at::<ById>()
            .query::<PageQuery>()
            .answers::<ChatAnswer>(),
        Route::new(
            Method::PATCH,
            "/v1/chats/{id}",
            Access::Needs(Role::Editor),
            "Call a conversation something else, or put it away",
            annotate,
        )
        .at::<ById>()
        .takes::<ChatPatch>()
        .answers::<Changed>()
        .refuses(&[Code::BadAnnotation]),
        Route::post("/v1/chats/{id}/messages", "Say something", message)
            .at::<ById>()
            .takes::<Message>()
            .answers::<Spoken>()
            .refuses(UNSAYABLE),
        Route::new(
            Method::PATCH,
            "/v1/chats/{id}/proposal",
            Access::Needs(Role::Editor),
            "Change fields of the open proposal",
            change,
        )
        .at::<ById>()
        .takes::<Changes>()
        .answers::<ProposalChanged>()
        .refuses(NOT_CHANGED),
        Route::read(
            "/v1/chats/{id}/outlook",
            "How long the open proposal may take, what that costs, and who waits",
            outlook,
        )
        .at::<ById>()
        .answers::<Outlook>()
        .refuses(&[Code::NoOpenProposal]),
        Route::post("/v1/chats/{id}/approve", "Approve the open proposal by its hash", approve)
            .at::<ById>()
            .takes::<Approval>()
            .answers::<Approved>()
            .refuses(NOT_APPROVED),
        Route::post("/v1/chats/{id}/reject", "Drop the open proposal", reject)
            .at::<ById>()
            .takes::<Nothing>()
            .answers::<Changed>()
            .refuses(&[Code::NoOpenProposal, Code::Refused]),
    ]
}

/// Only an id: a conversation begins with what is said in it.
async fn begin(asker: Asker, Body(Nothing {}): Body<Nothing>) -> (StatusCode, Json<ChatBegun>) {
    (StatusCode::CREATED, Json(ChatBegun { id: asker.id("chat") }))
}

async fn list(
    State(gateway): State<Gateway>,
    identity: Identity,
    Params(ChatsQuery { q, archived, spoken, limit, before }): Params<ChatsQuery>,
) -> Result<Json<ChatList>, ApiError> {
    let filter = ChatFilter { q, archived, spoken };
    let Rows { rows, next } = gateway.views.chats(&identity.tenant, &filter, page(before, limit)).await?;
    Ok(Json(ChatList { chats: rows, next }))
}

/// Whoever has an id may speak under it, so every id is a conversation: one in which nothing was said is empty.
async fn one(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(ById { id: chat }): Place<ById>,
    Params(query): Params<PageQuery>,
) -> Result<Told<ChatAnswer>, ApiError> {
    let id = id(&chat, What::Chat)?;
    let chat = gateway.caught_up(|| async { Ok(gateway.views.chat(&identity.tenant, id).await?) }).await?;
    // Newest first in the view, so that a long conversation shows its end; in order here.
    let Rows { rows: mut messages, next } =
        gateway.views.messages(&identity.tenant, id, page_of(&query)).await?;
    messages.reverse();
    let proposal = chat.as_ref().and_then(|chat| chat.proposal.clone());
    Ok(Told(ChatAnswer { chat, messages, proposal, next }))
}

/// One in which nothing has been said is none that could be called something.
async fn annotate(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(ById { id: chat }): Place<ById>,
    Body(ChatPatch { title, archived }): Body<ChatPatch>,
) -> Result<Json<Changed>, ApiError> {
    let (id, tenant) = (id(&chat, What::Chat)?, &asker.identity.tenant);
    gateway.found(What::Chat, || async { Ok(gateway.views.chat(tenant, id).await?) }).await?;
    let annotate = Command::Chat(ChatCommand::Annotate { title, archived });
    let recorded = gateway.ask(&asker, "annotate", Aggregate::Chat(id), annotate).await?.recorded();
    Ok(Json(Changed { sequence: recorded.map(|recorded| recorded.sequence) }))
}

async fn message(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(ById { id: chat }): Place<ById>,
    Body(message): Body<Message>,
) -> Result<Json<Spoken>, ApiError> {
    Box::pin(chat::say(&gateway, &asker, id(&chat, What::Chat)?, &message.text)).await.map(Json)
}

async fn change(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(ById { id: chat }): Place<ById>,
    Body(changes): Body<Changes>,
) -> Result<Json<ProposalChanged>, ApiError> {
    let chat = id(&chat, What::Chat)?;
    Box::pin(chat::change::change(&gateway, &asker, chat, changes)).await.map(Json)
}

async fn outlook(
    State(gateway): State<Gateway>,
    identity: Identity,
    Place(ById { id: chat }): Place<ById>,
) -> Result<Told<Outlook>, ApiError> {
    let outlook = chat::outlook::outlook(&gateway, &identity.tenant, id(&chat, What::Chat)?);
    Box::pin(outlook).await.map(Told)
}

async fn approve(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(ById { id: chat }): Place<ById>,
    Body(approval): Body<Approval>,
) -> Result<Json<Approved>, ApiError> {
    let approve = chat::approve(&gateway, &asker, id(&chat, What::Chat)?, &approval.hash);
    let (job, sequence) = Box::pin(approve).await?;
    Ok(Json(Approved { job, sequence }))
}

async fn reject(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(ById { id: chat }): Place<ById>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Json<Changed>, ApiError> {
    let sequence = chat::reject(&gateway, &asker, id(&chat, What::Chat)?).await?;
    Ok(Json(Changed { sequence }))
}
