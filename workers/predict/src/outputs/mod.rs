//! What the numbers of each form of output mean, as `trainyard_events::card::Output` says.

mod anomaly;
mod boxes;
mod classes;
mod grid;
mod pixels;

use ort::value::{Outlet, TensorElementType};
use trainyard_events::card::{Card, Output};
use trainyard_events::prediction::{Anomaly, Prediction};

use crate::model::described;
use crate::prepare::Prepared;

/// What is told of one image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The most confident first.
    pub predictions: Vec<Prediction>,
    pub anomaly: Option<Anomaly>,
}

impl From<Vec<Prediction>> for Answer {
    fn from(predictions: Vec<Prediction>) -> Answer {
        Answer { predictions, anomaly: None }
    }
}

/// What an output has to be: its name and its shape after the images, `None` where any size does.
type Wanted = (&'static str, Vec<Option<usize>>);

fn wanted(output: Output, card: &Card) -> Vec<Wanted> {
    let classes = Some(card.classes.len());
    let boxes = || vec![("boxes", vec![None, Some(4)]), ("scores", vec![None, classes])];
    match output {
        Output::Logits | Output::Labels => vec![("logits", vec![classes])],
        Output::Boxes => boxes(),
        Output::Masks => {
            [boxes(), vec![("coefficients", vec![None, None]), ("prototypes", vec![None, None, None])]]
                .concat()
        }
        Output::Keypoints => [boxes(), vec![("keypoints", vec![None, None, Some(3)])]].concat(),
        Output::Queries => vec![("logits", vec![None, classes]), ("boxes", vec![None, Some(4)])],
        Output::Pixels => vec![("logits", vec![classes, None, None])],
        Output::Anomaly => vec![("score", vec![]), ("map", vec![None, None])],
    }
}

/// Whether a model has the outputs that its card says; sizes that are free are checked with each answer.
pub fn check(output: Output, card: &Card, outlets: &[Outlet]) -> Result<(), String> {
    for (name, sizes) in wanted(output, card) {
        let found = outlets.iter().find(|outlet| outlet.name() == name);
        let fits = |outlet: &Outlet| {
            let shape = outlet.dtype().tensor_shape().map(|shape| shape.to_vec()).unwrap_or_default();
            outlet.dtype().tensor_type() == Some(TensorElementType::Float32)
                && (shape.is_empty() || shape.len() == sizes.len() + 1)
                && shape.iter().skip(1).zip(&sizes).all(|(is, wanted)| {
                    *is < 0 || wanted.is_none_or(|wanted| usize::try_from(*is) == Ok(wanted))
                })
        };
        if !found.is_some_and(fits) {
            let is = found
                .map_or_else(|| "it has none".to_owned(), |outlet| format!("it is {}", described(outlet)));
            return Err(contradicted(output, name, &sizes, &is));
        }
    }
    Ok(())
}

fn contradicted(output: Output, name: &str, sizes: &[Option<usize>], is: &str) -> String {
    let sizes: Vec<String> =
        sizes.iter().map(|size| size.map_or_else(|| "?".to_owned(), |size| size.to_string())).collect();
    let shape = [vec!["N".to_owned()], sizes].concat().join(", ");
    format!(
        "the card says {output:?}, for which `{name}` must be floats [{shape}], and {is}: export the model again"
    )
}

/// The outputs of one pass.
#[derive(Default)]
pub struct Tensors<'a>(Vec<(&'a str, Vec<usize>, &'a [f32])>);

impl<'a> Tensors<'a> {
    pub fn add(&mut self, name: &'a str, shape: Vec<usize>, values: &'a [f32]) {
        self.0.push((name, shape, values));
    }

    /// The part of an output that is of one image.
    fn of(&self, name: &str, image: usize) -> Part<'a> {
        let (_, shape, values) = self
            .0
            .iter()
            .find(|(known, ..)| *known == name)
            .expect("every output that is wanted has been found");
        let each = values.len() / shape[0];
        Part { sizes: shape[1..].to_vec(), values: &values[image * each..][..each] }
    }
}

/// An output of one image.
struct Part<'a> {
    sizes: Vec<usize>,
    values: &'a [f32],
}

/// For each image what the outputs say, once they are what they should be.
pub fn read(
    output: Output,
    card: &Card,
    tensors: &Tensors,
    images: &[Prepared],
) -> Result<Vec<Answer>, String> {
    for (name, sizes) in wanted(output, card) {
        let found = tensors.0.iter().find(|(known, ..)| *known == name);
        let fits = |(_, shape, _): &&(&str, Vec<usize>, &[f32])| {
            shape.len() == sizes.len() + 1
                && shape
                    .iter()
                    .skip(1)
                    .zip(&sizes)
                    .all(|(is, wanted)| wanted.is_none_or(|wanted| wanted == *is))
        };
        if found.filter(fits).is_none() {
            let is =
                found.map_or_else(|| "it has none".to_owned(), |(_, shape, _)| format!("it is {shape:?}"));
            return Err(contradicted(output, name, &sizes, &is));
        }
    }
    images
        .iter()
        .enumerate()
        .map(|(at, image)| one(output, card, &|name| tensors.of(name, at), image))
        .collect()
}

fn one<'a>(
    output: Output,
    card: &Card,
    part: &dyn Fn(&str) -> Part<'a>,
    image: &Prepared,
) -> Result<Answer, String> {
    let frame = &image.frame;
    Ok(match output {
        Output::Logits => classes::one_of(&card.classes, &part("logits")).into(),
        Output::Labels => classes::any_of(&card.classes, &part("logits")).into(),
        Output::Boxes => boxes::boxes(card, part, image)?.into(),
        Output::Masks => boxes::masks(card, part, image)?.into(),
        Output::Keypoints => boxes::keypoints(card, part, image)?.into(),
        Output::Queries => boxes::queries(card, part, image)?.into(),
        Output::Pixels => pixels::regions(card, &part("logits"), image).into(),
        Output::Anomaly => anomaly::anomaly(card, part, frame)?,
    })
}
