//! Everything that is checked and prepared before the first step: the configuration and the data.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use trainyard_events::TrainingConfig;
use trainyard_events::config::{Augmentation, Task};
use trainyard_events::trainer::TrainerSpec;

use crate::data::augment::source_side;
use crate::data::cache::{self, Images, Labelled};
use crate::data::folder::Split;
use crate::data::loader::Loader;
use crate::data::preprocess::{channel_statistics, channel_sums};
use crate::data::split::stratify;
use crate::data::survey::{Refusal, Sample, Samples, Survey, survey};
use crate::failure::Failure;
use crate::limits::STATISTICS_IMAGES;
use crate::models;
use crate::train::Hardware;

/// What a trainer resolved by itself, by name.
pub type Notes = BTreeMap<String, String>;

/// The images of a job by split, with the classes as the network counts them.
pub struct Dataset {
    pub classes: Vec<String>,
    pub train: Arc<Images>,
    pub validation: Arc<Images>,
    pub test: Option<Arc<Images>>,
    pub hash: String,
    /// Mean and deviation of the training images' channels.
    pub statistics: ([f64; 3], [f64; 3]),
}

/// Refuses what cannot be trained, before a file is read.
pub fn check_config(config: &TrainingConfig) -> Result<(), Failure> {
    let problems: Vec<String> = config.problems().iter().map(ToString::to_string).collect();
    if !problems.is_empty() {
        return Err(Failure::config(problems.join("; "), "correct the configuration"));
    }
    if config.task != Task::Classify {
        return Err(Failure::config(
            format!("this trainer cannot {} yet", config.task),
            "configure the task classify, or choose a framework runner",
        ));
    }
    if !models::NAMES.contains(&config.model.as_str()) {
        return Err(Failure::config(
            format!("the model {:?} is not built in", config.model),
            format!("choose one of {}", models::NAMES.join(", ")),
        ));
    }
    if config.batch_size < 2 {
        return Err(Failure::config(
            "batch normalisation cannot learn from one image",
            "set batch_size to 2 or more",
        ));
    }
    Ok(())
}

impl Dataset {
    pub fn open(spec: &TrainerSpec, hardware: &Hardware, notes: &mut Notes) -> Result<Self, Failure> {
        let pool = Loader::new(hardware.threads)?;
        eprintln!("looking at {}", spec.dataset.display());
        let Survey { profile, samples } =
            pool.install(|| survey(&spec.dataset, spec.config.task)).map_err(refused)?;
        let Samples::Classified(mut samples) = samples else {
            unreachable!("check_config lets no other task through");
        };
        if spec.dataset_hash.as_ref().is_some_and(|hash| *hash != profile.content_hash) {
            return Err(Failure::dataset(
                "the dataset is not the one that was validated: its files have changed",
                "name the dataset again, so that it is looked at again",
            ));
        }
        profile.warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
        if !profile.skipped.is_empty() {
            notes.insert("skipped_files".to_owned(), profile.skipped.len().to_string());
        }

        let names: Vec<String> = profile.classes.into_iter().map(|class| class.name).collect();
        let classes = choose_classes(&spec.config.classes, &names)?;
        if !profile.split {
            stratify(&mut samples, spec.config.seed);
        }
        let split =
            if profile.split { "the dataset's own" } else { "80/20 of each class, by content and seed" };
        notes.insert("split".to_owned(), split.to_owned());

        let labels: Vec<Option<i64>> = names
            .iter()
            .map(|name| classes.iter().position(|class| class == name).map(|at| at as i64))
            .collect();
        let part = |split| labelled(&samples, &labels, split);
        let (train, validation, test) = (part(Split::Train), part(Split::Validation), part(Split::Test));
        check_sizes(&spec.config, spec.batch_divisor, train.len(), validation.len())?;

        let side = spec.config.image_size as usize;
        let budget = cache::budget() / 3;
        let images = |images, side| {
            Arc::new(Images::new(spec.dataset.clone(), images, side, spec.config.resize, budget))
        };
        let train = images(train, source_side(spec.config.augmentation, side));
        let statistics = pool.install(|| statistics(&train))?;
        let kept =
            if train.is_cached() { format!("{} MiB in memory", train.bytes() >> 20) } else { "none".into() };
        notes.insert("decoded_images_kept".to_owned(), kept);
        Ok(Dataset {
            classes,
            train,
            validation: images(validation, side),
            test: (!test.is_empty()).then(|| images(test, side)),
            hash: profile.content_hash,
            statistics,
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
    Failure::dataset(refusal.problem, refusal.next_step)
}

/// All classes of the dataset, or exactly those asked for, in the order asked for.
fn choose_classes(wanted: &[String], names: &[String]) -> Result<Vec<String>, Failure> {
    if wanted.is_empty() {
        return Ok(names.to_vec());
    }
    let unknown: Vec<&str> = wanted.iter().filter(|name| !names.contains(name)).map(String::as_str).collect();
    if !unknown.is_empty() {
        return Err(Failure::config(
            format!("the dataset has no class {}", unknown.join(", ")),
            format!("its classes are {}", names.join(", ")),
        ));
    }
    if wanted.len() < 2 {
        let next = format!("name two or more of {}", names.join(", "));
        return Err(Failure::config("a classifier tells at least two classes apart", next));
    }
    Ok(wanted.to_vec())
}

fn labelled(samples: &[Sample], labels: &[Option<i64>], split: Split) -> Vec<Labelled> {
    samples
        .iter()
        .filter(|sample| sample.split == split)
        .filter_map(|sample| Some(Labelled { path: sample.path.clone(), label: labels[sample.class]? }))
        .collect()
}

fn check_sizes(
    config: &TrainingConfig,
    divisor: u32,
    train: usize,
    validation: usize,
) -> Result<(), Failure> {
    if config.batch_size as usize > train {
        return Err(Failure::config(
            format!("batch_size {} is larger than the {train} training images", config.batch_size),
            format!("set batch_size to at most {train}"),
        ));
    }
    let smallest = train / train.div_ceil(config.batch_size as usize);
    if smallest < 2 * divisor.max(1) as usize {
        return Err(Failure::config(
            format!(
                "a batch of {smallest} in {divisor} parts leaves parts of one image, which batch normalisation cannot learn from"
            ),
            "use a larger batch_size or more images",
        ));
    }
    if validation == 0 {
        return Err(Failure::dataset(
            "no image of the chosen classes is left to validate on",
            "add images: one part of each class is learned from, another checks what was learned",
        ));
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

/// In words, for `started`.
pub fn augmentation_in_words(kind: Augmentation, side: u32) -> String {
    match kind {
        Augmentation::None => "none".to_owned(),
        Augmentation::Light => format!("shift by up to {} pixels", side / 8),
        Augmentation::Standard if source_side(kind, side as usize) > side as usize => {
            "random window of 35-100 % area, flip, colour jitter 20 %, erasing".to_owned()
        }
        Augmentation::Standard => {
            format!("shift by up to {} pixels, flip, colour jitter 20 %, erasing", side / 8)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::tests::config;
    use trainyard_events::job::FailureClass;

    #[test]
    fn a_configuration_that_cannot_run_is_refused_with_what_would() {
        for (change, word) in [
            (TrainingConfig { model: "vgg16".into(), ..config() }, "resnet18, resnet34"),
            (TrainingConfig { task: Task::Detect, ..config() }, "classify"),
            (TrainingConfig { batch_size: 1, ..config() }, "batch_size"),
            (TrainingConfig { learning_rate: -1.0, ..config() }, "learning_rate"),
        ] {
            let failure = check_config(&change).unwrap_err();
            assert_eq!(failure.class, FailureClass::Config);
            assert!(failure.to_string().contains(word), "{failure}");
        }
        assert!(check_config(&config()).is_ok());
    }

    #[test]
    fn classes_are_all_or_those_asked_for_in_order() {
        let names = ["a", "b", "c"].map(str::to_owned);
        let choose = |wanted: &[&str]| {
            choose_classes(&wanted.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), &names)
        };
        assert_eq!(choose(&[]).unwrap(), names);
        assert_eq!(choose(&["c", "a"]).unwrap(), ["c", "a"]);
        let failure = choose(&["a", "x"]).unwrap_err();
        assert!(failure.message.contains('x') && failure.next_step.contains("a, b, c"));
        assert!(choose(&["a"]).is_err());
    }

    #[test]
    fn a_batch_must_fit_the_dataset() {
        let check = |batch_size, divisor, train, validation| {
            check_sizes(&TrainingConfig { batch_size, ..config() }, divisor, train, validation)
        };
        assert!(check(8, 1, 100, 10).is_ok() && check(8, 3, 100, 10).is_ok() && check(8, 1, 8, 1).is_ok());
        assert!(check(9, 1, 8, 1).unwrap_err().next_step.contains("at most 8"));
        assert_eq!(check(8, 8, 100, 10).unwrap_err().class, FailureClass::Config);
        assert_eq!(check(2, 1, 3, 1).unwrap_err().class, FailureClass::Config);
        assert_eq!(check(8, 1, 100, 0).unwrap_err().class, FailureClass::Dataset);
    }
}
