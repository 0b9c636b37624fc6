//! Who this trainer is: what `describe` prints.

use trainyard_events::card::{DescribedModel, Description, PROTOCOL, Pretrained, Resume, SEVERAL_GPUS};
use trainyard_events::config::Task;
use trainyard_events::options;

use crate::models::{KNOWN, Known};

pub fn description() -> Description {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Description {
        protocol: PROTOCOL,
        runner: options::OURS.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        licence: env!("CARGO_PKG_LICENSE").to_owned(),
        resume: Resume::Exact,
        precisions: words(&["fp32", "bf16"]),
        devices: words(&["cpu", "gpu", SEVERAL_GPUS]),
        models: KNOWN.iter().map(model).collect(),
        options: options::ours(),
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

/// Timm's, which have our names of tensors.
fn pretrained(known: &Known) -> Vec<Pretrained> {
    if known.task != Task::Classify {
        return Vec::new();
    }
    let tag = match known.name {
        "efficientnet_b0" | "efficientnet_b2" | "mobilenetv3_large_100" => "ra_in1k",
        "efficientnet_b1" => "ft_in1k",
        "efficientnet_b3" => "ra2_in1k",
        "mobilenetv3_small_100" => "lamb_in1k",
        "convnext_tiny" => "in12k_ft_in1k",
        _ => "a1_in1k",
    };
    vec![Pretrained {
        name: tag.to_owned(),
        source: format!("hf://timm/{}.{tag}/model.safetensors", known.name),
        sha256: None,
        licence: "Apache-2.0".to_owned(),
    }]
}
