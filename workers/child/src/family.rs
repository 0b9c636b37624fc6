//! A guard and the program that it guards, as the guard notes them in a file for whoever comes after its owner.

use std::fmt;
use std::io;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use rustix::process::{Signal, kill_process_group};

use crate::end::End;
use crate::who::Who;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Family {
    pub(crate) guard: Who,
    /// Of the program's process group.
    pub(crate) leader: Who,
}

impl Family {
    pub(crate) fn read(noted: &Path) -> Option<Family> {
        std::fs::read_to_string(noted).ok()?.parse().ok()
    }

    /// For a guard that was killed itself, and so could not do this.
    pub(crate) fn kill_the_orphan(self) {
        if self.leader.is_alive() {
            let _ = kill_process_group(self.leader.pid, Signal::KILL);
        }
    }
}

/// Waits until nothing is left of a child whose owner was killed and whom [`crate::Program::noted`] names: its guard, who
/// saw the owner go, is ending it. False when it is still there after `limit`.
///
/// # Errors
/// When the end of a process cannot be awaited.
pub async fn former_life_is_over(noted: &Path, limit: Duration) -> io::Result<bool> {
    let Some(family) = Family::read(noted) else { return Ok(true) };
    let over = async {
        if let Some(end) = End::of(family.guard)? {
            end.wait().await?;
        }
        family.kill_the_orphan();
        match End::of(family.leader)? {
            Some(end) => end.wait().await,
            None => Ok(()),
        }
    };
    match tokio::time::timeout(limit, over).await {
        Ok(over) => over.map(|()| true),
        Err(_) => Ok(false),
    }
}

impl fmt::Display for Family {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} / {}", self.guard, self.leader)
    }
}

impl FromStr for Family {
    type Err = ();

    fn from_str(text: &str) -> Result<Family, ()> {
        let (guard, leader) = text.trim().split_once(" / ").ok_or(())?;
        Ok(Family { guard: guard.parse()?, leader: leader.parse()? })
    }
}
