//! The ONNX file of each network answers as libtorch does, and nothing that does not fit becomes one.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod answers;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use answers::{Told, agree, files, images};
use tch::{Device, Kind, Tensor, no_grad};
use tempfile::TempDir;
use trainyard_events::card::{Card, Description, Preprocessing, Resume};
use trainyard_events::config::{Resize, Task};
use trainyard_events::options;
use trainyard_events::trainer::exit;
use trainyard_libtorch::Group;
use trainyard_onnx::{ExportError, export};
use trainyard_vision::data::preprocess::IMAGENET;
use trainyard_vision::models::resnet::ResNet;
use trainyard_vision::models::{KNOWN, Known, Mode, Model, Network};
use trainyard_vision::tasks::classify::Classify;
use trainyard_vision::tasks::detect::Boxes;
use trainyard_vision::tasks::find::Finder;
use trainyard_vision::tasks::pose::Poses;
use trainyard_vision::tasks::segment::Masks;
use trainyard_vision::weights::model::{save, shape};

type Tensors = BTreeMap<String, Tensor>;
/// What is done to weights.
type Change<'a> = &'a dyn Fn(&mut Tensors);

/// After so many, running statistics lean to what was seen.
const PASSES: usize = 8;
/// The same where each of many normalisations hangs on all before it.
const PASSES_DEEP: usize = 40;

fn card(model: &str, classes: usize, image_size: u32) -> Card {
    let (mean, std) = IMAGENET;
    let task = KNOWN.iter().find(|known| known.name == model).unwrap().task;
    let classes = (0..classes).map(|class| format!("종류 {class}")).collect();
    let preprocessing = Preprocessing { image_size, resize: Resize::Letterbox, mean, std, sample_bits: None };
    let points = if task == Task::Pose { 5 } else { 0 };
    let keypoints = (0..points).map(|point| format!("점 {point}")).collect();
    Card { keypoints, ..Card::new(task, model.to_owned(), classes, preprocessing) }
}

/// Held while weights are drawn: the generator is one for all threads, and tests beside each other would draw of it in turns.
static GENERATOR: Mutex<()> = Mutex::new(());

fn fresh<N: Network>(card: &Card) -> Model<N> {
    let _alone = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    drawn(card)
}

fn drawn<N: Network>(card: &Card) -> Model<N> {
    // Tests beside this one want the other cores, and threads that wait for each other would spin.
    tch::set_num_threads(1);
    tch::manual_seed(5);
    Model::new(&shape(card), Device::Cpu).unwrap()
}

/// Random weights, with each normalisation by other numbers, and its statistics of `photos`: so that they are not lost
/// on the way, and what is answered hangs on them.
fn random<N: Network>(card: &Card, photos: &Tensor) -> Model<N> {
    let _alone = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    let model = drawn::<N>(card);
    no_grad(|| {
        for (name, mut tensor) in model.tensors() {
            let uniform = |low: f64, high: f64| tensor.rand_like() * (high - low) + low;
            let size = tensor.size();
            let values = match size[..] {
                [_, inputs, height, width] => {
                    let bound = 2.0 / ((inputs * height * width) as f64).sqrt();
                    uniform(-bound, bound)
                }
                [_] if name.ends_with("weight") => uniform(0.5, 1.5),
                [_] if name.ends_with("bias") => uniform(-0.5, 0.5),
                _ => continue,
            };
            tensor.copy_(&values);
        }
        let is_deep = card.model.starts_with("efficientnet") || card.model.starts_with("mobilenet");
        for _ in 0..if is_deep { PASSES_DEEP } else { PASSES } {
            model.forward(photos, Mode::Learn(&Group::alone())).unwrap();
        }
    });
    model
}

fn saved(folder: &Path, card: &Card, tensors: &Tensors) -> PathBuf {
    let path = folder.join("weights.safetensors");
    save(&path, card, tensors).unwrap();
    path
}

fn photos(card: &Card) -> Tensor {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/data/trees/images/train");
    images(&files(&folder, 3), &card.preprocessing)
}

fn answers_as_libtorch<T: Told>(model: &str, classes: usize, image_size: u32) {
    let folder = TempDir::new().unwrap();
    let card = card(model, classes, image_size);
    let photos = photos(&card);
    let weights = saved(folder.path(), &card, &random::<T::Network>(&card, &photos).tensors());
    let onnx = export(&weights).unwrap();
    let answers = agree::<T>(&weights, &onnx, &photos);
    let differs = (answers[0].get(0) - answers[0].get(1)).abs().max().double_value(&[]);
    // Many times what the two may differ by.
    assert!(differs > 0.02, "{model} says the same of different images: {differs}");
    assert!(onnx == export(&weights).unwrap(), "{model}: the same weights give the same bytes");
}

#[test]
fn resnets_answer_as_in_libtorch() {
    for (model, classes, side) in [
        ("resnet18", 3, 64),
        ("resnet18", 1000, 224),
        ("resnet34", 2, 65),
        ("resnet34", 7, 8),
        ("resnet50", 10, 97),
    ] {
        answers_as_libtorch::<Classify>(model, classes, side);
    }
}

#[test]
fn networks_of_inverted_residuals_answer_as_in_libtorch() {
    for (model, classes, side) in [
        ("efficientnet_b0", 3, 64),
        ("efficientnet_b0", 1000, 128),
        ("efficientnet_b2", 4, 97),
        ("efficientnet_b3", 2, 33),
        ("mobilenetv3_small_100", 5, 65),
        ("mobilenetv3_large_100", 7, 96),
    ] {
        answers_as_libtorch::<Classify>(model, classes, side);
    }
}

#[test]
fn a_convnext_answers_as_in_libtorch() {
    for (classes, side) in [(3, 32), (10, 97)] {
        answers_as_libtorch::<Classify>("convnext_tiny", classes, side);
    }
}

#[test]
fn small_detectors_answer_as_in_libtorch() {
    for (model, classes, side) in [("yolo11n", 1, 32), ("yolo11n", 130, 224), ("yolo11s", 80, 96)] {
        answers_as_libtorch::<Finder<Boxes>>(model, classes, side);
    }
}

#[test]
fn large_detectors_answer_as_in_libtorch() {
    for (model, classes, side) in [("yolo11m", 4, 96), ("yolo11l", 2, 64), ("yolo11x", 3, 64)] {
        answers_as_libtorch::<Finder<Boxes>>(model, classes, side);
    }
}

#[test]
fn masks_and_key_points_answer_as_in_libtorch() {
    for (model, classes, side) in [("yolo11n-seg", 3, 96), ("yolo11s-seg", 1, 64), ("yolo11m-seg", 2, 64)] {
        answers_as_libtorch::<Finder<Masks>>(model, classes, side);
    }
    for (model, classes, side) in [("yolo11n-pose", 1, 96), ("yolo11m-pose", 2, 64)] {
        answers_as_libtorch::<Finder<Poses>>(model, classes, side);
    }
}

#[test]
fn every_model_that_is_trained_is_exported() {
    let mut known: Vec<String> = KNOWN.iter().map(|known| known.name.to_owned()).collect();
    let mut exported = trainyard_onnx::names();
    known.sort_unstable();
    exported.sort_unstable();
    assert_eq!(known, exported);
}

#[test]
fn weights_that_do_not_fit_their_card_are_refused() {
    let folder = TempDir::new().unwrap();
    let good = card("resnet18", 3, 32);
    let tensors = fresh::<ResNet>(&good).tensors();
    let refused = |card: &Card, change: Change| {
        let mut tensors =
            tensors.iter().map(|(name, tensor)| (name.clone(), tensor.shallow_clone())).collect();
        change(&mut tensors);
        export(&saved(folder.path(), card, &tensors)).unwrap_err().to_string()
    };
    let set = |name: &'static str, value: f64| {
        move |tensors: &mut Tensors| {
            tensors.insert(name.to_owned(), tensors[name].full_like(value));
        }
    };
    let preprocessing = |image_size| Preprocessing { image_size, ..good.preprocessing.clone() };
    let detector = Card { task: Task::Detect, model: "yolo11n".to_owned(), ..good.clone() };
    let cases: [(&str, Card, Change); 17] = [
        ("fc.bias is missing", good.clone(), &|t| drop(t.remove("fc.bias"))),
        ("extra is too many", good.clone(), &|t| {
            t.insert("extra".to_owned(), Tensor::from(1.0f32));
        }),
        ("fc.weight is of F64", good.clone(), &|t| {
            t.insert("fc.weight".to_owned(), t["fc.weight"].to_kind(Kind::Double));
        }),
        ("bn1.weight is [64, 1] instead of [64]", good.clone(), &|t| {
            t.insert("bn1.weight".to_owned(), t["bn1.weight"].view([64, 1]));
        }),
        ("layer2.0.conv1.weight is not finite", good.clone(), &set("layer2.0.bn1.running_var", -1.0)),
        ("conv1.bias is not finite", good.clone(), &set("bn1.running_mean", f64::INFINITY)),
        ("fc.bias is [3] instead of [4]", card("resnet18", 4, 32), &|_| ()),
        (
            "conv1.weight is [64, 3, 3, 3] instead of [64, 3, 7, 7]",
            Card { preprocessing: preprocessing(224), ..good.clone() },
            &|_| (),
        ),
        ("layer1.2", Card { model: "resnet34".to_owned(), ..good.clone() }, &|_| ()),
        (
            "layer1.0.conv1.weight is [64, 64, 3, 3] instead of [64, 64, 1, 1]",
            Card { model: "resnet50".to_owned(), ..good.clone() },
            &|_| (),
        ),
        ("down1", detector.clone(), &|_| ()),
        ("no multiple of 32", Card { preprocessing: preprocessing(40), ..detector }, &|_| ()),
        ("images of 0 pixels", Card { preprocessing: preprocessing(0), ..good.clone() }, &|_| ()),
        (
            "images of 4000000000 pixels",
            Card { preprocessing: preprocessing(4_000_000_000), ..good.clone() },
            &|_| (),
        ),
        ("it classifies", Card { task: Task::Detect, ..good.clone() }, &|_| ()),
        ("it classifies", Card { classes: vec![], ..good.clone() }, &|_| ()),
        ("written for resnet18, resnet34", Card { model: "vgg16".to_owned(), ..good.clone() }, &|_| ()),
    ];
    for (words, card, change) in cases {
        let said = refused(&card, change);
        assert!(said.contains(words), "{words}: {said}");
    }
}

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_trainyard-vision"))
}

fn export_command(weights: &Path, out: &Path) -> Command {
    let mut command = program();
    command.arg("export").arg("--weights").arg(weights).arg("--out").arg(out);
    command
}

#[test]
fn a_kill_leaves_nothing_that_looks_whole() {
    let folder = TempDir::new().unwrap();
    let card = card("resnet50", 3, 224);
    let weights = saved(folder.path(), &card, &fresh::<ResNet>(&card).tensors());
    let expected = export(&weights).unwrap();
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    let model = out.join("model.onnx");
    let names =
        || -> Vec<PathBuf> { fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()).collect() };
    let mut in_the_middle = 0;
    for round in 0..8 {
        let mut child = export_command(&weights, &model).spawn().unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while names().len() == round && child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "nothing is written");
        }
        child.kill().unwrap();
        child.wait().unwrap();
        if model.exists() {
            assert!(fs::read(&model).unwrap() == expected, "what has the name is whole");
            fs::remove_file(&model).unwrap();
            fs::write(out.join(format!("done-{round}")), "").unwrap();
        } else {
            in_the_middle += 1;
        }
    }
    assert!(in_the_middle > 0, "no kill came in the middle");
    // Two at once do not write into each other.
    for mut child in [(); 2].map(|()| export_command(&weights, &model).spawn().unwrap()) {
        assert!(child.wait().unwrap().success());
    }
    assert!(fs::read(&model).unwrap() == expected);
}

#[test]
fn the_command_says_what_is_wrong_and_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let small = card("resnet18", 2, 16);
    let weights = saved(folder.path(), &small, &fresh::<ResNet>(&small).tensors());
    let text = folder.path().join("text.safetensors");
    fs::write(&text, "no tensors").unwrap();
    let taken = folder.path().join("taken.onnx");
    fs::create_dir(&taken).unwrap();
    let before = fs::read_dir(folder.path()).unwrap().count();
    for (weights, out, code, words) in [
        (&text, "m.onnx", exit::CONFIG, "no whole safetensors file"),
        (&folder.path().join("none"), "m.onnx", exit::CONFIG, "cannot be read"),
        (&weights, "no/m.onnx", exit::INTERNAL, "cannot be written"),
        (&weights, "taken.onnx", exit::INTERNAL, "cannot be written"),
        (&weights, "weights.safetensors", exit::INTERNAL, "name another file"),
    ] {
        let output = export_command(weights, &folder.path().join(out)).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said.lines().count()), (Some(code), 1), "{said}");
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), before);
    assert!(export(&weights).is_ok(), "the weights are as they were");
}

#[test]
fn it_describes_itself() {
    let output = program().arg("describe").output().unwrap();
    let told: Description = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((told.protocol, told.runner.as_str(), told.resume), (2, "trainyard", Resume::Exact));
    assert_eq!((told.version.as_str(), told.licence.as_str()), (env!("CARGO_PKG_VERSION"), "MIT"));
    for (model, Known { name, task, image_size, parameters, .. }) in told.models.iter().zip(KNOWN) {
        assert_eq!((model.id.as_str(), model.task, model.image_size), (name, task, image_size));
        assert_eq!(model.parameters, Some(parameters));
        let sources: Vec<&str> = model.pretrained.iter().map(|weights| weights.source.as_str()).collect();
        match task {
            Task::Classify => {
                let tag = sources[0].strip_prefix(&format!("hf://timm/{name}.")).unwrap();
                assert!(tag.ends_with("_in1k/model.safetensors"), "{tag}");
            }
            _ => assert_eq!(sources, Vec::<&str>::new()),
        }
    }
    assert_eq!(told.models.len(), KNOWN.len());
    assert_eq!(
        (told.precisions, told.options),
        (vec!["fp32".to_owned(), "bf16".to_owned()], options::ours())
    );
}

#[test]
fn an_error_names_the_file() {
    let missing = Path::new("/nowhere/weights.safetensors");
    assert!(matches!(export(missing), Err(ExportError::Read { path, .. }) if path == missing));
}
