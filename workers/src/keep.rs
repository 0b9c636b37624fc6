//! The images of a dataset that was fetched into the store: under their hashes, as uploads are, each once.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use futures::{StreamExt, stream};
use tokio::time::Instant;
use trainyard_child::Backoff;
use trainyard_data::manifest::Manifest;
use trainyard_data::place::place;
use trainyard_door::Clock;
use trainyard_events::TenantId;
use trainyard_events::limits::FILE_RENEWED_AFTER;
use trainyard_store::{Store, StoreError, blob_key, blobs_of};

use crate::lease::BUS_AWAY;

/// Images on their way at once.
const AT_ONCE: usize = 8;
/// In the folder of the look, where names on the disk are written otherwise.
const LINKS: &str = "links";

/// Why images are not kept.
#[derive(Debug)]
pub(crate) enum NotKept {
    Store(StoreError),
    /// They and what is `used` are more than the quota.
    NoRoom {
        used: u64,
        asked: u64,
        limit: u64,
    },
}

impl From<StoreError> for NotKept {
    fn from(error: StoreError) -> NotKept {
        NotKept::Store(error)
    }
}

/// Puts every image of the manifest, which lies below `tree`, where the store has none of its content yet: all of them, or
/// where they are more than the quota of the tenant leaves, none. `kept` hears how many are there, and of how many.
pub(crate) async fn images(
    store: &Store,
    tenant: &TenantId,
    manifest: &Path,
    (tree, folder): (&Path, &Path),
    (quota, clock): (Option<u64>, Clock),
    kept: impl Fn(u64, u64),
) -> Result<(), NotKept> {
    let (file, root, links) = (manifest.to_owned(), tree.to_owned(), folder.join(LINKS));
    let read = tokio::task::spawn_blocking(move || read(&file, &root, &links)).await;
    let unreadable = |source| StoreError::File { path: manifest.to_owned(), source };
    let images = read.map_err(io::Error::other).and_then(|read| read).map_err(unreadable)?;
    if let Some(limit) = quota {
        refuse_without_room(store, tenant, &images, limit).await?;
    }
    let put = |(sha256, (path, bytes)): (String, (PathBuf, u64))| async move {
        let key = blob_key(tenant.as_str(), &sha256)?;
        put(store, &key, &sha256, (&path, bytes), clock).await
    };
    let of = images.len() as u64;
    let mut there = stream::iter(images).map(put).buffer_unordered(AT_ONCE).zip(stream::iter(1..));
    while let Some((one, images)) = there.next().await {
        one?;
        kept(images, of);
    }
    Ok(())
}

/// What is used is what the store lists, as the gateway counts it. Two looks that count at once may pass the limit by what one of
/// them keeps: a dataset's archive at most.
async fn refuse_without_room(
    store: &Store,
    tenant: &TenantId,
    images: &HashMap<String, (PathBuf, u64)>,
    limit: u64,
) -> Result<(), NotKept> {
    let mut asked: u64 = images.values().map(|(_, bytes)| bytes).sum();
    let (mut used, mut page) = (0u64, None);
    loop {
        let listed = store.list(&blobs_of(tenant.as_str()), page).await?;
        for object in listed.objects {
            used = used.saturating_add(object.bytes);
            let name = object.key.rsplit('/').next().unwrap_or_default();
            let known = images.get(name).filter(|(_, bytes)| *bytes == object.bytes);
            asked -= known.map_or(0, |(_, bytes)| *bytes);
        }
        page = listed.next;
        if page.is_none() {
            break;
        }
    }
    match asked > 0 && used.saturating_add(asked) > limit {
        true => Err(NotKept::NoRoom { used, asked, limit }),
        false => Ok(()),
    }
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
