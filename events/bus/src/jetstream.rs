//! The log on JetStream: guarded appends whose outcome is certain, histories as the leader has them, and following.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::message::{PublishMessage, StreamMessage};
use async_nats::jetstream::stream::{LastRawMessageErrorKind, Stream};
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use serde_json::Value;
use trainyard_events::{Aggregate, Entry, Envelope, TenantId, limits, subject};

use crate::direct::next_ones;
use crate::link::Link;
use crate::ordered::{From, Message, Ordered, Read};
use crate::past::{Raw, guard};
use crate::publish::{Backoff, NotStored, Stored, WRITE_DEADLINE, publish};
use crate::said::{heed, opened, sealed};
use crate::whole::Whole;
use crate::{AppendError, EntryStream, EventLog, LogError};

/// How long reading a history may take.
const READ_DEADLINE: Duration = Duration::from_secs(10);
/// Events that the leader is asked for one by one, 0.6 ms each; a consumer costs 3 ms, in a cluster 9 ms, and then 0.1 ms for each.
const STEPS: usize = 8;

/// The events as JetStream keeps them. Clones share one connection.
#[derive(Clone)]
pub struct JetStreamLog {
    link: Link,
}

impl JetStreamLog {
    pub(crate) fn new(link: Link) -> JetStreamLog {
        JetStreamLog { link }
    }

    async fn stream(&self) -> Result<Stream<()>, LogError> {
        self.link.context.get_stream_no_info(subject::EVENTS).await.map_err(unavailable)
    }

    /// Publishes until it is known whether it is stored.
    async fn store(&self, event: &Append) -> Result<u64, AppendError> {
        let conflict = || AppendError::Conflict { of: event.subject.clone() };
        let mut reason = String::new();
        let mut backoff = Backoff::default();
        let tries = async {
            loop {
                match publish(&self.link.context, event.subject.clone(), event.message.clone()).await {
                    Ok(Stored { sequence, duplicate: false }) => return Ok(sequence),
                    Ok(Stored { sequence, duplicate: true }) => match self.same(event, sequence).await {
                        Ok(Same::Event) => return Ok(sequence),
                        Ok(Same::Subject) => return Err(conflict()),
                        Ok(Same::Id) => return Err(AppendError::IdTaken { sequence }),
                        Err(error) => reason = error.to_string(),
                    },
                    Err(NotStored::TooLarge { limit }) => {
                        return Err(AppendError::TooLarge { bytes: event.payload.len(), limit });
                    }
                    Err(NotStored::Conflict) => {
                        reason = "another write to the same aggregate is in flight".to_owned()
                    }
                    Err(NotStored::Unknown(why)) => reason = why,
                }
                match self.resolve(event).await {
                    Ok(Resolved::Stored(sequence)) => return Ok(sequence),
                    Ok(Resolved::Overtaken) => return Err(conflict()),
                    Ok(Resolved::StillPossible) => {}
                    Err(error) => reason = error.to_string(),
                }
                backoff.wait().await;
            }
        };
        match tokio::time::timeout(WRITE_DEADLINE, tries).await {
            Ok(outcome) => outcome,
            Err(_) => Err(AppendError::Unavailable(reason)),
        }
    }

    /// What stands at the sequence that the server calls a duplicate of ours.
    async fn same(&self, event: &Append, sequence: u64) -> Result<Same, LogError> {
        let Some(message) = self.raw_at(sequence).await? else { return Ok(Same::Id) };
        Ok(match message.subject == event.subject {
            true if event.is(&message) => Same::Event,
            true => Same::Subject,
            false => Same::Id,
        })
    }

    /// Whether an append that was not acknowledged happened, as the leader knows it.
    async fn resolve(&self, event: &Append) -> Result<Resolved, LogError> {
        let stream = self.stream().await?;
        let Some(newest) = last_of(&stream, &event.subject).await? else {
            return Ok(if event.last == 0 { Resolved::StillPossible } else { Resolved::Overtaken });
        };
        if event.is(&newest) {
            return Ok(Resolved::Stored(newest.sequence));
        }
        if newest.sequence == event.last {
            return Ok(Resolved::StillPossible);
        }
        // Somebody may have written on top of ours: guarded by `last`, it can only be the first one after it.
        let Some(next) = next_of(&stream, &event.subject, event.last).await? else {
            return Ok(Resolved::Overtaken);
        };
        let left = self.link.past.before(&next, event.last).await?;
        let first = left.first().unwrap_or(&next);
        Ok(if event.is(first) { Resolved::Stored(first.sequence) } else { Resolved::Overtaken })
    }

    /// What stands at a place, in the stream or where it went.
    pub(crate) async fn raw_at(&self, sequence: u64) -> Result<Option<Raw>, LogError> {
        if sequence == 0 {
            return Ok(None);
        }
        if let Some(message) = found(self.stream().await?.get_raw_message(sequence).await)? {
            return Ok(Some(message));
        }
        match sequence <= self.last_sequence().await? {
            true => self.link.past.at(sequence).await,
            false => Ok(None),
        }
    }

    /// The log as it is stored, after `after` and then what comes, like [`EventLog::follow`].
    pub fn follow_raw(&self, after: u64) -> BoxStream<'static, Result<Raw, LogError>> {
        Whole::after(&self.link, after).messages().map(|message| message.map(|(raw, _)| raw)).boxed()
    }
}

/// One append, encoded.
struct Append {
    subject: String,
    last: u64,
    message: PublishMessage,
    payload: Bytes,
}

/// What the leader says of an append that was not acknowledged.
enum Resolved {
    Stored(u64),
    /// The guard still holds: it did not happen, or not yet, and may be tried again.
    StillPossible,
    /// Others wrote: it did not happen and, under its guard, never will.
    Overtaken,
}

impl EventLog for JetStreamLog {
    async fn append(&self, envelope: &Envelope, last: u64) -> Result<u64, AppendError> {
        let stored = sealed(&self.link, envelope).await?;
        self.store(&Append::new(&stored, last)?).await
    }

    async fn put_back(&self, entry: &Entry, last: u64) -> Result<u64, AppendError> {
        self.store(&Append::again(entry, last)).await
    }

    async fn entries(
        &self,
        tenant: &TenantId,
        aggregate: &Aggregate,
        after: u64,
    ) -> Result<Vec<Entry>, LogError> {
        let subject = subject::event(tenant, aggregate);
        let read = self.read_entries(&subject, after);
        match tokio::time::timeout(READ_DEADLINE, read).await {
            Ok(Ok(mut entries)) if self.link.said.is_some() => {
                heed(&mut entries);
                Ok(entries)
            }
            Ok(outcome) => outcome,
            Err(_) => Err(LogError::Unavailable(format!("the history took longer than {READ_DEADLINE:?}"))),
        }
    }

    async fn at(&self, sequence: u64) -> Result<Option<Entry>, LogError> {
        match self.raw_at(sequence).await? {
            Some(raw) => opened(&self.link, &raw).await.map(Some),
            None => Ok(None),
        }
    }

    async fn follow(&self, after: u64) -> Result<EntryStream, LogError> {
        let link = self.link.clone();
        let open = move |raw: Result<Raw, LogError>| {
            let link = link.clone();
            async move { opened(&link, &raw?).await }
        };
        Ok(self.follow_raw(after).then(open).boxed())
    }

    async fn last_sequence(&self) -> Result<u64, LogError> {
        let stream = self.link.context.get_stream(subject::EVENTS).await.map_err(unavailable)?;
        Ok(stream.cached_info().state.last_sequence)
    }
}

impl JetStreamLog {
    /// From whichever member is near, until it has all that the leader has: a member that is behind has less, and the leader
    /// says the rest.
    async fn read_entries(&self, subject: &str, after: u64) -> Result<Vec<Entry>, LogError> {
        let stream = self.stream().await?;
        let near = |after| next_ones(&self.link, subject::EVENTS, subject, after);
        let (newest, mut first) = match after {
            0 => futures::join!(last_of(&stream, subject), near(0).map(Some)),
            // Who has read it before asks what is new, and that is mostly nothing.
            _ => (last_of(&stream, subject).await, None),
        };
        let Some(newest) = newest? else { return Ok(Vec::new()) };
        let (mut entries, mut position) = (Vec::new(), after);
        while position < newest.sequence {
            let found = match first.take() {
                Some(found) => found,
                None => near(position).await,
            };
            if found.is_empty() {
                break;
            }
            for message in found {
                self.take(&mut entries, &mut position, message).await?;
            }
        }
        self.read_from_leader(subject, newest.sequence, &mut entries, &mut position).await?;
        Ok(entries)
    }

    /// A few messages one by one, more of them with a consumer.
    async fn read_from_leader(
        &self,
        subject: &str,
        newest: u64,
        entries: &mut Vec<Entry>,
        position: &mut u64,
    ) -> Result<(), LogError> {
        let stream = self.stream().await?;
        for _ in 0..STEPS {
            if *position >= newest {
                return Ok(());
            }
            let message = next_of(&stream, subject, *position).await?.ok_or_else(moved)?;
            self.take(entries, position, message).await?;
        }
        let mut rest =
            Ordered::new(self.link.clone(), subject::EVENTS, subject.to_owned(), From::After(*position));
        while *position < newest {
            let Read::Message(message) = rest.next().await else { continue };
            let before = message.headers.as_ref().and_then(guard);
            let Message { sequence, subject, payload, .. } = message;
            self.take(entries, position, Raw { sequence, subject, payload, before }).await?;
        }
        rest.close().await;
        Ok(())
    }

    /// The next message of a history, and before it what has left the stream in between.
    async fn take(&self, entries: &mut Vec<Entry>, position: &mut u64, message: Raw) -> Result<(), LogError> {
        let left = self.link.past.before(&message, *position).await?;
        for raw in left.iter().chain([&message]) {
            entries.push(opened(&self.link, raw).await?);
        }
        *position = message.sequence;
        Ok(())
    }
}

impl Append {
    fn new(envelope: &Envelope, last: u64) -> Result<Append, AppendError> {
        let payload = encode(envelope)?.into();
        let mut headers = HeaderMap::new();
        headers.insert("kind", envelope.event.kind());
        headers.insert("schema", envelope.event.schema().to_string());
        headers.insert(NATS_MESSAGE_ID, envelope.event_id.to_string());
        Ok(Append::of(subject::event(&envelope.tenant, &envelope.aggregate), headers, payload, last))
    }

    /// A message of another log. Of one that cannot be read, as much is said in its headers as can be.
    fn again(entry: &Entry, last: u64) -> Append {
        let raw = entry.raw();
        let value: Value = serde_json::from_slice(&raw).unwrap_or_default();
        let mut headers = HeaderMap::new();
        for (header, field) in
            [("kind", "kind"), ("schema", "schema"), (NATS_MESSAGE_ID.as_ref(), "event_id")]
        {
            match &value[field] {
                Value::String(text) if !text.contains(char::is_control) => {
                    headers.insert(header, text.as_str())
                }
                Value::Number(number) => headers.insert(header, number.to_string()),
                _ => {}
            }
        }
        Append::of(entry.subject(), headers, Bytes::copy_from_slice(&raw), last)
    }

    fn of(subject: String, headers: HeaderMap, payload: Bytes, last: u64) -> Append {
        let message = PublishMessage::build()
            .headers(headers)
            .payload(payload.clone())
            .expected_last_subject_sequence(last);
        Append { subject, last, message, payload }
    }

    /// Whether a message of its subject is this very event. Its id alone does not say so: a client may use one twice.
    fn is(&self, message: &Raw) -> bool {
        message.payload == self.payload
    }
}

/// How much of an event the message has that the server takes it for.
enum Same {
    Event,
    /// Of the same aggregate, with the same id: the same command, written by somebody else or with other contents.
    Subject,
    Id,
}

/// The event as it is stored. The limit is on the whole envelope.
pub(crate) fn encode(envelope: &Envelope) -> Result<String, AppendError> {
    let json = envelope.to_json();
    let (bytes, limit) = (json.len(), limits::EVENT_BYTES);
    if bytes > limit { Err(AppendError::TooLarge { bytes, limit }) } else { Ok(json) }
}

/// The newest message of a subject, from the stream's leader.
async fn last_of(stream: &Stream<()>, subject: &str) -> Result<Option<Raw>, LogError> {
    found(stream.raw_message_builder().last_by_subject(subject).send().await)
}

/// The first message of a subject after a sequence, from the stream's leader.
async fn next_of(stream: &Stream<()>, subject: &str, after: u64) -> Result<Option<Raw>, LogError> {
    found(stream.raw_message_builder().sequence(after + 1).next_by_subject(subject).send().await)
}

fn found(
    outcome: Result<StreamMessage, async_nats::jetstream::stream::RawMessageError>,
) -> Result<Option<Raw>, LogError> {
    match outcome {
        Ok(message) => Ok(Some(message.into())),
        Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(None),
        Err(error) => Err(unavailable(error)),
    }
}

fn unavailable(error: impl std::fmt::Display) -> LogError {
    LogError::Unavailable(error.to_string())
}

/// Between two questions the leadership went to a server that has not caught up.
fn moved() -> LogError {
    LogError::Unavailable("the leader of the log changed while a history was read".to_owned())
}
