//! Errors of the system and of the store as data: what lies behind a failure.

use std::io;

use trainyard_events::reason::Cause;
use trainyard_store::StoreError;

pub(crate) fn system(error: &io::Error) -> Cause {
    Cause::system(error.raw_os_error(), error.to_string())
}

pub(crate) fn store(error: &StoreError) -> Cause {
    match error {
        StoreError::Missing { key } => Cause::ObjectMissing { key: key.clone() },
        StoreError::HashMismatch { key, expected, found } => {
            Cause::ObjectChanged { key: key.clone(), expected: expected.clone(), found: found.clone() }
        }
        StoreError::TooLarge { key, bytes, limit } => {
            Cause::ObjectTooLarge { key: key.clone(), bytes: *bytes, limit: *limit }
        }
        StoreError::Unavailable(text) => Cause::StoreAway { text: text.clone() },
        StoreError::Config(text) => Cause::StoreNotSetUp { text: text.clone() },
        StoreError::File { path, source } => {
            Cause::AtPath { path: path.display().to_string(), cause: Box::new(system(source)) }
        }
        StoreError::Unwanted { .. } => Cause::said(error.to_string()),
        StoreError::BadName(key) => Cause::BadKey { key: key.clone() },
    }
}
