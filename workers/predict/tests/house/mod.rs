//! What the rings of this crate stand on: ONNX Runtime, once in a process, and the models of tests/models.
#![allow(dead_code, reason = "no ring needs all of it")]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use tokio::runtime::{Handle, Runtime as Tokio};
use trainyard_predict::Runtime;

static TOKIO: LazyLock<Tokio> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
});
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::start(&library(), 2).unwrap());

/// What `make tools` has put there.
pub fn library() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/onnxruntime/libonnxruntime.so")
}

pub fn runtime() -> Runtime {
    RUNTIME.clone()
}

/// Watches the time of models that are not asked from a runtime.
pub fn watch() -> &'static Handle {
    TOKIO.handle()
}

pub fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models")
}

pub fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(models().join(name)).unwrap()
}
