//! What has left the log's stream, as whoever keeps it tells of it: the bus is given it, and does not know what it is.

use std::sync::Arc;

use async_nats::HeaderMap;
use async_nats::header::NATS_EXPECTED_LAST_SUBJECT_SEQUENCE;
use async_nats::jetstream::message::StreamMessage;
use bytes::Bytes;
use futures::future::BoxFuture;
use trainyard_events::Entry;

use crate::LogError;

/// Its writer had another subject looked at.
const OF_ANOTHER_SUBJECT: &str = "Nats-Expected-Last-Subject-Sequence-Subject";

/// A message of the log, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    pub sequence: u64,
    pub subject: String,
    pub payload: Bytes,
    /// The one before it in its history (0: it is the first), where its writer has bound it to that.
    pub before: Option<u64>,
}

impl Raw {
    pub fn entry(&self) -> Entry {
        Entry::read(self.sequence, &self.subject, &self.payload)
    }
}

impl From<StreamMessage> for Raw {
    fn from(message: StreamMessage) -> Raw {
        let before = guard(&message.headers);
        let StreamMessage { sequence, subject, payload, .. } = message;
        Raw { sequence, subject: subject.into_string(), payload, before }
    }
}

/// Where every message is that has left the stream. What is there never changes, and begins with the first message of the log.
pub trait Past: Send + Sync + 'static {
    /// What stands right after `after`, in order and without a gap: at least one message, and rarely all.
    fn after(&self, after: u64) -> BoxFuture<'_, Result<Vec<Raw>, LogError>>;

    /// All that a history has after `after`, up to its message at `upto`, which has to be there.
    fn history<'a>(
        &'a self,
        subject: &'a str,
        after: u64,
        upto: u64,
    ) -> BoxFuture<'a, Result<Vec<Raw>, LogError>>;

    /// Whether it has come as far as `sequence`.
    fn holds(&self, sequence: u64) -> BoxFuture<'_, Result<bool, LogError>>;
}

/// Of a bus that was given none, nothing may have left the stream.
#[derive(Clone)]
pub(crate) struct Kept(Option<Arc<dyn Past>>);

impl Kept {
    pub(crate) fn nowhere() -> Kept {
        Kept(None)
    }

    pub(crate) fn by(past: Arc<dyn Past>) -> Kept {
        Kept(Some(past))
    }

    pub(crate) async fn after(&self, after: u64) -> Result<Vec<Raw>, LogError> {
        self.of(after + 1)?.after(after).await
    }

    pub(crate) async fn at(&self, sequence: u64) -> Result<Option<Raw>, LogError> {
        let found = self.after(sequence - 1).await?.into_iter().next();
        Ok(found.filter(|raw| raw.sequence == sequence))
    }

    /// What has left a history between `after` and a message of it that is still in the stream. Only the beginning of a history ever
    /// leaves, and only together with what is in `Past` up to the first message that stays.
    pub(crate) async fn before(&self, raw: &Raw, after: u64) -> Result<Vec<Raw>, LogError> {
        match raw.before {
            Some(before) if before <= after => Ok(Vec::new()),
            Some(before) => self.of(before)?.history(&raw.subject, after, before).await,
            None => {
                let Some(past) = &self.0 else { return Ok(Vec::new()) };
                if !past.holds(raw.sequence).await? {
                    return Ok(Vec::new());
                }
                let mut all = past.history(&raw.subject, after, raw.sequence).await?;
                all.retain(|other| other.sequence < raw.sequence);
                Ok(all)
            }
        }
    }

    fn of(&self, sequence: u64) -> Result<&Arc<dyn Past>, LogError> {
        let reason = || "this process was not told where the archive is".to_owned();
        self.0.as_ref().ok_or_else(|| LogError::Archived { sequence, reason: reason() })
    }
}

/// The guard that a message was written under, which the server has checked and kept. A guard on another history says nothing.
pub(crate) fn guard(headers: &HeaderMap) -> Option<u64> {
    if headers.get(OF_ANOTHER_SUBJECT).is_some() {
        return None;
    }
    headers.get(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE)?.as_str().parse().ok()
}
