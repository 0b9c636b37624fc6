//! The images of a job by split, read, checked and numbered before the first step.

use std::sync::Arc;

use rayon::prelude::*;
use trainyard_events::config::Task;
use trainyard_events::reason::{Advice, Trouble};
use trainyard_events::trainer::TrainerSpec;
use trainyard_words::english;

use crate::data::augment::source_side;
use crate::data::boxes::LabelledBox;
use crate::data::cache::{self, Images, Labelled};
use crate::data::folder::Split;
use crate::data::loader::Loader;
use crate::data::preprocess::{channel_statistics, channel_sums};
use crate::data::refusal::Refusal;
use crate::data::scenes::{Scene, Scenes};
use crate::data::split::{divide, stratify};
use crate::data::survey::{Sample, Samples, Survey, survey};
use crate::failure::Failure;
use crate::limits::STATISTICS_IMAGES;
use crate::train::Hardware;
use crate::train::part::Part;
use crate::train::setup::{Notes, check_sizes};

pub struct Dataset {
    /// As the network counts them.
    pub classes: Vec<String>,
    pub train: Part,
    pub validation: Part,
    pub test: Option<Part>,
    pub hash: String,
    /// Mean and deviation that pixels are normalised with.
    pub statistics: ([f64; 3], [f64; 3]),
}

/// A detector sees pixels as they are, from 0 to 1.
const AS_THEY_ARE: ([f64; 3], [f64; 3]) = ([0.0; 3], [1.0; 3]);

impl Dataset {
    pub fn open(spec: &TrainerSpec, hardware: &Hardware, notes: &mut Notes) -> Result<Self, Failure> {
        let pool = Loader::new(hardware.threads)?;
        eprintln!("looking at {}", spec.dataset.display());
        let Survey { profile, samples } =
            pool.install(|| survey(&spec.dataset, spec.config.task)).map_err(refused)?;
        if spec.dataset_hash.as_ref().is_some_and(|hash| *hash != profile.content_hash) {
            return Err(Failure::dataset(Trouble::DatasetChanged, Advice::NameDatasetAgain));
        }
        profile.cautions.iter().for_each(|caution| eprintln!("warning: {}", english(caution)));
        if !profile.skipped.is_empty() {
            notes.insert("skipped_files".to_owned(), profile.skipped.len().to_string());
        }
        let names: Vec<String> = profile.classes.into_iter().map(|class| class.name).collect();
        let classes = choose_classes(spec.config.task, &spec.config.classes, &names)?;
        let numbers: Vec<Option<usize>> =
            names.iter().map(|name| classes.iter().position(|class| class == name)).collect();
        let dataset = match samples {
            Samples::Classified(mut samples) => {
                if !profile.split {
                    stratify(&mut samples, spec.config.seed);
                }
                let split = "80/20 of each class, by content and seed";
                note_split(notes, profile.split, split);
                Dataset::labelled(spec, &pool, &samples, &numbers)?
            }
            Samples::Scenes(scenes) => {
                let chosen = |(scene, split, content)| (renumbered(scene, &numbers), split, content);
                let mut scenes: Vec<_> = scenes.into_iter().map(chosen).collect();
                if !profile.split {
                    divide(&mut scenes, spec.config.seed);
                }
                note_split(notes, profile.split, "80/20 of the images, by content and seed");
                Dataset::boxed(spec, scenes, &classes, notes)?
            }
        };
        let (is_cached, bytes) = match &dataset.train {
            Part::Labelled(images) => (images.is_cached(), images.bytes()),
            Part::Scenes(scenes) => (scenes.is_cached(), scenes.bytes()),
        };
        let kept = if is_cached { format!("{} MiB in memory", bytes >> 20) } else { "none".into() };
        notes.insert("decoded_images_kept".to_owned(), kept);
        Ok(Dataset { classes, hash: profile.content_hash, ..dataset })
    }

    fn labelled(
        spec: &TrainerSpec,
        pool: &Loader,
        samples: &[Sample],
        numbers: &[Option<usize>],
    ) -> Result<Self, Failure> {
        let part = |split| labelled(samples, numbers, split);
        let (train, validation, test) = (part(Split::Train), part(Split::Validation), part(Split::Test));
        check_sizes(&spec.config, spec.batch_divisor, train.len(), validation.len())?;
        let side = spec.config.image_size as usize;
        let budget = cache::budget() / 3;
        let images = |images, side| {
            Arc::new(Images::new(spec.dataset.clone(), images, side, spec.config.resize, budget))
        };
        let train = images(train, source_side(spec.config.augmentation, side));
        Ok(Dataset {
            classes: Vec::new(),
            statistics: pool.install(|| statistics(&train))?,
            train: Part::Labelled(train),
            validation: Part::Labelled(images(validation, side)),
            test: (!test.is_empty()).then(|| Part::Labelled(images(test, side))),
            hash: String::new(),
        })
    }

    fn boxed(
        spec: &TrainerSpec,
        scenes: Vec<(Scene, Split, [u8; 32])>,
        classes: &[String],
        notes: &mut Notes,
    ) -> Result<Self, Failure> {
        let part = |wanted| -> Vec<Scene> {
            let of_split = scenes.iter().filter(|(_, split, _)| *split == wanted);
            of_split.map(|(scene, ..)| scene.clone()).collect()
        };
        let (train, validation, test) = (part(Split::Train), part(Split::Validation), part(Split::Test));
        check_sizes(&spec.config, spec.batch_divisor, train.len(), validation.len())?;
        check_boxes(&train, classes, notes)?;
        if spec.config.batch_size as usize > train.len() {
            let all = format!("{}: there are no more training images", train.len());
            notes.insert("images_of_a_batch".to_owned(), all);
        }
        let budget = cache::budget() / 3;
        let scenes = |scenes| {
            let side = spec.config.image_size as usize;
            Part::Scenes(Arc::new(Scenes::new(spec.dataset.clone(), scenes, side, budget)))
        };
        Ok(Dataset {
            classes: Vec::new(),
            train: scenes(train),
            validation: scenes(validation),
            test: (!test.is_empty()).then(|| scenes(test)),
            hash: String::new(),
            statistics: AS_THEY_ARE,
        })
    }

    /// The colour that erased areas are filled with: the mean, which is 0 after normalising.
    pub fn fill(&self) -> [u8; 3] {
        self.statistics.0.map(|mean| (mean * 255.0).round() as u8)
    }
}

fn refused(refusal: Refusal) -> Failure {
    for file in &refusal.report {
        eprintln!("{} {}", file.path, file.problem);
    }
    Failure::dataset(*refusal.because, refusal.advice)
}

fn note_split(notes: &mut Notes, is_split: bool, ours: &str) {
    let split = if is_split { "the dataset's own" } else { ours };
    notes.insert("split".to_owned(), split.to_owned());
}

/// All classes of the dataset, or exactly those asked for, in the order asked for.
fn choose_classes(task: Task, wanted: &[String], names: &[String]) -> Result<Vec<String>, Failure> {
    if wanted.is_empty() {
        return Ok(names.to_vec());
    }
    let unknown: Vec<String> = wanted.iter().filter(|name| !names.contains(name)).cloned().collect();
    let has = || names.to_vec();
    if !unknown.is_empty() {
        let advice = Advice::ClassesThereAre { classes: has() };
        return Err(Failure::config(Trouble::NoSuchClasses { classes: unknown }, advice));
    }
    if task == Task::Classify && wanted.len() < 2 {
        return Err(Failure::config(Trouble::OneClassChosen, Advice::NameTwoClasses { classes: has() }));
    }
    Ok(wanted.to_vec())
}

fn labelled(samples: &[Sample], numbers: &[Option<usize>], split: Split) -> Vec<Labelled> {
    samples
        .iter()
        .filter(|sample| sample.split == split)
        .filter_map(|sample| {
            Some(Labelled { path: sample.path.clone(), label: numbers[sample.class]? as i64 })
        })
        .collect()
}

/// A scene of which only the chosen classes are told; without any it is background, which teaches too.
fn renumbered(scene: Scene, numbers: &[Option<usize>]) -> Scene {
    let boxes = scene.boxes.iter();
    let boxes = boxes.filter_map(|object| Some(LabelledBox { class: numbers[object.class]?, ..*object }));
    Scene { boxes: boxes.collect(), ..scene }
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

    #[test]
    fn classes_are_all_or_those_asked_for_in_order() {
        let names = ["a", "b", "c"].map(str::to_owned);
        let choose = |task, wanted: &[&str]| {
            let wanted: Vec<_> = wanted.iter().map(|name| (*name).to_owned()).collect();
            choose_classes(task, &wanted, &names)
        };
        assert_eq!(choose(Task::Classify, &[]).unwrap(), names);
        assert_eq!(choose(Task::Classify, &["c", "a"]).unwrap(), ["c", "a"]);
        let failure = choose(Task::Classify, &["a", "x"]).unwrap_err();
        assert!(failure.to_string().contains("no class x; its classes are a, b, c"), "{failure}");
        assert!(choose(Task::Classify, &["a"]).is_err());
        assert_eq!(choose(Task::Detect, &["b"]).unwrap(), ["b"]);
    }

    fn scene(index: u8, classes: &[usize]) -> Scene {
        let object = |&class: &usize| LabelledBox { class, corners: [0.0, 0.0, 9.0, 9.0], crowd: false };
        Scene {
            path: format!("{index}.png"),
            width: 20,
            height: 10,
            boxes: classes.iter().map(object).collect(),
        }
    }

    #[test]
    fn boxes_of_other_classes_are_background() {
        let chosen = [None, Some(1), Some(0)];
        let found = renumbered(scene(0, &[0, 1, 2, 2]), &chosen);
        assert_eq!(found.boxes.iter().map(|object| object.class).collect::<Vec<_>>(), [1, 0, 0]);
        assert!(renumbered(scene(0, &[0]), &chosen).boxes.is_empty());
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
