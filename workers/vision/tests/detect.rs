//! A detector from labels to boxes: it learns, stops and goes on, and answers in pixels of the image.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod answers;
mod trainer;

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

use image::{Rgb, RgbImage};
use nix::sys::signal::Signal;
use tempfile::TempDir;
use trainer::{Story, Trainer, detector, is_as_documented, last_checkpoint, run, spec, work};
use trainyard_data::random::Random;
use trainyard_events::TrainingConfig;
use trainyard_events::config::{Augmentation, Task};
use trainyard_events::job::FailureClass;
use trainyard_events::trainer::{TrainerLine, TrainerSpec, exit};
use trainyard_vision::tasks::detect::Boxes;
use trainyard_vision::tasks::find::Finder;
use trainyard_vision::weights::file::read_metadata;
use trainyard_vision::weights::model::card_of;
use trainyard_words::english;

/// A picture of noise with coloured shapes that do not overlap: 0 is a rectangle, 1 a disc.
struct Picture {
    image: RgbImage,
    /// Class, then x1, y1, x2, y2.
    shapes: Vec<(usize, [u32; 4])>,
}

impl Picture {
    fn new(seed: u64, width: u32, height: u32) -> Self {
        let mut random = Random::new(&[seed]);
        let mut image =
            RgbImage::from_fn(width, height, |_, _| Rgb([(); 3].map(|()| random.below(90) as u8)));
        let mut shapes: Vec<(usize, [u32; 4])> = Vec::new();
        for _ in 0..1 + random.below(3) {
            let side = 16 + random.below(20) as u32;
            let (x, y) =
                (random.below((width - side) as usize) as u32, random.below((height - side) as usize) as u32);
            let corners = [x, y, x + side, y + side];
            let apart = |other: &[u32; 4]| {
                corners[2] < other[0]
                    || other[2] < corners[0]
                    || corners[3] < other[1]
                    || other[3] < corners[1]
            };
            if shapes.iter().all(|(_, other)| apart(other)) {
                let class = random.below(2);
                draw(&mut image, class, corners);
                shapes.push((class, corners));
            }
        }
        Picture { image, shapes }
    }

    /// The label file of this picture.
    fn labels(&self) -> String {
        let (width, height) = (f64::from(self.image.width()), f64::from(self.image.height()));
        let line = |(class, [x1, y1, x2, y2]): &(usize, [u32; 4])| {
            let middle = |low: u32, high: u32, length: f64| (f64::from(low) + f64::from(high)) / 2.0 / length;
            let part = |low: u32, high: u32, length: f64| (f64::from(high) - f64::from(low)) / length;
            format!(
                "{class} {} {} {} {}\n",
                middle(*x1, *x2, width),
                middle(*y1, *y2, height),
                part(*x1, *x2, width),
                part(*y1, *y2, height)
            )
        };
        self.shapes.iter().map(line).collect()
    }
}

fn draw(image: &mut RgbImage, class: usize, [x1, y1, x2, y2]: [u32; 4]) {
    let (x, y) = (f64::from(x1 + x2) / 2.0, f64::from(y1 + y2) / 2.0);
    let radius = f64::from(x2 - x1) / 2.0;
    for row in y1..y2 {
        for column in x1..x2 {
            let far = (f64::from(column) + 0.5 - x).hypot(f64::from(row) + 0.5 - y);
            match class {
                0 => image.put_pixel(column, row, Rgb([230, 60, 40])),
                _ if far <= radius => image.put_pixel(column, row, Rgb([40, 200, 240])),
                _ => {}
            }
        }
    }
}

/// A dataset of `train` and `validation` pictures in YOLO's layout.
fn dataset(train: u64, validation: u64) -> TempDir {
    let folder = work();
    let data = [("train", 0..train), ("val", 1_000..1_000 + validation)];
    write_data(folder.path(), &data);
    folder
}

/// Each split with the seeds of its images.
fn write_data(folder: &Path, data: &[(&str, Range<u64>)]) {
    let mut yaml = "names: [rectangle, disc]\n".to_owned();
    for (split, seeds) in data.iter().cloned() {
        yaml += &format!("{split}: images/{split}\n");
        let images = folder.join("images").join(split);
        let labels = folder.join("labels").join(split);
        fs::create_dir_all(&images).unwrap();
        fs::create_dir_all(&labels).unwrap();
        for seed in seeds {
            let picture = Picture::new(seed, 96, 80);
            picture.image.save(images.join(format!("{seed}.png"))).unwrap();
            fs::write(labels.join(format!("{seed}.txt")), picture.labels()).unwrap();
        }
    }
    fs::write(folder.join("data.yaml"), yaml).unwrap();
}

fn finished(lines: &[TrainerLine]) -> (&trainyard_events::results::Measurements, &PathBuf) {
    match lines.last() {
        Some(TrainerLine::Finished { measurements, weights, .. }) => (measurements, weights),
        other => panic!("{other:?}"),
    }
}

/// As drawn for a page: two pixels wide, in the colour of its class. JPEG moves colours a little.
fn boxes_drawn(cell: &RgbImage) -> usize {
    let near = |pixel: &Rgb<u8>, colour: [u8; 3]| {
        pixel.0.iter().zip(colour).all(|(value, wanted)| value.abs_diff(wanted) < 40)
    };
    cell.pixels().filter(|pixel| near(pixel, [255, 225, 77]) || near(pixel, [255, 138, 61])).count()
}

#[test]
fn a_page_shows_what_is_done_to_its_images_and_where_their_boxes_go() {
    let (data, work) = (dataset(6, 2), work());
    let config = TrainingConfig {
        epochs: 1,
        image_size: 96,
        batch_size: 4,
        augmentation: Augmentation::Standard,
        ..detector()
    };
    let (code, lines) = run(&spec(data.path(), config), work.path());
    assert_eq!(code, Some(exit::DONE));
    assert!(matches!(&lines[1], TrainerLine::Artifact { role, .. } if role == "augmented"), "{:?}", lines[1]);
    let page = image::open(work.path().join("augmented.jpg")).unwrap().into_rgb8();
    assert_eq!(page.dimensions(), (2 * 328 + 8, 4 * 328 + 8), "as they are, and in the one epoch");
    let cell = |row: u32, column: u32| {
        image::imageops::crop_imm(&page, column * 328 + 8, row * 328 + 8, 320, 320).to_image()
    };
    for row in 0..4 {
        assert!(boxes_drawn(&cell(row, 0)) > 200, "row {row} as it is");
    }
    let changed: usize = (0..4).map(|row| boxes_drawn(&cell(row, 1))).sum();
    assert!(changed > 200, "boxes go with their images: {changed}");
}

/// Discs and rectangles on noise: from a random start in a minute on one core.
#[test]
fn shapes_are_learned_and_found_in_pixels_of_the_image() {
    let (data, work) = (work(), work());
    write_data(data.path(), &[("train", 0..48), ("val", 1_000..1_012), ("test", 2_000..2_006)]);
    let config = TrainingConfig {
        epochs: 24,
        image_size: 96,
        batch_size: 8,
        augmentation: Augmentation::None,
        ..detector()
    };
    let (code, lines) = run(&spec(data.path(), config), work.path());
    assert_eq!(code, Some(exit::DONE));
    let (measurements, weights) = finished(&lines);
    assert!(measurements["ap50"] >= 0.7, "{measurements:?}");
    for name in ["ap50_95", "ap75", "precision", "recall", "loss", "box_loss", "class_loss", "dfl_loss"] {
        assert!(measurements.contains_key(name), "{name}: {measurements:?}");
    }
    let TrainerLine::Started { resolved, parameters, classes, .. } = &lines[0] else {
        panic!("{:?}", lines[0])
    };
    assert_eq!(classes, &["rectangle", "disc"]);
    assert!(*parameters > 2_500_000);
    for name in ["mosaic", "augmentation", "steps_per_epoch", "ema_decay", "training_boxes"] {
        assert!(resolved.contains_key(name), "{name}: {resolved:?}");
    }
    let TrainerLine::Step(step) = &lines[1] else { panic!("{:?}", lines[1]) };
    assert_eq!(step.losses.keys().collect::<Vec<_>>(), ["box_loss", "class_loss", "dfl_loss", "loss"]);

    let roles: Vec<&str> = lines
        .iter()
        .filter_map(|line| match line {
            TrainerLine::Artifact { role, path } => {
                assert!(path.is_file(), "{role}");
                Some(role.as_str())
            }
            _ => None,
        })
        .collect();
    let expected =
        ["weights", "onnx", "report", "confusion_matrix", "pr_curve", "sample_predictions", "sample_images"];
    assert_eq!(roles, expected);
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&fs::read(work.path().join(name)).unwrap()).unwrap()
    };
    let report = read("report.json");
    assert_eq!(report["classes"][1]["name"], "disc");
    assert!(report["classes"][1]["ap50"].as_f64().unwrap() > 0.5, "{report}");
    assert_eq!(read("confusion_matrix.json")["classes"][2], "background");
    let test = &report["test"];
    assert_eq!(
        (&test["rows"][2], test["confusion_matrix"][2].as_array().unwrap().len()),
        (&"background".into(), 3)
    );
    assert_eq!(test["pr_curve"]["classes"][1]["precision"].as_array().unwrap().len(), 101);
    let samples = read("sample_predictions.json");
    let splits: Vec<&str> =
        samples.as_array().unwrap().iter().map(|sample| sample["split"].as_str().unwrap()).collect();
    assert_eq!(
        splits,
        [["validation"; 12].as_slice(), &["test"; 6]].concat(),
        "all of both, as they are few"
    );
    assert_eq!(read("pr_curve.json")["classes"][0]["precision"].as_array().unwrap().len(), 101);
    for name in ["report.json", "confusion_matrix.json", "pr_curve.json", "sample_predictions.json"] {
        is_as_documented(&work.path().join(name), &format!("detect/{name}"));
    }
    let page = image::open(work.path().join("sample_images.jpg")).unwrap();
    assert_eq!((page.width(), page.height()), (4 * 328 + 8, 3 * 328 + 8), "12 images in rows of four");

    boxes_are_told_in_pixels_of_the_image(weights);
    let card = card_of(&read_metadata(weights).unwrap()).unwrap();
    let few = answers::images(&answers::files(&data.path().join("images/val"), 3), &card.preprocessing);
    let answers =
        answers::agree::<Finder<Boxes>>(weights, &fs::read(work.path().join("model.onnx")).unwrap(), &few);
    assert!(answers[1].max().double_value(&[]) > 0.25, "it is sure of something: {:?}", answers[1].max());
}

/// An upload of another size and shape than the training images: wide, and half of it empty.
fn boxes_are_told_in_pixels_of_the_image(weights: &Path) {
    let folder = work();
    let mut image = RgbImage::from_pixel(288, 144, Rgb([45; 3]));
    let truth = [180, 40, 264, 124];
    draw(&mut image, 0, truth);
    image.save(folder.path().join("wide.png")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_trainyard-vision"))
        .arg("predict")
        .arg("--weights")
        .arg(weights)
        .arg(folder.path().join("wide.png"))
        .output()
        .unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&answer["width"], &answer["height"]), (&288.into(), &144.into()));
    let best = &answer["predictions"][0];
    assert_eq!(best["class"], "rectangle", "{answer}");
    let found: Vec<f64> = serde_json::from_value(best["bbox"].clone()).unwrap();
    for (found, truth) in found.iter().zip(truth) {
        assert!((found - f64::from(truth)).abs() < 20.0, "{answer}, drawn at {truth:?}");
    }
}

#[test]
fn a_run_stopped_and_killed_ends_as_if_never_touched() {
    let data = dataset(30, 6);
    // Planned long, so that several batches are one step and a checkpoint can fall between them; each batch in two
    // parts. So few steps find nothing yet, and patience ends it.
    let config = TrainingConfig { epochs: 400, patience: Some(2), learning_rate: 1e-4, ..detector() };
    let spec = TrainerSpec { batch_divisor: 2, ..spec(data.path(), config) };
    let (quiet, troubled) = (work(), work());
    let mut expected = Story::default();
    let (code, lines) = run(&spec, quiet.path());
    assert_eq!(code, Some(exit::DONE));
    let TrainerLine::Started { resolved, .. } = &lines[0] else { panic!("{:?}", lines[0]) };
    assert_eq!((resolved["batches_per_epoch"].as_str(), resolved["steps_per_epoch"].as_str()), ("8", "3"));
    expected.add(&lines);

    let mut found = Story::default();
    let mut trainer = Trainer::start(&spec, troubled.path(), None);
    trainer.until(|line| matches!(line, TrainerLine::Step(_)));
    trainer.signal(Signal::SIGTERM);
    let (code, lines) = trainer.end();
    assert_eq!(code, Some(exit::PREEMPTED));
    let (path, epoch, _) = last_checkpoint(&lines);
    assert_eq!(epoch, 0);
    found.add(&lines);

    let mut trainer = Trainer::start(&spec, troubled.path(), Some(&path));
    trainer.until(|line| matches!(line, TrainerLine::Checkpoint { epoch: 1, .. }));
    trainer.until(|line| matches!(line, TrainerLine::Step(_) | TrainerLine::Epoch { .. }));
    trainer.signal(Signal::SIGKILL);
    let (code, lines) = trainer.end();
    assert_eq!(code, None);
    found.add(&lines);

    let (code, lines) = Trainer::start(&spec, troubled.path(), Some(&last_checkpoint(&lines).0)).end();
    assert_eq!(code, Some(exit::DONE));
    found.add(&lines);
    assert_eq!(found, expected);
}

#[test]
fn odd_sets_train_and_impossible_ones_are_refused() {
    let data = dataset(5, 2);
    let labels = data.path().join("labels/train");
    // One image without boxes, a class that only validation has, and a batch larger than the set.
    fs::write(labels.join("0.txt"), "").unwrap();
    for seed in 1..5 {
        let text = fs::read_to_string(labels.join(format!("{seed}.txt"))).unwrap();
        let rectangles: Vec<String> = text.lines().map(|line| format!("0{}", &line[1..])).collect();
        fs::write(labels.join(format!("{seed}.txt")), rectangles.join("\n")).unwrap();
    }
    let folder = work();
    let odd = spec(data.path(), TrainingConfig { epochs: 1, batch_size: 64, ..detector() });
    let (code, lines) = run(&odd, &folder.path().join("odd"));
    assert_eq!(code, Some(exit::DONE), "{:?}", lines.last());
    let TrainerLine::Started { resolved, .. } = &lines[0] else { panic!("{:?}", lines[0]) };
    assert_eq!(resolved["classes_without_boxes"], "disc");
    assert!(resolved["images_of_a_batch"].starts_with('5'), "{resolved:?}");
    let (_, weights) = finished(&lines);

    // One class only, from weights for two: the head starts fresh, the rest does not.
    let mut one =
        spec(data.path(), TrainingConfig { epochs: 1, classes: vec!["rectangle".into()], ..detector() });
    one.config.initial_weights = Some("odd".to_owned());
    one.initial_weights = Some(weights.clone());
    let (code, lines) = run(&one, &folder.path().join("one"));
    assert_eq!(code, Some(exit::DONE), "{:?}", lines.last());
    let TrainerLine::Started { resolved, .. } = &lines[0] else { panic!("{:?}", lines[0]) };
    assert!(resolved["initial_weights"].contains("head replaced"), "{resolved:?}");
    let card = card_of(&read_metadata(finished(&lines).1).unwrap()).unwrap();
    assert_eq!((card.task, card.classes), (Task::Detect, vec!["rectangle".to_owned()]));

    for (change, class, words) in [
        (TrainingConfig { image_size: 100, ..detector() }, FailureClass::Config, "96 or 128"),
        (TrainingConfig { model: "resnet18".into(), ..detector() }, FailureClass::Config, "yolo11n"),
        (
            TrainingConfig { classes: vec!["disc".into()], ..detector() },
            FailureClass::Dataset,
            "no training image",
        ),
    ] {
        let (_, lines) = run(&spec(data.path(), change), &folder.path().join("refused"));
        let Some(TrainerLine::Failed { class: said, message, next_step, because, advice }) = lines.last()
        else {
            panic!("{lines:?}")
        };
        assert_eq!(*said, class, "{message}");
        assert!(format!("{message} {next_step}").contains(words), "{words}: {message}; {next_step}");
        assert_eq!((english(because), english(advice)), (message.clone(), next_step.clone()));
    }
}
