//! What a provider says of itself, and how it is asked.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::HeaderMap;
use hyper::{Request, Response, StatusCode};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use trainyard_fetch::{Http, SILENCE};
use url::Url;

use crate::LoginError;
use crate::keys::KeySet;

/// The longest answer of a provider that is read, in bytes.
const ANSWER_BYTES: usize = 1024 * 1024;
/// Of what a provider says is wrong, so many characters are passed on.
const SAID_CHARS: usize = 200;

/// OpenID Connect Discovery 1.0, as far as it is needed.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Document {
    issuer: String,
    #[serde(deserialize_with = "address")]
    pub(crate) authorization_endpoint: Url,
    #[serde(deserialize_with = "address")]
    pub(crate) token_endpoint: Url,
    #[serde(deserialize_with = "address")]
    jwks_uri: Url,
    /// Where people log out there; some providers have no such place.
    #[serde(default, deserialize_with = "web_address")]
    pub(crate) end_session_endpoint: Option<Url>,
    /// Left out, a secret goes into the Authorization header.
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

fn address<'de, D: Deserializer<'de>>(from: D) -> Result<Url, D::Error> {
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}

/// One that a browser is sent to; anything else is as good as none.
fn web_address<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Url>, D::Error> {
    let said = Option::<String>::deserialize(from)?;
    let found = said.and_then(|said| said.parse::<Url>().ok());
    Ok(found.filter(|url| matches!(url.scheme(), "http" | "https")))
}

impl Document {
    /// The name that tokens have to bear, as it writes itself.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Whether a secret is sent in the body of the question, because the header is not taken.
    pub(crate) fn takes_secret_in_body(&self) -> bool {
        let has = |name: &str| self.token_endpoint_auth_methods_supported.iter().any(|method| method == name);
        has("client_secret_post") && !has("client_secret_basic")
    }
}

/// The document of `issuer`, which has to be about this issuer and no other, and its keys.
pub(crate) async fn discover(http: &Http, issuer: &Url) -> Result<(Document, KeySet), LoginError> {
    let name = issuer.as_str().trim_end_matches('/');
    let at = format!("{name}/.well-known/openid-configuration");
    let at = Url::parse(&at).map_err(|error| LoginError::Unavailable(format!("{at}: {error}")))?;
    let document: Document = read(http, &at).await?;
    if document.issuer.trim_end_matches('/') != name {
        return Err(LoginError::Unavailable(format!(
            "{at} is about another issuer, {}",
            said(&document.issuer)
        )));
    }
    let keys = read(http, &document.jwks_uri).await?;
    Ok((document, keys))
}

async fn read<T: DeserializeOwned>(http: &Http, at: &Url) -> Result<T, LoginError> {
    let away = |why: String| LoginError::Unavailable(format!("{at}: {why}"));
    let answer = http.get(at, None, HeaderMap::new()).await.map_err(|error| away(error.to_string()))?;
    if answer.status() != StatusCode::OK {
        return Err(away(format!("it answers {}", answer.status())));
    }
    serde_json::from_slice(&body(answer).await.map_err(away)?).map_err(|error| away(error.to_string()))
}

/// A provider's refusal of a code, as RFC 6749 has it.
#[derive(Deserialize)]
struct Refusal {
    error: String,
    #[serde(default)]
    error_description: String,
}

/// Asks the token endpoint.
pub(crate) async fn post<T: DeserializeOwned>(
    http: &Http,
    at: &Url,
    request: Request<Full<Bytes>>,
) -> Result<T, LoginError> {
    let away = |why: String| LoginError::Unavailable(format!("{at}: {why}"));
    let answer = http.ask(at, request).await.map_err(|error| away(error.to_string()))?;
    let status = answer.status();
    let bytes = body(answer).await.map_err(away)?;
    if status.is_client_error() {
        let refusal: Option<Refusal> = serde_json::from_slice(&bytes).ok();
        let why = refusal.map_or_else(
            || status.to_string(),
            |Refusal { error, error_description }| format!("{error} {error_description}"),
        );
        return Err(LoginError::Refused(said(why.trim())));
    }
    if status != StatusCode::OK {
        return Err(away(format!("it answers {status}")));
    }
    serde_json::from_slice(&bytes).map_err(|error| away(error.to_string()))
}

async fn body(answer: Response<Incoming>) -> Result<Bytes, String> {
    let whole = Limited::new(answer.into_body(), ANSWER_BYTES).collect();
    match tokio::time::timeout(SILENCE, whole).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("its answer does not end within {} s", SILENCE.as_secs())),
    }
}

/// What somebody else has written, fit for one line.
pub(crate) fn said(text: &str) -> String {
    text.chars().filter(|char| !char.is_control()).take(SAID_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_to_log_out_at_is_a_web_page_or_none() {
        let place = |said: &str| {
            let document = format!(
                r#"{{"issuer":"https://id.example","authorization_endpoint":"https://id.example/in",
                "token_endpoint":"https://id.example/token","jwks_uri":"https://id.example/keys"{said}}}"#
            );
            let document: Document = serde_json::from_str(&document).expect("a document");
            document.end_session_endpoint.map(|url| url.to_string())
        };
        let out = "https://id.example/out";
        assert_eq!(place(&format!(r#","end_session_endpoint":"{out}""#)), Some(out.to_owned()));
        for none in ["", r#","end_session_endpoint":null"#] {
            assert_eq!(place(none), None, "{none}");
        }
        for odd in ["javascript:alert(1)", "data:text/html,x", "/out"] {
            assert_eq!(place(&format!(r#","end_session_endpoint":"{odd}""#)), None, "{odd}");
        }
    }
}
