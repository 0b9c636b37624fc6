//! Model files on this machine's disk, by their content; what was asked for longest ago makes room.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;
use trainyard_events::prediction::PredictRefusal;
use trainyard_events::results::Artifact;
use trainyard_store::{Store, StoreError};

use crate::limits::MODEL_BYTES;

pub struct Files {
    store: Store,
    folder: PathBuf,
    bytes_max: u64,
    kept: Mutex<HashMap<String, Kept>>,
}

struct Kept {
    bytes: u64,
    asked: Instant,
    /// An earlier life of this process may have left it damaged.
    is_checked: bool,
}

impl Files {
    /// Takes over what an earlier life has left in `folder`, which is made where it is not there.
    pub fn open(store: Store, folder: PathBuf, bytes_max: u64) -> io::Result<Files> {
        std::fs::create_dir_all(&folder)?;
        let mut kept = HashMap::new();
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            match entry.file_name().into_string() {
                Ok(name) if is_hash(&name) => {
                    let bytes = entry.metadata()?.len();
                    kept.insert(name, Kept { bytes, asked: Instant::now(), is_checked: false });
                }
                // A download that was cut off.
                _ => std::fs::remove_file(entry.path())?,
            }
        }
        Ok(Files { store, folder, bytes_max, kept: Mutex::new(kept) })
    }

    /// The file of an artifact, with the content that its hash says. One caller at a time for each.
    pub async fn get(&self, artifact: &Artifact) -> Result<PathBuf, PredictRefusal> {
        if !is_hash(&artifact.sha256) {
            return Err(PredictRefusal::bad_model("the model is named without a SHA-256"));
        }
        if artifact.bytes > MODEL_BYTES {
            let (gib, limit) = (artifact.bytes >> 30, MODEL_BYTES >> 30);
            return Err(PredictRefusal::bad_model(format!(
                "the model's file has {gib} GiB, and {limit} GiB is the most: export a smaller one"
            )));
        }
        let path = self.folder.join(&artifact.sha256);
        if self.is_here(&artifact.sha256, &path).await? {
            return Ok(path);
        }
        self.check_length(artifact).await?;
        self.make_room(artifact);
        if let Err(error) = self.store.get_file(&artifact.key, &artifact.sha256, &path).await {
            self.remove(&artifact.sha256);
            return Err(refused(error));
        }
        let kept = Kept { bytes: artifact.bytes, asked: Instant::now(), is_checked: true };
        self.kept().insert(artifact.sha256.clone(), kept);
        Ok(path)
    }

    /// Bytes of a file that are on the disk, while it is fetched too: it grows beside its name.
    pub fn here(&self, sha256: &str) -> u64 {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return 0 };
        let its = |name: &OsStr| name.to_str().is_some_and(|name| name.starts_with(sha256));
        let found = entries.flatten().filter(|entry| its(&entry.file_name()));
        // One may be gone meanwhile.
        found.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum()
    }

    /// Whether a file is here, and whole.
    async fn is_here(&self, sha256: &str, path: &Path) -> Result<bool, PredictRefusal> {
        let is_checked = match self.kept().get_mut(sha256) {
            Some(kept) => {
                kept.asked = Instant::now();
                kept.is_checked
            }
            None => return Ok(false),
        };
        let (file, wanted) = (path.to_owned(), sha256.to_owned());
        let is_whole = is_checked && path.exists()
            || spawn_blocking(move || hash(&file).is_ok_and(|found| found == wanted)).await.map_err(gone)?;
        if !is_whole {
            self.remove(sha256);
        } else if let Some(kept) = self.kept().get_mut(sha256) {
            kept.is_checked = true;
        }
        Ok(is_whole)
    }

    /// What the store has must be as long as was said, before a byte of it is fetched.
    async fn check_length(&self, artifact: &Artifact) -> Result<(), PredictRefusal> {
        let said = artifact.bytes;
        match self.store.bytes_of(&artifact.key).await.map_err(refused)? {
            Some(bytes) if bytes == said => Ok(()),
            Some(bytes) => Err(PredictRefusal::bad_model(format!(
                "the model's file has {bytes} bytes in the store, and {said} when it was made: deploy the job again"
            ))),
            None => Err(refused(StoreError::Missing { key: artifact.key.clone() })),
        }
    }

    /// For a file that is about to come, which counts from now on: others may be on their way.
    fn make_room(&self, artifact: &Artifact) {
        let mut kept = self.kept();
        let mut total: u64 = kept.values().map(|kept| kept.bytes).sum::<u64>() + artifact.bytes;
        let mut oldest: Vec<(Instant, String)> =
            kept.iter().map(|(sha256, kept)| (kept.asked, sha256.clone())).collect();
        oldest.sort();
        for (_, sha256) in oldest {
            if total <= self.bytes_max {
                break;
            }
            total -= kept.remove(&sha256).map_or(0, |kept| kept.bytes);
            self.delete(&sha256);
        }
        let coming = Kept { bytes: artifact.bytes, asked: Instant::now(), is_checked: false };
        kept.insert(artifact.sha256.clone(), coming);
    }

    /// Forgets a file, which is fetched again when it is asked for again.
    fn remove(&self, sha256: &str) {
        self.kept().remove(sha256);
        self.delete(sha256);
    }

    fn delete(&self, sha256: &str) {
        let path = self.folder.join(sha256);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                eprintln!("{} stays on the disk: {error}", path.display());
            }
            _ => {}
        }
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<String, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_hash(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn hash(path: &Path) -> io::Result<String> {
    let (mut file, mut hasher, mut block) = (File::open(path)?, Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut block)? {
            0 => return Ok(hex::encode(hasher.finalize())),
            length => hasher.update(&block[..length]),
        }
    }
}

fn gone(error: tokio::task::JoinError) -> PredictRefusal {
    PredictRefusal::busy(format!("the model's file cannot be checked now: {error}"))
}

fn refused(error: StoreError) -> PredictRefusal {
    match error {
        StoreError::Unavailable(_) | StoreError::File { .. } => {
            PredictRefusal::busy(format!("the model cannot be fetched now: {error}; try again in a moment"))
        }
        other => PredictRefusal::bad_model(format!("the model cannot be fetched: {other}")),
    }
}
