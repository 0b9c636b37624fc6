//! The end of a process, awaited through a pidfd: no polling, and no mistaking a stranger who got its pid.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{PidfdFlags, pidfd_open};
use tokio::io::unix::AsyncFd;

use crate::news;
use crate::who::Who;

/// Of any process, whether it is our child or not.
pub(crate) struct End {
    pidfd: AsyncFd<OwnedFd>,
}

impl End {
    /// `None` when it has ended already.
    pub(crate) fn of(who: Who) -> io::Result<Option<End>> {
        let pidfd = match pidfd_open(who.pid, PidfdFlags::NONBLOCK) {
            Ok(pidfd) => pidfd,
            Err(Errno::SRCH) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // Asked after it was opened: from here on the number can become another's, the descriptor cannot.
        if !who.is_alive() {
            return Ok(None);
        }
        Ok(Some(End { pidfd: news::of(pidfd)? }))
    }

    pub(crate) async fn wait(&self) -> io::Result<()> {
        // It stays readable, for everybody who waits.
        self.pidfd.readable().await.map(drop)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_over_within(Duration::ZERO)
    }

    /// Waits without letting anything else go on: for the few milliseconds that a guard takes.
    pub(crate) fn is_over_within(&self, limit: Duration) -> bool {
        let timeout = Timespec::try_from(limit).ok();
        let mut watched = [PollFd::new(self.pidfd.get_ref(), PollFlags::IN)];
        poll(&mut watched, timeout.as_ref()).is_ok_and(|ready| ready > 0)
    }
}
