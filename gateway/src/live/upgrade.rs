//! From a request to a socket: same origin where a browser says which, a token if there is one, and a bound on how many.

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::Response;
use trainyard_api::Problem;

use super::session::{self, Opener};
use crate::auth;
use crate::client::Client;
use crate::error::ApiError;
use crate::extract::language;
use crate::gateway::Gateway;

/// What the websocket library refuses by itself; frames above our own limit and below this are answered.
const MESSAGE_BYTES: usize = 1024 * 1024;

/// `GET /v1/live`.
pub(crate) async fn upgrade(
    State(gateway): State<Gateway>,
    client: Client,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade = upgrade.map_err(|refused| Problem::NotASocket { detail: refused.body_text() })?;
    if !is_same_origin(&headers, &uri, gateway.config.public_url.as_deref()) {
        return Err(Problem::OtherOrigin.into());
    }
    let identity = match headers.contains_key(header::AUTHORIZATION) {
        true => Some(gateway.tokens.identify(&gateway.views, client, auth::bearer(&headers)?).await?),
        false => None,
    };
    let place = match &identity {
        Some(identity) => gateway.places.known(identity)?,
        None => gateway.places.unnamed(client)?,
    };
    let opener = Opener { client, identity, place, language: language(&headers) };
    let tracked = gateway.tasks.token();
    Ok(upgrade.max_message_size(MESSAGE_BYTES).max_frame_size(MESSAGE_BYTES).on_upgrade(
        move |socket| async move {
            let _tracked = tracked;
            Box::pin(session::run(gateway, socket, opener)).await;
        },
    ))
}

/// Whether the page that asks, if a page asks, came from here.
fn is_same_origin(headers: &HeaderMap, uri: &Uri, public_url: Option<&str>) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    let authority = |url: &str| {
        let uri: Uri = url.parse().ok()?;
        uri.authority().map(|authority| authority.as_str().to_ascii_lowercase())
    };
    let Some(asking) = authority(origin) else { return false };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).map(str::to_ascii_lowercase);
    let here = host.or_else(|| uri.authority().map(|authority| authority.as_str().to_ascii_lowercase()));
    Some(&asking) == here.as_ref() || Some(asking) == public_url.and_then(authority)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, Uri};

    use super::is_same_origin;

    #[test]
    fn only_pages_of_this_gateway_may_open_a_socket() {
        let uri: Uri = "/v1/live".parse().expect("a path");
        let check = |origin: Option<&str>, public_url: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert("host", "localhost:7070".parse().expect("a header"));
            if let Some(origin) = origin {
                headers.insert("origin", origin.parse().expect("a header"));
            }
            is_same_origin(&headers, &uri, public_url)
        };
        assert!(check(None, None));
        assert!(check(Some("http://localhost:7070"), None));
        assert!(check(Some("https://train.example"), Some("https://train.example/app")));
        for other in ["http://localhost:7071", "https://evil.example", "null", "http://localhost"] {
            assert!(!check(Some(other), Some("https://train.example")), "{other}");
        }
    }
}
