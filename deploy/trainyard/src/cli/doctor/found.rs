//! What was looked at, before anybody says what it means.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::cli::tools::State;

/// What there is, or why it could not be looked at.
pub(super) type Looked<T> = Result<T, String>;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Port {
    Free,
    /// The platform of this data folder listens there.
    Ours,
    Taken,
    Refused(String),
}

/// Of a disk, in bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Room {
    pub free: u64,
    pub whole: u64,
    /// Of files that may still be made; `None` where the file system has no limit.
    pub files_free: Option<u64>,
}

/// In bytes, of the machine or of the container that we are in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Memory {
    pub available: u64,
    pub whole: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Server {
    Nats,
    Postgres,
    Store,
}

/// What a server said.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Said {
    pub version: Option<String>,
    /// Seconds that its clock is before ours.
    pub ahead_s: Option<f64>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Gpus {
    pub driver: String,
    pub names: Vec<String>,
}

/// That of the data folder.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Format {
    /// There is no data yet.
    New,
    Of(u32),
    Unreadable(String),
}

/// A file or folder that is nobody else's business.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Secret {
    pub path: PathBuf,
    pub mode: u32,
    pub is_ours: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub listen: (SocketAddr, Port),
    pub data: (PathBuf, Looked<Room>),
    pub format: Format,
    pub open_files: u64,
    pub memory: Looked<Memory>,
    pub shared_memory: Looked<Room>,
    pub servers: Vec<(Server, Looked<Said>)>,
    /// Versions of projections that have tables; `Err` where Postgres was not asked.
    pub views: Looked<Vec<i32>>,
    /// `None`: no driver is installed.
    pub gpus: Looked<Option<Gpus>>,
    pub wants_gpu: bool,
    /// Those that this machine needs; empty with servers of somebody else's.
    pub tools: Vec<(String, State)>,
    /// Its version.
    pub trainer: Looked<String>,
    /// Name, and whether it is whole.
    pub runners: Vec<(String, bool)>,
    pub roots: Vec<(PathBuf, Looked<()>)>,
    pub secrets: Vec<Secret>,
}
