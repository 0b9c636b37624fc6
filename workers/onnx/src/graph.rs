//! A graph that grows by one node at a time. A node is named by where its weights are in the file, and its output as itself.

use crate::ExportError;
use crate::message::Message;
use crate::proto::{self, Attribute, Dimension};
use crate::weights::Weights;

/// The one input: `[N, 3, side, side]`.
const IMAGES: &str = "images";
const COLOURS: usize = 3;
/// The free dimension.
const BATCH: Dimension = Dimension::Free("N");

/// What a node puts out where it is an image: `[N, channels, side, side]`.
#[derive(Clone, Debug)]
pub struct Map {
    pub name: String,
    pub channels: usize,
    pub side: usize,
}

#[derive(Debug)]
pub struct Graph {
    weights: Weights,
    side: usize,
    nodes: Vec<Message>,
    initializers: Vec<Message>,
    outputs: Vec<Message>,
}

impl Graph {
    /// `side` of the images in pixels.
    pub fn new(weights: Weights, side: usize) -> Self {
        Graph { weights, side, nodes: Vec::new(), initializers: Vec::new(), outputs: Vec::new() }
    }

    pub fn images(&self) -> Map {
        Map { name: IMAGES.to_owned(), channels: COLOURS, side: self.side }
    }

    /// Returns the name of its output.
    pub fn node(
        &mut self,
        operator: &str,
        name: impl Into<String>,
        inputs: &[&str],
        attributes: &[(&str, Attribute)],
    ) -> String {
        let name = name.into();
        self.nodes.push(proto::node(operator, &name, inputs, attributes));
        name
    }

    /// Whole numbers that never change.
    pub fn ints(&mut self, name: impl Into<String>, values: &[i64]) -> String {
        let name = name.into();
        self.initializers.push(proto::ints(&name, values));
        name
    }

    /// Numbers that never change, in rows; fails when one of them is none, as after a division by zero.
    pub fn floats(
        &mut self,
        name: impl Into<String>,
        shape: &[usize],
        values: &[f32],
    ) -> Result<String, ExportError> {
        let name = name.into();
        if !values.iter().all(|value| value.is_finite()) {
            return Err(self.mismatch(format!("{name} is not finite")));
        }
        self.initializers.push(proto::floats(&name, shape, values));
        Ok(name)
    }

    /// Numbers of the weights, see [`Weights::take`].
    pub fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ExportError> {
        self.weights.take(name, shape)
    }

    pub fn mismatch(&self, problem: String) -> ExportError {
        self.weights.mismatch(problem)
    }

    /// Makes the output of the node `name`, `[N, ..shape]`, one of the graph's.
    pub fn output(&mut self, name: &str, shape: &[usize]) {
        self.outputs.push(value(name, shape));
    }

    /// Fails when not all of the weights are in it.
    pub fn finish(self) -> Result<Message, ExportError> {
        self.weights.all_taken()?;
        let images = value(IMAGES, &[COLOURS, self.side, self.side]);
        let name = &self.weights.card.model;
        Ok(proto::graph(name, self.nodes, self.initializers, vec![images], self.outputs))
    }
}

fn value(name: &str, shape: &[usize]) -> Message {
    let fixed = shape.iter().map(|side| Dimension::Fixed(*side));
    proto::value(name, &[BATCH].into_iter().chain(fixed).collect::<Vec<_>>())
}
