//! The pictures that a look into a dataset leaves: drawn into a folder, and in the store before the verdict names them.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};
use tokio::time::timeout;
use trainyard_events::limits::{DATASET_ARTIFACT_BYTES, DATASET_ARTIFACTS};
use trainyard_events::results::Artifact;
use trainyard_store::{Store, StoreError, dataset_key};
use uuid::Uuid;

use crate::artifacts::extension;
use trainyard_child::Backoff;

/// A verdict is worth more than its pictures: longer than this it does not wait for a store that is away.
const PATIENCE: Duration = Duration::from_secs(60);
const FOLDER: &str = "inspections";
const LOCK: &str = ".lock";

/// `<work_dir>/inspections/<id>`, for one look. Removed when dropped.
pub(crate) struct LookFolder {
    path: PathBuf,
    _lock: Flock<File>,
}

impl LookFolder {
    /// Removes what agents that are no more have left there, too.
    pub(crate) fn create(work_dir: &Path) -> io::Result<LookFolder> {
        let all = work_dir.join(FOLDER);
        for left in fs::read_dir(&all).into_iter().flatten().flatten() {
            if let Some(lock) = File::open(left.path().join(LOCK)).ok().and_then(try_lock) {
                drop(LookFolder { path: left.path(), _lock: lock });
            }
        }
        let path = all.join(Uuid::new_v4().to_string());
        fs::create_dir_all(&path)?;
        let lock = try_lock(File::create(path.join(LOCK))?)
            .ok_or_else(|| io::Error::other("another process works here"))?;
        Ok(LookFolder { path, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for LookFolder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(%error, "{} cannot be removed", self.path.display());
        }
    }
}

fn try_lock(file: File) -> Option<Flock<File>> {
    Flock::lock(file, FlockArg::LockExclusiveNonblock).ok()
}

/// A file that the inspector says it has drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Drawn {
    pub(crate) role: String,
    /// Below the folder.
    pub(crate) path: PathBuf,
}

/// Why there are no pictures.
#[derive(Debug, thiserror::Error)]
enum NotKept {
    #[error("there are {0} files; {DATASET_ARTIFACTS} are the most")]
    TooMany(usize),
    #[error("{0:?} is no role: letters, digits and `_`, each role once")]
    Role(String),
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the artifact store is away for more than {} s", PATIENCE.as_secs())]
    Away,
}

/// Uploads all of them, or none: a page without its labels is of no use. What cannot be kept costs the pictures alone.
pub(crate) async fn keep(
    store: &Store,
    (dataset, inspection): (Uuid, u64),
    folder: &Path,
    drawn: &[Drawn],
) -> Vec<Artifact> {
    let upload = async {
        if drawn.len() > DATASET_ARTIFACTS {
            return Err(NotKept::TooMany(drawn.len()));
        }
        let mut artifacts: Vec<Artifact> = Vec::new();
        for Drawn { role, path } in drawn {
            let sound = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            if role.is_empty() || !role.bytes().all(sound) || artifacts.iter().any(|one| one.role == *role) {
                return Err(NotKept::Role(role.clone()));
            }
            let file = inside(folder, path).map_err(|source| NotKept::File { path: path.clone(), source })?;
            let key = dataset_key(dataset, inspection, &format!("{role}{}", extension(path)))?;
            artifacts.push(put(store, role, key, &file).await?);
        }
        Ok(artifacts)
    };
    let kept = timeout(PATIENCE, upload).await.unwrap_or(Err(NotKept::Away));
    kept.unwrap_or_else(|error| {
        tracing::warn!(%dataset, %error, "the dataset is shown without samples; look again to have them");
        Vec::new()
    })
}

/// Tries until it is there or will never be.
async fn put(store: &Store, role: &str, key: String, file: &Path) -> Result<Artifact, StoreError> {
    let mut backoff = Backoff::default();
    loop {
        match store.put_file(&key, file).await {
            Ok(stored) => {
                return Ok(Artifact {
                    role: role.to_owned(),
                    key,
                    sha256: stored.sha256,
                    bytes: stored.bytes,
                });
            }
            Err(error) if error.may_pass() => {
                if backoff.tries() == 0 {
                    tracing::warn!(%error, key, "the samples of a dataset wait for the store");
                }
                backoff.wait().await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Where `path` really is, if that is a file below the folder and no larger than it may be.
fn inside(folder: &Path, path: &Path) -> io::Result<PathBuf> {
    let (folder, path) = (folder.canonicalize()?, folder.join(path).canonicalize()?);
    let found = path.metadata()?;
    if !path.starts_with(&folder) || !found.is_file() {
        return Err(io::Error::other("it is no file below the folder for samples"));
    }
    if found.len() > DATASET_ARTIFACT_BYTES {
        let most = DATASET_ARTIFACT_BYTES >> 20;
        return Err(io::Error::other(format!("it has {} bytes; {most} MiB are the most", found.len())));
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_goes_with_its_look_and_what_the_dead_left_goes_with_the_next() {
        let work = tempfile::tempdir().unwrap();
        let used = LookFolder::create(work.path()).unwrap();
        // As a killed agent leaves it: the lock is gone, the folder is not.
        let left = work.path().join(FOLDER).join("left");
        fs::create_dir_all(&left).unwrap();
        fs::write(left.join(LOCK), "").unwrap();
        let next = LookFolder::create(work.path()).unwrap();
        assert!(!left.exists() && used.path().exists());
        let path = next.path().to_owned();
        drop(next);
        assert!(!path.exists() && used.path().exists());
    }

    #[test]
    fn only_small_files_of_the_folder_are_taken() {
        let work = tempfile::tempdir().unwrap();
        let folder = work.path().join("samples");
        fs::create_dir_all(folder.join("below")).unwrap();
        fs::write(folder.join("page.jpg"), "a page").unwrap();
        fs::write(work.path().join("secret"), "not ours to show").unwrap();
        std::os::unix::fs::symlink("../secret", folder.join("link.jpg")).unwrap();
        let large = File::create(folder.join("large.jpg")).unwrap();
        large.set_len(DATASET_ARTIFACT_BYTES + 1).unwrap();
        assert!(inside(&folder, Path::new("page.jpg")).unwrap().ends_with("samples/page.jpg"));
        for (path, problem) in [
            ("../secret", "no file below"),
            ("link.jpg", "no file below"),
            ("below", "no file below"),
            ("large.jpg", "8 MiB are the most"),
            ("gone.jpg", "No such file"),
        ] {
            let error = inside(&folder, Path::new(path)).unwrap_err().to_string();
            assert!(error.contains(problem), "{path}: {error}");
        }
    }
}
