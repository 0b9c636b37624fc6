//! Links the whole of libtorch, and lets the binary find it: where `make tools` put it, or beside itself once installed.

use std::path::{Path, PathBuf};

fn main() {
    let libtorch = std::env::var_os("LIBTORCH")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/libtorch"));
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    println!("cargo:rustc-link-arg=-Wl,-rpath,{}", libtorch.join("lib").display());
    println!("cargo:rustc-link-arg=-Wl,-rpath,$ORIGIN/../lib");
    // The linker drops libraries that no symbol names; the CUDA half of libtorch registers itself by being loaded.
    println!("cargo:rustc-link-arg=-Wl,--no-as-needed");
    println!("cargo:rustc-link-arg=-ltorch");
}
