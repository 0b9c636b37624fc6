//! What lies in the store, page by page, what was never completed, and how both leave.

use aws_sdk_s3::types::MetadataDirective;

use crate::error::refused;
use crate::{Store, StoreError};

/// An object as the store lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub key: String,
    pub bytes: u64,
    /// When it was written, in seconds since 1970, by the store's clock.
    pub written_s: i64,
}

/// Up to 1,000 objects in the order of their keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub objects: Vec<Listed>,
    /// To be given to [`Store::list`] for those after them; `None` at the end.
    pub next: Option<String>,
}

/// An upload in parts that nobody has completed or given up: it takes up room and is no object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    pub key: String,
    pub(crate) upload: String,
}

/// The largest object that S3 copies in one request.
const COPY_BYTES: u64 = 5 << 30;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Age {
    Fresh,
    Stale,
    /// And larger than [`COPY_BYTES`].
    StaleAndLarge,
}

fn age(bytes: u64, written_s: i64, stale_s: i64) -> Age {
    match written_s >= stale_s {
        true => Age::Fresh,
        false if bytes > COPY_BYTES => Age::StaleAndLarge,
        false => Age::Stale,
    }
}

impl Store {
    /// Objects whose keys begin with `prefix`: the first page, or the one that another named as its next.
    pub async fn list(&self, prefix: &str, page: Option<String>) -> Result<Page, StoreError> {
        let list = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
        let answer =
            list.set_continuation_token(page).send().await.map_err(|error| refused(prefix, error))?;
        let listed = |object: aws_sdk_s3::types::Object| {
            Some(Listed {
                key: object.key?,
                bytes: u64::try_from(object.size.unwrap_or(0)).unwrap_or(0),
                written_s: object.last_modified?.secs(),
            })
        };
        Ok(Page {
            objects: answer.contents.unwrap_or_default().into_iter().filter_map(listed).collect(),
            next: answer.next_continuation_token.filter(|_| answer.is_truncated == Some(true)),
        })
    }

    /// Uploads to keys that begin with `prefix` that are not completed: up to 1,000 of them.
    pub async fn unfinished(&self, prefix: &str) -> Result<Vec<Unfinished>, StoreError> {
        let list = self.client.list_multipart_uploads().bucket(&self.bucket).prefix(prefix);
        let answer = list.send().await.map_err(|error| refused(prefix, error))?;
        let uploads = answer.uploads.unwrap_or_default().into_iter();
        Ok(uploads.filter_map(|it| Some(Unfinished { key: it.key?, upload: it.upload_id? })).collect())
    }

    /// Gives an upload up, with the parts that are there. One that is over is gone already.
    pub async fn abandon(&self, unfinished: &Unfinished) -> Result<(), StoreError> {
        let Unfinished { key, upload } = unfinished;
        let abort = self.client.abort_multipart_upload().bucket(&self.bucket).key(key).upload_id(upload);
        match abort.send().await.map_err(|error| refused(key, error)) {
            Ok(_) | Err(StoreError::Missing { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// An object as if it had been written just now, without sending its content: up to [`COPY_BYTES`].
    pub async fn renew(&self, key: &str) -> Result<(), StoreError> {
        // Onto itself an object is only copied where something of it is said anew.
        let copied = self
            .client
            .copy_object()
            .bucket(&self.bucket)
            .key(key)
            .copy_source(format!("{}/{key}", self.bucket))
            .metadata_directive(MetadataDirective::Replace)
            .send()
            .await;
        copied.map(drop).map_err(|error| refused(key, error))
    }

    /// The length of an object, if there is one, for who is about to name it. Where it was written before `stale_s`, in seconds
    /// since 1970, it is as if it had been written just now, so that nobody takes it for forgotten meanwhile. What is too large for
    /// that is as good as not there: sent once more, it is new.
    pub async fn kept(&self, key: &str, stale_s: i64) -> Result<Option<u64>, StoreError> {
        let Some(seen) = self.seen(key).await? else { return Ok(None) };
        match age(seen.bytes, seen.written_s, stale_s) {
            Age::Fresh => return Ok(Some(seen.bytes)),
            Age::StaleAndLarge => return Ok(None),
            Age::Stale => {}
        }
        match self.renew(key).await {
            Ok(()) => Ok(Some(seen.bytes)),
            Err(StoreError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Takes an object out of the store. One that is not there is gone already.
    pub async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let deleted = self.client.delete_object().bucket(&self.bucket).key(key).send().await;
        match deleted.map_err(|error| refused(key, error)) {
            Ok(_) | Err(StoreError::Missing { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stale_is_copied_onto_itself_unless_it_is_too_large_for_a_copy() {
        assert_eq!(age(1, 7, 7), Age::Fresh);
        assert_eq!(age(1, 6, 7), Age::Stale);
        assert_eq!(age(5 << 30, 6, 7), Age::Stale);
        assert_eq!(age((5 << 30) + 1, 6, 7), Age::StaleAndLarge);
        assert_eq!(age((5 << 30) + 1, 7, 7), Age::Fresh);
    }
}
