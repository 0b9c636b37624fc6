//! A child that outlives its owner for a while, so that the owner's next life can go on with it.
//!
//! What it prints goes into files in a folder of its own, and its guard notes there who runs and how it ended. The line
//! is a named pipe in that folder: an owner that comes back takes it up again, and if none does for too long, the guard
//! ends the child.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::DuplexStream;

use crate::attached::{DROP_WAIT, end_of};
use crate::end::End;
use crate::exit::Exit;
use crate::family::Family;
use crate::follow;
use crate::line::Line;
use crate::program::Program;

/// What it may print to standard output in all; a step line is some 250 bytes, and there are two a second.
const SAID_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// When the console's file has grown so long and is read, it is emptied: the newest lines are in memory.
const CONSOLE_BYTES: u64 = 64 * 1024 * 1024;

const LINE: &str = "line";
const FAMILY: &str = "family";
const SAID: &str = "said";
const CONSOLE: &str = "console";
const EXIT: &str = "exit";

/// A child that runs, or has ended and whose guard noted how. Dead when dropped.
pub struct Detached {
    folder: PathBuf,
    /// Of the guard, and so of everybody; `None` when it is over.
    end: Option<Arc<End>>,
    /// `None` when nobody is left to hear.
    line: Option<Line>,
}

/// The way to tell it what to do; nobody hears it once the child has ended.
#[derive(Clone)]
pub struct Reins(Option<Line>);

impl Detached {
    /// Starts a program whose output, and whose guard's notes, go into `folder`. Nobody may have it in hand for as long as
    /// `alone`: an owner that is started again adopts it by then.
    ///
    /// # Errors
    /// When its guard cannot be started. That the program cannot be is an [`Exit`], with a word on its console.
    pub fn spawn(mut program: Program, folder: &Path, alone: Duration) -> io::Result<Detached> {
        let folder = std::path::absolute(folder)?;
        let (line, guards) = Line::new_named(&folder.join(LINE))?;
        let output = |name| -> io::Result<Stdio> {
            let mut options = File::options();
            Ok(options.append(true).create(true).mode(0o600).open(folder.join(name))?.into())
        };
        program.noted = Some(folder.join(FAMILY));
        let mut guard = program.start(guards, output(SAID)?, output(CONSOLE)?, |mut orders| {
            orders.alone = alone;
            orders.exit = Some(folder.join(EXIT));
            orders
        })?;
        let end = end_of(&guard)?.map(Arc::new);
        // Buries it; that it has ended is seen by its pidfd.
        tokio::spawn(async move { guard.wait().await });
        Ok(Detached { folder, end, line: Some(line) })
    }

    /// What an earlier life of this owner has left in `folder`; `None` when it runs no longer and nobody knows how it
    /// ended, or when there is none.
    pub fn find(folder: &Path) -> Option<Detached> {
        let folder = std::path::absolute(folder).ok()?;
        let unusable =
            |error: &io::Error| tracing::warn!(%error, "a child of an earlier life cannot be found again");
        // Before anything else: from here on its guard knows that there is an owner.
        let line = Line::hold(&folder.join(LINE)).inspect_err(unusable).ok()?;
        let family = Family::read(&folder.join(FAMILY));
        let end = family.and_then(|family| End::of(family.guard).inspect_err(unusable).ok()?).map(Arc::new);
        let known = end.is_some() || folder.join(EXIT).exists();
        match (known, line, family) {
            (true, line, _) => return Some(Detached { folder, end, line }),
            // It has just been started, and has not come to anything.
            (false, Some(line), _) => line.kill(),
            (false, None, Some(family)) => family.kill_the_orphan(),
            (false, None, None) => {}
        }
        None
    }

    pub fn reins(&self) -> Reins {
        Reins(self.line.clone())
    }

    /// Waits for the program to end; nothing of its group is left then.
    ///
    /// # Errors
    /// When its end cannot be awaited, or what its guard noted cannot be read.
    pub async fn wait(&self) -> io::Result<Exit> {
        if let Some(end) = &self.end {
            end.wait().await?;
        }
        match fs::read_to_string(self.folder.join(EXIT)) {
            Ok(exit) => exit.parse().map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // The guard has been killed: by us, or by somebody who has left the program alone.
                if let Some(family) = Family::read(&self.folder.join(FAMILY)) {
                    family.kill_the_orphan();
                }
                Ok(Exit::KILLED)
            }
            Err(error) => Err(error),
        }
    }

    /// Everything that it has printed and will print to standard output.
    pub fn said(&self) -> DuplexStream {
        self.follow(SAID, follow::Length::AtMost(SAID_BYTES))
    }

    /// The same for standard error. A child that prints faster than this is read has some of it left out.
    pub fn console(&self) -> DuplexStream {
        self.follow(CONSOLE, follow::Length::EmptiedAt(CONSOLE_BYTES))
    }

    fn follow(&self, file: &str, length: follow::Length) -> DuplexStream {
        let (near, far) = tokio::io::duplex(64 * 1024);
        let (path, end, reins) = (self.folder.join(file), self.end.clone(), self.reins());
        tokio::spawn(async move {
            if let Err(error) = follow::follow(&path, length, end.as_deref(), far).await {
                tracing::error!(%error, "{} can be followed no longer; the child is killed", path.display());
                reins.kill();
            }
        });
        near
    }
}

impl Drop for Detached {
    fn drop(&mut self) {
        self.reins().kill();
        if let Some(end) = &self.end {
            end.is_over_within(DROP_WAIT);
        }
    }
}

impl Reins {
    /// Asks the program, and nobody else in its group, to leave.
    pub fn leave(&self) {
        if let Some(line) = &self.0 {
            line.leave();
        }
    }

    /// Ends everybody in its group.
    pub fn kill(&self) {
        if let Some(line) = &self.0 {
            line.kill();
        }
    }
}
