//! What comes with a model: all that whoever answers with it must know, and nothing about who trained it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::{Resize, Task};

pub use crate::options::{OptionValues, TrainerOption};

/// The key of a card, as JSON, in the metadata of a safetensors or ONNX file.
pub const KEY: &str = "trainyard";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    pub task: Task,
    /// As the runner names it.
    pub model: String,
    /// In the order of the outputs.
    pub classes: Vec<String>,
    /// Of each object, in the order of the outputs; of what has poses, where its trainer names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keypoints: Vec<String>,
    pub preprocessing: Preprocessing,
    /// What the outputs of an ONNX file are; absent with weights, whose program knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Output>,
    /// Of a model that has seen good images only: the score from which an image is none of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Of an ONNX file that computes in fewer bits than it was trained in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantized: Option<Quantized>,
    /// Who trained it, and under which licence its program is, where it was not our own trainer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
}

impl Card {
    /// Of weights that our own trainer has made.
    pub fn new(task: Task, model: String, classes: Vec<String>, preprocessing: Preprocessing) -> Card {
        Card {
            task,
            model,
            classes,
            keypoints: Vec::new(),
            preprocessing,
            output: None,
            threshold: None,
            quantized: None,
            runner: None,
            licence: None,
        }
    }
}

/// What fewer bits have cost on the validation split, by the same file on the same images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantized {
    /// Such as `int8`.
    pub precision: String,
    /// What was measured, such as `accuracy`.
    pub measured: String,
    pub before: f64,
    pub after: f64,
    /// A file that loses more is not kept.
    pub loss_max: f64,
}

/// What happens to an image between decoding and the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Preprocessing {
    /// Side of the square in pixels.
    pub image_size: u32,
    pub resize: Resize,
    /// Of pixels scaled to 0..1, in RGB order.
    pub mean: [f64; 3],
    pub std: [f64; 3],
    /// Bits that the 16-bit images of the dataset use, where that is fewer than 16: decoding scales by that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_bits: Option<u32>,
}

/// The outputs of an ONNX model by their names. Its one input is `images`: floats `[N, 3, S, S]`, RGB, normalised. `N` is
/// free, `C` the number of classes, `S` the side of the square; coordinates are pixels of that square where nothing else
/// is said, and scores are 0 to 1 where they are not called logits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// `logits [N, C]`, of which one is right.
    Logits,
    /// `logits [N, C]`, of which any number is right.
    Labels,
    /// `boxes [N, A, 4]` as corners x1 y1 x2 y2 and `scores [N, A, C]`; the same object may be there many times.
    Boxes,
    /// As `boxes`, and `coefficients [N, A, K]` of the `prototypes [N, K, H, W]`, whose weighted sum above 0 is the mask.
    Masks,
    /// As `boxes`, and `keypoints [N, A, P, 3]`: x, y and how sure it is seen.
    Keypoints,
    /// `logits [N, Q, C]`, of which any number is right, and `boxes [N, Q, 4]` as centre and size, 0 to 1 of the square;
    /// every object is there once.
    Queries,
    /// `logits [N, C, H, W]`: the class of each cell, brought to the size of the image.
    Pixels,
    /// `score [N]`, 0 to 1, and `map [N, H, W]`: how unlike the good ones. Of two classes the first is the good one.
    Anomaly,
}

/// [`Card::threshold`] where a card has none.
pub const THRESHOLD: f64 = 0.5;

/// What a configuration writes for the weights that are published for its model.
pub const PRETRAINED: &str = "pretrained";

/// What a trainer's `describe` prints, as one JSON object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// [`PROTOCOL`].
    pub protocol: u32,
    /// The word that a configuration names it by: lower case, digits and hyphens.
    pub runner: String,
    /// Of the framework behind it.
    pub version: String,
    /// Of the framework behind it, by its SPDX name.
    pub licence: String,
    pub resume: Resume,
    /// Such as `fp32` and `bf16`, the default first.
    pub precisions: Vec<String>,
    /// Such as `cpu`, `gpu` and [`SEVERAL_GPUS`].
    pub devices: Vec<String>,
    pub models: Vec<DescribedModel>,
    /// Beyond what every configuration has.
    #[serde(default)]
    pub options: BTreeMap<String, TrainerOption>,
}

/// Of who trains on all GPUs that a job was given.
pub const SEVERAL_GPUS: &str = "gpus";

impl Description {
    pub fn trains_on_several_gpus(&self) -> bool {
        self.devices.iter().any(|device| device == SEVERAL_GPUS)
    }
}

/// The version of the protocol between an agent and a trainer that this release speaks.
pub const PROTOCOL: u32 = 2;

/// Where the store keeps what a runner says of itself, by the SHA-256 of that.
pub fn shelf(sha256: &str) -> String {
    format!("runners/{sha256}.json")
}

/// The longest name of a runner, in bytes.
pub const RUNNER_NAME_BYTES: usize = 32;

/// Whether it can name a runner: it becomes part of a subject, a folder and a sentence.
pub fn is_runner(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=RUNNER_NAME_BYTES).contains(&name.len()) && name.bytes().all(fits)
}

/// How a training that was killed goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resume {
    /// On the CPU it ends with the same bytes as one that nothing touched.
    Exact,
    /// From the last epoch.
    Epoch,
    /// From the beginning.
    Never,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DescribedModel {
    /// The framework's own name.
    pub id: String,
    pub task: Task,
    /// Side of the square in pixels that it was made for.
    pub image_size: u32,
    /// With the classes that it was published with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<u64>,
    /// Weights that it can start from, the default first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pretrained: Vec<Pretrained>,
}

/// Published weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pretrained {
    /// The framework's own name, such as `a1_in1k`.
    pub name: String,
    /// `https://...` or `hf://owner/repository/file`.
    pub source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// By its SPDX name.
    pub licence: String,
}
