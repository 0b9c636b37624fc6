//! The folder of one attempt on this machine: locked while the attempt lives, removed when it is over, and swept by the
//! next worker when its own died.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};
use uuid::Uuid;

const JOBS: &str = "jobs";
const LOCK: &str = "lock";

/// `<work_dir>/jobs/<job>/<token>`. Removed when dropped.
pub(crate) struct AttemptFolder {
    path: PathBuf,
    _lock: Flock<File>,
}

impl AttemptFolder {
    pub(crate) fn create(work_dir: &Path, job: Uuid, token: u64) -> io::Result<AttemptFolder> {
        let path = work_dir.join(JOBS).join(job.to_string()).join(token.to_string());
        fs::create_dir_all(&path)?;
        let lock = try_lock(File::create(path.join(LOCK))?)
            .ok_or_else(|| io::Error::other("another process works here"))?;
        Ok(AttemptFolder { path, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for AttemptFolder {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// Removes what attempts of workers that are no more have left behind.
pub(crate) fn sweep(work_dir: &Path) {
    let below = |path: &Path| fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    for attempt in below(&work_dir.join(JOBS)).flat_map(|job| below(&job).collect::<Vec<_>>()) {
        let Ok(lock) = File::open(attempt.join(LOCK)) else { continue };
        if let Some(_lock) = try_lock(lock) {
            tracing::info!("{} was left behind; it is removed", attempt.display());
            remove(&attempt);
        }
    }
}

fn try_lock(file: File) -> Option<Flock<File>> {
    Flock::lock(file, FlockArg::LockExclusiveNonblock).ok()
}

fn remove(attempt: &Path) {
    if let Err(error) = fs::remove_dir_all(attempt) {
        tracing::warn!(%error, "{} cannot be removed", attempt.display());
    }
    if let Some(job) = attempt.parent() {
        // Not empty while another attempt at the job is on this machine.
        let _ = fs::remove_dir(job);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_uses_is_swept() {
        let work = tempfile::tempdir().unwrap();
        let (job, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let used = AttemptFolder::create(work.path(), job, 5).unwrap();
        let left = work.path().join(JOBS).join(other.to_string()).join("4");
        fs::create_dir_all(&left).unwrap();
        fs::write(left.join(LOCK), "").unwrap();
        fs::write(left.join("checkpoint"), "large").unwrap();

        sweep(work.path());
        assert!(!left.exists() && !left.parent().unwrap().exists());
        assert!(used.path().exists());
        assert!(AttemptFolder::create(work.path(), job, 5).is_err(), "one attempt, one process");
        let path = used.path().to_owned();
        drop(used);
        assert!(!path.exists() && !path.parent().unwrap().exists());
    }
}
