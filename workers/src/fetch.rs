//! One file over HTTP: into the disk as it comes, gone on with where it was cut, and never more than it may be.

pub(crate) mod address;
mod pace;

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
use trainyard_fetch::{Http, HttpError, SILENCE};

use address::Address;
pub(crate) use pace::PACE;
use pace::{Pace, Watch};

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
    /// It comes slower than [`PACE`].
    TooSlow,
    /// It leads where nothing is fetched from.
    Astray,
    Disk(std::io::Error),
    Unreachable(String),
}

/// Puts what lies at the address into `to`: `bytes_max` at most.
pub(crate) async fn fetch(address: &Address, to: &Path, bytes_max: u64) -> Result<Fetched, NotFetched> {
    fetch_at(PACE, address, to, bytes_max).await
}

async fn fetch_at(pace: Pace, address: &Address, to: &Path, bytes_max: u64) -> Result<Fetched, NotFetched> {
    let http = Http::new(address.trusted.clone());
    let mut part = Part::create(to, bytes_max, pace).map_err(NotFetched::Disk)?;
    let (mut backoff, mut tried, mut reached) = (Backoff::default(), 0, 0);
    loop {
        part.watch.resume();
        let went = part.go_on(&http, address).await;
        part.watch.pause();
        let error = match went {
            Ok(()) => return part.close().map_err(NotFetched::Disk),
            Err(Cut::Refused(status)) => return Err(NotFetched::Refused(status)),
            Err(Cut::TooLarge) => return Err(NotFetched::TooLarge),
            Err(Cut::TooSlow) => return Err(NotFetched::TooSlow),
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
    /// Of all that comes, in however many answers: one that is cut again and again is as slow.
    watch: Watch,
    /// What the server calls this content, where it says.
    etag: Option<HeaderValue>,
}

/// Why no more comes.
enum Cut {
    Http(HttpError),
    Refused(StatusCode),
    TooLarge,
    TooSlow,
    Disk(std::io::Error),
}

impl Part {
    fn create(path: &Path, bytes_max: u64, pace: Pace) -> std::io::Result<Part> {
        let (file, hash, watch) = (File::create(path)?, Sha256::new(), Watch::begin(pace));
        Ok(Part { file, hash, bytes: 0, bytes_max, watch, etag: None })
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
        let answer = http.get(&address.url, address.token.as_deref(), headers).await.map_err(Cut::Http)?;
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
            if !self.watch.came(chunk.len() as u64) {
                return Err(Cut::TooSlow);
            }
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

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

    use trainyard_fetch::Trusted;

    use super::*;

    /// A server on loopback that gives a byte each 5 ms for as long as it is listened to, or all at once.
    fn server(drips: bool) -> Address {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                give(stream.unwrap(), drips);
            }
        });
        let source = format!("http://{host}/pets.zip");
        Address { url: source.parse().unwrap(), source, token: None, trusted: Trusted(vec![host]) }
    }

    fn give(mut stream: TcpStream, drips: bool) {
        std::io::Read::read(&mut stream, &mut [0; 4_096]).unwrap();
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
        if !drips {
            let _ = stream.write_all(&[7; 100_000]);
        }
        while drips && stream.write_all(b"x").is_ok() {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[tokio::test]
    async fn a_server_that_drips_is_given_up_at_the_end_of_its_window_and_not_asked_again() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("archive");
        let pace = Pace { bytes_min: 50_000, window: Duration::from_millis(100) };
        let dripped = fetch_at(pace, &server(true), &to, 1 << 20).await;
        assert!(matches!(dripped, Err(NotFetched::TooSlow)));
        assert!(to.metadata().unwrap().len() < 50_000);
        let Ok(given) = fetch_at(pace, &server(false), &to, 1 << 20).await else { panic!("fast enough") };
        assert_eq!(given.bytes, 100_000);
    }
}
