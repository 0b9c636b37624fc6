//! Why the local servers cannot run, in words that say what to do next.

use std::io;
use std::path::{Path, PathBuf};

use crate::platform::Server;

/// Every variant's text is one the person at the terminal can act on.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    #[error("{} is not there: `trainyard tools fetch` fetches the pinned servers (in a checkout: `make tools`)", path.display())]
    MissingTool { path: PathBuf },

    #[error("{} is not there: run `cargo build -p trainyard-objects`, which tests need as a program", path.display())]
    MissingStore { path: PathBuf },

    #[error("{} is in use by process {pid}: stop that one first, or choose another data folder", data.display())]
    InUse { data: PathBuf, pid: String },

    #[error("{} was written in data format {found}, and this program knows formats up to {known}: use a newer \
             Trainyard, or another data folder", data.display())]
    NewerFormat { data: PathBuf, found: String, known: u32 },

    #[error(
        "{} holds the objects of Trainyard 0.1 in a store that this release does not have: start 0.1 on this data \
             folder, copy its bucket to another place (`aws s3 sync s3://trainyard COPY --endpoint-url ...`), stop it, \
             move {} away, start this release and copy the objects back; or move it away at once if nothing in it is \
             of use any more. Nothing has been changed", home.display(), home.display()
    )]
    FormerStore { home: PathBuf },

    #[error(
        "port {port} on 127.0.0.1, asked for {server}, is taken: stop what listens there (`ss -ltnp` names it), \
             or ask for another"
    )]
    PortTaken { server: Server, port: u16 },

    #[error("no free port was found on 127.0.0.1 between {first} and {last}")]
    NoFreePort { first: u16, last: u16 },

    #[error("the disk that holds {} is full: free some space and start again", path.display())]
    DiskFull { path: PathBuf },

    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },

    #[error("{} does not hold what was written there ({reason}): restore it, or move it away to have it made anew", path.display())]
    Corrupt { path: PathBuf, reason: String },

    #[error(
        "the servers do not run as root, and running them as somebody else failed ({reason}): run Trainyard as an \
             ordinary user, or use servers of your own (TRAINYARD_NATS_URL, TRAINYARD_DATABASE_URL, TRAINYARD_S3_*)"
    )]
    NoUnprivilegedUser { reason: String },

    #[error("{program} failed: {output}")]
    Program { program: String, output: String },

    #[error("{server} did not answer within {after_s} s ({reason}); its log, {}, ends with:\n{tail}", log.display())]
    NotReady { server: Server, after_s: u64, reason: String, log: PathBuf, tail: String },

    #[error("{server} died {deaths} times in a row and is left down; its log, {}, ends with:\n{tail}", log.display())]
    GaveUp { server: Server, deaths: u32, log: PathBuf, tail: String },
}

impl LocalError {
    /// For `map_err`: an error of the operating system about `path`.
    pub(crate) fn io(path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> LocalError {
        let path = path.as_ref().to_path_buf();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => LocalError::DiskFull { path },
            _ => LocalError::Io { path, source },
        }
    }
}
