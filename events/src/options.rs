//! Settings beyond those of every configuration: what a trainer says it has, and whether what is given fits that.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::config::Task;
use crate::reason::ConfigProblem;

/// A setting that one runner has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrainerOption {
    /// One line.
    pub about: String,
    #[serde(flatten)]
    pub values: OptionValues,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum OptionValues {
    Integer { low: i64, high: i64, default: i64 },
    Number { low: f64, high: f64, default: f64 },
    Boolean { default: bool },
    Choice { choices: Vec<String>, default: String },
}

/// By name.
pub type Options = BTreeMap<String, TrainerOption>;

/// What our own trainer is called where a runner is named.
pub const OURS: &str = "trainyard";

/// Of our own trainer, for whoever asks about a configuration before a trainer has read it.
pub fn ours() -> Options {
    let precision = "numbers to train in; auto: bf16 where the processor has it and it pays";
    let share = || OptionValues::Number { low: 0.0, high: 1.0, default: 0.0 };
    let all = [
        ("precision", precision, choice(&["auto", "fp32", "bf16"])),
        ("freeze", "what does not learn: nothing, or all but the head", choice(&["none", "backbone"])),
        (
            "unfreeze_every",
            "only the head learns at first; each so many epochs one more group of layers does, from the head down; 0: all at once",
            OptionValues::Integer { low: 0, high: 100, default: 0 },
        ),
        (
            "layer_decay",
            "each group of layers learns at the rate of the group after it times this; 1: all at the same",
            OptionValues::Number { low: 0.1, high: 1.0, default: 1.0 },
        ),
        ("class_weights", "balanced: the loss counts rare classes more", choice(&["none", "balanced"])),
        ("sampling", "balanced: an epoch shows each class as often", choice(&["all", "balanced"])),
        ("mixup", "images are mixed, by shares of Beta(a, a); 0 mixes none", share()),
        (
            "rand_augment",
            "strength of two changes to each image, drawn of fourteen; 0 makes none",
            OptionValues::Integer { low: 0, high: 30, default: 0 },
        ),
        ("cutmix", "windows are cut from others, of shares of Beta(a, a); 0 cuts none", share()),
    ];
    let named = |(name, about, values): (&str, &str, OptionValues)| {
        (name.to_owned(), TrainerOption { about: about.to_owned(), values })
    };
    all.into_iter().map(named).collect()
}

/// Those of [`ours`] that a task has; the recipes are of classifiers.
pub fn ours_for(task: Task) -> Options {
    let mut options = ours();
    if task != Task::Classify {
        options.retain(|name, _| name == "precision");
    }
    options
}

/// The first is the default.
fn choice(choices: &[&str]) -> OptionValues {
    let choices: Vec<String> = choices.iter().map(|choice| (*choice).to_owned()).collect();
    OptionValues::Choice { default: choices[0].clone(), choices }
}

/// What is wrong with the options that are given to a runner that has `known`.
pub fn problems(runner: &str, known: &Options, given: &BTreeMap<String, Value>) -> Vec<ConfigProblem> {
    let problem = |(option, given): (&String, &Value)| match known.get(option) {
        None => Some(ConfigProblem::NoSuchOption {
            runner: runner.to_owned(),
            option: option.clone(),
            options: known.keys().cloned().collect(),
        }),
        Some(TrainerOption { values, .. }) if values.fits(given) => None,
        Some(TrainerOption { values, .. }) => {
            let (given, takes) = (given.to_string(), values.takes());
            Some(ConfigProblem::OptionUnfit { option: option.clone(), given, takes })
        }
    };
    given.iter().filter_map(problem).collect()
}

impl OptionValues {
    fn fits(&self, given: &Value) -> bool {
        match self {
            OptionValues::Integer { low, high, .. } => {
                given.as_i64().is_some_and(|given| (*low..=*high).contains(&given))
            }
            OptionValues::Number { low, high, .. } => {
                given.as_f64().is_some_and(|given| (*low..=*high).contains(&given))
            }
            OptionValues::Boolean { .. } => given.is_boolean(),
            OptionValues::Choice { choices, .. } => {
                given.as_str().is_some_and(|given| choices.iter().any(|choice| choice == given))
            }
        }
    }

    /// As it would be written.
    fn takes(&self) -> String {
        match self {
            OptionValues::Integer { low, high, .. } => format!("{low} to {high}"),
            OptionValues::Number { low, high, .. } => format!("{low} to {high}"),
            OptionValues::Boolean { .. } => "true or false".to_owned(),
            OptionValues::Choice { choices, .. } => choices.join(", "),
        }
    }

    /// What stands there where nothing is given.
    pub fn default(&self) -> Value {
        match self {
            OptionValues::Integer { default, .. } => Value::from(*default),
            OptionValues::Number { default, .. } => Value::from(*default),
            OptionValues::Boolean { default } => Value::from(*default),
            OptionValues::Choice { default, .. } => Value::from(default.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_of_ours_fits_itself() {
        let defaults: BTreeMap<String, Value> =
            ours().into_iter().map(|(name, option)| (name, option.values.default())).collect();
        assert!(!defaults.is_empty());
        assert_eq!(problems(OURS, &ours(), &defaults), []);
    }

    #[test]
    fn recipes_are_of_classifiers() {
        let given = BTreeMap::from([("mixup".to_owned(), Value::from(0.2))]);
        assert_eq!(problems(OURS, &ours_for(Task::Classify), &given), []);
        assert_eq!(problems(OURS, &ours_for(Task::Pose), &given).len(), 1);
    }

    #[test]
    fn what_is_unknown_or_does_not_fit_is_told() {
        let given = |name: &str, value: Value| BTreeMap::from([(name.to_owned(), value)]);
        let [unknown] = &problems(OURS, &ours(), &given("precison", "bf16".into()))[..] else { panic!() };
        assert!(matches!(unknown, ConfigProblem::NoSuchOption { options, .. }
            if options.contains(&"precision".to_owned())));
        for value in [Value::from("fp8"), Value::from(16), Value::Null] {
            let [unfit] = &problems(OURS, &ours(), &given("precision", value))[..] else { panic!() };
            assert!(matches!(unfit, ConfigProblem::OptionUnfit { takes, .. } if takes == "auto, fp32, bf16"));
        }
    }
}
