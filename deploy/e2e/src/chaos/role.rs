//! One role as a process of its own, started again when it dies, as an init system would; by another release, where told so.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Command;
use tokio::sync::watch;
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
    failures: Arc<AtomicUsize>,
    /// What its next life is a process of.
    program: watch::Sender<PathBuf>,
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
        let (pid, failures, stop) = (Arc::default(), Arc::default(), CancellationToken::new());
        let program = watch::Sender::new(recipe.program.clone());
        let name = recipe.name.clone();
        let lives = Lives {
            recipe,
            folder: folder.to_owned(),
            program: program.subscribe(),
            pid: Arc::clone(&pid),
            failures: Arc::clone(&failures),
        };
        let keeper = tokio::spawn(lives.keep(stop.clone()));
        Role { name, pid, failures, program, stop, keeper }
    }

    pub(super) fn pid(&self) -> Option<i32> {
        Some(self.pid.load(Ordering::Acquire)).filter(|pid| *pid > 0)
    }

    /// Times that it has ended by itself and said that it had failed.
    pub(super) fn failures(&self) -> usize {
        self.failures.load(Ordering::Acquire)
    }

    /// False when it is down just now.
    pub(super) fn signal(&self, signal: Signal) -> bool {
        self.pid().is_some_and(|pid| kill(Pid::from_raw(pid), signal).is_ok())
    }

    /// Tells it to leave in good order, and to come back as this program.
    pub(super) fn become_program(&self, program: &Path) {
        self.program.send_replace(program.to_owned());
        self.signal(Signal::SIGTERM);
    }

    pub(super) async fn stop(self) -> Result<()> {
        self.stop.cancel();
        self.keeper.await?.with_context(|| self.name)
    }
}

/// One life after another.
struct Lives {
    recipe: Recipe,
    folder: PathBuf,
    program: watch::Receiver<PathBuf>,
    pid: Arc<AtomicI32>,
    failures: Arc<AtomicUsize>,
}

impl Lives {
    async fn keep(self, stop: CancellationToken) -> Result<()> {
        let Lives { recipe, folder, program, pid, failures } = self;
        let log = folder.join(format!("{}.log", recipe.name));
        while !stop.is_cancelled() {
            let out = File::options().create(true).append(true).open(&log)?;
            let program = program.borrow().clone();
            let mut child = Command::new(&program)
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
                ended = child.wait() => if ended?.code().is_some_and(|code| code != 0) {
                    failures.fetch_add(1, Ordering::AcqRel);
                },
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
}
