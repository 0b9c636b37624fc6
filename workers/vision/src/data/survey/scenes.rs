//! Looks at every image and every box of a dataset before a second of training is spent on it.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use rayon::prelude::*;
use trainyard_events::config::Task;
use trainyard_events::dataset::{BoxProfile, ClassProfile, DatasetProfile, FileProblem, SplitCounts};
use trainyard_events::limits::UNREADABLE_SHARE;
use trainyard_events::reason::{Advice, Caution, Flaw, Unfit};
use trainyard_words::english;

use crate::data::boxes::area;
use crate::data::folder::{self, Split};
use crate::data::formats;
use crate::data::formats::annotations::{Annotated, Annotations};
use crate::data::look::{Picture, Seen, content_hash, look, spread};
use crate::data::refusal::{Refusal, flawed};
use crate::data::scenes::Scene;
use crate::limits::{IMBALANCE, SCENE_SIDE_MIN};

use super::classes::{CLASSES_NAMED, left_out, too_many};
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
        warnings: Vec::new(),
        cautions: Vec::new(),
        skipped: bad,
        noted,
        boxes: Some(box_profile(&samples)),
        histograms: Some(histogram::of_scenes(samples.iter().map(|(scene, split, _)| (scene, *split)))),
    };
    // What the files say of themselves may be long and repeat itself; what was counted stands first.
    let mut known = HashSet::new();
    for caution in
        cautions(&profile, &samples, &tally).into_iter().chain(duplicates).chain(annotations.cautions)
    {
        if known.insert(english(&caution)) {
            profile.cautions.push(caution);
        }
    }
    Ok(Survey { profile, samples: Samples::Scenes(samples) })
}

/// One image with its boxes, or what is wrong with it or with its label.
fn scene(
    image: &Annotated,
    seen: &Seen,
    tally: &mut Tally,
    noted: &mut Vec<FileProblem>,
) -> Result<Scene, FileProblem> {
    let problem = |flaw: Flaw| flawed(&image.path, vec![flaw]);
    let picture = seen.image.as_ref().map_err(|flaw| problem(flaw.clone()))?;
    let Picture { width, height, is_turned, .. } = *picture;
    if width.min(height) < SCENE_SIDE_MIN {
        return Err(problem(Flaw::TooSmall { width, height, least: SCENE_SIDE_MIN }));
    }
    let marks = image.marks.as_ref().map_err(FileProblem::clone)?;
    if let Some((stated_width, stated_height)) = image.stated.filter(|stated| *stated != (width, height)) {
        let turned = is_turned && (stated_height, stated_width) == (width, height);
        return Err(problem(Flaw::OtherSize { width, height, stated_width, stated_height, turned }));
    }
    let Settled { boxes, cut, dropped, repeated, mut notes } = settle(marks, width, height);
    if !image.is_labelled {
        notes.push(Flaw::Background);
    }
    if is_turned {
        notes.push(Flaw::TurnedByExif);
    }
    tally.cut += cut;
    tally.dropped += dropped;
    tally.repeated += repeated;
    tally.turned += u64::from(is_turned);
    tally.unlabelled += u64::from(!image.is_labelled);
    if !notes.is_empty() {
        let more = notes.len().saturating_sub(NOTES_OF_FILE) as u64;
        notes.truncate(NOTES_OF_FILE);
        notes.extend((more > 0).then_some(Flaw::MoreNotes { notes: more }));
        noted.push(flawed(&image.path, notes));
    }
    Ok(Scene { path: image.path.clone(), width, height, boxes })
}

fn refuse_if_too_bad(
    annotations: &Annotations,
    samples: &[Sample],
    tally: &Tally,
    bad: &[FileProblem],
) -> Result<(), Refusal> {
    let refuse = |because, advice| Err(Refusal::new(because, advice).with_files(bad));
    let files = samples.len() + bad.len();
    if bad.len() as f64 > UNREADABLE_SHARE * files as f64 {
        return Err(too_many(bad.len(), files).with_files(bad));
    }
    let kept: u64 = samples.iter().map(|(scene, ..)| scene.boxes.len() as u64).sum();
    let boxes = kept + tally.dropped;
    if tally.dropped as f64 > UNREADABLE_SHARE * boxes as f64 {
        let percent = (UNREADABLE_SHARE * 100.0).round() as u64;
        return refuse(Unfit::TooManyBadBoxes { bad: tally.dropped, boxes, percent }, Advice::RelabelBoxes);
    }
    let with_objects =
        |split: Split| samples.iter().filter(|(scene, of, _)| *of == split && scene.has_objects()).count();
    match (with_objects(Split::Train), with_objects(Split::Validation)) {
        (0, 0) => refuse(Unfit::NoBoxes { images: samples.len() as u64 }, Advice::CheckLabelPlaces),
        (0, _) => refuse(Unfit::NoBoxToTrainOn, Advice::CheckLabelPlaces),
        (_, 0) if annotations.split => refuse(Unfit::NoBoxToValidateOn, Advice::CheckLabelPlaces),
        (1, _) if !annotations.split => refuse(Unfit::OneImageWithBoxes, Advice::LabelMore),
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

fn cautions(profile: &DatasetProfile, samples: &[Sample], tally: &Tally) -> Vec<Caution> {
    let mut cautions: Vec<Caution> = left_out(&profile.skipped).into_iter().collect();
    let Tally { cut, dropped, repeated, turned, unlabelled } = *tally;
    let counted = [
        (cut, Caution::BoxesCut { boxes: cut }),
        (dropped, Caution::BoxesDropped { boxes: dropped }),
        (repeated, Caution::BoxesRepeated { boxes: repeated }),
        (turned, Caution::ImagesTurned { images: turned }),
        (unlabelled, Caution::ImagesUnlabelled { images: unlabelled }),
    ];
    cautions.extend(counted.into_iter().filter(|(count, _)| *count > 0).map(|(_, caution)| caution));
    let sizes =
        || profile.classes.iter().filter(|class| class.objects > 0).map(|class| (class.objects, &class.name));
    if let (Some((least, rare)), Some((most, common))) = (sizes().min(), sizes().max())
        && most > IMBALANCE * least
    {
        let (common, rare) = (common.clone(), rare.clone());
        cautions.push(Caution::UnevenObjects { most, common, least, rare });
    }
    cautions.extend(missing_classes(profile));
    let objects: u64 = profile.classes.iter().map(|class| class.objects).sum();
    let small = profile.boxes.as_ref().map_or(0, |boxes| boxes.small);
    if small as f64 > SMALL_SHARE * objects as f64 {
        let largest = samples.iter().map(|(scene, ..)| scene.width.max(scene.height)).max().unwrap_or(0);
        let percent = (100.0 * small as f64 / objects as f64).round() as u64;
        cautions.push(Caution::SmallObjects { percent, largest });
    }
    cautions
}

/// Classes without anything to learn from, or to judge by.
fn missing_classes(profile: &DatasetProfile) -> Vec<Caution> {
    let named = |fits: &dyn Fn(&ClassProfile) -> bool| -> Option<(u64, Vec<String>)> {
        let names: Vec<&String> =
            profile.classes.iter().filter(|class| fits(class)).map(|class| &class.name).collect();
        let first = names.iter().take(CLASSES_NAMED).map(|name| (*name).clone()).collect();
        (!names.is_empty()).then_some((names.len() as u64, first))
    };
    let without =
        named(&|class| class.objects == 0).map(|(classes, names)| Caution::WithoutObject { classes, names });
    let train = named(&|class| class.objects > 0 && class.images.train == 0)
        .map(|(classes, names)| Caution::WithoutTrainObject { classes, names });
    let validation = named(&|class| profile.split && class.images.train > 0 && class.images.validation == 0)
        .map(|(classes, names)| Caution::WithoutValidationObject { classes, names });
    [without, train, validation].into_iter().flatten().collect()
}

/// The same content twice: in training and in what judges it, with other boxes, or for nothing.
fn duplicates(samples: &[Sample], noted: &mut Vec<FileProblem>) -> Vec<Caution> {
    let mut first: HashMap<[u8; 32], &Sample> = HashMap::new();
    let (mut leaked, mut contradicting, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
    for sample in samples {
        let Some(&other) = first.get(&sample.2) else {
            first.insert(sample.2, sample);
            continue;
        };
        let pair = (&other.0.path, &sample.0.path);
        if other.0.path != sample.0.path {
            let flaw = Flaw::SameImageAs { path: other.0.path.clone() };
            noted.push(flawed(&sample.0.path, vec![flaw]));
        }
        if (other.1 == Split::Train) != (sample.1 == Split::Train) {
            leaked.push(pair);
        } else if other.0.boxes != sample.0.boxes {
            contradicting.push(pair);
        } else {
            repeated.push(pair);
        }
    }
    let counted = |pairs: &[(&String, &String)]| {
        let (other, path) = pairs.first()?;
        Some((pairs.len() as u64, (*path).clone(), (*other).clone()))
    };
    let leaked = counted(&leaked).map(|(images, path, other)| Caution::LeakedScenes { images, path, other });
    let contradicting = counted(&contradicting).map(|(images, path, other)| Caution::TwiceWithOtherBoxes {
        images,
        path,
        other,
    });
    let repeated = counted(&repeated).map(|(images, path, other)| Caution::Twice { images, path, other });
    [leaked, contradicting, repeated].into_iter().flatten().collect()
}
