//! A child process with a process group of its own that never outlives us, however we end.
//!
//! A small shell becomes the child. Before that it leaves a guard behind in the group, which waits for a pipe that only
//! we hold to close: when we let go of it, or die in whatever way, the guard kills the whole group.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

/// The guard keeps neither of the child's pipes open, and a signal meant for the child does not end it.
const SCRIPT: &str = r#"
exec 3<&0 </dev/null
{ trap '' TERM INT HUP; read -r _ <&3; kill -s KILL 0; } >/dev/null 2>&1 &
exec "$@" 3<&-
"#;
/// For glibc, in bytes: blocks of up to 32 MiB, the most that it takes here, do not go back to the system when they are
/// freed. A training step asks for the same ones again; mapping and clearing them took a sixth of a detector's step.
const KEEP_MEMORY: [(&str, &str); 3] = [
    ("MALLOC_MMAP_THRESHOLD_", "33554432"),
    ("MALLOC_TRIM_THRESHOLD_", "8589934592"),
    ("MALLOC_TOP_PAD_", "67108864"),
];
/// Our own settings, secrets among them, are not a child's business.
const OUR_PREFIX: &str = "TRAINYARD_";

pub(crate) struct Process {
    child: Child,
    group: Group,
    _line: ChildStdin,
}

/// The way to signal a running process; does nothing once it has ended.
#[derive(Clone)]
pub(crate) struct Group {
    leader: Pid,
    ended: Arc<AtomicBool>,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Code(i32),
    Signal(i32),
}

impl Process {
    /// Starts `program` in `folder`, with `environment` on top of ours less our own settings.
    pub(crate) fn spawn(
        program: &Path,
        arguments: &[OsString],
        environment: &[(String, String)],
        folder: &Path,
    ) -> io::Result<(Process, ChildStdout, ChildStderr)> {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(SCRIPT).arg("trainyard-guard").arg(program).args(arguments).current_dir(folder);
        set_environment(&mut command);
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.process_group(0).kill_on_drop(true).spawn()?;
        let leader = child.id().expect("a child that was not waited for has a pid").cast_signed();
        let group = Group { leader: Pid::from_raw(leader), ended: Arc::default() };
        let line = child.stdin.take().expect("standard input is piped");
        let out = child.stdout.take().expect("standard output is piped");
        let err = child.stderr.take().expect("standard error is piped");
        Ok((Process { child, group, _line: line }, out, err))
    }

    pub(crate) fn group(&self) -> Group {
        self.group.clone()
    }

    /// Waits for the process to end by itself or by a signal; whatever it leaves behind in its group is killed.
    pub(crate) async fn wait(&mut self) -> io::Result<Exit> {
        let status = self.child.wait().await?;
        self.group.kill();
        self.group.ended.store(true, Ordering::Release);
        Ok(exit(status))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.group.kill();
    }
}

impl Group {
    /// Asks the process, and nobody else in its group, to leave.
    pub(crate) fn terminate(&self) {
        if !self.ended.load(Ordering::Acquire) {
            // It may have ended in this very moment.
            let _ = kill(self.leader, Signal::SIGTERM);
        }
    }

    /// Ends everybody in the group.
    pub(crate) fn kill(&self) {
        if !self.ended.load(Ordering::Acquire) {
            let _ = killpg(self.leader, Signal::SIGKILL);
        }
    }
}

/// A child finds ours in its environment, less our own settings, with what makes training fast.
pub(crate) fn set_environment(command: &mut Command) {
    let is_ours = |name: &OsStr| name.to_string_lossy().starts_with(OUR_PREFIX);
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_ours(name)) {
        command.env_remove(name);
    }
    // libtorch's threads would spin while they wait for each other; on a machine that does anything else besides,
    // that made training several times slower. A short spin costs a twentieth to a tenth there; a quiet machine gains more.
    command.env("OMP_WAIT_POLICY", "PASSIVE").env("GOMP_SPINCOUNT", "1000").envs(KEEP_MEMORY);
}

fn exit(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, signal) => Exit::Signal(signal.unwrap_or_default()),
    }
}

/// How often the system has killed a process of ours for want of memory, where it can be known.
pub(crate) fn out_of_memory_kills() -> Option<u64> {
    ["/sys/fs/cgroup/memory.events", "/proc/vmstat"].into_iter().find_map(|file| {
        let counters = std::fs::read_to_string(file).ok()?;
        counters.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok())
    })
}
