//! What is written and read back is the same, in every format, as far as the format can hold it; what it cannot is named.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use support::picture;
use trainyard_data::manifest::{FORM, Header, Image, Label, Manifest, Rle, Split};
use trainyard_data::read;
use trainyard_data::write::{Format, WriteError, write};
use trainyard_events::reason::{Caution, LabelPart};

const NAMES: [&str; 6] = ["고양이", "dog", "a & b <c>", "\"quoted\": yes", "10", "상자, 큰"];
const POINTS: usize = 3;

/// What the labels of one dataset have.
#[derive(Clone, Copy, Debug, Default)]
struct Kinds {
    polygons: bool,
    masks: bool,
    points: bool,
    marks: bool,
}

/// Numbers from 0 to 1 of which labels are made.
#[derive(Clone, Debug)]
struct Seed {
    class: usize,
    corners: [f64; 4],
    outline: Vec<[f64; 2]>,
    choice: u8,
}

fn seed() -> impl Strategy<Value = Seed> {
    let unit = || 0.0..1.0f64;
    let corners = [unit(), unit(), unit(), unit()];
    let outline = vec([unit(), unit()], 3..7);
    (0..NAMES.len(), corners, outline, any::<u8>()).prop_map(|(class, corners, outline, choice)| Seed {
        class,
        corners,
        outline,
        choice,
    })
}

type Picture = (u32, u32, u8, Vec<Seed>);

fn pictures() -> impl Strategy<Value = Vec<Picture>> {
    vec((8..70u32, 8..70u32, any::<u8>(), vec(seed(), 0..4)), 2..8)
}

fn name(index: usize) -> String {
    [
        "a/사진 1.jpg",
        "a/b/2.png",
        "3.jpg",
        "c d/4.x.jpg",
        "images/5.jpg",
        "train/6.jpg",
        "labels/7.png",
        "8%20.jpg",
    ][index]
        .to_owned()
}

fn label(seed: &Seed, width: u32, height: u32, kinds: Kinds) -> Label {
    let (w, h) = (f64::from(width), f64::from(height));
    let side = |a: f64, b: f64, whole: f64| {
        let low = a * (whole - 2.0);
        (low, 2.0 + b * (whole - 2.0 - low))
    };
    let ((left, box_width), (top, box_height)) =
        (side(seed.corners[0], seed.corners[2], w), side(seed.corners[1], seed.corners[3], h));
    let mut label = Label { bounds: Some([left, top, box_width, box_height]), ..Label::of_class(seed.class) };
    if kinds.polygons && seed.choice.is_multiple_of(2) {
        let mut outline: Vec<f64> = seed.outline.iter().flat_map(|[x, y]| [x * w, y * h]).collect();
        // Some area is always there.
        outline.extend([0.0, 0.0, w, 0.0, w, h]);
        label.polygon = Some(vec![outline]);
        label.bounds = Some([0.0, 0.0, w, h]);
    } else if kinds.masks && seed.choice.is_multiple_of(3) {
        let columns = left.floor() as u32..(left + box_width).ceil() as u32;
        label.mask = Rle::of((width, height), columns, 2..height, |x, y| (x + y) % 3 > 0);
    }
    if kinds.points {
        let point = |[x, y]: &[f64; 2]| [x * w, y * h, f64::from(seed.choice % 3)];
        label.keypoints = Some(seed.outline.iter().take(POINTS).map(point).collect());
    }
    label.crowd = kinds.marks && seed.choice.is_multiple_of(5);
    label.difficult = kinds.marks && seed.choice.is_multiple_of(7);
    label
}

fn manifest(pictures: &[Picture], kinds: Kinds) -> Manifest {
    let mut images: Vec<Image> = pictures
        .iter()
        .enumerate()
        .map(|(index, (width, height, split, seeds))| {
            let name = name(index);
            let bytes = picture(&name, *width, *height);
            let mut seen = BTreeSet::new();
            let labels = seeds.iter().map(|seed| label(seed, *width, *height, kinds));
            let labels = labels.filter(|label| seen.insert(serde_json::to_string(label).unwrap())).collect();
            let split = [Split::Train, Split::Validation, Split::Test][usize::from(*split % 3)];
            let sha256 = hex::encode(Sha256::digest(&bytes));
            Image { sha256, name, bytes: bytes.len() as u64, width: *width, height: *height, split, labels }
        })
        .collect();
    images.sort_by(|a, b| a.name.cmp(&b.name));
    images[0].split = Split::Train;
    if images[0].labels.is_empty() {
        images[0].labels.push(Label { bounds: Some([1.0, 1.0, 3.0, 3.0]), ..Label::of_class(0) });
    }
    let keypoints = kinds.points.then(|| (0..POINTS).map(|number| format!("point {number}")).collect());
    let classes = NAMES.map(str::to_owned).to_vec();
    Manifest {
        header: Header {
            form: FORM,
            classes,
            mirrored: keypoints.as_ref().map(|points: &Vec<String>| (0..points.len()).rev().collect()),
            keypoints,
            kinds: Manifest::kinds_of(&[], &images),
            ..Header::default()
        },
        images,
    }
}

fn there_and_back(manifest: &Manifest, format: Format) -> (Manifest, Vec<Caution>) {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("export");
    let bytes = &mut |_: usize, image: &Image| Ok(picture(&image.name, image.width, image.height));
    let losses = write(manifest, format, &to, bytes).unwrap();
    let back = read(&to).unwrap_or_else(|refusal| panic!("{refusal}: {:?}\n{manifest:?}", refusal.report));
    assert_eq!(back.report.skipped, []);
    (back.manifest, losses)
}

/// Split, width, height, and labels with the names of their classes.
type Labels = (Split, u32, u32, Vec<(String, Label)>);

/// By content: names may have changed, and the numbers of classes.
fn labels(manifest: &Manifest) -> BTreeMap<String, Labels> {
    let named =
        |label: &Label| (manifest.header.classes[label.class].clone(), Label { class: 0, ..label.clone() });
    let of =
        |image: &Image| (image.split, image.width, image.height, image.labels.iter().map(named).collect());
    manifest.images.iter().map(|image| (image.sha256.clone(), of(image))).collect()
}

fn near(one: &Label, other: &Label) -> bool {
    let numbers = |label: &Label| -> Vec<f64> {
        let outlines = label.polygon.iter().flatten().flatten();
        label
            .bounds
            .iter()
            .flatten()
            .chain(outlines)
            .chain(label.keypoints.iter().flatten().flatten())
            .copied()
            .collect()
    };
    let bare = |label: &Label| {
        (label.mask.clone(), label.crowd, label.difficult, label.polygon.is_some(), label.keypoints.is_some())
    };
    let (a, b) = (numbers(one), numbers(other));
    bare(one) == bare(other) && a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-6)
}

#[track_caller]
fn is_same(before: &Manifest, after: &Manifest) {
    let (before, after) = (labels(before), labels(after));
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    for (image, (split, width, height, labels)) in &before {
        let (other_split, other_width, other_height, others) = &after[image];
        assert_eq!((split, width, height), (other_split, other_width, other_height));
        assert_eq!(labels.len(), others.len(), "{labels:?} {others:?}");
        for ((class, label), (other_class, other)) in labels.iter().zip(others) {
            assert_eq!(class, other_class);
            assert!(near(label, other), "{label:?} {other:?}");
        }
    }
}

/// Parts of labels that are not written, as it is told.
fn lost(manifest: &Manifest, format: Format, wanted: LabelPart) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let bytes = &mut |_: usize, image: &Image| Ok(picture(&image.name, image.width, image.height));
    let losses = write(manifest, format, folder.path(), bytes).unwrap();
    let found = losses.iter().find_map(|loss| match loss {
        Caution::NotWritten { labels, part, .. } if *part == wanted => Some(*labels),
        _ => None,
    });
    found.unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn yolo_keeps_boxes_and_outlines(pictures in pictures(), polygons: bool) {
        let manifest = manifest(&pictures, Kinds { polygons, ..Kinds::default() });
        let (back, losses) = there_and_back(&manifest, Format::Yolo);
        prop_assert_eq!(losses, []);
        is_same(&manifest, &back);
        prop_assert_eq!(manifest.header.classes, back.header.classes);
    }

    #[test]
    fn yolo_keeps_poses(pictures in pictures()) {
        let manifest = manifest(&pictures, Kinds { points: true, ..Kinds::default() });
        let (back, losses) = there_and_back(&manifest, Format::Yolo);
        prop_assert_eq!(losses, []);
        is_same(&manifest, &back);
        prop_assert_eq!(manifest.header.keypoints, back.header.keypoints);
        prop_assert_eq!(manifest.header.mirrored, back.header.mirrored);
    }

    #[test]
    fn coco_keeps_all_shapes(pictures in pictures(), polygons: bool, masks: bool, points: bool) {
        let mut manifest = manifest(&pictures, Kinds { polygons, masks, points, marks: true });
        manifest.images.iter_mut().flat_map(|image| &mut image.labels).for_each(|label| label.difficult = false);
        // Which COCO has no place for, and says so.
        prop_assert_eq!(lost(&manifest, Format::Coco, LabelPart::KeypointPairs), u64::from(points));
        manifest.header.mirrored = None;
        let (back, losses) = there_and_back(&manifest, Format::Coco);
        prop_assert_eq!(losses, []);
        is_same(&manifest, &back);
        prop_assert_eq!(manifest.header.classes, back.header.classes);
        let has_points = |label: &Label| label.keypoints.is_some();
        let points = manifest.images.iter().flat_map(|image| &image.labels).any(has_points);
        prop_assert_eq!(manifest.header.keypoints.filter(|_| points), back.header.keypoints);
    }

    #[test]
    fn pascal_voc_keeps_masks_that_do_not_overlap(pictures in pictures()) {
        let mut manifest = manifest(&pictures, Kinds::default());
        for image in &mut manifest.images {
            let (width, height, count) = (image.width, image.height, image.labels.len() as u32);
            for (index, label) in (0..).zip(&mut image.labels) {
                let columns = index * width / count..(index + 1) * width / count;
                label.mask = Rle::of((width, height), columns, 0..height, |x, y| (x + y) % 3 > 0);
                label.bounds = label.mask.as_ref().and_then(Rle::bounds).or(label.bounds);
            }
        }
        let (back, losses) = there_and_back(&manifest, Format::PascalVoc);
        prop_assert_eq!(losses, []);
        is_same(&manifest, &back);
    }

    #[test]
    fn pascal_voc_keeps_boxes_and_what_is_difficult(pictures in pictures()) {
        let mut manifest = manifest(&pictures, Kinds { marks: true, ..Kinds::default() });
        manifest.images.iter_mut().flat_map(|image| &mut image.labels).for_each(|label| label.crowd = false);
        let (back, losses) = there_and_back(&manifest, Format::PascalVoc);
        prop_assert_eq!(losses, []);
        is_same(&manifest, &back);
        prop_assert_eq!(manifest.header.classes, back.header.classes);
    }

    #[test]
    fn folders_keep_classes(pictures in pictures(), validation: bool) {
        let mut manifest = manifest(&pictures, Kinds::default());
        for (index, image) in manifest.images.iter_mut().enumerate() {
            // Each class is there to train on; the third image judges.
            image.labels = vec![Label::of_class(index % 2)];
            image.split = if validation && index > 1 { Split::Validation } else { Split::Train };
        }
        let (back, losses) = there_and_back(&manifest, Format::ImageFolder);
        prop_assert_eq!(losses, []);
        is_same(&manifest, &back);
    }

    #[test]
    fn a_manifest_keeps_everything(pictures in pictures(), points: bool) {
        let manifest = manifest(&pictures, Kinds { polygons: true, masks: true, points, marks: true });
        let mut text = Vec::new();
        manifest.write(&mut text).unwrap();
        let back = Manifest::read(&text[..]).unwrap();
        prop_assert_eq!(&back, &manifest);
        prop_assert_eq!(back.version().unwrap(), manifest.version().unwrap());
    }

    #[test]
    fn what_cannot_be_held_is_counted(pictures in pictures()) {
        let manifest = manifest(&pictures, Kinds { polygons: true, masks: true, points: true, marks: true });
        let count = |fits: &dyn Fn(&&Label) -> bool| {
            manifest.images.iter().flat_map(|image| &image.labels).filter(fits).count() as u64
        };
        let crowds = count(&|label| label.crowd);
        let masks = count(&|label| !label.crowd && label.mask.is_some());
        for format in [Format::Yolo, Format::PascalVoc] {
            prop_assert_eq!(lost(&manifest, format, LabelPart::Crowd), crowds);
        }
        prop_assert_eq!(lost(&manifest, Format::Yolo, LabelPart::Mask), masks);
        // Pascal VOC has one mask for all objects of an image: all of its masks, or none.
        let masks = |image: &Image| {
            image.labels.iter().filter(|label| !label.crowd && label.mask.is_some()).count() as u64
        };
        let possible: BTreeSet<u64> = manifest.images.iter().map(masks).fold(BTreeSet::from([0]), |sums, count| {
            sums.iter().flat_map(|sum| [*sum, sum + count]).collect()
        });
        prop_assert!(possible.contains(&lost(&manifest, Format::PascalVoc, LabelPart::Mask)));
    }
}

#[test]
fn a_read_is_the_same_every_time() {
    let seeds = |class| vec![Seed { class, corners: [0.1; 4], outline: vec![[0.5, 0.5]; 3], choice: 1 }];
    let pictures: Vec<Picture> = (0..6).map(|index| (20, 30, 0, seeds(index))).collect();
    let manifest = manifest(&pictures, Kinds::default());
    let (one, _) = there_and_back(&manifest, Format::Yolo);
    let (two, _) = there_and_back(&manifest, Format::Yolo);
    assert_eq!(one.version().unwrap(), two.version().unwrap());
    assert!(one.images.windows(2).all(|pair| pair[0].name < pair[1].name));
}

#[test]
fn what_would_be_read_as_something_else_is_not_written() {
    let pictures: Vec<Picture> = (0..2).map(|_| (20, 30, 0, Vec::new())).collect();
    let mut manifest = manifest(&pictures, Kinds::default());
    let bytes = &mut |_: usize, _: &Image| Ok(Vec::new());
    let folder = tempfile::tempdir().unwrap();
    for name in ["train", "a/b", "..", ".git", "@eaDir", "images"] {
        manifest.header.classes[0] = name.to_owned();
        let to = folder.path().join(hex::encode(name));
        let error = write(&manifest, Format::ImageFolder, &to, bytes).unwrap_err();
        assert!(matches!(error, WriteError::Name { .. }), "{name}: {error}");
    }
    let error = write(&manifest, Format::Yolo, folder.path(), bytes).unwrap_err();
    assert!(matches!(error, WriteError::NotEmpty(_)), "{error}");
    (manifest.images[0].name, manifest.images[1].name) = ("x.jpg".into(), "x.png".into());
    let error = write(&manifest, Format::Yolo, &folder.path().join("same"), bytes).unwrap_err();
    assert!(matches!(error, WriteError::SameLabel { .. }), "{error}");
    let gone = &mut |_: usize, _: &Image| Err("not in the store".to_owned());
    let error = write(&manifest, Format::Coco, &folder.path().join("gone"), gone).unwrap_err();
    assert!(matches!(error, WriteError::Bytes { .. }), "{error}");
}
