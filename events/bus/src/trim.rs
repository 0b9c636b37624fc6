//! Takes out of the log's stream what is kept elsewhere: the beginnings of histories, and never the newest message of one.

use async_nats::jetstream::stream::Stream;
use futures::TryStreamExt;
use trainyard_events::subject;

use crate::BusError;
use crate::error::unavailable;
use crate::link::Link;
use crate::past::{Raw, guard};

/// For the one role that may. What it takes has to be in the log's `Past`: see there.
#[derive(Clone)]
pub struct Trim {
    link: Link,
}

impl Trim {
    pub(crate) fn new(link: Link) -> Trim {
        Trim { link }
    }

    /// Whether the stream lets go of anything: one that was made before there was a past never does.
    pub async fn is_possible(&self) -> Result<bool, BusError> {
        let stream = self.link.context.get_stream(subject::EVENTS).await.map_err(unavailable)?;
        Ok(!stream.cached_info().config.deny_purge)
    }

    /// Histories that have more than one message in the stream, by their subjects.
    pub async fn candidates(&self) -> Result<Vec<String>, BusError> {
        let subjects =
            self.stream().await?.info_with_subjects(subject::ALL_EVENTS).await.map_err(unavailable)?;
        let long = subjects.try_filter_map(async |(subject, count)| Ok((count > 1).then_some(subject)));
        let mut found: Vec<String> = long.try_collect().await.map_err(unavailable)?;
        found.sort_unstable();
        Ok(found)
    }

    /// What the stream has of a history at its end.
    pub async fn newest(&self, of: &str) -> Result<Raw, BusError> {
        let stream = self.stream().await?;
        let message = stream.raw_message_builder().last_by_subject(of).send().await.map_err(unavailable)?;
        let (sequence, payload, before) = (message.sequence, message.payload, guard(&message.headers));
        Ok(Raw { sequence, subject: message.subject.to_string(), payload, before })
    }

    /// Takes out what a history has before `sequence`, which stays, and so does all after it; returns how many messages that was. May
    /// be done again.
    pub async fn before(&self, of: &str, sequence: u64) -> Result<u64, BusError> {
        let purged = self.stream().await?.purge().filter(of).sequence(sequence).await.map_err(unavailable)?;
        Ok(purged.purged)
    }

    async fn stream(&self) -> Result<Stream<()>, BusError> {
        self.link.context.get_stream_no_info(subject::EVENTS).await.map_err(unavailable)
    }
}
