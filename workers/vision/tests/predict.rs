//! A predictor from a file: the same answers alone, in company, and as training measured them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;
use std::process::Command;

use image::{Rgb, RgbImage};
use tempfile::TempDir;
use trainyard_events::card::{Card, Preprocessing};
use trainyard_events::config::{Resize, Task};
use trainyard_vision::models::Model;
use trainyard_vision::models::head::DetectHead;
use trainyard_vision::models::resnet::ResNet;
use trainyard_vision::models::yolo11::Yolo11;
use trainyard_vision::predict::{Predictor, Prepared};
use trainyard_vision::tasks::classify::Classify;
use trainyard_vision::tasks::detect::Boxes;
use trainyard_vision::tasks::find::Finder;
use trainyard_vision::weights::model::{save, shape};

const CLASSES: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];

/// Random weights are as good as trained ones to compare answers.
fn weights(folder: &Path, name: &str, seed: i64) -> std::path::PathBuf {
    let card = Card::new(
        Task::Classify,
        "resnet18".to_owned(),
        CLASSES.map(str::to_owned).to_vec(),
        Preprocessing {
            image_size: 32,
            resize: Resize::Letterbox,
            mean: [0.5; 3],
            std: [0.25; 3],
            sample_bits: None,
        },
    );
    tch::manual_seed(seed);
    let model = Model::<ResNet>::new(&shape(&card), tch::Device::Cpu).unwrap();
    let path = folder.join(name);
    save(&path, &card, &model.tensors()).unwrap();
    path
}

fn picture(seed: u8) -> RgbImage {
    RgbImage::from_fn(50, 40, |x, y| Rgb([(x as u8).wrapping_mul(seed), (y as u8).wrapping_mul(seed), seed]))
}

#[test]
fn a_batch_answers_as_each_image_alone() {
    let folder = TempDir::new().unwrap();
    let predictor =
        Predictor::<Classify>::load(&weights(folder.path(), "w.safetensors", 1), tch::Device::Cpu).unwrap();
    let squares: Vec<Prepared> =
        (1..6).map(|seed| Prepared::new(&picture(seed * 9), predictor.preprocessing())).collect();
    let together = predictor.predict(&squares).unwrap();
    assert_eq!(together.len(), 5);
    for (square, expected) in squares.iter().zip(&together) {
        let alone = predictor.predict(std::slice::from_ref(square)).unwrap().remove(0);
        assert_eq!(alone.len(), 5, "of seven classes the best five");
        assert!(alone.windows(2).all(|pair| pair[0].confidence >= pair[1].confidence));
        for (one, other) in alone.iter().zip(expected) {
            assert_eq!(one.class, other.class);
            assert!((one.confidence - other.confidence).abs() < 1e-5);
        }
    }
    assert_ne!(together[0], together[1], "different images, different answers");
}

/// A detector that is sure of something in every cell: what it says of noise is random, but it is the same each time.
fn detector(folder: &Path) -> std::path::PathBuf {
    let card = Card::new(
        Task::Detect,
        "yolo11n".to_owned(),
        ["cat", "dog"].map(str::to_owned).to_vec(),
        Preprocessing {
            image_size: 64,
            resize: Resize::Letterbox,
            mean: [0.0; 3],
            std: [1.0; 3],
            sample_bits: None,
        },
    );
    tch::manual_seed(3);
    let mut tensors = Model::<Yolo11<DetectHead>>::new(&shape(&card), tch::Device::Cpu).unwrap().tensors();
    for (name, tensor) in &mut tensors {
        if name.ends_with("classes.last.bias") {
            *tensor = tensor.ones_like();
        }
    }
    let path = folder.join("detector.safetensors");
    save(&path, &card, &tensors).unwrap();
    path
}

#[test]
fn a_detector_answers_in_pixels_of_each_image_whatever_the_company() {
    let folder = TempDir::new().unwrap();
    let predictor = Predictor::<Finder<Boxes>>::load(&detector(folder.path()), tch::Device::Cpu).unwrap();
    let pictures = [(50, 40), (40, 200), (64, 64), (900, 30)]
        .map(|(width, height)| RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, 7])));
    let images: Vec<Prepared> =
        pictures.iter().map(|picture| Prepared::new(picture, predictor.preprocessing())).collect();
    let together = predictor.predict(&images).unwrap();
    for (image, expected) in images.iter().zip(&together) {
        assert!(!expected.is_empty() && expected.len() <= 300);
        assert!(expected.windows(2).all(|pair| pair[0].confidence >= pair[1].confidence));
        for found in expected {
            let [x1, y1, x2, y2] = found.bbox.unwrap();
            assert!(0.0 <= x1 && x1 <= x2 && x2 <= f64::from(image.width), "{found:?}");
            assert!(0.0 <= y1 && y1 <= y2 && y2 <= f64::from(image.height), "{found:?}");
            assert!(found.confidence >= 0.25 && ["cat", "dog"].contains(&found.class.as_str()));
        }
        let alone = predictor.predict(std::slice::from_ref(image)).unwrap().remove(0);
        assert_eq!(alone.len(), expected.len());
        for (one, other) in alone.iter().zip(expected) {
            assert!((one.confidence - other.confidence).abs() < 1e-4, "{one:?} {other:?}");
        }
    }
}

#[test]
fn the_command_answers_for_each_image() {
    let folder = TempDir::new().unwrap();
    let weights = weights(folder.path(), "w.safetensors", 1);
    picture(5).save(folder.path().join("good.png")).unwrap();
    fs::write(folder.path().join("bad.png"), "text").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_trainyard-vision"))
        .arg("predict")
        .arg("--weights")
        .arg(&weights)
        .args([folder.path().join("good.png"), folder.path().join("bad.png")])
        .output()
        .unwrap();
    let lines: Vec<serde_json::Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["width"], &lines[0]["height"]), (&50.into(), &40.into()));
    assert!(lines[0]["predictions"][0]["confidence"].as_f64().unwrap() > 1.0 / 7.0);
    assert!(lines[1]["problem"].as_str().unwrap().contains("text"));
}
