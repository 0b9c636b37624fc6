//! What is refused before a file is read or a second is spent, and the words for what is done to images.

use std::collections::BTreeMap;

use trainyard_events::TrainingConfig;
use trainyard_events::job::FailureClass;
use trainyard_events::options;
use trainyard_events::reason::{Advice, Reason, Trouble};
use trainyard_events::trainer::TrainerSpec;

use crate::failure::Failure;
use crate::models;
use crate::models::anchors::COARSEST;
use crate::tasks::{Task, of_task};

/// What a trainer resolved by itself, by name.
pub type Notes = BTreeMap<String, String>;

/// Refuses what cannot be trained, before a file is read.
pub fn check_config(config: &TrainingConfig) -> Result<(), Failure> {
    let unfit = options::problems(options::OURS, &options::ours_for(config.task), &config.options);
    let because: Vec<Reason> = config.problems().into_iter().chain(unfit).map(Reason::Config).collect();
    if !because.is_empty() {
        return Err(Failure { class: FailureClass::Config, because, advice: Advice::CorrectConfig });
    }
    let (task, names) = (config.task, models::names(config.task));
    if names.is_empty() {
        return Err(Failure::config(Trouble::TaskNotTrained { task }, Advice::ChooseTask));
    }
    if !names.contains(&config.model.as_str()) {
        let models = names.iter().map(|name| (*name).to_owned()).collect();
        let because = Trouble::NoSuchModel { model: config.model.clone(), task };
        return Err(Failure::config(because, Advice::ChooseModel { models }));
    }
    of_task!(task, T => T::check(config))
}

/// Refuses batches that batch normalisation cannot learn from, and a validation of nothing.
pub fn check_sizes<T: Task>(spec: &TrainerSpec, train: usize, validation: usize) -> Result<(), Failure> {
    let config = &spec.config;
    // What says something of each cell normalises at least a grid of its coarsest cells, and takes any batch; what says one
    // thing of an image ends with one cell.
    let has_cells = T::RECIPE.nominal_batch.is_some();
    let batch_size = config.batch_size;
    if batch_size as usize > train && !has_cells {
        let images = train as u64;
        return Err(Failure::config(
            Trouble::BatchAboveImages { batch_size, images },
            Advice::BatchAtMost { images },
        ));
    }
    let cells = if has_cells { (config.image_size / COARSEST).pow(2) as usize } else { 1 };
    let smallest = train / train.div_ceil(batch_size as usize).max(1);
    let parts = (spec.batch_divisor.max(1) * spec.devices.max(1)) as usize;
    if smallest / parts * cells < 2 || smallest < parts {
        let because = Trouble::PartsTooSmall { batch: smallest as u64, parts: parts as u64 };
        return Err(Failure::config(because, Advice::LargerBatch));
    }
    if validation == 0 {
        return Err(Failure::dataset(Trouble::NothingToValidate, Advice::AddImages));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use trainyard_events::config::{Resize, Task};

    use crate::tasks::classify::Classify;
    use crate::tasks::detect::Boxes;
    use crate::tasks::find::Finder;
    use crate::train::tests::{config, spec};

    fn detector() -> TrainingConfig {
        TrainingConfig {
            task: Task::Detect,
            model: "yolo11n".into(),
            image_size: 64,
            resize: Resize::Letterbox,
            ..config()
        }
    }

    fn with(option: &str, value: impl Into<serde_json::Value>) -> TrainingConfig {
        TrainingConfig { options: BTreeMap::from([(option.to_owned(), value.into())]), ..config() }
    }

    #[test]
    fn a_configuration_that_cannot_run_is_refused_with_what_would() {
        for (change, word) in [
            (TrainingConfig { model: "vgg16".into(), ..config() }, "resnet18, resnet34"),
            (TrainingConfig { task: Task::Segment, ..config() }, "yolo11n-seg, yolo11s-seg"),
            (TrainingConfig { task: Task::Pose, ..detector() }, "yolo11n-pose"),
            (TrainingConfig { task: Task::Detect, ..config() }, "yolo11n, yolo11s"),
            (TrainingConfig { image_size: 330, ..detector() }, "320 or 352"),
            (TrainingConfig { image_size: 16, ..detector() }, "to 32"),
            (TrainingConfig { resize: Resize::Crop, ..detector() }, "letterbox"),
            (TrainingConfig { batch_size: 1, ..config() }, "batch_size"),
            (TrainingConfig { learning_rate: -1.0, ..config() }, "learning_rate"),
            (with("precison", "bf16"), "precison"),
            (with("mixup", 1.5), "0 to 1"),
            (TrainingConfig { options: with("mixup", 0.5).options, ..detector() }, "mixup"),
            (with("precision", "fp8"), "auto, fp32, bf16"),
            (with("layer_decay", 0.0), "0.1 to 1"),
            (
                TrainingConfig {
                    options: [
                        ("freeze".to_owned(), "backbone".into()),
                        ("unfreeze_every".to_owned(), 2.into()),
                    ]
                    .into(),
                    ..config()
                },
                "unfreeze_every",
            ),
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
            check_sizes::<Classify>(
                &spec(TrainingConfig { batch_size, ..config() }, divisor),
                train,
                validation,
            )
        };
        assert!(check(8, 1, 100, 10).is_ok() && check(8, 3, 100, 10).is_ok() && check(8, 1, 8, 1).is_ok());
        assert_eq!(check(9, 1, 8, 1).unwrap_err().advice, Advice::BatchAtMost { images: 8 });
        assert_eq!(check(8, 8, 100, 10).unwrap_err().class, FailureClass::Config);
        assert_eq!(check(2, 1, 3, 1).unwrap_err().class, FailureClass::Config);
        assert_eq!(check(8, 1, 100, 0).unwrap_err().class, FailureClass::Dataset);
    }

    #[test]
    fn a_detector_takes_any_batch_that_leaves_cells_to_normalise() {
        let check = |batch_size, image_size, divisor, train| {
            let config = TrainingConfig { batch_size, image_size, ..detector() };
            check_sizes::<Finder<Boxes>>(&spec(config, divisor), train, 1)
        };
        assert!(check(16, 64, 1, 3).is_ok() && check(1, 64, 1, 3).is_ok() && check(8, 32, 4, 8).is_ok());
        assert!(check(1, 32, 1, 3).is_err() && check(8, 32, 8, 8).is_err() && check(4, 64, 8, 8).is_err());
    }
}
