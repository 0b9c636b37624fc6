//! Objects out of the store: a file appears under its name only when it is whole and what it should be.

use std::path::{Path, PathBuf};

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use bytes::{Bytes, BytesMut};
use futures::{Stream, stream};
use sha2::{Digest, Sha256};
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

use crate::error::refused;
use crate::{Store, StoreError, Stored};

/// Cuts in a row without a byte between them after which an object cannot be had.
const CUTS: u32 = 3;

/// An object without its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub bytes: u64,
    /// When it was written, in seconds since 1970, by the store's clock.
    pub written_s: i64,
}

impl Store {
    /// Downloads an object of known content. `to` is written only whole, and replaced if it is there.
    pub async fn get_file(&self, key: &str, sha256: &str, to: &Path) -> Result<(), StoreError> {
        let mut body = self.get(key).await?.body;
        let partial = Partial::beside(to);
        let mut file = File::create(&partial.0).await.map_err(StoreError::file(to))?;
        let mut hasher = Sha256::new();
        while let Some(chunk) = next(&mut body).await? {
            hasher.update(&chunk);
            file.write_all(&chunk).await.map_err(StoreError::file(to))?;
        }
        let found = hex::encode(hasher.finalize());
        if found != sha256 {
            return Err(StoreError::HashMismatch { key: key.to_owned(), expected: sha256.to_owned(), found });
        }
        file.sync_all().await.map_err(StoreError::file(to))?;
        fs::rename(&partial.0, to).await.map_err(StoreError::file(to))
    }

    /// Downloads an object of content that nobody has told: `to` appears only whole, which a cut takes several tries to become.
    /// `limit` is in bytes.
    pub async fn fetch_file(&self, key: &str, to: &Path, limit: u64) -> Result<Stored, StoreError> {
        let partial = Partial::beside(to);
        let mut part = Part {
            file: File::create(&partial.0).await.map_err(StoreError::file(to))?,
            bytes: 0,
            sha256: Sha256::new(),
            etag: None,
        };
        let (mut cut, mut reached) = (0, 0);
        while let Err(error) = part.go_on(self, key, to, limit).await {
            // A long way may be cut often, as long as it goes on.
            cut = if part.bytes > reached { 1 } else { cut + 1 };
            reached = part.bytes;
            if !error.may_pass() || cut == CUTS {
                return Err(error);
            }
            tracing::warn!(key, bytes = part.bytes, %error, "the object comes no further; going on");
        }
        part.file.sync_all().await.map_err(StoreError::file(to))?;
        fs::rename(&partial.0, to).await.map_err(StoreError::file(to))?;
        Ok(Stored { key: key.to_owned(), sha256: hex::encode(part.sha256.finalize()), bytes: part.bytes })
    }

    /// A small object as a whole; `limit` is in bytes.
    pub async fn get_bytes(&self, key: &str, limit: u64) -> Result<Bytes, StoreError> {
        let object = self.get(key).await?;
        let too_large = |bytes| StoreError::TooLarge { key: key.to_owned(), bytes, limit };
        let (announced, mut body) = (length(&object), object.body);
        if announced > limit {
            return Err(too_large(announced));
        }
        let mut content = BytesMut::new();
        while let Some(chunk) = next(&mut body).await? {
            content.extend_from_slice(&chunk);
            if content.len() as u64 > limit {
                return Err(too_large(content.len() as u64));
            }
        }
        Ok(content.freeze())
    }

    /// Whether there is such an object.
    pub async fn has(&self, key: &str) -> Result<bool, StoreError> {
        Ok(self.bytes_of(key).await?.is_some())
    }

    /// The length of an object, if there is one.
    pub async fn bytes_of(&self, key: &str) -> Result<Option<u64>, StoreError> {
        Ok(self.seen(key).await?.map(|seen| seen.bytes))
    }

    /// What is to be known of an object without its content, if there is one.
    pub async fn seen(&self, key: &str) -> Result<Option<Seen>, StoreError> {
        let head = self.client.head_object().bucket(&self.bucket).key(key).send().await;
        match head.map_err(|error| refused(key, error)) {
            Ok(head) => Ok(Some(Seen {
                bytes: head.content_length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0),
                written_s: head.last_modified.map_or(0, |written| written.secs()),
            })),
            Err(StoreError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The last `most` bytes of an object of `bytes`, from the beginning of a line.
    pub async fn get_end(&self, key: &str, bytes: u64, most: u64) -> Result<Bytes, StoreError> {
        // One byte more, which tells whether a line begins there.
        let Some(start) = bytes.checked_sub(most + 1).filter(|start| *start > 0) else {
            return self.get_bytes(key, most + 1).await;
        };
        let end = self.client.get_object().bucket(&self.bucket).key(key).range(format!("bytes={start}-"));
        let mut body = end.send().await.map_err(|error| refused(key, error))?.body;
        let mut content = BytesMut::new();
        while let Some(chunk) = next(&mut body).await? {
            content.extend_from_slice(&chunk);
        }
        let whole = content.iter().position(|byte| *byte == b'\n').map_or(content.len(), |end| end + 1);
        Ok(content.split_off(whole).freeze())
    }

    /// The length in bytes of an object of known content, and the content as it comes. An error in between ends the
    /// stream, and so does a wrong hash before its last chunk: what comes whole is what was meant.
    pub async fn stream(
        &self,
        key: &str,
        sha256: &str,
    ) -> Result<(u64, impl Stream<Item = Result<Bytes, StoreError>> + Send + use<>), StoreError> {
        let object = self.get(key).await?;
        let length = length(&object);
        let checked = Checked::new(key, sha256, object.body);
        let chunks = stream::try_unfold(checked, |mut checked| async move {
            Ok(checked.next().await?.map(|chunk| (chunk, checked)))
        });
        Ok((length, chunks))
    }

    async fn get(&self, key: &str) -> Result<GetObjectOutput, StoreError> {
        let object = self.client.get_object().bucket(&self.bucket).key(key).send().await;
        object.map_err(|error| refused(key, error))
    }
}

fn length(object: &GetObjectOutput) -> u64 {
    object.content_length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0)
}

async fn next(body: &mut ByteStream) -> Result<Option<Bytes>, StoreError> {
    body.try_next().await.map_err(|error| StoreError::Unavailable(format!("the transfer broke off: {error}")))
}

/// What has come of an object so far.
struct Part {
    file: File,
    bytes: u64,
    sha256: Sha256,
    /// What the store calls this content: the rest of another is no rest.
    etag: Option<String>,
}

impl Part {
    /// Asks for the rest.
    async fn go_on(&mut self, store: &Store, key: &str, to: &Path, limit: u64) -> Result<(), StoreError> {
        let mut get = store.client.get_object().bucket(&store.bucket).key(key);
        if self.bytes > 0 {
            get = get.range(format!("bytes={}-", self.bytes)).set_if_match(self.etag.clone());
        }
        let object = get.send().await.map_err(|error| refused(key, error))?;
        if self.bytes == 0 {
            self.etag = object.e_tag().map(str::to_owned);
        }
        let too_large = |bytes| StoreError::TooLarge { key: key.to_owned(), bytes, limit };
        let announced = self.bytes.saturating_add(length(&object));
        if announced > limit {
            return Err(too_large(announced));
        }
        let mut body = object.body;
        while let Some(chunk) = next(&mut body).await? {
            self.bytes += chunk.len() as u64;
            if self.bytes > limit {
                return Err(too_large(self.bytes));
            }
            self.sha256.update(&chunk);
            self.file.write_all(&chunk).await.map_err(StoreError::file(to))?;
        }
        self.file.flush().await.map_err(StoreError::file(to))
    }
}

/// Content that is hashed as it comes, one chunk of it held back until it is known whether the next is the end.
struct Checked {
    key: String,
    expected: String,
    body: ByteStream,
    hasher: Sha256,
    held: Option<Bytes>,
}

impl Checked {
    fn new(key: &str, sha256: &str, body: ByteStream) -> Checked {
        let (key, expected) = (key.to_owned(), sha256.to_owned());
        Checked { key, expected, body, hasher: Sha256::new(), held: None }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        while let Some(chunk) = next(&mut self.body).await? {
            self.hasher.update(&chunk);
            if let Some(before) = self.held.replace(chunk) {
                return Ok(Some(before));
            }
        }
        let Some(last) = self.held.take() else { return Ok(None) };
        let found = hex::encode(self.hasher.finalize_reset());
        if found == self.expected {
            return Ok(Some(last));
        }
        Err(StoreError::HashMismatch { key: self.key.clone(), expected: self.expected.clone(), found })
    }
}

/// A file on its way; gone when it is dropped before it gets its name.
struct Partial(PathBuf);

impl Partial {
    fn beside(to: &Path) -> Partial {
        let mut name = to.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.part", Uuid::new_v4()));
        Partial(to.with_file_name(name))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // Usually it is gone already: renamed.
        let _ = std::fs::remove_file(&self.0);
    }
}
