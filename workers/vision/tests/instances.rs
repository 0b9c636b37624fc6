//! Masks and key points from labels to answers: eight pictures are learned by heart, and a run that is stopped and killed
//! goes on as if it was not.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod answers;
#[expect(dead_code, reason = "the other rings need more of it")]
mod trainer;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use image::{Rgb, RgbImage};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use trainer::{detector, run, spec, work};
use trainyard_data::manifest::{FORM, Header, Image, Label, Manifest, Split};
use trainyard_data::random::Random;
use trainyard_events::TrainingConfig;
use trainyard_events::config::{Augmentation, Task};
use trainyard_events::trainer::{TrainerLine, TrainerSpec, exit};
use trainyard_vision::tasks::find::Finder;
use trainyard_vision::tasks::pose::Poses;
use trainyard_vision::tasks::segment::Masks;

const WIDTH: u32 = 64;
const HEIGHT: u32 = 56;
/// Of each picture in what is trained on, so that the batches of an epoch are several and differ.
const COPIES: u64 = 4;

/// A triangle on noise: each corner has a colour of its own, and the left and the right one change places in a mirror.
struct Picture {
    image: RgbImage,
    class: usize,
    /// Left, right, tip.
    corners: [[f64; 2]; 3],
}

impl Picture {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(&[seed]);
        let class = seed as usize % 2;
        let mut image =
            RgbImage::from_fn(WIDTH, HEIGHT, |_, _| Rgb([(); 3].map(|()| random.below(60) as u8)));
        let side = 26 + random.below(10);
        let (x, y) =
            (random.below(WIDTH as usize - side) as f64, random.below(HEIGHT as usize - side) as f64);
        let side = side as f64;
        let (low, high) = (y + side, y);
        let corners = match class {
            0 => [[x, low], [x + side, low], [x + side / 2.0, high]],
            _ => [[x, high], [x + side, high], [x + side / 2.0, low]],
        };
        for (x, y, pixel) in image.enumerate_pixels_mut() {
            if let Some(parts) = parts_of(corners, [f64::from(x) + 0.5, f64::from(y) + 0.5]) {
                *pixel = Rgb(parts.map(|part| (part * 200.0) as u8 + 50));
            }
        }
        Picture { image, class, corners }
    }

    fn label(&self, task: Task) -> Label {
        let [left, right, tip] = self.corners;
        let (top, low) = (left[1].min(tip[1]), left[1].max(tip[1]));
        let bounds = Some([left[0], top, right[0] - left[0], low - top]);
        match task {
            Task::Segment => {
                Label { bounds, polygon: Some(vec![self.corners.concat()]), ..Label::of_class(self.class) }
            }
            _ => Label {
                bounds,
                keypoints: Some(self.corners.map(|[x, y]| [x, y, 2.0]).to_vec()),
                ..Label::of_class(self.class)
            },
        }
    }
}

/// How near a point is to each corner, in parts of 1; `None` outside.
fn parts_of([a, b, c]: [[f64; 2]; 3], [x, y]: [f64; 2]) -> Option<[f64; 3]> {
    let whole = (b[1] - c[1]) * (a[0] - c[0]) + (c[0] - b[0]) * (a[1] - c[1]);
    let first = ((b[1] - c[1]) * (x - c[0]) + (c[0] - b[0]) * (y - c[1])) / whole;
    let second = ((c[1] - a[1]) * (x - c[0]) + (a[0] - c[0]) * (y - c[1])) / whole;
    let parts = [first, second, 1.0 - first - second];
    parts.iter().all(|part| *part >= 0.0).then_some(parts)
}

/// So many pictures, each a few times to train on and once to validate with.
fn dataset(folder: &Path, task: Task, count: u64) -> PathBuf {
    let mut images = Vec::new();
    for (split, copies) in [(Split::Train, COPIES), (Split::Validation, 1)] {
        for (seed, copy) in (0..count).flat_map(|seed| (0..copies).map(move |copy| (seed, copy))) {
            let part = if split == Split::Train { "train" } else { "val" };
            let name = format!("{part}-{seed:02}-{copy}.png");
            let picture = Picture::new(seed);
            picture.image.save(folder.join(&name)).unwrap();
            let bytes = fs::read(folder.join(&name)).unwrap();
            images.push(Image {
                sha256: hex::encode(Sha256::digest(&bytes)),
                name,
                bytes: bytes.len() as u64,
                width: WIDTH,
                height: HEIGHT,
                split,
                labels: vec![picture.label(task)],
            });
        }
    }
    let is_posed = task == Task::Pose;
    let header = Header {
        form: FORM,
        classes: ["up", "down"].map(str::to_owned).to_vec(),
        keypoints: is_posed.then(|| ["left", "right", "tip"].map(str::to_owned).to_vec()),
        mirrored: is_posed.then(|| vec![1, 0, 2]),
        kinds: Manifest::kinds_of(&[], &images),
        ..Header::default()
    };
    let path = folder.join("manifest.jsonl");
    Manifest { header, images }.write(&mut fs::File::create(&path).unwrap()).unwrap();
    path
}

/// A small training to a task.
fn small(folder: &Path, task: Task, count: u64) -> TrainerSpec {
    let model = if task == Task::Segment { "yolo11n-seg" } else { "yolo11n-pose" };
    let config = TrainingConfig { task, model: model.to_owned(), batch_size: 8, ema: false, ..detector() };
    TrainerSpec { manifest: dataset(folder, task, count), ..spec(folder, config) }
}

/// Learns eight pictures by heart; the measurements, and the folder with what was left.
fn by_heart(task: Task, epochs: u32) -> (trainyard_events::results::Measurements, TempDir, TempDir) {
    let (data, work) = (work(), work());
    let mut spec = small(data.path(), task, 8);
    spec.config.epochs = epochs;
    spec.config.learning_rate = 0.001;
    spec.config.augmentation = Augmentation::None;
    let (code, lines) = run(&spec, work.path());
    assert_eq!(code, Some(exit::DONE), "{:?}", lines.last());
    let Some(TrainerLine::Finished { measurements, .. }) = lines.last() else { panic!("{lines:?}") };
    (measurements.clone(), data, work)
}

fn read(folder: &TempDir, name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder.path().join(name)).unwrap()).unwrap()
}

/// What the command says of an image.
fn predicted(work: &TempDir, image: &Path) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trainyard-vision"));
    command.arg("predict").arg("--weights").arg(work.path().join("weights.safetensors")).arg(image);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// From a ring of points, by the shoelace formula.
fn area(ring: &[[f64; 2]]) -> f64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>().abs() / 2.0
}

#[test]
fn masks_are_learned_and_told_as_outlines() {
    let (measurements, data, work) = by_heart(Task::Segment, 80);
    assert!(measurements["ap50"] > 0.8, "{measurements:?}");
    assert!(measurements.contains_key("mask_loss") && measurements.contains_key("box_ap50"));
    let samples = read(&work, "sample_predictions.json");
    let truth: Vec<[f64; 2]> =
        serde_json::from_value(samples[0]["truths"][0]["polygons"][0].clone()).unwrap();
    let image = data.path().join(samples[0]["path"].as_str().unwrap());
    let answer = predicted(&work, &image);
    let found: Vec<[f64; 2]> =
        serde_json::from_value(answer["predictions"][0]["polygons"][0].clone()).unwrap();
    let [found, truth] = [area(&found), area(&truth)];
    assert!((found / truth - 1.0).abs() < 0.3, "{found} pixels instead of {truth}: {answer}");
    let photos = answers::files(data.path(), 4).split_off(1);
    let card = trainyard_vision::weights::model::card_of(
        &trainyard_vision::weights::file::read_metadata(&work.path().join("weights.safetensors")).unwrap(),
    );
    let photos = answers::images(&photos, &card.unwrap().preprocessing);
    let onnx = fs::read(work.path().join("model.onnx")).unwrap();
    answers::agree::<Finder<Masks>>(&work.path().join("weights.safetensors"), &onnx, &photos);
}

#[test]
fn poses_are_learned_and_told_as_points() {
    let (measurements, data, work) = by_heart(Task::Pose, 80);
    assert!(measurements["ap50"] > 0.8, "{measurements:?}");
    assert!(measurements.contains_key("point_loss") && measurements.contains_key("box_ap50"));
    let samples = read(&work, "sample_predictions.json");
    let measured: Vec<[f64; 3]> =
        serde_json::from_value(samples[0]["predictions"][0]["keypoints"].clone()).unwrap();
    let answer = predicted(&work, &data.path().join(samples[0]["path"].as_str().unwrap()));
    let found: Vec<[f64; 3]> = serde_json::from_value(answer["predictions"][0]["keypoints"].clone()).unwrap();
    assert_eq!((found.len(), samples[0]["truths"][0]["keypoints"].as_array().unwrap().len()), (3, 3));
    for (found, measured) in found.iter().flatten().zip(measured.iter().flatten()) {
        assert!((found - measured).abs() < 0.05, "{answer}, measured as {measured:?}");
    }
    let photos = answers::files(data.path(), 4).split_off(1);
    let card = trainyard_vision::weights::model::card_of(
        &trainyard_vision::weights::file::read_metadata(&work.path().join("weights.safetensors")).unwrap(),
    );
    let card = card.unwrap();
    assert_eq!(card.keypoints, ["left", "right", "tip"]);
    let photos = answers::images(&photos, &card.preprocessing);
    let onnx = fs::read(work.path().join("model.onnx")).unwrap();
    answers::agree::<Finder<Poses>>(&work.path().join("weights.safetensors"), &onnx, &photos);
}
