//! COCO's average precision against what `pycocotools` measured (`pycocotools/make.py` says of what and how).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use serde::Deserialize;
use trainyard_data::boxes::LabelledBox;
use trainyard_data::manifest::Rle;
use trainyard_data::object::{Object, Placement, Shape};
use trainyard_vision::data::mask::{Mask, Outline, Segmented};
use trainyard_vision::data::points::Points;
use trainyard_vision::metrics::average_precision::{
    ANSWERS, AveragePrecision, Comparison, Found, Truth, average_precision, overlap,
};
use trainyard_vision::tasks::pose::POSES;
use trainyard_vision::tasks::pose::oks::{Spreads, similarity};

/// The numbers are the same up to the order of sums; what was promised is 0.001.
const TOLERANCE: f64 = 1e-9;

/// Image, class, corners, whether it is a crowd, its own area.
type WrittenTruth = (usize, usize, [f32; 4], bool, Option<f32>);

#[derive(Deserialize)]
struct Set {
    classes: usize,
    truths: Vec<WrittenTruth>,
    found: Vec<(usize, usize, f32, [f32; 4])>,
    expected: Expected,
}

#[derive(Deserialize)]
struct Expected {
    ap: f64,
    ap50: f64,
    ap75: f64,
    small: Option<f64>,
    medium: Option<f64>,
    large: Option<f64>,
    classes: Vec<ExpectedClass>,
    curve: Vec<f64>,
}

#[derive(Deserialize)]
struct ExpectedClass {
    ap: Option<f64>,
    ap50: Option<f64>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pycocotools")
}

fn measured(set: &Set) -> AveragePrecision {
    let truths: Vec<Truth> = set
        .truths
        .iter()
        .map(|&(image, class, corners, crowd, area)| Truth {
            image,
            class,
            corners,
            crowd,
            area,
            is_blank: false,
        })
        .collect();
    let found: Vec<Found> = set
        .found
        .iter()
        .map(|&(image, class, score, corners)| Found { image, class, score, corners, area: None })
        .collect();
    let alike = |answer: usize, truth: usize| overlap(&found[answer], &truths[truth]);
    let comparison = Comparison { alike: &alike, answers: ANSWERS };
    average_precision(set.classes, &truths, &found, &comparison)
}

#[test]
fn the_numbers_are_those_of_pycocotools() {
    let text = std::fs::read_to_string(folder().join("expected.json")).unwrap();
    let sets: BTreeMap<String, Set> = serde_json::from_str(&text).unwrap();
    assert_eq!(sets.len(), 5);
    for (name, set) in sets {
        let (ours, theirs) = (measured(&set), &set.expected);
        let check = |what: &str, ours: Option<f64>, theirs: Option<f64>| match (ours, theirs) {
            (None, None) => {}
            (Some(a), Some(b)) => assert!((a - b).abs() < TOLERANCE, "{name}: {what} is {a}, not {b}"),
            _ => panic!("{name}: {what} is {ours:?}, not {theirs:?}"),
        };
        check("AP", Some(ours.ap), Some(theirs.ap));
        check("AP50", Some(ours.ap50), Some(theirs.ap50));
        check("AP75", Some(ours.ap75), Some(theirs.ap75));
        check("AP small", ours.small, theirs.small);
        check("AP medium", ours.medium, theirs.medium);
        check("AP large", ours.large, theirs.large);
        assert_eq!(ours.classes.len(), theirs.classes.len());
        for (class, (ours, theirs)) in ours.classes.iter().zip(&theirs.classes).enumerate() {
            check(&format!("AP of class {class}"), ours.ap, theirs.ap);
            check(&format!("AP50 of class {class}"), ours.ap50, theirs.ap50);
        }
        for (at, (&ours, &theirs)) in ours.classes[0].curve.iter().zip(&theirs.curve).enumerate() {
            check(&format!("precision at recall {at} %"), Some(ours), Some(theirs));
        }
    }
}

/// Masks as runs down the columns of images of one size, and key points: what `pycocotools/make_shapes.py` made.
#[derive(Deserialize)]
struct Shapes {
    masks: Vec<MaskSet>,
    points: Vec<PointSet>,
}

const MASKS_WIDTH: u32 = 150;
const MASKS_HEIGHT: u32 = 120;

#[derive(Deserialize)]
struct MaskSet {
    classes: usize,
    /// Image, class, runs, whether it is a crowd.
    truths: Vec<(usize, usize, Vec<u32>, bool)>,
    /// Image, class, score, runs.
    found: Vec<(usize, usize, f32, Vec<u32>)>,
    expected: ExpectedShapes,
}

/// Image, corners, points, area, whether it is a crowd.
type WrittenPose = (usize, [f32; 4], Vec<[f64; 3]>, f64, bool);

#[derive(Deserialize)]
struct PointSet {
    points: usize,
    truths: Vec<WrittenPose>,
    /// Image, score, points.
    found: Vec<(usize, f32, Vec<[f64; 3]>)>,
    expected: ExpectedShapes,
}

#[derive(Deserialize)]
struct ExpectedShapes {
    ap: f64,
    ap50: f64,
    ap75: f64,
    small: Option<f64>,
    medium: Option<f64>,
    large: Option<f64>,
}

impl ExpectedShapes {
    fn compare(&self, ours: &AveragePrecision, has_small: bool) {
        let small = if has_small { ours.small } else { None };
        for (name, ours, theirs) in [
            ("AP", Some(ours.ap), Some(self.ap)),
            ("AP50", Some(ours.ap50), Some(self.ap50)),
            ("AP75", Some(ours.ap75), Some(self.ap75)),
            ("AP small", small, self.small),
            ("AP medium", ours.medium, self.medium),
            ("AP large", ours.large, self.large),
        ] {
            let near = ours.zip(theirs).map_or(ours == theirs, |(a, b)| (a - b).abs() < TOLERANCE);
            assert!(near, "{name} is {ours:?}, not {theirs:?}");
        }
    }
}

#[expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
fn shapes() -> Shapes {
    serde_json::from_str(&std::fs::read_to_string(folder().join("shapes.json")).unwrap()).unwrap()
}

fn mask(counts: &[u32]) -> Mask {
    let runs = Rle { size: [MASKS_HEIGHT, MASKS_WIDTH], counts: counts.to_vec() };
    let bounds = LabelledBox { class: 0, corners: [0.0; 4], crowd: false };
    let outline = Arc::new(Outline::of_runs(&runs));
    Segmented { bounds, outline, placement: Placement::STAY }.shape([MASKS_WIDTH, MASKS_HEIGHT])
}

#[test]
fn by_masks_the_numbers_are_those_of_pycocotools() {
    for set in shapes().masks {
        let (truths, outlines): (Vec<Truth>, Vec<Mask>) = set
            .truths
            .iter()
            .map(|(image, class, runs, crowd)| {
                let mask = mask(runs);
                let (image, class, crowd, area) = (*image, *class, *crowd, mask.area());
                (Truth { image, class, crowd, area, ..Truth::default() }, mask)
            })
            .unzip();
        let (found, masks): (Vec<Found>, Vec<Mask>) = set
            .found
            .iter()
            .map(|(image, class, score, runs)| {
                let mask = mask(runs);
                let (image, class, score, area) = (*image, *class, *score, mask.area());
                (Found { image, class, score, area, ..Found::default() }, mask)
            })
            .unzip();
        let alike =
            |answer: usize, truth: usize| masks[answer].overlap(&outlines[truth], truths[truth].crowd);
        let comparison = Comparison { alike: &alike, answers: ANSWERS };
        set.expected.compare(&average_precision(set.classes, &truths, &found, &comparison), true);
    }
}

#[test]
fn by_key_points_the_numbers_are_those_of_pycocotools() {
    for set in shapes().points {
        let mut names: Vec<String> = (0..set.points).map(|point| format!("point {point}")).collect();
        if set.points == 17 {
            [(0, "nose"), (15, "left_ankle"), (16, "right_ankle")]
                .into_iter()
                .for_each(|(at, name)| names[at] = name.to_owned());
        }
        let spreads = Spreads::of(&names);
        let (truths, labelled): (Vec<Truth>, Vec<Points>) = set
            .truths
            .iter()
            .map(|(image, corners, points, area, crowd)| {
                let points = Points { points: points.clone(), area: *area };
                let (area, is_blank) = (points.area(), points.is_blank());
                let (image, corners, crowd) = (*image, *corners, *crowd);
                (Truth { image, class: 0, corners, crowd, area, is_blank }, points)
            })
            .unzip();
        let (found, points): (Vec<Found>, Vec<Points>) = set
            .found
            .iter()
            .map(|(image, score, points)| {
                let points = Points::found(points.clone());
                let (image, score, area) = (*image, *score, points.area());
                (Found { image, score, area, ..Found::default() }, points)
            })
            .unzip();
        assert!(truths.iter().any(|truth| truth.is_blank) && truths.iter().any(|truth| truth.crowd));
        let alike = |answer: usize, truth: usize| {
            similarity(&points[answer], &truths[truth], &labelled[truth], &spreads)
        };
        let comparison = Comparison { alike: &alike, answers: POSES };
        set.expected.compare(&average_precision(1, &truths, &found, &comparison), false);
    }
}

/// Where the environment of pycocotools was made, the numbers are measured again.
#[test]
fn the_expected_numbers_are_what_pycocotools_measures_now() {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/coco/bin/python");
    if !python.exists() {
        eprintln!(
            "the stored numbers are taken as they are: `deploy/tools/coco-python` makes an environment to measure again"
        );
        return;
    }
    for script in ["make.py", "make_shapes.py"] {
        let output = Command::new(&python).arg(folder().join(script)).arg("--check").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
