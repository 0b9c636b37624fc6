//! What a look shows of augmentation is what the code that trains does, with its boxes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;

use image::{Rgb, RgbImage, imageops};
use serde_json::{Value, json};
use trainyard_data::augment::{augment, source_side};
use trainyard_data::decode::decode;
use trainyard_data::inspect::{draw, inspect};
use trainyard_data::random::Random;
use trainyard_data::resize::square;
use trainyard_events::config::{Augmentation, Resize};

/// What a page may be off by: it is a JPEG.
const NEAR: f64 = 6.0;

/// A photo of smooth colours, another for each key.
fn photo(path: &Path, key: u32) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let wave = |at: u32, times: u32| (((at * times) as f64 / 90.0).sin() * 100.0 + 128.0) as u8;
    RgbImage::from_fn(300, 240, |x, y| Rgb([wave(x, key + 1), wave(y, key + 2), wave(x + y, 1)]))
        .save(path)
        .unwrap();
}

/// The pages of a look at `root`, by role, and what is said of them.
fn pages(root: &Path) -> Vec<(Value, RgbImage)> {
    let to = tempfile::tempdir().unwrap();
    draw(&inspect(root).dataset.unwrap(), to.path());
    let told: Value = serde_json::from_slice(&fs::read(to.path().join("augmented.json")).unwrap()).unwrap();
    let open = |page: &Value| {
        let file = format!("{}.jpg", page["role"].as_str().unwrap());
        (page.clone(), image::open(to.path().join(file)).unwrap().into_rgb8())
    };
    told["pages"].as_array().unwrap().iter().map(open).collect()
}

fn cell(page: &RgbImage, told: &Value) -> RgbImage {
    let [x, y, width, height] = serde_json::from_value(told["place"].clone()).unwrap();
    imageops::crop_imm(page, x, y, width, height).to_image()
}

/// How far apart two images are, a channel on average.
fn apart(one: &RgbImage, other: &RgbImage) -> f64 {
    assert_eq!(one.dimensions(), other.dimensions());
    let sum: u64 = one.as_raw().iter().zip(other.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / one.as_raw().len() as f64
}

#[test]
fn a_classifiers_images_are_changed_as_its_training_does() {
    let root = tempfile::tempdir().unwrap();
    for key in 0..6 {
        photo(&root.path().join(format!("{}/{key}.png", ["cat", "dog"][key as usize % 2])), key);
    }
    let pages = pages(root.path());
    let asked = |page: &Value| (page["augmentation"].clone(), page["side"].as_u64().unwrap());
    let all: Vec<_> = pages.iter().map(|(told, _)| asked(told)).collect();
    assert_eq!(
        all,
        [("light", 64), ("standard", 64), ("light", 224), ("standard", 224)]
            .map(|(kind, side)| (json!(kind), side))
    );
    for (told, page) in &pages {
        let (kind, side) = asked(told);
        let (kind, side): (Augmentation, _) = (serde_json::from_value(kind).unwrap(), side as usize);
        let resize = if side == 64 { Resize::Stretch } else { Resize::Crop };
        let cells = told["sheet"]["images"].as_array().unwrap();
        assert_eq!(cells.len(), 4 * 5);
        for row in cells.chunks(5) {
            let path = row[0]["path"].as_str().unwrap();
            // Its place in what is trained on: by name.
            let index = ["cat/0.png", "cat/2.png", "cat/4.png", "dog/1.png", "dog/3.png", "dog/5.png"]
                .iter()
                .position(|name| *name == path)
                .unwrap();
            let bytes = fs::read(root.path().join(path)).unwrap();
            let source = square(&decode(&bytes, None).unwrap(), source_side(kind, side) as u32, resize);
            for (epoch, told) in row.iter().enumerate() {
                assert_eq!(
                    (told["epoch"].as_u64(), &told["class"]),
                    (Some(epoch as u64), &json!(&path[..3]))
                );
                if epoch == 0 {
                    continue;
                }
                let mut expected = vec![0; side * side * 3];
                let random = &mut Random::new(&[42, epoch as u64, index as u64]);
                augment(kind, &source, &mut expected, side, [128; 3], random);
                let expected = RgbImage::from_raw(side as u32, side as u32, expected).unwrap();
                let shown = imageops::resize(&cell(page, told), side as u32, side as u32, imageops::Nearest);
                // Where something is erased, its colour is the mean of what is shown.
                let off = apart(&shown, &expected);
                assert!(off < NEAR + 6.0, "{kind:?} {side} {path} {epoch}: {off}");
            }
        }
    }
}

#[test]
fn a_detectors_boxes_go_where_its_objects_go() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("labels")).unwrap();
    fs::create_dir_all(root.path().join("images")).unwrap();
    for key in 0..5u32 {
        let (left, top) = (40 + 30 * key, 30 + 10 * key);
        let inside = |x: u32, y: u32| (left..left + 100).contains(&x) && (top..top + 80).contains(&y);
        RgbImage::from_fn(320, 240, |x, y| Rgb([if inside(x, y) { 255 } else { key as u8 }; 3]))
            .save(root.path().join(format!("images/{key}.png")))
            .unwrap();
        let [x, y, w, h] =
            [(left + 50) as f64 / 320.0, (top + 40) as f64 / 240.0, 100.0 / 320.0, 80.0 / 240.0];
        fs::write(root.path().join(format!("labels/{key}.txt")), format!("0 {x} {y} {w} {h}\n")).unwrap();
    }
    fs::write(root.path().join("data.yaml"), "path: .\ntrain: images\nnames: [patch]\n").unwrap();
    let pages = pages(root.path());
    assert_eq!(
        pages.iter().map(|(told, _)| told["role"].clone()).collect::<Vec<_>>(),
        ["augmented_light_320", "augmented_standard_320"]
    );
    let (mut boxes, mut moved) = (0, 0);
    for (told, page) in &pages {
        for told in told["sheet"]["images"].as_array().unwrap() {
            let cell = cell(page, told);
            for object in told["boxes"].as_array().unwrap() {
                let corners: [f64; 4] = serde_json::from_value(object["bbox"].clone()).unwrap();
                let [x1, y1, x2, y2] = corners.map(|corner| corner as u32);
                let inner = imageops::crop_imm(
                    &cell,
                    x1 + 2,
                    y1 + 2,
                    (x2 - x1).saturating_sub(4).max(1),
                    (y2 - y1).saturating_sub(4).max(1),
                )
                .to_image();
                let mean = inner.as_raw().iter().map(|value| f64::from(*value)).sum::<f64>()
                    / inner.as_raw().len() as f64;
                // The darkest that its value becomes is 0.6 of white.
                assert!(mean > 140.0, "{}: {corners:?} has {mean}", told["epoch"]);
                assert_eq!(object["class"], "patch");
                boxes += 1;
                moved += u32::from(told["epoch"] != 0 && (corners[2] - corners[0] - 100.0).abs() > 3.0);
            }
        }
    }
    assert!(boxes > 30 && moved > 10, "{boxes} {moved}");
}
