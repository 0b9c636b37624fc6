//! The detector beside an independent reference in PyTorch: forward pass, loss terms and gradients in 32-bit floats.
//!
//! `parity/expected.json` holds the reference's numbers for weights that a formula gives on both sides, so that this
//! needs no Python. To make it anew after a change of the graph, with PyTorch and safetensors in an environment:
//! `REGENERATE=1 cargo test -p trainyard-vision --test parity shapes`, then
//! `.tools/bench-venv/bin/python workers/vision/tests/parity/reference.py workers/vision/tests/parity/expected.json`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor, no_grad};
use trainyard_data::boxes::LabelledBox;
use trainyard_libtorch::Group;
use trainyard_vision::loss::assign::assign;
use trainyard_vision::models::anchors::{Anchors, corners, distances};
use trainyard_vision::models::head::DetectHead;
use trainyard_vision::models::yolo11::Yolo11;
use trainyard_vision::models::{Mode, Model, Shape};
use trainyard_vision::tasks::detect::loss::{DetectionLoss, detection_loss};
use trainyard_vision::weights::file;

const SIDE: u32 = 128;
const CLASSES: usize = 3;
/// What two orders of the same additions may differ by.
const TOLERANCE: f64 = 1e-4;
/// The part of all gradients together below which a gradient is rounding.
const ROUNDING: f64 = 1e-5;

#[derive(Deserialize, Serialize)]
struct Expected {
    shapes: BTreeMap<String, BTreeMap<String, Vec<i64>>>,
    #[serde(default)]
    forward: BTreeMap<String, [Summary; 2]>,
    #[serde(default)]
    train: Option<Train>,
}

#[derive(Deserialize, Serialize)]
struct Train {
    outputs: [Summary; 2],
    losses: [f64; 3],
    learners: Vec<Vec<usize>>,
    gradients: BTreeMap<String, Summary>,
}

/// The norm, and the product with noise, which a permutation would change.
type Summary = [f64; 2];

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/expected.json")
}

fn expected() -> Expected {
    serde_json::from_slice(&std::fs::read(path()).unwrap()).unwrap()
}

fn truth() -> Vec<Vec<LabelledBox>> {
    let object = |class, corners| LabelledBox { class, corners, crowd: false };
    vec![
        vec![
            object(0, [10.3, 12.7, 60.1, 71.9]),
            object(1, [50.2, 40.8, 118.6, 100.3]),
            object(2, [5.5, 90.1, 30.9, 120.7]),
        ],
        vec![],
        vec![
            object(1, [30.1, 20.2, 110.7, 117.4]),
            object(0, [40.6, 30.3, 100.2, 90.9]),
            object(0, [66.1, 62.2, 77.3, 75.8]),
        ],
    ]
}

/// As `noise` in the reference.
fn noise(tensor: u64, count: usize) -> Vec<f32> {
    let draw = |place: u64| {
        let mut z = (tensor << 32).wrapping_add(place).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        ((z >> 40) as f64 / f64::from(1 << 23) - 1.0) as f32
    };
    (0..count as u64).map(draw).collect()
}

fn model(name: &str) -> Model<Yolo11<DetectHead>> {
    Model::new(&Shape { name: name.to_owned(), classes: CLASSES, points: 0, image_size: SIDE }, Device::Cpu)
        .unwrap()
}

/// As `by_formula` in the reference.
fn by_formula(name: &str) -> Model<Yolo11<DetectHead>> {
    let model = model(name);
    for (number, (name, tensor)) in model.tensors().into_iter().enumerate() {
        let shape = tensor.size();
        let values = Tensor::from_slice(&noise(number as u64, tensor.numel())).view(&shape[..]);
        let values = if name.ends_with("running_var") {
            values.abs() * 0.5 + 1.0
        } else if name.ends_with("norm.weight") {
            values * 0.25 + 1.0
        } else if shape.len() == 4 {
            values * (2.0 / (shape[1..].iter().product::<i64>() as f64).sqrt())
        } else {
            values * 0.25
        };
        no_grad(|| tensor.shallow_clone().copy_(&values));
    }
    model
}

fn images() -> Tensor {
    let side = i64::from(SIDE);
    let values = noise(1_000_000, (3 * 3 * side * side) as usize);
    (Tensor::from_slice(&values).view([3, 3, side, side]) + 1.0) / 2.0
}

fn total(loss: &DetectionLoss) -> Tensor {
    &loss.boxes + &loss.classes + &loss.dfl
}

/// `least` is the norm below which a tensor is rounding and no more.
fn check(what: &str, found: &Tensor, number: u64, expected: Summary, least: f64) {
    let flat = found.detach().to_kind(Kind::Double).flatten(0, -1);
    let noise = Tensor::from_slice(&noise(number, flat.numel())).to_kind(Kind::Double);
    let [norm, product] = [flat.norm(), flat.dot(&noise)].map(|value| value.double_value(&[]));
    let scale = expected[0].max(least);
    assert!((norm - expected[0]).abs() <= TOLERANCE * scale, "{what}: norm {norm}, expected {}", expected[0]);
    // As much as a relative error of the tolerance can change it (Cauchy and Schwarz).
    assert!(
        (product - expected[1]).abs() <= TOLERANCE * scale * noise.norm().double_value(&[]),
        "{what}: product {product}, expected {}",
        expected[1]
    );
}

#[test]
fn shapes_are_those_that_the_reference_was_given() {
    let shapes = |name: &str| -> BTreeMap<String, Vec<i64>> {
        model(name).tensors().into_iter().map(|(name, tensor)| (name, tensor.size())).collect()
    };
    let all = ["yolo11n", "yolo11m"].map(|name| (name.to_owned(), shapes(name))).into();
    if std::env::var_os("REGENERATE").is_some() {
        let bare = Expected { shapes: all, forward: BTreeMap::new(), train: None };
        std::fs::write(path(), serde_json::to_vec(&bare).unwrap()).unwrap();
        return;
    }
    assert_eq!(all, expected().shapes);
}

#[test]
fn the_forward_pass_is_the_references() {
    for (name, summaries) in expected().forward {
        let raw = no_grad(|| by_formula(&name).forward(&images(), Mode::Answer)).unwrap();
        check(&format!("{name} bins"), &raw.bins, 0, summaries[0], 0.0);
        check(&format!("{name} classes"), &raw.classes, 1, summaries[1], 0.0);
    }
}

#[test]
fn losses_and_gradients_are_the_references() {
    let expected = expected().train.unwrap();
    let model = by_formula("yolo11n");
    let raw = model.forward(&images(), Mode::Learn(&Group::alone())).unwrap();
    check("bins", &raw.bins, 0, expected.outputs[0], 0.0);
    check("classes", &raw.classes, 1, expected.outputs[1], 0.0);

    let anchors = Anchors::new(SIDE, Device::Cpu).unwrap();
    let corners = corners(&distances(&raw.bins).unwrap(), &anchors.centres, &anchors.strides).unwrap();
    let rows = assign(&anchors, &corners, &raw.classes, &truth()).unwrap().rows;
    let learners = expected.learners.iter().enumerate();
    let learners =
        learners.flat_map(|(image, cells)| cells.iter().map(move |cell| (image, *cell)).collect::<Vec<_>>());
    let learners: Vec<i64> = learners.map(|(image, cell)| (image * anchors.count() + cell) as i64).collect();
    assert!(learners.len() > 20 && rows == learners, "{rows:?}, expected {learners:?}");

    let loss = detection_loss(&raw, &anchors, &truth(), &Group::alone()).unwrap();
    for (found, expected) in [&loss.boxes, &loss.classes, &loss.dfl].into_iter().zip(expected.losses) {
        let found = found.double_value(&[]);
        assert!((found / expected - 1.0).abs() < TOLERANCE, "{found} {expected}");
    }
    (total(&loss) * truth().len() as f64).backward();
    // What a later normalisation takes out again has no gradient: only rounding, which is nobody's to repeat.
    let whole = expected.gradients.values().map(|[norm, _]| norm * norm).sum::<f64>().sqrt();
    let mut compared = 0;
    for (number, (name, tensor)) in model.tensors().into_iter().enumerate() {
        if let Some(summary) = expected.gradients.get(&name) {
            check(&name, &tensor.grad(), number as u64, *summary, ROUNDING * whole);
            compared += 1;
        }
    }
    assert_eq!(compared, model.parameters().len());
}

/// With fresh weights, every number compared: needs the environment that `bench/run` makes, with safetensors in it.
#[test]
#[ignore = "needs PyTorch"]
fn weights_handed_over_as_a_file_give_the_same_everything() {
    tch::manual_seed(7);
    let (model, folder) = (model("yolo11n"), tempfile::tempdir().unwrap());
    let raw = {
        let boxes: Vec<f32> = truth()
            .iter()
            .enumerate()
            .flat_map(|(image, boxes)| {
                boxes.iter().flat_map(move |object| {
                    let [x1, y1, x2, y2] = object.corners;
                    [image as f32, object.class as f32, x1, y1, x2, y2]
                })
            })
            .collect();
        let mut tensors = model.tensors();
        tensors.insert("input/pixels".to_owned(), images());
        tensors.insert("input/boxes".to_owned(), Tensor::from_slice(&boxes).view([-1, 6]));
        file::write(&folder.path().join("in.safetensors"), &BTreeMap::new(), &tensors).unwrap();
        model.forward(&images(), Mode::Learn(&Group::alone())).unwrap()
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let status = Command::new(root.join("../../.tools/bench-venv/bin/python"))
        .arg(root.join("tests/parity/reference.py"))
        .arg("--weights")
        .args([folder.path().join("in.safetensors"), folder.path().join("out.safetensors")])
        .status()
        .unwrap();
    assert!(status.success());
    let theirs = file::read(&folder.path().join("out.safetensors")).unwrap().tensors;
    let anchors = Anchors::new(SIDE, Device::Cpu).unwrap();
    let loss = detection_loss(&raw, &anchors, &truth(), &Group::alone()).unwrap();
    let gradients = theirs.iter().filter(|(name, _)| name.starts_with("gradient/"));
    let whole = gradients.map(|(_, tensor)| tensor.norm().double_value(&[]).powi(2)).sum::<f64>().sqrt();
    let close = |name: &str, found: &Tensor| {
        let expected = &theirs[name];
        let least = if name.starts_with("gradient/") { ROUNDING * whole } else { 0.0 };
        let scale = expected.norm().double_value(&[]).max(least);
        let error = (found.detach() - expected).norm().double_value(&[]) / scale;
        assert!(error < TOLERANCE, "{name}: relative error {error}");
    };
    close("bins", &raw.bins);
    close("classes", &raw.classes);
    close("losses", &Tensor::stack(&[&loss.boxes, &loss.classes, &loss.dfl], 0));
    (total(&loss) * truth().len() as f64).backward();
    for (name, tensor) in model.parameters() {
        close(&format!("gradient/{name}"), &tensor.grad());
    }
}
