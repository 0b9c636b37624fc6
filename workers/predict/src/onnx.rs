//! What an ONNX file says of itself, read before anything runs it: its card, and that all of its weights are inside.
//!
//! A file is one protobuf message; only the fields that lead to these two answers are followed (onnx.proto3 of ONNX 1.19).

use trainyard_events::card::{Card, KEY};

use crate::limits::GRAPH_DEPTH;

/// Why a file is not a model that may be loaded.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum NoModel {
    #[error("the file is no ONNX model, or it is cut off: export the model again")]
    NotOnnx,
    #[error("weights of the model are in another file: export it as one file")]
    Elsewhere,
    #[error("graphs lie within graphs more than {GRAPH_DEPTH} deep")]
    TooDeep,
    #[error(
        "the model has no card: its metadata needs `{KEY}`, which says what its outputs are (docs/trainers.md)"
    )]
    NoCard,
    #[error("the model's card is not understood: {0}")]
    BadCard(String),
}

/// The card in the metadata of a file that keeps all of its weights to itself.
pub fn card(file: &[u8]) -> Result<Card, NoModel> {
    if file.is_empty() {
        return Err(NoModel::NotOnnx);
    }
    walk(file, Message::Model, 0)?;
    let mut card = None;
    for field in Fields(file) {
        if let (14, Value::Bytes(entry)) = field? {
            let (key, value) = entry_of(entry)?;
            if key == KEY.as_bytes() {
                card = Some(value);
            }
        }
    }
    serde_json::from_slice(card.ok_or(NoModel::NoCard)?).map_err(|error| NoModel::BadCard(error.to_string()))
}

fn entry_of(entry: &[u8]) -> Result<(&[u8], &[u8]), NoModel> {
    let mut told: (&[u8], &[u8]) = (&[], &[]);
    for field in Fields(entry) {
        match field? {
            (1, Value::Bytes(key)) => told.0 = key,
            (2, Value::Bytes(value)) => told.1 = value,
            _ => {}
        }
    }
    Ok(told)
}

/// The messages through which tensors are reached.
#[derive(Clone, Copy)]
enum Message {
    Model,
    Function,
    Graph,
    Node,
    Attribute,
    Sparse,
    Tensor,
}

impl Message {
    /// What a field of this number holds, if it leads to tensors.
    fn holds(self, field: u64) -> Option<Message> {
        match (self, field) {
            (Message::Model, 7) | (Message::Attribute, 6 | 11) => Some(Message::Graph),
            (Message::Model, 25) => Some(Message::Function),
            (Message::Function, 7) | (Message::Graph, 1) => Some(Message::Node),
            (Message::Node, 5) | (Message::Function, 11) => Some(Message::Attribute),
            (Message::Graph, 15) | (Message::Attribute, 22 | 23) => Some(Message::Sparse),
            (Message::Graph, 5) | (Message::Attribute, 5 | 10) | (Message::Sparse, 1 | 2) => {
                Some(Message::Tensor)
            }
            _ => None,
        }
    }
}

fn walk(bytes: &[u8], message: Message, depth: usize) -> Result<(), NoModel> {
    // Four messages lead from a graph to one inside it.
    if depth > 4 * GRAPH_DEPTH {
        return Err(NoModel::TooDeep);
    }
    for field in Fields(bytes) {
        match (message, field?) {
            (Message::Tensor, (13, _) | (14, Value::Number(1))) => return Err(NoModel::Elsewhere),
            (_, (number, Value::Bytes(inner))) => {
                if let Some(inside) = message.holds(number) {
                    walk(inner, inside, depth + 1)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Other,
}

/// The fields of a message, by number.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Number(self.varint()?),
            1 => self.take(8).map(|_| Value::Other)?,
            2 => {
                let length = self.varint()?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Other)?,
            _ => return None,
        };
        (tag >> 3 != 0).then_some((tag >> 3, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), NoModel>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field().ok_or(NoModel::NotOnnx);
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(name: &str) -> Vec<u8> {
        std::fs::read(format!("tests/models/{name}.onnx")).unwrap()
    }

    #[test]
    fn a_card_is_read_and_what_is_no_model_is_not() {
        assert_eq!(card(&model("masks")).unwrap().model, "masks");
        assert_eq!(card(&model("no_card")), Err(NoModel::NoCard));
        assert_eq!(card(&model("elsewhere")), Err(NoModel::Elsewhere));
        for foreign in [&b""[..], b"PK\x03\x04 a zip", b"text, and more of it", &[0xff; 64], &[0; 64]] {
            assert_eq!(card(foreign), Err(NoModel::NotOnnx), "{foreign:?}");
        }
    }

    #[test]
    fn a_file_that_is_cut_off_anywhere_is_refused() {
        let whole = model("boxes");
        assert!((0..whole.len()).all(|length| card(&whole[..length]).is_err()));
    }

    #[test]
    fn graphs_within_graphs_end_somewhere() {
        let varint = |mut value: usize| {
            let mut out = Vec::new();
            while value >= 0x80 {
                out.push(value as u8 | 0x80);
                value >>= 7;
            }
            out.push(value as u8);
            out
        };
        let wrapped = |inner: Vec<u8>, field: u8| [vec![field << 3 | 2], varint(inner.len()), inner].concat();
        let graph = (0..10_000).fold(Vec::new(), |graph, _| wrapped(wrapped(wrapped(graph, 6), 5), 1));
        assert_eq!(card(&wrapped(graph, 7)), Err(NoModel::TooDeep));
    }
}
