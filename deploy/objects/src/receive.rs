//! What a request brings: written as it comes, hashed on the way, and believed only when everything said of it is true.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures::StreamExt;
use hyper::StatusCode;
use hyper::body::Bytes;
use md5::{Digest, Md5};
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};
use s3s::dto::{Checksum, StreamingBlob};
use s3s::{S3Error, S3ErrorCode, S3Request, S3Result, StdError, TrailingHeaders, s3_error};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

use crate::about::About;
use crate::error::of;
use crate::folder::{Folder, Fresh};

/// Held in memory of each file that is written, at most, before it is on its way to the disk.
const BUFFER_BYTES: usize = 256 * 1024;
/// S3's own limit for one request.
const BYTES_MAX: u64 = 5 * 1024 * 1024 * 1024;
/// Of what cannot be written any more: read nevertheless, since many clients hear an answer only when they have sent all.
const DRAINED_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What the client says that it sends.
pub(crate) struct Said {
    length: Option<u64>,
    md5: Option<String>,
    /// By the names below.
    checksums: [Option<String>; ALGORITHMS.len()],
    trailers: Option<TrailingHeaders>,
}

const ALGORITHMS: [&str; 5] = ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"];

impl Said {
    pub(crate) fn by<T>(request: &S3Request<T>, length: Option<i64>) -> Said {
        let header = |name: &str| request.headers.get(name)?.to_str().ok().map(str::to_owned);
        let announced = header("x-amz-trailer").unwrap_or_default().to_lowercase();
        let trailers = request.trailing_headers.clone();
        let checksums = ALGORITHMS.map(|algorithm| {
            let name = name(algorithm);
            // One that comes at the end is asked for then.
            header(&name).or_else(|| announced.split(',').any(|it| it.trim() == name).then(String::new))
        });
        let length = length.and_then(|length| u64::try_from(length).ok());
        Said { length, md5: header("content-md5"), checksums, trailers }
    }

    fn hasher(&self) -> ChecksumHasher {
        let [crc32, crc32c, crc64nvme, sha1, sha256] = self.checksums.each_ref().map(Option::is_some);
        ChecksumHasher {
            crc32: crc32.then(Crc32::new),
            crc32c: crc32c.then(Crc32c::new),
            crc64nvme: crc64nvme.then(Crc64Nvme::new),
            sha1: sha1.then(Sha1::new),
            sha256: sha256.then(Sha256::new),
        }
    }

    fn check(&self, bytes: u64, md5: Option<&[u8]>, found: &Checksum) -> S3Result<()> {
        if self.length.is_some_and(|length| length != bytes) {
            return Err(s3_error!(IncompleteBody, "{bytes} bytes came, not as many as were announced"));
        }
        let Checksum {
            checksum_crc32,
            checksum_crc32c,
            checksum_crc64nvme,
            checksum_sha1,
            checksum_sha256,
            ..
        } = found;
        let found = [checksum_crc32, checksum_crc32c, checksum_crc64nvme, checksum_sha1, checksum_sha256];
        let trailers = self.trailers.as_ref().and_then(TrailingHeaders::take).unwrap_or_default();
        for ((algorithm, said), found) in ALGORITHMS.iter().zip(&self.checksums).zip(found) {
            let trailer = trailers.get(name(algorithm)).and_then(|value| value.to_str().ok());
            if said.is_some() && trailer.or(said.as_deref()) != found.as_deref() {
                return Err(s3_error!(BadDigest, "the {algorithm} is not that of what came"));
            }
        }
        if self.md5.as_deref() != md5.map(|md5| BASE64_STANDARD.encode(md5)).as_deref() {
            return Err(s3_error!(BadDigest, "the Content-MD5 is not that of what came"));
        }
        Ok(())
    }
}

fn name(algorithm: &str) -> String {
    format!("x-amz-checksum-{algorithm}")
}

/// A whole file, on the disk, that has no name yet.
pub(crate) struct Received {
    pub(crate) fresh: Fresh,
    pub(crate) about: About,
    /// Of those that the client has said.
    pub(crate) checksum: Checksum,
}

/// Writes a body and, after it, what is known of it.
///
/// Its ETag is the MD5 where the client has said one, and else a checksum that is ten times as quick, with a dash as in those of
/// parts: clients take it for what it is.
pub(crate) async fn receive(
    folder: &Folder,
    body: Option<StreamingBlob>,
    said: Said,
    mut about: About,
) -> S3Result<Received> {
    if said.length.is_some_and(|length| length > BYTES_MAX) {
        return Err(s3_error!(EntityTooLarge, "send it in parts"));
    }
    let (fresh, file) = folder.fresh().map_err(of)?;
    let mut file = File::from_std(file);
    file.set_max_buf_size(BUFFER_BYTES);
    let (mut hasher, mut sum, mut bytes) = (said.hasher(), Crc64Nvme::new(), 0);
    let mut md5 = said.md5.is_some().then(Md5::new);
    // What came and is not written yet: a small object is one write, not one for each piece that the network made of it.
    let mut pending = Vec::new();
    if let Some(mut body) = body {
        while let Some(chunk) = body.next().await {
            let chunk: Bytes = chunk.map_err(broken)?;
            hasher.update(&chunk);
            sum.update(&chunk);
            md5.iter_mut().for_each(|md5| md5.update(&chunk));
            bytes += chunk.len() as u64;
            if bytes > BYTES_MAX {
                return Err(s3_error!(EntityTooLarge, "send it in parts"));
            }
            pending.extend_from_slice(&chunk);
            if pending.len() < BUFFER_BYTES {
                continue;
            }
            if let Err(error) = file.write_all(&pending).await {
                drop((file, fresh));
                drain(&mut body).await;
                return Err(of(error));
            }
            pending.clear();
        }
    }
    let (md5, checksum) = (md5.map(|md5| md5.finalize()), hasher.finalize());
    said.check(bytes, md5.as_deref(), &checksum)?;
    about.etag = match md5 {
        Some(md5) => hex::encode(md5),
        None => format!("{}{bytes:016x}-0", hex::encode(sum.finalize())),
    };
    pending.extend_from_slice(&about.to_bytes());
    file.write_all(&pending).await.map_err(of)?;
    file.flush().await.map_err(of)?;
    file.sync_all().await.map_err(of)?;
    Ok(Received { fresh, about, checksum })
}

async fn drain(body: &mut StreamingBlob) {
    let mut drained = 0;
    while drained < DRAINED_BYTES_MAX
        && let Some(Ok(chunk)) = body.next().await
    {
        drained += chunk.len() as u64;
    }
}

/// The body is not what was signed, or did not come whole. What s3s found has no public type, only words.
fn broken(error: StdError) -> S3Error {
    let words = error.to_string();
    if words.contains("Sha256Mismatch") {
        let code = S3ErrorCode::Custom("XAmzContentSHA256Mismatch".into());
        let mut damaged = S3Error::with_message(code, "the content is not the one that was signed");
        damaged.set_status_code(StatusCode::BAD_REQUEST);
        damaged
    } else if words.contains("SignatureMismatch") {
        s3_error!(SignatureDoesNotMatch, "a chunk is not the one that was signed")
    } else {
        s3_error!(IncompleteBody, "the content broke off: {words}")
    }
}
