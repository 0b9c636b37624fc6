//! Keeps one server alive: starts it again when it dies, a little later each time, and gives up when it only ever dies.

use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::watchdog::{Program, Watched};
use crate::{LocalError, Server, room};

const BACKOFF_FIRST: Duration = Duration::from_millis(100);
const BACKOFF_MAX: Duration = Duration::from_secs(5);
/// A server that lived at least this long had started well: its death counts as the first again.
const QUICK_DEATH: Duration = Duration::from_secs(10);
const QUICK_DEATHS_MAX: u32 = 6;
const TAIL_LINES: usize = 12;
const TAIL_BYTES_MAX: u64 = 16 * 1024;

/// What the supervising task says about its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    Down,
    Running { pid: u32 },
    GivenUp { deaths: u32 },
}

/// A server and the task that keeps it alive. Dropping it stops the server.
pub(crate) struct Supervised {
    server: Server,
    log: PathBuf,
    condition: watch::Receiver<Condition>,
    stop: DropGuard,
    task: JoinHandle<()>,
}

impl Supervised {
    /// `pid_file` lets a later start find the server, should both we and its watchdog be killed.
    pub(crate) fn start(server: Server, program: Program, pid_file: PathBuf) -> Supervised {
        let log = program.log.clone();
        let stop = CancellationToken::new();
        let (say, condition) = watch::channel(Condition::Down);
        let task = tokio::spawn(keep_alive(server, program, pid_file, say, stop.clone()));
        Supervised { server, log, condition, stop: stop.drop_guard(), task }
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        match *self.condition.borrow() {
            Condition::Running { pid } => Some(pid),
            _ => None,
        }
    }

    /// Sends SIGKILL, as a crash would; the server comes back by itself.
    pub(crate) fn kill(&self) {
        if let Some(pid) = self.pid() {
            let _ = kill(Pid::from_raw(pid.cast_signed()), Signal::SIGKILL);
        }
    }

    /// Resolves when the server was given up on, and never else.
    pub(crate) async fn given_up(&self) -> LocalError {
        let mut condition = self.condition.clone();
        let found = condition
            .wait_for(|condition| matches!(condition, Condition::GivenUp { .. }))
            .await
            .map(|found| *found);
        match found {
            Ok(Condition::GivenUp { deaths }) => LocalError::GaveUp {
                server: self.server,
                deaths,
                log: self.log.clone(),
                tail: log_tail(&self.log),
            },
            _ => std::future::pending().await,
        }
    }

    /// Repeats `probe` until it succeeds.
    ///
    /// # Errors
    /// `GaveUp` when the server keeps dying, `NotReady` when `limit` has passed.
    pub(crate) async fn until<P, F>(&self, limit: Duration, mut probe: P) -> Result<(), LocalError>
    where
        P: FnMut() -> F,
        F: Future<Output = Result<(), String>>,
    {
        const PAUSE: Duration = Duration::from_millis(20);
        const PROBE_MAX: Duration = Duration::from_secs(5);
        let deadline = Instant::now() + limit;
        let answered = async {
            loop {
                let outcome = tokio::time::timeout(PROBE_MAX, probe()).await;
                let reason = match outcome {
                    Ok(Ok(())) => return Ok(()),
                    Ok(Err(reason)) => reason,
                    Err(_) => "it accepts connections and says nothing".to_owned(),
                };
                if Instant::now() >= deadline {
                    let (log, tail) = (self.log.clone(), log_tail(&self.log));
                    return Err(LocalError::NotReady {
                        server: self.server,
                        after_s: limit.as_secs(),
                        reason,
                        log,
                        tail,
                    });
                }
                sleep(PAUSE).await;
            }
        };
        tokio::select! {
            outcome = answered => outcome,
            gave_up = self.given_up() => Err(gave_up),
        }
    }

    /// Stops the server and waits until it is gone.
    ///
    /// # Errors
    /// `Io` when the task that kept it alive had died, so that nobody knows.
    pub(crate) async fn stop(self) -> Result<(), LocalError> {
        drop(self.stop);
        self.task
            .await
            .map_err(|error| LocalError::Io { path: self.log, source: std::io::Error::other(error) })
    }
}

async fn keep_alive(
    server: Server,
    program: Program,
    pid_file: PathBuf,
    say: watch::Sender<Condition>,
    stop: CancellationToken,
) {
    let mut deaths = 0;
    loop {
        let born = Instant::now();
        let Life { ended, was_stuck } = live_once(&program, &pid_file, &say, &stop).await;
        say.send_replace(Condition::Down);
        if stop.is_cancelled() {
            let _ = std::fs::remove_file(&pid_file);
            return;
        }
        deaths = match was_stuck {
            true => 0,
            false if born.elapsed() >= QUICK_DEATH => 1,
            false => deaths + 1,
        };
        tracing::warn!(%server, how = ended, deaths, log = %program.log.display(), "a local server died");
        // What it dies of may pass when somebody makes room.
        if !room::is_there(&program.home) {
            tracing::error!(%server, disk = %program.home.display(), "the disk of a local server is full: make room");
            deaths = deaths.min(QUICK_DEATHS_MAX - 1);
        }
        if deaths >= QUICK_DEATHS_MAX {
            say.send_replace(Condition::GivenUp { deaths });
            return;
        }
        let backoff = (BACKOFF_FIRST * 2_u32.pow(deaths.saturating_sub(1))).min(BACKOFF_MAX);
        tokio::select! {
            () = sleep(backoff) => {}
            () = stop.cancelled() => return,
        }
    }
}

struct Life {
    /// In words.
    ended: String,
    /// It was we who ended it, since there is room again and it still would not write: nothing that speaks against it.
    was_stuck: bool,
}

/// Runs the server until it dies, or must be started anew, or `stop` is asked for.
async fn live_once(
    program: &Program,
    pid_file: &Path,
    say: &watch::Sender<Condition>,
    stop: &CancellationToken,
) -> Life {
    let mut watched = match Watched::start(program).await {
        Ok(watched) => watched,
        Err(error) => return Life { ended: format!("it cannot be started: {error}"), was_stuck: false },
    };
    if let Err(error) = std::fs::write(pid_file, watched.server_pid.to_string()) {
        tracing::warn!(%error, path = %pid_file.display(), "the pid of a local server cannot be noted");
    }
    say.send_replace(Condition::Running { pid: watched.server_pid });
    let (ended, was_stuck) = tokio::select! {
        ended = watched.ended() => (ended, false),
        () = room::must_start_anew(program) => {
            tracing::warn!(log = %program.log.display(), "a local server writes no more; starting it anew");
            (watched.stop().await, true)
        }
        () = stop.cancelled() => (watched.stop().await, false),
    };
    Life { ended: ended.map_or_else(|error| error.to_string(), |status| status.to_string()), was_stuck }
}

/// A server left over from an owner that was killed is on its way out, since its watchdog saw the owner go: wait for it,
/// and if it stays, end it. `home` is the path in its command line that tells it from a stranger with the same pid.
pub(crate) async fn end_former_life(
    server: Server,
    pid_file: &Path,
    home: &Path,
    grace_s: u32,
) -> Result<(), LocalError> {
    const PAUSE: Duration = Duration::from_millis(20);
    let Some(pid) = std::fs::read_to_string(pid_file).ok().and_then(|text| text.trim().parse::<i32>().ok())
    else {
        return Ok(());
    };
    let is_ours = || {
        std::fs::read(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|line| String::from_utf8_lossy(&line).contains(&*home.to_string_lossy()))
    };
    let asked = Instant::now() + Duration::from_secs(u64::from(grace_s));
    let deadline = asked + Duration::from_secs(5);
    while is_ours() {
        if Instant::now() > asked {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
        if Instant::now() > deadline {
            return Err(LocalError::InUse { data: home.to_path_buf(), pid: format!("{pid} ({server})") });
        }
        sleep(PAUSE).await;
    }
    Ok(())
}

/// The last lines of a log, for the person who must find out why.
pub(crate) fn log_tail(path: &Path) -> String {
    use std::io::{Read, Seek, SeekFrom};
    let read = || -> std::io::Result<String> {
        let mut file = std::fs::File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES_MAX)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = read().unwrap_or_else(|error| format!("(the log cannot be read: {error})"));
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}
