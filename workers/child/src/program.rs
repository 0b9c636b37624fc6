//! A program that is to run under a guard, and the guard's own command.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::environment;
use crate::orders::Orders;

/// What is to run, and how.
#[derive(Clone, Debug)]
pub struct Program {
    pub path: PathBuf,
    pub arguments: Vec<OsString>,
    /// On top of ours, less our own settings.
    pub environment: Vec<(String, String)>,
    /// It is started in there, and needs no way to it: its account need not be able to enter the folders above.
    pub folder: PathBuf,
    /// Where that is not ours.
    pub account: Option<Account>,
    pub stop: Stop,
    /// Files that it leaves behind when it is killed: removed when it has ended.
    pub litter: Vec<PathBuf>,
    /// The file for [`crate::former_life_is_over`].
    pub noted: Option<PathBuf>,
}

/// The user and group that a program runs as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    pub uid: u32,
    pub gid: u32,
}

/// How a program is asked to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    pub signal: Signal,
    /// What it has before it is killed when it must stop; with none it is not asked at all.
    pub grace: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    Terminate,
    Interrupt,
}

impl Program {
    /// With our environment, as ourselves, and killed at once when it must stop.
    pub fn new(path: impl Into<PathBuf>, arguments: Vec<OsString>, folder: impl Into<PathBuf>) -> Program {
        Program {
            path: path.into(),
            arguments,
            environment: Vec::new(),
            folder: folder.into(),
            account: None,
            stop: Stop { signal: Signal::Terminate, grace: Duration::ZERO },
            litter: Vec::new(),
            noted: None,
        }
    }

    /// Starts a guard for it, which starts it. What the guard says comes along the line.
    pub(crate) fn start(
        &self,
        line: OwnedFd,
        out: Stdio,
        err: Stdio,
        orders: impl FnOnce(Orders) -> Orders,
    ) -> io::Result<tokio::process::Child> {
        let mut command = guard(&orders(Orders::of(self)).arguments())?;
        environment::set(&mut command, &self.environment);
        command.stdin(Stdio::from(line)).stdout(out).stderr(err).current_dir(&self.folder);
        tokio::process::Command::from(command).spawn()
    }
}

/// Whether `main` of this program begins with [`crate::guard::if_asked`].
static GUARDS: AtomicBool = AtomicBool::new(false);
pub(crate) const VERB: &str = "guard";
const GUARD: &str = "trainyard-guard";

pub(crate) fn we_guard() {
    GUARDS.store(true, Ordering::Relaxed);
}

/// The command of a guard, in a process group of its own: ourselves where we can do it, else, as in tests, the program
/// [`GUARD`] beside us or beside the folder that we are in.
pub(crate) fn guard(arguments: &[OsString]) -> io::Result<Command> {
    let us = std::env::current_exe()?;
    let mut command = if GUARDS.load(Ordering::Relaxed) {
        // The file may have been replaced, by a new version for one: ours is still what we run.
        let mut command = Command::new(if us.exists() { &us } else { Path::new("/proc/self/exe") });
        command.arg0(us).arg(VERB);
        command
    } else {
        let beside = us.ancestors().skip(1).take(2).map(|folder| folder.join(GUARD));
        let program = beside.into_iter().find(|path| path.exists()).ok_or_else(|| {
            io::Error::other(format!(
                "{GUARD} is not beside {}: run `cargo build -p trainyard-child`",
                us.display()
            ))
        })?;
        Command::new(program)
    };
    command.args(arguments).process_group(0);
    Ok(command)
}

impl Signal {
    pub(crate) const ALL: [Signal; 2] = [Signal::Terminate, Signal::Interrupt];

    pub(crate) fn number(self) -> rustix::process::Signal {
        match self {
            Signal::Terminate => rustix::process::Signal::TERM,
            Signal::Interrupt => rustix::process::Signal::INT,
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Signal::Terminate => "TERM",
            Signal::Interrupt => "INT",
        })
    }
}
