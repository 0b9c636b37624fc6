//! What a trainer finds when it starts: a work folder, its orders, and the checkpoint to go on from.

use std::io;
use std::path::{Path, PathBuf};

use tokio::time::Instant;
use trainyard_bus::EventLog;
use trainyard_child::Backoff;
use trainyard_door::Door;
use trainyard_events::TenantId;
use trainyard_events::card::Description;
use trainyard_events::config::TrainingConfig;
use trainyard_events::job::{Failure, FailureClass};
use trainyard_events::reason::{Advice, Trouble};
use trainyard_events::results::CheckpointRef;
use trainyard_events::trainer::TrainerSpec;
use trainyard_store::{Store, StoreError};
use uuid::Uuid;

use crate::WorkerConfig;
use crate::lease::BUS_AWAY;
use crate::manifest::{Planned, Wanted};
use crate::trainer::{disk, failure};
use crate::upload::PACKED;
use crate::{weights, why};

/// What an attempt is to do, as the log has it.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) tenant: TenantId,
    pub(crate) job: Uuid,
    pub(crate) config: TrainingConfig,
    pub(crate) dataset: Uuid,
    pub(crate) batch_divisor: u32,
    pub(crate) resume: Option<CheckpointRef>,
}

/// The folders and files of one attempt.
#[derive(Clone, Debug)]
pub(crate) struct Workplace {
    /// `--work`: the trainer's own.
    pub(crate) work: PathBuf,
    pub(crate) spec: PathBuf,
    /// `--resume`, where there is something to go on from.
    pub(crate) resume: Option<PathBuf>,
    pub(crate) console: PathBuf,
}

impl Workplace {
    pub(crate) fn new(folder: &Path, resumes: bool) -> Workplace {
        Workplace {
            work: folder.join("work"),
            spec: folder.join("spec.json"),
            resume: resumes.then(|| folder.join("resume")),
            console: folder.join("console.log"),
        }
    }
}

impl Order {
    /// Writes everything below `folder`, which is new, for so many GPUs.
    pub(crate) async fn prepare<L: EventLog>(
        &self,
        door: &Door<L>,
        store: &Store,
        folder: &Path,
        worker: &WorkerConfig,
        description: Option<&Description>,
        devices: usize,
    ) -> Result<Workplace, Failure> {
        let workplace = Workplace::new(folder, self.resume.is_some());
        for made in [Some(&workplace.work), workplace.resume.as_ref()].into_iter().flatten() {
            std::fs::create_dir_all(made).map_err(|error| disk(folder, &error))?;
        }
        if let (Some(checkpoint), Some(to)) = (&self.resume, &workplace.resume) {
            fetch(store, checkpoint, to).await?;
        }
        let (tenant, dataset, config) = (&self.tenant, self.dataset, &self.config);
        let planned = Wanted { tenant, dataset, config, store, worker, folder }.plan(door).await?;
        let initial = weights::Wanted { tenant, config, description, store, worker, folder };
        let initial = initial.get(door).await?;
        let spec = self.spec(planned, initial, worker, devices);
        let json = serde_json::to_vec_pretty(&spec).expect("a spec is plain data, which always serialises");
        std::fs::write(&workplace.spec, json).map_err(|error| disk(folder, &error))?;
        Ok(workplace)
    }

    fn spec(
        &self,
        planned: Planned,
        initial_weights: Option<PathBuf>,
        worker: &WorkerConfig,
        devices: usize,
    ) -> TrainerSpec {
        TrainerSpec {
            job: self.job,
            config: self.config.as_trained(),
            manifest: planned.manifest,
            images: planned.images,
            dataset_hash: planned.hash,
            initial_weights,
            checkpoint_config: self.config.continues.as_ref().and_then(|from| from.trained_as.clone()),
            batch_divisor: self.batch_divisor,
            threads: worker.threads,
            devices: u32::try_from(devices).unwrap_or(u32::MAX),
        }
    }
}

/// Puts the checkpoint into `to`: a folder's content, or the one file.
async fn fetch(store: &Store, checkpoint: &CheckpointRef, to: &Path) -> Result<(), Failure> {
    let artifact = &checkpoint.artifact;
    let name = artifact.key.rsplit('/').next().unwrap_or("checkpoint");
    let file = to.join(name);
    let began = Instant::now();
    let mut backoff = Backoff::default();
    loop {
        match store.get_file(&artifact.key, &artifact.sha256, &file).await {
            Ok(()) => break,
            Err(StoreError::Unavailable(_)) if began.elapsed() < BUS_AWAY => backoff.wait().await,
            Err(error) => {
                let because = Trouble::CheckpointUnavailable { cause: why::store(&error) };
                return Err(failure(FailureClass::Internal, because, Advice::RestoreObject));
            }
        }
    }
    if file.extension().is_some_and(|extension| extension == PACKED) {
        let to = to.to_owned();
        let unpack = tokio::task::spawn_blocking(move || {
            tar::Archive::new(io::BufReader::new(std::fs::File::open(&file)?)).unpack(to)?;
            std::fs::remove_file(file)
        });
        unpack.await.map_err(io::Error::other).and_then(|unpacked| unpacked).map_err(|error| {
            let because = Trouble::CheckpointUnpackable { cause: why::system(&error) };
            failure(FailureClass::Internal, because, Advice::LookAtDisk)
        })?;
    }
    Ok(())
}
