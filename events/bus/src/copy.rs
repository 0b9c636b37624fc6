//! Copies one stream into another, in order and each message once, whoever is killed and however many copy at a time.
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
use futures::stream::{BoxStream, FuturesOrdered};
use futures::{FutureExt, StreamExt, stream};
use tokio::sync::watch;

use crate::error::unavailable;
use crate::link::Link;
use crate::ordered::{From, Message, Ordered, Read};
use crate::publish::{Backoff, NotStored, Stored, outcome};
use crate::readers::{self, Place};
use crate::{Bus, BusError};

/// Writes under way at a time, and their bytes.
const IN_FLIGHT: usize = 512;
const IN_FLIGHT_BYTES: usize = 16 * 1024 * 1024;
/// Whoever was overtaken looks this often whether the other still copies.
const STANDBY: Duration = Duration::from_millis(500);
/// In each message of a copy: the sequence of what it is a copy of.
pub(crate) const SOURCE_SEQUENCE: &str = "Trainyard-Sequence";

/// What is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Events,
    Telemetry,
}

/// A message as it is read from its stream.
pub struct Original<'m> {
    pub sequence: u64,
    pub subject: &'m str,
    pub payload: &'m Bytes,
}

/// A message as others read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// What comes after `trainyard.` in its subject.
    pub subject: String,
    pub id: Option<String>,
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
    source: Source,
    from: Link,
    to: Bus,
    make: M,
    progress: watch::Sender<CopyProgress>,
}

/// Why a run of copying has ended.
enum Ended {
    /// Somebody else has written.
    Overtaken,
    Failed(String),
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
    pub(crate) fn new(source: Source, from: Link, to: Bus, make: M) -> Copier<M> {
        Copier { source, from, to, make, progress: watch::Sender::default() }
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
                    tracing::warn!(copy = ?self.source, reason, "cannot copy; trying again");
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
        let mut messages = self.read_after(place.source);
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
                    let (weight, write) = match self.write(&place, last, message).await {
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
        place: &Place,
        last: u64,
        message: Message,
    ) -> Result<(usize, impl Future<Output = Flying> + use<M>), Ended> {
        let Message { sequence, subject, waiting, headers, payload } = message;
        let copied = (self.make)(Original { sequence, subject: &subject, payload: &payload });
        let bytes = copied.payload.len();
        let message = PublishMessage::build()
            .headers(self.headers(sequence, copied.id.as_deref(), headers.as_ref()))
            .payload(copied.payload)
            .expected_last_sequence(last);
        let subject = format!("{}.{}", place.prefix, copied.subject);
        let context = &self.to.link().context;
        let limit = context.client().max_payload();
        let acknowledged = match context.send_publish(subject, message).await {
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

    fn headers(&self, sequence: u64, id: Option<&str>, original: Option<&HeaderMap>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(SOURCE_SEQUENCE, sequence.to_string());
        if let Some(id) = id {
            headers.insert(NATS_MESSAGE_ID, id);
        }
        // A console that takes the place of what was told before does so in the copy, too.
        let rollup = original.and_then(|original| original.get(async_nats::header::NATS_ROLLUP));
        if let Some(rollup) = rollup {
            headers.insert(async_nats::header::NATS_ROLLUP, rollup.clone());
        }
        headers
    }

    fn tell(&self, behind: u64) {
        self.progress.send_modify(|progress| {
            let copied = progress.copied + 1;
            *progress = CopyProgress { copied, behind, ..CopyProgress::default() };
        });
    }

    /// Where the copy ends. Makes the stream where there is none.
    async fn place(&self) -> Result<Place, BusError> {
        readers::place(self.source, &self.from, &self.to).await
    }

    fn read_after(&self, sequence: u64) -> BoxStream<'static, Message> {
        let (stream, filter) = self.source.stream();
        let ordered = Ordered::new(self.from.clone(), stream, filter.to_owned(), From::After(sequence));
        let read = |mut ordered: Ordered| async {
            loop {
                if let Read::Message(message) = ordered.next().await {
                    return Some((message, ordered));
                }
            }
        };
        stream::unfold(ordered, read).boxed()
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
        let stream = self.from.context.get_stream(self.source.stream().0).await.map_err(unavailable)?;
        Ok(stream.cached_info().state.last_sequence)
    }
}

/// The sequence that the message at `sequence` of a copy is a copy of; `None` where it is no more.
pub(crate) async fn source_of(
    stream: &async_nats::jetstream::stream::Stream,
    sequence: u64,
) -> Result<Option<u64>, BusError> {
    let message = match stream.get_raw_message(sequence).await {
        Ok(message) => message,
        Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => return Ok(None),
        Err(error) => return Err(unavailable(error)),
    };
    let said = message.headers.get(SOURCE_SEQUENCE).and_then(|value| value.as_str().parse().ok());
    let nameless =
        || BusError::Corrupt(format!("message {sequence} of a copy does not say what it is a copy of"));
    said.map(Some).ok_or_else(nameless)
}
