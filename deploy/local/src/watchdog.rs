//! One server process that cannot outlive its owner.
//!
//! Between us and the server stands a small shell that holds one end of a pipe. We hold the other. When our end closes,
//! because we let go of it or because we died in whatever way, the shell stops the server: first politely, then by force.
//! So stopping a server and losing its owner are the same road.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

/// A log longer than this is set aside as `.1` when its server starts.
const LOG_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Says the server's pid on its first line, then waits for the server to end or for its own standard input to close.
/// Then it removes what the server left, and takes the rest of the process group along, its own waiting half included.
const SCRIPT: &str = r#"
signal=$1 grace_s=$2
shift 2
exec 3<&0 </dev/null
"$@" 3<&- >&2 &
server=$!
echo "$server"
exec >&2
{ read -r _ <&3; kill -s "$signal" "$server"; sleep "$grace_s"; kill -s KILL "$server"; } 2>/dev/null &
wait "$server"
status=$?
rm -f $TRAINYARD_LITTER
trap '' TERM
kill -s TERM 0
exit "$status"
"#;

/// The user and group a server runs as, where that is not ours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// How one server is started and stopped.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) args: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) account: Option<Account>,
    /// Where it writes.
    pub(crate) home: PathBuf,
    pub(crate) log: PathBuf,
    /// Words in its log with which it says that it writes no more until it is started anew.
    pub(crate) stuck: Option<&'static str>,
    /// The signal that asks it to stop, by its short name, and the seconds it gets before SIGKILL.
    pub(crate) stop_signal: &'static str,
    pub(crate) grace_s: u32,
    /// Files outside the data folder that it leaves behind when it is killed; their names hold no spaces.
    pub(crate) litter: Vec<String>,
}

/// A running server. Dropping it stops the server as [`Watched::stop`] does, without waiting.
pub(crate) struct Watched {
    shell: Child,
    group: Pid,
    line: Option<ChildStdin>,
    pub(crate) server_pid: u32,
}

impl Watched {
    pub(crate) async fn start(program: &Program) -> io::Result<Watched> {
        let log = open_log(&program.log)?;
        let mut command = Command::new("/bin/sh");
        command.args(["-c", SCRIPT, "trainyard-watchdog", program.stop_signal, &program.grace_s.to_string()]);
        command.arg(&program.path).args(&program.args).envs(program.env.iter().cloned()).current_dir("/");
        command.env("TRAINYARD_LITTER", program.litter.join(" "));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).process_group(0);
        if let Some(account) = program.account {
            command.uid(account.uid).gid(account.gid);
        }
        let mut shell = command.spawn()?;
        let group =
            Pid::from_raw(shell.id().expect("a child that was not waited for has a pid").cast_signed());
        let line = shell.stdin.take();
        let said = shell.stdout.take().expect("standard output is piped");
        let mut first_line = String::new();
        BufReader::new(said).read_line(&mut first_line).await?;
        let server_pid =
            first_line.trim().parse().map_err(|_| io::Error::other("the watchdog shell said no pid"))?;
        Ok(Watched { shell, group, line, server_pid })
    }

    /// Waits until the server has ended by itself.
    pub(crate) async fn ended(&mut self) -> io::Result<ExitStatus> {
        let status = self.shell.wait().await;
        // If somebody killed the shell and not the server, the server is still there.
        let _ = killpg(self.group, Signal::SIGKILL);
        status
    }

    /// Asks the server to stop and waits until it is gone, killed if need be.
    pub(crate) async fn stop(mut self) -> io::Result<ExitStatus> {
        self.line.take();
        self.ended().await
    }
}

fn open_log(path: &Path) -> io::Result<std::fs::File> {
    if std::fs::metadata(path).is_ok_and(|old| old.len() > LOG_BYTES_MAX) {
        std::fs::rename(path, path.with_extension("log.1"))?;
    }
    OpenOptions::new().create(true).append(true).open(path)
}
