//! Keeps one server alive: starts it again when it dies, a little later each time, and gives up when it only ever dies.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::{CancellationToken, DropGuard};
use trainyard_child::{Backoff, Line, former_life_is_over};

use crate::service::Service;
use crate::{LocalError, Server, room};

const PAUSE_FIRST: Duration = Duration::from_millis(100);
const PAUSE_LONGEST: Duration = Duration::from_secs(5);
/// A server that lived at least this long had started well: its death counts as the first again.
const QUICK_DEATH: Duration = Duration::from_secs(10);
const QUICK_DEATHS_MAX: u32 = 6;
/// What a server takes to end that was killed when its grace was over.
const FORMER_LIFE: Duration = Duration::from_secs(5);
const TAIL_LINES: usize = 12;
const TAIL_BYTES_MAX: u64 = 16 * 1024;

/// What the supervising task says about its server.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    Down,
    Running { pid: u32, line: Line },
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
    pub(crate) fn start(server: Server, service: Service) -> Supervised {
        let log = service.log.clone();
        let stop = CancellationToken::new();
        let (say, condition) = watch::channel(Condition::Down);
        let task = tokio::spawn(keep_alive(server, service, say, stop.clone()));
        Supervised { server, log, condition, stop: stop.drop_guard(), task }
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        match *self.condition.borrow() {
            Condition::Running { pid, .. } => Some(pid),
            _ => None,
        }
    }

    /// Sends SIGKILL, as a crash would; the server comes back by itself.
    pub(crate) fn kill(&self) {
        if let Condition::Running { line, .. } = &*self.condition.borrow() {
            line.kill();
        }
    }

    /// Resolves when the server was given up on, and never else.
    pub(crate) async fn given_up(&self) -> LocalError {
        let mut condition = self.condition.clone();
        let found = condition
            .wait_for(|condition| matches!(condition, Condition::GivenUp { .. }))
            .await
            .map(|found| found.clone());
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
    service: Service,
    say: watch::Sender<Condition>,
    stop: CancellationToken,
) {
    let home = &service.program.folder;
    let mut backoff = Backoff::new(PAUSE_FIRST, PAUSE_LONGEST);
    loop {
        let born = Instant::now();
        let Life { ended, was_stuck } = live_once(&service, &say, &stop).await;
        say.send_replace(Condition::Down);
        if stop.is_cancelled() {
            if let Some(noted) = &service.program.noted {
                let _ = std::fs::remove_file(noted);
            }
            return;
        }
        if was_stuck || born.elapsed() >= QUICK_DEATH {
            backoff.reset();
        }
        let deaths = backoff.tries() + u32::from(!was_stuck);
        tracing::warn!(%server, how = ended, deaths, log = %service.log.display(), "a local server died");
        if !room::is_there(home) {
            // What it dies of may pass when somebody makes room.
            tracing::error!(%server, disk = %home.display(), "the disk of a local server is full: make room");
        } else if deaths >= QUICK_DEATHS_MAX {
            say.send_replace(Condition::GivenUp { deaths });
            return;
        }
        if stop.run_until_cancelled(backoff.wait()).await.is_none() {
            return;
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
async fn live_once(service: &Service, say: &watch::Sender<Condition>, stop: &CancellationToken) -> Life {
    let mut child = match service.start() {
        Ok(child) => child,
        Err(error) => return Life { ended: format!("it cannot be started: {error}"), was_stuck: false },
    };
    let line = child.line();
    let runs = async {
        // One that does not come to run says how it ended.
        if let Ok(pid) = child.pid().await {
            say.send_replace(Condition::Running { pid, line });
        }
        child.wait().await
    };
    let (ended, was_stuck) = tokio::select! {
        ended = runs => (ended, false),
        () = room::must_start_anew(service) => {
            tracing::warn!(log = %service.log.display(), "a local server writes no more; starting it anew");
            (child.stop().await, true)
        }
        () = stop.cancelled() => (child.stop().await, false),
    };
    Life { ended: ended.map_or_else(|error| error.to_string(), |exit| exit.to_string()), was_stuck }
}

/// A server left over from an owner that was killed is on its way out, since its guard saw the owner go: waits for it.
pub(crate) async fn end_former_life(
    server: Server,
    noted: &Path,
    home: &Path,
    grace: Duration,
) -> Result<(), LocalError> {
    if former_life_is_over(noted, grace + FORMER_LIFE).await.map_err(LocalError::io(noted))? {
        return Ok(());
    }
    let pid = std::fs::read_to_string(noted).unwrap_or_default();
    let pid = pid.split(' ').next().unwrap_or_default();
    Err(LocalError::InUse { data: home.to_path_buf(), pid: format!("{pid} (the guard of {server})") })
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
