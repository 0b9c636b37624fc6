//! Asks MLflow over HTTP, once, and says what has become of it.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use hyper::{Method, Request, StatusCode};
use serde_json::Value;
use tokio::time::timeout;
use trainyard_bus::LogError;
use trainyard_fetch::{Http, Trusted};
use url::Url;

use crate::config::MlflowConfig;

const API: &str = "api/2.0/mlflow/";
/// Of an answer: the longest is a list of a thousand versions of a model.
const ANSWER_BYTES: usize = 32 << 20;
/// From the head of an answer to its end.
const ANSWER_WAIT: Duration = Duration::from_secs(30);
/// What is told of an error.
const DETAIL_CHARS: usize = 300;

/// Why something was not told, by what can be done about it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// Perhaps it was done all the same. Later it may work.
    #[error("{0}")]
    Away(String),
    /// Nothing of MLflow's.
    #[error("the event log cannot be read now: {0}")]
    Log(String),
    /// MLflow does not take this, and no other try will change that.
    #[error("{code}: {message}")]
    Refused { code: String, message: String },
}

impl Trouble {
    /// Whether what was asked for, or its place, is not there.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Trouble::Refused { code, .. } if code == "RESOURCE_DOES_NOT_EXIST")
    }

    /// Whether somebody else has made it.
    pub(crate) fn is_there(&self) -> bool {
        matches!(self, Trouble::Refused { code, .. } if code == "RESOURCE_ALREADY_EXISTS")
    }
}

impl From<LogError> for Trouble {
    fn from(error: LogError) -> Trouble {
        match error {
            LogError::Unavailable(reason) => Trouble::Log(reason),
            error @ LogError::Archived { .. } => Trouble::Log(error.to_string()),
            error @ LogError::Quarantined { .. } => {
                Trouble::Refused { code: "UNREADABLE_EVENT".to_owned(), message: error.to_string() }
            }
        }
    }
}

pub(crate) struct Api {
    http: Http,
    base: Url,
    login: Option<HeaderValue>,
}

impl Api {
    pub(crate) fn new(config: &MlflowConfig) -> Api {
        // The operator has named it: it may be anywhere.
        let host = config.url.host_str().unwrap_or_default();
        let port = config.url.port_or_known_default().unwrap_or_default();
        let http = Http::new(Trusted(vec![format!("{host}:{port}")]));
        Api { http, base: config.url.clone(), login: config.login.clone() }
    }

    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, Trouble> {
        let mut url = self.url(path)?;
        url.query_pairs_mut().extend_pairs(query);
        self.ask(Method::GET, url, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, Trouble> {
        self.ask(Method::POST, self.url(path)?, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str, body: &Value) -> Result<Value, Trouble> {
        self.ask(Method::DELETE, self.url(path)?, Some(body)).await
    }

    fn url(&self, path: &str) -> Result<Url, Trouble> {
        self.base.join(&format!("{API}{path}")).map_err(|error| Trouble::Away(error.to_string()))
    }

    async fn ask(&self, method: Method, url: Url, body: Option<&Value>) -> Result<Value, Trouble> {
        let bytes = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let mut request = Request::new(Full::new(bytes));
        *request.method_mut() = method;
        let headers = request.headers_mut();
        headers
            .insert(USER_AGENT, HeaderValue::from_static(concat!("trainyard/", env!("CARGO_PKG_VERSION"))));
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(login) = &self.login {
            headers.insert(AUTHORIZATION, login.clone());
        }
        let away = |error: &dyn std::fmt::Display| Trouble::Away(format!("MLflow does not answer: {error}"));
        let answer = self.http.ask(&url, request).await.map_err(|error| away(&error))?;
        let status = answer.status();
        let bytes = timeout(ANSWER_WAIT, Limited::new(answer.into_body(), ANSWER_BYTES).collect())
            .await
            .map_err(|error| away(&error))?
            .map_err(|error| away(&error))?
            .to_bytes();
        read(status, &bytes)
    }
}

/// MLflow says what is wrong with a code. Whatever has none comes from something before it, and will pass.
fn read(status: StatusCode, bytes: &[u8]) -> Result<Value, Trouble> {
    let value = serde_json::from_slice::<Value>(bytes).ok().filter(Value::is_object);
    let shown = || {
        let text = String::from_utf8_lossy(bytes);
        format!("MLflow answers {}: {}", status.as_u16(), shortened(&text))
    };
    let Some(value) = value else { return Err(Trouble::Away(shown())) };
    if status.is_success() {
        return Ok(value);
    }
    let said = |field: &str| value[field].as_str().map(str::to_owned);
    let may_pass = !status.is_client_error()
        || matches!(
            status,
            StatusCode::UNAUTHORIZED | StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
        );
    match said("error_code") {
        Some(code) if !may_pass => {
            let message = shortened(&said("message").unwrap_or_default());
            Err(Trouble::Refused { code, message })
        }
        _ => Err(Trouble::Away(shown())),
    }
}

fn shortened(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(DETAIL_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_mlflow_itself_says_of_this_request_is_a_refusal() {
        let refused = br#"{"error_code": "INVALID_PARAMETER_VALUE", "message": "no"}"#;
        let asked = |status: u16, body: &[u8]| read(StatusCode::from_u16(status).expect("a status"), body);
        assert!(asked(200, b"{}").is_ok());
        assert!(matches!(asked(400, refused), Err(Trouble::Refused { .. })));
        for (status, body) in [
            (200, &b"<html>log in</html>"[..]),
            (302, b""),
            (404, b"no such backend"),
            (404, b"{}"),
            (401, refused),
            (429, refused),
            (500, refused),
            (503, b"[]"),
        ] {
            assert!(matches!(asked(status, body), Err(Trouble::Away(_))), "{status}");
        }
    }
}
