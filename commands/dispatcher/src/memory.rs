//! What a dispatcher remembers of the log, in a file: a start reads that and what has come since, instead of everything.
//!
//! Only the very program that wrote it takes it up again: another one may fold the log otherwise. What is damaged, of another
//! program or log, or ahead of the log is thrown away, and the log read anew.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tracing::{debug, info, warn};
use trainyard_commands::world::World;

/// Grows when the file has another form.
const VERSION: u32 = 1;
/// A larger world is read from the log.
const BYTES_MAX: u64 = 1 << 30;
/// Events between two writings: so many are read in less than a second.
const WRITE_EVERY: u64 = 50_000;

/// The first line of the file, above the world.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Head {
    version: u32,
    /// Which program wrote it.
    program: String,
    /// Of the log that it is about.
    stream: String,
    sequence: u64,
    /// SHA-256 of the world as it is written, in hex.
    sha256: String,
}

/// Why what is remembered is of no use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Forgotten {
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    #[error("it is damaged: {0}")]
    Damaged(String),
    #[error("another program wrote it")]
    OtherProgram,
    #[error("it is about another log")]
    OtherLog,
    #[error("it is at event {at} and the log ends at {log}: the log is an older copy")]
    AheadOfLog { at: u64, log: u64 },
}

/// The file, and what is to be compared with what it says.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    path: PathBuf,
    program: String,
    stream: String,
    /// As of the newest event that it holds.
    written: u64,
}

impl Memory {
    pub(crate) fn new(path: PathBuf, stream: String) -> std::io::Result<Memory> {
        Ok(Memory { path, program: program()?, stream, written: 0 })
    }

    /// The world that was written last, or an empty one. The log ends at `newest`.
    pub(crate) fn recall(&mut self, newest: u64) -> World {
        match self.read(newest) {
            Ok(Some(world)) => {
                info!(sequence = world.sequence, "the dispatcher goes on from what it remembers");
                self.written = world.sequence;
                world
            }
            Ok(None) => World::default(),
            Err(why) => {
                let path = self.path.display();
                warn!(%path, %why, "what the dispatcher remembers is thrown away, and the log read anew");
                World::default()
            }
        }
    }

    /// `None` when there is nothing.
    fn read(&self, newest: u64) -> Result<Option<World>, Forgotten> {
        let damaged = |error: &dyn std::fmt::Display| Forgotten::Damaged(error.to_string());
        match std::fs::metadata(&self.path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Ok(found) if found.len() > BYTES_MAX => return Err(damaged(&"it is too large")),
            _ => {}
        }
        let bytes = std::fs::read(&self.path)?;
        let end = bytes.iter().position(|byte| *byte == b'\n').ok_or_else(|| damaged(&"it is cut off"))?;
        let (head, world) = (&bytes[..end], &bytes[end + 1..]);
        let head: Head = serde_json::from_slice(head).map_err(|error| damaged(&error))?;
        if (head.version, &head.program) != (VERSION, &self.program) {
            return Err(Forgotten::OtherProgram);
        }
        if head.stream != self.stream {
            return Err(Forgotten::OtherLog);
        }
        if head.sha256 != hash(world) {
            return Err(damaged(&"its hash is another one"));
        }
        let world = World::remembered(world).map_err(|error| damaged(&error))?;
        if world.sequence != head.sequence {
            return Err(damaged(&"it says two things of where it is"));
        }
        if world.sequence > newest {
            return Err(Forgotten::AheadOfLog { at: world.sequence, log: newest });
        }
        Ok(Some(world))
    }

    /// Whether so much has happened since that it is worth writing.
    pub(crate) fn is_old(&self, world: &World) -> bool {
        world.sequence >= self.written + WRITE_EVERY
    }

    /// Writes it beside the file, and puts it in its place whole. What cannot be written is read from the log next time.
    pub(crate) fn write(&mut self, world: &World) {
        self.written = world.sequence;
        let Some(json) = world.to_json() else {
            debug!("nothing is written while something is kept back");
            return;
        };
        match self.put(world.sequence, &json) {
            Ok(()) => debug!(sequence = world.sequence, bytes = json.len(), "what is open is written down"),
            Err(error) => {
                let path = self.path.display();
                warn!(%path, %error, "what the dispatcher knows cannot be written down: its next start reads the log");
            }
        }
    }

    fn put(&self, sequence: u64, json: &[u8]) -> std::io::Result<()> {
        let (program, stream) = (self.program.clone(), self.stream.clone());
        let head = Head { version: VERSION, program, stream, sequence, sha256: hash(json) };
        let mut bytes = serde_json::to_vec(&head)?;
        bytes.push(b'\n');
        bytes.extend_from_slice(json);
        let beside = self.path.with_extension("new");
        write_private(&beside, &bytes)?;
        std::fs::rename(&beside, &self.path)
    }
}

/// Configurations of every tenant are in it.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    if path.exists() {
        std::fs::remove_file(path)?;
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Its size and when it was made: every build is another one.
fn program() -> std::io::Result<String> {
    let file = std::fs::metadata(std::env::current_exe()?)?;
    let made = file.modified()?.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    Ok(format!("{}-{made}", file.len()))
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
