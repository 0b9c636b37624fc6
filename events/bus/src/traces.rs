//! The log as traces are made of it: a durable consumer, whose place the server keeps, and which any number of processes may share.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull};
use async_nats::jetstream::{self, AckKind};
use futures::StreamExt;
use trainyard_events::{Entry, subject};

use crate::BusError;
use crate::error::unavailable;
use crate::link::Link;

/// Its name, on the stream of events.
pub(crate) const TRACES: &str = "traces";
/// Of these aggregates spans are made.
const TRACED: [&str; 3] = ["chat", "dataset", "job"];
/// What is not acknowledged by then is given out again, to whoever asks.
const ACK_WAIT: Duration = Duration::from_secs(20);
const BATCH: usize = 256;
/// How long a batch that is not full waits for more.
const BATCH_WAIT: Duration = Duration::from_secs(1);
/// An answer that takes longer does not come.
const SILENCE: Duration = Duration::from_secs(5);

/// What happens, from the moment on that somebody first asked for it, and for nobody but the role that makes traces.
#[derive(Clone)]
pub struct TraceFeed {
    link: Link,
}

/// One event, until it is acknowledged.
pub struct Traced {
    pub entry: Entry,
    /// Counts what was given out, whoever got it.
    pub delivery: u64,
    /// It was given out before, perhaps to somebody who has died. What is given out for the first time comes in the log's order.
    pub is_again: bool,
    /// Events behind it.
    pub waiting: u64,
    raw: jetstream::Message,
}

impl TraceFeed {
    pub(crate) fn new(link: Link) -> TraceFeed {
        TraceFeed { link }
    }

    /// What waits, oldest first; after a moment whatever there is, and be it nothing.
    pub async fn batch(&self) -> Result<Vec<Traced>, BusError> {
        let asking = async {
            let consumer = self.consumer().await?;
            let batch = consumer.batch().max_messages(BATCH).expires(BATCH_WAIT);
            let mut messages = batch.messages().await.map_err(unavailable)?;
            let mut traced = Vec::new();
            while let Some(message) = messages.next().await {
                traced.extend(read(message.map_err(unavailable)?));
            }
            Ok(traced)
        };
        let silent = |_| BusError::Unavailable("the log does not answer".to_owned());
        tokio::time::timeout(BATCH_WAIT + SILENCE, asking).await.map_err(silent)?
    }

    /// Made where it is not there: it may have gone with a log that was made anew.
    async fn consumer(&self) -> Result<PullConsumer, BusError> {
        let config = pull::Config {
            durable_name: Some(TRACES.to_owned()),
            description: Some("What is yet to be made into traces".to_owned()),
            deliver_policy: DeliverPolicy::New,
            filter_subjects: TRACED.map(subject::events_of).into(),
            ack_policy: AckPolicy::Explicit,
            ack_wait: ACK_WAIT,
            ..pull::Config::default()
        };
        self.link.context.create_consumer_on_stream(config, subject::EVENTS).await.map_err(unavailable)
    }
}

fn read(raw: jetstream::Message) -> Option<Traced> {
    let info = raw.info().ok()?;
    let (sequence, delivery, waiting) = (info.stream_sequence, info.consumer_sequence, info.pending);
    let is_again = info.delivered > 1;
    let entry = Entry::read(sequence, &raw.subject, &raw.payload);
    Some(Traced { entry, delivery, is_again, waiting, raw })
}

impl Traced {
    /// It never comes again. Without an answer, it may.
    pub async fn done(&self) -> Result<(), BusError> {
        self.raw.ack().await.map_err(unavailable)
    }

    /// It is not given to anybody else for a while.
    pub async fn hold(&self) -> Result<(), BusError> {
        self.raw.ack_with(AckKind::Progress).await.map_err(unavailable)
    }
}
