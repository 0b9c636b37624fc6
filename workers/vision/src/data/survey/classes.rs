//! Looks at folders of images, one for each class.

use std::collections::HashMap;
use std::path::Path;

use rayon::prelude::*;
use trainyard_events::config::Task;
use trainyard_events::dataset::{ClassProfile, DatasetFormat, DatasetProfile, FileProblem, SplitCounts};
use trainyard_events::limits::UNREADABLE_SHARE;
use trainyard_events::reason::{Advice, Caution, Unfit};

use crate::data::folder::{self, Layout, Listed, Split};
use crate::data::look::{Picture, Seen, content_hash, look, spread};
use crate::data::refusal::{Refusal, flawed};
use crate::limits::IMBALANCE;

use super::found::{Sample, Samples, Survey};
use super::histogram;

/// Classes named where some of them are worth a word.
pub(super) const CLASSES_NAMED: usize = 5;

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
            Err(flaw) => bad.push(flawed(&image.path, vec![flaw.clone()])),
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
        cautions: Vec::new(),
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
    let cautions = cautions(&profile, &layout, &samples);
    Ok(Survey { profile: DatasetProfile { cautions, ..profile }, samples: Samples::Classified(samples) })
}

fn sample(image: &Listed, seen: &Seen) -> Sample {
    Sample { path: image.path.clone(), class: image.class, split: image.split, content: seen.content }
}

fn refuse_if_too_bad(layout: &Layout, samples: &[Sample], bad: &[FileProblem]) -> Result<(), Refusal> {
    let train =
        |class: usize| samples.iter().any(|sample| sample.class == class && sample.split == Split::Train);
    if let Some(class) = (0..layout.classes.len()).find(|&class| !train(class)) {
        let name = || layout.classes[class].clone();
        let (because, advice) =
            (Unfit::ClassWithoutImage { class: name() }, Advice::FillOrRemoveFolder { folder: name() });
        return Err(Refusal::new(because, advice).with_files(bad));
    }
    let files = samples.len() + bad.len();
    if bad.len() as f64 > UNREADABLE_SHARE * files as f64 {
        return Err(too_many(bad.len(), files).with_files(bad));
    }
    let lone = |class| samples.iter().filter(|sample| sample.class == class).count() == 1;
    if !layout.validation && (0..layout.classes.len()).all(lone) {
        return Err(Refusal::new(Unfit::OneImageEach, Advice::AddImages));
    }
    if layout.validation && !samples.iter().any(|sample| sample.split == Split::Validation) {
        return Err(Refusal::new(Unfit::NoValidationImage, Advice::FillValidation).with_files(bad));
    }
    Ok(())
}

/// More files cannot be used than may be.
pub(super) fn too_many(bad: usize, files: usize) -> Refusal {
    let percent = (UNREADABLE_SHARE * 100.0).round() as u64;
    let because = Unfit::TooManyBadFiles { bad: bad as u64, files: files as u64, percent };
    Refusal::new(because, Advice::RepairFiles)
}

fn count<'a>(samples: impl Iterator<Item = &'a Sample>) -> SplitCounts {
    let mut counts = SplitCounts::default();
    samples.for_each(|sample| sample.split.count(&mut counts));
    counts
}

fn cautions(profile: &DatasetProfile, layout: &Layout, samples: &[Sample]) -> Vec<Caution> {
    let mut cautions: Vec<Caution> = left_out(&profile.skipped).into_iter().collect();
    if layout.others > 0 {
        cautions.push(Caution::NotOfAClass { files: layout.others as u64 });
    }
    let sizes = || profile.classes.iter().map(|class| (class.images.train, &class.name));
    if let (Some((least, rare)), Some((most, common))) = (sizes().min(), sizes().max())
        && most > IMBALANCE * least
    {
        let (common, rare) = (common.clone(), rare.clone());
        cautions.push(Caution::UnevenImages { most, common, least, rare });
    }
    let unchecked: Vec<String> = profile
        .classes
        .iter()
        .filter(|class| if profile.split { class.images.validation == 0 } else { class.images.train == 1 })
        .map(|class| class.name.clone())
        .collect();
    if !unchecked.is_empty() {
        let classes = unchecked.len() as u64;
        let names = unchecked.into_iter().take(CLASSES_NAMED).collect();
        cautions.push(if profile.split {
            Caution::WithoutValidation { classes, names }
        } else {
            Caution::WithOneImage { classes, names }
        });
    }
    cautions.extend(duplicates(samples, layout));
    cautions
}

/// What is said of the files that are not used.
pub(super) fn left_out(skipped: &[FileProblem]) -> Option<Caution> {
    let first = skipped.first()?;
    let flaw = first.flaws.first()?.clone();
    Some(Caution::LeftOut { files: skipped.len() as u64, first: first.path.clone(), flaw })
}

/// The same content in training and in what judges it, or under two classes.
fn duplicates(samples: &[Sample], layout: &Layout) -> Vec<Caution> {
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
    let leak = leaked.first().map(|(one, two)| Caution::Leaked {
        images: leaked.len() as u64,
        path: two.path.clone(),
        other: one.path.clone(),
    });
    let contradiction = contradicting.first().map(|(one, two)| Caution::UnderTwoClasses {
        images: contradicting.len() as u64,
        path: two.path.clone(),
        class: layout.classes[two.class].clone(),
        other: one.path.clone(),
        other_class: layout.classes[one.class].clone(),
    });
    leak.into_iter().chain(contradiction).collect()
}
