//! The collector that spans go to, over OTLP: one request at a time, and what becomes of it.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::{Request, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use tokio::time::timeout;
use trainyard_fetch::tls;
use url::Url;

/// Below the endpoint, by the specification.
const PATH: &str = "v1/traces";
const CONNECT_WAIT: Duration = Duration::from_secs(5);
/// From the first look for the name to the end of the answer.
const ANSWER_WAIT: Duration = Duration::from_secs(10);
/// Of what a collector answers.
const ANSWER_BYTES: usize = 64 * 1024;

/// Why a collector cannot be one.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CollectorError {
    #[error("{0:?} is no address of a collector, such as http://collector:4318")]
    Endpoint(String),
    /// Not the headers themselves: they are secrets.
    #[error("the headers are not NAME=VALUE with commas between")]
    Headers,
}

/// Why spans were not taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotTaken {
    /// They are to be sent again, after so long if it was said.
    Later { why: String, asked: Option<Duration> },
    /// They never will be.
    Never { why: String },
}

/// What OTLP's specification calls partial success: the rest was taken.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) spans: u64,
    pub(crate) why: String,
}

/// Where spans go. Whoever operates the platform has named it: it may be anywhere.
#[derive(Clone)]
pub struct Collector {
    url: Url,
    headers: HeaderMap,
    client: legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}

impl Collector {
    /// As `OTEL_EXPORTER_OTLP_ENDPOINT` and `OTEL_EXPORTER_OTLP_HEADERS` say it.
    pub fn new(endpoint: &str, headers: &str) -> Result<Collector, CollectorError> {
        let bad = || CollectorError::Endpoint(without_user(endpoint));
        let mut url = Url::parse(endpoint).map_err(|_| bad())?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !url.username().is_empty() {
            return Err(bad());
        }
        url.set_path(&format!("{}/{PATH}", url.path().trim_end_matches('/')));
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(CONNECT_WAIT));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls())
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let client = legacy::Client::builder(TokioExecutor::new()).build(connector);
        Ok(Collector { url, headers: read_headers(headers)?, client })
    }

    /// Sends once.
    pub(crate) async fn send(&self, body: Bytes) -> Result<Refused, NotTaken> {
        let later = |why: String| NotTaken::Later { why, asked: None };
        let mut request = Request::post(self.url.as_str())
            .body(Full::new(body))
            .map_err(|error| later(error.to_string()))?;
        request.headers_mut().extend(self.headers.clone());
        let agent = HeaderValue::from_static(concat!("trainyard/", env!("CARGO_PKG_VERSION")));
        request.headers_mut().insert(USER_AGENT, agent);
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let asking = async {
            let answer = self.client.request(request).await.map_err(|error| later(with_cause(&error)))?;
            let (status, asked) = (answer.status(), asked(answer.headers()));
            let body = Limited::new(answer.into_body(), ANSWER_BYTES).collect().await;
            outcome(status, asked, &body.map(|body| body.to_bytes()).unwrap_or_default())
        };
        timeout(ANSWER_WAIT, asking).await.unwrap_or_else(|_| Err(later("it says nothing".to_owned())))
    }
}

/// What is wrong with these spans is wrong with them for ever; everything else is put right some day, a bad address and a wrong
/// key too.
fn outcome(status: StatusCode, asked: Option<Duration>, body: &[u8]) -> Result<Refused, NotTaken> {
    let why = format!("it answers {status}");
    match status {
        _ if status.is_success() => Ok(refused(body)),
        StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY => {
            Err(NotTaken::Never { why })
        }
        _ => Err(NotTaken::Later { why, asked }),
    }
}

/// An answer that cannot be read has taken everything.
fn refused(body: &[u8]) -> Refused {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Answer {
        partial_success: Partial,
    }
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Partial {
        /// A long number: as text, or as it is.
        rejected_spans: serde_json::Value,
        error_message: String,
    }
    let Answer { partial_success } = serde_json::from_slice(body).unwrap_or_default();
    let Partial { rejected_spans: count, error_message: why } = partial_success;
    let spans = count.as_u64().or_else(|| count.as_str()?.parse().ok()).unwrap_or(0);
    Refused { spans, why }
}

/// `Retry-After` in seconds.
fn asked(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// `name=value,name=value`, values in percent encoding where they need it.
fn read_headers(text: &str) -> Result<HeaderMap, CollectorError> {
    let mut headers = HeaderMap::new();
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').ok_or(CollectorError::Headers)?;
        let name: HeaderName = name.trim().parse().map_err(|_| CollectorError::Headers)?;
        let value = percent_decode_str(value.trim()).decode_utf8().map_err(|_| CollectorError::Headers)?;
        let mut value = HeaderValue::from_str(&value).map_err(|_| CollectorError::Headers)?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

fn without_user(url: &str) -> String {
    url.rsplit_once('@').map_or_else(|| url.to_owned(), |(_, host)| host.to_owned())
}

fn with_cause(error: &legacy::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(endpoint: &str) -> Result<String, CollectorError> {
        Collector::new(endpoint, "").map(|collector| collector.url.to_string())
    }

    #[test]
    fn spans_go_below_the_endpoint() {
        assert_eq!(url("http://collector:4318"), Ok("http://collector:4318/v1/traces".to_owned()));
        assert_eq!(url("https://tempo.example/otlp/"), Ok("https://tempo.example/otlp/v1/traces".to_owned()));
        for bad in ["collector:4318", "grpc://collector:4317", "", "http://"] {
            assert!(matches!(url(bad), Err(CollectorError::Endpoint(_))), "{bad}");
        }
        let said =
            url("http://user:hunter2@collector:4318").expect_err("a user has its place in the headers");
        assert!(!said.to_string().contains("hunter2"), "{said}");
    }

    #[test]
    fn headers_are_read_as_the_specification_writes_them_and_never_shown() {
        let headers = read_headers("authorization=Basic%20aHVudGVyMg==, x-scope = team").expect("headers");
        assert_eq!(headers["authorization"], "Basic aHVudGVyMg==");
        assert_eq!(headers["x-scope"], "team");
        let shown =
            format!("{headers:?}{:?}", Collector::new("http://c:1", "a=hunter2").expect("a collector"));
        assert!(!shown.contains("hunter2") && !shown.contains("aHVudGVyMg"), "{shown}");
        for bad in ["hunter2", "a b=c", "a=%0A"] {
            assert_eq!(read_headers(bad).map(drop), Err(CollectorError::Headers), "{bad}");
        }
    }

    #[test]
    fn only_what_is_wrong_with_the_spans_is_given_up() {
        let is_final = |status: u16| {
            let status = StatusCode::from_u16(status).expect("a status");
            matches!(outcome(status, None, b"").expect_err("it is refused"), NotTaken::Never { .. })
        };
        for status in [400, 413, 422] {
            assert!(is_final(status), "{status}");
        }
        for status in [301, 401, 403, 404, 429, 500, 502, 503, 504] {
            assert!(!is_final(status), "{status}");
        }
        let partly = br#"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}}"#;
        let refused = outcome(StatusCode::OK, None, partly).expect("it is taken");
        assert_eq!(refused, Refused { spans: 3, why: "too old".to_owned() });
        assert_eq!(outcome(StatusCode::ACCEPTED, None, b"no JSON"), Ok(Refused::default()));
    }
}
