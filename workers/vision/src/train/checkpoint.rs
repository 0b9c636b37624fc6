//! The whole state of a training as one safetensors file: what a killed run goes on from, to the last bit.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tch::Tensor;
use trainyard_events::reason::{Advice, Cause, Doing};
use trainyard_events::results::Measurements;

use crate::failure::{Behind, Failure};
use crate::limits::{CHECKPOINT_INTERVAL, CHECKPOINTS_KEPT};
use crate::train::precision::Precision;
use crate::train::rhythm::Rhythm;
use crate::weights::file::{self, Content, PARTIAL};
use crate::weights::model::set;

const KEY: &str = "trainyard_checkpoint";
/// Folder below the work folder.
const FOLDER: &str = "checkpoints";

/// Where a training stands. Everything random is drawn from (seed, epoch, sample) or (seed, step), so position is
/// all there is to a generator's state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    pub config_hash: String,
    pub dataset_hash: String,
    /// Optimizer steps done.
    pub step: u64,
    /// Whole epochs done, validation included.
    pub epoch: u32,
    /// Batches done of the epoch after those.
    pub batch: usize,
    /// What the task measures, over the images of those batches.
    pub sums: Vec<f64>,
    pub images: u64,
    /// Time spent on them.
    pub seconds: f64,
    pub best: Option<Best>,
    pub history: Vec<EpochRecord>,
    /// Chosen where the training began, wherever it goes on.
    #[serde(default)]
    pub precision: Precision,
    /// Of steps and batches where the training began: a fork with more epochs keeps to it. Unknown of older checkpoints.
    #[serde(default)]
    pub rhythm: Option<Rhythm>,
    /// The step from which on it was fp32 because bf16 had come to no numbers.
    #[serde(default)]
    pub fell_back_at: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    pub epoch: u32,
    pub measurements: Measurements,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    pub epoch: u32,
    pub train: Measurements,
    pub validation: Measurements,
    pub learning_rate: f64,
    pub seconds: f64,
}

/// When a training is written down.
#[derive(Clone, Copy, Debug)]
pub struct When {
    /// The longest stretch of training without a checkpoint.
    pub after: Duration,
    /// So many epochs from one to the next; 0: none for an epoch's sake.
    pub epochs: u32,
}

impl Default for When {
    fn default() -> Self {
        When { after: CHECKPOINT_INTERVAL, epochs: 1 }
    }
}

impl When {
    /// Whether there is one after so many whole epochs.
    pub fn is_due_after(self, epochs: u32) -> bool {
        epochs.checked_rem(self.epochs) == Some(0)
    }
}

/// Tensors of a training by group, such as `model` or `optimizer`.
pub type Groups = BTreeMap<&'static str, BTreeMap<String, Tensor>>;

/// A checkpoint that is to be written: what it holds is copied, so that training may go on.
#[derive(Debug)]
pub struct Copied {
    folder: PathBuf,
    path: PathBuf,
    content: Content,
}

impl Copied {
    pub fn of(work: &Path, progress: &Progress, groups: &Groups) -> Result<Copied, Failure> {
        let folder = work.join(FOLDER);
        let path = folder.join(format!("step-{:010}.safetensors", progress.step));
        let text = serde_json::to_string(progress).map_err(|error| failed(Cause::said(error.to_string())))?;
        let metadata = BTreeMap::from([(KEY.to_owned(), text)]);
        let tensors: BTreeMap<String, Tensor> = groups
            .iter()
            .flat_map(|(group, tensors)| {
                tensors.iter().map(move |(name, tensor)| (format!("{group}/{name}"), tensor.shallow_clone()))
            })
            .collect();
        let content = Content::copy(&path, &metadata, &tensors).map_err(failed)?;
        Ok(Copied { folder, path, content })
    }

    /// Returns the path and the SHA-256; removes all but the last [`CHECKPOINTS_KEPT`].
    pub fn write(self) -> Result<(PathBuf, String), Failure> {
        let Copied { folder, path, content } = self;
        fs::create_dir_all(&folder).map_err(failed)?;
        let sha256 = content.write(&path).map_err(failed)?;
        remove_old(&folder, &path).map_err(failed)?;
        Ok((path, sha256))
    }
}

fn failed(cause: impl Into<Behind>) -> Failure {
    Failure::internal(Doing::WriteCheckpoint, cause.into().0)
}

fn remove_old(folder: &Path, newest: &Path) -> std::io::Result<()> {
    let mut whole = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == PARTIAL) {
            fs::remove_file(&path)?;
        } else if path != newest {
            whole.push(path);
        }
    }
    whole.sort_unstable();
    for path in whole.iter().rev().skip(CHECKPOINTS_KEPT - 1) {
        fs::remove_file(path)?;
    }
    Ok(())
}

/// `from` is a checkpoint file, or a folder of which the one with the most steps is taken.
pub fn load(from: &Path) -> Result<(Progress, BTreeMap<String, Tensor>), Failure> {
    let failed = |cause: Behind| {
        let failure = Failure::internal(Doing::Resume, cause.0);
        Failure { advice: Advice::StartAgain, ..failure }
    };
    let candidates: Vec<PathBuf> = if from.is_dir() {
        let entries = fs::read_dir(from).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        entries.map_err(|error| failed(error.into()))?.iter().map(fs::DirEntry::path).collect()
    } else {
        vec![from.to_owned()]
    };
    let progress = |path: &PathBuf| -> Option<Progress> {
        let metadata = file::read_metadata(path).ok()?;
        serde_json::from_str(metadata.get(KEY)?).ok()
    };
    let (progress, path) = candidates
        .into_iter()
        .filter(|path| path.extension().is_none_or(|extension| extension != PARTIAL))
        .filter_map(|path| Some((progress(&path)?, path)))
        .max_by_key(|(progress, _)| progress.step)
        .ok_or_else(|| failed(Cause::NoCheckpointIn { path: from.display().to_string() }.into()))?;
    let tensors = file::read(&path).map_err(|error| failed(error.into()))?.tensors;
    Ok((progress, tensors))
}

/// Writes the saved values of a group into the tensors of a training; each must be there in its shape.
pub fn restore(
    saved: &BTreeMap<String, Tensor>,
    group: &str,
    tensors: &BTreeMap<String, Tensor>,
) -> Result<(), Failure> {
    for (name, tensor) in tensors {
        match saved.get(&format!("{group}/{name}")) {
            Some(values) if values.size() == tensor.size() => set(tensor, values)?,
            _ => {
                let cause = Cause::NotInCheckpoint { tensor: format!("{group} {name}") };
                return Err(Failure::internal(Doing::Resume, cause));
            }
        }
    }
    Ok(())
}

/// The saved tensors of a group, by their own names.
pub fn group(saved: &BTreeMap<String, Tensor>, group: &str) -> BTreeMap<String, Tensor> {
    saved
        .iter()
        .filter_map(|(name, tensor)| {
            let name = name.strip_prefix(group)?.strip_prefix('/')?;
            Some((name.to_owned(), tensor.shallow_clone()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(step: u64) -> Progress {
        Progress {
            config_hash: "c".into(),
            dataset_hash: "d".into(),
            step,
            epoch: 1,
            batch: 3,
            sums: vec![0.1 + 0.2, 7.0],
            images: 9,
            seconds: 1.5,
            best: Some(Best { epoch: 1, measurements: Measurements::from([("accuracy".into(), 1.0 / 3.0)]) }),
            history: vec![],
            precision: Precision::Bf16,
            rhythm: Some(Rhythm { batches: 9, steps: 3, decay: 0.75 }),
            fell_back_at: None,
        }
    }

    #[test]
    fn the_last_two_are_kept_and_the_newest_is_resumed() {
        let work = tempfile::tempdir().unwrap();
        let tensor = |value: f32| BTreeMap::from([("w".to_owned(), Tensor::from_slice(&[value, 2.0]))]);
        for step in [9, 10, 11] {
            let groups = Groups::from([("model", tensor(step as f32))]);
            Copied::of(work.path(), &progress(step), &groups).unwrap().write().unwrap();
        }
        let folder = work.path().join(FOLDER);
        fs::write(folder.join("step-0000000099.safetensors.partial"), "cut off").unwrap();
        fs::write(folder.join("step-0000000098.safetensors"), "not a checkpoint").unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 4);
        let (found, saved) = load(&folder).unwrap();
        assert_eq!(found, progress(11));
        let target = tensor(0.0);
        restore(&saved, "model", &target).unwrap();
        assert_eq!(target["w"], Tensor::from_slice(&[11.0f32, 2.0]));
        assert_eq!(group(&saved, "model").len(), 1);
        assert!(restore(&saved, "optimizer", &target).is_err());
        assert!(load(work.path()).is_err());
    }
}
