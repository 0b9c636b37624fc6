//! Who this trainer is: what `describe` prints.

use std::collections::BTreeMap;

use trainyard_events::card::{DescribedModel, Description, PROTOCOL, Pretrained, Resume};
use trainyard_events::config::Task;

use crate::models::{KNOWN, Known};

pub fn description() -> Description {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Description {
        protocol: PROTOCOL,
        runner: "trainyard".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        licence: env!("CARGO_PKG_LICENSE").to_owned(),
        resume: Resume::Exact,
        precisions: words(&["fp32"]),
        devices: words(&["cpu", "gpu"]),
        models: KNOWN.iter().map(model).collect(),
        options: BTreeMap::new(),
    }
}

fn model(known: &Known) -> DescribedModel {
    DescribedModel {
        id: known.name.to_owned(),
        task: known.task,
        image_size: known.image_size,
        parameters: Some(known.parameters),
        pretrained: pretrained(known),
    }
}

/// Of the ResNets timm's, which have our names of tensors.
fn pretrained(known: &Known) -> Vec<Pretrained> {
    const TAG: &str = "a1_in1k";
    if known.task != Task::Classify {
        return Vec::new();
    }
    vec![Pretrained {
        name: TAG.to_owned(),
        source: format!("hf://timm/{}.{TAG}/model.safetensors", known.name),
        sha256: None,
        licence: "Apache-2.0".to_owned(),
    }]
}
