//! The folder of one attempt on this machine: locked while its agent lives, removed when the attempt is over, and found
//! by the next agent when its own died.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};
use trainyard_events::TenantId;
use uuid::Uuid;

use crate::devices::written;

const JOBS: &str = "jobs";
const LOCK: &str = "lock";
const TENANT: &str = "tenant";
const NAME: &str = "name";
const DEVICES: &str = "devices";

/// An attempt, by what its folder says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Whose {
    pub(crate) tenant: TenantId,
    pub(crate) job: Uuid,
    pub(crate) token: u64,
}

/// `<work_dir>/jobs/<job>/<token>`. Removed when dropped.
pub(crate) struct AttemptFolder {
    path: PathBuf,
    _lock: Flock<File>,
}

impl AttemptFolder {
    pub(crate) fn create(work_dir: &Path, whose: &Whose) -> io::Result<AttemptFolder> {
        let Whose { tenant, job, token } = whose;
        let path = work_dir.join(JOBS).join(job.to_string()).join(token.to_string());
        fs::create_dir_all(&path)?;
        let lock = try_lock(File::create(path.join(LOCK))?)
            .ok_or_else(|| io::Error::other("another process works here"))?;
        fs::write(path.join(TENANT), tenant.to_string())?;
        Ok(AttemptFolder { path, _lock: lock })
    }

    fn whose(&self) -> Option<Whose> {
        let (token, job) = (self.path.file_name()?, self.path.parent()?.file_name()?);
        Some(Whose {
            tenant: fs::read_to_string(self.path.join(TENANT)).ok()?.parse().ok()?,
            job: job.to_str()?.parse().ok()?,
            token: token.to_str()?.parse().ok()?,
        })
    }

    /// Which GPUs its trainer has, for the next life of the agent.
    pub(crate) fn keep_devices(&self, indices: &[u32]) -> io::Result<()> {
        fs::write(self.path.join(DEVICES), written(indices))
    }

    /// None where nothing says so: an earlier release has begun it.
    pub(crate) fn devices(&self) -> Vec<u32> {
        let kept = fs::read_to_string(self.path.join(DEVICES)).unwrap_or_default();
        kept.split(',').filter_map(|index| index.parse().ok()).collect()
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

/// What attempts of agents that are no more have left behind. What says not whose it was is removed.
pub(crate) fn left_behind(work_dir: &Path) -> Vec<(AttemptFolder, Whose)> {
    let below = |path: &Path| fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    let attempts = below(&work_dir.join(JOBS)).flat_map(|job| below(&job).collect::<Vec<_>>());
    let found = attempts.filter_map(|path| {
        let lock = try_lock(File::open(path.join(LOCK)).ok()?)?;
        let folder = AttemptFolder { path, _lock: lock };
        let whose = folder.whose()?;
        Some((folder, whose))
    });
    found.collect()
}

/// The name that the last nameless worker in this folder had, or `new`, kept for the next one; nobody else gets it while
/// the lock is held. `None`: such a worker is here now.
pub(crate) fn kept_name(work_dir: &Path, new: &str) -> io::Result<Option<(String, Flock<File>)>> {
    let path = work_dir.join(NAME);
    let file = File::options().read(true).write(true).create(true).truncate(false).open(&path)?;
    let Some(lock) = try_lock(file) else { return Ok(None) };
    let kept = fs::read_to_string(&path)?;
    if !kept.is_empty() {
        return Ok(Some((kept, lock)));
    }
    fs::write(&path, new)?;
    Ok(Some((new.to_owned(), lock)))
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

    fn whose(job: u128, token: u64) -> Whose {
        Whose { tenant: "acme".parse().unwrap(), job: Uuid::from_u128(job), token }
    }

    #[test]
    fn only_what_nobody_uses_is_found_and_goes_when_it_is_dropped() {
        let work = tempfile::tempdir().unwrap();
        let used = AttemptFolder::create(work.path(), &whose(1, 5)).unwrap();
        // As a killed agent leaves it: the lock is gone, the folder is not.
        let path = work.path().join(JOBS).join(Uuid::from_u128(2).to_string()).join("4");
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join(LOCK), "").unwrap();
        fs::write(path.join(TENANT), "acme").unwrap();
        used.keep_devices(&[2, 0]).unwrap();
        assert_eq!(used.devices(), [2, 0]);
        let nameless = path.with_file_name("3");
        fs::create_dir_all(&nameless).unwrap();
        fs::write(nameless.join(LOCK), "").unwrap();

        let mut found = left_behind(work.path());
        assert_eq!(found.len(), 1);
        assert!(!nameless.exists());
        let (folder, found) = found.remove(0);
        assert_eq!((folder.path(), found), (&*path, whose(2, 4)));
        assert!(folder.devices().is_empty());
        drop(folder);
        assert!(!path.exists() && !path.parent().unwrap().exists());
        assert!(used.path().exists());
        assert!(AttemptFolder::create(work.path(), &whose(1, 5)).is_err(), "one attempt, one process");
    }

    #[test]
    fn a_nameless_worker_keeps_its_name_and_a_second_one_has_another() {
        let work = tempfile::tempdir().unwrap();
        let (name, lock) = kept_name(work.path(), "host-1").unwrap().unwrap();
        assert_eq!(name, "host-1");
        assert!(kept_name(work.path(), "host-2").unwrap().is_none());
        drop(lock);
        assert_eq!(kept_name(work.path(), "host-3").unwrap().unwrap().0, "host-1");
    }
}
