//! Datasets with boxes as people really have them, good and bad, and what `inspect` says about them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use image::{Rgb, RgbImage};
use serde_json::{Value, json};
use tempfile::TempDir;
use trainyard_data::inspect::{draw, inspect};
use trainyard_data::manifest::{Image, Split};
use trainyard_data::read;
use trainyard_events::config::Task;
use trainyard_events::dataset::{BoxProfile, DatasetProfile, FileProblem, SplitCounts};
use trainyard_events::limits::REPORTED_FILES;
use trainyard_events::reason::LabelFormat;
use trainyard_events::trainer::Inspection;
use trainyard_words::english;

fn write(root: &Path, path: &str, text: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// 100 x 80 pixels whose content depends on the path.
fn png(root: &Path, path: &str) {
    sized_png(root, path, 100, 80);
}

fn sized_png(root: &Path, path: &str, width: u32, height: u32) {
    let seed = path.bytes().fold(7u32, |sum, byte| sum.wrapping_mul(31) + u32::from(byte));
    let image = RgbImage::from_fn(width, height, |x, y| {
        let cell = seed.wrapping_mul(2 * (x / 12 * 31 + y / 10 * 17) + 1).wrapping_mul(0x9e37_79b9);
        Rgb([(cell >> 24) as u8, y as u8, (seed >> 9) as u8])
    });
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    image.save(path).unwrap();
}

/// `train` and `val` images with one box of class 0 and one of class 1 each, and a data.yaml.
fn yolo(train: usize, val: usize) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (split, count) in [("train", train), ("val", val)] {
        for index in 0..count {
            png(root.path(), &format!("images/{split}/{index}.png"));
            let boxes = "0 0.5 0.5 0.2 0.25\n1 0.25 0.75 0.1 0.1\n";
            write(root.path(), &format!("labels/{split}/{index}.txt"), boxes);
        }
    }
    write(root.path(), "data.yaml", "train: images/train\nval: images/val\nnc: 2\nnames: [cat, dog]\n");
    root
}

fn good(root: &Path) -> DatasetProfile {
    match inspect(root).verdict {
        Inspection::Good { profile } => {
            for file in profile.skipped.iter().chain(&profile.noted) {
                assert!(english(&file.flaws).starts_with(file.problem.trim_end_matches("...")), "{file:?}");
            }
            *profile
        }
        bad => panic!("{bad:?}"),
    }
}

fn bad(root: &Path) -> (String, String, Vec<FileProblem>) {
    match inspect(root).verdict {
        Inspection::Bad { problem, next_step, report, .. } => {
            assert!(next_step.len() > 10, "{next_step}");
            (problem, next_step, report)
        }
        good => panic!("{good:?}"),
    }
}

/// An image with its boxes as corners.
struct Scene {
    path: String,
    width: u32,
    height: u32,
    boxes: Vec<Box>,
}

struct Box {
    class: usize,
    corners: [f32; 4],
    crowd: bool,
}

fn scenes(root: &Path) -> Vec<(Scene, Split)> {
    let scene = |image: Image| {
        let boxes = image.labels.iter().filter_map(|label| {
            let [x, y, width, height] = label.bounds?.map(|side| side as f32);
            Some(Box { class: label.class, corners: [x, y, x + width, y + height], crowd: label.crowd })
        });
        let boxes = boxes.collect();
        (Scene { path: image.name, width: image.width, height: image.height, boxes }, image.split)
    };
    read(root).unwrap().manifest.images.into_iter().map(scene).collect()
}

fn names(profile: &DatasetProfile) -> Vec<&str> {
    profile.classes.iter().map(|class| class.name.as_str()).collect()
}

/// The one place where a path and words about it stand together.
fn said(files: &[FileProblem], path: &str, words: &str) {
    let found = files.iter().any(|file| file.path.contains(path) && file.problem.contains(words));
    assert!(found, "{path}: {words}: {files:?}");
}

#[test]
fn a_good_yolo_folder_has_a_profile() {
    let root = yolo(10, 4);
    let profile = good(root.path());
    assert_eq!((profile.format, profile.task, profile.split), (LabelFormat::Yolo, Task::Detect, true));
    assert_eq!(profile.images, SplitCounts { train: 10, validation: 4, test: 0 });
    assert_eq!(names(&profile), ["cat", "dog"]);
    assert_eq!((profile.classes[1].objects, profile.classes[1].images.validation), (14, 4));
    assert_eq!((profile.width, profile.height), ([100; 3], [80; 3]));
    assert_eq!(
        profile.boxes,
        Some(BoxProfile {
            objects: 28,
            crowds: 0,
            small: 28,
            medium: 0,
            large: 0,
            per_image: [2; 3],
            background: 0
        })
    );
    assert_eq!(profile.skipped, []);
    assert_eq!(profile.noted, []);
    assert_eq!(profile.warnings.len(), 1, "{:?}", profile.warnings);
    assert!(profile.warnings[0].starts_with("100 % of the objects are smaller than 32 x 32"));
    let (scene, split) = &scenes(root.path())[0];
    assert_eq!((scene.path.as_str(), *split), ("images/train/0.png", Split::Train));
    assert_eq!(scene.boxes[0].corners, [40.0, 30.0, 60.0, 50.0]);
    assert_eq!(scene.boxes[1].corners, [20.0, 56.0, 30.0, 64.0]);
}

#[test]
fn the_content_hash_changes_with_a_label() {
    let root = yolo(3, 2);
    let before = good(root.path()).content_hash;
    assert_eq!(before, good(root.path()).content_hash);
    write(root.path(), "labels/val/1.txt", "0 0.5 0.5 0.2 0.3\n");
    assert_ne!(before, good(root.path()).content_hash);
}

#[test]
fn yaml_names_splits_and_classes_in_many_ways() {
    let root = yolo(4, 2);
    let absolute = root.path().canonicalize().unwrap();
    write(root.path(), "train.txt", "./images/train/0.png\nimages/train/1.png\n\n./images/train/2.png\n");
    write(root.path(), "val.txt", format!("{}/images/val/0.png\n", absolute.display()));
    let names_map = "names:\n  1: dog\n  0: cat\n";
    for (yaml, counts) in [
        (format!("train: train.txt\nval: val.txt\n{names_map}"), [3, 1]),
        (format!("path: {}\ntrain: images/train\nval: images/val\n{names_map}", absolute.display()), [4, 2]),
        (format!("train: {0}/images/train\nval: {0}/images/val\n{names_map}", absolute.display()), [4, 2]),
        (format!("path: images\ntrain: train\nval: [val]\ntest:\n{names_map}"), [4, 2]),
        ("train: [images/train, images/val]\nval: images/val\nnames: [7, yes]\n".to_owned(), [6, 0]),
    ] {
        write(root.path(), "data.yaml", &yaml);
        let profile = good(root.path());
        assert_eq!([profile.images.train, profile.images.validation], counts, "{yaml}");
        assert!(
            !profile.warnings.iter().any(|warning| warning.contains("data.yaml")),
            "{:?}",
            profile.warnings
        );
    }
    assert_eq!(names(&good(root.path())), ["7", "yes"]);
    // As downloaded sets have them: from another machine, or relative to a folder that is not there.
    for yaml in [
        "path: /home/someone/pets\ntrain: images/train\nval: images/val\nnames: [cat, dog]\n",
        "train: ../images/train\nval: ../images/val\nnames: [cat, dog]\n",
        "train: /home/someone/pets/images/train\nval: /home/someone/pets/images/val\nnames: [cat, dog]\n",
    ] {
        write(root.path(), "data.yaml", yaml);
        let profile = good(root.path());
        assert_eq!([profile.images.train, profile.images.validation], [4, 2], "{yaml}");
        let taken =
            |warning: &String| warning.contains("taken as") || warning.contains("not in this dataset");
        assert!(profile.warnings.iter().any(taken), "{:?}", profile.warnings);
    }
}

#[test]
fn a_description_may_lie_one_folder_down_and_go_by_another_name() {
    let inner = yolo(4, 2);
    let root = tempfile::tempdir().unwrap();
    fs::rename(inner.path(), root.path().join("pets")).unwrap();
    fs::rename(root.path().join("pets/data.yaml"), root.path().join("pets/pets.yaml")).unwrap();
    write(root.path(), "compose.yaml", "services: {}\n");
    let profile = good(root.path());
    assert_eq!((names(&profile), profile.images.train), (vec!["cat", "dog"], 4));
    fs::create_dir(inner.path()).unwrap();
}

#[test]
fn a_yaml_that_cannot_be_followed_is_refused() {
    let root = yolo(3, 2);
    for (yaml, words) in [
        ("train: images/train\nval: images/nowhere\nnames: [cat, dog]", "images/nowhere"),
        ("train: ../../../../etc\nval: images/val\nnames: [cat, dog]", "etc"),
        ("train: images/train\nval: images/val\nnc: 3\nnames: [cat, dog]", "nc: 3, but names 2"),
        ("train: images/train\nval: images/val\nnames: {0: cat, 2: dog}", "none with the number 1"),
        ("train: images/train\nval: images/val\nnames: [cat, cat]", "both called \"cat\""),
        ("train: images/train\nval: images/val\nnames: [cat, '']", "0 characters"),
        ("train: images/train\nval: images/val\nnames: []", "names no class"),
        ("val: images/val\nnames: [cat, dog]", "none to train on"),
        ("train: [images/train\nval: images/val", "not a description"),
        ("names: &a [*a, *a]", "not a description"),
        ("train: {a: b}\nnames: [cat]", "not a description"),
        (
            &format!("train: images/train\nnames: {}1{}", "[".repeat(20_000), "]".repeat(20_000)),
            "not a description",
        ),
    ] {
        write(root.path(), "data.yaml", yaml);
        let (problem, ..) = bad(root.path());
        assert!(problem.contains(words), "{words}: {problem}");
    }
    write(root.path(), "data.yaml", vec![b' '; 2 << 20]);
    assert!(bad(root.path()).0.contains("larger than 1 MiB"));
    write(root.path(), "data.yaml", [0xff, 0x81, 0x00]);
    assert!(bad(root.path()).0.contains("not text"));
}

/// Its parser takes minutes over this, which is within its size.
#[test]
fn a_yaml_that_opens_brackets_without_end_is_refused_at_once() {
    let root = yolo(2, 1);
    for endless in ["[".repeat(900_000), "{".repeat(900_000), "a: *b\n".repeat(100_000)] {
        write(root.path(), "data.yaml", endless);
        assert!(bad(root.path()).0.contains("not a description"));
    }
}

#[test]
fn entities_of_yaml_do_not_grow_without_bound() {
    let root = yolo(2, 1);
    let mut yaml = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..30 {
        let last = format!("*a{}", level - 1);
        yaml += &format!("a{level}: &a{level} [{}]\n", vec![last; 10].join(","));
    }
    write(root.path(), "data.yaml", yaml + "names: *a29\n");
    assert!(bad(root.path()).0.contains("not a description"));
}

#[test]
fn a_report_stays_small_whatever_a_file_holds() {
    let root = yolo(3, 2);
    write(root.path(), "labels/train/0.txt", "x".repeat(5_000_000));
    let (.., report) = bad(root.path());
    assert!(report[0].problem.chars().count() < 700);
    write(
        root.path(),
        "data.yaml",
        format!("train: images/train\nval: {}\nnames: [cat, dog]", "x".repeat(100_000)),
    );
    assert!(bad(root.path()).0.chars().count() < 700);
}

#[test]
fn classes_that_disagree_with_the_labels_are_refused_and_say_so() {
    let root = yolo(10, 4);
    write(root.path(), "data.yaml", "train: images/train\nval: images/val\nnames: [cat]\n");
    let (problem, _, report) = bad(root.path());
    assert!(problem.contains("14 of 14 files") && problem.contains("5 %"), "{problem}");
    said(&report, "labels/train/0.txt", "line 2: there is no class 1: 1 are named, counted from 0");
}

#[test]
fn a_few_bad_labels_are_left_out_and_named() {
    let root = yolo(190, 10);
    let label = |index: usize, text: &str| write(root.path(), &format!("labels/train/{index}.txt"), text);
    label(0, "0 nan 0.5 0.2 0.2\n");
    label(1, &"0 0.5 0.5 0.1 0.1\n".repeat(10_000));
    label(2, "7 0.5 0.5 0.1 0.1\n");
    label(3, "0 50 40 20 20\n");
    write(root.path(), "labels/train/4.txt", [0xff, 0x81, 0]);
    sized_png(root.path(), "images/train/5.png", 1, 1);
    write(root.path(), "images/train/6.png", "not an image");
    write(root.path(), "labels/train/nobody.txt", "0 0.5 0.5 0.1 0.1\n");
    symlink("/etc/hostname", root.path().join("labels/val/link.txt")).unwrap();
    let profile = good(root.path());
    for (path, words) in [
        ("labels/train/0.txt", "line 1: \"nan\" is not a number"),
        ("labels/train/1.txt", "more than 5000 boxes"),
        ("labels/train/2.txt", "no class 7"),
        ("labels/train/3.txt", "parts of the image's sides"),
        ("labels/train/4.txt", "not text"),
        ("images/train/5.png", "1 x 1 pixels"),
        ("images/train/6.png", "holds text"),
        ("labels/train/nobody.txt", "its image is not there"),
        ("labels/val/link.txt", "outside the dataset"),
    ] {
        said(&profile.skipped, path, words);
    }
    assert_eq!((profile.skipped.len(), profile.images.train), (9, 183));
    assert!(profile.warnings.iter().any(|warning| warning.contains("9 files are left out")));
}

#[test]
fn many_bad_labels_are_a_refusal_with_a_report() {
    let root = yolo(100, 10);
    for index in 0..60 {
        write(root.path(), &format!("labels/train/{index}.txt"), "0 0.5 nan 0.1 0.1\n");
    }
    let (problem, _, report) = bad(root.path());
    assert!(problem.contains("60 of 110 files"), "{problem}");
    assert_eq!(report.len(), REPORTED_FILES);
}

#[test]
fn odd_boxes_are_mended_and_noted() {
    let root = yolo(60, 4);
    let label = |index: usize, text: &str| write(root.path(), &format!("labels/train/{index}.txt"), text);
    label(0, "0 0.95 0.5 0.3 0.2\n");
    label(1, "0 0.5 0.5 0.2 0.2\n0 0.5 0.5 0.0 0.2\n");
    label(2, "0 0.5 0.5 0.2 0.2\n0 0.5 0.5 0.2 0.2\n");
    label(3, "0 0.5 0.5 0.2 0.2\n0 1.5 0.5 0.1 0.2\n");
    fs::copy(root.path().join("images/train/4.png"), root.path().join("images/val/copy.png")).unwrap();
    fs::copy(root.path().join("images/train/5.png"), root.path().join("images/train/again.png")).unwrap();
    let profile = good(root.path());
    said(
        &profile.noted,
        "images/train/0.png",
        "line 1 of labels/train/0.txt reaches out of the image and is cut",
    );
    said(&profile.noted, "images/train/1.png", "has no area and is left out");
    said(&profile.noted, "images/train/2.png", "1 of its boxes are there twice");
    said(&profile.noted, "images/train/3.png", "less than a pixel inside");
    said(&profile.noted, "images/val/copy.png", "the same image as images/train/4.png");
    let warnings = profile.warnings.join("\n");
    for words in [
        "1 boxes reach out",
        "2 boxes have no area",
        "1 boxes are there twice",
        "1 images are in training and in validation",
        "2 images are there twice with other boxes",
        "2 images have no label and count as background",
    ] {
        assert!(warnings.contains(words), "{words}: {warnings}");
    }
    assert_eq!(profile.boxes.unwrap().background, 2);
    let scenes = scenes(root.path());
    let of = |path: &str| &scenes.iter().find(|(scene, _)| scene.path == path).unwrap().0.boxes;
    assert_eq!(of("images/train/0.png")[0].corners, [80.0, 32.0, 100.0, 48.0]);
    assert_eq!((of("images/train/1.png").len(), of("images/train/2.png").len()), (1, 1));
}

#[test]
fn a_set_without_boxes_is_refused() {
    let root = yolo(10, 4);
    let empty = |split: &str, count: usize| {
        (0..count).for_each(|index| write(root.path(), &format!("labels/{split}/{index}.txt"), ""));
    };
    empty("val", 4);
    assert!(bad(root.path()).0.contains("no image to validate on has a box"));
    empty("train", 10);
    assert!(bad(root.path()).0.contains("none of the 14 images has a box"));
    fs::remove_dir_all(root.path().join("labels")).unwrap();
    assert!(bad(root.path()).0.contains("none of the 14 images has a box"));
    fs::remove_file(root.path().join("data.yaml")).unwrap();
    let (problem, ..) = bad(root.path());
    for words in ["the 14 images", "data.yaml", "*.json", "*.xml"] {
        assert!(problem.contains(words), "{problem}");
    }
    // Boxes of no size are not boxes.
    for index in 0..10 {
        write(root.path(), &format!("labels/train/{index}.txt"), "0 0.5 0.5 0 0\n");
    }
    assert!(bad(root.path()).0.contains("10 of 10 boxes have no area"));
}

#[test]
fn a_folder_without_a_description_is_read_by_its_folders() {
    let root = yolo(6, 2);
    fs::remove_file(root.path().join("data.yaml")).unwrap();
    let profile = good(root.path());
    assert_eq!(profile.images, SplitCounts { train: 6, validation: 2, test: 0 });
    assert_eq!(names(&profile), ["class 0", "class 1"]);
    write(root.path(), "labels/classes.txt", "cat\ndog\nowl\n");
    let profile = good(root.path());
    assert_eq!(names(&profile), ["cat", "dog", "owl"]);
    assert!(profile.warnings.iter().any(|warning| warning == "1 classes have no object: owl"));

    let flat = tempfile::tempdir().unwrap();
    for index in 0..5 {
        png(flat.path(), &format!("{index}.png"));
        write(flat.path(), &format!("{index}.txt"), "0 0.5 0.5 0.2 0.2");
    }
    let profile = good(flat.path());
    assert_eq!((profile.images.train, profile.split), (5, false));

    let lone = tempfile::tempdir().unwrap();
    png(lone.path(), "images/1.png");
    png(lone.path(), "images/2.png");
    write(lone.path(), "labels/1.txt", "0 0.5 0.5 0.2 0.2");
    assert!(bad(lone.path()).0.contains("only one image has boxes"));
}

#[test]
fn turned_images_are_noted_and_their_boxes_lie_upright() {
    let root = yolo(30, 2);
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/orientation6.jpg");
    fs::copy(fixture, root.path().join("images/train/turned.jpg")).unwrap();
    write(root.path(), "labels/train/turned.txt", "0 0.5 0.5 0.5 0.5\n");
    let profile = good(root.path());
    said(&profile.noted, "turned.jpg", "EXIF orientation");
    assert!(profile.warnings.iter().any(|warning| warning.starts_with("1 images are turned by their EXIF")));
    let scenes = scenes(root.path());
    let turned = &scenes.iter().find(|(scene, _)| scene.path.ends_with("turned.jpg")).unwrap().0;
    assert_eq!((turned.width, turned.height, turned.boxes[0].corners), (32, 24, [8.0, 6.0, 24.0, 18.0]));
}

/// Three images, sparse categories, one crowd.
fn coco() -> Value {
    json!({
        "info": { "year": 2026 },
        "images": [
            { "id": 10, "file_name": "1.png", "width": 100, "height": 80 },
            { "id": 20, "file_name": "2.png", "width": 100, "height": 80 },
            { "id": 30, "file_name": "3.png", "width": 100, "height": 80 },
        ],
        "annotations": [
            { "id": 1, "image_id": 10, "category_id": 90, "bbox": [10, 20, 30.5, 40], "area": 900, "iscrowd": 0 },
            { "id": 2, "image_id": 10, "category_id": 3, "bbox": [0, 0, 50, 50], "iscrowd": 1,
              "segmentation": { "counts": [1, 2, 7997], "size": [80, 100] } },
            { "id": 3, "image_id": 20, "category_id": 3, "bbox": [5, 5, 60, 60], "segmentation": [[1, 2, 3, 4, 5, 6]] },
        ],
        "categories": [{ "id": 90, "name": "toothbrush" }, { "id": 3, "name": "car" }],
    })
}

fn coco_folder(file: &str, content: &Value) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for index in 1..=3 {
        png(root.path(), &format!("images/{index}.png"));
    }
    write(root.path(), file, content.to_string());
    root
}

#[test]
fn coco_with_crowds_and_sparse_categories() {
    let root = coco_folder("annotations/instances.json", &coco());
    write(
        root.path(),
        "annotations/captions.json",
        r#"{"images": [], "annotations": [{"caption": "a car"}]}"#,
    );
    let profile = good(root.path());
    assert_eq!((profile.format, names(&profile)), (LabelFormat::Coco, vec!["car", "toothbrush"]));
    let boxes = profile.boxes.unwrap();
    assert_eq!((boxes.objects, boxes.crowds, boxes.background), (2, 1, 1));
    assert_eq!((profile.classes[0].objects, profile.classes[0].images.train), (1, 1));
    assert!(profile.warnings.contains(&"1 images have no label and count as background".to_owned()));
    let scenes = scenes(root.path());
    assert_eq!(scenes[0].0.boxes[0].corners, [10.0, 20.0, 40.5, 60.0]);
    assert_eq!((scenes[0].0.boxes[0].class, scenes[0].0.boxes[1].crowd), (1, true));
}

#[test]
fn coco_splits_by_the_names_of_files_or_folders() {
    let root = coco_folder("annotations/instances_train2017.json", &coco());
    let mut val = coco();
    val["images"] = json!([{ "id": 10, "file_name": "9.png", "width": 100, "height": 80 }]);
    val["annotations"] = json!([{ "id": 1, "image_id": 10, "category_id": 3, "bbox": [1, 1, 20, 20] }]);
    write(root.path(), "annotations/instances_val2017.json", val.to_string());
    png(root.path(), "val2017/9.png");
    let profile = good(root.path());
    assert_eq!((profile.split, profile.images.train, profile.images.validation), (true, 3, 1));

    let exported = tempfile::tempdir().unwrap();
    for (split, index) in [("train", 1), ("train", 2), ("train", 3), ("valid", 9)] {
        png(exported.path(), &format!("{split}/{index}.png"));
    }
    write(exported.path(), "train/_annotations.coco.json", coco().to_string());
    write(exported.path(), "valid/_annotations.coco.json", val.to_string());
    let profile = good(exported.path());
    assert_eq!((profile.split, profile.images.train, profile.images.validation), (true, 3, 1));
    val["categories"][0]["name"] = json!("comb");
    write(exported.path(), "valid/_annotations.coco.json", val.to_string());
    assert!(bad(exported.path()).0.contains("category 90 is \"toothbrush\" in one place"));
}

#[test]
fn coco_without_its_categories() {
    let mut content = coco();
    content["categories"] = json!([]);
    let profile = good(coco_folder("all.json", &content).path());
    assert_eq!(names(&profile), ["category 3", "category 90"]);
    assert!(profile.warnings.iter().any(|warning| warning.contains("nothing names the categories")));
    content["categories"] = json!([{ "id": 3, "name": "car" }]);
    let (problem, _, report) = bad(coco_folder("all.json", &content).path());
    assert!(problem.contains("1 of 3 files"), "{problem}");
    said(&report, "1.png", "annotation 1 in all.json of category 90, which is not in the list");
}

#[test]
fn coco_that_does_not_agree_with_its_images() {
    for (change, path, words) in [
        (
            json!({ "image_id": 77, "category_id": 3, "bbox": [1, 1, 9, 9] }),
            "all.json",
            "1 annotations of images that it does not list",
        ),
        (json!({ "image_id": 30, "category_id": 3, "bbox": [1, 1, 9] }), "3.png", "not four numbers"),
        (json!({ "image_id": 30, "category_id": 3, "bbox": [1, null, 9, 9] }), "3.png", "not four numbers"),
    ] {
        let mut content = coco();
        content["annotations"].as_array_mut().unwrap().push(change);
        let (.., report) = bad(coco_folder("all.json", &content).path());
        said(&report, path, words);
    }
    for (image, path, words) in [
        (json!({ "id": 40, "file_name": "gone.png" }), "gone.png", "is not in the dataset"),
        (json!({ "id": 40, "file_name": "../../../../etc/passwd" }), "passwd", "is not in the dataset"),
        (json!({ "id": 40, "file_name": "/etc/passwd" }), "passwd", "is not in the dataset"),
    ] {
        let mut content = coco();
        content["images"].as_array_mut().unwrap().push(image);
        let (.., report) = bad(coco_folder("all.json", &content).path());
        said(&report, path, words);
    }
    let mut content = coco();
    content["images"][2]["file_name"] = json!("1.png");
    let (.., report) = bad(coco_folder("all.json", &content).path());
    said(&report, "1.png", "is labelled twice, with other boxes");
    let mut content = coco();
    content["images"][0]["width"] = json!(640);
    let (.., report) = bad(coco_folder("all.json", &content).path());
    said(&report, "1.png", "its label says 640 x 80: its boxes are of another image");
}

#[test]
fn json_that_is_none_says_where() {
    let root = coco_folder("all.json", &coco());
    let text = coco().to_string().replace("30.5", "NaN");
    write(root.path(), "all.json", &text);
    let (problem, ..) = bad(root.path());
    assert!(problem.contains("all.json is not JSON, where NaN") && problem.contains("column"), "{problem}");
    let whole = coco().to_string();
    write(root.path(), "all.json", &whole[..whole.len() / 2]);
    assert!(bad(root.path()).0.contains("all.json is not JSON"));
    write(root.path(), "all.json", r#"{"annotations": []}"#);
    assert!(bad(root.path()).0.contains("none of the 3 images") || bad(root.path()).0.contains("3 images"));
    write(root.path(), "all.json", format!("{{\"images\": {}", "[".repeat(100_000)));
    assert!(bad(root.path()).0.contains("all.json is not JSON"));
}

/// An annotation with one object.
fn sheet(file_name: &str, class: &str, corners: [i32; 4], size: [u32; 2]) -> String {
    let [x1, y1, x2, y2] = corners;
    format!(
        "<annotation><filename>{file_name}</filename><size><width>{}</width><height>{}</height></size>\
         <object><name>{class}</name><bndbox><xmin>{x1}</xmin><ymin>{y1}</ymin><xmax>{x2}</xmax><ymax>{y2}</ymax>\
         </bndbox></object></annotation>",
        size[0], size[1]
    )
}

#[test]
fn voc_with_and_without_image_sets() {
    let root = tempfile::tempdir().unwrap();
    for index in 0..6 {
        png(root.path(), &format!("VOC/JPEGImages/{index}.png"));
        let class = if index % 2 == 0 { "tree" } else { "bush" };
        let text = sheet(&format!("{index}.jpg"), class, [10, 20, 50, 60], [100, 80]);
        write(root.path(), &format!("VOC/Annotations/{index}.xml"), text);
    }
    let profile = good(root.path());
    assert_eq!((profile.format, names(&profile)), (LabelFormat::PascalVoc, vec!["bush", "tree"]));
    assert_eq!((profile.split, profile.images.train), (false, 6));
    assert_eq!(scenes(root.path())[0].0.boxes[0].corners, [9.0, 19.0, 50.0, 60.0], "pixels count from 1");

    write(root.path(), "VOC/ImageSets/Main/train.txt", "0\n1\n2\n");
    write(root.path(), "VOC/ImageSets/Main/val.txt", "3 -1\n4  1\n");
    let profile = good(root.path());
    assert_eq!(profile.images, SplitCounts { train: 3, validation: 2, test: 0 });
    assert!(profile.warnings.iter().any(|warning| warning.contains("1 labels are of images in no split")));
}

/// A box that begins at 0 tells that none of them counts pixels from 1.
#[test]
fn voc_whose_tool_counts_from_0() {
    let root = tempfile::tempdir().unwrap();
    for (index, left) in [(1, 0), (2, 10), (3, 10)] {
        png(root.path(), &format!("{index}.png"));
        let text = sheet(&format!("{index}.png"), "tree", [left, 20, 50, 60], [100, 80]);
        write(root.path(), &format!("{index}.xml"), text);
    }
    assert_eq!(scenes(root.path())[1].0.boxes[0].corners, [10.0, 20.0, 50.0, 60.0]);
}

#[test]
fn voc_beside_its_images_and_what_is_wrong_with_it() {
    let root = tempfile::tempdir().unwrap();
    for index in 0..100 {
        png(root.path(), &format!("{index}.png"));
        let text = sheet(&format!("{index}.png"), "tree", [10, 20, 50, 60], [100, 80]);
        write(root.path(), &format!("{index}.xml"), text);
    }
    assert_eq!(good(root.path()).images.train, 100);
    write(root.path(), "0.xml", "<annotation><object><name>tree</name>");
    write(root.path(), "1.xml", sheet("1.png", "tree", [10, 20, 50, 60], [80, 100]));
    write(
        root.path(),
        "2.xml",
        sheet("2.png", "tree", [10, 20, 50, 60], [100, 80]).replace("<xmin>10", "<xmin>nan"),
    );
    write(root.path(), "gone.xml", sheet("gone.png", "tree", [10, 20, 50, 60], [100, 80]));
    write(root.path(), "3.xml", sheet("3.png", "tree", [50, 20, 10, 60], [100, 80]));
    fs::remove_file(root.path().join("4.xml")).unwrap();
    let profile = good(root.path());
    said(&profile.skipped, "0.xml", "not readable XML");
    said(&profile.skipped, "1.png", "its label says 80 x 100");
    said(&profile.skipped, "2.xml", "\"nan\" as xmin");
    said(&profile.skipped, "gone.xml", "its image is not there");
    said(&profile.noted, "3.png", "object 1 of 3.xml has no area");
    assert_eq!((profile.skipped.len(), profile.boxes.unwrap().background), (4, 2));
}

#[test]
fn the_trees_can_be_trained_on() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/data/trees");
    let profile = good(&root);
    assert_eq!((profile.images.train, profile.images.validation, profile.split), (98, 20, true));
    assert_eq!((names(&profile), profile.classes[0].objects), (vec!["tree"], 1714));
    assert_eq!((profile.skipped.len(), profile.noted.len(), profile.grey), (0, 0, false));
    assert_eq!((profile.width, profile.height), ([320; 3], [320; 3]));
}

#[test]
fn a_page_of_samples_tells_its_boxes_in_pixels_of_the_images() {
    let root = yolo(3, 1);
    let to = root.path().with_extension("samples");
    draw(&inspect(root.path()).dataset.unwrap(), &to);
    let labels: Value = serde_json::from_slice(&fs::read(to.join("samples.json")).unwrap()).unwrap();
    let page = image::open(to.join("samples.jpg")).unwrap().into_rgb8();
    fs::remove_dir_all(&to).unwrap();
    let images = labels["images"].as_array().unwrap();
    assert_eq!((images.len(), &labels["classes"]), (4, &json!(["cat", "dog"])));
    let of = |split: &str| images.iter().filter(|image| image["split"] == split).count();
    assert_eq!((of("train"), of("validation"), &images[3]["objects"]), (3, 1, &json!(2)));
    assert_eq!(
        images[0]["boxes"][0],
        json!({ "class": "cat", "bbox": [40.0, 30.0, 60.0, 50.0], "crowd": false })
    );
    let place: [u32; 4] = serde_json::from_value(images[3]["place"].clone()).unwrap();
    assert!(place[0] + place[2] <= page.width() && place[1] + place[3] <= page.height());
    assert_eq!((place[2], place[3]), (300, 240), "100 x 80 pixels, three times");

    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/dataset/samples.json");
    let golden: Value = serde_json::from_slice(&fs::read(golden).unwrap()).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&labels), keys(&golden));
    assert_eq!(keys(&images[0]), keys(&golden["images"][0]));
    assert_eq!(keys(&images[0]["boxes"][0]), keys(&golden["images"][0]["boxes"][0]));
}

#[test]
fn an_image_with_very_many_boxes_keeps_profile_and_samples_small() {
    let root = yolo(40, 4);
    let crowded = |boxes: usize| {
        let label = |index: usize| format!("{} 0.{:03} 0.5 0.02 0.1\n", index % 2, 100 + index % 800);
        (0..boxes).map(label).collect::<String>()
    };
    // No two boxes are the same: those count once.
    let distinct: String =
        (0..5_000).map(|index| format!("0 0.{:05} 0.5 0.02 0.1\n", 10_000 + index)).collect();
    write(root.path(), "labels/train/0.txt", distinct);
    write(root.path(), "labels/train/1.txt", crowded(10_000));
    let to = tempfile::tempdir().unwrap();
    let inspected = inspect(root.path());
    draw(inspected.dataset.as_ref().unwrap(), to.path());
    let Inspection::Good { profile } = inspected.verdict else { panic!("good") };
    said(&profile.skipped, "1", "holds more than 5000 boxes for one image");
    let histograms = profile.histograms.clone().unwrap();
    let objects = histograms.objects.unwrap();
    assert_eq!((objects.edges[0], objects.edges.last()), (2, Some(&5001)));
    assert_eq!((objects.counts[0].train, objects.counts.last().unwrap().train), (38, 1));
    let boxes = profile.boxes.clone().unwrap().objects;
    let counted: u64 = histograms.object_size.unwrap().counts.iter().map(SplitCounts::total).sum();
    assert_eq!(counted, boxes, "each object once");
    let labels = fs::read(to.path().join("samples.json")).unwrap();
    assert!(labels.len() < 200 * 1024, "{}", labels.len());
    let labels: Value = serde_json::from_slice(&labels).unwrap();
    let most =
        labels["images"].as_array().unwrap().iter().map(|image| image["boxes"].as_array().unwrap().len());
    assert!(most.max() <= Some(200));
    let text = serde_json::to_string(&profile).unwrap();
    assert!(text.len() < 16 * 1024, "{}", text.len());
}

#[test]
fn histograms_of_a_thousand_classes_add_little_to_the_event() {
    let root = tempfile::tempdir().unwrap();
    // Sides and boxes of every size that there is a bin for.
    for index in 0..40u32 {
        let side = 64 << (index % 5);
        sized_png(root.path(), &format!("images/train/{index}.png"), side, side + index);
        let boxes: String = (0..=index)
            .map(|at| format!("{} 0.5 0.5 {:.3} {:.3}\n", at * 25, 0.03 * f64::from(at + 1).min(33.0), 0.9))
            .collect();
        write(root.path(), &format!("labels/train/{index}.txt"), boxes);
    }
    let names: Vec<String> = (0..1_000).map(|class| format!("class-{class}")).collect();
    write(root.path(), "data.yaml", format!("train: images/train\nnames: [{}]\n", names.join(", ")));
    let mut profile = good(root.path());
    let whole = serde_json::to_string(&profile).unwrap().len();
    profile.histograms = None;
    let without = serde_json::to_string(&profile).unwrap().len();
    assert!(whole - without < 4 * 1024, "{whole} - {without}");
}
