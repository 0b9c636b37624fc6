//! The gate before every route that is not open: a bearer token, its rate and its role.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use trainyard_api::Problem;
use trainyard_events::tenant::Role;

use crate::client::Client;
use crate::error::ApiError;
use crate::gateway::Gateway;
use crate::identity::Identity;

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
    State((gateway, role)): State<(Gateway, Role)>,
    client: Client,
    mut request: Request,
    next: Next,
) -> Response {
    let token = bearer(request.headers()).map(str::to_owned);
    let checked = async {
        let identity = gateway.identify(client, &token?).await?;
        gateway.tokens.rates.request(&identity)?;
        identity.needs(role).map(|()| identity)
    };
    match checked.await {
        Ok(identity) => {
            request.extensions_mut().insert(identity);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
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
