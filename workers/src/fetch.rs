//! One file over HTTP: into the disk as it comes, gone on with where it was cut, and never more than it may be.

pub(crate) mod address;
mod http;

use std::fs::File;
use std::io::Write;
use std::path::Path;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::Response;
use hyper::StatusCode;
use hyper::body::{Body, Incoming};
use hyper::header::{CONTENT_RANGE, ETAG, HeaderMap, HeaderValue, IF_RANGE, RANGE};
use sha2::{Digest, Sha256};
use tokio::time::timeout;
use trainyard_child::Backoff;

use address::Address;
use http::{Http, HttpError, SILENCE};

/// How often a fetch that comes no further is tried again.
const TRIES: u32 = 5;

/// What came.
pub(crate) struct Fetched {
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

/// Why nothing came, by what can be done about it.
pub(crate) enum NotFetched {
    /// The server answers with this status.
    Refused(StatusCode),
    TooLarge,
    /// It leads where nothing is fetched from.
    Astray,
    Disk(std::io::Error),
    Unreachable(String),
}

/// Puts what lies at the address into `to`: `bytes_max` at most.
pub(crate) async fn fetch(address: &Address, to: &Path, bytes_max: u64) -> Result<Fetched, NotFetched> {
    let http = Http::new(address);
    let mut part = Part::create(to, bytes_max).map_err(NotFetched::Disk)?;
    let (mut backoff, mut tried, mut reached) = (Backoff::default(), 0, 0);
    loop {
        let error = match part.go_on(&http, address).await {
            Ok(()) => return part.close().map_err(NotFetched::Disk),
            Err(Cut::Refused(status)) => return Err(NotFetched::Refused(status)),
            Err(Cut::TooLarge) => return Err(NotFetched::TooLarge),
            Err(Cut::Disk(error)) => return Err(NotFetched::Disk(error)),
            Err(Cut::Http(HttpError::Astray)) => return Err(NotFetched::Astray),
            Err(Cut::Http(error)) => error,
        };
        // A long way may be cut often, as long as it goes on.
        if part.bytes > reached {
            (tried, reached) = (0, part.bytes);
            backoff.reset();
        }
        tried += 1;
        if tried == TRIES {
            return Err(NotFetched::Unreachable(error.to_string()));
        }
        tracing::warn!(host = address.url.host_str(), tried, bytes = part.bytes, %error, "the fetch comes no further; going on");
        backoff.wait().await;
    }
}

/// What has come so far.
struct Part {
    file: File,
    hash: Sha256,
    bytes: u64,
    bytes_max: u64,
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
    fn create(path: &Path, bytes_max: u64) -> std::io::Result<Part> {
        Ok(Part { file: File::create(path)?, hash: Sha256::new(), bytes: 0, bytes_max, etag: None })
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
            StatusCode::PARTIAL_CONTENT if self.is_rest(&answer) => {}
            // Another part than the one that was asked for: from the beginning.
            StatusCode::PARTIAL_CONTENT => {
                self.etag = None;
                return Err(Cut::Http(HttpError::OtherPart));
            }
            StatusCode::OK => self.begin(answer.headers()).map_err(Cut::Disk)?,
            status => return Err(Cut::Refused(status)),
        }
        self.take(answer.into_body()).await
    }

    fn is_rest(&self, answer: &Response<Incoming>) -> bool {
        let range = answer.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
        range.is_some_and(|range| range.starts_with(&format!("bytes {}-", self.bytes)))
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
        if self.bytes.saturating_add(body.size_hint().lower()) > self.bytes_max {
            return Err(Cut::TooLarge);
        }
        let silent = |_| Cut::Http(HttpError::Silent);
        while let Some(frame) = timeout(SILENCE, body.frame()).await.map_err(silent)? {
            let Ok(chunk) = frame.map_err(|error| Cut::Http(error.into()))?.into_data() else { continue };
            self.bytes += chunk.len() as u64;
            if self.bytes > self.bytes_max {
                return Err(Cut::TooLarge);
            }
            self.hash.update(&chunk);
            self.file.write_all(&chunk).map_err(Cut::Disk)?;
        }
        Ok(())
    }

    fn close(self) -> std::io::Result<Fetched> {
        self.file.sync_all()?;
        Ok(Fetched { bytes: self.bytes, sha256: hex::encode(self.hash.finalize()) })
    }
}
