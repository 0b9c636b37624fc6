//! `/v1/chats/{id}/said` and `/v1/members/{name}/said`: what people have said, to be erased for good.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use trainyard_api::Code;
use trainyard_api::chats::Erased;
use trainyard_api::error::What;
use trainyard_api::place::{ById, OfMember};
use trainyard_events::tenant::Role;

use crate::erasure::erase;
use crate::error::ApiError;
use crate::extract::{Place, id};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::route::{Access, Route};

pub(super) fn routes() -> Vec<Route> {
    let admin = Access::Needs(Role::Admin);
    vec![
        Route::new(
            Method::DELETE,
            "/v1/chats/{id}/said",
            admin,
            "Erase what was said in a conversation, for good",
            of_chat,
        )
        .at::<ById>()
        .answers::<Erased>()
        .refuses(&[Code::Refused]),
        Route::new(
            Method::DELETE,
            "/v1/members/{name}/said",
            admin,
            "Erase what was said with the token of this name, in every conversation and for good",
            of_member,
        )
        .at::<OfMember>()
        .answers::<Erased>()
        .refuses(&[Code::Refused]),
    ]
}

async fn of_chat(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(ById { id: chat }): Place<ById>,
) -> Result<Json<Erased>, ApiError> {
    let (chat, tenant) = (id(&chat, What::Chat)?, &asker.identity.tenant);
    gateway.found(What::Chat, || async { Ok(gateway.views.chat(tenant, chat).await?) }).await?;
    gateway.views.drop_older().await?;
    let sequence = Box::pin(erase(&gateway, &asker, chat, None)).await?;
    Ok(Json(Erased { chats: vec![chat], sequence }))
}

/// Of a token that has been revoked as well: its name stays with what was said with it.
async fn of_member(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(OfMember { name }): Place<OfMember>,
) -> Result<Json<Erased>, ApiError> {
    let tenant = &asker.identity.tenant;
    let look = || async { Ok(Some(gateway.views.chats_of(tenant, &name).await?)) };
    let chats = gateway.after_the_log(look).await?.unwrap_or_default();
    gateway.views.drop_older().await?;
    let mut sequence = None;
    for chat in &chats {
        sequence = Box::pin(erase(&gateway, &asker, *chat, Some(name.clone()))).await?.or(sequence);
    }
    Ok(Json(Erased { chats, sequence }))
}
