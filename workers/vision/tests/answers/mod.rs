//! Weights and their ONNX file asked the same: libtorch and ONNX Runtime have to agree.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use ort::environment::Environment;
use ort::session::{Session, SessionOutputs};
use ort::value::TensorRef;
use tch::{Device, Kind, Tensor, no_grad};
use trainyard_data::decode::decode;
use trainyard_events::card::{Card, KEY, Output, Preprocessing};
use trainyard_vision::data::preprocess::normalise;
use trainyard_vision::models::anchors::{Anchors, corners, distances};
use trainyard_vision::models::head::{RawBoxes, RawMasks, RawPoints};
use trainyard_vision::models::{Mode, Model};
use trainyard_vision::predict::Prepared;
use trainyard_vision::tasks::classify::Classify;
use trainyard_vision::tasks::detect::Boxes;
use trainyard_vision::tasks::find::Finder;
use trainyard_vision::tasks::pose::Poses;
use trainyard_vision::tasks::segment::Masks;
use trainyard_vision::tasks::{OutputOf, Task};
use trainyard_vision::weights::model;

/// What logits and scores may differ by.
const TOLERANCE: f64 = 1e-4;
/// What a side of a box may differ by, in pixels.
const TOLERANCE_PIXELS: f64 = 1e-3;

static RUNTIME: LazyLock<Environment> = LazyLock::new(|| {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/onnxruntime/libonnxruntime.so");
    assert!(library.is_file(), "{} is missing: run `make tools`", library.display());
    ort::init_from(library).unwrap().build().unwrap()
});

fn session(onnx: &[u8]) -> Session {
    let builder = Session::builder(&RUNTIME).unwrap();
    builder.with_intra_threads(1).unwrap().commit_from_memory(onnx).unwrap()
}

/// The first files of a folder by their names.
pub fn files(folder: &Path, count: usize) -> Vec<PathBuf> {
    let entries =
        std::fs::read_dir(folder).unwrap_or_else(|_| panic!("{}: run `make tools`", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.truncate(count);
    assert_eq!(files.len(), count);
    files
}

/// Image files as a network wants them: `[N, 3, S, S]`.
pub fn images(files: &[PathBuf], preprocessing: &Preprocessing) -> Tensor {
    let square = |file: &PathBuf| {
        let image = decode(&std::fs::read(file).unwrap(), preprocessing.sample_bits).unwrap();
        Prepared::new(&image, preprocessing).square
    };
    let side = i64::from(preprocessing.image_size);
    let bytes: Vec<u8> = files.iter().flat_map(square).collect();
    let pixels = Tensor::from_slice(&bytes).view([files.len() as i64, side, side, 3]);
    normalise(preprocessing, &pixels, false).unwrap()
}

/// What the outputs of a task's file have to be.
pub trait Told: Task {
    const OUTPUT: Output;
    const NAMES: &'static [&'static str];

    fn told(output: &OutputOf<Self>, side: u32) -> Vec<Tensor>;
}

impl Told for Classify {
    const OUTPUT: Output = Output::Logits;
    const NAMES: &'static [&'static str] = &["logits"];

    fn told(logits: &Tensor, _side: u32) -> Vec<Tensor> {
        vec![logits.shallow_clone()]
    }
}

impl Told for Finder<Boxes> {
    const OUTPUT: Output = Output::Boxes;
    const NAMES: &'static [&'static str] = &["boxes", "scores"];

    fn told(raw: &RawBoxes, side: u32) -> Vec<Tensor> {
        boxes(raw, side)
    }
}

impl Told for Finder<Masks> {
    const OUTPUT: Output = Output::Masks;
    const NAMES: &'static [&'static str] = &["boxes", "scores", "coefficients", "prototypes"];

    fn told(raw: &RawMasks, side: u32) -> Vec<Tensor> {
        let mut told = boxes(&raw.boxes, side);
        told.extend([raw.coefficients.shallow_clone(), raw.prototypes.shallow_clone()]);
        told
    }
}

impl Told for Finder<Poses> {
    const OUTPUT: Output = Output::Keypoints;
    const NAMES: &'static [&'static str] = &["boxes", "scores", "keypoints"];

    fn told(raw: &RawPoints, side: u32) -> Vec<Tensor> {
        let mut told = boxes(&raw.boxes, side);
        let anchors = Anchors::new(side, Device::Cpu).unwrap();
        let (images, cells, numbers) = raw.points.size3().unwrap();
        let points = raw.points.view([images, cells, numbers / 3, 3]);
        let corner = (&anchors.centres - &anchors.strides * 0.5).view([1, cells, 1, 2]);
        let places = points.narrow(3, 0, 2) * 2.0 * anchors.strides.view([1, cells, 1, 1]) + corner;
        told.push(Tensor::cat(&[places, points.narrow(3, 2, 1).sigmoid()], 3));
        told
    }
}

fn boxes(raw: &RawBoxes, side: u32) -> Vec<Tensor> {
    let anchors = Anchors::new(side, Device::Cpu).unwrap();
    let distances = distances(&raw.bins).unwrap();
    let boxes = corners(&distances, &anchors.centres, &anchors.strides).unwrap();
    vec![boxes, raw.classes.sigmoid()]
}

/// Asks both for all images at once and for the first alone. The numbers that libtorch gave are returned.
pub fn agree<T: Told>(weights: &Path, onnx: &[u8], images: &Tensor) -> Vec<Tensor> {
    let (model, card) = model::load::<T::Network>(weights, Device::Cpu).unwrap();
    let mut session = session(onnx);
    let told: Card = serde_json::from_str(&session.metadata().unwrap().custom(KEY).unwrap()).unwrap();
    assert_eq!(told, Card { output: Some(T::OUTPUT), ..card.clone() });
    assert_eq!(session.outputs().iter().map(|output| output.name()).collect::<Vec<_>>(), T::NAMES);

    let mut expected = Vec::new();
    for images in [images.narrow(0, 0, 1), images.shallow_clone()] {
        expected = of_libtorch::<T>(&model, &card, &images);
        let shape = images.size();
        let numbers = Vec::<f32>::try_from(images.flatten(0, -1)).unwrap();
        let input = TensorRef::from_array_view((shape, numbers.as_slice())).unwrap();
        let found = session.run(ort::inputs!["images" => input]).unwrap();
        for (name, expected) in T::NAMES.iter().zip(&expected) {
            close(&format!("{} {name} of {images:?}", card.model), &tensor(&found, name), expected, name);
        }
    }
    expected
}

fn of_libtorch<T: Told>(model: &Model<T::Network>, card: &Card, images: &Tensor) -> Vec<Tensor> {
    let output = no_grad(|| model.forward(images, Mode::Answer)).unwrap();
    T::told(&output, card.preprocessing.image_size)
}

fn tensor(found: &SessionOutputs, name: &str) -> Tensor {
    let (shape, numbers) = found[name].try_extract_tensor::<f32>().unwrap();
    Tensor::from_slice(numbers).view(&shape[..])
}

fn close(what: &str, found: &Tensor, expected: &Tensor, name: &str) {
    assert_eq!(found.size(), expected.size(), "{what}");
    let error = (found - expected).abs().max().to_kind(Kind::Double).double_value(&[]);
    let most = if ["boxes", "keypoints"].contains(&name) { TOLERANCE_PIXELS } else { TOLERANCE };
    // Not a number is no small one either.
    assert!(error <= most, "{what}: {error} off");
}
