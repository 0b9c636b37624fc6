//! Why the store did not do it, by what the caller can do.

use std::io;
use std::path::{Path, PathBuf};

use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nobody put it there, or it was collected.
    #[error("{key} is not in the store")]
    Missing { key: String },
    /// The object is not the one that was meant.
    #[error("{key} does not have the content it should: SHA-256 {found} instead of {expected}")]
    HashMismatch { key: String, expected: String, found: String },
    #[error("{key} has {bytes} bytes; {limit} is the most")]
    TooLarge { key: String, bytes: u64, limit: u64 },
    /// Given up on the way, as its caller wished.
    #[error("{key} is not wanted any more")]
    Unwanted { key: String },
    /// Try again later.
    #[error("the artifact store cannot be used now: {0}")]
    Unavailable(String),
    /// Nothing will change by trying again.
    #[error("the artifact store is not set up: {0}")]
    Config(String),
    /// The local side.
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{0:?} is no name for an artifact: letters, digits, `-`, `_` and `.`, with `/` between")]
    BadName(String),
}

impl StoreError {
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> StoreError {
        let path = path.to_owned();
        move |source| StoreError::File { path, source }
    }

    /// Whether the same call may succeed a little later.
    pub fn may_pass(&self) -> bool {
        matches!(self, StoreError::Unavailable(_))
    }
}

/// What a failed request about `subject` (a key or the bucket) means to the caller.
pub(crate) fn refused<E>(subject: &str, error: SdkError<E>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    match (error.code(), status) {
        (Some("NoSuchBucket"), _) => {
            StoreError::Config(format!("{subject}: there is no such bucket: make it, or name another"))
        }
        // Damaged on the way.
        (Some("BadDigest" | "IncompleteBody" | "RequestTimeout" | "XAmzContentSHA256Mismatch"), _) => {
            StoreError::Unavailable(DisplayErrorContext(&error).to_string())
        }
        (Some("InsufficientStorage"), _) | (_, Some(507)) => {
            StoreError::Unavailable(format!("{subject}: its disk is full; make room there"))
        }
        (Some("NoSuchKey"), _) | (_, Some(404)) => StoreError::Missing { key: subject.to_owned() },
        (_, Some(400 | 401 | 403 | 301)) => StoreError::Config(format!(
            "{subject} is refused ({}); check endpoint, region, bucket and keys",
            error.message().or(error.code()).unwrap_or("without a reason")
        )),
        _ => StoreError::Unavailable(DisplayErrorContext(&error).to_string()),
    }
}
