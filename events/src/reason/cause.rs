//! What lies behind a failure: an error of the system, of the store, or of something that is not ours.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Cause {
    NoSuchFile,
    NotAllowed,
    DiskFull,
    /// What a system or a library says, as it says it.
    Said {
        text: String,
    },

    // Of the artifact store.
    ObjectMissing {
        key: String,
    },
    ObjectChanged {
        key: String,
        expected: String,
        found: String,
    },
    ObjectTooLarge {
        key: String,
        bytes: u64,
        limit: u64,
    },
    StoreAway {
        text: String,
    },
    StoreNotSetUp {
        text: String,
    },
    BadKey {
        key: String,
    },
    /// What a trainer left lies where it may not.
    OutsideWorkFolder,
    /// A file on this side.
    AtPath {
        path: String,
        cause: Box<Cause>,
    },

    // Of a file with tensors.
    TensorFileUnreadable {
        path: String,
        cause: Box<Cause>,
    },
    NoTensorFile {
        path: String,
        cause: Box<Cause>,
    },
    LargerThan {
        gib: u64,
    },
    ElementType {
        tensor: String,
        element: String,
    },

    // Of a training that goes on.
    NoCheckpointIn {
        path: String,
    },
    NotInCheckpoint {
        tensor: String,
    },
    WasInterrupted,
    NoEpochRun,
    OtherTask,
    EndedEarly,

    // Of a damaged image.
    NoPixels,
    NoHeader,
    SizeAndPixelsDiffer,
}

/// What failed in the trainer's own house.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Doing {
    MakeWorkFolder,
    ListenForSignals,
    StartDecoding,
    StartProcesses,
    Decode,
    StartTorch,
    LearnBatch,
    MeasureModel,
    MeasureWeights,
    Finish,
    WriteWeights,
    WriteCheckpoint,
    WriteReport,
    WriteFile { path: String },
    DrawSamples,
    Resume,

    // Of a predictor.
    StartRuntime,
    MakeCacheFolder,
    UseStore,
    UseBus,
    TakeCalls,
}

impl Cause {
    pub fn said(text: impl Into<String>) -> Cause {
        Cause::Said { text: text.into() }
    }

    /// Of an error of the system: its number as Unix counts them, if it has one, and what it says.
    pub fn system(number: Option<i32>, said: impl Into<String>) -> Cause {
        match number {
            Some(2) => Cause::NoSuchFile,
            Some(13) => Cause::NotAllowed,
            Some(28) => Cause::DiskFull,
            _ => Cause::said(said),
        }
    }
}
