//! From a request to a socket: same origin where a browser says which, a token if there is one, and a bound on how many.

use axum::Extension;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use trainyard_api::Problem;

use super::session::{self, Opener};
use crate::client::Client;
use crate::error::ApiError;
use crate::extract::language;
use crate::front::Peer;
use crate::gateway::Gateway;
use crate::origin::is_same_origin;
use crate::{auth, cookies};

/// What the websocket library refuses by itself; frames above our own limit and below this are answered.
const MESSAGE_BYTES: usize = 1024 * 1024;
/// What a socket keeps to read into, and what it gathers before it writes: there are thousands of them, and clients say little.
const READ_BUFFER_BYTES: usize = 4 * 1024;
const WRITE_BUFFER_BYTES: usize = 16 * 1024;

/// `GET /v1/live`.
pub(crate) async fn upgrade(
    State(gateway): State<Gateway>,
    client: Client,
    Extension(Peer(peer)): Extension<Peer>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade = upgrade.map_err(|refused| Problem::NotASocket { detail: refused.body_text() })?;
    if !is_same_origin(&gateway.config, peer, &headers, &uri) {
        return Err(Problem::OtherOrigin.into());
    }
    let identity = match headers.contains_key(header::AUTHORIZATION) {
        true => Some(gateway.let_in(client, auth::bearer(&headers)?).await?),
        false => None,
    };
    let place = match &identity {
        Some(identity) => gateway.places.known(identity)?,
        None => gateway.places.unnamed(client)?,
    };
    let session = cookies::session(&headers).map(str::to_owned);
    let opener = Opener { client, identity, session, place, language: language(&headers) };
    let tracked = gateway.tasks.token();
    let upgrade = upgrade.max_message_size(MESSAGE_BYTES).max_frame_size(MESSAGE_BYTES);
    let upgrade = upgrade.read_buffer_size(READ_BUFFER_BYTES).write_buffer_size(WRITE_BUFFER_BYTES);
    Ok(upgrade.on_upgrade(move |socket| async move {
        let _tracked = tracked;
        Box::pin(session::run(gateway, socket, opener)).await;
    }))
}
