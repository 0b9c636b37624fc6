//! Checkpoints and artifacts on their way into the store, beside training and in order. Each is named by a fact only
//! once it is there.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};
use trainyard_child::Backoff;
use trainyard_events::job::JobEvent;
use trainyard_events::reason::{Cause, Trouble};
use trainyard_events::results::{Artifact, CheckpointRef};
use trainyard_store::{Store, StoreError, Stored, job_key};
use uuid::Uuid;

use crate::artifacts::{ARTIFACTS, Artifacts, Known, WEIGHTS, extension};
use crate::console::Console;
use crate::lease::BUS_AWAY;
use crate::metrics::WorkerMetrics;
use crate::trainer::Upload;
use crate::why;

/// Uploads that may wait; beyond that the trainer waits too.
pub(crate) const UPLOADS_WAITING: usize = 256;
pub(crate) const CONSOLE: &str = "console";
const CHECKPOINT: &str = "checkpoint";
/// A checkpoint that is a folder travels as one file.
pub(crate) const PACKED: &str = "tar";

/// Why the attempt cannot go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UploadError {
    #[error("the artifact store cannot take {what}: {source}")]
    Store { what: String, source: StoreError },
    #[error("{what} cannot be uploaded: {source}")]
    File { what: String, source: io::Error },
}

impl UploadError {
    /// As data.
    pub(crate) fn trouble(&self) -> Trouble {
        match self {
            UploadError::Store { what, source } => {
                Trouble::StoreRefuses { what: what.clone(), cause: why::store(source) }
            }
            UploadError::File { what, source } => {
                let cause = match source.get_ref().is_some_and(|inner| inner.is::<Outside>()) {
                    true => Cause::OutsideWorkFolder,
                    false => why::system(source),
                };
                Trouble::NotUploaded { what: what.clone(), cause }
            }
        }
    }
}

/// Nothing outside the work folder is ever uploaded.
#[derive(Debug, thiserror::Error)]
#[error("it is not below the work folder")]
struct Outside;

/// Checkpoints of a running attempt are kept at most this often: they are large, and only the newest is of use. The
/// first is kept at once, and the last when the trainer ends.
const CHECKPOINT_INTERVAL: Duration = Duration::from_secs(30);

/// A checkpoint that the trainer has written.
#[derive(Clone)]
struct Announced {
    path: PathBuf,
    epoch: u32,
    step: u64,
    sha256: Option<String>,
}

/// One attempt's way into the store.
pub(crate) struct Uploader {
    store: Store,
    job: Uuid,
    token: u64,
    /// Nothing outside is ever uploaded.
    work: PathBuf,
    console: Console,
    /// The newest step of which a checkpoint is announced: an older one that still waits is not worth it.
    newest: AtomicU64,
    /// There are results: nobody will go on from a checkpoint, and of those who may fork the job one is enough.
    has_results: AtomicBool,
    /// The job has a checkpoint in the store.
    has_one: AtomicBool,
    /// The newest step of which the log had a checkpoint before.
    committed: u64,
    metrics: WorkerMetrics,
}

impl Uploader {
    pub(crate) fn new(
        store: Store,
        (job, token): (Uuid, u64),
        work: PathBuf,
        console: Console,
        committed: u64,
        metrics: WorkerMetrics,
    ) -> Uploader {
        let (has_results, has_one) = (AtomicBool::new(false), AtomicBool::new(committed > 0));
        let newest = AtomicU64::new(0);
        Uploader { store, job, token, work, console, newest, has_results, has_one, committed, metrics }
    }

    /// To be told of every upload before it is queued.
    pub(crate) fn announce(&self, upload: &Upload) {
        if let Upload::Checkpoint { step, .. } = upload {
            self.newest.fetch_max(*step, Ordering::AcqRel);
        }
    }

    /// To be told when there are results.
    pub(crate) fn told_of_results(&self) {
        self.has_results.store(true, Ordering::Release);
    }

    /// Uploads what comes until no more can come; returns the artifacts, which wait for no checkpoint.
    pub(crate) async fn run(
        &self,
        uploads: mpsc::Receiver<Upload>,
        facts: mpsc::Sender<JobEvent>,
    ) -> Result<Vec<Artifact>, UploadError> {
        let (newest, announced) = watch::channel(None);
        let checkpoints = Box::pin(self.checkpoints(announced, facts)).map(Ok);
        let artifacts = Box::pin(self.artifacts(uploads, newest));
        tokio::try_join!(artifacts, checkpoints).map(|(artifacts, ())| artifacts)
    }

    async fn artifacts(
        &self,
        mut uploads: mpsc::Receiver<Upload>,
        checkpoints: watch::Sender<Option<Announced>>,
    ) -> Result<Vec<Artifact>, UploadError> {
        let mut artifacts = Artifacts::default();
        while let Some(upload) = uploads.recv().await {
            match upload {
                Upload::Checkpoint { step, .. } if step <= self.committed => {}
                Upload::Checkpoint { path, epoch, step, sha256 } => {
                    checkpoints.send_replace(Some(Announced { path, epoch, step, sha256 }));
                }
                Upload::Artifact { role, path } => self.artifact(&mut artifacts, &role, path).await?,
            }
        }
        Ok(artifacts.into_all())
    }

    /// Keeps the newest one whenever it is time for one, and what the trainer has left when it has ended: that is where the next
    /// attempt goes on.
    async fn checkpoints(
        &self,
        mut announced: watch::Receiver<Option<Announced>>,
        facts: mpsc::Sender<JobEvent>,
    ) {
        let mut due = Instant::now();
        while announced.changed().await.is_ok() {
            let mut no_more = announced.clone();
            tokio::select! {
                () = sleep_until(due) => {}
                _ended = no_more.wait_for(|_| false) => {}
            }
            let newest = announced.borrow_and_update().clone();
            if self.commit(newest, &facts).await {
                due = Instant::now() + CHECKPOINT_INTERVAL;
            }
        }
    }

    /// Uploads a checkpoint and reports it; false when it is not worth it any more or cannot be kept. Nobody listening
    /// means that the attempt is given up: nothing to tell.
    async fn commit(&self, checkpoint: Option<Announced>, facts: &mpsc::Sender<JobEvent>) -> bool {
        let Some(Announced { path, epoch, step, sha256 }) = checkpoint else { return false };
        let Some(artifact) = self.checkpoint(&path, step, sha256).await else { return false };
        self.has_one.store(true, Ordering::Release);
        let checkpoint = CheckpointRef { epoch, step, artifact };
        facts.send(JobEvent::CheckpointCommitted { token: self.token, checkpoint }).await.is_ok()
    }

    /// A checkpoint that cannot be kept costs nothing but the way back to an older one.
    async fn checkpoint(&self, path: &Path, step: u64, sha256: Option<String>) -> Option<Artifact> {
        let what = format!("the checkpoint of step {step}");
        let superseded = || self.newest.load(Ordering::Acquire) > step || self.is_enough();
        if superseded() {
            return None;
        }
        let uploaded = async {
            let (file, name) = self.as_file(path, &format!("checkpoint-{step}")).await?;
            let uploaded = self.upload(CHECKPOINT, &what, &name, &file, superseded).await;
            if path.is_dir() {
                // Packed only to travel.
                let _ = tokio::fs::remove_file(file).await;
            }
            uploaded
        };
        match uploaded.await {
            Ok(artifact) if sha256.as_ref().is_none_or(|announced| *announced == artifact.sha256) => {
                Some(artifact)
            }
            Ok(artifact) => {
                self.complain(&format!("{what} is not what was announced: SHA-256 {}", artifact.sha256));
                None
            }
            Err(_) if superseded() => None,
            Err(error) => {
                self.complain(&error.to_string());
                None
            }
        }
    }

    /// The weights must arrive; of the rest, what is not a file is left out.
    async fn artifact(
        &self,
        artifacts: &mut Artifacts,
        role: &str,
        path: PathBuf,
    ) -> Result<(), UploadError> {
        let Some(name) = artifacts.name(role, extension(&path)) else {
            self.complain(&format!("more than {ARTIFACTS} artifacts: {} is left out", path.display()));
            return Ok(());
        };
        let what = format!("{role} ({})", path.display());
        let uploaded = async {
            let failed = |source| UploadError::File { what: what.clone(), source };
            let file = self.inside(&path).map_err(failed)?;
            let changed = file.metadata().and_then(|about| about.modified()).map_err(failed)?;
            if artifacts.has(role, &path, changed) {
                return Ok(None);
            }
            let artifact = self.upload(role, &what, &name, &file, || false).await?;
            Ok(Some(Known { path: path.clone(), changed, artifact }))
        };
        match uploaded.await {
            Ok(known) => artifacts.keep(known, role, &path),
            Err(UploadError::File { source, .. }) if role != WEIGHTS => {
                self.complain(&format!("{what} is left out: {source}"));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Tries for as long as the store is away, within reason, and while it is wanted.
    async fn upload(
        &self,
        role: &str,
        what: &str,
        name: &str,
        path: &Path,
        unwanted: impl Fn() -> bool,
    ) -> Result<Artifact, UploadError> {
        let failed = |source| match source {
            StoreError::File { source, .. } => UploadError::File { what: what.to_owned(), source },
            source => UploadError::Store { what: what.to_owned(), source },
        };
        let key = job_key(self.job, self.token, name).map_err(failed)?;
        let began = Instant::now();
        let mut backoff = Backoff::default();
        loop {
            match self.counted(
                self.store.put_file_unless(&key, path, || role == CHECKPOINT && self.is_enough()).await,
            ) {
                Ok(stored) => {
                    let role = role.to_owned();
                    return Ok(Artifact { role, key, sha256: stored.sha256, bytes: stored.bytes });
                }
                Err(error) if error.may_pass() && began.elapsed() < BUS_AWAY && !unwanted() => {
                    if backoff.tries() == 0 {
                        tracing::warn!(%error, key, "an upload waits for the store; training goes on");
                    }
                    backoff.wait().await;
                }
                Err(error) => return Err(failed(error)),
            }
        }
    }

    /// Whether no checkpoint is worth its way any more. One that is only older than the newest may be there long before that.
    fn is_enough(&self) -> bool {
        self.has_results.load(Ordering::Acquire) && self.has_one.load(Ordering::Acquire)
    }

    /// Passes on how a try went.
    fn counted(&self, stored: Result<Stored, StoreError>) -> Result<Stored, StoreError> {
        match &stored {
            Ok(stored) => self.metrics.uploaded(stored.bytes),
            Err(StoreError::Unwanted { .. }) => {}
            Err(_) => self.metrics.upload_failed(),
        }
        stored
    }

    /// The console as an artifact, if the store takes it in time: nothing fails for want of it. `file` has all of it once
    /// the trainer has been heard to its end; without one the last lines are kept.
    pub(crate) async fn console(&self, file: Option<&Path>, within: Duration) -> Option<Artifact> {
        let key = job_key(self.job, self.token, "console.log").ok()?;
        let text = self.console.text();
        if text.is_empty() {
            return None;
        }
        let storing = async {
            match file {
                Some(file) => self.store.put_file(&key, file).await,
                None => self.store.put_bytes(&key, text.into()).await,
            }
        };
        match timeout(within, storing).await.map(|stored| self.counted(stored)) {
            Ok(Ok(Stored { key, sha256, bytes })) => {
                Some(Artifact { role: CONSOLE.to_owned(), key, sha256, bytes })
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "the console is not kept");
                None
            }
            Err(_) => {
                tracing::warn!("the store has not taken the console in time; it is not kept");
                None
            }
        }
    }

    /// The file to upload for `path` and its name in the store: a folder is packed first.
    async fn as_file(&self, path: &Path, stem: &str) -> Result<(PathBuf, String), UploadError> {
        let failed = |source| UploadError::File { what: path.display().to_string(), source };
        let path = self.inside(path).map_err(failed)?;
        if !path.is_dir() {
            return Ok((path.clone(), format!("{stem}{}", extension(&path))));
        }
        let packed = self.work.join(format!(".{stem}.{PACKED}"));
        let to = packed.clone();
        let pack = tokio::task::spawn_blocking(move || {
            let mut archive = tar::Builder::new(io::BufWriter::new(std::fs::File::create(to)?));
            archive.append_dir_all(".", &path)?;
            archive.into_inner()?.into_inner().map_err(io::IntoInnerError::into_error)?;
            Ok(())
        });
        pack.await.map_err(io::Error::other).and_then(|packed| packed).map_err(failed)?;
        Ok((packed, format!("{stem}.{PACKED}")))
    }

    /// Where `path` really is, if that is below the work folder.
    fn inside(&self, path: &Path) -> io::Result<PathBuf> {
        let (work, path) = (self.work.canonicalize()?, self.work.join(path).canonicalize()?);
        if path.starts_with(&work) && path != work { Ok(path) } else { Err(io::Error::other(Outside)) }
    }

    /// Says it where the user looks, too.
    fn complain(&self, problem: &str) {
        tracing::warn!(problem, "trainer");
        self.console.push(&format!("trainyard: {problem}"));
    }
}
