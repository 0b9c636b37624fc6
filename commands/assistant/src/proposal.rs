//! From what was said and what is known of the data to a whole configuration, each value with its source.

use serde_json::{Map, Value};
use trainyard_events::TrainingConfig;
use trainyard_events::card::PRETRAINED;
use trainyard_events::chat::Language;
use trainyard_events::config::{Proposal, Source};
use trainyard_events::dataset::DatasetProfile;

use crate::catalog::{self, Runners};
pub use crate::configure::DEFAULT_SEED;
use crate::configure::configure;
use crate::draft::Draft;
use crate::lexicon::models::RUNNERS;
pub use crate::problems::{OutOfRange, Refusal};
use crate::problems::{Warning, problems};
use crate::reply;
use crate::slots::Slots;

/// Models that are named instead of one that is not known.
const NEAREST: usize = 3;
const INITIAL_WEIGHTS: &str = "initial_weights";
/// Settings that no sentence states; a page changes them by their fields.
const UNSPOKEN: [&str; 7] =
    ["schedule", "warmup_epochs", "label_smoothing", "ema", "augmentation", "resize", "initial_weights"];

/// The proposal for a draft; refused when a model is unknown or a value is out of its limits.
pub fn propose(
    draft: &Draft,
    profile: Option<&DatasetProfile>,
    language: Language,
    runners: &Runners,
) -> Result<Proposal, Refusal> {
    if let Some(named) = &draft.slots.model
        && catalog::find(named).is_none()
        && runners.find(named).is_none()
    {
        return Err(unknown_model(named, runners));
    }
    let problems = problems(&draft.slots);
    if !problems.is_empty() {
        return Err(Refusal::Values { problems });
    }
    let pretrained = draft.given.get(INITIAL_WEIGHTS).map(|weights| weights == PRETRAINED);
    let (config, mut sources) = configure(&draft.slots, profile, language, runners, pretrained);
    let (given, unpublished) = had(&draft.given, &config, runners);
    let config = with_given(config, &given);
    sources.extend(given.keys().map(|name| (name.clone(), Source::Said)));
    let missing = draft
        .missing()
        .into_iter()
        .filter(|slot| *slot != "task" || profile.is_none() && draft.slots.model.is_none())
        .map(str::to_owned)
        .collect();
    let mut unusual = warnings(draft, &config, profile, runners);
    unusual.extend(unpublished);
    let warnings = unusual.iter().map(|warning| reply::warning(warning, language)).collect();
    Ok(Proposal { hash: config.hash(), config, missing, sources, warnings })
}

/// A name that nothing here has, with what to do about it.
fn unknown_model(named: &str, runners: &Runners) -> Refusal {
    let written = named.split_once('/').filter(|(runner, _)| RUNNERS.contains(runner));
    let Some((runner, model)) = written else {
        return Refusal::UnknownModel { named: named.to_owned(), nearest: catalog::nearest(named, NEAREST) };
    };
    let (runner, named) = (runner.to_owned(), model.to_owned());
    match runners.nearest(&runner, model, NEAREST) {
        Some(nearest) => Refusal::NotOfRunner { runner, named, nearest },
        None => Refusal::NoRunner { runner, named },
    }
}

/// The values given less the weights that nobody publishes for the model, and a word on those.
fn had(
    given: &Map<String, Value>,
    config: &TrainingConfig,
    runners: &Runners,
) -> (Map<String, Value>, Option<Warning>) {
    let mut given = given.clone();
    let asked = given.get(INITIAL_WEIGHTS).is_some_and(|weights| weights == PRETRAINED);
    if !asked || runners.publishes(config) {
        return (given, None);
    }
    given.remove(INITIAL_WEIGHTS);
    (given, Some(Warning::NoPretrained { model: config.model.clone() }))
}

/// The configuration with the values that were given by their fields. They were looked at when they were given.
fn with_given(config: TrainingConfig, given: &Map<String, Value>) -> TrainingConfig {
    let Ok(Value::Object(mut fields)) = serde_json::to_value(&config) else { return config };
    fields.extend(given.clone());
    serde_json::from_value(Value::Object(fields)).unwrap_or(config)
}

/// Of the fields that no sentence states, those that somebody has given.
fn given(proposal: &Proposal) -> Map<String, Value> {
    let Ok(Value::Object(fields)) = serde_json::to_value(&proposal.config) else { return Map::new() };
    let is_said = |name: &String| matches!(proposal.sources.get(name), Some(Source::Said));
    // No sentence states that there is to be no patience.
    let is_unspoken =
        |name: &str, value: &Value| UNSPOKEN.contains(&name) || name == "patience" && value.is_null();
    fields.into_iter().filter(|(name, value)| is_said(name) && is_unspoken(name, value)).collect()
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
        momentum: said("momentum").then_some(config.momentum),
        weight_decay: said("weight_decay").then_some(config.weight_decay),
        optimizer: said("optimizer").then_some(config.optimizer),
        device: said("device").then_some(config.device),
        priority: said("priority").then_some(config.priority),
        resources: config.resources.as_deref().cloned(),
        ..Slots::default()
    };
    Draft { slots, given: given(proposal), shown: Some(config.clone()), ..Draft::default() }
}

fn warnings(
    draft: &Draft,
    config: &TrainingConfig,
    profile: Option<&DatasetProfile>,
    runners: &Runners,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if config.runner.is_none()
        && let Some(model) = catalog::find(&config.model)
        && let Err(reason) = catalog::trainable_now(model, runners)
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
    if config.gpus() > 1
        && let Some(runner) = &config.runner
        && runners.description(runner).is_some_and(|description| !description.trains_on_several_gpus())
    {
        warnings.push(Warning::OneGpuTrains { runner: runner.clone(), gpus: config.gpus() });
    }
    if let Some(profile) = profile {
        if !profile.serves(config.task) {
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
