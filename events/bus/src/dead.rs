//! Messages that nobody can read or finish: kept where they raise an alert, instead of being acknowledged and lost.
//!
//! The server gives up on a message without a trace in its stream: it stays there and is never delivered again. Only an
//! advisory tells; the DEAD stream keeps those, and burying answers them.

use async_nats::HeaderMap;
use async_nats::jetstream;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::LastRawMessageErrorKind;
use bytes::Bytes;
use futures::StreamExt;
use serde::Deserialize;
use trainyard_events::subject;

use crate::bus::unavailable;
use crate::publish::{Backoff, publish_surely};
use crate::{Bus, BusError};

/// Reads the advisories of messages that were given up. Its name is the consumer's.
pub(crate) const UNDERTAKER: &str = "undertaker";

const REASON_HEADER: &str = "reason";
/// Reasons are cut to this, so that they fit a header.
const REASON_CHARS: usize = 500;

impl Bus {
    /// Parks a message of `stream` with the reason why. Only then may it be given up where it came from.
    pub async fn park(&self, stream: &str, payload: Bytes, reason: &str) -> Result<(), BusError> {
        tracing::error!(stream, reason, "a message is parked on {}", subject::DEAD);
        let reason: String =
            reason.chars().take(REASON_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
        let mut headers = HeaderMap::new();
        headers.insert(REASON_HEADER, reason);
        let bytes = payload.len();
        let message = PublishMessage::build().headers(headers).payload(payload);
        publish_surely(&self.link.context, subject::dead(stream), message, bytes).await.map(drop)
    }

    /// How many messages lie on DEAD, advisories that wait to be answered among them.
    pub async fn dead_letters(&self) -> Result<u64, BusError> {
        let stream = self.link.context.get_stream(subject::DEAD).await.map_err(unavailable)?;
        Ok(stream.cached_info().state.messages)
    }

    /// Parks every message of the work queue that the server has given up, and takes it off the queue; for ever,
    /// through outages. One role of the platform does this; more do no harm.
    pub async fn bury(&self) {
        let mut backoff = Backoff::default();
        loop {
            if let Err(error) = self.bury_until_interrupted(&mut backoff).await {
                tracing::warn!(%error, "cannot bury what was given up; trying again");
            }
            backoff.wait().await;
        }
    }

    async fn bury_until_interrupted(&self, backoff: &mut Backoff) -> Result<(), BusError> {
        let context = &self.link.context;
        let consumer: jetstream::consumer::PullConsumer =
            context.get_consumer_from_stream(UNDERTAKER, subject::DEAD).await.map_err(unavailable)?;
        let mut advisories = consumer.messages().await.map_err(unavailable)?;
        while let Some(message) = advisories.next().await {
            let message = message.map_err(unavailable)?;
            match serde_json::from_slice(&message.payload) {
                Ok(given_up) => self.bury_one(&given_up).await?,
                Err(error) => tracing::error!(%error, "an advisory that does not decode; it stays on DEAD"),
            }
            message.double_ack().await.map_err(unavailable)?;
            *backoff = Backoff::default();
        }
        Ok(())
    }

    async fn bury_one(&self, given_up: &GivenUp) -> Result<(), BusError> {
        let stream = self.link.context.get_stream_no_info(&given_up.stream).await.map_err(unavailable)?;
        let message = match stream.get_raw_message(given_up.stream_seq).await {
            Ok(message) => message,
            // Buried before, or finished by the last one who had it.
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => return Ok(()),
            Err(error) => return Err(unavailable(error)),
        };
        let reason = format!("given to {} workers in vain", given_up.deliveries);
        self.park(&given_up.stream, message.payload, &reason).await?;
        stream.delete_message(given_up.stream_seq).await.map(drop).map_err(unavailable)
    }
}

/// The server's advisory `io.nats.jetstream.advisory.v1.max_deliver`, as far as it matters here.
#[derive(Deserialize)]
struct GivenUp {
    stream: String,
    stream_seq: u64,
    deliveries: u64,
}
