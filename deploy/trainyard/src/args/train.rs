//! What a training is asked for by flags.

use clap::{Args, ValueHint};
use serde_json::Value;

#[derive(Debug, Args, serde::Serialize)]
pub(crate) struct Train {
    /// Catalog id, such as resnet18.
    #[arg(long)]
    pub model: String,
    /// A folder that the workers can read.
    #[arg(long, value_hint = ValueHint::AnyPath)]
    pub dataset: String,
    /// Comma-separated; all of the dataset's when left out.
    #[arg(long, value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    #[arg(long, allow_negative_numbers = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epochs: Option<i64>,
    #[arg(long, allow_negative_numbers = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_size: Option<i64>,
    #[arg(long, allow_negative_numbers = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_size: Option<i64>,
    #[arg(long, allow_negative_numbers = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learning_rate: Option<f64>,
    /// sgd, adam or adamw.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optimizer: Option<String>,
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<u32>,
    /// cpu, gpu or auto.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// low, normal or high.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// What to start from: `pretrained`, `scratch`, a version of a registered model such as line3@champion, or a path,
    /// https://, hf://owner/repository/file or s3://bucket/key [default: pretrained where that is known].
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_weights: Option<String>,
    /// Who trains it, such as timm; left out, our own trainer or the runner that has the model.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runner: Option<String>,
    /// A setting of that runner, NAME=VALUE; again for another.
    #[arg(long = "set", value_parser = parse_setting)]
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_object", rename = "options")]
    pub settings: Vec<(String, Value)>,
    #[command(flatten)]
    #[serde(skip_serializing_if = "Asked::is_nothing")]
    pub resources: Asked,
    /// Stop with a checkpoint once its attempts have cost so much, in units of the tenant's currency.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_cost: Option<f64>,
    /// The same once they have taken so many hours.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_hours: Option<f64>,
    /// Follow it until it ends.
    #[arg(long)]
    #[serde(skip)]
    pub watch: bool,
}

/// What the worker has to have.
#[derive(Debug, Default, Args, serde::Serialize)]
pub(crate) struct Asked {
    /// GPUs of one worker that the job has to itself, 1 to 8.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpus: Option<u32>,
    /// Their kind, as a word of their name such as H100.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu: Option<String>,
    /// GB that each has at least.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu_memory_gb: Option<u32>,
    /// A label of the worker, NAME=VALUE; again for another.
    #[arg(long = "label", value_parser = parse_label)]
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_object")]
    pub labels: Vec<(String, Value)>,
}

impl Asked {
    fn is_nothing(&self) -> bool {
        self.gpus.is_none() && self.gpu.is_none() && self.gpu_memory_gb.is_none() && self.labels.is_empty()
    }
}

fn parse_label(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text.split_once('=').ok_or("say NAME=VALUE")?;
    Ok((name.to_owned(), Value::String(value.to_owned())))
}

/// `NAME=VALUE`; what is no JSON is a word.
pub(super) fn parse_setting(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text.split_once('=').ok_or("say NAME=VALUE")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    Ok((name.to_owned(), value))
}

fn as_object<S: serde::Serializer>(settings: &[(String, Value)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(settings.iter().map(|(name, value)| (name, value)))
}
