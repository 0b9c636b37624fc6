//! The messages of an ONNX file (onnx.proto of ONNX 1.12, IR version 8), by their published field numbers.

use trainyard_events::card::KEY;

use crate::message::Message;

/// The oldest pair with all that is used here, so that many programs read it.
const IR_VERSION: i64 = 8;
const OPSET: i64 = 17;

/// Element types.
const FLOAT: i64 = 1;
const INT64: i64 = 7;

/// One side of a shape.
#[derive(Clone, Copy, Debug)]
pub enum Dimension {
    Fixed(usize),
    /// Free, under this name.
    Free(&'static str),
}

/// What a node is told beside its inputs.
#[derive(Clone, Debug)]
pub enum Attribute {
    Float(f32),
    Int(i64),
    Ints(Vec<i64>),
    Text(&'static str),
}

pub fn model(graph: Message, card: &str) -> Message {
    Message::default()
        .int(1, IR_VERSION)
        .text(2, "trainyard")
        .message(7, graph)
        .message(8, Message::default().text(1, "").int(2, OPSET))
        .message(14, Message::default().text(1, KEY).text(2, card))
}

pub fn graph(
    name: &str,
    nodes: Vec<Message>,
    initializers: Vec<Message>,
    inputs: Vec<Message>,
    outputs: Vec<Message>,
) -> Message {
    let message = nodes.into_iter().fold(Message::default(), |graph, node| graph.message(1, node));
    let message = message.text(2, name);
    let message = initializers.into_iter().fold(message, |graph, tensor| graph.message(5, tensor));
    let message = inputs.into_iter().fold(message, |graph, input| graph.message(11, input));
    outputs.into_iter().fold(message, |graph, output| graph.message(12, output))
}

/// Its one output has the node's own name.
pub fn node(operator: &str, name: &str, inputs: &[&str], attributes: &[(&str, Attribute)]) -> Message {
    let message = inputs.iter().fold(Message::default(), |node, input| node.text(1, input));
    let message = message.text(2, name).text(3, name).text(4, operator);
    attributes.iter().fold(message, |node, (name, value)| node.message(5, attribute(name, value)))
}

fn attribute(name: &str, value: &Attribute) -> Message {
    let message = Message::default().text(1, name);
    match value {
        Attribute::Float(value) => message.float(2, *value).int(20, 1),
        Attribute::Int(value) => message.int(3, *value).int(20, 2),
        Attribute::Text(value) => message.text(4, value).int(20, 3),
        Attribute::Ints(values) => values.iter().fold(message, |ints, value| ints.int(8, *value)).int(20, 7),
    }
}

/// `values` in rows, the last dimension the fastest.
pub fn floats(name: &str, shape: &[usize], values: &[f32]) -> Message {
    tensor(name, shape, FLOAT, values.iter().flat_map(|value| value.to_le_bytes()).collect())
}

/// A list of whole numbers.
pub fn ints(name: &str, values: &[i64]) -> Message {
    tensor(name, &[values.len()], INT64, values.iter().flat_map(|value| value.to_le_bytes()).collect())
}

fn tensor(name: &str, shape: &[usize], element: i64, raw: Vec<u8>) -> Message {
    let message = shape.iter().fold(Message::default(), |tensor, side| tensor.int(1, *side as i64));
    message.int(2, element).text(8, name).bytes(9, raw)
}

/// An input or output of floats.
pub fn value(name: &str, shape: &[Dimension]) -> Message {
    let shape = shape.iter().fold(Message::default(), |shape, side| {
        let side = match side {
            Dimension::Fixed(side) => Message::default().int(1, *side as i64),
            Dimension::Free(name) => Message::default().text(2, name),
        };
        shape.message(1, side)
    });
    let tensor = Message::default().int(1, FLOAT).message(2, shape);
    Message::default().text(1, name).message(2, Message::default().message(1, tensor))
}
