//! What systems, the store and files with tensors said, within a sentence. Frozen.

use super::pattern::{Phrase, n, quoted, read};
use crate::reason::Cause;

/// What no phrase names is somebody else's, as it was said.
pub(super) fn cause(text: &str) -> Cause {
    system(text).or_else(|| read(CAUSES, text)).unwrap_or_else(|| Cause::said(text))
}

/// Such as `Permission denied (os error 13)`.
fn system(text: &str) -> Option<Cause> {
    let (said, number) = text.strip_suffix(')')?.rsplit_once(" (os error ")?;
    // A sentence of ours that ends with one is no error of the system.
    (!said.contains(": ")).then(|| Cause::system(number.parse().ok(), text))
}

const CAUSES: &[Phrase<Cause>] = &[
    ("{} is not in the store", |v| Some(Cause::ObjectMissing { key: v[0].to_owned() })),
    ("{} does not have the content it should: SHA-256 {} instead of {}", |v| {
        Some(Cause::ObjectChanged { key: v[0].to_owned(), found: v[1].to_owned(), expected: v[2].to_owned() })
    }),
    ("{} has {} bytes; {} is the most", |v| {
        Some(Cause::ObjectTooLarge { key: v[0].to_owned(), bytes: n(v[1])?, limit: n(v[2])? })
    }),
    ("the artifact store cannot be used now: {}", |v| Some(Cause::StoreAway { text: v[0].to_owned() })),
    ("the artifact store is not set up: {}", |v| Some(Cause::StoreNotSetUp { text: v[0].to_owned() })),
    ("{} is no name for an artifact: letters, digits, `-`, `_` and `.`, with `/` between", |v| {
        Some(Cause::BadKey { key: quoted(v[0])? })
    }),
    ("{} cannot be read or written: {}", |v| {
        Some(Cause::TensorFileUnreadable { path: v[0].to_owned(), cause: Box::new(cause(v[1])) })
    }),
    ("{} is not a usable safetensors file: {}", |v| {
        Some(Cause::NoTensorFile { path: v[0].to_owned(), cause: Box::new(cause(v[1])) })
    }),
    ("it is not below the work folder", |_| Some(Cause::OutsideWorkFolder)),
    ("it is larger than {} GiB", |v| Some(Cause::LargerThan { gib: n(v[0])? })),
    ("{} holds no checkpoint", |v| Some(Cause::NoCheckpointIn { path: v[0].to_owned() })),
    ("the checkpoint has no fitting {}", |v| Some(Cause::NotInCheckpoint { tensor: v[0].to_owned() })),
    ("it was interrupted", |_| Some(Cause::WasInterrupted)),
    ("no epoch was run", |_| Some(Cause::NoEpochRun)),
    ("its truth is of another task", |_| Some(Cause::OtherTask)),
    ("the measurement is of another task", |_| Some(Cause::OtherTask)),
    ("the data are for another task", |_| Some(Cause::OtherTask)),
    ("it ended early", |_| Some(Cause::EndedEarly)),
    ("it has no pixels", |_| Some(Cause::NoPixels)),
    ("it has no header", |_| Some(Cause::NoHeader)),
    ("its size and its pixels do not agree", |_| Some(Cause::SizeAndPixelsDiffer)),
    ("{}: {}", |v| {
        let cause = Box::new(system(v[1])?);
        Some(Cause::AtPath { path: v[0].to_owned(), cause })
    }),
];
