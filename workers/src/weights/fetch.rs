//! One file over HTTP: into the disk as it comes, gone on with where it was cut, and never more than it may be.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::body::Body;
use hyper::header::{ETAG, HeaderMap, HeaderValue, IF_RANGE, RANGE};
use sha2::{Digest, Sha256};
use tokio::time::timeout;
use trainyard_child::Backoff;
use trainyard_events::job::{Failure, FailureClass};
use trainyard_events::reason::{Advice, Cause, Trouble};

use super::address::Address;
use super::http::{Http, HttpError, SILENCE};
use crate::prepare::disk;
use crate::trainer::failure;

/// The largest file of weights.
const WEIGHTS_GIB: u64 = 8;
/// How often a fetch that is cut goes on, or is begun again.
const TRIES: u32 = 5;

/// Returns the size in bytes and the SHA-256.
pub(super) async fn fetch(address: &Address, to: &Path) -> Result<(u64, String), Failure> {
    let source = address.source.clone();
    let unreachable = |text: String| {
        let because = Trouble::WeightsUnreachable { source: source.clone(), cause: Cause::Said { text } };
        failure(FailureClass::Internal, because, Advice::WeightsByPathOrScratch)
    };
    let http = Http::new(address);
    let mut part = Part::create(to).map_err(|error| disk(to, &error))?;
    let mut backoff = Backoff::default();
    for tried in 1.. {
        match part.go_on(&http, address).await {
            Ok(()) => break,
            Err(Cut::Refused(status)) => return Err(refused(&address.source, status)),
            Err(Cut::TooLarge) => {
                let because = Trouble::WeightsTooLarge { source, gib: WEIGHTS_GIB };
                return Err(failure(FailureClass::Config, because, Advice::OtherWeights));
            }
            Err(Cut::Disk(error)) => return Err(disk(to, &error)),
            Err(Cut::Http(HttpError::Astray)) => {
                let because = Trouble::WeightsOutOfBounds { source };
                return Err(failure(FailureClass::Config, because, Advice::OtherWeights));
            }
            Err(Cut::Http(error)) if tried == TRIES => return Err(unreachable(error.to_string())),
            Err(Cut::Http(error)) => {
                tracing::warn!(source, tried, %error, "the weights come no further; going on");
                backoff.wait().await;
            }
        }
    }
    part.close().map_err(|error| disk(to, &error))
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
    etag: Option<HeaderValue>,
}

/// Why no more comes.
enum Cut {
    Http(HttpError),
    Refused(StatusCode),
    TooLarge,
    Disk(std::io::Error),
}

impl Part {
    fn create(path: &Path) -> std::io::Result<Part> {
        Ok(Part { file: File::create(path)?, hash: Sha256::new(), bytes: 0, etag: None })
    }

    /// Asks for the rest, and for all where the server cannot say that it is still the same.
    async fn go_on(&mut self, http: &Http, address: &Address) -> Result<(), Cut> {
        let mut headers = HeaderMap::new();
        if let Some(etag) = self.etag.clone().filter(|_| self.bytes > 0)
            && let Ok(rest) = HeaderValue::try_from(format!("bytes={}-", self.bytes))
        {
            headers.insert(RANGE, rest);
            headers.insert(IF_RANGE, etag);
        }
        let answer = http.get(address, headers).await.map_err(Cut::Http)?;
        match answer.status() {
            StatusCode::PARTIAL_CONTENT => {}
            StatusCode::OK => self.begin(answer.headers()).map_err(Cut::Disk)?,
            status => return Err(Cut::Refused(status)),
        }
        self.take(answer.into_body()).await
    }

    fn begin(&mut self, headers: &HeaderMap) -> std::io::Result<()> {
        self.file.set_len(0)?;
        std::io::Seek::rewind(&mut self.file)?;
        (self.hash, self.bytes) = (Sha256::new(), 0);
        // A weak one says alike, not the same.
        self.etag = headers.get(ETAG).filter(|etag| !etag.as_bytes().starts_with(b"W/")).cloned();
        Ok(())
    }

    async fn take(
        &mut self,
        mut body: impl Body<Data = Bytes, Error = hyper::Error> + Unpin,
    ) -> Result<(), Cut> {
        let most = WEIGHTS_GIB << 30;
        if self.bytes.saturating_add(body.size_hint().lower()) > most {
            return Err(Cut::TooLarge);
        }
        let silent = |_| Cut::Http(HttpError::Silent);
        while let Some(frame) = timeout(SILENCE, body.frame()).await.map_err(silent)? {
            let Ok(chunk) = frame.map_err(|error| Cut::Http(error.into()))?.into_data() else { continue };
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
