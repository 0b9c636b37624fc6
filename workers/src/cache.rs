//! Files of datasets on this worker: fetched once, linked to where they are wanted, put away when nobody has asked for long.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use futures::{StreamExt, TryStreamExt, stream};
use nix::fcntl::{Flock, FlockArg};
use nix::sys::stat::futimens;
use nix::sys::time::TimeSpec;
use trainyard_events::TenantId;
use trainyard_store::{Store, StoreError, blob_key};

/// Files on their way at once.
const AT_ONCE: usize = 16;
/// What stays when the cache is full: this part of its limit.
const KEPT_SHARE: f64 = 0.8;
const FOLDER: &str = "cache";
const LOCK: &str = ".lock";

/// The files of one tenant. The same bytes of another are apart.
pub(crate) struct Cache<'a> {
    pub(crate) store: &'a Store,
    pub(crate) tenant: &'a TenantId,
    pub(crate) work_dir: &'a Path,
    /// Of all tenants together, in bytes.
    pub(crate) limit: u64,
}

impl Cache<'_> {
    /// Puts each file, by its name below `to` and its hash, where it is wanted.
    pub(crate) async fn lay_out(&self, files: Vec<(String, String)>, to: &Path) -> Result<(), StoreError> {
        let put = |(name, sha256): (String, String)| async move { self.put(&sha256, &to.join(name)).await };
        stream::iter(files).map(put).buffer_unordered(AT_ONCE).try_for_each(|()| async { Ok(()) }).await?;
        self.trim().await
    }

    async fn put(&self, sha256: &str, to: &Path) -> Result<(), StoreError> {
        let key = blob_key(self.tenant.as_str(), sha256)?;
        let kept = self.work_dir.join(FOLDER).join(&key);
        loop {
            if !kept.exists() {
                make_folder(&kept)?;
                self.store.get_file(&key, sha256, &kept).await?;
            }
            make_folder(to)?;
            match link(&kept, to) {
                // Put away since.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                done => return done.map_err(|source| StoreError::File { path: to.to_owned(), source }),
            }
        }
    }

    /// Puts away what nobody has used for longest, and nobody uses now, until there is room.
    async fn trim(&self) -> Result<(), StoreError> {
        let (folder, limit) = (self.work_dir.join(FOLDER), self.limit);
        let path = folder.clone();
        let done = tokio::task::spawn_blocking(move || trim(&folder, limit)).await;
        done.map_err(io::Error::other)
            .and_then(|done| done)
            .map_err(|source| StoreError::File { path, source })
    }
}

fn make_folder(of: &Path) -> Result<(), StoreError> {
    let Some(folder) = of.parent() else { return Ok(()) };
    fs::create_dir_all(folder).map_err(|source| StoreError::File { path: folder.to_owned(), source })
}

/// A second name of the same file; a copy where the disk allows no more names.
fn link(kept: &Path, to: &Path) -> io::Result<()> {
    let file = File::open(kept)?;
    // That it is used, by the disk's own clock.
    futimens(&file, &TimeSpec::UTIME_OMIT, &TimeSpec::UTIME_NOW)?;
    match fs::hard_link(kept, to) {
        Err(error) if matches!(error.kind(), io::ErrorKind::TooManyLinks | io::ErrorKind::CrossesDevices) => {
            fs::copy(kept, to).map(drop)
        }
        done => done,
    }
}

struct Kept {
    path: PathBuf,
    used: SystemTime,
    bytes: u64,
    /// Whether an attempt has it under a second name.
    is_linked: bool,
}

fn trim(folder: &Path, limit: u64) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    // Somebody else who works on this disk is at it.
    let Ok(_lock) = Flock::lock(File::create(folder.join(LOCK))?, FlockArg::LockExclusiveNonblock) else {
        return Ok(());
    };
    let mut all = Vec::new();
    find(folder, &mut all)?;
    let mut bytes: u64 = all.iter().map(|kept| kept.bytes).sum();
    if bytes <= limit {
        return Ok(());
    }
    all.sort_by_key(|kept| kept.used);
    let enough = (limit as f64 * KEPT_SHARE) as u64;
    for kept in all.iter().filter(|kept| !kept.is_linked) {
        if bytes <= enough {
            break;
        }
        fs::remove_file(&kept.path)?;
        bytes -= kept.bytes;
    }
    Ok(())
}

fn find(folder: &Path, all: &mut Vec<Kept>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let found = entry.metadata()?;
        if found.is_dir() {
            find(&entry.path(), all)?;
        } else if entry.file_name() != LOCK {
            let (path, used) = (entry.path(), found.modified()?);
            all.push(Kept { path, used, bytes: found.len(), is_linked: found.nlink() > 1 });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_was_used_longest_ago_goes_first_and_what_is_in_use_stays() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join("blobs/acme/aa").join(name);
        fs::create_dir_all(at("")).unwrap();
        for (age, name) in [(5, "oldest"), (4, "in use"), (3, "old"), (1, "new")] {
            fs::write(at(name), vec![0; 100]).unwrap();
            let then = SystemTime::UNIX_EPOCH + Duration::from_secs(100_000 - age * 10_000);
            File::options().write(true).open(at(name)).unwrap().set_modified(then).unwrap();
        }
        fs::hard_link(at("in use"), root.path().join("elsewhere")).unwrap();
        fs::remove_file(root.path().join("elsewhere")).unwrap();
        let used = tempfile::tempdir_in(root.path().parent().unwrap()).unwrap();
        fs::hard_link(at("in use"), used.path().join("1.png")).unwrap();
        trim(root.path(), 400).unwrap();
        assert!(["oldest", "in use", "old", "new"].iter().all(|name| at(name).exists()), "there is room");
        trim(root.path(), 250).unwrap();
        assert_eq!(
            ["oldest", "in use", "old", "new"].map(|name| at(name).exists()),
            [false, true, false, true]
        );
        link(&at("in use"), &used.path().join("2.png")).unwrap();
        let used = fs::metadata(at("in use")).unwrap().modified().unwrap();
        assert!(used > SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000), "it is marked as used");
    }
}
