//! What the workers that are up can train besides our own trainer: the models that their runners say they have.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use trainyard_events::card::{DescribedModel, Description};
use trainyard_events::config::Task;
use trainyard_events::reason::ConfigProblem;
use trainyard_events::{TrainingConfig, options};

use super::{Model, Runner, key};

/// Runners by name, and their models.
#[derive(Clone, Debug, Default)]
pub struct Runners {
    descriptions: BTreeMap<String, Description>,
    models: Vec<Model>,
    /// By [`key`] of the model's name, alone and after its runner's: positions, runners in the order of their names.
    by_key: HashMap<String, Vec<usize>>,
}

impl Runners {
    pub fn new(descriptions: impl IntoIterator<Item = Description>) -> Runners {
        let mut runners = Runners::default();
        for description in descriptions {
            runners.descriptions.insert(description.runner.clone(), description);
        }
        for description in runners.descriptions.values() {
            for described in &description.models {
                let position = runners.models.len();
                for name in [key(&described.id), key(&format!("{}{}", description.runner, described.id))] {
                    runners.by_key.entry(name).or_default().push(position);
                }
                runners.models.push(model(description, described));
            }
        }
        runners
    }

    /// Every model, runner by runner.
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    pub fn descriptions(&self) -> impl Iterator<Item = &Description> {
        self.descriptions.values()
    }

    /// Models for `task` whose name contains `words`.
    pub fn search(&self, words: &str, task: Option<Task>) -> impl Iterator<Item = &Model> {
        let wanted = key(words);
        let fits = move |model: &&Model| {
            task.is_none_or(|task| model.task == task) && key(&model.id).contains(&wanted)
        };
        self.models.iter().filter(fits)
    }

    pub fn description(&self, runner: &str) -> Option<&Description> {
        self.descriptions.get(runner)
    }

    /// By the framework's name for it, which the runner's may stand before: `timm/convnextv2_atto`.
    pub fn find(&self, name: &str) -> Option<&Model> {
        self.named(name).next()
    }

    /// The model of that name that does this.
    pub(crate) fn trains(&self, name: &str, task: Task) -> Option<&Model> {
        self.named(name).find(|model| model.task == task)
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &Model> {
        let positions = self.by_key.get(&key(name)).into_iter().flatten();
        positions.map(|position| &self.models[*position])
    }

    /// The models of a runner whose names are most like this one; nothing where nobody has the runner.
    pub(crate) fn nearest(&self, runner: &str, named: &str, most: usize) -> Option<Vec<String>> {
        let description = self.description(runner)?;
        let ids = description.models.iter().map(|model| model.id.as_str());
        Some(super::nearest_of(ids, named, most).into_iter().map(str::to_owned).collect())
    }

    /// Whether published weights are known that the training can start from: of a runner's model, or of ours.
    pub(crate) fn publishes(&self, config: &TrainingConfig) -> bool {
        match &config.runner {
            Some(runner) => self.has_pretrained(runner, &config.model),
            None => super::find(&config.model).is_some_and(super::is_published),
        }
    }

    /// Whether published weights are known that a model of a runner can start from.
    pub(crate) fn has_pretrained(&self, runner: &str, model: &str) -> bool {
        let described = self.description(runner).into_iter().flat_map(|description| &description.models);
        described.filter(|described| described.id == model).any(|described| !described.pretrained.is_empty())
    }

    /// What is wrong with the options of a configuration; nothing is known of a runner that is not there.
    pub fn problems(&self, config: &TrainingConfig) -> Vec<ConfigProblem> {
        match config.runner.as_deref() {
            None => options::problems(options::OURS, &options::ours_for(config.task), &config.options),
            Some(runner) => self
                .description(runner)
                .map(|description| options::problems(runner, &description.options, &config.options))
                .unwrap_or_default(),
        }
    }
}

fn model(description: &Description, described: &DescribedModel) -> Model {
    Model {
        id: described.id.clone(),
        family: Cow::Owned(description.runner.clone()),
        task: described.task,
        parameters: described.parameters,
        image_size: described.image_size,
        licence: Cow::Owned(description.licence.clone()),
        native: false,
        runner: Runner::Installed(description.runner.clone()),
        aliases: Vec::new(),
        rank: 0,
    }
}
