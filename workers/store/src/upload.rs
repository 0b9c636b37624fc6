//! Files and bytes into the store: hashed as they are read, guarded on the way, and known to be there at the end.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use crc_fast::CrcAlgorithm;
use futures::StreamExt;
use futures::stream::FuturesOrdered;
use sha2::{Digest, Sha256};

use crate::error::refused;
use crate::listing::Unfinished;
use crate::{Store, StoreError};

/// A file up to this long goes as one object, which is held in memory: the store writes it once, and no part of it twice.
const WHOLE_BYTES: u64 = PART_BYTES_MAX;
/// A longer one goes in parts of this length, each held in memory.
const PART_BYTES: u64 = 16 * 1024 * 1024;
/// S3's own limit; parts grow so that a file never has more.
const PARTS: u64 = 10_000;
/// The longest part: files of up to 625 GiB.
pub(crate) const PART_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Parts on their way at once.
const PARTS_AT_ONCE: usize = 3;

/// What lies in the store now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub key: String,
    /// In hex.
    pub sha256: String,
    pub bytes: u64,
}

/// What a server's answer says of what it was sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// It named the checksum of what was sent as that of what it has.
    Whole,
    /// It named none, as those that know no such checksum: it is to be asked.
    Unknown,
}

impl Store {
    /// Uploads a file that nobody writes to any more.
    pub async fn put_file(&self, key: &str, path: &Path) -> Result<Stored, StoreError> {
        self.put_file_unless(key, path, || false).await
    }

    /// Likewise. One that comes to be unwanted while its parts are on their way is given up.
    pub async fn put_file_unless(
        &self,
        key: &str,
        path: &Path,
        unwanted: impl Fn() -> bool,
    ) -> Result<Stored, StoreError> {
        let mut reader = Reader::open(path)?;
        if reader.bytes > PARTS * PART_BYTES_MAX {
            return Err(StoreError::TooLarge {
                key: key.to_owned(),
                bytes: reader.bytes,
                limit: PARTS * PART_BYTES_MAX,
            });
        }
        let kept = if reader.bytes <= WHOLE_BYTES {
            let content = reader.next(WHOLE_BYTES).await?.unwrap_or_default();
            self.put_whole(key, content).await?
        } else {
            self.put_parts(key, &mut reader, unwanted).await?;
            Kept::Unknown
        };
        let stored = Stored {
            key: key.to_owned(),
            sha256: hex::encode(reader.sha256.finalize()),
            bytes: reader.bytes,
        };
        self.check(&stored, kept).await?;
        Ok(stored)
    }

    pub async fn put_bytes(&self, key: &str, content: Bytes) -> Result<Stored, StoreError> {
        let sha256 = hex::encode(Sha256::digest(&content));
        self.put_hashed(key, content, sha256).await
    }

    /// The same of bytes whose hash was taken while they came.
    pub async fn put_hashed(&self, key: &str, content: Bytes, sha256: String) -> Result<Stored, StoreError> {
        let stored = Stored { key: key.to_owned(), sha256, bytes: content.len() as u64 };
        let kept = self.put_whole(key, content).await?;
        self.check(&stored, kept).await?;
        Ok(stored)
    }

    /// What comes damaged is refused: each request is signed with the SHA-256 of its content.
    async fn put_whole(&self, key: &str, content: Bytes) -> Result<Kept, StoreError> {
        let checksum = crc32c(&content);
        let put = self.client.put_object().bucket(&self.bucket).key(key).checksum_crc32_c(&checksum);
        let answer = put.body(ByteStream::from(content)).send().await;
        let answer = answer.map_err(|error| refused(key, error))?;
        let is_same = answer.checksum_crc32_c.is_some_and(|found| found == checksum);
        Ok(if is_same { Kept::Whole } else { Kept::Unknown })
    }

    async fn put_parts(
        &self,
        key: &str,
        reader: &mut Reader,
        unwanted: impl Fn() -> bool,
    ) -> Result<(), StoreError> {
        let begun = self.client.create_multipart_upload().bucket(&self.bucket).key(key).send().await;
        let upload = begun.map_err(|error| refused(key, error))?.upload_id.ok_or_else(|| {
            StoreError::Unavailable("the store began an upload and did not say which".to_owned())
        })?;
        let sent = match self.send_parts(key, &upload, reader, unwanted).await {
            Ok(parts) => self.complete(key, &upload, parts).await,
            Err(error) => Err(error),
        };
        if sent.is_err()
            && let Err(error) = self.abandon(&Unfinished { key: key.to_owned(), upload }).await
        {
            tracing::warn!(key, %error, "parts of a broken upload stay in the store");
        }
        sent
    }

    async fn send_parts(
        &self,
        key: &str,
        upload: &str,
        reader: &mut Reader,
        unwanted: impl Fn() -> bool,
    ) -> Result<Vec<CompletedPart>, StoreError> {
        let (mut sends, mut parts) = (FuturesOrdered::new(), Vec::new());
        let part_bytes = reader.bytes.div_ceil(PARTS).max(PART_BYTES);
        let mut number = 0;
        loop {
            while sends.len() < PARTS_AT_ONCE
                && let Some(part) = reader.next(part_bytes).await?
            {
                number += 1;
                sends.push_back(self.send_part(key, upload, number, part));
            }
            if unwanted() {
                return Err(StoreError::Unwanted { key: key.to_owned() });
            }
            match sends.next().await {
                Some(sent) => parts.push(sent?),
                None => return Ok(parts),
            }
        }
    }

    async fn send_part(
        &self,
        key: &str,
        upload: &str,
        number: i32,
        part: Bytes,
    ) -> Result<CompletedPart, StoreError> {
        let send = self.client.upload_part().bucket(&self.bucket).key(key).upload_id(upload);
        let send = send.part_number(number).body(ByteStream::from(part));
        let answer = send.send().await.map_err(|error| refused(key, error))?;
        Ok(CompletedPart::builder().part_number(number).set_e_tag(answer.e_tag).build())
    }

    async fn complete(&self, key: &str, upload: &str, parts: Vec<CompletedPart>) -> Result<(), StoreError> {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let complete =
            self.client.complete_multipart_upload().bucket(&self.bucket).key(key).upload_id(upload);
        complete.multipart_upload(parts).send().await.map(drop).map_err(|error| refused(key, error))
    }

    /// Asks the store what it has now, if it has not said.
    async fn check(&self, stored: &Stored, kept: Kept) -> Result<(), StoreError> {
        if kept == Kept::Whole {
            return Ok(());
        }
        let head = self.client.head_object().bucket(&self.bucket).key(&stored.key).send().await;
        let found = head.map_err(|error| refused(&stored.key, error))?.content_length.unwrap_or(0);
        if u64::try_from(found) == Ok(stored.bytes) {
            return Ok(());
        }
        Err(StoreError::Unavailable(format!(
            "{} has {found} bytes in the store after {} were sent",
            stored.key, stored.bytes
        )))
    }
}

/// A file read once, in parts, and hashed on the way.
struct Reader {
    file: Option<File>,
    path: std::path::PathBuf,
    sha256: Sha256,
    /// Of the whole file when it was opened; not more is read, and less is an error.
    bytes: u64,
    left: u64,
}

impl Reader {
    fn open(path: &Path) -> Result<Reader, StoreError> {
        let file = File::open(path).map_err(StoreError::file(path))?;
        let about = file.metadata().map_err(StoreError::file(path))?;
        if !about.is_file() {
            return Err(StoreError::file(path)(std::io::Error::other("not a file")));
        }
        let bytes = about.len();
        Ok(Reader { file: Some(file), path: path.to_owned(), sha256: Sha256::new(), bytes, left: bytes })
    }

    /// So many bytes more, or what is left; reading and hashing are done where they hold nobody up.
    async fn next(&mut self, part_bytes: u64) -> Result<Option<Bytes>, StoreError> {
        let part_bytes = part_bytes.min(self.left);
        let Some(mut file) = self.file.take().filter(|_| part_bytes > 0) else { return Ok(None) };
        let mut sha256 = self.sha256.clone();
        let read = tokio::task::spawn_blocking(move || {
            let mut content = vec![0; part_bytes as usize];
            file.read_exact(&mut content)?;
            sha256.update(&content);
            Ok((file, sha256, Bytes::from(content)))
        });
        let (file, sha256, part) = read
            .await
            .map_err(std::io::Error::other)
            .and_then(|outcome| outcome)
            .map_err(StoreError::file(&self.path))?;
        (self.file, self.sha256) = (Some(file), sha256);
        self.left -= part_bytes;
        Ok(Some(part))
    }
}

/// As S3 writes it.
fn crc32c(content: &[u8]) -> String {
    let sum = crc_fast::checksum(CrcAlgorithm::Crc32Iscsi, content);
    BASE64_STANDARD.encode((sum as u32).to_be_bytes())
}

#[cfg(test)]
mod tests {
    use trainyard_local::harness;

    use super::*;
    use crate::StoreConfig;

    async fn embedded() -> Store {
        let access = harness::s3().await;
        let config = StoreConfig {
            endpoint: Some(access.endpoint),
            region: access.region,
            access_key: access.access_key,
            secret_key: access.secret_key,
            bucket: access.bucket,
            path_style: true,
        };
        Store::connect(config).await.unwrap()
    }

    #[tokio::test]
    async fn our_own_server_says_what_it_has_and_need_not_be_asked() {
        let kept = embedded().await.put_whole("jobs/a/1/y", Bytes::from_static(b"sent")).await.unwrap();
        assert!(kept == Kept::Whole);
    }

    /// One that names no checksum is asked.
    #[tokio::test]
    async fn what_a_server_has_not_said_it_is_asked() {
        let store = embedded().await;
        let stored = Stored { key: "jobs/a/1/never".to_owned(), sha256: String::new(), bytes: 4 };
        let missing = store.check(&stored, Kept::Unknown).await.unwrap_err();
        assert!(matches!(missing, StoreError::Missing { .. }), "{missing}");
        store.put_whole(&stored.key, Bytes::from_static(b"cut")).await.unwrap();
        let short = store.check(&stored, Kept::Unknown).await.unwrap_err();
        assert!(matches!(short, StoreError::Unavailable(_)), "{short}");
    }
}
