//! The log of events as everything else sees it: append under a guard, read one history, follow all.

use std::future::Future;
use std::pin::Pin;

use futures::Stream;
use trainyard_events::{Aggregate, Envelope, Recorded, TenantId};

/// The outcome of an append that did not happen.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Somebody else wrote to this aggregate first: load it again and decide again.
    #[error("another event was appended to {aggregate} first")]
    Conflict { aggregate: Aggregate },
    /// Not written as far as can be known, and worth trying again with the same event id.
    #[error("the event log cannot be written now: {0}")]
    Unavailable(String),
    /// It would never be accepted.
    #[error("the event is {bytes} bytes; {limit} is the most")]
    TooLarge { bytes: usize, limit: usize },
}

/// Why events cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("the event log cannot be read now: {0}")]
    Unavailable(String),
    /// A message that is not an event: stop and say so.
    #[error("message {sequence} of the event log does not decode: {reason}")]
    Corrupt { sequence: u64, reason: String },
}

/// Why following stopped. A follower reconnects by itself through outages; what comes out here is final.
pub type FollowError = LogError;

/// Events in order of sequence, each once.
pub type EventStream = Pin<Box<dyn Stream<Item = Result<Recorded, FollowError>> + Send>>;

/// The log. Two implementations: JetStream's, and one in memory for tests; one contract suite runs on both.
pub trait EventLog: Clone + Send + Sync + 'static {
    /// Appends if `last` is still the sequence of the aggregate's newest event (0: it has none), and returns the
    /// event's sequence. The same `event_id` again returns the sequence it already has. A time-out is resolved by
    /// reading back: `Ok` and `Conflict` are certain.
    fn append(&self, envelope: &Envelope, last: u64)
    -> impl Future<Output = Result<u64, AppendError>> + Send;

    /// The aggregate's events after `after` (0: all), oldest first, as the leader has them.
    fn history(
        &self,
        tenant: &TenantId,
        aggregate: &Aggregate,
        after: u64,
    ) -> impl Future<Output = Result<Vec<Recorded>, LogError>> + Send;

    /// Every event after `after`, then new ones as they come; goes on through outages without loss or repetition.
    fn follow(&self, after: u64) -> impl Future<Output = Result<EventStream, LogError>> + Send;

    /// The newest sequence of the whole log (0: empty).
    fn last_sequence(&self) -> impl Future<Output = Result<u64, LogError>> + Send;
}
