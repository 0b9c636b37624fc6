//! TLS of a gateway's own: a certificate from two files, read again while it serves, so that a renewed one is shown without a
//! restart.

use std::convert::Infallible;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::http::header::{AUTHORIZATION, CONNECTION, HOST, LOCATION};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use hyper::Request;
use hyper::body::Incoming;
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use sha2::{Digest, Sha256};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tracing::{info, warn};
use trainyard_api::Problem;

use crate::connection::Connection;
use crate::error::{ApiError, in_language};
use crate::extract::language;

/// Between two looks at the files.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// How a client that speaks TLS begins.
const HANDSHAKE: u8 = 0x16;

/// Where a gateway's certificate lies, in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// Its own certificate first, then those between it and its authority.
    pub certificate: PathBuf,
    pub key: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{path} cannot be read: {source}")]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{path} is no PEM of a {what}: {source}")]
    NotPem { path: PathBuf, what: &'static str, source: pem::Error },
    #[error("{certificate} and {key} cannot be used: {source}")]
    Unfit { certificate: PathBuf, key: PathBuf, source: rustls::Error },
}

/// What the two files hold.
struct Pem {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Pem {
    fn hash(&self) -> [u8; 32] {
        Sha256::new()
            .chain_update(&self.certificate)
            .chain_update([0])
            .chain_update(&self.key)
            .finalize()
            .into()
    }
}

/// Cloned for each connection.
#[derive(Clone)]
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    shown: Arc<Shown>,
    files: TlsFiles,
    /// Of what is shown.
    hash: [u8; 32],
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.files.fmt(f)
    }
}

impl Tls {
    pub(crate) fn open(files: TlsFiles) -> Result<Tls, TlsError> {
        let pem = files.read()?;
        let shown = Arc::new(Shown(RwLock::new(Arc::new(files.certified(&pem)?))));
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring has the versions that rustls takes for safe")
            .with_no_client_auth()
            .with_cert_resolver(shown.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Tls { acceptor: TlsAcceptor::from(Arc::new(config)), shown, files, hash: pem.hash() })
    }

    /// Agrees with the client on TLS, or finds that it speaks in the clear.
    pub(crate) async fn greet(&self, connection: Connection) -> io::Result<Greeted> {
        match connection.first().await? {
            Some(HANDSHAKE) => Ok(Greeted::Safely(Box::new(self.acceptor.accept(connection).await?))),
            Some(_) => Ok(Greeted::InTheClear(connection)),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Shows what the files hold whenever that changes, for ever. While they hold nothing fit, as between the two writes of a
    /// renewal, what was fit goes on.
    pub(crate) async fn watch(mut self) {
        let mut complained = None;
        loop {
            tokio::time::sleep(LOOK_AGAIN).await;
            match self.look() {
                Ok(false) => complained = None,
                Ok(true) => {
                    info!(certificate = %self.files.certificate.display(), "another certificate is shown")
                }
                Err(error) => {
                    let error = error.to_string();
                    if complained.as_ref() != Some(&error) {
                        warn!(%error, "the certificate of before is shown on");
                    }
                    complained = Some(error);
                }
            }
        }
    }

    /// Whether there was something new.
    fn look(&mut self) -> Result<bool, TlsError> {
        let pem = self.files.read()?;
        if pem.hash() == self.hash {
            return Ok(false);
        }
        let certified = self.files.certified(&pem)?;
        *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(certified);
        self.hash = pem.hash();
        Ok(true)
    }
}

impl TlsFiles {
    fn read(&self) -> Result<Pem, TlsError> {
        let read = |path: &Path| {
            fs::read(path).map_err(|source| TlsError::Unreadable { path: path.to_owned(), source })
        };
        Ok(Pem { certificate: read(&self.certificate)?, key: read(&self.key)? })
    }

    /// The key is the certificate's, or it is unfit.
    fn certified(&self, Pem { certificate, key }: &Pem) -> Result<CertifiedKey, TlsError> {
        let not_pem = |path: &Path, what| {
            let path = path.to_owned();
            move |source| TlsError::NotPem { path, what, source }
        };
        let chain: Vec<_> = CertificateDer::pem_slice_iter(certificate)
            .collect::<Result<_, _>>()
            .and_then(
                |chain: Vec<_>| if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) },
            )
            .map_err(not_pem(&self.certificate, "certificate"))?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(not_pem(&self.key, "private key"))?;
        CertifiedKey::from_der(chain, key, &default_provider()).map_err(|source| TlsError::Unfit {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            source,
        })
    }
}

/// A connection whose client has begun to speak.
pub(crate) enum Greeted {
    Safely(Box<TlsStream<Connection>>),
    InTheClear(Connection),
}

/// Answers what came in the clear: a page is led to its place by https, and whatever may hold a secret is told so.
pub(crate) async fn led_to_tls(request: Request<Incoming>) -> Result<Response, Infallible> {
    let headers = request.headers();
    let asks =
        matches!(*request.method(), Method::GET | Method::HEAD) && !headers.contains_key(AUTHORIZATION);
    let there = headers.get(HOST).filter(|_| asks).and_then(|host| {
        let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
        HeaderValue::try_from(format!("https://{}{path}", host.to_str().ok()?)).ok()
    });
    let language = language(headers);
    Ok(match there {
        Some(there) => (StatusCode::PERMANENT_REDIRECT, [(LOCATION, there)]).into_response(),
        None => {
            let refused = in_language(ApiError::from(Problem::OnlyTls).into_response(), language);
            ([(CONNECTION, HeaderValue::from_static("close"))], refused).into_response()
        }
    })
}

#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    fn write_certificate(files: &TlsFiles) -> CertificateDer<'static> {
        let key = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::default().self_signed(&key).expect("a certificate");
        fs::write(&files.certificate, certificate.pem()).expect("a file");
        fs::write(&files.key, key.serialize_pem()).expect("a file");
        certificate.der().clone()
    }

    fn shown(tls: &Tls) -> CertificateDer<'static> {
        tls.shown.0.read().expect("nobody panics").cert[0].clone()
    }

    #[test]
    fn a_renewed_certificate_is_shown_and_a_half_written_one_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = TlsFiles { certificate: folder.path().join("pem"), key: folder.path().join("key") };
        let first = write_certificate(&files);
        let mut tls = Tls::open(files.clone()).expect("a certificate");
        assert!(!tls.look().expect("it is as it was"));
        fs::write(&files.key, "-----BEGIN").expect("a file");
        assert!(matches!(tls.look(), Err(TlsError::NotPem { .. })));
        assert_eq!(shown(&tls), first);
        let second = write_certificate(&files);
        assert!(tls.look().expect("another one"));
        assert_eq!(shown(&tls), second);
        assert_ne!(first, second);
    }

    #[test]
    fn no_key_is_printed() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = TlsFiles { certificate: folder.path().join("pem"), key: folder.path().join("key") };
        write_certificate(&files);
        let printed = format!("{:?}", Tls::open(files).expect("a certificate"));
        assert!(printed.contains("certificate") && printed.len() < 300, "{printed}");
    }
}
