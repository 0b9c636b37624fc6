//! Each classifier beside timm's own: the names and shapes of its tensors, its answers, and the gradients of a batch.
//!
//! `parity/classifiers.json` holds timm's numbers, in doubles, for weights that a formula gives on both sides. To make it
//! anew, in an environment with timm: `python classifiers.py classifiers.json` in `tests/parity`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use tch::{Device, Kind, Reduction, Tensor, no_grad};
use trainyard_libtorch::Group;
use trainyard_vision::models::classifier::Classifier;
use trainyard_vision::models::{Mode, Model, Shape};

const SIDE: i64 = 96;
const LABELS: [i64; 3] = [0, 3, 4];
const CLASSES: usize = 5;
const TOLERANCE: f64 = 1e-4;
/// The part of all gradients together below which a gradient is small, and below which it is none: what a later
/// normalisation takes out again is rounding and no more.
const SMALL: f64 = 1e-4;
const NONE: f64 = 1e-9;

#[derive(Deserialize)]
struct Expected {
    shapes: BTreeMap<String, Vec<i64>>,
    /// Logits with running statistics, and as training has them.
    forward: Vec<f64>,
    train: Vec<f64>,
    loss: f64,
    /// The norm, and the product with noise, which a permutation would change.
    gradients: BTreeMap<String, [f64; 2]>,
}

/// As `noise` in `parity/reference.py`.
fn noise(tensor: u64, count: usize) -> Tensor {
    let draw = |place: u64| {
        let mut z = (tensor << 32).wrapping_add(place).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        ((z >> 40) as f64 / f64::from(1 << 23) - 1.0) as f32
    };
    Tensor::from_slice(&(0..count as u64).map(draw).collect::<Vec<f32>>())
}

/// As `by_formula` in `parity/classifiers.py`.
fn by_formula(number: u64, name: &str, shape: &[i64]) -> Tensor {
    let values = noise(number, shape.iter().product::<i64>() as usize).view(shape);
    if name.ends_with("running_var") {
        values.abs() * 0.5 + 1.0
    } else if shape.len() > 1 {
        values * (2.0 / (shape[1..].iter().product::<i64>() as f64).sqrt())
    } else if name.ends_with("weight") {
        values * 0.25 + 1.0
    } else {
        values * 0.25
    }
}

/// Of all numbers together, relative to the largest.
fn close(what: &str, found: &Tensor, expected: &[f64]) {
    let found = Vec::<f64>::try_from(found.detach().to_kind(Kind::Double).flatten(0, -1)).unwrap();
    let largest = expected.iter().fold(0.0f64, |most, value| most.max(value.abs()));
    let pairs = found.iter().zip(expected);
    let error = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max) / largest;
    println!("{what}: {error:.1e}");
    assert!(found.len() == expected.len() && error < TOLERANCE, "{what}: {found:?}, expected {expected:?}");
}

#[test]
fn each_answers_and_learns_as_timms() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/classifiers.json");
    let all: BTreeMap<String, Expected> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let count = LABELS.len() as i64;
    let images = noise(1_000_000, (count * 3 * SIDE * SIDE) as usize).view([count, 3, SIDE, SIDE]);
    assert_eq!(all.len(), 5);
    for (name, expected) in all {
        let shape = Shape { name: name.clone(), classes: CLASSES, points: 0, image_size: SIDE as u32 };
        let model = Model::<Classifier>::new(&shape, Device::Cpu).unwrap();
        let tensors = model.tensors();
        let shapes: BTreeMap<String, Vec<i64>> =
            tensors.iter().map(|(name, tensor)| (name.clone(), tensor.size())).collect();
        assert_eq!(shapes, expected.shapes, "{name}");
        for (number, (name, tensor)) in tensors.iter().enumerate() {
            no_grad(|| tensor.shallow_clone().copy_(&by_formula(number as u64, name, &tensor.size())));
        }
        let forward = no_grad(|| model.forward(&images, Mode::Answer)).unwrap();
        close(&format!("{name} forward"), &forward, &expected.forward);
        let logits = model.forward(&images, Mode::Learn(&Group::alone())).unwrap();
        close(&format!("{name} in training"), &logits, &expected.train);
        let labels = Tensor::from_slice(&LABELS);
        let loss = logits.cross_entropy_loss(&labels, None::<&Tensor>, Reduction::Mean, -100, 0.0);
        close(&format!("{name} loss"), &loss, &[expected.loss]);
        loss.backward();
        let whole = expected.gradients.values().map(|[norm, _]| norm * norm).sum::<f64>().sqrt();
        let mut worst = 0.0f64;
        for (number, (tensor, values)) in tensors.iter().enumerate() {
            let Some([norm, product]) = expected.gradients.get(tensor) else { continue };
            let flat = values.grad().to_kind(Kind::Double).flatten(0, -1);
            let noise = noise(number as u64, flat.numel()).to_kind(Kind::Double);
            if *norm < NONE * whole {
                assert!(flat.norm().double_value(&[]) < 1e-6 * whole, "{name} {tensor}: it has no gradient");
                continue;
            }
            let scale = norm.max(SMALL * whole);
            // As much as a relative error of the tolerance can change it (Cauchy and Schwarz).
            let share = scale * noise.norm().double_value(&[]);
            let error = ((flat.norm().double_value(&[]) - norm).abs() / scale)
                .max((flat.dot(&noise).double_value(&[]) - product).abs() / share);
            assert!(error < TOLERANCE, "{name} {tensor}: {error:.1e}");
            worst = worst.max(error);
        }
        println!("{name} gradients: {worst:.1e}");
        assert_eq!(expected.gradients.len(), model.parameters().len(), "{name}");
    }
}
