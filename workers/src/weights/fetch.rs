//! One file over HTTP: into the disk as it comes, gone on with where it was cut, and never more than it may be.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ETAG, IF_RANGE, RANGE};
use reqwest::{Client, Response, StatusCode, Url, redirect};
use rustls::{ClientConfig, RootCertStore};
use sha2::{Digest, Sha256};
use trainyard_child::Backoff;
use trainyard_events::job::{Failure, FailureClass};
use trainyard_events::reason::{Advice, Cause, Trouble};

use super::address::{Address, is_public, is_public_ip};
use crate::prepare::disk;
use crate::trainer::failure;

/// The largest file of weights.
const WEIGHTS_GIB: u64 = 8;
const REDIRECTS: usize = 5;
/// A server that says nothing for this long is not there.
const SILENCE: Duration = Duration::from_secs(30);
/// How often a fetch that is cut goes on, or is begun again.
const TRIES: u32 = 5;

/// Returns the size in bytes and the SHA-256.
pub(super) async fn fetch(address: &Address, to: &Path) -> Result<(u64, String), Failure> {
    let source = address.source.clone();
    let unreachable = |text: String| {
        let because = Trouble::WeightsUnreachable { source: source.clone(), cause: Cause::Said { text } };
        failure(FailureClass::Internal, because, Advice::WeightsByPathOrScratch)
    };
    let client = client(address).map_err(|error| unreachable(error.to_string()))?;
    let mut part = Part::create(to).map_err(|error| disk(to, &error))?;
    let mut backoff = Backoff::default();
    for tried in 1.. {
        match part.go_on(&client, address).await {
            Ok(()) => break,
            Err(Cut::Refused(status)) if status.is_redirection() => return Err(astray(source)),
            Err(Cut::Refused(status)) => return Err(refused(&address.source, status)),
            Err(Cut::TooLarge) => {
                let because = Trouble::WeightsTooLarge { source, gib: WEIGHTS_GIB };
                return Err(failure(FailureClass::Config, because, Advice::OtherWeights));
            }
            Err(Cut::Disk(error)) => return Err(disk(to, &error)),
            Err(Cut::Http(error)) if error.is_redirect() => return Err(astray(source)),
            Err(Cut::Http(error)) if tried == TRIES => return Err(unreachable(with_causes(&error))),
            Err(Cut::Http(error)) => {
                tracing::warn!(
                    source,
                    tried,
                    error = with_causes(&error),
                    "the weights come no further; going on"
                );
                backoff.wait().await;
            }
        }
    }
    part.close().map_err(|error| disk(to, &error))
}

/// It leads where nothing is fetched from.
fn astray(source: String) -> Failure {
    failure(FailureClass::Config, Trouble::WeightsOutOfBounds { source }, Advice::OtherWeights)
}

/// Another try would be refused as well, where the sender is told that it asks wrongly.
fn refused(source: &str, status: StatusCode) -> Failure {
    let because = Trouble::WeightsRefused { source: source.to_owned(), status: status.as_u16() };
    if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS {
        failure(FailureClass::Config, because, Advice::TokenForWeights)
    } else {
        failure(FailureClass::Internal, because, Advice::WeightsByPathOrScratch)
    }
}

/// What has come so far.
struct Part {
    file: File,
    hash: Sha256,
    bytes: u64,
    /// What the server calls this content, where it says.
    etag: Option<String>,
}

/// Why no more comes.
enum Cut {
    Http(reqwest::Error),
    Refused(StatusCode),
    TooLarge,
    Disk(std::io::Error),
}

impl Part {
    fn create(path: &Path) -> std::io::Result<Part> {
        Ok(Part { file: File::create(path)?, hash: Sha256::new(), bytes: 0, etag: None })
    }

    /// Asks for the rest, and for all where the server cannot say that it is still the same.
    async fn go_on(&mut self, client: &Client, address: &Address) -> Result<(), Cut> {
        let mut request = client.get(address.url.clone());
        if let Some(token) = &address.token {
            request = request.bearer_auth(token);
        }
        if let Some(etag) = self.etag.as_ref().filter(|_| self.bytes > 0) {
            request = request.header(RANGE, format!("bytes={}-", self.bytes)).header(IF_RANGE, etag);
        }
        let response = request.send().await.map_err(Cut::Http)?;
        match response.status() {
            StatusCode::PARTIAL_CONTENT => {}
            StatusCode::OK => self.begin(&response).map_err(Cut::Disk)?,
            status => return Err(Cut::Refused(status)),
        }
        self.take(response).await
    }

    fn begin(&mut self, response: &Response) -> std::io::Result<()> {
        self.file.set_len(0)?;
        std::io::Seek::rewind(&mut self.file)?;
        let etag = response.headers().get(ETAG).and_then(|etag| etag.to_str().ok());
        (self.hash, self.bytes) = (Sha256::new(), 0);
        // A weak one says alike, not the same.
        self.etag = etag.filter(|etag| !etag.starts_with("W/")).map(str::to_owned);
        Ok(())
    }

    async fn take(&mut self, mut response: Response) -> Result<(), Cut> {
        let most = WEIGHTS_GIB << 30;
        if response.content_length().is_some_and(|left| self.bytes.saturating_add(left) > most) {
            return Err(Cut::TooLarge);
        }
        while let Some(chunk) = response.chunk().await.map_err(Cut::Http)? {
            self.bytes += chunk.len() as u64;
            if self.bytes > most {
                return Err(Cut::TooLarge);
            }
            self.hash.update(&chunk);
            self.file.write_all(&chunk).map_err(Cut::Disk)?;
        }
        Ok(())
    }

    fn close(self) -> std::io::Result<(u64, String)> {
        self.file.sync_all()?;
        Ok((self.bytes, hex::encode(self.hash.finalize())))
    }
}

fn client(address: &Address) -> Result<Client, reqwest::Error> {
    let trusted = address.trusted.clone();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has the versions that rustls takes for safe")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let host = trusted.clone();
    let further = redirect::Policy::custom(move |next| {
        if next.previous().len() > REDIRECTS {
            next.error("too many redirects")
        } else if is_public(next.url()) || is_of(next.url(), host.as_deref()) {
            next.follow()
        } else {
            next.error("it leads inside somebody's network, or away from https")
        }
    });
    Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(further)
        .dns_resolver(Arc::new(PublicOnly { trusted }))
        .connect_timeout(SILENCE)
        .read_timeout(SILENCE)
        .build()
}

fn is_of(url: &Url, host: Option<&str>) -> bool {
    host.is_some() && url.host_str() == host
}

/// Names that lead inside somebody's network lead nowhere, but for the hub that the operator has named.
struct PublicOnly {
    trusted: Option<String>,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let is_trusted = self.trusted.as_deref() == Some(name.as_str());
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<_> = found.filter(|found| is_trusted || is_public_ip(found.ip())).collect();
            if found.is_empty() {
                return Err("it has no public address".into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// An HTTP error says what was tried; what happened stands behind it.
fn with_causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(behind) = cause {
        text = format!("{text}: {behind}");
        cause = behind.source();
    }
    text
}
