//! Why a manifest cannot be read or written.

use std::io;

/// By what the reader can do: take a newer release, have the manifest made again, or look at the disk.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    #[error("the manifest is of form {form}, and this release reads form {known}: use a newer release")]
    NewerForm { form: u32, known: u32 },
    #[error("line {line} of the manifest has a field of a newer form ({said}): use a newer release")]
    NewerField { line: u64, said: String },
    #[error("line {line} of the manifest is broken ({said}): add the dataset again")]
    Broken { line: u64, said: String },
    #[error("the manifest cannot be read or written: {0}")]
    Io(#[from] io::Error),
}

impl ManifestError {
    pub(super) fn broken(line: u64, said: impl Into<String>) -> ManifestError {
        ManifestError::Broken { line, said: said.into() }
    }
}
