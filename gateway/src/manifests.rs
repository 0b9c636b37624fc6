//! The versions of datasets that people look at: each manifest is read once, and kept as an index over a file of its own.

mod filter;
mod index;

use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use tokio::sync::{OnceCell, Semaphore};
use trainyard_api::error::Problem;
use trainyard_events::limits::DATASET_ARTIFACT_BYTES;
use trainyard_events::results::Artifact;
use trainyard_store::{Store, StoreError};

use crate::error::ApiError;
pub(crate) use filter::Filter;
pub(crate) use index::{Index, listed};

/// The memory of all indices together, and the disk that their manifests take. 100,000 images with two boxes each take 14 MB of
/// memory and 31 MB of disk; the version that was used last stays, whatever it takes.
const MEMORY_BYTES: u64 = 256 << 20;
const DISK_BYTES: u64 = 4 << 30;
/// The largest manifest that is indexed; that of COCO 2017 with its outlines has about 250 MB.
const MANIFEST_BYTES: u64 = 2 << 30;
/// Versions that are known at once.
const VERSIONS: usize = 64;
/// Manifests that are read at once; others wait.
const READ_AT_ONCE: usize = 2;
/// Pages that are looked for at once: each walks over a whole index.
const PAGES_AT_ONCE: usize = 8;

pub(crate) struct Manifests {
    /// What was used last comes first.
    known: Mutex<Vec<Known>>,
    reading: Semaphore,
    paging: Arc<Semaphore>,
}

impl Default for Manifests {
    fn default() -> Manifests {
        let paging = Arc::new(Semaphore::new(PAGES_AT_ONCE));
        Manifests { known: Mutex::default(), reading: Semaphore::new(READ_AT_ONCE), paging }
    }
}

struct Known {
    /// The manifest's hash, and that of the list of problems.
    key: (String, Option<String>),
    /// Empty while it is read, or where that has failed.
    index: Arc<OnceCell<Arc<Index>>>,
}

/// What a look has listed, if that is still there: the images are worth seeing without it.
pub(crate) async fn list(store: &Store, problems: Option<&Artifact>) -> Result<Option<Bytes>, StoreError> {
    let Some(list) = problems else { return Ok(None) };
    match store.get_bytes(&list.key, DATASET_ARTIFACT_BYTES).await {
        Err(StoreError::Missing { .. }) => Ok(None),
        list => list.map(Some),
    }
}

impl Manifests {
    /// The index of a version. Whoever asks while it is read waits for the one reading.
    pub(crate) async fn index(
        &self,
        store: &Store,
        manifest: &Artifact,
        problems: Option<&Artifact>,
    ) -> Result<Arc<Index>, ApiError> {
        if manifest.bytes > MANIFEST_BYTES {
            let (bytes, bytes_max) = (manifest.bytes, MANIFEST_BYTES);
            return Err(Problem::VersionTooLarge { bytes, bytes_max }.into());
        }
        let cell = self.cell((manifest.sha256.clone(), problems.map(|list| list.sha256.clone())));
        let index = cell.get_or_try_init(|| self.read(store, manifest, problems)).await?.clone();
        self.forget();
        Ok(index)
    }

    /// What `look` finds in an index, where it holds nobody up.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        index: Arc<Index>,
        look: impl FnOnce(&Index) -> std::io::Result<T> + Send + 'static,
    ) -> Result<T, ApiError> {
        let turn = self.paging.clone().acquire_owned().await;
        let turn = turn.map_err(|error| ApiError::internal(error.to_string()))?;
        let looked = tokio::task::spawn_blocking(move || {
            // Of who has left in between, too: its walk goes on.
            let _turn = turn;
            look(&index)
        });
        let found = looked.await.map_err(std::io::Error::other).and_then(|found| found);
        found.map_err(|error| ApiError::internal(format!("an index cannot be read: {error}")))
    }

    fn cell(&self, key: (String, Option<String>)) -> Arc<OnceCell<Arc<Index>>> {
        let mut known = self.known();
        let one = match known.iter().position(|one| one.key == key) {
            Some(at) => known.remove(at),
            None => Known { key, index: Arc::default() },
        };
        let cell = one.index.clone();
        known.insert(0, one);
        known.truncate(VERSIONS);
        cell
    }

    async fn read(
        &self,
        store: &Store,
        manifest: &Artifact,
        problems: Option<&Artifact>,
    ) -> Result<Arc<Index>, ApiError> {
        let _turn = self.reading.acquire().await.map_err(|error| ApiError::internal(error.to_string()))?;
        let listed = list(store, problems).await?;
        let folder = tempfile::tempdir()
            .map_err(|error| ApiError::internal(format!("a manifest cannot be kept: {error}")))?;
        let path = folder.path().join("manifest");
        store.get_file(&manifest.key, &manifest.sha256, &path).await?;
        let sha256 = manifest.sha256.clone();
        let read = tokio::task::spawn_blocking(move || {
            // Its name goes with the folder; the file itself with the index.
            let _folder = folder;
            Index::read(&path, &sha256, listed.as_deref())
        });
        let index = read.await.map_err(std::io::Error::other).and_then(|read| read);
        let broken = |error| ApiError::internal(format!("{} cannot be indexed: {error}", manifest.key));
        index.map(Arc::new).map_err(broken)
    }

    /// What was used longest ago goes until the rest is within its limits.
    fn forget(&self) {
        let (mut memory, mut disk) = (0, 0);
        let mut at = 0;
        self.known().retain(|one| {
            let (in_memory, on_disk) = one.index.get().map_or((0, 0), |index| index.bytes());
            (memory, disk, at) = (memory + in_memory, disk + on_disk, at + 1);
            at == 1 || (memory <= MEMORY_BYTES && disk <= DISK_BYTES)
        });
    }

    fn known(&self) -> MutexGuard<'_, Vec<Known>> {
        self.known.lock().expect("nothing panics while it holds the indices")
    }
}
