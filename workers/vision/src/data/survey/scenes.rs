//! Looks at every image and every box of a dataset before a second of training is spent on it.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use rayon::prelude::*;
use trainyard_events::config::Task;
use trainyard_events::dataset::{BoxProfile, ClassProfile, DatasetProfile, FileProblem, SplitCounts};
use trainyard_events::limits::UNREADABLE_SHARE;

use crate::data::boxes::area;
use crate::data::folder::{self, Split};
use crate::data::formats;
use crate::data::formats::annotations::{Annotated, Annotations};
use crate::data::look::{Picture, Seen, content_hash, look, spread};
use crate::data::refusal::Refusal;
use crate::data::scenes::Scene;
use crate::limits::{IMBALANCE, SCENE_SIDE_MIN};

use super::found::{Samples, Survey};
use super::histogram;
use super::settle::{Settled, settle};

/// COCO's bounds between small, medium and large objects, in square pixels.
const SMALL: f32 = 1024.0;
const LARGE: f32 = 9216.0;
/// Share of small objects beyond which a larger input is worth a word.
const SMALL_SHARE: f64 = 0.5;
/// What is said about one file; the rest is counted.
const NOTES_OF_FILE: usize = 3;

type Sample = (Scene, Split, [u8; 32]);

/// What settling the boxes of all images came to.
#[derive(Default)]
struct Tally {
    cut: u64,
    dropped: u64,
    repeated: u64,
    turned: u64,
    unlabelled: u64,
}

/// Reads every file with rayon's threads. Images that cannot be used are left out as long as they are few.
pub fn scenes(root: &Path) -> Result<Survey, Refusal> {
    let tree = folder::walk(root)?;
    let annotations = formats::read(root, &tree)?;
    let mut paths: Vec<&str> = annotations.images.iter().map(|image| image.path.as_str()).collect();
    paths.dedup();
    let seen: HashMap<&str, Seen> = paths.par_iter().map(|path| (*path, look(&root.join(path)))).collect();
    let known = seen.iter().map(|(path, seen)| (*path, seen.content)).collect();
    let content_hash = content_hash(root, &tree.files, &known);

    let mut bad: Vec<FileProblem> = tree.problems.iter().chain(&annotations.problems).cloned().collect();
    let mut noted = Vec::new();
    let (mut samples, mut tally): (Vec<Sample>, Tally) = Default::default();
    for image in &annotations.images {
        let seen = &seen[image.path.as_str()];
        match scene(image, seen, &mut tally, &mut noted) {
            Ok(scene) => samples.push((scene, image.split, seen.content)),
            Err(problem) => bad.push(problem),
        }
    }
    refuse_if_too_bad(&annotations, &samples, &tally, &bad)?;

    let duplicates = duplicates(&samples, &mut noted);
    let used: Vec<(&Seen, Picture)> = samples
        .iter()
        .filter_map(|(scene, ..)| {
            Some((&seen[scene.path.as_str()], seen[scene.path.as_str()].image.clone().ok()?))
        })
        .collect();
    let mut profile = DatasetProfile {
        format: annotations.format,
        task: Task::Detect,
        images: count(&samples),
        split: annotations.split,
        classes: class_profiles(&annotations.classes, &samples),
        width: spread(used.iter().map(|(_, picture)| picture.width)),
        height: spread(used.iter().map(|(_, picture)| picture.height)),
        grey: used.iter().all(|(_, picture)| picture.is_grey),
        bytes: used.iter().map(|(seen, _)| seen.bytes).sum(),
        content_hash,
        warnings: annotations.warnings.clone(),
        skipped: bad,
        noted,
        boxes: Some(box_profile(&samples)),
        histograms: Some(histogram::of_scenes(samples.iter().map(|(scene, split, _)| (scene, *split)))),
    };
    let warnings = warnings(&profile, &samples, &tally);
    // What the files say of themselves may be long and repeat itself; what was counted stands first.
    let of_files = std::mem::replace(&mut profile.warnings, warnings);
    profile.warnings.extend(duplicates.into_iter().chain(of_files));
    let mut known = HashSet::new();
    profile.warnings.retain(|warning| known.insert(warning.clone()));
    Ok(Survey { profile, samples: Samples::Scenes(samples) })
}

/// One image with its boxes, or what is wrong with it or with its label.
fn scene(
    image: &Annotated,
    seen: &Seen,
    tally: &mut Tally,
    noted: &mut Vec<FileProblem>,
) -> Result<Scene, FileProblem> {
    let problem = |problem: String| FileProblem { path: image.path.clone(), problem };
    let picture = seen.image.as_ref().map_err(|text| problem(text.clone()))?;
    let Picture { width, height, is_turned, .. } = *picture;
    if width.min(height) < SCENE_SIDE_MIN {
        let text = format!("has {width} x {height} pixels, less than {SCENE_SIDE_MIN} on a side");
        return Err(problem(text));
    }
    let marks = image.marks.as_ref().map_err(FileProblem::clone)?;
    if let Some((stated_width, stated_height)) = image.stated.filter(|stated| *stated != (width, height)) {
        let why = if is_turned && (stated_height, stated_width) == (width, height) {
            "its boxes are of the image before its EXIF orientation turned it: save it upright and label that"
        } else {
            "its boxes are of another image"
        };
        let text = format!(
            "has {width} x {height} pixels, but its label says {stated_width} x {stated_height}: {why}"
        );
        return Err(problem(text));
    }
    let Settled { boxes, cut, dropped, repeated, mut notes } = settle(marks, width, height);
    if !image.is_labelled {
        notes.push("has no label and counts as background".to_owned());
    }
    if is_turned {
        notes.push(
            "is turned by its EXIF orientation; its boxes are taken as of the upright image".to_owned(),
        );
    }
    tally.cut += cut;
    tally.dropped += dropped;
    tally.repeated += repeated;
    tally.turned += u64::from(is_turned);
    tally.unlabelled += u64::from(!image.is_labelled);
    if !notes.is_empty() {
        let more = notes.len().saturating_sub(NOTES_OF_FILE);
        notes.truncate(NOTES_OF_FILE);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        noted.push(problem(notes.join("; ") + &more));
    }
    Ok(Scene { path: image.path.clone(), width, height, boxes })
}

fn refuse_if_too_bad(
    annotations: &Annotations,
    samples: &[Sample],
    tally: &Tally,
    bad: &[FileProblem],
) -> Result<(), Refusal> {
    let refuse = |problem: String, next: &str| Err(Refusal::new(problem, next).with_files(bad));
    let limit = UNREADABLE_SHARE * 100.0;
    let files = samples.len() + bad.len();
    if bad.len() as f64 > UNREADABLE_SHARE * files as f64 {
        let problem = format!("{} of {files} files cannot be used, more than {limit:.0} %", bad.len());
        return refuse(problem, "repair or remove the files in the report, then name the dataset again");
    }
    let kept: u64 = samples.iter().map(|(scene, ..)| scene.boxes.len() as u64).sum();
    let boxes = kept + tally.dropped;
    if tally.dropped as f64 > UNREADABLE_SHARE * boxes as f64 {
        let problem =
            format!("{} of {boxes} boxes have no area in their image, more than {limit:.0} %", tally.dropped);
        return refuse(problem, "label them again, or remove them, then name the dataset again");
    }
    let with_objects =
        |split: Split| samples.iter().filter(|(scene, of, _)| *of == split && scene.has_objects()).count();
    let next = "check that the labels lie where their format wants them, and that they hold boxes";
    match (with_objects(Split::Train), with_objects(Split::Validation)) {
        (0, 0) => refuse(format!("none of the {} images has a box", samples.len()), next),
        (0, _) => refuse("no image to train on has a box".to_owned(), next),
        (_, 0) if annotations.split => refuse("no image to validate on has a box".to_owned(), next),
        (1, _) if !annotations.split => refuse(
            "only one image has boxes, so none is left to validate on".to_owned(),
            "label more images: one part is learned from, another checks what was learned",
        ),
        _ => Ok(()),
    }
}

fn count(samples: &[Sample]) -> SplitCounts {
    let mut counts = SplitCounts::default();
    samples.iter().for_each(|(_, split, _)| split.count(&mut counts));
    counts
}

/// Images are those with an object of the class.
fn class_profiles(names: &[String], samples: &[Sample]) -> Vec<ClassProfile> {
    let empty =
        |name: &String| ClassProfile { name: name.clone(), images: SplitCounts::default(), objects: 0 };
    let mut profiles: Vec<ClassProfile> = names.iter().map(empty).collect();
    for (scene, split, _) in samples {
        let mut seen: Vec<usize> =
            scene.boxes.iter().filter(|object| !object.crowd).map(|object| object.class).collect();
        seen.iter().for_each(|&class| profiles[class].objects += 1);
        seen.sort_unstable();
        seen.dedup();
        seen.iter().for_each(|&class| split.count(&mut profiles[class].images));
    }
    profiles
}

fn box_profile(samples: &[Sample]) -> BoxProfile {
    let all = || samples.iter().flat_map(|(scene, ..)| &scene.boxes);
    let objects = || all().filter(|object| !object.crowd);
    let small = objects().filter(|object| area(object.corners) < SMALL).count() as u64;
    let large = objects().filter(|object| area(object.corners) > LARGE).count() as u64;
    let total = objects().count() as u64;
    BoxProfile {
        objects: total,
        crowds: all().count() as u64 - total,
        small,
        medium: total - small - large,
        large,
        per_image: spread(
            samples
                .iter()
                .map(|(scene, ..)| scene.boxes.iter().filter(|object| !object.crowd).count() as u32),
        ),
        background: samples.iter().filter(|(scene, ..)| !scene.has_objects()).count() as u64,
    }
}

fn warnings(profile: &DatasetProfile, samples: &[Sample], tally: &Tally) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(first) = profile.skipped.first() {
        let count = profile.skipped.len();
        warnings.push(format!("{count} files are left out, the first is {}: {}", first.path, first.problem));
    }
    for (count, what) in [
        (tally.cut, "boxes reach out of their image and are cut"),
        (tally.dropped, "boxes have no area in their image and are left out"),
        (tally.repeated, "boxes are there twice and count once"),
        (
            tally.turned,
            "images are turned by their EXIF orientation; their boxes are taken as of the upright image",
        ),
        (tally.unlabelled, "images have no label and count as background"),
    ] {
        if count > 0 {
            warnings.push(format!("{count} {what}"));
        }
    }
    let sizes =
        || profile.classes.iter().filter(|class| class.objects > 0).map(|class| (class.objects, &class.name));
    if let (Some((least, rare)), Some((most, common))) = (sizes().min(), sizes().max())
        && most > IMBALANCE * least
    {
        warnings.push(format!("classes are uneven: {most} objects of {common:?}, {least} of {rare:?}"));
    }
    let named = |fits: &dyn Fn(&ClassProfile) -> bool| -> Vec<&str> {
        profile.classes.iter().filter(|class| fits(class)).map(|class| class.name.as_str()).collect()
    };
    for (names, what) in [
        (named(&|class| class.objects == 0), "have no object"),
        (named(&|class| class.objects > 0 && class.images.train == 0), "have no object to train on"),
        (
            named(&|class| profile.split && class.images.train > 0 && class.images.validation == 0),
            "have no object to validate on, so their precision stays unknown",
        ),
    ] {
        if !names.is_empty() {
            let first = names[..names.len().min(5)].join(", ");
            warnings.push(format!("{} classes {what}: {first}", names.len()));
        }
    }
    let objects: u64 = profile.classes.iter().map(|class| class.objects).sum();
    let small = profile.boxes.as_ref().map_or(0, |boxes| boxes.small);
    if small as f64 > SMALL_SHARE * objects as f64 {
        let largest = samples.iter().map(|(scene, ..)| scene.width.max(scene.height)).max().unwrap_or(0);
        warnings.push(format!(
            "{:.0} % of the objects are smaller than 32 x 32 pixels: use an image_size near the images' own, up to {largest}",
            100.0 * small as f64 / objects as f64
        ));
    }
    warnings
}

/// The same content twice: in training and in what judges it, with other boxes, or for nothing.
fn duplicates(samples: &[Sample], noted: &mut Vec<FileProblem>) -> Vec<String> {
    let mut first: HashMap<[u8; 32], &Sample> = HashMap::new();
    let (mut leaked, mut contradicting, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
    for sample in samples {
        let Some(&other) = first.get(&sample.2) else {
            first.insert(sample.2, sample);
            continue;
        };
        let pair = (other.0.path.as_str(), sample.0.path.as_str());
        if other.0.path != sample.0.path {
            let problem = format!("is the same image as {}", other.0.path);
            noted.push(FileProblem { path: sample.0.path.clone(), problem });
        }
        if (other.1 == Split::Train) != (sample.1 == Split::Train) {
            leaked.push(pair);
        } else if other.0.boxes != sample.0.boxes {
            contradicting.push(pair);
        } else {
            repeated.push(pair);
        }
    }
    let kinds = [
        (leaked, "images are in training and in validation or test, which flatters the precision"),
        (contradicting, "images are there twice with other boxes"),
        (repeated, "images are there twice"),
    ];
    kinds
        .into_iter()
        .filter_map(|(pairs, what)| {
            let (one, two) = pairs.first()?;
            Some(format!("{} {what}: {two} is {one}", pairs.len()))
        })
        .collect()
}
