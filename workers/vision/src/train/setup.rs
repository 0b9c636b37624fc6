//! What is refused before a file is read or a second is spent, and the words for what is done to images.

use std::collections::BTreeMap;

use trainyard_events::TrainingConfig;
use trainyard_events::config::{Augmentation, Resize, Task};

use crate::data::augment::source_side;
use crate::failure::Failure;
use crate::models;
use crate::models::anchors::STRIDES;

/// What a trainer resolved by itself, by name.
pub type Notes = BTreeMap<String, String>;

/// A detector's coarsest cells, in pixels.
const COARSEST: u32 = STRIDES[2] as u32;

/// Refuses what cannot be trained, before a file is read.
pub fn check_config(config: &TrainingConfig) -> Result<(), Failure> {
    let problems: Vec<String> = config.problems().iter().map(ToString::to_string).collect();
    if !problems.is_empty() {
        return Err(Failure::config(problems.join("; "), "correct the configuration"));
    }
    let names = models::names(config.task);
    if names.is_empty() {
        return Err(Failure::config(
            format!("this trainer cannot {} yet", config.task),
            "configure the task classify or detect, or choose a framework runner",
        ));
    }
    if !names.contains(&config.model.as_str()) {
        return Err(Failure::config(
            format!("no model {:?} that can {} is built in", config.model, config.task),
            format!("choose one of {}", names.join(", ")),
        ));
    }
    if config.task == Task::Detect { check_detector(config) } else { check_classifier(config) }
}

fn check_classifier(config: &TrainingConfig) -> Result<(), Failure> {
    if config.batch_size < 2 {
        return Err(Failure::config(
            "batch normalisation cannot learn from one image",
            "set batch_size to 2 or more",
        ));
    }
    Ok(())
}

fn check_detector(config: &TrainingConfig) -> Result<(), Failure> {
    let side = config.image_size;
    if !side.is_multiple_of(COARSEST) {
        let above = side.next_multiple_of(COARSEST);
        let next = match above - COARSEST {
            0 => format!("set image_size to {above}"),
            below => format!("set image_size to {below} or {above}"),
        };
        return Err(Failure::config(
            format!("image_size {side} is no multiple of {COARSEST}, the cells of a detector"),
            next,
        ));
    }
    if config.resize != Resize::Letterbox {
        return Err(Failure::config(
            "a detector sees whole images in their own shape",
            "set resize to letterbox",
        ));
    }
    Ok(())
}

/// Refuses batches that batch normalisation cannot learn from, and a validation of nothing.
pub fn check_sizes(
    config: &TrainingConfig,
    divisor: u32,
    train: usize,
    validation: usize,
) -> Result<(), Failure> {
    let detects = config.task == Task::Detect;
    if config.batch_size as usize > train && !detects {
        return Err(Failure::config(
            format!("batch_size {} is larger than the {train} training images", config.batch_size),
            format!("set batch_size to at most {train}"),
        ));
    }
    // What a detector normalises is at least a grid of its coarsest cells; a classifier ends with one.
    let cells = if detects { (config.image_size / COARSEST).pow(2) as usize } else { 1 };
    let smallest = train / train.div_ceil(config.batch_size as usize).max(1);
    let parts = divisor.max(1) as usize;
    if smallest / parts * cells < 2 || smallest < parts {
        return Err(Failure::config(
            format!(
                "a batch of {smallest} in {parts} parts leaves parts that are too small for batch normalisation to learn from"
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

/// In words, for `started`.
pub fn augmentation_in_words(task: Task, kind: Augmentation, side: u32) -> String {
    match (kind, task) {
        (Augmentation::None, _) => "none".to_owned(),
        (Augmentation::Light, Task::Detect) => "shift up to 10 %, scale up to 50 %".to_owned(),
        (Augmentation::Standard, Task::Detect) => {
            "mosaic, shift up to 10 %, scale up to 50 %, HSV .015/.7/.4, flip".to_owned()
        }
        (Augmentation::Light, _) => format!("shift by up to {} pixels", side / 8),
        (Augmentation::Standard, _) if source_side(kind, side as usize) > side as usize => {
            "random window of 35-100 % area, flip, colour jitter 20 %, erasing".to_owned()
        }
        (Augmentation::Standard, _) => {
            format!("shift by up to {} pixels, flip, colour jitter 20 %, erasing", side / 8)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::tests::config;
    use trainyard_events::job::FailureClass;

    fn detector() -> TrainingConfig {
        TrainingConfig {
            task: Task::Detect,
            model: "yolo11n".into(),
            image_size: 64,
            resize: Resize::Letterbox,
            ..config()
        }
    }

    #[test]
    fn a_configuration_that_cannot_run_is_refused_with_what_would() {
        for (change, word) in [
            (TrainingConfig { model: "vgg16".into(), ..config() }, "resnet18, resnet34"),
            (TrainingConfig { task: Task::Segment, ..config() }, "classify or detect"),
            (TrainingConfig { task: Task::Detect, ..config() }, "yolo11n, yolo11s"),
            (TrainingConfig { image_size: 330, ..detector() }, "320 or 352"),
            (TrainingConfig { image_size: 16, ..detector() }, "to 32"),
            (TrainingConfig { resize: Resize::Crop, ..detector() }, "letterbox"),
            (TrainingConfig { batch_size: 1, ..config() }, "batch_size"),
            (TrainingConfig { learning_rate: -1.0, ..config() }, "learning_rate"),
        ] {
            let failure = check_config(&change).unwrap_err();
            assert_eq!(failure.class, FailureClass::Config);
            assert!(failure.to_string().contains(word), "{failure}");
        }
        assert!(check_config(&config()).is_ok() && check_config(&detector()).is_ok());
        assert!(check_config(&TrainingConfig { batch_size: 1, ..detector() }).is_ok());
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

    #[test]
    fn a_detector_takes_any_batch_that_leaves_cells_to_normalise() {
        let check = |batch_size, image_size, divisor, train| {
            let config = TrainingConfig { batch_size, image_size, ..detector() };
            check_sizes(&config, divisor, train, 1)
        };
        assert!(check(16, 64, 1, 3).is_ok() && check(1, 64, 1, 3).is_ok() && check(8, 32, 4, 8).is_ok());
        assert!(check(1, 32, 1, 3).is_err() && check(8, 32, 8, 8).is_err() && check(4, 64, 8, 8).is_err());
    }
}
