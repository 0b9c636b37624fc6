//! The manifest of a dataset: kept in the store by the look that made it, and on a worker as its training sees it.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use tokio::time::Instant;
use trainyard_bus::EventLog;
use trainyard_child::Backoff;
use trainyard_commands::State;
use trainyard_commands::dataset::{Dataset, Verdict};
use trainyard_data::manifest::{Manifest, hash_of};
use trainyard_data::place::{Changed, place};
use trainyard_data::plan::Unwanted;
use trainyard_door::{Door, HandleError};
use trainyard_events::config::TrainingConfig;
use trainyard_events::dataset::parted;
use trainyard_events::job::{Failure, FailureClass};
use trainyard_events::reason::{Advice, Cause, Flaw, Reason, Trouble, Unfit};
use trainyard_events::results::Artifact;
use trainyard_events::trainer::Inspection;
use trainyard_events::{Aggregate, TenantId};
use trainyard_store::{Store, StoreError, manifest_key};
use uuid::Uuid;

use crate::WorkerConfig;
use crate::cache::Cache;
use crate::lease::BUS_AWAY;
use crate::look::look;
use crate::trainer::{disk, failure};
use crate::{paths, why};

/// Puts the manifest under its own hash, where the same one is never twice.
pub(crate) async fn keep(store: &Store, dataset: Uuid, file: &Path) -> Result<Artifact, StoreError> {
    let (path, unreadable) =
        (file.to_owned(), |error: io::Error| StoreError::File { path: file.to_owned(), source: error });
    let hashed = tokio::task::spawn_blocking(move || hash_of(&path)).await;
    let (bytes, sha256) = hashed.map_err(io::Error::other).and_then(|hashed| hashed).map_err(unreadable)?;
    let key = manifest_key(dataset, &sha256)?;
    store.put_file(&key, file).await?;
    Ok(Artifact { role: "manifest".to_owned(), key, sha256, bytes })
}

/// What a trainer is told of its dataset.
pub(crate) struct Planned {
    pub(crate) manifest: PathBuf,
    pub(crate) images: PathBuf,
    pub(crate) hash: String,
}

/// The dataset of one job, and who can see to it that it is here.
pub(crate) struct Wanted<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) dataset: Uuid,
    pub(crate) config: &'a TrainingConfig,
    pub(crate) store: &'a Store,
    pub(crate) worker: &'a WorkerConfig,
    /// Of the attempt.
    pub(crate) folder: &'a Path,
}

impl Wanted<'_> {
    /// Everything in place for the trainer to begin.
    pub(crate) async fn plan<L: EventLog>(&self, door: &Door<L>) -> Result<Planned, Failure> {
        let dataset = self.dataset(door).await?;
        let written = self.config.dataset.as_deref().unwrap_or_default();
        let (path, version) = parted(written);
        let known = match &dataset.verdict {
            Verdict::Good(profile) => Some(profile.content_hash.clone()),
            _ => None,
        };
        let kept = dataset.version_of(written);
        let stored = kept.is_some_and(|kept| kept.stored);
        let root = match stored {
            true => None,
            false => Some(
                paths::allowed(path, self.tenant, &self.worker.dataset_roots)
                    .map_err(|unfit| failure(FailureClass::Dataset, unfit, Advice::OtherPath))?,
            ),
        };
        let (manifest, found) = match (kept, &root) {
            (Some(kept), _) => (self.fetch(&kept.manifest).await?, kept.manifest.sha256.clone()),
            (None, Some(root)) => self.look(root).await?,
            (None, None) => unreachable!("what is in the store is a version"),
        };
        let hash = match (version, known) {
            (None, Some(known)) if dataset.versions.is_empty() && known != found => {
                return Err(failure(
                    FailureClass::Dataset,
                    Trouble::DatasetChanged,
                    Advice::NameDatasetAgain,
                ));
            }
            (None, Some(known)) => known,
            _ => found,
        };
        let (manifest, images) = self.lay_out(manifest, root).await?;
        Ok(Planned { manifest, images, hash })
    }

    async fn dataset<L: EventLog>(&self, door: &Door<L>) -> Result<Dataset, Failure> {
        let mut backoff = Backoff::default();
        loop {
            match door.open(self.tenant, &Aggregate::Dataset(self.dataset)).await {
                Ok(opened) => {
                    let State::Dataset(dataset) = opened.state() else { return Ok(Dataset::default()) };
                    return Ok(Dataset::clone(dataset));
                }
                Err(HandleError::Unavailable(_)) => backoff.wait().await,
                Err(error) => {
                    let because = Trouble::DatasetHistoryUnreadable { cause: Cause::said(error.to_string()) };
                    return Err(failure(FailureClass::Internal, because, Advice::UpgradeWorkers));
                }
            }
        }
    }

    async fn fetch(&self, kept: &Artifact) -> Result<PathBuf, Failure> {
        let file = self.folder.join("dataset.jsonl");
        let began = Instant::now();
        let mut backoff = Backoff::default();
        loop {
            match self.store.get_file(&kept.key, &kept.sha256, &file).await {
                Ok(()) => return Ok(file),
                Err(StoreError::Unavailable(_)) if began.elapsed() < BUS_AWAY => backoff.wait().await,
                Err(error) => {
                    let because = Trouble::ManifestUnavailable { cause: why::store(&error) };
                    return Err(failure(FailureClass::Internal, because, Advice::RestoreObject));
                }
            }
        }
    }

    /// Of a dataset that an older inspector found good, or that nobody has looked at: its manifest is made here, and its
    /// content is told beside it.
    async fn look(&self, root: &Path) -> Result<(PathBuf, String), Failure> {
        let folder = self.folder.join("look");
        std::fs::create_dir_all(&folder).map_err(|error| disk(self.folder, &error))?;
        let refused = |because: Vec<Reason>, advice: Vec<Advice>| Failure {
            class: FailureClass::Dataset,
            message: String::new(),
            next_step: String::new(),
            console: Vec::new(),
            because,
            advice,
        };
        let seen = look(self.worker, root, &folder)
            .await
            .map_err(|unfit| refused(vec![unfit.into()], vec![Advice::RepairAndRegister]))?;
        match (seen.verdict, seen.manifest) {
            (Inspection::Good { profile }, Some(manifest)) => Ok((manifest, profile.content_hash)),
            (Inspection::Good { .. }, None) => {
                let because = Trouble::ManifestUnavailable { cause: Cause::said("the inspector wrote none") };
                Err(failure(FailureClass::Internal, because, Advice::UpgradeWorkers))
            }
            (Inspection::Bad { because, advice, .. }, _) => Err(refused(because, advice)),
        }
    }

    async fn fetch_images(&self, files: Vec<(String, String)>, to: &Path) -> Result<(), Failure> {
        let worker = self.worker;
        let (work_dir, limit) = (worker.work_dir.as_path(), worker.cache_bytes);
        let cache = Cache { store: self.store, tenant: self.tenant, work_dir, limit };
        let began = Instant::now();
        let mut backoff = Backoff::default();
        loop {
            // What is linked already is found so.
            let missing = files.iter().filter(|(name, _)| !to.join(name).exists()).cloned().collect();
            match cache.lay_out(missing, to).await {
                Ok(()) => return Ok(()),
                Err(StoreError::Unavailable(_)) if began.elapsed() < BUS_AWAY => backoff.wait().await,
                Err(StoreError::File { path, source }) => return Err(disk(&path, &source)),
                Err(error) => {
                    let because = Unfit::FilesMissing { cause: why::store(&error) };
                    return Err(failure(FailureClass::Dataset, because, Advice::UploadAgain));
                }
            }
        }
    }

    /// The manifest as this training sees it, and the folder where its images are.
    async fn lay_out(&self, manifest: PathBuf, root: Option<PathBuf>) -> Result<(PathBuf, PathBuf), Failure> {
        let (planned, folder) = (self.folder.join("manifest.jsonl"), self.folder.join("images"));
        let links = folder.clone();
        let TrainingConfig { task, classes, seed, .. } = self.config.clone();
        let to = planned.clone();
        let work = move || -> Result<Laid, NotLaidOut> {
            let whole = Manifest::read(BufReader::new(File::open(manifest)?)).map_err(io::Error::other)?;
            let plan = whole.planned(task, &classes, seed).map_err(NotLaidOut::Unwanted)?;
            let mut file = BufWriter::new(File::create(to)?);
            plan.write(&mut file).map_err(io::Error::other)?;
            file.flush()?;
            let Some(root) = root else {
                let files = plan.images.into_iter().map(|image| (image.name, image.sha256));
                return Ok(Laid::Wanted(files.collect()));
            };
            place(&plan, &root, &links)?.map(Laid::At).map_err(NotLaidOut::Changed)
        };
        let done = tokio::task::spawn_blocking(work).await;
        match done.unwrap_or_else(|error| Err(NotLaidOut::Disk(io::Error::other(error)))) {
            Ok(Laid::At(images)) => Ok((planned, images)),
            Ok(Laid::Wanted(files)) => {
                self.fetch_images(files, &folder).await?;
                Ok((planned, folder))
            }
            Err(NotLaidOut::Disk(error)) => Err(disk(self.folder, &error)),
            Err(NotLaidOut::Unwanted(unwanted)) => {
                Err(failure(FailureClass::Config, unwanted.trouble, unwanted.advice))
            }
            Err(NotLaidOut::Changed(Changed(path))) => {
                let because = Trouble::FileChanged { path, flaw: Flaw::OtherContent };
                Err(failure(FailureClass::Dataset, because, Advice::NameChangedDatasetAgain))
            }
        }
    }
}

/// Where the images are, or which have to be fetched, by name and hash.
enum Laid {
    At(PathBuf),
    Wanted(Vec<(String, String)>),
}

enum NotLaidOut {
    Disk(io::Error),
    /// The dataset has not what the configuration asks for.
    Unwanted(Box<Unwanted>),
    Changed(Changed),
}

impl From<io::Error> for NotLaidOut {
    fn from(error: io::Error) -> Self {
        NotLaidOut::Disk(error)
    }
}
