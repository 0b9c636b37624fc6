//! What a configuration says beyond what every configuration has; what it leaves out is as `describe` says.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use trainyard_events::TrainingConfig;
use trainyard_events::options;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// What pays on the processor that is there.
    Auto,
    Fp32,
    Bf16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Freeze {
    None,
    /// All but the head.
    Backbone,
}

/// Whether classes count as they are, or all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Balance {
    #[serde(alias = "none")]
    All,
    Balanced,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Options {
    pub precision: Wanted,
    pub freeze: Freeze,
    /// Epochs until one more group of layers learns; 0: all learn from the start.
    pub unfreeze_every: u32,
    /// What the rate of a group of layers is, as a part of that of the group after it.
    pub layer_decay: f64,
    pub class_weights: Balance,
    pub sampling: Balance,
    /// Of two changes to each image; 0: none.
    pub rand_augment: u32,
    /// Of Beta(a, a); 0: never.
    pub mixup: f64,
    pub cutmix: f64,
}

impl Options {
    /// Of a configuration that [`crate::train::check_config`] has let pass.
    pub fn of(config: &TrainingConfig) -> Options {
        let defaults = options::ours().into_iter().map(|(name, option)| (name, option.values.default()));
        let mut all: BTreeMap<String, Value> = defaults.collect();
        all.extend(config.options.clone());
        let all = serde_json::to_value(all).expect("names and values are plain data");
        serde_json::from_value(all).expect("a configuration is checked before it is used")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::tests::config;

    #[test]
    fn what_is_left_out_is_as_described() {
        assert_eq!(Options::of(&config()).precision, Wanted::Auto);
        let given = BTreeMap::from([("precision".to_owned(), Value::from("bf16"))]);
        assert_eq!(Options::of(&TrainingConfig { options: given, ..config() }).precision, Wanted::Bf16);
    }
}
