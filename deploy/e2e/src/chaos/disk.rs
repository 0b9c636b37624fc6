//! Disks small enough to fill: a memory file system under a server's data, in mounts that only this thread and what it
//! starts can see, so that nothing of the machine is touched.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};

const BALLAST: &str = "ballast";
static CHUNK: [u8; 64 * 1024] = [0; 64 * 1024];

/// Gives this thread, and every thread and process that it starts from now on, mounts of their own. Only root may; false
/// where we may not.
pub(super) fn own_mounts() -> bool {
    let none = None::<&str>;
    let private = unshare(CloneFlags::CLONE_NEWNS)
        .and_then(|()| mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none));
    if let Err(error) = &private {
        println!("chaos: NO DISK IS FILLED: mounts of our own cannot be had ({error}); run this as root");
    }
    private.is_ok()
}

/// A small disk, gone when this is dropped.
pub(super) struct Disk(PathBuf);

impl Disk {
    /// Puts it at a folder, which is made if need be.
    pub(super) fn put(at: &Path, mib: u32) -> Result<Disk> {
        fs::create_dir_all(at)?;
        let options = format!("size={mib}m,mode=0700");
        mount(Some("tmpfs"), at, Some("tmpfs"), MsFlags::empty(), Some(&*options))
            .with_context(|| format!("a small disk at {}", at.display()))?;
        Ok(Disk(at.to_owned()))
    }

    /// Takes up all room that is left.
    pub(super) fn fill(&self) -> Result<()> {
        let mut ballast = File::create(self.0.join(BALLAST))?;
        while ballast.write(&CHUNK).is_ok_and(|written| written > 0) {}
        Ok(())
    }

    pub(super) fn make_room(&self) -> Result<()> {
        Ok(fs::remove_file(self.0.join(BALLAST))?)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Err(error) = umount2(&self.0, MntFlags::MNT_DETACH) {
            println!("chaos: {} stays mounted for this process: {error}", self.0.display());
        }
    }
}
