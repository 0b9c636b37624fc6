//! A child that lives no longer than its owner wants it, and than its owner does.

use std::fs::File;
use std::io;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::Pid;
use tokio::process::{Child, ChildStderr, ChildStdout};

use crate::end::End;
use crate::exit::Exit;
use crate::family::Family;
use crate::line::Line;
use crate::news;
use crate::program::Program;
use crate::who::Who;

/// A guard takes milliseconds to end what is dropped; a machine that is busy takes longer.
pub(crate) const DROP_WAIT: Duration = Duration::from_secs(2);

/// Dropped, it is stopped; where it has no grace, it is dead then.
pub struct Attached {
    guard: Child,
    /// Of the guard, and so of everybody.
    end: Option<End>,
    line: Line,
    /// What the guard has said: who runs, and how it ended.
    said: Vec<u8>,
    is_patient: bool,
}

impl Attached {
    /// Starts a program and reads what it prints.
    ///
    /// # Errors
    /// When its guard cannot be started. That the program cannot be is an [`Exit`], with a word on its standard error.
    pub fn piped(program: &Program) -> io::Result<(Attached, ChildStdout, ChildStderr)> {
        let mut child = Attached::start(program, Stdio::piped(), Stdio::piped())?;
        let out = child.guard.stdout.take().expect("standard output is piped");
        let err = child.guard.stderr.take().expect("standard error is piped");
        Ok((child, out, err))
    }

    /// Starts a program that prints into a file.
    ///
    /// # Errors
    /// As [`Attached::piped`].
    pub fn logged(program: &Program, log: File) -> io::Result<Attached> {
        Attached::start(program, Stdio::from(log.try_clone()?), Stdio::from(log))
    }

    fn start(program: &Program, out: Stdio, err: Stdio) -> io::Result<Attached> {
        let (line, guards) = Line::new()?;
        let guard = program.start(guards, out, err, |orders| orders)?;
        let end = end_of(&guard)?;
        Ok(Attached { guard, end, line, said: Vec::new(), is_patient: !program.stop.grace.is_zero() })
    }

    /// The way to tell it what to do.
    pub fn line(&self) -> Line {
        self.line.clone()
    }

    /// The process id of the program itself, once it runs.
    ///
    /// # Errors
    /// When it cannot be started; [`Attached::wait`] says how it ended.
    pub async fn pid(&mut self) -> io::Result<u32> {
        let news = news::of(self.line.descriptor()?)?;
        loop {
            let is_there = self.line.read(&mut self.said)?;
            if let Some(family) = self.family() {
                return Ok(family.leader.pid.as_raw_pid().cast_unsigned());
            }
            if !is_there || self.said.contains(&b'\n') {
                return Err(io::Error::other("the program does not run"));
            }
            news.readable().await?.clear_ready();
        }
    }

    /// Waits for the program to end by itself or because it was told to; nothing of its group is left then.
    ///
    /// # Errors
    /// When its end cannot be awaited.
    pub async fn wait(&mut self) -> io::Result<Exit> {
        if let Some(end) = &self.end {
            end.wait().await?;
        }
        self.guard.wait().await?;
        // Where our end has not been read to its end yet, the kernel keeps what was said.
        let _ = self.line.read(&mut self.said);
        let said = String::from_utf8_lossy(&self.said);
        if let Some(exit) = said.lines().find_map(|line| line.parse().ok()) {
            return Ok(exit);
        }
        // The guard has been killed: by us, or by somebody who has left the program alone.
        if let Some(family) = self.family() {
            family.kill_the_orphan();
        }
        Ok(Exit::KILLED)
    }

    /// Tells it to stop and waits until it has, killed if need be.
    ///
    /// # Errors
    /// As [`Attached::wait`].
    pub async fn stop(&mut self) -> io::Result<Exit> {
        self.line.stop();
        self.wait().await
    }

    fn family(&self) -> Option<Family> {
        String::from_utf8_lossy(&self.said).lines().next()?.parse().ok()
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        self.line.stop();
        if let Some(end) = self.end.as_ref().filter(|_| !self.is_patient) {
            end.is_over_within(DROP_WAIT);
        }
    }
}

/// Of a child that was not waited for: its pid is its own, even if it has ended.
pub(crate) fn end_of(guard: &Child) -> io::Result<Option<End>> {
    let pid = guard.id().and_then(|pid| Pid::from_raw(pid.cast_signed()));
    pid.and_then(Who::now).map_or(Ok(None), End::of)
}
