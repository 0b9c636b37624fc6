//! Killed ten times at random moments and resumed each time, a training ends as one that nobody touched: the same
//! measurements, the same weights to the last byte, the same predictions.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[expect(dead_code, reason = "the other rings need more of it")]
mod trainer;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::slice;
use std::time::Instant;

use image::{Rgb, RgbImage};
use nix::sys::signal::Signal;
use sha2::{Digest, Sha256};
use trainer::{Story, Trainer, detector, spec, work};
use trainyard_data::manifest::{FORM, Header, Image, Label, Manifest, Split};
use trainyard_data::random::Random;
use trainyard_events::TrainingConfig;
use trainyard_events::config::{Optimizer, Task};
use trainyard_events::trainer::{TrainerLine, TrainerSpec, exit};

const KILLS: usize = 10;
/// Often enough that most checkpoints fall into the middle of an epoch.
const CHECKPOINT_AFTER: [&str; 2] = ["--checkpoint-after", "0.1"];

/// Coloured noise, with a square of the class's colour in it.
fn picture(random: &mut Random, class: usize) -> (RgbImage, [f64; 4]) {
    let side = 64;
    let mut image = RgbImage::from_fn(side, side, |_, _| Rgb([(); 3].map(|()| random.below(120) as u8)));
    let (length, left, top) = (20, random.below(40) as u32, random.below(40) as u32);
    let colour = [Rgb([230, 60, 40]), Rgb([40, 200, 240])][class];
    for (x, y) in (0..length).flat_map(|x| (0..length).map(move |y| (left + x, top + y))) {
        image.put_pixel(x, y, colour);
    }
    let part = |pixels: u32| f64::from(pixels) / f64::from(side);
    (image, [part(left + length / 2), part(top + length / 2), part(length), part(length)])
}

/// A folder for each class.
fn classified(folder: &Path, count: usize) {
    let mut random = Random::new(&[1]);
    for number in 0..count {
        let class = number % 2;
        let to = folder.join(["square-red", "square-blue"][class]);
        fs::create_dir_all(&to).unwrap();
        picture(&mut random, class).0.save(to.join(format!("{number}.png"))).unwrap();
    }
}

/// The layout of YOLO.
fn labelled(folder: &Path, train: usize, validation: usize) {
    let mut random = Random::new(&[2]);
    for (split, count) in [("train", train), ("val", validation)] {
        let (images, labels) = (folder.join("images").join(split), folder.join("labels").join(split));
        fs::create_dir_all(&images).unwrap();
        fs::create_dir_all(&labels).unwrap();
        for number in 0..count {
            let class = number % 2;
            let (image, [x, y, width, height]) = picture(&mut random, class);
            image.save(images.join(format!("{number}.png"))).unwrap();
            fs::write(labels.join(format!("{number}.txt")), format!("{class} {x} {y} {width} {height}\n"))
                .unwrap();
        }
    }
    let yaml = "train: images/train\nval: images/val\nnames: [red, blue]\n";
    fs::write(folder.join("data.yaml"), yaml).unwrap();
}

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

/// The same pictures with an outline of each square, or with its corners.
fn detailed(folder: &Path, task: Task) -> PathBuf {
    let mut random = Random::new(&[3]);
    let mut images = Vec::new();
    for number in 0..40 {
        let (class, name) = (number % 2, format!("{number:02}.png"));
        let (image, part) = picture(&mut random, class);
        let [x, y, width, height] = part.map(|part| part * 64.0);
        image.save(folder.join(&name)).unwrap();
        let bytes = fs::read(folder.join(&name)).unwrap();
        let [left, top, right, low] = [x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0];
        let corners = [[left, top], [right, top], [right, low], [left, low]];
        let bounds = Some([left, top, width, height]);
        let label = match task {
            Task::Segment => {
                Label { bounds, polygon: Some(vec![corners.concat()]), ..Label::of_class(class) }
            }
            _ => Label {
                bounds,
                keypoints: Some(corners.map(|[x, y]| [x, y, 2.0]).to_vec()),
                ..Label::of_class(class)
            },
        };
        let split = if number < 32 { Split::Train } else { Split::Validation };
        let (sha256, bytes) = (hex::encode(Sha256::digest(&bytes)), bytes.len() as u64);
        images.push(Image { sha256, name, bytes, width: 64, height: 64, split, labels: vec![label] });
    }
    let corners = ["left_top", "right_top", "right_low", "left_low"].map(str::to_owned).to_vec();
    let is_posed = task == Task::Pose;
    let header = Header {
        form: FORM,
        classes: ["red", "blue"].map(str::to_owned).to_vec(),
        keypoints: is_posed.then_some(corners),
        mirrored: is_posed.then(|| vec![1, 0, 3, 2]),
        kinds: Manifest::kinds_of(&[], &images),
        ..Header::default()
    };
    let path = folder.join("manifest.jsonl");
    Manifest { header, images }.write(&mut fs::File::create(&path).unwrap()).unwrap();
    path
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
