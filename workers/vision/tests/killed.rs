//! Killed ten times at random moments and resumed each time, a training ends as one that nobody touched: the same
//! measurements, the same weights to the last byte, the same predictions.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod pictures;
#[expect(dead_code, reason = "the other rings need more of it")]
mod trainer;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::slice;
use std::time::Instant;

use nix::sys::signal::Signal;
use pictures::{classified, detailed, labelled};
use trainer::{Story, Trainer, detector, spec, work};
use trainyard_data::random::Random;
use trainyard_events::TrainingConfig;
use trainyard_events::config::{Optimizer, Task};
use trainyard_events::trainer::{TrainerLine, TrainerSpec, exit};

const KILLS: usize = 10;
/// Often enough that most checkpoints fall into the middle of an epoch.
const CHECKPOINT_AFTER: [&str; 2] = ["--checkpoint-after", "0.1"];

/// What one life of a trainer left to go on from.
struct Position {
    file: PathBuf,
    epoch: u32,
    step: u64,
}

impl Position {
    fn is_middle(&self, steps_per_epoch: u64) -> bool {
        self.step > u64::from(self.epoch) * steps_per_epoch
    }
}

fn newest(lines: &[TrainerLine]) -> Option<Position> {
    lines.iter().rev().find_map(|line| match line {
        TrainerLine::Checkpoint { path, epoch, step, .. } => {
            Some(Position { file: path.clone(), epoch: *epoch, step: *step })
        }
        _ => None,
    })
}

fn steps_per_epoch(lines: &[TrainerLine]) -> u64 {
    let found = lines.iter().find_map(|line| match line {
        TrainerLine::Started { resolved, .. } => resolved["steps_per_epoch"].parse().ok(),
        _ => None,
    });
    found.expect("it has started")
}

fn weights(lines: &[TrainerLine]) -> PathBuf {
    match lines.last() {
        Some(TrainerLine::Finished { weights, .. }) => weights.clone(),
        other => panic!("{other:?}"),
    }
}

fn predictions(weights: &Path, image: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_trainyard-vision"))
        .args(["predict", "--weights"])
        .args([weights, image])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Trains `spec` undisturbed, then again with [`KILLS`] kills, and compares.
fn check(spec: &TrainerSpec, image: &Path) {
    let seed = uuid::Uuid::new_v4().as_u64_pair().0;
    println!("{} with seed {seed}", spec.config.task);
    let mut random = Random::new(&[seed]);
    let quiet = work();
    let begun = Instant::now();
    let mut trainer = Trainer::start_with(spec, quiet.path(), None, &CHECKPOINT_AFTER);
    trainer.until(|line| matches!(line, TrainerLine::Started { .. }));
    let (startup, begun) = (begun.elapsed(), Instant::now());
    let (code, lines) = trainer.end();
    let (training, steps) = (begun.elapsed(), steps_per_epoch(&lines));
    assert_eq!(code, Some(exit::DONE));
    let mut expected = Story::default();
    expected.add(&lines);
    let expected_weights = weights(&lines);
    println!("undisturbed: {startup:?} to start, {training:?} to train, {steps} steps an epoch");

    let mut found = Story::default();
    let mut _holds_the_checkpoint = None;
    let (mut position, mut kills, mut middles): (Option<Position>, usize, usize) = (None, 0, 0);
    while kills < KILLS {
        let all = u64::from(spec.config.epochs) * steps;
        let left = 1.0 - position.as_ref().map_or(0.0, |position| position.step as f64 / all as f64);
        // So that the kills spread over what is left of the training, the start of each life included.
        let share = 2.0 * left / (KILLS - kills + 1) as f64;
        let life = (startup + training.mul_f64(share)).mul_f64(random.unit());
        let resume = position.as_ref().map(|position| position.file.clone());
        let folder = work();
        let mut trainer = Trainer::start_with(spec, folder.path(), resume.as_deref(), &CHECKPOINT_AFTER);
        match kills {
            // Some checkpoint is to lie in the middle of an epoch, however busy the machine is.
            0 => trainer.until(|line| newest(slice::from_ref(line)).is_some_and(|it| it.is_middle(steps))),
            _ => std::thread::sleep(life),
        }
        trainer.signal(Signal::SIGKILL);
        let (code, lines) = trainer.end();
        if code.is_some() {
            // It was faster than its murderer: from the same checkpoint again.
            continue;
        }
        kills += 1;
        found.add(&lines);
        if let Some(reached) = newest(&lines) {
            middles += usize::from(reached.is_middle(steps));
            println!("kill {kills} after {life:?}: on from epoch {}, step {}", reached.epoch, reached.step);
            position = Some(reached);
            _holds_the_checkpoint = Some(folder);
        }
    }
    let resume = position.map(|position| position.file);
    let last = work();
    let (code, lines) = Trainer::start_with(spec, last.path(), resume.as_deref(), &CHECKPOINT_AFTER).end();
    assert_eq!(code, Some(exit::DONE));
    found.add(&lines);
    assert!(middles > 0, "no life left a checkpoint in the middle of an epoch");
    assert_eq!(found, expected);
    assert!(fs::read(&expected_weights).unwrap() == fs::read(weights(&lines)).unwrap(), "other weights");
    assert_eq!(predictions(&weights(&lines), image), predictions(&expected_weights, image));
    assert!(!predictions(&expected_weights, image).is_empty());
}

fn check_classifier(config: impl FnOnce(TrainingConfig) -> TrainingConfig) {
    let data = work();
    classified(data.path(), 100);
    let plain = TrainingConfig {
        task: Task::Classify,
        model: "resnet18".to_owned(),
        epochs: 2,
        image_size: 16,
        optimizer: Optimizer::Sgd,
        ..detector()
    };
    check(&spec(data.path(), config(plain)), &data.path().join("square-red/0.png"));
}

fn in_precision(precision: &str, config: TrainingConfig) -> TrainingConfig {
    TrainingConfig { options: [("precision".to_owned(), precision.into())].into(), ..config }
}

#[test]
fn a_classifier_killed_ten_times_ends_as_if_never_touched() {
    check_classifier(|config| in_precision("fp32", config));
}

#[test]
fn a_classifier_in_bf16_with_every_recipe_killed_ten_times_ends_as_if_never_touched() {
    check_classifier(|config| {
        let mut config = in_precision("bf16", config);
        for (recipe, value) in [("class_weights", "balanced"), ("sampling", "balanced")] {
            config.options.insert(recipe.to_owned(), value.into());
        }
        for recipe in ["mixup", "cutmix"] {
            config.options.insert(recipe.to_owned(), 0.5.into());
        }
        TrainingConfig { label_smoothing: 0.1, ..config }
    });
}

fn check_detailed(task: Task, model: &str) {
    let data = work();
    let config = TrainingConfig { task, model: model.to_owned(), ..detector() };
    let config = in_precision("fp32", config);
    let spec = TrainerSpec { manifest: detailed(data.path(), task), ..spec(data.path(), config) };
    check(&spec, &data.path().join("00.png"));
}

#[test]
fn a_segmenter_killed_ten_times_ends_as_if_never_touched() {
    check_detailed(Task::Segment, "yolo11n-seg");
}

#[test]
fn a_pose_model_killed_ten_times_ends_as_if_never_touched() {
    check_detailed(Task::Pose, "yolo11n-pose");
}

fn check_detector(precision: &str) {
    let data = work();
    labelled(data.path(), 60, 8);
    let config = in_precision(precision, detector());
    check(&spec(data.path(), config), &data.path().join("images/val/0.png"));
}

#[test]
fn a_detector_killed_ten_times_ends_as_if_never_touched() {
    check_detector("fp32");
}

#[test]
fn a_detector_in_bf16_killed_ten_times_ends_as_if_never_touched() {
    check_detector("bf16");
}
