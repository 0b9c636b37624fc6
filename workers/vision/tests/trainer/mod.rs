//! A trainer as its agent sees it: a process, its lines, its exit code and the files it leaves.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use trainyard_events::TrainingConfig;
use trainyard_events::config::{Augmentation, Device, Optimizer, Priority, Resize, Schedule, Task};
use trainyard_events::results::Measurements;
use trainyard_events::trainer::{TrainerLine, TrainerSpec};

/// One run of the program.
pub struct Trainer {
    pub child: Child,
    pub lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    seen: Vec<TrainerLine>,
}

impl Trainer {
    pub fn start(spec: &TrainerSpec, work: &Path, resume: Option<&Path>) -> Trainer {
        Trainer::start_with(spec, work, resume, &[])
    }

    pub fn start_with(spec: &TrainerSpec, work: &Path, resume: Option<&Path>, more: &[&str]) -> Trainer {
        fs::create_dir_all(work).unwrap();
        let mut spec = spec.clone();
        if spec.manifest.as_os_str().is_empty() {
            let TrainingConfig { task, classes, seed, .. } = &spec.config;
            let manifest = trainyard_data::read(&spec.images).unwrap().manifest;
            let manifest = manifest.planned(*task, classes, *seed).unwrap();
            spec.manifest = work.join("manifest.jsonl");
            manifest.write(&mut fs::File::create(&spec.manifest).unwrap()).unwrap();
        }
        let file = work.join("spec.json");
        fs::write(&file, serde_json::to_vec(&spec).unwrap()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_trainyard-vision"));
        command.arg("train").arg("--spec").arg(file).arg("--work").arg(work);
        if let Some(resume) = resume {
            command.arg("--resume").arg(resume);
        }
        command.args(more);
        // As the agent does: a machine shared with other tests loses much by spinning.
        command.env("OMP_WAIT_POLICY", "passive");
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Trainer { child, lines, seen: Vec::new() }
    }

    /// Reads up to and including the first line that matches.
    pub fn until(&mut self, matches: impl Fn(&TrainerLine) -> bool) {
        for line in self.lines.by_ref() {
            let line: TrainerLine = serde_json::from_str(&line.unwrap()).unwrap();
            self.seen.push(line);
            if matches(self.seen.last().unwrap()) {
                return;
            }
        }
        panic!("the trainer ended before that: {:?}", self.seen.last());
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).unwrap();
    }

    /// Reads to the end; the exit code is `None` after a signal.
    pub fn end(mut self) -> (Option<i32>, Vec<TrainerLine>) {
        for line in self.lines {
            self.seen.push(serde_json::from_str(&line.unwrap()).unwrap());
        }
        (self.child.wait().unwrap().code(), self.seen)
    }
}

/// A detector that learns small pictures in seconds.
pub fn detector() -> TrainingConfig {
    TrainingConfig {
        task: Task::Detect,
        model: "yolo11n".to_owned(),
        dataset: Some("shapes".to_owned()),
        classes: vec![],
        epochs: 3,
        image_size: 64,
        batch_size: 4,
        learning_rate: 0.002,
        optimizer: Optimizer::Adamw,
        momentum: 0.9,
        weight_decay: 5e-4,
        schedule: Schedule::Linear,
        warmup_epochs: 0.5,
        label_smoothing: 0.0,
        ema: true,
        augmentation: Augmentation::Standard,
        resize: Resize::Letterbox,
        patience: None,
        seed: 42,
        device: Device::Cpu,
        priority: Priority::Normal,
        initial_weights: None,
        runner: None,
        options: Default::default(),
        continues: None,
        resources: None,
        max_cost: None,
        max_hours: None,
        unread: Default::default(),
    }
}

/// On one thread, which is exact. Its manifest is made when it starts.
pub fn spec(dataset: &Path, config: TrainingConfig) -> TrainerSpec {
    TrainerSpec {
        job: uuid::Uuid::nil(),
        config,
        manifest: PathBuf::new(),
        images: dataset.to_owned(),
        dataset_hash: "d".repeat(64),
        initial_weights: None,
        checkpoint_config: None,
        batch_divisor: 1,
        threads: 1,
        devices: 0,
    }
}

pub fn run(spec: &TrainerSpec, work: &Path) -> (Option<i32>, Vec<TrainerLine>) {
    Trainer::start(spec, work, None).end()
}

/// What a run measured: every epoch, then the end.
#[derive(Debug, Default, PartialEq)]
pub struct Story {
    pub epochs: BTreeMap<u32, (Measurements, Measurements, bool)>,
    pub last: Option<(u32, Measurements, Option<String>)>,
    pub weights: String,
}

impl Story {
    pub fn add(&mut self, lines: &[TrainerLine]) {
        for line in lines {
            match line {
                TrainerLine::Epoch { epoch, train, validation, is_best, .. } => {
                    let told = (train.clone(), validation.clone(), *is_best);
                    let before = self.epochs.insert(*epoch, told.clone());
                    assert!(before.is_none_or(|before| before == told), "epoch {epoch} was told differently");
                }
                TrainerLine::Finished { best_epoch, measurements, weights, stopped_early, .. } => {
                    self.last = Some((*best_epoch, measurements.clone(), stopped_early.clone()));
                    self.weights = hex::encode(Sha256::digest(fs::read(weights).unwrap()));
                }
                _ => {}
            }
        }
    }
}

pub fn last_checkpoint(lines: &[TrainerLine]) -> (PathBuf, u32, u64) {
    let found = lines.iter().rev().find_map(|line| match line {
        TrainerLine::Checkpoint { path, epoch, step, sha256 } => {
            let found = hex::encode(Sha256::digest(fs::read(path).unwrap()));
            assert_eq!(*sha256, Some(found));
            Some((path.clone(), *epoch, *step))
        }
        _ => None,
    });
    found.expect("a checkpoint was told")
}

pub fn work() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Whether an artifact has the shape of the one that `docs/detection.md` points to, below tests/golden: the same keys
/// all the way down, values of the same kind. Measurements by object size are there only where there are such objects.
pub fn is_as_documented(artifact: &Path, golden: &str) {
    let read = |path: &Path| -> Value { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(golden);
    compare(&read(artifact), &read(&golden), &golden.display().to_string());
}

fn compare(found: &Value, golden: &Value, at: &str) {
    match (found, golden) {
        (Value::Object(found), Value::Object(golden)) => {
            let keys = |of: &serde_json::Map<String, Value>| -> Vec<String> {
                of.keys().filter(|key| !key.starts_with("ap_")).cloned().collect()
            };
            assert_eq!(keys(found), keys(golden), "{at}");
            for key in keys(golden) {
                compare(&found[&key], &golden[&key], &format!("{at}: {key}"));
            }
        }
        (Value::Array(found), Value::Array(golden)) => {
            if let (Some(found), Some(golden)) = (found.first(), golden.first()) {
                compare(found, golden, at);
            }
        }
        (Value::Number(_), Value::Number(_))
        | (Value::String(_), Value::String(_))
        | (Value::Bool(_), Value::Bool(_))
        | (Value::Null, _)
        | (_, Value::Null) => {}
        _ => panic!("{at}: {found} is not like {golden}"),
    }
}
