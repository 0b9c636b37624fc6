//! What the rings of this crate stand on: ONNX Runtime, once in a process, the models of tests/models, and a real store.
#![allow(dead_code, reason = "no ring needs all of it")]

pub mod line;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Runtime as Tokio;
use trainyard_events::results::Artifact;
use trainyard_local::{S3Access, harness};
use trainyard_predict::{Runtime, Watch};
use trainyard_store::{Store, StoreConfig};

static TOKIO: LazyLock<Tokio> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
});
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::start(&library(), 2).unwrap());

/// What `make tools` has put there, or another one that is to be tried, such as that of GPUs.
pub fn library() -> PathBuf {
    let ours = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/onnxruntime/libonnxruntime.so");
    std::env::var_os("TRAINYARD_ONNXRUNTIME").map_or_else(ours, PathBuf::from)
}

pub fn runtime() -> Runtime {
    RUNTIME.clone()
}

/// Watches the time of models that are not asked from a runtime.
pub fn watch() -> Watch {
    let minute = Duration::from_secs(60);
    Watch { runtime: TOKIO.handle().clone(), load: minute, forward: minute }
}

pub fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models")
}

pub fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(models().join(name)).unwrap()
}

pub fn image() -> Bytes {
    fixture("plain.png").into()
}

pub async fn store() -> (Store, S3Access) {
    let access = harness::s3().await;
    let store = connected(&access).await;
    store.ensure_bucket().await.unwrap();
    (store, access)
}

pub async fn connected(access: &S3Access) -> Store {
    let S3Access { endpoint, region, access_key, secret_key, bucket, .. } = access.clone();
    let config =
        StoreConfig { endpoint: Some(endpoint), region, access_key, secret_key, bucket, path_style: true };
    Store::connect(config).await.unwrap()
}

/// A model in the store, as a job left it.
pub async fn stored(store: &Store, name: &str, content: &[u8]) -> Artifact {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("model");
    std::fs::write(&path, content).unwrap();
    let stored = store.put_file(&format!("jobs/j/1/{name}"), &path).await.unwrap();
    Artifact { role: "onnx".to_owned(), key: stored.key, sha256: stored.sha256, bytes: stored.bytes }
}

/// The same model under another hash.
pub fn another(model: &[u8], number: u8) -> Vec<u8> {
    noted(model, &[number])
}

/// The same model with something in its metadata that nobody reads.
pub fn noted(model: &[u8], note: &[u8]) -> Vec<u8> {
    let field = |tag: u8, value: &[u8]| [&[tag << 3 | 2][..], &varint(value.len()), value].concat();
    let entry = [field(1, b"n"), field(2, note)].concat();
    [model, &field(14, &entry)].concat()
}

/// A length as protobuf has it.
fn varint(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 & 0x7f | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}
