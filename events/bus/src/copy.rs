//! Copies the log for others to read, in order and each event once, whoever is killed and however many copy at a time.
//!
//! Where to go on stands in the copy itself: its last message names the sequence that it is a copy of. Each write is guarded
//! with the place that it takes in the copy, so that a second copier, an earlier life of this one or a write that was thought
//! lost can only store the very message that belongs there. Many writes are under way at a time; when one fails, so do all
//! after it, and reading begins anew where the copy ends.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::LastRawMessageErrorKind;
use bytes::Bytes;
use futures::stream::FuturesOrdered;
use futures::{FutureExt, StreamExt};
use tokio::sync::watch;
use trainyard_events::subject;

use crate::error::unavailable;
use crate::link::Link;
use crate::past::Raw;
use crate::publish::{Backoff, NotStored, Stored, outcome};
use crate::whole::Whole;
use crate::{BusError, JetStreamLog, LogError};

/// Writes under way at a time, and their bytes.
const IN_FLIGHT: usize = 512;
const IN_FLIGHT_BYTES: usize = 16 * 1024 * 1024;
/// Whoever was overtaken looks this often whether the other still copies.
const STANDBY: Duration = Duration::from_millis(500);
/// In each message of a copy: the sequence of what it is a copy of.
const SOURCE_SEQUENCE: &str = "Trainyard-Sequence";

/// Of which message of the log this is a copy.
pub(crate) fn source_of(headers: &HeaderMap) -> Option<u64> {
    headers.get(SOURCE_SEQUENCE).and_then(|value| value.as_str().parse().ok())
}

/// A message of the log as it is read.
pub struct Original<'m> {
    pub sequence: u64,
    pub subject: &'m str,
    pub payload: &'m Bytes,
}

/// A message as others read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    pub subject: String,
    pub id: String,
    pub payload: Bytes,
}

/// How far a copier is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CopyProgress {
    /// Messages that this process has copied.
    pub copied: u64,
    /// Messages that are yet to be copied.
    pub behind: u64,
    /// Another process copies, and this one waits for it to stop.
    pub stands_by: bool,
    /// Why it does not go on, where it does not.
    pub trouble: Option<String>,
}

/// Copies for ever; any number may.
pub struct Copier<M> {
    link: Link,
    make: M,
    progress: watch::Sender<CopyProgress>,
}

/// Why a run of copying has ended.
enum Ended {
    /// Somebody else has written.
    Overtaken,
    Failed(String),
}

/// Where the copy ends.
struct Place {
    /// Sequence of its last message.
    last: u64,
    /// Sequence of the event that it is a copy of.
    source: u64,
}

/// One write under way.
struct Flying {
    bytes: usize,
    /// Messages behind it, as it was read.
    waiting: u64,
    stored: Result<(), Ended>,
}

impl<M> Copier<M>
where
    M: Fn(Original<'_>) -> Copied + Send,
{
    pub(crate) fn new(link: Link, make: M) -> Copier<M> {
        Copier { link, make, progress: watch::Sender::default() }
    }

    pub fn progress(&self) -> watch::Receiver<CopyProgress> {
        self.progress.subscribe()
    }

    /// Until it is dropped, through every outage.
    pub async fn run(self) {
        let mut backoff = Backoff::default();
        loop {
            let before = self.progress.borrow().copied;
            match self.copy().await {
                Ended::Overtaken => self.stand_by().await,
                Ended::Failed(reason) => {
                    tracing::warn!(reason, "the feed cannot be written; trying again");
                    self.progress.send_modify(|progress| progress.trouble = Some(reason));
                    if self.progress.borrow().copied > before {
                        backoff = Backoff::default();
                    }
                    backoff.wait().await;
                }
            }
        }
    }

    /// Copies on from where the copy ends, until something fails.
    async fn copy(&self) -> Ended {
        let place = match self.place().await {
            Ok(place) => place,
            Err(error) => return Ended::Failed(error.to_string()),
        };
        if self.newest().await.is_ok_and(|newest| newest == place.source) {
            let calm = |progress: &mut CopyProgress| {
                *progress = CopyProgress { copied: progress.copied, ..CopyProgress::default() };
            };
            self.progress.send_modify(calm);
        }
        let mut messages = Whole::after(&self.link, place.source).messages();
        let (mut last, mut bytes) = (place.last, 0);
        let mut flying = FuturesOrdered::new();
        loop {
            let has_room = flying.len() < IN_FLIGHT && bytes < IN_FLIGHT_BYTES;
            tokio::select! {
                biased;
                Some(Flying { bytes: landed, waiting, stored }) = flying.next(), if !flying.is_empty() => {
                    bytes -= landed;
                    if let Err(ended) = stored {
                        return ended;
                    }
                    self.tell(waiting + flying.len() as u64);
                }
                Some(message) = messages.next(), if has_room => {
                    let (raw, waiting) = match message {
                        Ok(message) => message,
                        Err(error) => return Ended::Failed(error.to_string()),
                    };
                    let (weight, write) = match self.write(last, raw, waiting).await {
                        Ok(write) => write,
                        Err(ended) => return ended,
                    };
                    last += 1;
                    bytes += weight;
                    flying.push_back(write);
                }
            }
        }
    }

    /// Sends the copy of a message, to be stored right after `last`; what is returned waits for the answer.
    async fn write(
        &self,
        last: u64,
        raw: Raw,
        waiting: u64,
    ) -> Result<(usize, impl Future<Output = Flying> + use<M>), Ended> {
        let Raw { sequence, subject, payload, .. } = raw;
        let copied = (self.make)(Original { sequence, subject: &subject, payload: &payload });
        let bytes = copied.payload.len();
        let mut headers = HeaderMap::new();
        headers.insert(SOURCE_SEQUENCE, sequence.to_string());
        headers.insert(NATS_MESSAGE_ID, copied.id);
        let message =
            PublishMessage::build().headers(headers).payload(copied.payload).expected_last_sequence(last);
        let limit = self.link.context.client().max_payload();
        let acknowledged = match self.link.context.send_publish(copied.subject, message).await {
            Ok(acknowledgement) => acknowledgement.into_future(),
            Err(error) => return Err(Ended::Failed(error.to_string())),
        };
        let landed = acknowledged.map(move |answer| Flying {
            bytes,
            waiting,
            stored: match outcome(answer, limit) {
                Ok(Stored { sequence, duplicate: false }) if sequence == last + 1 => Ok(()),
                // Stored as another, or by another.
                Ok(_) | Err(NotStored::Conflict) => Err(Ended::Overtaken),
                Err(NotStored::Unknown(reason)) => Err(Ended::Failed(reason)),
                Err(NotStored::TooLarge { limit }) => Err(Ended::Failed(format!(
                    "{bytes} bytes are more than the {limit} that the server takes"
                ))),
            },
        });
        Ok((bytes, landed))
    }

    fn tell(&self, behind: u64) {
        self.progress.send_modify(|progress| {
            let copied = progress.copied + 1;
            *progress = CopyProgress { copied, behind, ..CopyProgress::default() };
        });
    }

    /// Where the copy ends, as the stream's leader has it.
    async fn place(&self) -> Result<Place, BusError> {
        let feed = self.link.context.get_stream(subject::FEED).await.map_err(unavailable)?;
        let last = feed.cached_info().state.last_sequence;
        if last == 0 {
            return Ok(Place { last, source: 0 });
        }
        let newest = match feed.get_raw_message(last).await {
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => {
                return self.aged(last).await;
            }
            found => found.map_err(unavailable)?,
        };
        let source = source_of(&newest.headers).ok_or_else(foreign)?;
        let event = match JetStreamLog::new(self.link.clone()).raw_at(source).await {
            Ok(event) => event.ok_or_else(foreign)?,
            Err(LogError::Unavailable(reason)) => return Err(BusError::Unavailable(reason)),
            Err(error) => return Err(BusError::Corrupt(error.to_string())),
        };
        let copied =
            (self.make)(Original { sequence: source, subject: &event.subject, payload: &event.payload });
        let id = newest.headers.get(NATS_MESSAGE_ID).map(|value| value.as_str());
        let is_its_copy = id == Some(&*copied.id) && newest.subject.as_str() == copied.subject;
        is_its_copy.then_some(Place { last, source }).ok_or_else(foreign)
    }

    /// All that was copied is older than the feed keeps it. There was one copy of each message, so that its place says of which.
    async fn aged(&self, last: u64) -> Result<Place, BusError> {
        match self.newest().await? {
            newest if newest < last => Err(foreign()),
            _ => Ok(Place { last, source: last }),
        }
    }

    /// Until the copy no longer grows although there is more to copy.
    async fn stand_by(&self) {
        let mut seen = None;
        loop {
            let looked = async { Ok::<_, BusError>((self.place().await?, self.newest().await?)) };
            match looked.await {
                Ok((place, newest)) => {
                    let behind = newest.saturating_sub(place.source);
                    if behind > 0 && seen == Some(place.last) {
                        return;
                    }
                    seen = Some(place.last);
                    self.progress.send_modify(|progress| {
                        let copied = progress.copied;
                        *progress = CopyProgress { copied, behind, stands_by: true, trouble: None };
                    });
                }
                Err(error) => tracing::debug!(%error, "who copies cannot be seen now"),
            }
            tokio::time::sleep(STANDBY.mul_f64(rand::random_range(0.5..1.0))).await;
        }
    }

    async fn newest(&self) -> Result<u64, BusError> {
        let log = self.link.context.get_stream(subject::EVENTS).await.map_err(unavailable)?;
        Ok(log.cached_info().state.last_sequence)
    }
}

fn foreign() -> BusError {
    let feed = subject::FEED;
    BusError::Corrupt(format!(
        "{feed} does not end with a copy of an event of this log; remove the stream and `trainyard provision` makes it anew"
    ))
}
