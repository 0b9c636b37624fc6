//! From a request to a socket: same origin where a browser says which, a token if there is one, and a bound on how many.

use axum::Extension;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, HeaderName, Uri, header};
use axum::response::Response;
use trainyard_api::Problem;

use super::session::{self, Opener};
use crate::auth;
use crate::client::Client;
use crate::error::ApiError;
use crate::extract::language;
use crate::front::Peer;
use crate::gateway::Gateway;
use crate::public::{Origin, PublicUrl};

/// What the websocket library refuses by itself; frames above our own limit and below this are answered.
const MESSAGE_BYTES: usize = 1024 * 1024;
/// What a socket keeps to read into, and what it gathers before it writes: there are thousands of them, and clients say little.
const READ_BUFFER_BYTES: usize = 4 * 1024;
const WRITE_BUFFER_BYTES: usize = 16 * 1024;

static X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

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
    let config = &gateway.config;
    let forwarded = config.trusted_proxies.trusts(peer).then_some(&X_FORWARDED_HOST);
    if !is_same_origin(&headers, &uri, forwarded, config.public_url.as_ref()) {
        return Err(Problem::OtherOrigin.into());
    }
    let identity = match headers.contains_key(header::AUTHORIZATION) {
        true => Some(gateway.identify(client, auth::bearer(&headers)?).await?),
        false => None,
    };
    let place = match &identity {
        Some(identity) => gateway.places.known(identity)?,
        None => gateway.places.unnamed(client)?,
    };
    let opener = Opener { client, identity, place, language: language(&headers) };
    let tracked = gateway.tasks.token();
    let upgrade = upgrade.max_message_size(MESSAGE_BYTES).max_frame_size(MESSAGE_BYTES);
    let upgrade = upgrade.read_buffer_size(READ_BUFFER_BYTES).write_buffer_size(WRITE_BUFFER_BYTES);
    Ok(upgrade.on_upgrade(move |socket| async move {
        let _tracked = tracked;
        Box::pin(session::run(gateway, socket, opener)).await;
    }))
}

/// Whether the page that asks, if a page asks, came from here: from the public URL, or from the address that the request
/// names. `forwarded` is the header in which a proxy that is trusted says what that was.
fn is_same_origin(
    headers: &HeaderMap,
    uri: &Uri,
    forwarded: Option<&HeaderName>,
    public_url: Option<&PublicUrl>,
) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let asking = origin.to_str().ok().and_then(|origin| Origin::of(&origin.parse().ok()?));
    let Some(asking) = asking else { return false };
    let named = [Some(&header::HOST), forwarded].into_iter().flatten();
    let hosts = named.filter_map(|name| headers.get(name)?.to_str().ok());
    let mut hosts = hosts.chain(uri.authority().map(|authority| authority.as_str()));
    public_url.is_some_and(|url| *url.origin() == asking) || hosts.any(|host| asking.is_at(host))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, Uri};

    use super::{X_FORWARDED_HOST, is_same_origin};

    #[test]
    fn only_pages_of_this_gateway_may_open_a_socket() {
        let uri: Uri = "/v1/live".parse().expect("a path");
        let check = |origin: Option<&str>, host: &str, public_url: Option<&str>, forwarded: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert("host", host.parse().expect("a header"));
            if let Some(origin) = origin {
                headers.insert("origin", origin.parse().expect("a header"));
            }
            headers
                .insert("x-forwarded-host", forwarded.unwrap_or("evil.example").parse().expect("a header"));
            let public_url = public_url.map(|url| url.parse().expect("an address"));
            let forwarded = forwarded.map(|_| &X_FORWARDED_HOST);
            is_same_origin(&headers, &uri, forwarded, public_url.as_ref())
        };
        let here = "localhost:7070";
        assert!(check(None, here, None, None));
        assert!(check(Some("http://localhost:7070"), here, None, None));
        // nginx names the address that it asks, unless it is told to name another; then mostly without a port.
        let public = Some("https://train.example/app");
        assert!(check(Some("https://train.example"), "127.0.0.1:7700", public, None));
        assert!(check(Some("https://train.example"), "backend", public, None));
        assert!(check(Some("https://train.example:8443"), "train.example", None, None));
        assert!(check(Some("https://train.example"), "train.example:443", None, None));
        assert!(check(Some("https://train.example"), "127.0.0.1:7700", None, Some("train.example")));
        for other in [
            "http://localhost:7071",
            "https://evil.example",
            "null",
            "http://localhost",
            "http://train.example",
        ] {
            assert!(!check(Some(other), here, Some("https://train.example"), None), "{other}");
        }
        assert!(
            !check(Some("https://train.example"), "127.0.0.1:7700", None, None),
            "nobody said that it is here"
        );
    }
}
