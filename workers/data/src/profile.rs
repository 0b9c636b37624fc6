//! What there is in a dataset, counted: the profile that its proposal, its page and its trainings begin from.

mod histogram;

use trainyard_events::config::Task;
use trainyard_events::dataset::{BoxProfile, ClassProfile, DatasetProfile, SplitCounts};
use trainyard_events::reason::Caution;

use crate::dataset::Dataset;
use crate::limits::SMALL_SHARE;
use crate::manifest::{Image, Label, Manifest, Split};
use histogram::{count, histograms};

/// COCO's small and large objects, in square pixels of their image.
const SMALL: f64 = 32.0 * 32.0;
const LARGE: f64 = 96.0 * 96.0;

impl Dataset {
    pub fn profile(&self) -> DatasetProfile {
        let Manifest { header, images } = &self.manifest;
        let mut counts = SplitCounts::default();
        images.iter().for_each(|image| count(image.split, &mut counts));
        let has_objects = images.iter().flat_map(|image| &image.labels).any(|label| !label.is_of_image());
        // Of images with and without defects there is no box to count.
        let boxes = (has_objects && self.manifest.task() != Task::Anomaly).then(|| boxes(images));
        let mut cautions = self.report.cautions.clone();
        cautions.extend(boxes.as_ref().and_then(|boxes| small(boxes, images)));
        DatasetProfile {
            format: self.report.format,
            task: self.manifest.task(),
            kinds: header.kinds.clone(),
            images: counts,
            split: self.manifest.is_split(),
            classes: classes(&header.classes, images),
            width: spread(images.iter().map(|image| image.width)),
            height: spread(images.iter().map(|image| image.height)),
            grey: self.is_grey,
            bytes: images.iter().map(|image| image.bytes).sum(),
            content_hash: self.content_hash.clone(),
            warnings: Vec::new(),
            cautions,
            skipped: self.report.skipped.clone(),
            skipped_files: self.report.skipped_files,
            noted: self.report.noted.clone(),
            noted_files: self.report.noted_files,
            boxes,
            histograms: Some(histograms(images)),
        }
    }
}

/// Images are those with an object of the class.
fn classes(names: &[String], images: &[Image]) -> Vec<ClassProfile> {
    let empty =
        |name: &String| ClassProfile { name: name.clone(), images: SplitCounts::default(), objects: 0 };
    let mut profiles: Vec<ClassProfile> = names.iter().map(empty).collect();
    for image in images {
        let mut seen: Vec<usize> = objects(image).map(|label| label.class).collect();
        seen.iter().for_each(|&class| profiles[class].objects += 1);
        seen.sort_unstable();
        seen.dedup();
        seen.iter().for_each(|&class| count(image.split, &mut profiles[class].images));
    }
    profiles
}

fn objects(image: &Image) -> impl Iterator<Item = &Label> {
    image.labels.iter().filter(|label| !label.crowd)
}

fn boxes(images: &[Image]) -> BoxProfile {
    let areas = || images.iter().flat_map(objects).filter_map(|label| label.bounds).map(|[.., w, h]| w * h);
    let crowds = images.iter().flat_map(|image| &image.labels).filter(|label| label.crowd).count() as u64;
    let total = images.iter().flat_map(objects).count() as u64;
    let small = areas().filter(|area| *area < SMALL).count() as u64;
    let large = areas().filter(|area| *area > LARGE).count() as u64;
    BoxProfile {
        objects: total,
        crowds,
        small,
        medium: total - small - large,
        large,
        per_image: spread(images.iter().map(|image| objects(image).count() as u32)),
        background: images.iter().filter(|image| objects(image).next().is_none()).count() as u64,
    }
}

/// Worth a word where most objects are small: the image has to stay large.
fn small(boxes: &BoxProfile, images: &[Image]) -> Option<Caution> {
    let largest = images.iter().map(|image| image.width.max(image.height)).max()?;
    let share = boxes.small as f64 / boxes.objects.max(1) as f64;
    let percent = (100.0 * share).round() as u64;
    (share > SMALL_SHARE).then_some(Caution::SmallObjects { percent, largest })
}

/// Smallest, median, largest.
fn spread(values: impl Iterator<Item = u32>) -> [u32; 3] {
    let mut values: Vec<u32> = values.collect();
    values.sort_unstable();
    match values[..] {
        [] => [0; 3],
        [first, ..] => [first, values[values.len() / 2], values[values.len() - 1]],
    }
}

impl Manifest {
    /// What its labels serve best, the first of its kinds.
    pub fn task(&self) -> Task {
        self.header.kinds.first().copied().unwrap_or(Task::Classify)
    }

    /// Whether it brings images to validate on.
    pub fn is_split(&self) -> bool {
        self.images.iter().any(|image| image.split == Split::Validation)
    }
}
