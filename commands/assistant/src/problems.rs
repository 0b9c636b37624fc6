//! What keeps a configuration from being proposed, and what is unusual about one.

use trainyard_events::config::Task;
use trainyard_events::limits;

use crate::catalog::NotTrainable;
use crate::slots::Slots;

/// Why no proposal can be made of what was said.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("the catalog has no model {named:?}; the nearest are {}", nearest.join(", "))]
    UnknownModel { named: String, nearest: Vec<&'static str> },
    #[error("no worker that is up has the runner {runner}, which {named:?} needs")]
    NoRunner { runner: String, named: String },
    #[error("the runner {runner} has no model {named:?}; the nearest are {}", nearest.join(", "))]
    NotOfRunner { runner: String, named: String, nearest: Vec<String> },
    #[error("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Values { problems: Vec<OutOfRange> },
}

/// A value outside its limits.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{field} {said} is not {range}")]
pub struct OutOfRange {
    pub field: &'static str,
    /// As the user said it.
    pub said: String,
    /// What would be right, such as `1..10000`.
    pub range: String,
}

/// Something unusual about a proposal that is no reason to refuse it.
#[derive(Clone, Debug, PartialEq)]
pub enum Warning {
    NotTrainable(NotTrainable),
    NoPretrained {
        model: String,
    },
    HighRate {
        rate: f64,
    },
    ManyEpochs {
        epochs: u32,
    },
    /// Of those that it has to itself.
    OneGpuTrains {
        runner: String,
        gpus: u32,
    },
    OtherTask {
        data: Task,
        model: Task,
    },
    BatchAboveImages {
        batch: u32,
        images: u64,
    },
    UnknownClasses {
        unknown: Vec<String>,
        has: Vec<String>,
    },
}

/// Values said that are outside their limits.
pub(crate) fn problems(slots: &Slots) -> Vec<OutOfRange> {
    let mut problems: Vec<OutOfRange> = Vec::new();
    let mut integer = |field: &'static str, said: Option<i64>, low: u32, high: i64| {
        if let Some(said) = said.filter(|said| !(i64::from(low)..=high).contains(said)) {
            let range = if high == i64::MAX { format!("{low}..") } else { format!("{low}..{high}") };
            problems.push(OutOfRange { field, said: said.to_string(), range });
        }
    };
    integer("epochs", slots.epochs, 1, limits::EPOCHS.into());
    integer("image_size", slots.image_size, limits::IMAGE_SIZE_MIN, limits::IMAGE_SIZE_MAX.into());
    integer("batch_size", slots.batch_size, 1, limits::BATCH_SIZE.into());
    integer("seed", slots.seed, 0, i64::MAX);
    integer("patience", slots.patience, 1, limits::EPOCHS.into());
    let asked = slots.resources.as_ref();
    integer("gpus", asked.and_then(|asked| asked.gpus).map(i64::from), 1, limits::GPUS_OF_JOB.into());
    let memory = asked.and_then(|asked| asked.gpu_memory_gb).map(i64::from);
    integer("gpu_memory_gb", memory, 1, limits::GPU_MEMORY_GB.into());
    let lawful = limits::IMAGE_SIZE_MIN..=limits::IMAGE_SIZE_MAX;
    let within = |said: i64| u32::try_from(said).ok().filter(|said| lawful.contains(said));
    if let Some(side) = slots.image_size.and_then(within)
        && let Some(near) =
            slots.meant_model().map(|model| model.sides_near(side)).filter(|near| !near.is_empty())
    {
        let range = near.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        problems.push(OutOfRange { field: "image_size", said: side.to_string(), range });
    }
    let rate = |rate: &f64| !(rate.is_finite() && *rate > 0.0 && *rate <= limits::LEARNING_RATE_MAX);
    if let Some(said) = slots.learning_rate.filter(rate) {
        let range = format!("> 0, <= {}", limits::LEARNING_RATE_MAX);
        problems.push(OutOfRange { field: "learning_rate", said: said.to_string(), range });
    }
    let part = |said: Option<f64>, most: f64| said.filter(|said| !(0.0..=most).contains(said));
    for (field, wrong, most) in [
        ("momentum", part(slots.momentum, limits::MOMENTUM_MAX), limits::MOMENTUM_MAX),
        ("weight_decay", part(slots.weight_decay, limits::WEIGHT_DECAY_MAX), limits::WEIGHT_DECAY_MAX),
    ] {
        problems.extend(wrong.map(|said| OutOfRange {
            field,
            said: said.to_string(),
            range: format!("0..{most}"),
        }));
    }
    for unusable in &slots.unusable {
        let range = if unusable.field == "learning_rate" { "0.01" } else { "1, 2, 3, ..." };
        problems.push(OutOfRange {
            field: unusable.field,
            said: unusable.said.clone(),
            range: range.to_owned(),
        });
    }
    if slots.classes.len() > limits::CLASSES {
        let said = slots.classes.len().to_string();
        problems.push(OutOfRange { field: "classes", said, range: format!("1..{}", limits::CLASSES) });
    }
    for (index, class) in slots.classes.iter().enumerate() {
        if slots.classes[..index].contains(class) {
            problems.push(OutOfRange {
                field: "classes",
                said: format!("{class}, {class}"),
                range: class.clone(),
            });
        } else if class.chars().count() > limits::CLASS_NAME_CHARS {
            let range = format!("1..{}", limits::CLASS_NAME_CHARS);
            problems.push(OutOfRange { field: "classes", said: class.clone(), range });
        }
    }
    if let Some(dataset) = slots.dataset.as_ref().filter(|path| path.chars().count() > limits::PATH_CHARS) {
        let said = format!("{} characters", dataset.chars().count());
        problems.push(OutOfRange { field: "dataset", said, range: format!("1..{}", limits::PATH_CHARS) });
    }
    problems
}

/// What was said without values out of range.
pub(crate) fn lawful(slots: &Slots) -> Slots {
    let wrong = problems(slots);
    let mut slots = slots.clone();
    for problem in wrong {
        match problem.field {
            "epochs" => slots.epochs = None,
            "image_size" => slots.image_size = None,
            "batch_size" => slots.batch_size = None,
            "seed" => slots.seed = None,
            "patience" => slots.patience = None,
            "momentum" => slots.momentum = None,
            "weight_decay" => slots.weight_decay = None,
            "gpus" | "gpu_memory_gb" => slots.resources = None,
            _ => slots.learning_rate = None,
        }
    }
    slots
}
