//! What a guard does while its program runs: it sleeps until the program has ended, until it is asked for something, or
//! until it is time to end what nobody wants any more.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{Timespec, epoll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, kill_process_group, pidfd_open};

use crate::line::{self, Ask, Heard};
use crate::orders::Orders;

/// What is asked of it comes in on the line; the other thing it waits for is the end of its program.
const LINE: u64 = 0;
const PROGRAM: u64 = 1;

/// One program, and whether it may go on.
pub(crate) struct Watch<'a> {
    orders: &'a Orders,
    leader: Pid,
    events: OwnedFd,
    state: State,
    was_killed: bool,
    _pidfd: OwnedFd,
}

enum State {
    Held,
    /// Nobody holds the line, and it must stop then.
    Alone(Instant),
    /// It was told to stop, and is killed then.
    Asked(Instant),
    Killed,
}

impl Watch<'_> {
    pub(crate) fn new(orders: &Orders, leader: Pid) -> io::Result<Watch<'_>> {
        let pidfd = pidfd_open(leader, PidfdFlags::empty())?;
        let events = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        // Edges: a line that nobody holds would be news for ever.
        let edges = epoll::EventFlags::IN | epoll::EventFlags::ET;
        epoll::add(&events, rustix::stdio::stdin(), epoll::EventData::new_u64(LINE), edges)?;
        epoll::add(&events, &pidfd, epoll::EventData::new_u64(PROGRAM), epoll::EventFlags::IN)?;
        release_output()?;
        Ok(Watch { orders, leader, events, state: State::Held, was_killed: false, _pidfd: pidfd })
    }

    /// Whether it was killed because we were asked to.
    pub(crate) fn until_ended(mut self) -> io::Result<bool> {
        loop {
            self.hear();
            let left = match self.state {
                State::Held | State::Killed => None,
                State::Alone(until) | State::Asked(until) => {
                    Some(until.saturating_duration_since(Instant::now()))
                }
            };
            match (left, &self.state) {
                (Some(Duration::ZERO), State::Alone(_)) => self.stop(),
                (Some(Duration::ZERO), _) => self.kill(),
                _ if self.has_ended_within(left)? => return Ok(self.was_killed),
                _ => {}
            }
        }
    }

    /// Waits for news that long at most.
    fn has_ended_within(&self, limit: Option<Duration>) -> io::Result<bool> {
        let timeout = limit.and_then(|limit| Timespec::try_from(limit).ok());
        let mut news = Vec::with_capacity(2);
        match epoll::wait(&self.events, rustix::buffer::spare_capacity(&mut news), timeout.as_ref()) {
            Ok(_) => Ok(news.iter().any(|event: &epoll::Event| event.data.u64() == PROGRAM)),
            Err(Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn hear(&mut self) {
        loop {
            match line::hear() {
                Heard::Ask(ask) => self.obey(ask),
                Heard::Nothing => return self.obey(Ask::Hold),
                Heard::Nobody => {
                    if matches!(self.state, State::Held) {
                        self.state = State::Alone(Instant::now() + self.orders.alone);
                    }
                    return;
                }
            }
        }
    }

    fn obey(&mut self, ask: Ask) {
        match ask {
            Ask::Hold if matches!(self.state, State::Alone(_)) => self.state = State::Held,
            Ask::Hold => {}
            Ask::Leave => self.tell_to_leave(),
            Ask::Stop if matches!(self.state, State::Held | State::Alone(_)) => self.stop(),
            Ask::Stop => {}
            Ask::Kill => {
                self.was_killed = true;
                self.kill();
            }
        }
    }

    fn stop(&mut self) {
        let grace = self.orders.stop.grace;
        if grace.is_zero() {
            return self.kill();
        }
        self.tell_to_leave();
        self.state = State::Asked(Instant::now() + grace);
    }

    fn tell_to_leave(&self) {
        // Unless it has just ended; then this reaches nobody.
        let _ = kill_process(self.leader, self.orders.stop.signal.number());
    }

    fn kill(&mut self) {
        let _ = kill_process_group(self.leader, Signal::KILL);
        self.state = State::Killed;
    }
}

/// What the program prints is its own: who reads it shall see its end.
fn release_output() -> io::Result<()> {
    let nothing = File::options().write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdout(&nothing)?;
    rustix::stdio::dup2_stderr(&nothing)?;
    Ok(())
}
