//! A line that damages what is sent: the store refuses it, and has nothing of it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod access;

use std::os::unix::fs::FileExt;

use access::config;
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, copy, split};
use tokio::net::{TcpListener, TcpStream};
use trainyard_local::{S3Access, harness};
use trainyard_store::{Store, StoreError};

const SENT: &[u8] = b"what is sent in one piece";
const DAMAGED: &[u8] = b"what is sent in one pjece";

async fn damage(mut from: ReadHalf<TcpStream>, mut to: WriteHalf<TcpStream>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let chunk = &mut buffer[..read];
        if let Some(at) = chunk.windows(SENT.len()).position(|window| window == SENT) {
            chunk[at..at + SENT.len()].copy_from_slice(DAMAGED);
        }
        to.write_all(chunk).await.unwrap();
    }
}

/// The address of somebody who passes on to `target`, with one letter for another.
async fn bad_line(target: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (mut answers, to) = split(TcpStream::connect(&target).await.unwrap());
            let (from, mut back) = split(client);
            tokio::spawn(damage(from, to));
            tokio::spawn(async move { copy(&mut answers, &mut back).await });
        }
    });
    endpoint
}

/// Every request is signed with the SHA-256 of its content, and our own server looks at it.
#[tokio::test]
async fn a_server_refuses_what_was_damaged_on_the_way() {
    let access = harness::s3().await;
    let target = access.endpoint.trim_start_matches("http://").to_owned();
    let store = Store::connect(config(access.clone())).await.unwrap();
    store.ensure_bucket().await.unwrap();
    let endpoint = bad_line(target).await;
    let damaging = Store::connect(config(S3Access { endpoint, ..access })).await.unwrap();

    damaging.put_bytes("jobs/a/1/x", Bytes::from_static(b"what it leaves alone")).await.unwrap();
    let refused = damaging.put_bytes("jobs/a/1/y", Bytes::from_static(SENT)).await.unwrap_err();
    assert!(refused.may_pass(), "{refused}");
    assert!(refused.to_string().contains("XAmzContentSHA256Mismatch"), "{refused}");
    let missing = store.get_bytes("jobs/a/1/y", 100).await.unwrap_err();
    assert!(matches!(missing, StoreError::Missing { .. }), "{missing}");
    store.put_bytes("jobs/a/1/y", Bytes::from_static(SENT)).await.unwrap();

    // A file that goes in parts: one of the two may lie across what is read at once.
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(65 * 1024 * 1024).unwrap();
    for at in [20_000_000, 20_001_000] {
        file.as_file().write_all_at(SENT, at).unwrap();
    }
    let refused = damaging.put_file("jobs/a/1/z", file.path()).await.unwrap_err();
    assert!(refused.may_pass(), "{refused}");
    assert!(matches!(store.has("jobs/a/1/z").await, Ok(false)));
    assert_eq!(store.get_bytes("jobs/a/1/y", 100).await.unwrap(), SENT);
}
