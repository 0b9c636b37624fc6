//! What every part of the bus hangs on.

use async_nats::jetstream;
use tokio::sync::watch;

use crate::past::Kept;

/// The JetStream context, word of every interruption, and where what left the log is.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) context: jetstream::Context,
    /// Counts the times that messages on their way to us may have been lost.
    pub(crate) interruptions: watch::Receiver<u64>,
    pub(crate) past: Kept,
}
