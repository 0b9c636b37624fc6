//! The images of a dataset that was fetched into the store: under their hashes, as uploads are, each once.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use futures::{StreamExt, TryStreamExt, stream};
use tokio::time::Instant;
use trainyard_child::Backoff;
use trainyard_data::manifest::Manifest;
use trainyard_data::place::place;
use trainyard_door::Clock;
use trainyard_events::TenantId;
use trainyard_events::limits::FILE_RENEWED_AFTER;
use trainyard_store::{Store, StoreError, blob_key};

use crate::lease::BUS_AWAY;

/// Images on their way at once.
const AT_ONCE: usize = 8;
/// In the folder of the look, where names on the disk are written otherwise.
const LINKS: &str = "links";

/// Puts every image of the manifest, which lies below `tree`, where the store has none of its content yet.
pub(crate) async fn images(
    store: &Store,
    tenant: &TenantId,
    manifest: &Path,
    (tree, folder): (&Path, &Path),
    clock: Clock,
) -> Result<(), StoreError> {
    let (file, root, links) = (manifest.to_owned(), tree.to_owned(), folder.join(LINKS));
    let read = tokio::task::spawn_blocking(move || read(&file, &root, &links)).await;
    let unreadable = |source| StoreError::File { path: manifest.to_owned(), source };
    let images = read.map_err(io::Error::other).and_then(|read| read).map_err(unreadable)?;
    let put = |(sha256, (path, bytes)): (String, (PathBuf, u64))| async move {
        let key = blob_key(tenant.as_str(), &sha256)?;
        put(store, &key, &sha256, (&path, bytes), clock).await
    };
    stream::iter(images).map(put).buffer_unordered(AT_ONCE).try_collect::<()>().await
}

/// Where each content is, and its size.
fn read(manifest: &Path, tree: &Path, links: &Path) -> io::Result<HashMap<String, (PathBuf, u64)>> {
    let manifest = Manifest::read(BufReader::new(File::open(manifest)?)).map_err(io::Error::other)?;
    let root = place(&manifest, tree, links)?.map_err(io::Error::other)?;
    let of = |image: trainyard_data::manifest::Image| (image.sha256, (root.join(image.name), image.bytes));
    Ok(manifest.images.into_iter().map(of).collect())
}

async fn put(
    store: &Store,
    key: &str,
    sha256: &str,
    (path, bytes): (&Path, u64),
    clock: Clock,
) -> Result<(), StoreError> {
    let began = Instant::now();
    let mut backoff = Backoff::default();
    loop {
        match put_once(store, key, sha256, (path, bytes), clock).await {
            Err(StoreError::Unavailable(_)) if began.elapsed() < BUS_AWAY => backoff.wait().await,
            done => return done,
        }
    }
}

async fn put_once(
    store: &Store,
    key: &str,
    sha256: &str,
    (path, bytes): (&Path, u64),
    clock: Clock,
) -> Result<(), StoreError> {
    let stale = (clock() - FILE_RENEWED_AFTER).unix_timestamp();
    if store.kept(key, stale).await? == Some(bytes) {
        return Ok(());
    }
    let stored = store.put_file(key, path).await?;
    if stored.sha256 == sha256 {
        return Ok(());
    }
    // Somebody has changed the file since it was looked at: nothing of it stays under this name.
    store.delete(key).await?;
    Err(StoreError::HashMismatch { key: key.to_owned(), expected: sha256.to_owned(), found: stored.sha256 })
}
