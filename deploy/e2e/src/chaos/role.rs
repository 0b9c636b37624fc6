//! One role as a process of its own, started again when it dies, as an init system would.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Command;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Between a death and the next life.
const RESTART_PAUSE: Duration = Duration::from_millis(300);
/// A role that was told to stop has this long; a worker's own grace is 25 s.
const STOP_DEADLINE: Duration = Duration::from_secs(45);

pub(super) struct Role {
    pub(super) name: String,
    /// 0 while it is down.
    pid: Arc<AtomicI32>,
    stop: CancellationToken,
    keeper: JoinHandle<Result<()>>,
}

/// How to start it.
pub(super) struct Recipe {
    pub(super) name: String,
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) environment: Vec<(String, String)>,
}

impl Role {
    /// Its output is appended to `<folder>/<name>.log`.
    pub(super) fn start(recipe: Recipe, folder: &Path) -> Role {
        let (pid, stop) = (Arc::new(AtomicI32::new(0)), CancellationToken::new());
        let name = recipe.name.clone();
        let keeper = tokio::spawn(keep(recipe, folder.to_owned(), pid.clone(), stop.clone()));
        Role { name, pid, stop, keeper }
    }

    pub(super) fn pid(&self) -> Option<i32> {
        Some(self.pid.load(Ordering::Acquire)).filter(|pid| *pid > 0)
    }

    /// False when it is down just now.
    pub(super) fn signal(&self, signal: Signal) -> bool {
        self.pid().is_some_and(|pid| kill(Pid::from_raw(pid), signal).is_ok())
    }

    pub(super) async fn stop(self) -> Result<()> {
        self.stop.cancel();
        self.keeper.await?.with_context(|| self.name)
    }
}

async fn keep(recipe: Recipe, folder: PathBuf, pid: Arc<AtomicI32>, stop: CancellationToken) -> Result<()> {
    let log = folder.join(format!("{}.log", recipe.name));
    while !stop.is_cancelled() {
        let out = File::options().create(true).append(true).open(&log)?;
        let mut child = Command::new(&recipe.program)
            .args(&recipe.arguments)
            .envs(recipe.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            .kill_on_drop(true)
            .spawn()?;
        let id = i32::try_from(child.id().context("it has just been started")?)?;
        pid.store(id, Ordering::Release);
        tokio::select! {
            _ = child.wait() => {}
            () = stop.cancelled() => {
                kill(Pid::from_raw(id), Signal::SIGTERM)?;
                let ended = tokio::time::timeout(STOP_DEADLINE, child.wait()).await;
                ended.with_context(|| format!("it does not stop within {STOP_DEADLINE:?}"))??;
            }
        }
        pid.store(0, Ordering::Release);
        stop.run_until_cancelled(tokio::time::sleep(RESTART_PAUSE)).await;
    }
    Ok(())
}
