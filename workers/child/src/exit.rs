//! How a process ended, and how a guard writes that down.

use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::str::FromStr;

/// How a process ended. As text `exit code 3` or `signal 9`, and the same read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Code(i32),
    Signal(i32),
}

impl Exit {
    /// Of whom nobody can say it any more.
    pub(crate) const KILLED: Exit = Exit::Signal(rustix::process::Signal::KILL.as_raw());
    /// What shells say of a program that cannot be started.
    pub(crate) const NOT_STARTED: Exit = Exit::Code(127);
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Exit {
        match (status.code(), status.signal()) {
            (Some(code), _) => Exit::Code(code),
            (None, signal) => Exit::Signal(signal.unwrap_or_default()),
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Code(code) => write!(out, "exit code {code}"),
            Exit::Signal(signal) => write!(out, "signal {signal}"),
        }
    }
}

impl FromStr for Exit {
    type Err = String;

    fn from_str(text: &str) -> Result<Exit, String> {
        let number = |text: &str| text.parse().map_err(|_| format!("{text:?} is no number"));
        match (text.strip_prefix("exit code "), text.strip_prefix("signal ")) {
            (Some(code), _) => number(code).map(Exit::Code),
            (_, Some(signal)) => number(signal).map(Exit::Signal),
            _ => Err(format!("{text:?} is no way to end")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_down_is_read_back() {
        for exit in [Exit::Code(0), Exit::Code(75), Exit::Signal(9)] {
            assert_eq!(exit.to_string().parse(), Ok(exit));
        }
        for not in ["", "137", "exit code", "exit code x", "signal -"] {
            assert!(not.parse::<Exit>().is_err(), "{not:?}");
        }
    }
}
