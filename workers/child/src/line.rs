//! The line between an owner and a guard: while anybody holds it, the guard lets its program live, and what is asked of
//! the guard goes along it. For the guard it is the standard input.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;
use rustix::stdio::stdin;

/// What can be asked of a guard, one byte each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Somebody holds the line again. What the kernel tells of an opened pipe nobody can wait for.
    Hold = b'h' as isize,
    /// Tell the program, and nobody else in its group, to leave.
    Leave = b'l' as isize,
    /// End everything, as when the line is let go.
    Stop = b's' as isize,
    /// End everything by force, and note nothing.
    Kill = b'k' as isize,
}

const ASKS: [Ask; 4] = [Ask::Hold, Ask::Leave, Ask::Stop, Ask::Kill];

/// The owner's end. Clones hold it too; what is asked after the end is lost.
#[derive(Clone, Debug)]
pub struct Line(Arc<OwnedFd>);

impl Line {
    /// A line that nobody can take up again, and its other end, for the guard.
    pub(crate) fn new() -> io::Result<(Line, OwnedFd)> {
        let (ours, guards) = UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        Ok((Line(Arc::new(ours.into())), guards.into()))
    }

    /// A named one, which an owner's next life can take up.
    pub(crate) fn new_named(path: &Path) -> io::Result<(Line, OwnedFd)> {
        rustix::fs::mkfifoat(CWD, path, Mode::RUSR | Mode::WUSR)?;
        let guards =
            rustix::fs::open(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty())?;
        let ours =
            Line::hold(path)?.ok_or_else(|| io::Error::other("somebody else has taken the line away"))?;
        Ok((ours, guards))
    }

    /// Takes up a named one; `None` when there is no guard on it.
    pub(crate) fn hold(path: &Path) -> io::Result<Option<Line>> {
        match rustix::fs::open(path, OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty()) {
            Ok(ours) => {
                let line = Line(Arc::new(ours));
                line.ask(Ask::Hold);
                Ok(Some(line))
            }
            Err(Errno::NXIO | Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Asks the program, and nobody else in its group, to leave.
    pub fn leave(&self) {
        self.ask(Ask::Leave);
    }

    /// Ends everybody in the group: politely first, where its [`crate::Stop`] has a grace.
    pub fn stop(&self) {
        self.ask(Ask::Stop);
    }

    /// Ends everybody in the group by force.
    pub fn kill(&self) {
        self.ask(Ask::Kill);
    }

    fn ask(&self, ask: Ask) {
        // A guard that is gone has ended everything already.
        let _ = rustix::io::write(&*self.0, &[ask as u8]);
    }

    /// What the guard has said since it was asked the last time; false when it will say no more.
    pub(crate) fn read(&self, said: &mut Vec<u8>) -> io::Result<bool> {
        let mut chunk = [0; 256];
        loop {
            match rustix::io::read(&*self.0, &mut chunk) {
                Ok(0) => return Ok(false),
                Ok(length) => said.extend_from_slice(&chunk[..length]),
                Err(Errno::AGAIN) => return Ok(true),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    pub(crate) fn descriptor(&self) -> io::Result<OwnedFd> {
        self.0.try_clone()
    }
}

/// What a guard hears.
pub(crate) enum Heard {
    Ask(Ask),
    Nothing,
    /// And nobody holds the line.
    Nobody,
}

/// Makes the guard's end ready for [`hear`].
pub(crate) fn listen() -> io::Result<()> {
    Ok(rustix::io::ioctl_fionbio(stdin(), true)?)
}

pub(crate) fn hear() -> Heard {
    let mut byte = [0];
    loop {
        match rustix::io::read(stdin(), &mut byte) {
            Ok(0) => return Heard::Nobody,
            Ok(_) => match ASKS.into_iter().find(|ask| *ask as u8 == byte[0]) {
                Some(ask) => return Heard::Ask(ask),
                None => continue,
            },
            Err(Errno::AGAIN) => return Heard::Nothing,
            Err(Errno::INTR) => {}
            // As when an owner dies without having read what we said.
            Err(_) => return Heard::Nobody,
        }
    }
}

/// Whether somebody holds it, without hearing what is asked; waits for it to be let go where told to.
pub(crate) fn is_held(until_let_go: bool) -> bool {
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    let mut watched = [PollFd::from_borrowed_fd(stdin(), PollFlags::empty())];
    loop {
        match poll(&mut watched, (!until_let_go).then_some(&at_once)) {
            Ok(0) => return true,
            Ok(_) => return false,
            Err(Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

/// Tells the owner something, where the line goes both ways and there still is one.
pub(crate) fn say(words: &str) {
    let _ = rustix::io::write(stdin().as_fd(), format!("{words}\n").as_bytes());
}
