//! Just enough of S3 to make the bucket and to see that an object goes round: one signed request.
//!
//! Signature version 4, <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>.

use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::macros::format_description;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::S3Access;

const HASH_BLOCK_BYTES: usize = 64;
const PROBE_KEY: &str = ".trainyard-probe";

/// Makes the bucket where it is not there yet, writes an object, reads it again and removes it.
pub(crate) async fn probe(access: &S3Access) -> Result<(), String> {
    let bucket = format!("/{}", access.bucket);
    match request(access, "PUT", &bucket, b"").await?.0 {
        200 | 409 => {}
        status => return Err(format!("PUT {bucket} answers {status}")),
    }
    let object = format!("{bucket}/{PROBE_KEY}");
    for (method, sent, right, wanted) in
        [("PUT", &b"ready"[..], 200, &b""[..]), ("GET", b"", 200, b"ready"), ("DELETE", b"", 204, b"")]
    {
        let (status, body) = request(access, method, &object, sent).await?;
        if status != right || body != wanted {
            return Err(format!("{method} {object} answers {status}"));
        }
    }
    Ok(())
}

/// Sends one signed request; `path` needs no escaping. Returns the status and the body.
pub(crate) async fn request(
    access: &S3Access,
    method: &str,
    path: &str,
    body: &[u8],
) -> Result<(u16, Vec<u8>), String> {
    let host = access.endpoint.trim_start_matches("http://");
    let head = signed_head(access, method, host, path, body, now());
    exchange(host, &head, body).await.map_err(|error| error.to_string())
}

async fn exchange(host: &str, head: &str, body: &[u8]) -> std::io::Result<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect(host).await?;
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let status = answer.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    match (end, status) {
        (Some(end), Some(status)) => Ok((status, answer.split_off(end + 4))),
        _ => Err(std::io::Error::other("that is no HTTP answer")),
    }
}

fn signed_head(
    access: &S3Access,
    method: &str,
    host: &str,
    path: &str,
    body: &[u8],
    now: OffsetDateTime,
) -> String {
    let at = now
        .format(format_description!("[year][month][day]T[hour][minute][second]Z"))
        .expect("the format has only parts that a date and time has");
    let day = &at[..8];
    let hash = hex::encode(Sha256::digest(body));
    let names = "host;x-amz-content-sha256;x-amz-date";
    let headers = format!("host:{host}\nx-amz-content-sha256:{hash}\nx-amz-date:{at}\n");
    let canonical = format!("{method}\n{path}\n\n{headers}\n{names}\n{hash}");
    let scope = format!("{day}/{}/s3/aws4_request", access.region);
    let to_sign = format!("AWS4-HMAC-SHA256\n{at}\n{scope}\n{}", hex::encode(Sha256::digest(canonical)));
    let mut key = format!("AWS4{}", access.secret_key).into_bytes();
    for part in [day, access.region.as_str(), "s3", "aws4_request"] {
        key = hmac(&key, part.as_bytes());
    }
    let signature = hex::encode(hmac(&key, to_sign.as_bytes()));
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\
         x-amz-content-sha256: {hash}\r\nx-amz-date: {at}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}\r\n\r\n",
        access.access_key
    )
}

/// HMAC-SHA256, RFC 2104; `key` is at most one block long.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let padded = |with: u8| -> Vec<u8> {
        (0..HASH_BLOCK_BYTES).map(|at| key.get(at).copied().unwrap_or(0) ^ with).collect()
    };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().to_vec()
}

#[expect(
    clippy::disallowed_methods,
    reason = "S3 refuses a request that is not signed with the wall clock's time"
)]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn hmac_is_the_one_of_the_rfc() {
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex::encode(hmac(b"Jefe", b"what do ya want for nothing?")), expected);
    }
}
