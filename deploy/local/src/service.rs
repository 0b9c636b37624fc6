//! How one server is run, and where its log goes.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use trainyard_child::{Attached, Program};

/// The folder that a process is in, by a name that leads there without passing through those above: a server is put into
/// its folder, and its account need have no way to it.
pub(crate) const HERE: &str = "/proc/self/cwd";
/// A log longer than this is set aside as `.1` when its server starts.
const LOG_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// It writes in its program's folder.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    pub(crate) program: Program,
    pub(crate) log: PathBuf,
    /// Words in its log with which it says that it writes no more until it is started anew.
    pub(crate) stuck: Option<&'static str>,
}

impl Service {
    pub(crate) fn start(&self) -> io::Result<Attached> {
        Attached::logged(&self.program, open_log(&self.log)?)
    }
}

fn open_log(path: &Path) -> io::Result<File> {
    if std::fs::metadata(path).is_ok_and(|old| old.len() > LOG_BYTES_MAX) {
        std::fs::rename(path, path.with_extension("log.1"))?;
    }
    let log = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    // One of an earlier version was for everybody.
    log.set_permissions(Permissions::from_mode(0o600))?;
    Ok(log)
}
