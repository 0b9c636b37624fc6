//! A process, told from a stranger who has its pid by now.

use std::fmt;
use std::str::FromStr;

use rustix::process::Pid;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Who {
    pub(crate) pid: Pid,
    /// In ticks since the machine began.
    began: u64,
}

impl Who {
    /// `None` when it has ended.
    pub(crate) fn now(pid: Pid) -> Option<Who> {
        Some(Who { pid, began: began(pid)? })
    }

    pub(crate) fn is_alive(self) -> bool {
        began(self.pid) == Some(self.began)
    }
}

fn began(pid: Pid) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_pid())).ok()?;
    // The name, which may hold anything, ends with the last parenthesis.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    let is_alive = !matches!(fields.next()?, "Z" | "X");
    is_alive.then(|| fields.nth(18)?.parse().ok()).flatten()
}

impl fmt::Display for Who {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.pid.as_raw_pid(), self.began)
    }
}

impl FromStr for Who {
    type Err = ();

    fn from_str(text: &str) -> Result<Who, ()> {
        let (pid, began) = text.split_once(' ').ok_or(())?;
        let pid = pid.parse().ok().and_then(Pid::from_raw).ok_or(())?;
        Ok(Who { pid, began: began.parse().map_err(|_| ())? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pid_that_is_anothers_by_now_is_not_the_one() {
        let us = Who::now(rustix::process::getpid()).unwrap();
        assert!(us.is_alive());
        assert_eq!(us.to_string().parse(), Ok(us));
        assert!(!Who { began: us.began - 1, ..us }.is_alive());
        let mut ended = std::process::Command::new("true").spawn().unwrap();
        // It is a zombie at most: nobody waits for it.
        let pid = Pid::from_child(&ended);
        let begun = std::time::Instant::now();
        while Who::now(pid).is_some() {
            assert!(begun.elapsed() < std::time::Duration::from_secs(20));
        }
        ended.wait().unwrap();
    }
}
