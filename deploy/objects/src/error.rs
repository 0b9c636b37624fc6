//! What goes wrong with files, in S3's words.

use std::io;

use hyper::StatusCode;
use s3s::{S3Error, S3ErrorCode, s3_error};

pub(crate) fn no_key() -> S3Error {
    s3_error!(NoSuchKey, "there is no such object")
}

pub(crate) fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// A full disk is told apart: it is the one that passes when somebody makes room.
pub(crate) fn of(error: io::Error) -> S3Error {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            let code = S3ErrorCode::Custom("InsufficientStorage".into());
            let mut full = S3Error::with_message(code, "the disk of the store is full: make room");
            full.set_status_code(StatusCode::INSUFFICIENT_STORAGE);
            full
        }
        _ => {
            tracing::error!("a file of the store cannot be used: {error}");
            S3Error::with_message(S3ErrorCode::InternalError, error.to_string())
        }
    }
}

/// Does what waits for the disk where it holds nobody up.
pub(crate) async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, S3Error> + Send + 'static,
) -> Result<T, S3Error> {
    tokio::task::spawn_blocking(work).await.map_err(S3Error::internal_error)?
}
