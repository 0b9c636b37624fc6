//! Sends over HTTP: to addresses that were looked at after their name was resolved, within limits, and never anywhere else.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::{HeaderMap, Request, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;
use trainyard_events::TenantId;
use trainyard_events::hook::Miss;
use url::Url;

use crate::address::Trusted;

const CONNECT_WAIT: Duration = Duration::from_secs(5);
/// Of what a receiver answers, which nobody reads: whoever says more, or says it slowly, loses the connection.
const ANSWER_BYTES: usize = 16 * 1024;
const ANSWER_HEAD_BYTES: usize = 32 * 1024;
const REST_WAIT: Duration = Duration::from_secs(2);
/// A connection that is not used for this long is closed.
const IDLE: Duration = Duration::from_secs(30);

/// Why it was not taken, and how long the receiver asks to be left alone.
#[derive(Debug, PartialEq)]
pub(crate) struct NotTaken {
    pub(crate) miss: Miss,
    pub(crate) asked: Option<Duration>,
}

impl From<Miss> for NotTaken {
    fn from(miss: Miss) -> NotTaken {
        NotTaken { miss, asked: None }
    }
}

/// The way to one receiver.
pub(crate) struct Web {
    client: legacy::Client<HttpsConnector<HttpConnector<Checked>>, Full<Bytes>>,
    checked: Checked,
    /// From the first look for the name to the status.
    answer_wait: Duration,
}

impl Web {
    pub(crate) fn new(tenant: TenantId, url: Url, trusted: Arc<Trusted>, answer_wait: Duration) -> Web {
        let checked = Checked { tenant, url, trusted };
        let mut connector = HttpConnector::new_with_resolver(checked.clone());
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(CONNECT_WAIT));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls())
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(1)
            .http1_max_buf_size(ANSWER_HEAD_BYTES)
            .build(connector);
        Web { client, checked, answer_wait }
    }

    /// Posts once. Anything but a 2xx in time is a miss.
    pub(crate) async fn post(&self, headers: HeaderMap, body: Bytes) -> Result<(), NotTaken> {
        let Checked { tenant, url, trusted } = &self.checked;
        // An address in numbers is not resolved: it is looked at here.
        if !trusted.may_be_asked(tenant, url) {
            return Err(Miss::NotPublic.into());
        }
        let mut request = Request::post(url.as_str())
            .body(Full::new(body))
            .map_err(|error| Miss::Unreachable { detail: error.to_string() })?;
        *request.headers_mut() = headers;
        request
            .headers_mut()
            .insert(USER_AGENT, HeaderValue::from_static(concat!("trainyard/", env!("CARGO_PKG_VERSION"))));
        let answer = timeout(self.answer_wait, self.client.request(request))
            .await
            .map_err(|_| Miss::Silent)?
            .map_err(|error| not_reached(&error))?;
        let (status, asked) = (answer.status(), asked(answer.headers()));
        // Read to its end, the connection can be used again; whatever becomes of it, the status counts.
        let _rest = timeout(REST_WAIT, Limited::new(answer.into_body(), ANSWER_BYTES).collect()).await;
        outcome(status).map_err(|miss| NotTaken { miss, asked })
    }
}

fn outcome(status: StatusCode) -> Result<(), Miss> {
    let number = status.as_u16();
    match () {
        () if status.is_success() => Ok(()),
        () if status.is_redirection() => Err(Miss::Redirected { status: number }),
        () => Err(Miss::Status { status: number }),
    }
}

/// `Retry-After` in seconds.
fn asked(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

pub(crate) fn json() -> (hyper::header::HeaderName, HeaderValue) {
    (CONTENT_TYPE, HeaderValue::from_static("application/json"))
}

/// The names of addresses of ours stay here: what is behind an error says no more than the kind of trouble.
fn not_reached(error: &legacy::Error) -> Miss {
    let mut text = error.to_string();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    while let Some(behind) = cause {
        if let Some(error) = behind.downcast_ref::<std::io::Error>()
            && error.get_ref().is_some_and(|error| error.is::<NotPublic>())
        {
            return Miss::NotPublic;
        }
        text = behind.to_string();
        cause = behind.source();
    }
    Miss::Unreachable { detail: text.chars().take(DETAIL_CHARS).collect() }
}

/// Of what is told of an error.
pub(crate) const DETAIL_CHARS: usize = 200;

#[derive(Debug, thiserror::Error)]
#[error("it has no public address")]
struct NotPublic;

/// Resolves the one name that is asked for, and gives out only what may be connected to: the connection is made to what was
/// looked at, whatever the name says a moment later.
#[derive(Clone)]
struct Checked {
    tenant: TenantId,
    url: Url,
    trusted: Arc<Trusted>,
}

impl tower::Service<Name> for Checked {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = std::io::Error;
    type Future = BoxFuture<'static, std::io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let Checked { tenant, url, trusted } = self.clone();
        async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let may = |found: &SocketAddr| trusted.may_connect(&tenant, &url, found.ip());
            let found: Vec<_> = found.filter(may).collect();
            if found.is_empty() {
                return Err(std::io::Error::other(NotPublic));
            }
            Ok(found.into_iter())
        }
        .boxed()
    }
}

/// Read once: there are as many receivers as there are hooks.
fn tls() -> ClientConfig {
    static TLS: LazyLock<ClientConfig> = LazyLock::new(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has the versions that rustls takes for safe")
            .with_root_certificates(roots)
            .with_no_client_auth()
    });
    TLS.clone()
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    async fn posted(url: &str, trusted: &str) -> Result<(), Miss> {
        let tenant: TenantId = "acme".parse().expect("a tenant");
        let trusted = Arc::new(Trusted::read(trusted).expect("hosts"));
        let web = Web::new(tenant, Url::parse(url).expect("a url"), trusted, CONNECT_WAIT);
        web.post(HeaderMap::new(), Bytes::new()).await.map_err(|not_taken| not_taken.miss)
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_connected_to_and_neither_is_a_number() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("its address").port();
        for hostile in ["localhost", "127.0.0.1", "2130706433", "[::ffff:127.0.0.1]"] {
            let url = format!("https://{hostile}:{port}/");
            assert_eq!(posted(&url, "").await, Err(Miss::NotPublic), "{hostile}");
        }
        let connected = tokio::time::timeout(Duration::from_millis(200), listener.accept()).await;
        assert!(connected.is_err(), "nobody has come");
        // The same name is connected to where the operator has named it.
        let accepted = tokio::spawn(async move { listener.accept().await.map(drop) });
        let miss = posted(&format!("http://localhost:{port}/"), "localhost").await.expect_err("it hangs up");
        assert!(matches!(miss, Miss::Unreachable { .. }), "{miss:?}");
        accepted.await.expect("it ends").expect("somebody has come");
    }

    #[test]
    fn only_a_2xx_is_taken_and_nobody_is_led_elsewhere() {
        for (status, expected) in [
            (200, Ok(())),
            (204, Ok(())),
            (301, Err(Miss::Redirected { status: 301 })),
            (307, Err(Miss::Redirected { status: 307 })),
            (304, Err(Miss::Redirected { status: 304 })),
            (400, Err(Miss::Status { status: 400 })),
            (500, Err(Miss::Status { status: 500 })),
        ] {
            assert_eq!(outcome(StatusCode::from_u16(status).expect("a status")), expected);
        }
    }
}
