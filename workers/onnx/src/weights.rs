//! Weights from a file that nobody vouches for: each tensor is taken once, in the shape that the network has there.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use safetensors::tensor::{Metadata, TensorInfo};
use safetensors::{Dtype, SafeTensors};
use trainyard_events::card::{Card, KEY};

use crate::ExportError;

/// An ONNX file is one message, which has to stay below 2 GiB; what is not weights in it is far less than the rest.
const WEIGHTS_BYTES: u64 = (2 << 30) - (64 << 20);
/// A header; that of the largest network has 200 KB.
const HEADER_BYTES: u64 = 16 << 20;
/// The length of the header, before it.
const LENGTH_BYTES: usize = 8;
/// Of what a file says in an error.
const QUOTED_CHARS: usize = 200;

#[derive(Debug)]
pub struct Weights {
    pub card: Card,
    bytes: Vec<u8>,
    /// Where the numbers begin.
    start: usize,
    header: Metadata,
    taken: BTreeSet<String>,
}

impl Weights {
    pub fn read(path: &Path) -> Result<Self, ExportError> {
        let broken =
            |problem: &str| ExportError::NotWeights { path: path.to_owned(), problem: quoted(problem) };
        let bytes = bytes(path)?;
        let length = bytes.first_chunk().map_or(0, |length| u64::from_le_bytes(*length));
        if length > HEADER_BYTES {
            return Err(broken("its header is too large"));
        }
        let (length, header) =
            SafeTensors::read_metadata(&bytes).map_err(|error| broken(&error.to_string()))?;
        let no_card = |problem: &str| ExportError::NoCard { path: path.to_owned(), problem: quoted(problem) };
        let card = header.metadata().as_ref().and_then(|metadata| metadata.get(KEY));
        let card = card.ok_or_else(|| no_card(&format!("no key {KEY:?}")))?;
        let card = serde_json::from_str(card).map_err(|error| no_card(&error.to_string()))?;
        Ok(Weights { card, bytes, start: LENGTH_BYTES + length, header, taken: BTreeSet::new() })
    }

    /// The numbers of a tensor in rows, the last dimension the fastest.
    pub fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ExportError> {
        let info = self.header.info(name).ok_or_else(|| self.mismatch(format!("{name} is missing")))?;
        if info.shape != shape {
            return Err(self.mismatch(format!("{name} is {:?} instead of {shape:?}", info.shape)));
        }
        if info.dtype != Dtype::F32 {
            return Err(self.mismatch(format!("{name} is of {:?} instead of F32", info.dtype)));
        }
        let values = self.numbers(info);
        self.taken.insert(name.to_owned());
        Ok(values)
    }

    fn numbers(&self, info: &TensorInfo) -> Vec<f32> {
        let (first, end) = info.data_offsets;
        let (numbers, _) = self.bytes[self.start + first..self.start + end].as_chunks();
        numbers.iter().map(|number| f32::from_le_bytes(*number)).collect()
    }

    /// Fails when the file has a tensor that nobody took: it is of another network.
    pub fn all_taken(&self) -> Result<(), ExportError> {
        match self.header.offset_keys().into_iter().find(|name| !self.taken.contains(name)) {
            Some(name) => Err(self.mismatch(format!("{name} is too many"))),
            None => Ok(()),
        }
    }

    pub fn mismatch(&self, problem: String) -> ExportError {
        ExportError::Mismatch { model: quoted(&self.card.model), problem: quoted(&problem) }
    }
}

/// What a stranger has written, short and without what moves a terminal's cursor.
pub fn quoted(text: &str) -> String {
    text.chars().take(QUOTED_CHARS).map(|char| if char.is_control() { '?' } else { char }).collect()
}

/// The whole file, unless it is larger than any that can be exported.
fn bytes(path: &Path) -> Result<Vec<u8>, ExportError> {
    let read = |source: io::Error| ExportError::Read { path: path.to_owned(), source };
    let broken = |problem: String| ExportError::NotWeights { path: path.to_owned(), problem };
    // Asked before it is opened: to open a pipe is to wait for its other end.
    let about = std::fs::metadata(path).map_err(read)?;
    if !about.is_file() {
        return Err(broken("not a file".to_owned()));
    }
    let mut bytes = Vec::new();
    if about.len() <= WEIGHTS_BYTES {
        bytes.reserve_exact(about.len() as usize);
        File::open(path).map_err(read)?.take(WEIGHTS_BYTES + 1).read_to_end(&mut bytes).map_err(read)?;
    }
    if about.len().max(bytes.len() as u64) > WEIGHTS_BYTES {
        return Err(broken(format!("larger than {WEIGHTS_BYTES} bytes")));
    }
    Ok(bytes)
}
