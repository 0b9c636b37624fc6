//! From what was said and what is known of the data to every value of a training, each with its source.

use std::collections::BTreeMap;

use trainyard_events::TrainingConfig;
use trainyard_events::chat::Language;
use trainyard_events::config::{Device, Priority, Source, Task};
use trainyard_events::dataset::DatasetProfile;

use crate::catalog::defaults::{self, Because};
use crate::catalog::{self, Model, Runner, Runners};
use crate::problems::lawful;
use crate::slots::Slots;

/// Seed where the user names none; also the seed of the default split.
pub const DEFAULT_SEED: u64 = 42;

/// The configuration alone, where every value is within its limits.
pub(crate) fn resolved(slots: &Slots) -> Option<TrainingConfig> {
    let known = slots.model.as_deref().is_none_or(|model| catalog::find(model).is_some());
    (known && slots.meant_model().is_some())
        .then(|| configure(&lawful(slots), None, Language::English, &Runners::default(), None).0)
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

/// Every value, each with where it comes from; `pretrained` is whether somebody has said to start from published weights.
pub(crate) fn configure(
    slots: &Slots,
    profile: Option<&DatasetProfile>,
    language: Language,
    runners: &Runners,
    pretrained: Option<bool>,
) -> (TrainingConfig, BTreeMap<String, Source>) {
    let mut choices = Choices { language, sources: BTreeMap::new() };
    let model = choose_model(slots, profile, runners, &mut choices);
    let trained = catalog::trainable_now(model, runners).unwrap_or(model);
    let runner = match &trained.runner {
        Runner::Installed(name) => Some(name.clone()),
        _ => None,
    };
    let knows = match &runner {
        Some(runner) => runners.has_pretrained(runner, &trained.id),
        None => pretrained == Some(true) && catalog::is_published(trained),
    };
    let is_published = knows && pretrained != Some(false);
    let learnt = Because {
        korean: "미리 학습된 가중치에서 시작하면 더 정확함",
        english: "a start from published weights goes further",
    };
    if is_published {
        choices.note("initial_weights", Source::Recommended(choices.word(learnt)));
    }
    let image_size =
        choices.said_or("image_size", unsigned(slots.image_size), defaults::image_size(model, profile));
    let defaults = defaults::defaults(trained, image_size, is_published);
    let images = profile.map(trained_on);
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
    if slots.resources.is_some() {
        choices.note("resources", Source::Said);
    }
    let recommended = Source::Recommended(choices.word(defaults.because));
    let momentum = choices.said_or("momentum", slots.momentum, (defaults.momentum, defaults.because));
    let weight_decay =
        choices.said_or("weight_decay", slots.weight_decay, (defaults.weight_decay, defaults.because));
    for field in ["schedule", "warmup_epochs", "label_smoothing", "ema", "resize"] {
        choices.note(field, recommended.clone());
    }
    let config = TrainingConfig {
        task: trained.task,
        model: trained.id.clone(),
        dataset: slots.dataset.clone(),
        classes,
        epochs,
        image_size,
        batch_size,
        learning_rate,
        optimizer,
        momentum,
        weight_decay,
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
        initial_weights: is_published.then(|| "pretrained".to_owned()),
        runner,
        options: Default::default(),
        continues: None,
        resources: slots.resources.clone().map(Box::new),
        max_cost: None,
        max_hours: None,
        unread: Default::default(),
    };
    (config, choices.sources)
}

/// The model said, or the one we recommend for the task said, or for the task the data are labelled for.
fn choose_model<'a>(
    slots: &Slots,
    profile: Option<&DatasetProfile>,
    runners: &'a Runners,
    choices: &mut Choices,
) -> &'a Model {
    let named = slots.model.as_deref();
    if let Some(model) = named.and_then(|named| catalog::find(named).or_else(|| runners.find(named))) {
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

/// The training images that there will be at least: of each class of a dataset without a split of its own, a fifth is set
/// aside to validate on.
fn trained_on(profile: &DatasetProfile) -> u64 {
    let all = profile.images.train;
    if profile.split || profile.task != Task::Classify {
        return all;
    }
    let of_each = profile.classes.iter().map(|class| class.images.train);
    let aside: u64 = of_each.filter(|images| *images > 1).map(|images| images.div_ceil(5)).sum();
    all.saturating_sub(aside).max(1)
}

fn unsigned(said: Option<i64>) -> Option<u32> {
    said.and_then(|said| u32::try_from(said).ok())
}
