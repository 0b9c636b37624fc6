//! The log on JetStream: guarded appends whose outcome is certain, histories as the leader has them, and following.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::message::{PublishMessage, StreamMessage};
use async_nats::jetstream::stream::{LastRawMessageErrorKind, Stream};
use futures::stream;
use trainyard_events::{Aggregate, Envelope, Recorded, SCHEMA, TenantId, limits, subject};

use crate::link::Link;
use crate::ordered::{From, Ordered, Read};
use crate::publish::{Backoff, NotStored, WRITE_DEADLINE, publish};
use crate::{AppendError, EventLog, EventStream, LogError};

/// How long reading a history may take.
const READ_DEADLINE: Duration = Duration::from_secs(10);
/// Events of a history that are asked for one by one, 0.6 ms each; a consumer costs 3 ms, in a cluster 9 ms, and then
/// 0.1 ms for each.
const HISTORY_STEPS: usize = 8;

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

    /// Whether an append that was not acknowledged happened, as the leader knows it.
    async fn resolve(&self, event: &Append) -> Result<Resolved, LogError> {
        let stream = self.stream().await?;
        let Some(newest) = last_of(&stream, &event.subject).await? else {
            return Ok(if event.last == 0 { Resolved::StillPossible } else { Resolved::Overtaken });
        };
        if is_ours(&newest, &event.id) {
            return Ok(Resolved::Stored(newest.sequence));
        }
        if newest.sequence == event.last {
            return Ok(Resolved::StillPossible);
        }
        // Somebody may have written on top of ours: guarded by `last`, it can only be the first one after it.
        Ok(match next_of(&stream, &event.subject, event.last).await? {
            Some(first) if is_ours(&first, &event.id) => Resolved::Stored(first.sequence),
            _ => Resolved::Overtaken,
        })
    }
}

/// One append, encoded.
struct Append {
    subject: String,
    id: String,
    last: u64,
    message: PublishMessage,
    bytes: usize,
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
        let event = Append::new(envelope, last)?;
        let mut reason = String::new();
        let mut backoff = Backoff::default();
        let tries = async {
            loop {
                match publish(&self.link.context, event.subject.clone(), event.message.clone()).await {
                    Ok(sequence) => return Ok(sequence),
                    Err(NotStored::TooLarge { limit }) => {
                        return Err(AppendError::TooLarge { bytes: event.bytes, limit });
                    }
                    Err(NotStored::Conflict) => {
                        reason = "another write to the same aggregate is in flight".to_owned()
                    }
                    Err(NotStored::Unknown(why)) => reason = why,
                }
                match self.resolve(&event).await {
                    Ok(Resolved::Stored(sequence)) => return Ok(sequence),
                    Ok(Resolved::Overtaken) => {
                        return Err(AppendError::Conflict { aggregate: envelope.aggregate.clone() });
                    }
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

    async fn history(
        &self,
        tenant: &TenantId,
        aggregate: &Aggregate,
        after: u64,
    ) -> Result<Vec<Recorded>, LogError> {
        let subject = subject::event(tenant, aggregate);
        let read = self.read_history(&subject, after);
        match tokio::time::timeout(READ_DEADLINE, read).await {
            Ok(outcome) => outcome,
            Err(_) => Err(LogError::Unavailable(format!("the history took longer than {READ_DEADLINE:?}"))),
        }
    }

    async fn follow(&self, after: u64) -> Result<EventStream, LogError> {
        let ordered = Ordered::new(
            self.link.clone(),
            subject::EVENTS,
            subject::ALL_EVENTS.to_owned(),
            From::After(after),
        );
        Ok(Box::pin(stream::unfold(Some(ordered), |ordered| async {
            let mut ordered = ordered?;
            loop {
                let Read::Message(message) = ordered.next().await else { continue };
                return Some(match decode(message.sequence, &message.payload) {
                    Ok(recorded) => (Ok(recorded), Some(ordered)),
                    Err(corrupt) => (Err(corrupt), None),
                });
            }
        })))
    }

    async fn last_sequence(&self) -> Result<u64, LogError> {
        let stream = self.link.context.get_stream(subject::EVENTS).await.map_err(unavailable)?;
        Ok(stream.cached_info().state.last_sequence)
    }
}

impl JetStreamLog {
    /// Short histories are read message by message from the leader, longer ones go on with a consumer.
    async fn read_history(&self, subject: &str, after: u64) -> Result<Vec<Recorded>, LogError> {
        let stream = self.stream().await?;
        let asked = futures::try_join!(last_of(&stream, subject), next_of(&stream, subject, after))?;
        let (Some(newest), mut next) = asked else { return Ok(Vec::new()) };
        let mut events = Vec::new();
        let mut position = after;
        while position < newest.sequence && events.len() < HISTORY_STEPS {
            let message = match next.take() {
                Some(message) => message,
                None => next_of(&stream, subject, position).await?.ok_or_else(moved)?,
            };
            position = message.sequence;
            events.push(decode(position, &message.payload)?);
        }
        if position >= newest.sequence {
            return Ok(events);
        }
        let mut rest =
            Ordered::new(self.link.clone(), subject::EVENTS, subject.to_owned(), From::After(position));
        while position < newest.sequence {
            let Read::Message(message) = rest.next().await else { continue };
            position = message.sequence;
            events.push(decode(position, &message.payload)?);
        }
        rest.close().await;
        Ok(events)
    }
}

impl Append {
    fn new(envelope: &Envelope, last: u64) -> Result<Append, AppendError> {
        let payload = encode(envelope)?;
        let bytes = payload.len();
        let id = envelope.event_id.to_string();
        let mut headers = HeaderMap::new();
        headers.insert("kind", envelope.event.kind());
        headers.insert("schema", SCHEMA.to_string());
        let message = PublishMessage::build()
            .headers(headers)
            .payload(payload.into())
            .message_id(&id)
            .expected_last_subject_sequence(last);
        Ok(Append {
            subject: subject::event(&envelope.tenant, &envelope.aggregate),
            id,
            last,
            message,
            bytes,
        })
    }
}

/// The event as it is stored. The limit is on the whole envelope.
pub(crate) fn encode(envelope: &Envelope) -> Result<String, AppendError> {
    let json = envelope.to_json();
    let (bytes, limit) = (json.len(), limits::EVENT_BYTES);
    if bytes > limit { Err(AppendError::TooLarge { bytes, limit }) } else { Ok(json) }
}

fn decode(sequence: u64, payload: &[u8]) -> Result<Recorded, LogError> {
    match Envelope::from_json(payload) {
        Ok(envelope) => Ok(Recorded { sequence, envelope }),
        Err(error) => Err(LogError::Corrupt { sequence, reason: error.to_string() }),
    }
}

/// The newest message of a subject, from the stream's leader.
async fn last_of(stream: &Stream<()>, subject: &str) -> Result<Option<StreamMessage>, LogError> {
    found(stream.raw_message_builder().last_by_subject(subject).send().await)
}

/// The first message of a subject after a sequence, from the stream's leader.
async fn next_of(stream: &Stream<()>, subject: &str, after: u64) -> Result<Option<StreamMessage>, LogError> {
    found(stream.raw_message_builder().sequence(after + 1).next_by_subject(subject).send().await)
}

fn found(
    outcome: Result<StreamMessage, async_nats::jetstream::stream::RawMessageError>,
) -> Result<Option<StreamMessage>, LogError> {
    match outcome {
        Ok(message) => Ok(Some(message)),
        Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(None),
        Err(error) => Err(unavailable(error)),
    }
}

fn is_ours(message: &StreamMessage, event_id: &str) -> bool {
    message.headers.get(NATS_MESSAGE_ID).is_some_and(|id| id.as_str() == event_id)
}

fn unavailable(error: impl std::fmt::Display) -> LogError {
    LogError::Unavailable(error.to_string())
}

/// Between two questions the leadership went to a server that has not caught up.
fn moved() -> LogError {
    LogError::Unavailable("the leader of the log changed while a history was read".to_owned())
}
