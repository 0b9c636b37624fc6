//! Several processes train as one would: the same numbers within rounding, the same bits whenever it is done again, and an end
//! when one of them is gone.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod pictures;
#[expect(dead_code, reason = "the other rings need more of it")]
mod trainer;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pictures::{classified, detailed, labelled};
use tch::{Kind, Tensor};
use tempfile::TempDir;
use trainer::{Story, Trainer, detector, last_checkpoint, run, spec, work};
use trainyard_events::TrainingConfig;
use trainyard_events::config::{Augmentation, Optimizer, Schedule, Task};
use trainyard_events::job::FailureClass;
use trainyard_events::reason::{Reason, Trouble};
use trainyard_events::trainer::{TrainerLine, TrainerSpec, exit};
use trainyard_vision::weights::file;

/// How far apart two trainings may be whose sums are rounded in another order.
const ROUNDING: f64 = 1e-5;
/// The same of many layers whose variances libtorch takes in 32-bit floats when one process trains alone: with a second thread
/// it comes as far from itself.
const ROUNDING_ALONE: f64 = 2e-4;

/// Small steps that follow the gradient, so that a last bit stays one; every other thing that has state is on.
fn plain(config: TrainingConfig) -> TrainingConfig {
    TrainingConfig {
        epochs: 2,
        learning_rate: 1e-4,
        optimizer: Optimizer::Sgd,
        schedule: Schedule::Cosine,
        warmup_epochs: 0.0,
        options: [("precision".to_owned(), "fp32".into())].into(),
        ..config
    }
}

fn classifier() -> TrainingConfig {
    TrainingConfig {
        task: Task::Classify,
        model: "resnet18".to_owned(),
        image_size: 16,
        batch_size: 12,
        ..detector()
    }
}

fn of_classes(folder: &TempDir) -> TrainerSpec {
    classified(folder.path(), 50);
    spec(folder.path(), plain(classifier()))
}

fn weights(lines: &[TrainerLine]) -> BTreeMap<String, Tensor> {
    let Some(TrainerLine::Finished { weights, .. }) = lines.last() else { panic!("{:?}", lines.last()) };
    file::read(weights).unwrap().tensors
}

/// The largest difference between two trainings in what they have measured and in what they have learned.
fn apart(one: &[TrainerLine], other: &[TrainerLine]) -> f64 {
    let [first, second] = [one, other].map(|lines| {
        let mut story = Story::default();
        story.add(lines);
        story.epochs
    });
    assert_eq!(first.len(), second.len());
    let measured = first.values().zip(second.values()).flat_map(|(one, other)| {
        one.0.iter().zip(&other.0).map(|((name, one), (_, other))| {
            println!("{name}: {one} {other}");
            (one - other).abs() / one.abs().max(1.0)
        })
    });
    let (first, second) = (weights(one), weights(other));
    let learned = first.iter().map(|(name, tensor)| {
        let most = tensor.abs().max().double_value(&[]).max(1.0);
        (tensor - &second[name]).abs().max().to_kind(Kind::Double).double_value(&[]) / most
    });
    measured.chain(learned).fold(0.0, f64::max)
}

/// That one, two and four come to the same.
fn check_as_one(spec: &TrainerSpec, alone: f64) {
    let task = spec.config.task;
    let [one, two, four] = [0, 2, 4].map(|devices| {
        let folder = work();
        let (code, lines) = run(&TrainerSpec { devices, ..spec.clone() }, folder.path());
        assert_eq!(code, Some(exit::DONE));
        let TrainerLine::Started { device, .. } = &lines[0] else { panic!("{:?}", lines[0]) };
        assert_eq!(device.starts_with(&format!("{devices} x ")), devices > 0, "{device}");
        (folder, lines)
    });
    for (told, (_, lines), (_, others), most) in
        [("1 and 2", &one, &two, alone), ("1 and 4", &one, &four, alone), ("2 and 4", &two, &four, ROUNDING)]
    {
        let apart = apart(lines, others);
        println!("{task} by {told}: {apart:e} apart");
        assert!(apart < most, "{task} by {told}: {apart:e}");
    }
}

#[test]
fn a_classifier_is_trained_as_by_one() {
    let data = work();
    check_as_one(&of_classes(&data), ROUNDING);
}

#[test]
fn a_detector_is_trained_as_by_one() {
    let data = work();
    labelled(data.path(), 22, 4);
    let spec = spec(data.path(), plain(TrainingConfig { batch_size: 8, ..detector() }));
    check_as_one(&spec, ROUNDING_ALONE);
}

#[test]
fn masks_and_poses_are_trained_as_by_one() {
    for (task, model) in [(Task::Segment, "yolo11n-seg"), (Task::Pose, "yolo11n-pose")] {
        let data = work();
        let config = TrainingConfig { task, model: model.to_owned(), batch_size: 8, ..detector() };
        let spec = spec(data.path(), plain(config));
        let spec = TrainerSpec { manifest: detailed(data.path(), task), ..spec };
        check_as_one(&spec, ROUNDING_ALONE);
    }
}

/// Two of them on something that is random in each image, with parts of batches and an average.
fn two(folder: &TempDir) -> TrainerSpec {
    classified(folder.path(), 60);
    let config = TrainingConfig { epochs: 3, augmentation: Augmentation::Standard, ..plain(classifier()) };
    TrainerSpec { devices: 2, batch_divisor: 2, ..spec(folder.path(), config) }
}

/// Often enough that checkpoints fall into the middle of an epoch.
const OFTEN: [&str; 2] = ["--checkpoint-after", "0"];

fn started(spec: &TrainerSpec, work: &Path, resume: Option<&Path>) -> Trainer {
    let mut trainer = Trainer::start_with(spec, work, resume, &OFTEN);
    trainer.until(|line| matches!(line, TrainerLine::Checkpoint { .. }));
    trainer
}

/// The processes that a trainer has started.
fn others(trainer: &Trainer) -> Vec<Pid> {
    let id = trainer.child.id();
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
    children.split_whitespace().map(|id| Pid::from_raw(id.parse().unwrap())).collect()
}

#[test]
fn whoever_leaves_leaves_with_all_and_comes_back_to_the_last_bit() {
    let data = work();
    let spec = two(&data);
    let (quiet, troubled, after) = (work(), work(), work());
    let (code, lines) = run(&spec, quiet.path());
    assert_eq!(code, Some(exit::DONE));
    let (mut expected, mut found) = (Story::default(), Story::default());
    expected.add(&lines);

    let trainer = started(&spec, troubled.path(), None);
    // It does not matter which of them is asked.
    kill(others(&trainer)[0], Signal::SIGTERM).unwrap();
    let (code, lines) = trainer.end();
    assert_eq!(code, Some(exit::PREEMPTED));
    found.add(&lines);
    let (checkpoint, ..) = last_checkpoint(&lines);
    let (code, lines) = Trainer::start(&spec, after.path(), Some(&checkpoint)).end();
    assert_eq!(code, Some(exit::DONE));
    found.add(&lines);
    assert_eq!(found, expected);
}

#[test]
fn one_that_dies_ends_the_attempt_and_another_number_goes_on() {
    let data = work();
    let spec = of_classes(&data);
    let quiet = work();
    let (_, expected) = run(&spec, quiet.path());
    let (mut lines, mut last) = (Vec::new(), None::<(TempDir, PathBuf)>);
    for devices in [2, 3] {
        let folder = work();
        let spec = TrainerSpec { devices, ..spec.clone() };
        let trainer =
            started(&spec, folder.path(), last.as_ref().map(|(_, checkpoint)| checkpoint.as_path()));
        let others = others(&trainer);
        assert_eq!(others.len() as u32, devices - 1);
        kill(*others.last().unwrap(), Signal::SIGKILL).unwrap();
        let (code, told) = trainer.end();
        assert_eq!(code, Some(exit::INTERNAL));
        let Some(TrainerLine::Failed { class, because, .. }) = told.last() else { panic!("{told:?}") };
        assert_eq!(*class, FailureClass::Device);
        assert!(matches!(because[..], [Reason::Trouble(Trouble::GroupBroken { .. })]), "{because:?}");
        assert!(others.iter().all(|other| is_gone(*other)));
        last = Some((folder, last_checkpoint(&told).0));
        lines.extend(told.into_iter().filter(|line| matches!(line, TrainerLine::Epoch { .. })));
    }
    let (end, (_holds_it, checkpoint)) = (work(), last.unwrap());
    let (code, told) = Trainer::start(&spec, end.path(), Some(&checkpoint)).end();
    assert_eq!(code, Some(exit::DONE));
    lines.extend(told);
    // An epoch that was told twice was told by different numbers of them.
    let mut seen = BTreeSet::new();
    lines.retain(|line| !matches!(line, TrainerLine::Epoch { epoch, .. } if !seen.insert(*epoch)));
    let apart = apart(&expected, &lines);
    assert!(apart < ROUNDING, "{apart:e}");
}

/// That an epoch after a resume was the best is known to the first alone.
#[test]
fn the_first_alone_knows_when_patience_ends() {
    let data = work();
    let config =
        TrainingConfig { epochs: 8, learning_rate: 0.02, patience: Some(2), ..of_classes(&data).config };
    let spec = TrainerSpec { devices: 2, ..spec(data.path(), config) };
    let (quiet, troubled, after) = (work(), work(), work());
    let (code, lines) = run(&spec, quiet.path());
    assert_eq!(code, Some(exit::DONE));
    let (mut expected, mut found) = (Story::default(), Story::default());
    expected.add(&lines);
    let bests: Vec<u32> =
        expected.epochs.iter().filter(|(_, (.., best))| *best).map(|(epoch, _)| *epoch).collect();
    println!("best so far: {bests:?} of {}", expected.epochs.len());
    assert!(bests.len() > 1 && bests[0] == 1, "one that went on getting better is what is asked for");

    let mut trainer = Trainer::start(&spec, troubled.path(), None);
    trainer.until(|line| matches!(line, TrainerLine::Checkpoint { epoch: 1, .. }));
    trainer.signal(Signal::SIGTERM);
    let (code, lines) = trainer.end();
    assert_eq!(code, Some(exit::PREEMPTED));
    found.add(&lines);
    let (checkpoint, ..) = last_checkpoint(&lines);
    let (code, lines) = Trainer::start(&spec, after.path(), Some(&checkpoint)).end();
    assert_eq!(code, Some(exit::DONE));
    found.add(&lines);
    assert_eq!(found, expected);
}

#[test]
fn none_outlives_the_first() {
    let data = work();
    let folder = work();
    let trainer = started(&TrainerSpec { devices: 3, ..of_classes(&data) }, folder.path(), None);
    let others = others(&trainer);
    trainer.signal(Signal::SIGKILL);
    trainer.end();
    let begun = Instant::now();
    while !others.iter().all(|other| is_gone(*other)) {
        assert!(begun.elapsed() < Duration::from_secs(60), "one of {others:?} is still there");
        std::thread::yield_now();
    }
}

/// Ended, or at least no more than a name.
fn is_gone(process: Pid) -> bool {
    let state = fs::read_to_string(format!("/proc/{process}/stat"));
    state.map_or(true, |state| state.rsplit(')').next().is_some_and(|rest| rest.starts_with(" Z")))
}
