//! The trainer as its agent sees it: a process, its lines, its exit code and the files it leaves.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod answers;
#[expect(dead_code, reason = "the other rings need more of it")]
mod trainer;

use std::fs;
use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;
use trainer::{Story, Trainer, is_as_documented, last_checkpoint, run, spec, work};
use trainyard_events::TrainingConfig;
use trainyard_events::config::{Augmentation, Device, Optimizer, Priority, Resize, Schedule, Task};
use trainyard_events::job::FailureClass;
use trainyard_events::reason::{Advice, Ending, Reason};
use trainyard_events::trainer::{TrainerLine, TrainerSpec, exit};
use trainyard_vision::models::resnet::ResNet;
use trainyard_vision::models::{Model, Shape};
use trainyard_vision::tasks::classify::Classify;
use trainyard_vision::weights::{file, model};
use trainyard_words::english;

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
        runner: None,
        options: Default::default(),
        continues: None,
        resources: None,
        max_cost: None,
        max_hours: None,
        unread: Default::default(),
    }
}

#[test]
fn a_frozen_backbone_stays_to_the_last_bit_and_its_head_learns() {
    let work = work();
    let shape = Shape { name: "resnet18".to_owned(), classes: 4, points: 0, image_size: 16 };
    let tensors = Model::<ResNet>::new(&shape, tch::Device::Cpu).unwrap().tensors();
    let first = work.path().join("first.safetensors");
    file::write(&first, &Default::default(), &tensors).unwrap();
    let config = TrainingConfig {
        epochs: 1,
        ema: false,
        initial_weights: Some("first.safetensors".to_owned()),
        options: [("freeze".to_owned(), "backbone".into())].into(),
        ..config()
    };
    let spec = TrainerSpec { initial_weights: Some(first), ..spec(&digits(), config) };
    let (code, lines) = run(&spec, &work.path().join("run"));
    assert_eq!(code, Some(exit::DONE), "{:?}", lines.last());
    let TrainerLine::Finished { weights, .. } = lines.last().unwrap() else { panic!() };
    for (name, found) in file::read(weights).unwrap().tensors {
        assert_eq!(found != tensors[&name], name.starts_with("fc."), "{name}");
    }
}

/// A group of layers begins to learn each epoch, from the head down; until then it is what it was.
#[test]
fn layers_learn_one_group_after_another_and_the_slower_the_deeper() {
    let folder = work();
    let shape = Shape { name: "resnet18".to_owned(), classes: 4, points: 0, image_size: 16 };
    let tensors = Model::<ResNet>::new(&shape, tch::Device::Cpu).unwrap().tensors();
    let first = folder.path().join("first.safetensors");
    file::write(&first, &Default::default(), &tensors).unwrap();
    let ends = |options: &[(&str, f64)], name: &str| {
        let option = |(name, value): &(&str, f64)| {
            let whole = value.fract() == 0.0;
            (name.to_string(), if whole { (*value as i64).into() } else { (*value).into() })
        };
        let config = TrainingConfig {
            ema: false,
            optimizer: Optimizer::Sgd,
            schedule: Schedule::Constant,
            weight_decay: 0.0,
            initial_weights: Some("first.safetensors".to_owned()),
            options: options.iter().map(option).collect(),
            ..config()
        };
        let spec = TrainerSpec { initial_weights: Some(first.clone()), ..spec(&digits(), config) };
        let (code, lines) = run(&spec, &folder.path().join(name));
        assert_eq!(code, Some(exit::DONE), "{:?}", lines.last());
        file::read(&last_checkpoint(&lines).0).unwrap().tensors
    };
    let moved = |found: &std::collections::BTreeMap<String, tch::Tensor>, name: &str| {
        f64::try_from((&found[&format!("model/{name}")] - &tensors[name]).abs().mean(tch::Kind::Double))
            .unwrap()
    };
    let (deep, last) = ("layer1.0.conv1.weight", "layer4.1.conv2.weight");
    let unfrozen = ends(&[("unfreeze_every", 1.0)], "unfrozen");
    assert!(moved(&unfrozen, "fc.weight") > 0.0 && moved(&unfrozen, last) > 0.0);
    for name in ["conv1.weight", "bn1.weight", deep, "layer3.1.conv2.weight"] {
        assert_eq!(moved(&unfrozen, name), 0.0, "{name}");
    }
    let (alike, decayed) = (ends(&[], "alike"), ends(&[("layer_decay", 0.5)], "decayed"));
    let slower = |name: &str| moved(&decayed, name) / moved(&alike, name);
    assert!(slower(deep) < 0.25 && slower(deep) < slower(last), "{} {}", slower(deep), slower(last));
}

/// Where a weight that meets only zeros is beyond bf16, whose largest number is a little less, nothing is a number any more.
#[test]
fn what_is_too_large_for_bf16_goes_on_in_fp32_and_says_so() {
    let work = work();
    let shape = Shape { name: "resnet18".to_owned(), classes: 4, points: 0, image_size: 16 };
    tch::manual_seed(3);
    let mut tensors = Model::<ResNet>::new(&shape, tch::Device::Cpu).unwrap().tensors();
    for (name, first) in [("bn1.weight", 0.0), ("bn1.bias", -1.0), ("layer1.0.bn1.weight", 1e-3)] {
        let _ = tch::no_grad(|| tensors[name].get(0).fill_(first));
    }
    let _ = tch::no_grad(|| tensors["layer1.0.conv1.weight"].get(0).get(0).get(1).get(1).fill_(3.4e38));
    tensors.retain(|name, _| !name.starts_with("fc."));
    let weights = work.path().join("first.safetensors");
    file::write(&weights, &Default::default(), &tensors).unwrap();
    let given = |precision: &str| TrainingConfig {
        epochs: 1,
        ema: false,
        weight_decay: 0.0,
        optimizer: Optimizer::Sgd,
        initial_weights: Some("first.safetensors".to_owned()),
        options: [("precision".to_owned(), precision.into())].into(),
        ..config()
    };
    let ends = |precision: &str, folder: &str| {
        let spec =
            TrainerSpec { initial_weights: Some(weights.clone()), ..spec(&digits(), given(precision)) };
        let folder = work.path().join(folder);
        let (code, lines) = run(&spec, &folder);
        assert_eq!(code, Some(exit::DONE), "{:?}", lines.last());
        let report: serde_json::Value =
            serde_json::from_slice(&fs::read(folder.join("report.json")).unwrap()).unwrap();
        let TrainerLine::Finished { weights, .. } = lines.last().unwrap() else { panic!() };
        (report["precision"].as_str().unwrap().to_owned(), fs::read(weights).unwrap())
    };
    let (told, fallen) = ends("bf16", "half");
    assert_eq!(told, "float32 since step 1, before that bfloat16");
    let (told, full) = ends("fp32", "full");
    assert_eq!(told, "float32");
    assert!(fallen == full, "what was tried in bf16 left a trace");
}

/// Four digits in rows, as they are and as both epochs see them.
fn each_epoch_changes_its_images(page: &Path) {
    let page = image::open(page).unwrap().into_rgb8();
    assert_eq!(page.dimensions(), (3 * 328 + 8, 4 * 328 + 8), "the pixels of 16 are repeated 20 times");
    let cell = |row: u32, column: u32| {
        let of = image::imageops::crop_imm(&page, column * 328 + 8, row * 328 + 8, 320, 320).to_image();
        of.pixels().map(|pixel| i64::from(pixel[0])).collect::<Vec<_>>()
    };
    let differ = |row, a, b| {
        let pairs =
            cell(row, a).into_iter().zip(cell(row, b)).map(|(a, b)| (a - b).abs()).collect::<Vec<_>>();
        pairs.iter().sum::<i64>() / pairs.len() as i64 > 5
    };
    for row in 0..4 {
        let light: i64 = cell(row, 0).iter().sum();
        assert!(light > 0, "a digit is on it");
    }
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        assert!((0..4).any(|row| differ(row, a, b)), "columns {a} and {b} are the same");
    }
}

#[test]
fn digits_are_learned_and_everything_promised_is_there() {
    let work = work();
    let (code, lines) = run(&TrainerSpec { threads: 2, ..spec(&digits(), config()) }, work.path());
    assert_eq!(code, Some(exit::DONE));

    let TrainerLine::Started { train_images, validation_images, classes, resolved, .. } = &lines[0] else {
        panic!("{:?}", lines[0])
    };
    assert_eq!(classes, &["3", "0", "6", "4"]);
    assert!(*train_images > 400 && *validation_images > 100, "{train_images} {validation_images}");
    for name in ["memory_format", "threads", "split", "augmentation", "pixel_mean", "steps_per_epoch"] {
        assert!(resolved.contains_key(name), "{name}: {resolved:?}");
    }
    assert!(matches!(&lines[1], TrainerLine::Artifact { role, .. } if role == "augmented"), "{:?}", lines[1]);
    assert!(matches!(&lines[2], TrainerLine::Step(step) if step.step == 1), "{:?}", lines[2]);
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
    assert_eq!(
        roles,
        ["augmented", "weights", "onnx", "report", "confusion_matrix", "sample_predictions", "sample_images"]
    );
    each_epoch_changes_its_images(&work.path().join("augmented.jpg"));
    for name in ["report.json", "confusion_matrix.json", "sample_predictions.json"] {
        is_as_documented(&work.path().join(name), &format!("classify/{name}"));
    }
    let page = image::open(work.path().join("sample_images.jpg")).unwrap();
    assert_eq!((page.width(), page.height()), (6 * 152 + 8, 4 * 152 + 8), "24 images in rows of six");

    let (_, card) = model::load::<ResNet>(weights, tch::Device::Cpu).unwrap();
    assert_eq!((&card.classes, card.model.as_str()), (classes, "resnet18"));
    let onnx = fs::read(work.path().join("model.onnx")).unwrap();
    let few = answers::images(&answers::files(&digits().join("test/3"), 3), &card.preprocessing);
    let logits = answers::agree::<Classify>(weights, &onnx, &few).remove(0);
    assert_eq!(
        Vec::<i64>::try_from(logits.argmax(1, false)).unwrap(),
        [0, 0, 0],
        "three times a 3: {logits:?}"
    );
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
    let sum = |table: &serde_json::Value| -> u64 {
        table
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|row| row.as_array().unwrap())
            .filter_map(|n| n.as_u64())
            .sum()
    };
    let tested: u64 =
        report["test"]["classes"].as_array().unwrap().iter().filter_map(|one| one["support"].as_u64()).sum();
    assert!(tested > 100, "{tested}");
    assert_eq!(sum(&report["test"]["confusion_matrix"]), tested, "every test image once");
    assert_ne!(report["test"]["confusion_matrix"], report["confusion_matrix"]);
    let samples = read("sample_predictions.json");
    let of = |split: &str| {
        samples.as_array().unwrap().iter().filter(|sample| sample["split"] == split).count() as u64
    };
    assert_eq!((of("validation"), of("test")), ((*validation_images).min(400), tested.min(400)));
    assert_eq!(samples[0]["split"], "validation", "those on the page come first");
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
    TrainerSpec { batch_divisor: 2, ..spec(&digits(), config) }
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

/// A fork without a change is the run that nobody touched, from there on; one with a change is not, and is exact in itself.
#[test]
fn a_fork_is_the_run_it_came_from_until_a_value_differs() {
    let (folder, kept) = (work(), work());
    let mut trainer = Trainer::start(&tiny(), folder.path(), None);
    trainer.until(|line| matches!(line, TrainerLine::Checkpoint { epoch: 1, .. }));
    let mut first: Vec<PathBuf> = fs::read_dir(folder.path().join("checkpoints"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "safetensors"))
        .collect();
    first.sort();
    let at = kept.path().join("first.safetensors");
    fs::copy(&first[0], &at).unwrap();
    let (code, lines) = trainer.end();
    assert_eq!(code, Some(exit::DONE));
    let mut original = Story::default();
    original.add(&lines);

    let ends = |spec: &TrainerSpec, from: &Path| {
        let folder = work();
        let (code, lines) = Trainer::start(spec, folder.path(), Some(from)).end();
        assert_eq!(code, Some(exit::DONE), "{:?}", lines.last());
        let mut story = Story::default();
        story.add(&lines);
        (story, lines)
    };
    let (same, _) = ends(&tiny(), &at);
    original.epochs.remove(&1);
    assert_eq!(same, original, "to the last bit");

    let mut other = tiny();
    (other.config.learning_rate, other.config.epochs) = (0.0005, 4);
    let (code, lines) = Trainer::start(&other, work().path(), Some(&at)).end();
    let Some(TrainerLine::Failed { class: FailureClass::Config, message, .. }) = lines.last() else {
        panic!("{code:?} {lines:?}")
    };
    assert!(message.contains("another configuration"), "only a fork may have other values: {message}");

    other.checkpoint_config = Some(tiny().config.hash());
    let (changed, _) = ends(&other, &at);
    assert_eq!(changed.epochs.len(), 3);
    assert_ne!(changed.epochs[&2], original.epochs[&2]);
    let folder = work();
    let mut trainer = Trainer::start(&other, folder.path(), Some(&at));
    trainer.until(|line| matches!(line, TrainerLine::Checkpoint { epoch: 2, .. }));
    trainer.signal(Signal::SIGKILL);
    let own = last_checkpoint(&trainer.end().1).0;
    let (resumed, _) = ends(&other, &own);
    assert_eq!(resumed.weights, changed.weights, "its own checkpoints are its own");

    // Whatever number of epochs would have made of the steps, they go on as they were counted.
    let file::TensorFile { mut metadata, tensors } = file::read(&at).unwrap();
    let progress = metadata.get_mut("trainyard_checkpoint").unwrap();
    let mut value: serde_json::Value = serde_json::from_str(progress).unwrap();
    let steps = value["rhythm"]["steps"].as_u64().unwrap();
    value["rhythm"]["steps"] = (steps - 1).into();
    *progress = value.to_string();
    let slower = kept.path().join("slower.safetensors");
    file::write(&slower, &metadata, &tensors).unwrap();
    let (_, lines) = ends(&other, &slower);
    let TrainerLine::Started { resolved, .. } = &lines[0] else { panic!("{:?}", lines[0]) };
    assert_eq!(resolved["steps_per_epoch"], (steps - 1).to_string());
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
    let manifest = trainyard_data::read(&tiny().images).unwrap().manifest;
    let planned = manifest.planned(Task::Classify, &tiny().config.classes, 1).unwrap();
    let mut elsewhere = tiny();
    elsewhere.manifest = folder.path().join("manifest.jsonl");
    planned.write(&mut fs::File::create(&elsewhere.manifest).unwrap()).unwrap();
    let mut changed = planned.clone();
    changed.images.iter_mut().for_each(|image| image.sha256 = "0".repeat(64));
    let other_content = TrainerSpec { manifest: folder.path().join("changed.jsonl"), ..tiny() };
    changed.write(&mut fs::File::create(&other_content.manifest).unwrap()).unwrap();
    elsewhere.images = "/nowhere".into();
    for (spec, code, class, words) in [
        (with(|s| s.config.model = "vgg16".into()), exit::CONFIG, FailureClass::Config, "resnet18"),
        (with(|s| s.config.batch_size = 4000), exit::CONFIG, FailureClass::Config, "at most"),
        (other_weights, exit::CONFIG, FailureClass::Config, "initial"),
        (with(|s| s.manifest = "/nowhere".into()), exit::CONFIG, FailureClass::Config, "/nowhere"),
        (with(|s| s.config.task = Task::Detect), exit::CONFIG, FailureClass::Config, "resnet18"),
        (elsewhere, exit::DATASET, FailureClass::Dataset, "cannot be read"),
        (other_content, exit::DATASET, FailureClass::Dataset, "another file than"),
    ] {
        let (found, lines) = run(&spec, &folder.path().join("work"));
        let Some(TrainerLine::Failed { class: said, message, next_step, because, advice }) = lines.last()
        else {
            panic!("{lines:?}")
        };
        assert_eq!((found, *said), (Some(code), class), "{message}");
        assert!(format!("{message} {next_step}").contains(words), "{words}: {message}; {next_step}");
        assert_eq!((english(because), english(advice)), (message.clone(), next_step.clone()));
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
    let Some(TrainerLine::Failed { class, advice, .. }) = lines.last() else { panic!("{:?}", lines.last()) };
    assert_eq!((code, *class), (Some(exit::INTERNAL), FailureClass::Diverged));
    assert_eq!(*advice, [Advice::LowerRate { from: 10.0, to: 1.0 }]);
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
    let Some(TrainerLine::Finished { best_epoch, stopped_early, because, .. }) = lines.last() else {
        panic!("{lines:?}")
    };
    assert!(*best_epoch < 50 && stopped_early.as_ref().unwrap().contains("did not rise above"));
    assert!(matches!(because[..], [Reason::Ending(Ending::NoImprovement { epochs: 1, .. })]), "{because:?}");
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
