//! The gate before every route that is not open: a bearer token or a session, its rate, its role and what it is confined to.

use std::net::IpAddr;

use axum::Extension;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use trainyard_api::Problem;
use trainyard_events::tenant::{Role, Scope};

use crate::client::Client;
use crate::cookies;
use crate::error::ApiError;
use crate::front::Peer;
use crate::gateway::Gateway;
use crate::identity::Identity;
use crate::origin::is_same_origin;

/// A handler that takes the identity runs only behind [`require`].
impl<S: Send + Sync> FromRequestParts<S> for Identity {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let identity = parts.extensions.get::<Identity>().cloned();
        identity.ok_or_else(|| ApiError::internal("a route that needs an identity does not ask for a token"))
    }
}

/// The gate before every route that is not open.
pub(crate) async fn require(
    State((gateway, role, scope)): State<(Gateway, Role, Option<Scope>)>,
    client: Client,
    Extension(Peer(peer)): Extension<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    let token = shown(&gateway, peer, &request).map(str::to_owned);
    let known = async {
        let identity = gateway.let_in(client, &token?).await?;
        gateway.tokens.rates.request(&identity).map(|()| identity)
    };
    let identity = match known.await {
        Ok(identity) => identity,
        Err(error) => return error.into_response(),
    };
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = match identity.needs(role).and_then(|()| identity.reaches(scope)) {
        Ok(()) => {
            request.extensions_mut().insert(identity.clone());
            next.run(request).await
        }
        Err(error) => error.into_response(),
    };
    gateway.note_refusal(&identity, client, (&method, &path), &response);
    response
}

/// The token that a request shows: in its header, or as the session of its browser. What a browser sends by itself changes
/// something only where a page of this gateway has asked for it.
fn shown<'r>(gateway: &Gateway, peer: IpAddr, request: &'r Request) -> Result<&'r str, ApiError> {
    let headers = request.headers();
    let session = match cookies::session(headers) {
        Some(session) if !headers.contains_key(header::AUTHORIZATION) => session,
        _ => return bearer(headers),
    };
    let is_read = [Method::GET, Method::HEAD].contains(request.method());
    let says_origin = headers.contains_key(header::ORIGIN);
    let is_own = is_same_origin(&gateway.config, peer, headers, request.uri());
    if is_own && (is_read || says_origin) { Ok(session) } else { Err(Problem::OtherOrigin.into()) }
}

/// The gate before every route that is.
pub(crate) async fn open(
    State(gateway): State<Gateway>,
    client: Client,
    request: Request,
    next: Next,
) -> Response {
    match gateway.tokens.rates.open(client) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

/// The token in the `Authorization` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    let header = headers.get(header::AUTHORIZATION).ok_or(Problem::NoToken)?;
    let text = header.to_str().unwrap_or_default();
    let (_, token) = text
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .ok_or(Problem::NotBearer)?;
    Ok(token.trim())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::bearer;

    #[test]
    fn only_a_bearer_token_is_one() {
        let find = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("authorization", value.parse().expect("a header"));
            bearer(&headers).map(str::to_owned).ok()
        };
        assert_eq!(find("Bearer ty_x"), Some("ty_x".to_owned()));
        assert_eq!(find("bearer  ty_x "), Some("ty_x".to_owned()));
        assert_eq!(find("Basic ty_x"), None);
        assert_eq!(find("ty_x"), None);
        assert!(bearer(&HeaderMap::new()).is_err());
    }
}
