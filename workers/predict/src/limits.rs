//! The limits of a predictor; those that it shares with the platform are in `trainyard_events::limits`.

use std::time::Duration;

/// A model's file; what is larger cannot be one protobuf message.
pub const MODEL_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Model files that are kept on the disk; what was asked for longest ago goes first.
pub const DISK_BYTES: u64 = 20 * 1024 * 1024 * 1024;
/// Models in memory at a time.
pub const LOADED: usize = 8;
/// A model that nobody has asked for this long is put away.
pub const IDLE: Duration = Duration::from_secs(300);
/// Between two looks for such models.
pub const SWEEP: Duration = Duration::from_secs(5);
/// What is known of models, good and bad, at a time.
pub const KNOWN: usize = 1_024;
/// Models that are fetched and loaded at a time: their files are younger than all others on the disk, so that none of them
/// makes room before it is read.
pub const LOADING: usize = 4;
/// Callers that wait for one model to be fetched and loaded; any more are told that it is on its way.
pub const HELD: usize = 64;
/// How long they wait.
pub const HOLD: Duration = Duration::from_secs(20);
/// Fetching apart, how long a model may take to load.
pub const LOAD: Duration = Duration::from_secs(120);
/// How long a forward pass may take before the model is called unusable.
pub const FORWARD: Duration = Duration::from_secs(30);
/// How long a batch should take at most: of a slow model fewer images share a pass.
pub const BATCH_TIME: Duration = Duration::from_millis(500);
/// Images that share a forward pass.
pub const BATCH: usize = 16;
/// Images of one model that are prepared and not yet answered.
pub const PREPARED: usize = 2 * BATCH;
/// Images that wait, as they were sent.
pub const WAITING_BYTES: usize = 256 * 1024 * 1024;
/// Calls that wait.
pub const WAITING: usize = 256;
/// Address space: at least this, and half the machine's memory where that is more. A model that asks for more is refused.
pub const MEMORY_BYTES_MIN: u64 = 8 * 1024 * 1024 * 1024;
/// Graphs within graphs.
pub const GRAPH_DEPTH: usize = 32;

/// Classes named of an image of which one is right.
pub const CLASSES_TOLD: usize = 5;
/// Boxes told of one image, and labels and regions likewise.
pub const BOXES: usize = 300;
/// The surest cells of an image that are compared with each other.
pub const CANDIDATES: usize = 4_096;
/// Boxes less sure than this are not told, where nobody asks for them.
pub const CONFIDENCE: f32 = 0.25;
/// Boxes of one class that overlap more than this are one object.
pub const OVERLAP: f32 = 0.7;
/// A label at least this sure is right.
pub const LABEL: f64 = 0.5;
/// A side of a heat map, in cells.
pub const HEAT_SIDE: usize = 256;
