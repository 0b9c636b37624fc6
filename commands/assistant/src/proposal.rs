//! From what was said and what is known of the data to a whole configuration, each value with its source.

use std::collections::BTreeMap;

use trainyard_events::TrainingConfig;
use trainyard_events::chat::Language;
use trainyard_events::config::{Device, Priority, Proposal, Source, Task};
use trainyard_events::dataset::DatasetProfile;
use trainyard_events::limits;

use crate::catalog::defaults::{self, Because};
use crate::catalog::{self, Model};
use crate::draft::Draft;
use crate::reply::{self, Warning};
use crate::slots::Slots;

/// Seed where the user names none; also the seed of the default split.
pub const DEFAULT_SEED: u64 = 42;

/// Why no proposal can be made of what was said.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("the catalog has no model {named:?}; the nearest are {}", nearest.join(", "))]
    UnknownModel { named: String, nearest: Vec<&'static str> },
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

/// The proposal for a draft; refused when a model is unknown or a value is out of its limits.
pub fn propose(
    draft: &Draft,
    profile: Option<&DatasetProfile>,
    language: Language,
) -> Result<Proposal, Refusal> {
    if let Some(named) = &draft.slots.model
        && catalog::find(named).is_none()
    {
        return Err(Refusal::UnknownModel { named: named.clone(), nearest: catalog::nearest(named, 3) });
    }
    let problems = problems(draft);
    if !problems.is_empty() {
        return Err(Refusal::Values { problems });
    }
    let (config, sources) = configure(draft, profile, language);
    let missing = draft
        .missing()
        .into_iter()
        .filter(|slot| *slot != "task" || profile.is_none())
        .map(str::to_owned)
        .collect();
    let warnings =
        warnings(draft, &config, profile).iter().map(|warning| reply::warning(warning, language)).collect();
    Ok(Proposal { hash: config.hash(), config, missing, sources, warnings })
}

/// The configuration alone, where every value is within its limits.
pub(crate) fn resolved(draft: &Draft, profile: Option<&DatasetProfile>) -> Option<TrainingConfig> {
    let known = draft.slots.model.as_deref().is_none_or(|model| catalog::find(model).is_some());
    (known && draft.model().is_some()).then(|| configure(&lawful(draft), profile, Language::English).0)
}

/// The draft without values out of range.
fn lawful(draft: &Draft) -> Draft {
    let wrong = problems(draft);
    let mut lawful = draft.clone();
    let slots = &mut lawful.slots;
    for problem in wrong {
        match problem.field {
            "epochs" => slots.epochs = None,
            "image_size" => slots.image_size = None,
            "batch_size" => slots.batch_size = None,
            "seed" => slots.seed = None,
            "patience" => slots.patience = None,
            _ => slots.learning_rate = None,
        }
    }
    lawful
}

/// The draft a stored proposal stands for, so that a conversation can go on after a restart.
pub fn draft_of(proposal: &Proposal) -> Draft {
    let config = &proposal.config;
    let said = |field: &str| matches!(proposal.sources.get(field), Some(Source::Said));
    let stated = |field: &str| said(field) || matches!(proposal.sources.get(field), Some(Source::Implied(_)));
    let number = |field: &str, value: u64| said(field).then(|| i64::try_from(value).unwrap_or(i64::MAX));
    let slots = Slots {
        task: stated("task").then_some(config.task),
        model: said("model").then(|| config.model.clone()),
        classes: if said("classes") { config.classes.clone() } else { Vec::new() },
        dataset: config.dataset.clone(),
        epochs: number("epochs", config.epochs.into()),
        image_size: number("image_size", config.image_size.into()),
        batch_size: number("batch_size", config.batch_size.into()),
        seed: number("seed", config.seed),
        patience: config.patience.and_then(|patience| number("patience", patience.into())),
        learning_rate: said("learning_rate").then_some(config.learning_rate),
        optimizer: said("optimizer").then_some(config.optimizer),
        device: said("device").then_some(config.device),
        priority: said("priority").then_some(config.priority),
        ..Slots::default()
    };
    Draft { slots, shown: Some(config.clone()), ..Draft::default() }
}

/// Values said that are outside their limits.
fn problems(draft: &Draft) -> Vec<OutOfRange> {
    let slots = &draft.slots;
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
    let lawful = limits::IMAGE_SIZE_MIN..=limits::IMAGE_SIZE_MAX;
    let within = |said: i64| u32::try_from(said).ok().filter(|said| lawful.contains(said));
    if let Some(side) = slots.image_size.and_then(within)
        && let Some(near) = draft.model().map(|model| model.sides_near(side)).filter(|near| !near.is_empty())
    {
        let range = near.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        problems.push(OutOfRange { field: "image_size", said: side.to_string(), range });
    }
    let rate = |rate: &f64| !(rate.is_finite() && *rate > 0.0 && *rate <= limits::LEARNING_RATE_MAX);
    if let Some(said) = slots.learning_rate.filter(rate) {
        let range = format!("> 0, <= {}", limits::LEARNING_RATE_MAX);
        problems.push(OutOfRange { field: "learning_rate", said: said.to_string(), range });
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

/// Collects the source of every value as it is chosen.
struct Choices {
    language: Language,
    sources: BTreeMap<String, Source>,
}

impl Choices {
    fn said_or<T>(&mut self, field: &str, said: Option<T>, recommended: (T, Because)) -> T {
        let source =
            if said.is_some() { Source::Said } else { Source::Recommended(self.word(recommended.1)) };
        self.sources.insert(field.to_owned(), source);
        said.unwrap_or(recommended.0)
    }

    fn word(&self, because: Because) -> String {
        match self.language {
            Language::Korean => because.korean,
            Language::English => because.english,
        }
        .to_owned()
    }

    fn note(&mut self, field: &str, source: Source) {
        self.sources.insert(field.to_owned(), source);
    }
}

fn configure(
    draft: &Draft,
    profile: Option<&DatasetProfile>,
    language: Language,
) -> (TrainingConfig, BTreeMap<String, Source>) {
    let slots = &draft.slots;
    let mut choices = Choices { language, sources: BTreeMap::new() };
    let model = choose_model(slots, profile, &mut choices);
    let image_size =
        choices.said_or("image_size", unsigned(slots.image_size), defaults::image_size(model, profile));
    let defaults = defaults::defaults(model, image_size);
    let images = profile.map(|profile| profile.images.train);
    let epochs = choices.said_or("epochs", unsigned(slots.epochs), defaults::epochs(&defaults, images));
    let batch_size =
        choices.said_or("batch_size", unsigned(slots.batch_size), defaults::batch_size(&defaults, images));
    let known = profile.map_or(1, |profile| profile.classes.len());
    let class_count = if slots.classes.is_empty() { known } else { slots.classes.len() };
    let batches = images.map(|images| images.div_ceil(u64::from(batch_size).max(1)) * u64::from(epochs));
    let defaults = defaults.for_run(model.task, batches, class_count);
    let optimizer = choices.said_or("optimizer", slots.optimizer, (defaults.optimizer, defaults.because));
    let recommended = defaults.rate_for(model.task, optimizer, class_count);
    let learning_rate = choices.said_or("learning_rate", slots.learning_rate, recommended);
    let usual = Because { korean: "보통 쓰는 값", english: "the usual" };
    let all = Because { korean: "데이터셋의 모든 클래스", english: "every class of the dataset" };
    let classes = choices.said_or(
        "classes",
        Some(slots.classes.clone()).filter(|classes| !classes.is_empty()),
        (Vec::new(), all),
    );
    let seed =
        choices.said_or("seed", slots.seed.and_then(|seed| u64::try_from(seed).ok()), (DEFAULT_SEED, usual));
    let worker = Because { korean: "작업자가 가진 장치", english: "whatever the worker has" };
    let device = choices.said_or("device", slots.device, (Device::Auto, worker));
    let priority = choices.said_or("priority", slots.priority, (Priority::Normal, usual));
    let patience = choices.said_or(
        "patience",
        unsigned(slots.patience).map(Some),
        (defaults.patience.filter(|patience| *patience < epochs), defaults.because),
    );
    let augmentation = choices.said_or("augmentation", None, defaults::augmentation(&defaults, profile));
    if slots.dataset.is_some() {
        choices.note("dataset", Source::Said);
    }
    let recommended = Source::Recommended(choices.word(defaults.because));
    for field in ["momentum", "weight_decay", "schedule", "warmup_epochs", "label_smoothing", "ema", "resize"]
    {
        choices.note(field, recommended.clone());
    }
    let config = TrainingConfig {
        task: model.task,
        model: model.id.clone(),
        dataset: slots.dataset.clone(),
        classes,
        epochs,
        image_size,
        batch_size,
        learning_rate,
        optimizer,
        momentum: defaults.momentum,
        weight_decay: defaults.weight_decay,
        schedule: defaults.schedule,
        warmup_epochs: defaults.warmup_epochs.min(f64::from(epochs) / 4.0),
        label_smoothing: defaults.label_smoothing,
        ema: defaults.ema,
        augmentation,
        resize: defaults.resize,
        patience,
        seed,
        device,
        priority,
        initial_weights: None,
        continues: None,
    };
    (config, choices.sources)
}

/// The model said, or the one we recommend for the task said, or for the task the data are labelled for.
fn choose_model(slots: &Slots, profile: Option<&DatasetProfile>, choices: &mut Choices) -> &'static Model {
    if let Some(model) = slots.model.as_deref().and_then(catalog::find) {
        choices.note("model", Source::Said);
        choices.note("task", Source::Implied(model.id.clone()));
        return model;
    }
    let task = slots.task.or(profile.map(|profile| profile.task)).unwrap_or(Task::Classify);
    let source = match (slots.task, profile) {
        (Some(_), _) => Source::Said,
        (None, Some(_)) => Source::Recommended(choices.word(Because {
            korean: "데이터셋의 라벨이 이 작업용",
            english: "the dataset is labelled for it",
        })),
        (None, None) => Source::Recommended(
            choices.word(Because { korean: "아직 정해지지 않음", english: "not said yet" }),
        ),
    };
    choices.note("task", source);
    let because =
        Because { korean: "이 작업에 추천하는 모델", english: "recommended for this task" };
    let source = Source::Recommended(choices.word(because));
    choices.note("model", source);
    catalog::recommended(task)
}

fn unsigned(said: Option<i64>) -> Option<u32> {
    said.and_then(|said| u32::try_from(said).ok())
}

fn warnings(draft: &Draft, config: &TrainingConfig, profile: Option<&DatasetProfile>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if let Some(model) = catalog::find(&config.model)
        && let Err(reason) = catalog::trainable_now(model)
    {
        warnings.push(Warning::NotTrainable(reason));
    }
    let adam = config.optimizer != trainyard_events::config::Optimizer::Sgd;
    if adam && config.learning_rate > 0.01 || config.learning_rate > 1.0 {
        warnings.push(Warning::HighRate { rate: config.learning_rate });
    }
    if config.epochs > 1_000 {
        warnings.push(Warning::ManyEpochs { epochs: config.epochs });
    }
    if let Some(profile) = profile {
        if profile.task != config.task {
            warnings.push(Warning::OtherTask { data: profile.task, model: config.task });
        }
        if u64::from(config.batch_size) > profile.images.train && draft.slots.batch_size.is_some() {
            warnings
                .push(Warning::BatchAboveImages { batch: config.batch_size, images: profile.images.train });
        }
        let known = |class: &String| profile.classes.iter().any(|known| known.name == *class);
        let unknown: Vec<String> = config.classes.iter().filter(|class| !known(class)).cloned().collect();
        if !unknown.is_empty() {
            let has = profile.classes.iter().take(20).map(|class| class.name.clone()).collect();
            warnings.push(Warning::UnknownClasses { unknown, has });
        }
    }
    warnings
}
