//! The store on the embedded server: what goes in comes out, what is wrong is said.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod access;

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::{StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};
use trainyard_local::harness;
use trainyard_store::{Store, StoreConfig, StoreError};

/// Too long for one object.
const LARGE: usize = 5 * 16 * 1024 * 1024 + 12_345;

async fn config() -> StoreConfig {
    access::config(harness::s3().await)
}

async fn store() -> Store {
    let store = Store::connect(config().await).await.unwrap();
    store.ensure_bucket().await.unwrap();
    store
}

/// Bytes that differ everywhere, so that a part in the wrong place is seen.
fn content(bytes: usize) -> Vec<u8> {
    (0..bytes.div_ceil(8) as u64)
        .flat_map(|n| (n ^ 0x5eed).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes())
        .take(bytes)
        .collect()
}

async fn round_trip(bytes: usize) {
    let (store, folder) = (store().await, tempfile::tempdir().unwrap());
    let (from, to) = (folder.path().join("from"), folder.path().join("to"));
    let content = content(bytes);
    std::fs::write(&from, &content).unwrap();

    let stored = store.put_file("jobs/a/1/weights", &from).await.unwrap();
    assert_eq!(
        (stored.bytes, stored.sha256.as_str()),
        (bytes as u64, hex::encode(Sha256::digest(&content)).as_str())
    );
    store.get_file("jobs/a/1/weights", &stored.sha256, &to).await.unwrap();
    assert!(std::fs::read(&to).unwrap() == content, "{bytes} bytes come out as they went in");
    let (length, chunks) = store.stream("jobs/a/1/weights", &stored.sha256).await.unwrap();
    let streamed: BytesMut = chunks.try_collect().await.unwrap();
    assert_eq!((length, streamed.len()), (bytes as u64, bytes));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing half-written is left");
}

#[tokio::test]
async fn an_empty_file_goes_round() {
    round_trip(0).await;
}

#[tokio::test]
async fn a_file_goes_round_as_one_object() {
    round_trip(300_000).await;
}

#[tokio::test]
async fn a_large_file_goes_round_in_parts() {
    round_trip(LARGE).await;
}

#[tokio::test]
async fn a_large_file_that_comes_to_be_unwanted_leaves_nothing() {
    let (store, folder) = (store().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("file");
    std::fs::write(&file, content(LARGE)).unwrap();
    let key = "jobs/a/1/checkpoint";
    let given_up = store.put_file_unless(key, &file, || true).await.unwrap_err();
    assert!(matches!(given_up, StoreError::Unwanted { .. }) && !given_up.may_pass(), "{given_up}");
    assert!(store.unfinished(key).await.unwrap().is_empty());
    assert!(!store.has(key).await.unwrap());
}

#[tokio::test]
async fn what_is_not_there_or_not_right_is_said() {
    let (store, folder) = (store().await, tempfile::tempdir().unwrap());
    let to = folder.path().join("to");
    std::fs::write(&to, "kept").unwrap();
    let stored = store.put_bytes("jobs/a/1/x", Bytes::from_static(b"twelve bytes")).await.unwrap();

    let missing = store.get_file("jobs/a/1/y", &stored.sha256, &to).await.unwrap_err();
    assert!(matches!(&missing, StoreError::Missing { key } if key == "jobs/a/1/y"), "{missing}");
    let wrong = store.get_file("jobs/a/1/x", &"0".repeat(64), &to).await.unwrap_err();
    assert!(matches!(&wrong, StoreError::HashMismatch { found, .. } if *found == stored.sha256), "{wrong}");
    assert_eq!(std::fs::read(&to).unwrap(), b"kept", "a failed download leaves the file alone");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "and nothing beside it");
    let large = store.get_bytes("jobs/a/1/x", 11).await.unwrap_err();
    assert!(matches!(large, StoreError::TooLarge { bytes: 12, limit: 11, .. }), "{large}");
    assert_eq!(store.get_bytes("jobs/a/1/x", 12).await.unwrap(), "twelve bytes");
    let (_, chunks) = store.stream("jobs/a/1/x", &"0".repeat(64)).await.unwrap();
    let streamed: Vec<_> = chunks.collect().await;
    let last = streamed.into_iter().next_back().unwrap().unwrap_err();
    assert!(matches!(last, StoreError::HashMismatch { .. }), "{last}");
    let gone = store.put_file("jobs/a/1/z", &folder.path().join("nowhere")).await.unwrap_err();
    assert!(matches!(gone, StoreError::File { .. }), "{gone}");
}

#[tokio::test]
async fn a_signed_address_needs_no_keys() {
    let store = store().await;
    store.put_bytes("jobs/a/1/report.json", Bytes::from_static(b"{}")).await.unwrap();
    let address = store.presign_get("jobs/a/1/report.json", Duration::from_secs(60)).await.unwrap();
    let answer = trainyard_fetch::client().build().unwrap().get(&address).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (200, "{}"));
    let unsigned = trainyard_fetch::client()
        .build()
        .unwrap()
        .get(address.split_once('?').unwrap().0)
        .send()
        .await
        .unwrap();
    assert_eq!(unsigned.status().as_u16(), 403, "without the signature it is not public");
}

#[tokio::test]
async fn readiness_tells_a_wrong_set_up_from_an_absent_server() {
    let good = config().await;
    let ping = async |config: StoreConfig| Store::connect(config).await.unwrap().ping().await;
    ping(good.clone()).await.unwrap();
    let no_bucket = ping(StoreConfig { bucket: "not-there".to_owned(), ..good.clone() }).await.unwrap_err();
    assert!(matches!(no_bucket, StoreError::Config(_)), "{no_bucket}");
    let wrong_key = ping(StoreConfig { secret_key: "wrong".to_owned(), ..good.clone() }).await.unwrap_err();
    assert!(matches!(wrong_key, StoreError::Config(_)), "{wrong_key}");
    let nobody =
        ping(StoreConfig { endpoint: Some("http://127.0.0.1:9".to_owned()), ..good }).await.unwrap_err();
    assert!(matches!(nobody, StoreError::Unavailable(_)), "{nobody}");
}

#[tokio::test]
async fn readiness_leaves_nothing_behind() {
    let store = store().await;
    futures::future::try_join_all((0..8).map(|_| store.ping())).await.unwrap();
    assert_eq!(store.list("", None).await.unwrap().objects, []);
}

#[tokio::test]
async fn many_may_make_the_bucket_at_once() {
    let store =
        Store::connect(StoreConfig { bucket: "made-by-many".to_owned(), ..config().await }).await.unwrap();
    let all = futures::future::join_all((0..8).map(|_| store.ensure_bucket())).await;
    for made in all {
        made.unwrap();
    }
    store.ping().await.unwrap();
}

#[tokio::test]
async fn a_wrong_endpoint_is_refused_before_anything_is_sent() {
    let config = StoreConfig { endpoint: Some("localhost:8333".to_owned()), ..config().await };
    assert!(matches!(Store::connect(config).await, Err(StoreError::Config(_))));
}
