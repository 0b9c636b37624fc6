//! Why the archive could not be read or written, by what can be done about it.

use std::fmt;

use trainyard_bus::{AppendError, BusError, LogError};
use trainyard_store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Try again later.
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Bus(#[from] BusError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Append(#[from] AppendError),
    /// Put it back as it was; until then nothing is written and nothing leaves the log.
    #[error("the archive is damaged: {0}")]
    Damaged(#[from] Fault),
    #[error("{0} was written by a newer release: use that one")]
    Newer(String),
    #[error("the archive has {archived} events and this log {log}: they are of different logs")]
    Longer { archived: u64, log: u64 },
    #[error("event {0} of the archive is another one in this log: they are of different logs")]
    Foreign(u64),
    #[error("another process has written to the archive meanwhile: run it once more")]
    Overtaken,
    #[error("there is no archive in this store")]
    Nothing,
    #[error("this log has {0} events: restore into an empty one, such as a new --data folder")]
    NotEmpty(u64),
    #[error("event {0} became another one: somebody else writes to this log")]
    Moved(u64),
}

/// What is not as it was written, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub key: String,
    /// From 1, and the sequence of the event that it holds, where that can be said.
    pub line: Option<u64>,
    pub sequence: Option<u64>,
    pub what: String,
}

impl std::error::Error for Fault {}

impl Fault {
    pub(crate) fn of(key: &str, what: impl Into<String>) -> Fault {
        Fault { key: key.to_owned(), line: None, sequence: None, what: what.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(sequence) = self.sequence {
            write!(f, " (event {sequence})")?;
        }
        write!(f, ": {}", self.what)
    }
}
