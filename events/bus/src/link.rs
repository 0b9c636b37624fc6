//! What every part of the bus hangs on.

use async_nats::jetstream;
use tokio::sync::watch;

use crate::past::Kept;
use crate::said::Known;

/// The JetStream context, word of every interruption, and where what left the log is.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) context: jetstream::Context,
    /// Counts the times that messages on their way to us may have been lost.
    pub(crate) interruptions: watch::Receiver<u64>,
    pub(crate) past: Kept,
    /// The keys of what people have said; none where this process leaves that sealed.
    pub(crate) said: Option<Known>,
}
