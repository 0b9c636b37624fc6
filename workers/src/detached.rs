//! A trainer's process: it outlives its agent for a while, so that the agent's next life can go on with it.
//!
//! A small shell leads the process group. It sends what the trainer prints into files and notes how it ended. A guard
//! beside it waits on a named pipe of which only agents hold the other end: when none has held it for
//! [`ORPHAN_GRACE_S`], the guard kills the whole group. So a trainer is never alone for longer than that.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::stat::Mode;
use nix::unistd::{Pid, mkfifo};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BufReader, DuplexStream};
use tokio::process::Command;
use tokio::time::sleep;

use crate::process::{Exit, set_environment};

/// A trainer whose agent is gone goes on for so many seconds: an agent that is started again adopts it by then.
const ORPHAN_GRACE_S: u32 = 30;
/// What a trainer may print to standard output in all; a step line is some 250 bytes, and there are two a second.
const SAID_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// When the console's file has grown so long and is read, it is emptied: the newest lines are in memory. A trainer that
/// prints faster than it is read by so much has all but the [`CONSOLE_REST`] of that left out.
const CONSOLE_BYTES: u64 = 64 * 1024 * 1024;
const CONSOLE_REST: u64 = 1024 * 1024;
/// How often it is seen how far behind the reader is.
const CONSOLE_LOOK_BYTES: u64 = 4 * 1024 * 1024;
/// How soon a line or the end is seen.
const LOOK: Duration = Duration::from_millis(50);

const PROCESS: &str = "process";
const ALIVE: &str = "agent";
const SAID: &str = "said";
const CONSOLE: &str = "console";
const EXIT: &str = "exit";

/// The pids of the guard and of the trainer are said first. From then on the leader ignores what the trainer is told.
const SCRIPT: &str = r#"
grace=$1 timer=
shift
{
  trap '' TERM INT HUP
  while exec 4<agent; do
    [ -z "$timer" ] || kill -s KILL "$timer"
    read -r _ <&4
    exec 4<&-
    { sleep "$grace"; kill -s KILL 0; } &
    timer=$!
  done
} </dev/null >/dev/null 2>&1 &
guard=$!
( cd work && exec "$@" ) </dev/null >>said 2>>console &
trainer=$!
trap '' TERM INT HUP
echo "$guard $trainer"
exec >/dev/null 2>&1
wait "$trainer"
echo $? >exit.new
mv exit.new exit
"#;

/// A trainer that runs, or has ended and said how. Killed when dropped.
pub(crate) struct Detached {
    folder: PathBuf,
    group: Group,
    /// While it is open, the guard knows that there is an agent.
    _alive: File,
}

/// The way to signal it; does nothing once it has ended.
#[derive(Clone)]
pub(crate) struct Group {
    leader: Member,
    /// Stays when the leader has ended.
    guard: Member,
    trainer: Pid,
    ended: Arc<AtomicBool>,
}

/// A process, told from a stranger who has its pid by now.
#[derive(Clone, Copy)]
struct Member {
    pid: Pid,
    /// As [`began`] says it.
    began: u64,
}

impl Detached {
    /// Starts `program` in `<folder>/work`.
    pub(crate) async fn spawn(program: &Path, arguments: &[OsString], folder: &Path) -> io::Result<Detached> {
        mkfifo(&folder.join(ALIVE), Mode::S_IRUSR | Mode::S_IWUSR)?;
        let alive = hold(folder)?;
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(SCRIPT).arg("trainyard-trainer").arg(ORPHAN_GRACE_S.to_string());
        command.arg(program).args(arguments).current_dir(folder);
        set_environment(&mut command);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        let mut shell = command.spawn()?;
        let leader = shell.id().expect("a child that was not waited for has a pid").cast_signed();
        let mut first_line = String::new();
        let said = shell.stdout.take().expect("standard output is piped");
        BufReader::new(said).read_line(&mut first_line).await?;
        let pids = first_line.split_whitespace().map(str::parse).collect::<Result<Vec<i32>, _>>();
        let Ok([guard, trainer]) = <[i32; 2]>::try_from(pids.unwrap_or_default()) else {
            return Err(io::Error::other("the trainer's shell does not say who runs"));
        };
        let member = |pid| {
            let began = began(pid).ok_or_else(|| io::Error::other("the trainer's shell is gone already"))?;
            Ok::<_, io::Error>(Member { pid: Pid::from_raw(pid), began })
        };
        // Before the shell is waited for: until then its pid is its own, even if it has ended.
        let group = Group {
            leader: Member { pid: Pid::from_raw(leader), began: began(leader).unwrap_or_default() },
            guard: member(guard)?,
            trainer: Pid::from_raw(trainer),
            ended: Arc::default(),
        };
        // Buries it; that it has ended is seen elsewhere.
        tokio::spawn(async move { shell.wait().await });
        group.write(folder)?;
        Ok(Detached { folder: folder.to_owned(), group, _alive: alive })
    }

    /// What an earlier life of this agent has left in `folder`; `None` when it runs no longer and nobody knows how it
    /// ended.
    pub(crate) fn find(folder: &Path) -> Option<Detached> {
        let group = Group::read(folder)?;
        let alive = hold(folder).ok()?;
        if !group.leader.is_alive() && !group.guard.is_alive() {
            // Nobody is left of it, and its number may be another's by now.
            group.ended.store(true, Ordering::Release);
        }
        let known = group.leader.is_alive() || folder.join(EXIT).exists();
        let found = Detached { folder: folder.to_owned(), group, _alive: alive };
        known.then_some(found)
    }

    pub(crate) fn group(&self) -> Group {
        self.group.clone()
    }

    /// Waits for the trainer to end; whatever it leaves behind in its group is killed.
    pub(crate) async fn wait(&self) -> io::Result<Exit> {
        // Its leader says how it ended, and then ends too: only a leader that was killed says nothing.
        while self.group.leader.is_alive() && !self.folder.join(EXIT).exists() {
            sleep(LOOK).await;
        }
        let exit = match fs::read_to_string(self.folder.join(EXIT)) {
            Ok(status) => exit(status.trim().parse().map_err(io::Error::other)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Exit::Signal(Signal::SIGKILL as i32),
            Err(error) => return Err(error),
        };
        self.group.kill();
        self.group.ended.store(true, Ordering::Release);
        Ok(exit)
    }

    /// Everything that it has printed and will print to standard output.
    pub(crate) fn said(&self) -> DuplexStream {
        self.follow(SAID, None)
    }

    /// The same for standard error.
    pub(crate) fn console(&self) -> DuplexStream {
        self.follow(CONSOLE, Some(CONSOLE_BYTES))
    }

    fn follow(&self, file: &str, emptied_at: Option<u64>) -> DuplexStream {
        let (near, far) = tokio::io::duplex(64 * 1024);
        let (path, group) = (self.folder.join(file), self.group());
        tokio::spawn(async move {
            if let Err(error) = copy(&path, emptied_at, &group.ended, far).await {
                tracing::error!(%error, "{} can be followed no longer; the trainer is killed", path.display());
                group.kill();
            }
        });
        near
    }
}

impl Drop for Detached {
    fn drop(&mut self) {
        self.group.kill();
    }
}

/// Ends when the trainer has ended and all of the file is passed on, or nobody reads any more.
async fn copy(
    path: &Path,
    emptied_at: Option<u64>,
    ended: &AtomicBool,
    mut to: DuplexStream,
) -> io::Result<()> {
    let mut file = tokio::fs::OpenOptions::new().read(true).append(true).create(true).open(path).await?;
    let mut chunk = vec![0; 32 * 1024];
    let (mut passed, mut looked) = (0, 0);
    loop {
        // Before the read: what is written before the end is read after it.
        let is_over = ended.load(Ordering::Acquire);
        let length = file.read(&mut chunk).await?;
        passed += length as u64;
        if to.write_all(&chunk[..length]).await.is_err() || (length == 0 && is_over) {
            return Ok(());
        }
        match emptied_at {
            Some(bytes) if passed > bytes && length == 0 => {
                file.set_len(0).await?;
                file.rewind().await?;
                (passed, looked) = (0, 0);
            }
            Some(bytes) if passed > looked + CONSOLE_LOOK_BYTES => {
                looked = passed;
                let unread = file.metadata().await?.len().saturating_sub(passed);
                if unread > bytes || passed > 4 * bytes {
                    let rest = catch_up(&mut file, passed, unread).await?;
                    (passed, looked) = (0, 0);
                    // Nobody reading is seen at the next chunk.
                    let _ = to.write_all(&rest).await;
                }
            }
            None if passed > SAID_BYTES => {
                return Err(io::Error::other(format!("it is more than {SAID_BYTES} bytes")));
            }
            _ => {}
        }
        if length == 0 {
            sleep(LOOK).await;
        }
    }
}

/// The end of a file of which `unread` bytes after the first `passed` are too many, under a word about the others. The
/// file is empty after that.
async fn catch_up(file: &mut tokio::fs::File, passed: u64, unread: u64) -> io::Result<Vec<u8>> {
    let left_out = unread.saturating_sub(CONSOLE_REST);
    let mut rest = match left_out {
        0 => Vec::new(),
        _ => format!("\ntrainyard: {left_out} bytes were printed faster than they are read; left out\n")
            .into_bytes(),
    };
    file.seek(io::SeekFrom::Start(passed + left_out)).await?;
    (&mut *file).take(CONSOLE_REST).read_to_end(&mut rest).await?;
    file.set_len(0).await?;
    file.rewind().await?;
    Ok(rest)
}

impl Group {
    /// Asks the trainer, and nobody else in its group, to leave.
    pub(crate) fn terminate(&self) {
        if !self.ended.load(Ordering::Acquire) && self.leader.is_alive() {
            // It may have ended in this very moment.
            let _ = kill(self.trainer, Signal::SIGTERM);
        }
    }

    /// Ends everybody in the group.
    pub(crate) fn kill(&self) {
        if !self.ended.load(Ordering::Acquire) {
            let _ = killpg(self.leader.pid, Signal::SIGKILL);
        }
    }

    fn write(&self, folder: &Path) -> io::Result<()> {
        let Group { leader, guard, trainer, .. } = self;
        let beside = folder.join("process.new");
        fs::write(
            &beside,
            format!("{} {} {} {} {trainer}", leader.pid, leader.began, guard.pid, guard.began),
        )?;
        fs::rename(beside, folder.join(PROCESS))
    }

    fn read(folder: &Path) -> Option<Group> {
        let text = fs::read_to_string(folder.join(PROCESS)).ok()?;
        let [leader, leader_began, guard, guard_began, trainer] =
            text.split(' ').collect::<Vec<_>>().try_into().ok()?;
        let pid = |text: &str| text.parse().ok().map(Pid::from_raw);
        let member = |text: &str, began: &str| Some(Member { pid: pid(text)?, began: began.parse().ok()? });
        Some(Group {
            leader: member(leader, leader_began)?,
            guard: member(guard, guard_began)?,
            trainer: pid(trainer)?,
            ended: Arc::default(),
        })
    }
}

impl Member {
    fn is_alive(self) -> bool {
        began(self.pid.as_raw()) == Some(self.began)
    }
}

/// Takes the end of the named pipe that tells the guard that an agent is there.
fn hold(folder: &Path) -> io::Result<File> {
    // Read and write: neither this nor the guard waits for the other.
    fs::OpenOptions::new().read(true).write(true).open(folder.join(ALIVE))
}

/// When a process began, in ticks since the machine did; `None` when it has ended.
fn began(pid: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, which may hold anything, ends with the last parenthesis.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    let is_alive = !matches!(fields.next()?, "Z" | "X");
    is_alive.then(|| fields.nth(18)?.parse().ok()).flatten()
}

/// As a shell says it.
fn exit(status: i32) -> Exit {
    if status > 128 { Exit::Signal(status - 128) } else { Exit::Code(status) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_console_that_is_read_too_slowly_goes_on_with_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(CONSOLE);
        let lines: String = (0..300_000).map(|number| format!("line {number}\n")).collect();
        fs::write(&path, &lines).unwrap();
        let mut file = tokio::fs::OpenOptions::new().read(true).append(true).open(&path).await.unwrap();
        let passed = 1_000_u64;
        let rest = catch_up(&mut file, passed, lines.len() as u64 - passed).await.unwrap();
        let rest = String::from_utf8(rest).unwrap();
        let left_out = lines.len() as u64 - passed - CONSOLE_REST;
        assert!(rest.starts_with(&format!("\ntrainyard: {left_out} bytes")), "{}", &rest[..80]);
        assert!(rest.ends_with("line 299998\nline 299999\n"));
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
    }
}
