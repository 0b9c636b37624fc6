//! A checkpoint on its way to the disk, beside the steps that follow it.

use std::path::PathBuf;
use std::thread::{self, JoinHandle};

use trainyard_events::trainer::TrainerLine;

use crate::failure::Failure;
use crate::protocol::say;
use crate::train::checkpoint::Copied;

/// At most one at a time; it is told of once it is whole and on the disk.
#[derive(Debug, Default)]
pub struct Writing(Option<Begun>);

#[derive(Debug)]
struct Begun {
    epoch: u32,
    step: u64,
    /// It touches no tensor: the copy is bytes.
    thread: JoinHandle<Result<(PathBuf, String), Failure>>,
}

impl Writing {
    /// Begins to write, once the one before is told.
    pub fn begin(&mut self, copied: Copied, epoch: u32, step: u64) -> Result<(), Failure> {
        self.wait()?;
        self.0 = Some(Begun { epoch, step, thread: thread::spawn(move || copied.write()) });
        Ok(())
    }

    /// Tells of what has been written meanwhile.
    pub fn tell(&mut self) -> Result<(), Failure> {
        match &self.0 {
            Some(begun) if begun.thread.is_finished() => self.wait(),
            _ => Ok(()),
        }
    }

    /// Waits for what is being written, and tells of it.
    pub fn wait(&mut self) -> Result<(), Failure> {
        let Some(Begun { epoch, step, thread }) = self.0.take() else { return Ok(()) };
        let (path, sha256) = thread.join().map_err(|payload| Failure::from_panic(payload.as_ref()))??;
        say(&TrainerLine::Checkpoint { path, epoch, step, sha256: Some(sha256) });
        Ok(())
    }
}

impl Drop for Writing {
    /// A training that fails leaves its last checkpoint whole.
    fn drop(&mut self) {
        if let Err(failure) = self.wait() {
            eprintln!("the last checkpoint is not written: {failure}");
        }
    }
}
