//! Which layers learn, and how fast: groups by their distance from the head.
//!
//! Rates that fall from the head down are those of discriminative fine-tuning, and groups that begin to learn one after another those
//! of gradual unfreezing (arXiv 1801.06146).

use std::collections::{BTreeMap, BTreeSet};

/// How the layers of a network differ in what they learn.
#[derive(Clone, Debug, PartialEq)]
pub struct Layers {
    /// The distance of each parameter's group from the head, which is 0.
    depths: BTreeMap<String, u32>,
    /// The rate of a group as a part of that of the group after it.
    decay: f64,
    /// Optimizer steps until one more group learns; `None` where all do from the start.
    unfreeze_every: Option<u64>,
}

impl Layers {
    /// `names` are those of the parameters, of which `is_head` tells the last layers.
    pub fn new<'n>(
        names: impl Iterator<Item = &'n String> + Clone,
        is_head: fn(&str) -> bool,
        decay: f64,
        unfreeze_every: Option<u64>,
    ) -> Layers {
        let places: BTreeSet<u32> = names.clone().map(|name| place(name, is_head)).collect();
        let depth = |name: &String| places.range(place(name, is_head) + 1..).count() as u32;
        let depths = names.map(|name| (name.clone(), depth(name))).collect();
        Layers { depths, decay, unfreeze_every }
    }

    /// What the rate of a parameter is multiplied with at a step, counted from 1; 0 while it does not learn yet.
    pub fn share(&self, parameter: &str, step: u64) -> f64 {
        let depth = self.depths.get(parameter).copied().unwrap_or_default();
        let learns = self.unfreeze_every.is_none_or(|every| (step - 1) / every >= u64::from(depth));
        if learns { self.decay.powi(depth as i32) } else { 0.0 }
    }

    /// Groups of layers.
    pub fn groups(&self) -> u32 {
        self.depths.values().max().map_or(0, |deepest| deepest + 1)
    }
}

/// Where a parameter is, by its name: what comes before the stages, each stage, what comes after them, the head.
fn place(name: &str, is_head: fn(&str) -> bool) -> u32 {
    const AFTER: u32 = 1_000;
    if is_head(name) {
        return AFTER + 1;
    }
    let mut parts = name.split('.');
    let (first, second) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let number = match first {
        "stages" | "blocks" => second.parse::<u32>().ok().map(|number| number + 1),
        _ => first.strip_prefix("layer").and_then(|number| number.parse().ok()),
    };
    match first {
        "conv_head" | "bn2" | "head" | "norm_pre" => AFTER,
        _ => number.unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(names: &[&str], decay: f64, unfreeze_every: Option<u64>) -> Layers {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let is_head = |name: &str| name.starts_with("fc.") || name.starts_with("classifier.");
        Layers::new(names.iter(), is_head, decay, unfreeze_every)
    }

    #[test]
    fn groups_are_counted_from_the_head() {
        let resnet = ["conv1.weight", "bn1.bias", "layer1.0.conv1.weight", "layer2.1.bn2.bias", "fc.weight"];
        let found = layers(&resnet, 0.5, None);
        assert_eq!(resnet.map(|name| found.share(name, 1)), [0.125, 0.125, 0.25, 0.5, 1.0]);
        let efficientnet = [
            "conv_stem.weight",
            "blocks.0.0.bn1.weight",
            "blocks.1.0.bn2.bias",
            "bn2.weight",
            "classifier.bias",
        ];
        let found = layers(&efficientnet, 0.5, None);
        assert_eq!(efficientnet.map(|name| found.share(name, 1)), [0.0625, 0.125, 0.25, 0.5, 1.0]);
        assert_eq!(found.groups(), 5);
    }

    #[test]
    fn one_group_after_another_begins_to_learn() {
        let found = layers(&["conv1.weight", "layer1.0.conv1.weight", "fc.bias"], 1.0, Some(10));
        let at =
            |step| ["conv1.weight", "layer1.0.conv1.weight", "fc.bias"].map(|name| found.share(name, step));
        assert_eq!((at(1), at(10)), ([0.0, 0.0, 1.0], [0.0, 0.0, 1.0]));
        assert_eq!((at(11), at(20)), ([0.0, 1.0, 1.0], [0.0, 1.0, 1.0]));
        assert_eq!(at(21), [1.0; 3]);
    }
}
