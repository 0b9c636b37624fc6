//! Looks at folders of images, one for each class.

use std::collections::HashMap;
use std::path::Path;

use rayon::prelude::*;
use trainyard_events::config::Task;
use trainyard_events::dataset::{ClassProfile, DatasetFormat, DatasetProfile, FileProblem, SplitCounts};
use trainyard_events::limits::UNREADABLE_SHARE;

use crate::data::folder::{self, Layout, Listed, Split};
use crate::data::look::{Picture, Seen, content_hash, look, spread};
use crate::data::refusal::Refusal;
use crate::limits::IMBALANCE;

use super::found::{Sample, Samples, Survey};
use super::histogram;

/// Reads every image with rayon's threads. Those that cannot be read are left out as long as they are few and leave no
/// class empty.
pub(super) fn classes(root: &Path) -> Result<Survey, Refusal> {
    let tree = folder::walk(root)?;
    let layout = folder::layout(&tree)?;
    let seen: Vec<Seen> = layout.images.par_iter().map(|image| look(&root.join(&image.path))).collect();
    let known =
        layout.images.iter().zip(&seen).map(|(image, seen)| (image.path.as_str(), seen.content)).collect();
    let content_hash = content_hash(root, &tree.files, &known);

    let mut bad = tree.problems;
    let mut samples = Vec::new();
    for (image, seen) in layout.images.iter().zip(&seen) {
        match &seen.image {
            Ok(_) => samples.push(sample(image, seen)),
            Err(problem) => bad.push(FileProblem { path: image.path.clone(), problem: problem.clone() }),
        }
    }
    refuse_if_too_bad(&layout, &samples, &bad)?;

    let good: Vec<&Seen> = seen.iter().filter(|seen| seen.image.is_ok()).collect();
    let pictures: Vec<Picture> = good.iter().filter_map(|seen| seen.image.clone().ok()).collect();
    let images = count(samples.iter());
    let profile = DatasetProfile {
        format: DatasetFormat::ImageFolder,
        task: Task::Classify,
        images,
        split: layout.validation,
        classes: layout
            .classes
            .iter()
            .enumerate()
            .map(|(class, name)| {
                let images = count(samples.iter().filter(|sample| sample.class == class));
                ClassProfile { name: name.clone(), images, objects: images.total() }
            })
            .collect(),
        width: spread(pictures.iter().map(|picture| picture.width)),
        height: spread(pictures.iter().map(|picture| picture.height)),
        grey: pictures.iter().all(|picture| picture.is_grey),
        bytes: good.iter().map(|seen| seen.bytes).sum(),
        content_hash,
        warnings: Vec::new(),
        skipped: bad,
        noted: Vec::new(),
        boxes: None,
        histograms: Some(histogram::of_images(
            // Both have what can be read, in the same order.
            samples
                .iter()
                .zip(&pictures)
                .map(|(sample, picture)| (picture.width, picture.height, sample.split)),
        )),
    };
    let warnings = warnings(&profile, &layout, &samples);
    Ok(Survey { profile: DatasetProfile { warnings, ..profile }, samples: Samples::Classified(samples) })
}

fn sample(image: &Listed, seen: &Seen) -> Sample {
    Sample { path: image.path.clone(), class: image.class, split: image.split, content: seen.content }
}

fn refuse_if_too_bad(layout: &Layout, samples: &[Sample], bad: &[FileProblem]) -> Result<(), Refusal> {
    let train =
        |class: usize| samples.iter().any(|sample| sample.class == class && sample.split == Split::Train);
    if let Some(class) = (0..layout.classes.len()).find(|&class| !train(class)) {
        let name = &layout.classes[class];
        return Err(Refusal::new(
            format!("the class {name:?} has no readable image to train on"),
            format!("put images into its folder, or remove the folder {name:?}"),
        )
        .with_files(bad));
    }
    let files = samples.len() + bad.len();
    if bad.len() as f64 > UNREADABLE_SHARE * files as f64 {
        return Err(Refusal::new(
            format!(
                "{} of {files} files cannot be used, more than {:.0} %",
                bad.len(),
                UNREADABLE_SHARE * 100.0
            ),
            "repair or remove the files in the report, then name the dataset again",
        )
        .with_files(bad));
    }
    let lone = |class| samples.iter().filter(|sample| sample.class == class).count() == 1;
    if !layout.validation && (0..layout.classes.len()).all(lone) {
        let next = "add images: one part of each class is learned from, another checks what was learned";
        return Err(Refusal::new("every class has one image, so none is left to validate on", next));
    }
    if layout.validation && !samples.iter().any(|sample| sample.split == Split::Validation) {
        let next = "put images there, or remove the folder and a part of the training images is used instead";
        return Err(Refusal::new("the validation folder has no readable image", next).with_files(bad));
    }
    Ok(())
}

fn count<'a>(samples: impl Iterator<Item = &'a Sample>) -> SplitCounts {
    let mut counts = SplitCounts::default();
    samples.for_each(|sample| sample.split.count(&mut counts));
    counts
}

fn warnings(profile: &DatasetProfile, layout: &Layout, samples: &[Sample]) -> Vec<String> {
    let mut warnings = Vec::new();
    if !profile.skipped.is_empty() {
        let first = &profile.skipped[0];
        let count = profile.skipped.len();
        warnings
            .push(format!("{count} files are left out, the first is {}: it {}", first.path, first.problem));
    }
    if layout.others > 0 {
        warnings.push(format!("{} files are no images of a class and are ignored", layout.others));
    }
    let sizes = || profile.classes.iter().map(|class| (class.images.train, &class.name));
    if let (Some((least, rare)), Some((most, common))) = (sizes().min(), sizes().max())
        && most > IMBALANCE * least
    {
        warnings.push(format!("classes are uneven: {most} images of {common:?}, {least} of {rare:?}"));
    }
    let unchecked: Vec<&str> = profile
        .classes
        .iter()
        .filter(|class| if profile.split { class.images.validation == 0 } else { class.images.train == 1 })
        .map(|class| class.name.as_str())
        .collect();
    if !unchecked.is_empty() {
        let why =
            if profile.split { "have no validation image" } else { "have one image, which is trained on" };
        let names = unchecked[..unchecked.len().min(5)].join(", ");
        warnings.push(format!("{} classes {why}, so their accuracy stays unknown: {names}", unchecked.len()));
    }
    warnings.extend(duplicates(samples, layout));
    warnings
}

/// The same content in training and in what judges it, or under two classes.
fn duplicates(samples: &[Sample], layout: &Layout) -> Vec<String> {
    let mut first: HashMap<[u8; 32], &Sample> = HashMap::new();
    let (mut leaked, mut contradicting) = (Vec::new(), Vec::new());
    for sample in samples {
        let Some(&other) = first.get(&sample.content) else {
            first.insert(sample.content, sample);
            continue;
        };
        if other.class != sample.class {
            contradicting.push((other, sample));
        } else if (other.split == Split::Train) != (sample.split == Split::Train) {
            leaked.push((other, sample));
        }
    }
    let mut warnings = Vec::new();
    if let Some((one, two)) = leaked.first() {
        warnings.push(format!(
            "{} images are in training and in validation or test, which flatters the accuracy: {} is {}",
            leaked.len(),
            two.path,
            one.path
        ));
    }
    if let Some((one, two)) = contradicting.first() {
        warnings.push(format!(
            "{} images are under two classes: {} ({}) is {} ({})",
            contradicting.len(),
            two.path,
            layout.classes[two.class],
            one.path,
            layout.classes[one.class]
        ));
    }
    warnings
}
