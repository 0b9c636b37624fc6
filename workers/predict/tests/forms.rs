//! Every form of output against numbers that numpy has computed from the same weights (tests/models/make.py), each image
//! alone and all together.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod house;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use trainyard_data::decode::decode;
use trainyard_data::mask::decode_coded;
use trainyard_events::prediction::{PredictRefusal, Prediction};
use trainyard_predict::{Answer, Model, Prepared, Watch, Wish};

const FORMS: [&str; 8] = ["logits", "labels", "boxes", "masks", "keypoints", "queries", "pixels", "anomaly"];
const IMAGES: [&str; 2] = ["noise", "plain"];

fn image(name: &str) -> image::RgbImage {
    decode(&house::fixture(&format!("{name}.png")), None).unwrap()
}

fn load(name: &str) -> Model {
    let path = house::models().join(format!("{name}.onnx"));
    Model::load(&house::runtime(), &path, &house::watch()).unwrap()
}

fn answers(model: &mut Model, images: &[&str]) -> Vec<Answer> {
    let prepared: Vec<Prepared> =
        images.iter().map(|name| Prepared::new(&image(name), model.preprocessing())).collect();
    model.answer(&prepared, &house::watch()).unwrap()
}

fn expected() -> Value {
    serde_json::from_slice(&house::fixture("expected.json")).unwrap()
}

#[test]
fn every_form_says_what_numpy_says() {
    let expected = expected();
    for form in FORMS {
        let mut model = load(form);
        for (name, answer) in IMAGES.iter().zip(answers(&mut model, &IMAGES)) {
            let (wanted, about) = (&expected[form][*name], format!("{form} of {name}"));
            match form {
                "anomaly" => same_anomaly(&answer, wanted),
                _ => same_predictions(&answer.predictions, wanted.as_array().unwrap(), name, &about),
            }
        }
    }
}

#[test]
fn objects_are_told_from_the_confidence_that_was_asked_for() {
    for form in ["boxes", "masks", "keypoints", "queries"] {
        let mut model = load(form);
        let plain = Prepared::new(&image("noise"), model.preprocessing());
        let mut told = |least| -> Vec<f64> {
            let images = [plain.clone().told_as(Wish { confidence: least, rle: false })];
            let answers = model.answer(&images, &house::watch()).unwrap();
            answers[0].predictions.iter().map(|seen| seen.confidence).collect()
        };
        let (usual, all, none) = (told(None), told(Some(0.01)), told(Some(1.0)));
        let middle = usual[usual.len() / 2];
        let sure = told(Some(middle as f32));
        assert!(usual.iter().all(|sure| *sure >= 0.25), "{form}: {usual:?}");
        assert_eq!(&all[..usual.len()], &usual[..], "{form}");
        assert_eq!((&sure[..], none.len()), (&usual[..sure.len()], 0), "{form}");
        assert!(
            !sure.is_empty() && sure.len() < usual.len() && *sure.last().unwrap() >= middle,
            "{form}: {sure:?}"
        );
    }
}

#[test]
fn masks_are_told_as_runs_where_they_are_asked_for() {
    for form in ["masks", "pixels"] {
        let mut model = load(form);
        let picture = image("noise");
        let plain = Prepared::new(&picture, model.preprocessing());
        let asked = plain.clone().told_as(Wish { confidence: None, rle: true });
        let answers = model.answer(&[plain, asked], &house::watch()).unwrap();
        let (without, with) = (&answers[0].predictions, &answers[1].predictions);
        assert!(without.iter().all(|found| found.rle.is_none()), "{form}");
        assert_eq!(without.len(), with.len(), "{form}");
        for found in with.iter().filter(|found| !found.polygons.is_empty()) {
            let rle = found.rle.as_ref().unwrap();
            assert_eq!(rle.size, [picture.height(), picture.width()], "{form}");
            let runs = decode_coded(&rle.counts).unwrap();
            assert_eq!(runs.iter().sum::<u32>(), picture.width() * picture.height(), "{form}");
            assert!(runs.iter().skip(1).step_by(2).sum::<u32>() > 0, "{form}: {runs:?}");
        }
    }
}

fn same_predictions(found: &[Prediction], wanted: &[Value], image_name: &str, about: &str) {
    assert_eq!(found.len(), wanted.len(), "{about}: {found:?}");
    for (found, wanted) in found.iter().zip(wanted) {
        assert_eq!(found.class, wanted["class"], "{about}");
        near(found.confidence, &wanted["confidence"], 1e-5, about);
        if let Some(corners) = wanted["bbox"].as_array() {
            let bbox = found.bbox.unwrap();
            bbox.iter().zip(corners).for_each(|(found, wanted)| near(*found, wanted, 1e-3, about));
        }
        let points = wanted["keypoints"].as_array().cloned().unwrap_or_default();
        assert_eq!(found.keypoints.len(), points.len(), "{about}");
        for (found, wanted) in found.keypoints.iter().zip(&points) {
            (0..3).for_each(|at| near(found[at], &wanted[at], 1e-3, about));
        }
        match wanted["mask"].as_array() {
            Some(mask) => same_mask(&found.polygons, mask, image_name, about),
            None => assert!(found.polygons.is_empty()),
        }
    }
}

fn near(found: f64, wanted: &Value, by: f64, about: &str) {
    let wanted = wanted.as_f64().unwrap();
    assert!((found - wanted).abs() < by, "{about}: {found} instead of {wanted}");
}

/// The middle of each cell lies within the rings exactly where the mask is set, but where a corner was cut.
fn same_mask(rings: &[Vec<[f64; 2]>], mask: &[Value], image_name: &str, about: &str) {
    let image = image(image_name);
    // As in make.py: a square of 32 with cells of 4, in which the image is centred.
    let scale = 32.0 / f64::from(image.width().max(image.height()));
    let border = |length: u32| ((32.0 - f64::from(length) * scale) / 2.0).floor();
    let (mut wrong, mut set) = (0, 0);
    for (row, cells) in mask.iter().enumerate() {
        for (column, cell) in cells.as_str().unwrap().bytes().enumerate() {
            let middle = |at: usize, length: u32| ((at as f64 + 0.5) * 4.0 - border(length)) / scale;
            let (x, y) = (middle(column, image.width()), middle(row, image.height()));
            let is_in_image =
                0.0 < x && x < f64::from(image.width()) && 0.0 < y && y < f64::from(image.height());
            if is_in_image {
                wrong += usize::from(within(rings, x, y) != (cell == b'#'));
                set += usize::from(cell == b'#');
            }
        }
    }
    assert!(wrong * 8 <= set, "{about}: {wrong} cells are wrong of {set}: {rings:?} for {mask:?}");
}

/// By the even-odd rule.
fn within(rings: &[Vec<[f64; 2]>], x: f64, y: f64) -> bool {
    let crossed = rings.iter().flat_map(|ring| {
        ring.iter().zip(ring.iter().cycle().skip(1)).filter(|(a, b)| {
            (a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0]
        })
    });
    crossed.count() % 2 == 1
}

fn same_anomaly(answer: &Answer, wanted: &Value) {
    let anomaly = answer.anomaly.as_ref().unwrap();
    near(anomaly.score, &wanted["score"], 1e-5, "anomaly");
    let heat = image::load_from_memory(&STANDARD.decode(&anomaly.heat).unwrap()).unwrap().into_luma8();
    let rows: Vec<Vec<u8>> = heat.rows().map(|row| row.map(|cell| cell.0[0]).collect()).collect();
    let wanted: Vec<Vec<u8>> = serde_json::from_value(wanted["heat"].clone()).unwrap();
    assert_eq!((rows.len(), rows[0].len()), (wanted.len(), wanted[0].len()));
    let off = rows.iter().flatten().zip(wanted.iter().flatten()).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(off <= Some(1), "{rows:?} instead of {wanted:?}");
    assert_eq!(
        (answer.predictions[0].class.as_str(), answer.predictions.len()),
        ("dog", 2),
        "the likelier of two"
    );
}

#[test]
fn a_batch_answers_as_each_image_alone() {
    for form in FORMS {
        let mut model = load(form);
        let together = answers(&mut model, &["noise", "plain", "noise", "plain", "plain"]);
        assert_eq!(together.len(), 5);
        for (name, together) in ["noise", "plain", "noise"].iter().zip(&together) {
            let alone = answers(&mut model, &[name]).remove(0);
            assert_eq!(alone.predictions.len(), together.predictions.len(), "{form}");
            for (a, b) in alone.predictions.iter().zip(&together.predictions) {
                assert_eq!((&a.class, &a.polygons), (&b.class, &b.polygons), "{form}");
                assert!((a.confidence - b.confidence).abs() < 1e-6, "{form}");
            }
        }
        assert_ne!(together[0], together[1], "{form}: different images, different answers");
    }
}

#[test]
fn a_model_that_never_ends_is_ended_and_does_not_take_the_runtime_along() {
    let mut model = load("endless");
    let watch = Watch { forward: Duration::from_millis(300), ..house::watch() };
    let prepared = Prepared::new(&image("plain"), model.preprocessing());
    let ended = model.answer(&[prepared], &watch);
    assert!(matches!(ended, Err(PredictRefusal::BadModel { .. })), "{ended:?}");
    assert_eq!(answers(&mut load("logits"), &["plain"])[0].predictions.len(), 3);
}
