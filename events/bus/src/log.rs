//! The log of events as everything else sees it: append under a guard, read one history, follow all.

use std::future::Future;
use std::pin::Pin;

use futures::Stream;
use trainyard_events::quarantine::resolve;
use trainyard_events::{Aggregate, Entry, Envelope, Recorded, TenantId};

/// The outcome of an append that did not happen.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Somebody else wrote to this aggregate first: load it again and decide again.
    #[error("another event was appended to {of} first")]
    Conflict { of: String },
    /// Not written as far as can be known, and worth trying again with the same event id.
    #[error("the event log cannot be written now: {0}")]
    Unavailable(String),
    /// It would never be accepted.
    #[error("the event is {bytes} bytes; {limit} is the most")]
    TooLarge { bytes: usize, limit: usize },
    /// Its id belongs to the event at `sequence`, which is about something else: the asker uses an id twice.
    #[error("the id of this event is that of event {sequence}, which is another one")]
    IdTaken { sequence: u64 },
}

/// Why events cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("the event log cannot be read now: {0}")]
    Unavailable(String),
    /// The history has an event that this binary cannot read and nobody has skipped: leave the aggregate alone.
    #[error(
        "event {sequence} of this history cannot be read ({reason}): upgrade, or skip it with `trainyard events skip`"
    )]
    Quarantined { sequence: u64, reason: String },
    /// It has left the stream, and what is kept of it cannot be had: nothing will change by trying again.
    #[error(
        "event {sequence} is in the archive and cannot be had from there ({reason}): `trainyard archive --verify` says what is \
         damaged; put `archive/` of the artifact store back as it was"
    )]
    Archived { sequence: u64, reason: String },
}

/// What follows of the log, in order of sequence, each once. A follower reconnects by itself through outages; an error
/// ends it.
pub type EntryStream = Pin<Box<dyn Stream<Item = Result<Entry, LogError>> + Send>>;

/// The log. Two implementations: JetStream's, and one in memory for tests; one contract suite runs on both.
pub trait EventLog: Clone + Send + Sync + 'static {
    /// Appends if `last` is still the sequence of the aggregate's newest message (0: it has none), and returns the
    /// event's sequence. The same event again returns the sequence it already has. A time-out is resolved by reading
    /// back: `Ok` and `Conflict` are certain.
    fn append(&self, envelope: &Envelope, last: u64)
    -> impl Future<Output = Result<u64, AppendError>> + Send;

    /// Stores a message of another log as it was there, under the same guard, and without reading it: for a log that is
    /// made anew from an archive, and for nothing else.
    fn put_back(&self, entry: &Entry, last: u64) -> impl Future<Output = Result<u64, AppendError>> + Send;

    /// Everything in the aggregate's history after `after` (0: all), oldest first, as the leader has it.
    fn entries(
        &self,
        tenant: &TenantId,
        aggregate: &Aggregate,
        after: u64,
    ) -> impl Future<Output = Result<Vec<Entry>, LogError>> + Send;

    /// The aggregate's events after `after`, less those that were skipped.
    ///
    /// # Errors
    /// `Quarantined` when one of them cannot be read and was not skipped.
    fn history(
        &self,
        tenant: &TenantId,
        aggregate: &Aggregate,
        after: u64,
    ) -> impl Future<Output = Result<Vec<Recorded>, LogError>> + Send {
        async move {
            let entries = self.entries(tenant, aggregate, after).await?;
            resolve(entries).map_err(|unreadable| LogError::Quarantined {
                sequence: unreadable.sequence,
                reason: unreadable.reason.clone(),
            })
        }
    }

    /// What stands at one place of the log; `None` where nothing does.
    fn at(&self, sequence: u64) -> impl Future<Output = Result<Option<Entry>, LogError>> + Send;

    /// Everything after `after`, then what comes; goes on through outages without loss or repetition.
    fn follow(&self, after: u64) -> impl Future<Output = Result<EntryStream, LogError>> + Send;

    /// The newest sequence of the whole log (0: empty).
    fn last_sequence(&self) -> impl Future<Output = Result<u64, LogError>> + Send;
}
