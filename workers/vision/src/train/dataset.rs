//! The images of a job by split, as its manifest has them, checked before the first step.

use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;

use rayon::prelude::*;
use trainyard_data::manifest::{Header, Image, Manifest, Split};
use trainyard_events::config::Task;
use trainyard_events::reason::{Advice, Cause, Trouble, Unfit};
use trainyard_events::trainer::TrainerSpec;

use crate::data::cache::{self, ImageFile, Images, Labelled};
use crate::data::loader::Loader;
use crate::data::preprocess::{channel_statistics, channel_sums};
use crate::data::scenes::{Scene, Scenes};
use crate::failure::Failure;
use crate::limits::STATISTICS_IMAGES;
use crate::train::Hardware;
use crate::train::part::Part;
use crate::train::setup::{Notes, check_sizes};
use trainyard_data::augment::source_side;
use trainyard_data::boxes::LabelledBox;

pub struct Dataset {
    /// As the network counts them.
    pub classes: Vec<String>,
    pub train: Part,
    pub validation: Part,
    pub test: Option<Part>,
    pub hash: String,
    /// Mean and deviation that pixels are normalised with.
    pub statistics: ([f64; 3], [f64; 3]),
    /// Of its 16-bit images, where they use fewer.
    pub sample_bits: Option<u32>,
}

/// A detector sees pixels as they are, from 0 to 1.
const AS_THEY_ARE: ([f64; 3], [f64; 3]) = ([0.0; 3], [1.0; 3]);

impl Dataset {
    /// Of the manifest that the specification names.
    pub fn open(spec: &TrainerSpec, hardware: &Hardware, notes: &mut Notes) -> Result<Self, Failure> {
        let unreadable = |because: String| {
            let path = spec.manifest.display().to_string();
            let cause = Cause::said(because);
            Failure::config(Trouble::SpecUnreadable { path, cause }, Advice::SpecOfAgent)
        };
        let file = File::open(&spec.manifest).map_err(|error| unreadable(error.to_string()))?;
        let manifest = Manifest::read(BufReader::new(file)).map_err(|error| unreadable(error.to_string()))?;
        Dataset::of(manifest, spec, hardware, notes)
    }

    pub fn of(
        manifest: Manifest,
        spec: &TrainerSpec,
        hardware: &Hardware,
        notes: &mut Notes,
    ) -> Result<Self, Failure> {
        let Manifest { header, images } = manifest;
        let task = spec.config.task;
        if !header.kinds.contains(&task) {
            let because = Unfit::OtherLabels { task, kinds: header.kinds };
            return Err(Failure::dataset(because, Advice::TaskOfLabels));
        }
        if !images.iter().any(|image| image.split == Split::Train) {
            return Err(Failure::dataset(Unfit::NoTrainingImages, Advice::AddImages));
        }
        let split = if header.divided { "80/20, by content and seed" } else { "the dataset's own" };
        notes.insert("split".to_owned(), split.to_owned());
        let dataset = match task {
            Task::Classify => Dataset::labelled(spec, hardware, &images, header.sample_bits)?,
            _ => Dataset::boxed(spec, &images, &header, notes)?,
        };
        let (is_cached, bytes) = match &dataset.train {
            Part::Labelled(images) => (images.is_cached(), images.bytes()),
            Part::Scenes(scenes) => (scenes.is_cached(), scenes.bytes()),
        };
        let kept = if is_cached { format!("{} MiB in memory", bytes >> 20) } else { "none".into() };
        notes.insert("decoded_images_kept".to_owned(), kept);
        Ok(Dataset { classes: header.classes, hash: spec.dataset_hash.clone(), ..dataset })
    }

    fn labelled(
        spec: &TrainerSpec,
        hardware: &Hardware,
        images: &[Image],
        sample_bits: Option<u32>,
    ) -> Result<Self, Failure> {
        let part = |split| of_split(images, split, |image| labelled(image, sample_bits));
        let (train, validation, test) = (part(Split::Train), part(Split::Validation), part(Split::Test));
        check_sizes(&spec.config, spec.batch_divisor, train.len(), validation.len())?;
        let side = spec.config.image_size as usize;
        let budget = cache::budget() / 3;
        let images = |images, side| {
            Arc::new(Images::new(spec.images.clone(), images, side, spec.config.resize, budget))
        };
        let train = images(train, source_side(spec.config.augmentation, side));
        Ok(Dataset {
            classes: Vec::new(),
            statistics: Loader::new(hardware.threads)?.install(|| statistics(&train))?,
            train: Part::Labelled(train),
            validation: Part::Labelled(images(validation, side)),
            test: (!test.is_empty()).then(|| Part::Labelled(images(test, side))),
            sample_bits,
            hash: String::new(),
        })
    }

    fn boxed(
        spec: &TrainerSpec,
        images: &[Image],
        header: &Header,
        notes: &mut Notes,
    ) -> Result<Self, Failure> {
        let part = |split| of_split(images, split, |image| Some(scene(image, header.sample_bits)));
        let (train, validation, test) = (part(Split::Train), part(Split::Validation), part(Split::Test));
        check_sizes(&spec.config, spec.batch_divisor, train.len(), validation.len())?;
        check_boxes(&train, &header.classes, notes)?;
        if spec.config.batch_size as usize > train.len() {
            let all = format!("{}: there are no more training images", train.len());
            notes.insert("images_of_a_batch".to_owned(), all);
        }
        let budget = cache::budget() / 3;
        let scenes = |scenes| {
            let side = spec.config.image_size as usize;
            Part::Scenes(Arc::new(Scenes::new(spec.images.clone(), scenes, side, budget)))
        };
        Ok(Dataset {
            classes: Vec::new(),
            train: scenes(train),
            validation: scenes(validation),
            test: (!test.is_empty()).then(|| scenes(test)),
            hash: String::new(),
            statistics: AS_THEY_ARE,
            sample_bits: header.sample_bits,
        })
    }

    /// The colour that erased areas are filled with: the mean, which is 0 after normalising.
    pub fn fill(&self) -> [u8; 3] {
        self.statistics.0.map(|mean| (mean * 255.0).round() as u8)
    }
}

fn of_split<T>(images: &[Image], split: Split, to: impl Fn(&Image) -> Option<T>) -> Vec<T> {
    images.iter().filter(|image| image.split == split).filter_map(to).collect()
}

fn file(image: &Image, sample_bits: Option<u32>) -> ImageFile {
    ImageFile { path: image.name.clone(), sha256: image.sha256.clone(), sample_bits }
}

fn labelled(image: &Image, sample_bits: Option<u32>) -> Option<Labelled> {
    Some(Labelled { file: file(image, sample_bits), label: image.labels.first()?.class as i64 })
}

fn scene(image: &Image, sample_bits: Option<u32>) -> Scene {
    let boxes = image.labels.iter().filter_map(|label| {
        let [x, y, width, height] = label.bounds?;
        let corners = [x, y, x + width, y + height].map(|side| side as f32);
        Some(LabelledBox { class: label.class, corners, crowd: label.crowd })
    });
    Scene { file: file(image, sample_bits), width: image.width, height: image.height, boxes: boxes.collect() }
}

/// Refuses to learn from nothing; says which classes have nothing.
fn check_boxes(train: &[Scene], classes: &[String], notes: &mut Notes) -> Result<(), Failure> {
    let mut counts = vec![0u64; classes.len()];
    for object in train.iter().flat_map(|scene| &scene.boxes).filter(|object| !object.crowd) {
        counts[object.class] += 1;
    }
    notes.insert("training_boxes".to_owned(), counts.iter().sum::<u64>().to_string());
    let without: Vec<&str> = classes
        .iter()
        .zip(&counts)
        .filter(|(_, count)| **count == 0)
        .map(|(name, _)| name.as_str())
        .collect();
    if without.len() == classes.len() {
        return Err(Failure::dataset(Trouble::NoBoxOfClasses, Advice::LabelOrChooseOthers));
    }
    if !without.is_empty() {
        let without = without.join(", ");
        eprintln!("warning: no training image has a box of {without}: it will not be found");
        notes.insert("classes_without_boxes".to_owned(), without);
    }
    Ok(())
}

/// From at most [`STATISTICS_IMAGES`], evenly spread over the training images.
fn statistics(images: &Images) -> Result<([f64; 3], [f64; 3]), Failure> {
    let count = images.len().min(STATISTICS_IMAGES);
    let sums: Vec<_> = (0..count)
        .into_par_iter()
        .map(|index| Ok(channel_sums(&images.get(index * images.len() / count)?)))
        .collect::<Result<_, Failure>>()?;
    Ok(channel_statistics(sums.into_iter()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene(index: u8, classes: &[usize]) -> Scene {
        let object = |&class: &usize| LabelledBox { class, corners: [0.0, 0.0, 9.0, 9.0], crowd: false };
        Scene {
            file: ImageFile { path: format!("{index}.png"), sha256: String::new(), sample_bits: None },
            width: 20,
            height: 10,
            boxes: classes.iter().map(object).collect(),
        }
    }

    #[test]
    fn a_class_without_boxes_is_told_and_a_set_without_any_is_refused() {
        let classes = ["a", "b"].map(str::to_owned);
        let mut notes = Notes::new();
        check_boxes(&[scene(0, &[1, 1]), scene(1, &[])], &classes, &mut notes).unwrap();
        assert_eq!((notes["training_boxes"].as_str(), notes["classes_without_boxes"].as_str()), ("2", "a"));
        assert!(check_boxes(&[scene(0, &[])], &classes, &mut notes).is_err());
    }
}
