//! HTTP to public addresses, and to hosts that the operator has named.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue, LOCATION};
use hyper::{Request, Response, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;
use url::Url;

use crate::address::{Trusted, is_public};

const REDIRECTS: usize = 5;
/// A server that says nothing for this long is not there.
pub const SILENCE: Duration = Duration::from_secs(30);

#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    #[error("it leads inside somebody's network, or away from https")]
    Astray,
    #[error("it leads from one address to the next, more than {REDIRECTS} times")]
    TooManyRedirects,
    #[error("it gives another part of the file than the one that was asked for")]
    OtherPart,
    #[error("nothing came for {} s", SILENCE.as_secs())]
    Silent,
    #[error("{}", with_causes(.0))]
    Asking(legacy::Error),
    #[error("{}", with_causes(.0))]
    Listening(#[from] hyper::Error),
}

impl From<legacy::Error> for HttpError {
    fn from(error: legacy::Error) -> HttpError {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(behind) = cause {
            if behind.downcast_ref::<std::io::Error>().is_some_and(is_astray) {
                return HttpError::Astray;
            }
            cause = behind.source();
        }
        HttpError::Asking(error)
    }
}

/// Whether it is what [`PublicOnly`] says of a name.
fn is_astray(error: &std::io::Error) -> bool {
    error.get_ref().is_some_and(|error| error.is::<NotPublic>())
}

#[derive(Debug, thiserror::Error)]
#[error("it has no public address")]
struct NotPublic;

pub struct Http {
    client: legacy::Client<HttpsConnector<HttpConnector<PublicOnly>>, Full<Bytes>>,
    trusted: Trusted,
}

impl Http {
    pub fn new(trusted: Trusted) -> Http {
        let mut connector = HttpConnector::new_with_resolver(PublicOnly { trusted: trusted.clone() });
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(SILENCE));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls())
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        Http { client: legacy::Client::builder(TokioExecutor::new()).build(connector), trusted }
    }

    /// Asks once: an answer that leads elsewhere is an answer.
    pub async fn ask(
        &self,
        url: &Url,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, HttpError> {
        // An address in numbers is asked without looking for its name.
        if !self.trusted.allows(url) {
            return Err(HttpError::Astray);
        }
        *request.uri_mut() = Uri::try_from(url.as_str()).map_err(|_| HttpError::Astray)?;
        Ok(timeout(SILENCE, self.client.request(request)).await.map_err(|_| HttpError::Silent)??)
    }

    /// Asks, and follows where it is led; the token goes to the host of `from` alone.
    pub async fn get(
        &self,
        from: &Url,
        token: Option<&str>,
        headers: HeaderMap,
    ) -> Result<Response<Incoming>, HttpError> {
        let mut url = from.clone();
        for _ in 0..=REDIRECTS {
            let mut request = Request::new(Full::default());
            *request.headers_mut() = headers.clone();
            if let Some(token) = token.filter(|_| url.host_str() == from.host_str())
                && let Ok(token) = HeaderValue::try_from(format!("Bearer {token}"))
            {
                request.headers_mut().insert(AUTHORIZATION, token);
            }
            let answer = self.ask(&url, request).await?;
            if !answer.status().is_redirection() {
                return Ok(answer);
            }
            url = self.led_to(&url, answer.headers()).ok_or(HttpError::Astray)?;
        }
        Err(HttpError::TooManyRedirects)
    }

    /// `None` where nothing is fetched from.
    fn led_to(&self, from: &Url, headers: &HeaderMap) -> Option<Url> {
        let there = from.join(headers.get(LOCATION)?.to_str().ok()?).ok()?;
        // Never from https into the clear, also where that is trusted.
        let is_as_safe = there.scheme() == from.scheme() || there.scheme() == "https";
        (is_as_safe && self.trusted.allows(&there)).then_some(there)
    }
}

/// The authorities of this machine, read once, and what rustls takes for safe.
pub fn tls() -> ClientConfig {
    static TLS: LazyLock<ClientConfig> = LazyLock::new(|| trusting(of_this_machine().clone()));
    TLS.clone()
}

/// The same, and an authority besides: a file of certificates in PEM.
pub fn tls_trusting(authority: &Path) -> Result<ClientConfig, AuthorityError> {
    let unfit = |reason: String| AuthorityError { path: authority.to_owned(), reason };
    let mut roots = of_this_machine().clone();
    let text = std::fs::read(authority).map_err(|error| unfit(error.to_string()))?;
    let before = roots.len();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|error| unfit(error.to_string()))?;
        roots.add(certificate).map_err(|error| unfit(error.to_string()))?;
    }
    if roots.len() == before {
        return Err(unfit("no certificate is in it".to_owned()));
    }
    Ok(trusting(roots))
}

/// Whom a connection is not to be trusted by.
#[derive(Debug, thiserror::Error)]
#[error("{path} is no PEM of an authority's certificates: {reason}")]
pub struct AuthorityError {
    path: PathBuf,
    reason: String,
}

fn of_this_machine() -> &'static RootCertStore {
    static ROOTS: LazyLock<RootCertStore> = LazyLock::new(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots
    });
    &ROOTS
}

fn trusting(roots: RootCertStore) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has the versions that rustls takes for safe")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// Names that lead inside somebody's network lead nowhere, but for those that the operator has named.
#[derive(Clone)]
struct PublicOnly {
    trusted: Trusted,
}

impl tower::Service<Name> for PublicOnly {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = std::io::Error;
    type Future = BoxFuture<'static, std::io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let is_trusted = self.trusted.has_host(name.as_str());
        async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<_> = found.filter(|found| is_trusted || is_public(found.ip())).collect();
            if found.is_empty() {
                return Err(std::io::Error::other(NotPublic));
            }
            Ok(found.into_iter())
        }
        .boxed()
    }
}

/// An HTTP error says what was tried; what happened stands behind it.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(behind) = cause {
        text = format!("{text}: {behind}");
        cause = behind.source();
    }
    text
}
