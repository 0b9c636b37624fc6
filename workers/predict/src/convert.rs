//! A model's file as ONNX: what it is, or what the weights of a job say that left none.

use std::fs;
use std::path::Path;

use trainyard_events::prediction::PredictRefusal;
use trainyard_onnx::{ExportError, export};

/// The ONNX file of what was fetched.
pub fn onnx(path: &Path) -> Result<Vec<u8>, PredictRefusal> {
    // It was there a moment ago.
    let gone = |error| {
        PredictRefusal::busy(format!("the model's file cannot be read now ({error}); try again in a moment"))
    };
    let file = fs::read(path).map_err(gone)?;
    if !is_safetensors(&file) {
        return Ok(file);
    }
    drop(file);
    export(path).map_err(|error| match error {
        ExportError::Read { .. } | ExportError::Write { .. } => PredictRefusal::busy(error),
        _ => PredictRefusal::bad_model(error),
    })
}

/// They begin with the length of a header that is JSON.
fn is_safetensors(file: &[u8]) -> bool {
    let Some((length, rest)) = file.split_first_chunk() else { return false };
    rest.first() == Some(&b'{') && u64::from_le_bytes(*length) <= rest.len() as u64
}
