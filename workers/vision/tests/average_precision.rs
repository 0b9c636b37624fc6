//! COCO's average precision against what `pycocotools` measured (`pycocotools/make.py` says of what and how).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use trainyard_vision::metrics::average_precision::{
    ANSWERS, AveragePrecision, Comparison, Found, Truth, average_precision, overlap,
};

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
    let output = Command::new(python).arg(folder().join("make.py")).arg("--check").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
