//! The trainer as its agent sees it: a process, its lines, its exit code and the files it leaves.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use trainyard_events::TrainingConfig;
use trainyard_events::config::{Augmentation, Device, Optimizer, Priority, Resize, Schedule, Task};
use trainyard_events::job::{FailureClass, Measurements};
use trainyard_events::trainer::{TrainerLine, TrainerSpec, exit};
use trainyard_vision::weights::model;

/// Real images: `make tools` puts the 1,797 digits of scikit-learn there, with a test split.
fn digits() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/data/digits");
    assert!(path.is_dir(), "{} is missing: run `make tools`", path.display());
    path
}

/// Four digits at 16 pixels: seconds an epoch, and still a real task.
fn config() -> TrainingConfig {
    TrainingConfig {
        task: Task::Classify,
        model: "resnet18".to_owned(),
        dataset: Some("digits".to_owned()),
        classes: ["3", "0", "6", "4"].map(str::to_owned).to_vec(),
        epochs: 2,
        image_size: 16,
        batch_size: 16,
        learning_rate: 0.002,
        optimizer: Optimizer::Adamw,
        momentum: 0.9,
        weight_decay: 0.05,
        schedule: Schedule::OneCycle,
        warmup_epochs: 0.0,
        label_smoothing: 0.1,
        ema: true,
        augmentation: Augmentation::Light,
        resize: Resize::Stretch,
        patience: None,
        seed: 42,
        device: Device::Cpu,
        priority: Priority::Normal,
        initial_weights: None,
    }
}

fn spec(config: TrainingConfig) -> TrainerSpec {
    TrainerSpec {
        job: uuid::Uuid::nil(),
        config,
        dataset: digits(),
        dataset_hash: None,
        initial_weights: None,
        batch_divisor: 1,
        threads: 1,
    }
}

/// One run of the program.
struct Trainer {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    seen: Vec<TrainerLine>,
}

impl Trainer {
    fn start(spec: &TrainerSpec, work: &Path, resume: Option<&Path>) -> Trainer {
        fs::create_dir_all(work).unwrap();
        let file = work.join("spec.json");
        fs::write(&file, serde_json::to_vec(spec).unwrap()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_trainyard-vision"));
        command.arg("train").arg("--spec").arg(file).arg("--work").arg(work);
        if let Some(resume) = resume {
            command.arg("--resume").arg(resume);
        }
        // As the agent does: a machine shared with other tests loses much by spinning.
        command.env("OMP_WAIT_POLICY", "passive");
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Trainer { child, lines, seen: Vec::new() }
    }

    /// Reads up to and including the first line that matches.
    fn until(&mut self, matches: impl Fn(&TrainerLine) -> bool) {
        for line in self.lines.by_ref() {
            let line: TrainerLine = serde_json::from_str(&line.unwrap()).unwrap();
            self.seen.push(line);
            if matches(self.seen.last().unwrap()) {
                return;
            }
        }
        panic!("the trainer ended before that: {:?}", self.seen.last());
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).unwrap();
    }

    /// Reads to the end; the exit code is `None` after a signal.
    fn end(mut self) -> (Option<i32>, Vec<TrainerLine>) {
        for line in self.lines {
            self.seen.push(serde_json::from_str(&line.unwrap()).unwrap());
        }
        (self.child.wait().unwrap().code(), self.seen)
    }
}

fn run(spec: &TrainerSpec, work: &Path) -> (Option<i32>, Vec<TrainerLine>) {
    Trainer::start(spec, work, None).end()
}

/// What a run measured: every epoch, then the end.
#[derive(Debug, Default, PartialEq)]
struct Story {
    epochs: BTreeMap<u32, (Measurements, Measurements, bool)>,
    last: Option<(u32, Measurements, Option<String>)>,
    weights: String,
}

impl Story {
    fn add(&mut self, lines: &[TrainerLine]) {
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

fn last_checkpoint(lines: &[TrainerLine]) -> (PathBuf, u32, u64) {
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

fn work() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn digits_are_learned_and_everything_promised_is_there() {
    let work = work();
    let (code, lines) = run(&TrainerSpec { threads: 2, ..spec(config()) }, work.path());
    assert_eq!(code, Some(exit::DONE));

    let TrainerLine::Started { train_images, validation_images, classes, resolved, .. } = &lines[0] else {
        panic!("{:?}", lines[0])
    };
    assert_eq!(classes, &["3", "0", "6", "4"]);
    assert!(*train_images > 400 && *validation_images > 100, "{train_images} {validation_images}");
    for name in ["memory_format", "threads", "split", "augmentation", "pixel_mean", "steps_per_epoch"] {
        assert!(resolved.contains_key(name), "{name}: {resolved:?}");
    }
    assert!(matches!(&lines[1], TrainerLine::Step(step) if step.step == 1), "{:?}", lines[1]);
    let TrainerLine::Finished { measurements, classes, weights, .. } = lines.last().unwrap() else {
        panic!("{:?}", lines.last())
    };
    assert!(measurements["accuracy"] >= 0.9, "{measurements:?}");
    assert!(measurements["test_accuracy"] >= 0.9, "{measurements:?}");
    for name in ["loss", "precision", "recall", "test_loss", "test_precision", "test_recall"] {
        assert!(measurements.contains_key(name), "{name}: {measurements:?}");
    }
    let mut roles = Vec::new();
    for line in &lines {
        if let TrainerLine::Artifact { role, path } = line {
            assert!(path.is_file() && path.starts_with(work.path()), "{role}: {}", path.display());
            roles.push(role.as_str());
        }
    }
    assert_eq!(roles, ["weights", "report", "confusion_matrix", "sample_predictions"]);

    let (_, card) = model::load(weights, tch::Device::Cpu).unwrap();
    assert_eq!((&card.classes, card.model.as_str()), (classes, "resnet18"));
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&fs::read(work.path().join(name)).unwrap()).unwrap()
    };
    let matrix = read("confusion_matrix.json");
    let counts: u64 = matrix["counts"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|row| row.as_array().unwrap())
        .map(|count| count.as_u64().unwrap())
        .sum();
    assert_eq!(counts, *validation_images);
    let report = read("report.json");
    assert_eq!(report["history"].as_array().unwrap().len(), 2);
    assert_eq!(report["classes"][0]["name"], "3");
    let checkpoints = fs::read_dir(work.path().join("checkpoints")).unwrap().count();
    assert_eq!(checkpoints, 2);
}

/// Tiny, so that a whole run takes seconds; everything that has state is on.
fn tiny() -> TrainerSpec {
    let config = TrainingConfig {
        classes: ["1", "7", "8"].map(str::to_owned).to_vec(),
        epochs: 3,
        image_size: 8,
        batch_size: 40,
        augmentation: Augmentation::Standard,
        ..config()
    };
    TrainerSpec { batch_divisor: 2, ..spec(config) }
}

#[test]
fn a_run_stopped_and_killed_ends_as_if_never_touched() {
    let (quiet, troubled) = (work(), work());
    let mut expected = Story::default();
    let (code, lines) = run(&tiny(), quiet.path());
    assert_eq!(code, Some(exit::DONE));
    expected.add(&lines);
    assert_eq!(expected.epochs.len(), 3);

    let mut found = Story::default();
    // Asked to leave in the middle of the first epoch.
    let mut trainer = Trainer::start(&tiny(), troubled.path(), None);
    trainer.until(|line| matches!(line, TrainerLine::Step(_)));
    trainer.signal(Signal::SIGTERM);
    let (code, lines) = trainer.end();
    assert_eq!(code, Some(exit::PREEMPTED));
    let (path, epoch, step) = last_checkpoint(&lines);
    assert!(epoch == 0 && step >= 1, "epoch {epoch}, step {step}");
    found.add(&lines);

    // Killed once the second epoch has begun; resumed in another folder, from a file there.
    let elsewhere = work();
    let moved = elsewhere.path().join("from-the-store");
    fs::create_dir(&moved).unwrap();
    fs::copy(&path, moved.join(path.file_name().unwrap())).unwrap();
    let mut trainer = Trainer::start(&tiny(), elsewhere.path(), Some(&moved));
    trainer.until(|line| matches!(line, TrainerLine::Checkpoint { epoch: 1, .. }));
    trainer.until(|line| matches!(line, TrainerLine::Step(_) | TrainerLine::Epoch { .. }));
    trainer.signal(Signal::SIGKILL);
    let (code, lines) = trainer.end();
    assert_eq!(code, None);
    found.add(&lines);

    let last = last_checkpoint(&lines).0;
    let (code, lines) = Trainer::start(&tiny(), elsewhere.path(), Some(&last)).end();
    assert_eq!(code, Some(exit::DONE));
    found.add(&lines);
    assert_eq!(found, expected);

    // A checkpoint of the end only has to be finished.
    let last = last_checkpoint(&lines).0;
    let again = work();
    let (code, lines) = Trainer::start(&tiny(), again.path(), Some(&last)).end();
    assert_eq!(code, Some(exit::DONE));
    assert!(!lines.iter().any(|line| matches!(line, TrainerLine::Epoch { .. })));
    let mut end = Story::default();
    end.add(&lines);
    assert_eq!((end.last, end.weights), (expected.last, expected.weights));
}

#[test]
fn what_cannot_be_trained_fails_at_once_with_its_class() {
    let folder = work();
    let not_weights = folder.path().join("w.safetensors");
    fs::write(&not_weights, "text").unwrap();
    let with = |change: fn(&mut TrainerSpec)| {
        let mut spec = tiny();
        change(&mut spec);
        spec
    };
    let mut other_weights = tiny();
    other_weights.config.initial_weights = Some("w".to_owned());
    other_weights.initial_weights = Some(not_weights);
    for (spec, code, class, words) in [
        (with(|s| s.config.model = "vgg16".into()), exit::CONFIG, FailureClass::Config, "resnet18"),
        (with(|s| s.config.classes[0] = "cat".into()), exit::CONFIG, FailureClass::Config, "0, 1, 2, 3"),
        (with(|s| s.config.batch_size = 4000), exit::CONFIG, FailureClass::Config, "at most"),
        (other_weights, exit::CONFIG, FailureClass::Config, "initial"),
        (with(|s| s.dataset = "/nowhere".into()), exit::DATASET, FailureClass::Dataset, "nothing at"),
        (with(|s| s.dataset_hash = Some("0".into())), exit::DATASET, FailureClass::Dataset, "changed"),
    ] {
        let (found, lines) = run(&spec, &folder.path().join("work"));
        let Some(TrainerLine::Failed { class: said, message, next_step }) = lines.last() else {
            panic!("{lines:?}")
        };
        assert_eq!((found, *said), (Some(code), class), "{message}");
        assert!(format!("{message} {next_step}").contains(words), "{words}: {message}; {next_step}");
    }
}

#[test]
fn a_rate_that_is_too_high_diverges_with_a_lower_one_named() {
    let mut spec = tiny();
    spec.config.optimizer = Optimizer::Sgd;
    spec.config.learning_rate = 10.0;
    spec.config.schedule = Schedule::Constant;
    spec.config.weight_decay = 1.0;
    let (code, lines) = run(&spec, work().path());
    let Some(TrainerLine::Failed { class, next_step, .. }) = lines.last() else {
        panic!("{:?}", lines.last())
    };
    assert_eq!((code, *class), (Some(exit::INTERNAL), FailureClass::Diverged));
    assert!(next_step.contains("1.0e0"), "{next_step}");
}

#[test]
fn training_stops_early_without_improvement_and_starts_from_weights() {
    let folder = work();
    let mut first = tiny();
    first.config.epochs = 1;
    let (code, _) = run(&first, &folder.path().join("first"));
    assert_eq!(code, Some(exit::DONE));

    // A rate this small changes no answer, so no epoch after the first is better.
    let mut spec = tiny();
    spec.config.epochs = 50;
    spec.config.patience = Some(1);
    spec.config.learning_rate = 1e-30;
    spec.config.schedule = Schedule::Constant;
    spec.config.initial_weights = Some("first".to_owned());
    spec.initial_weights = Some(folder.path().join("first/weights.safetensors"));
    let (code, lines) = run(&spec, &folder.path().join("second"));
    assert_eq!(code, Some(exit::DONE));
    let TrainerLine::Started { resolved, .. } = &lines[0] else { panic!("{:?}", lines[0]) };
    assert_eq!(resolved["initial_weights"], "102 of 102 tensors loaded");
    let Some(TrainerLine::Finished { best_epoch, stopped_early, .. }) = lines.last() else {
        panic!("{lines:?}")
    };
    assert!(*best_epoch < 50 && stopped_early.as_ref().unwrap().contains("did not rise above"));
}

#[test]
fn nobody_listening_ends_the_process() {
    let folder = work();
    let mut spec = tiny();
    spec.config.epochs = 10_000;
    let mut trainer = Trainer::start(&spec, folder.path(), None);
    trainer.until(|line| matches!(line, TrainerLine::Started { .. }));
    let Trainer { mut child, lines, .. } = trainer;
    drop(lines);
    assert_eq!(child.wait().unwrap().code(), Some(exit::INTERNAL));
}
