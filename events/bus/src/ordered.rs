//! Reads a stream in order, each message once: a disposable consumer, made again wherever it may have lost something.
//!
//! The client library's own ordered consumer starts from 1 again when it is made anew before its first message, and
//! does not notice that the last messages before a quiet time were lost with a connection. This one reopens on
//! every interruption of the connection, on a gap, on missing heartbeats, and when a quiet stream turns out to hold
//! more than was seen; it always goes on right after the last message that it gave.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull};
use async_nats::jetstream::stream::{LastRawMessageErrorKind, Stream};
use bytes::Bytes;
use futures::StreamExt;
use time::OffsetDateTime;
use tokio::sync::watch;

use crate::link::Link;
use crate::publish::Backoff;

/// Two of these missed mean that the consumer is gone.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// The server asks again after this long without a message.
const PULL_EXPIRY: Duration = Duration::from_secs(30);
const PULL_BATCH: usize = 500;
/// After this long without a message the stream itself is asked whether there is one.
const QUIET: Duration = Duration::from_secs(5);
/// The server drops a consumer that nobody reads.
const CONSUMER_IDLE: Duration = Duration::from_secs(30);

/// Where reading starts.
#[derive(Clone, Copy)]
pub(crate) enum From {
    /// After this sequence, and after an interruption where it stopped.
    After(u64),
    /// With the last message of each subject; all of them again after an interruption.
    LastOfEach,
}

/// One step of reading.
pub(crate) enum Read {
    /// Reading begins, or begins anew; `waiting` messages are already there to be read.
    Opened {
        waiting: u64,
    },
    Message(Message),
}

pub(crate) struct Message {
    pub(crate) subject: String,
    pub(crate) sequence: u64,
    /// Messages already stored behind this one.
    pub(crate) waiting: u64,
    /// When the server has stored it.
    pub(crate) at: OffsetDateTime,
    pub(crate) headers: Option<async_nats::HeaderMap>,
    pub(crate) payload: Bytes,
}

pub(crate) struct Ordered {
    link: Link,
    stream: &'static str,
    filter: String,
    from: From,
    /// Sequence of the last message given.
    seen: u64,
    open: Option<Open>,
}

struct Open {
    stream: Stream<()>,
    consumer: String,
    messages: pull::Stream,
    interruptions: watch::Receiver<u64>,
    /// Messages delivered by this consumer.
    delivered: u64,
}

impl Ordered {
    /// `filter` is a subject, possibly with wildcards.
    pub(crate) fn new(link: Link, stream: &'static str, filter: String, from: From) -> Ordered {
        let seen = if let From::After(sequence) = from { sequence } else { 0 };
        Ordered { link, stream, filter, from, seen, open: None }
    }

    /// Waits for ever, through every outage.
    pub(crate) async fn next(&mut self) -> Read {
        let mut backoff = Backoff::default();
        loop {
            let Some(open) = &mut self.open else {
                match self.open().await {
                    Ok(waiting) => return Read::Opened { waiting },
                    Err(error) => {
                        tracing::warn!(stream = self.stream, %error, "cannot read; trying again");
                        backoff.wait().await;
                        continue;
                    }
                }
            };
            match open.next(&self.filter, self.seen).await {
                Ok(message) if message.sequence <= self.seen => {}
                Ok(message) => {
                    self.seen = message.sequence;
                    return Read::Message(message);
                }
                Err(reason) => {
                    tracing::debug!(stream = self.stream, reason, seen = self.seen, "reading anew");
                    self.open = None;
                }
            }
        }
    }

    /// Returns how many messages wait.
    async fn open(&mut self) -> Result<u64, async_nats::Error> {
        let mut interruptions = self.link.interruptions.clone();
        // Before anything is asked: what happens from here on counts.
        interruptions.mark_unchanged();
        if matches!(self.from, From::LastOfEach) {
            self.seen = 0;
        }
        let stream = self.link.context.get_stream_no_info(self.stream).await?;
        let deliver_policy = match self.from {
            From::After(_) => DeliverPolicy::ByStartSequence { start_sequence: self.seen + 1 },
            From::LastOfEach => DeliverPolicy::LastPerSubject,
        };
        let consumer: PullConsumer = stream
            .create_consumer(pull::Config {
                deliver_policy,
                filter_subject: self.filter.clone(),
                ack_policy: AckPolicy::None,
                memory_storage: true,
                num_replicas: 1,
                inactive_threshold: CONSUMER_IDLE,
                ..pull::Config::default()
            })
            .await?;
        let messages = consumer
            .stream()
            .max_messages_per_batch(PULL_BATCH)
            .expires(PULL_EXPIRY)
            .heartbeat(HEARTBEAT)
            .messages()
            .await?;
        let info = consumer.cached_info();
        let (consumer, waiting) = (info.name.clone(), info.num_pending);
        self.open = Some(Open { stream, consumer, messages, interruptions, delivered: 0 });
        Ok(waiting)
    }

    /// Tells the server that the consumer is no longer needed, which it would find out by itself a little later.
    pub(crate) async fn close(self) {
        if let Some(Open { stream, consumer, .. }) = self.open
            && let Err(error) = stream.delete_consumer(&consumer).await
        {
            tracing::debug!(%error, consumer, "a consumer is left to expire");
        }
    }
}

impl Open {
    /// The next message as it was stored, or why this consumer is not to be trusted any more.
    async fn next(&mut self, filter: &str, seen: u64) -> Result<Message, &'static str> {
        loop {
            let message = tokio::select! {
                biased;
                _ = self.interruptions.changed() => return Err("the connection was interrupted"),
                message = tokio::time::timeout(QUIET, self.messages.next()) => message,
            };
            let message = match message {
                Ok(Some(Ok(message))) => message,
                Ok(Some(Err(error))) => {
                    tracing::debug!(%error, "consumer");
                    return Err("the consumer failed");
                }
                Ok(None) => return Err("the consumer ended"),
                Err(_) => {
                    self.check_quiet(filter, seen).await?;
                    continue;
                }
            };
            let Ok(info) = message.info() else {
                return Err("a message came without its place in the stream");
            };
            self.delivered += 1;
            if info.consumer_sequence != self.delivered {
                return Err("messages are missing");
            }
            let (sequence, waiting, at) = (info.stream_sequence, info.pending, info.published);
            let message = message.message;
            return Ok(Message {
                subject: message.subject.into_string(),
                sequence,
                waiting,
                at,
                headers: message.headers,
                payload: message.payload,
            });
        }
    }

    async fn check_quiet(&self, filter: &str, seen: u64) -> Result<(), &'static str> {
        match self.stream.raw_message_builder().sequence(seen + 1).next_by_subject(filter).send().await {
            Ok(_) => Err("the stream holds more than was delivered"),
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(()),
            Err(_) => Err("the stream does not answer"),
        }
    }
}
