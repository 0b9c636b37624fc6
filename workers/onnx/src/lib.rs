//! From the weights of a model to its ONNX file, without libtorch: what has been trained is handed on as a graph.
//!
//! The networks stand here once more, as layers that only compute: normalisation is folded into its convolution, and a
//! detector answers with boxes. `workers/vision/tests/onnx.rs` holds each of them to the answers of libtorch.

mod blocks;
mod convnext;
mod file;
mod graph;
mod head;
mod inverted;
mod layers;
mod message;
pub mod plan;
mod proto;
mod resnet;
mod weights;
mod yolo11;

use std::io;
use std::path::{Path, PathBuf};

use trainyard_events::card::{Card, Output};
use trainyard_events::config::Task;
use trainyard_events::limits;

use crate::graph::Graph;
use crate::message::Message;
use crate::weights::{Weights, quoted};

/// Why there is no ONNX file.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("{path} cannot be read: {source}")]
    Read { path: PathBuf, source: io::Error },
    #[error("{path} cannot be written: {source}")]
    Write { path: PathBuf, source: io::Error },
    #[error("{path} is no whole safetensors file ({problem}): fetch it again from where it was trained")]
    NotWeights { path: PathBuf, problem: String },
    #[error("{path} does not say what it is of ({problem}): name the weights that a finished job has left")]
    NoCard { path: PathBuf, problem: String },
    #[error("there is no export of {model:?}: it is written for {}", names().join(", "))]
    OtherModel { model: String },
    #[error("the weights do not fit what their card says, {model}: {problem}")]
    Mismatch { model: String, problem: String },
}

/// The models that can be exported.
pub fn names() -> Vec<String> {
    let resnets = resnet::SCALES.iter().map(|scale| scale.name);
    let classifiers = resnets.chain(plan::names()).chain([convnext::NAME]).map(str::to_owned);
    classifiers.chain(yolo11::names()).collect()
}

/// The bytes of the ONNX file of weights in a safetensors file with its card. The same weights give the same bytes.
pub fn export(weights: &Path) -> Result<Vec<u8>, ExportError> {
    Ok(model(weights)?.into_parts().concat())
}

/// The same as a file that is either whole and on the disk, or not there. What had its name is replaced, unless it is the
/// weights themselves.
pub fn export_to(weights: &Path, out: &Path) -> Result<(), ExportError> {
    let failed = |source| ExportError::Write { path: out.to_owned(), source };
    let parts = model(weights)?.into_parts();
    if out.canonicalize().is_ok_and(|out| weights.canonicalize().is_ok_and(|weights| weights == out)) {
        let problem = "it is where the weights are: name another file";
        return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, problem)));
    }
    file::write(out, &parts).map_err(failed)
}

fn model(weights: &Path) -> Result<Message, ExportError> {
    let weights = Weights::read(weights)?;
    let card = weights.card.clone();
    let side = card.preprocessing.image_size;
    if !(limits::IMAGE_SIZE_MIN..=limits::IMAGE_SIZE_MAX).contains(&side) {
        return Err(weights.mismatch(format!("images of {side} pixels")));
    }
    let mut graph = Graph::new(weights, side as usize);
    let output = network(&mut graph, &card)?;
    let card = serde_json::to_string(&Card { output: Some(output), ..card })
        .expect("a card is plain data, which always serialises");
    Ok(proto::model(graph.finish()?, &card))
}

fn network(graph: &mut Graph, card: &Card) -> Result<Output, ExportError> {
    if let Some(output) = yolo11::build(graph, card) {
        return output;
    }
    classifier(graph, card).unwrap_or_else(|| Err(ExportError::OtherModel { model: quoted(&card.model) }))
}

/// `None` when it has not the name of one.
fn classifier(graph: &mut Graph, card: &Card) -> Option<Result<Output, ExportError>> {
    let name = card.model.as_str();
    let (resnet, plan) = (resnet::SCALES.iter().find(|scale| scale.name == name), plan::plan(name));
    if resnet.is_none() && plan.is_none() && name != convnext::NAME {
        return None;
    }
    if card.task != Task::Classify || card.classes.is_empty() {
        return Some(Err(graph.mismatch("it classifies, and needs its classes".to_owned())));
    }
    let built = match (resnet, plan) {
        (Some(scale), _) => resnet::build(graph, scale, card),
        (_, Some(plan)) => inverted::build(graph, &plan, card),
        _ => convnext::build(graph, card),
    };
    Some(built.map(|()| Output::Logits))
}
