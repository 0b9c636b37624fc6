//! Messages that nobody can read or finish: kept where they raise an alert, instead of being acknowledged and lost.
//!
//! The server gives up on a message without a trace in its stream: it stays there and is never delivered again. Only an
//! advisory tells; the DEAD stream keeps those, and burying answers them.

use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::LastRawMessageErrorKind;
use bytes::Bytes;
use futures::StreamExt;
use serde::Deserialize;
use trainyard_events::subject;

use crate::BusError;
use crate::error::unavailable;
use crate::link::Link;
use crate::publish::{Backoff, publish_surely};
use crate::streams::{UNDERTAKER, is_queue};

const REASON_HEADER: &str = "reason";
/// Reasons are cut to this, so that they fit a header.
const REASON_CHARS: usize = 500;
/// Longer than there is nobody at a consumer between two requests of one who waits there.
const ASKS_ANEW: Duration = Duration::from_millis(200);

/// Parks a message of `stream` with the reason why. Only then may it be given up where it came from.
pub(crate) async fn park(link: &Link, stream: &str, payload: Bytes, reason: &str) -> Result<(), BusError> {
    store(link, stream, PublishMessage::build(), payload, reason).await
}

async fn store(
    link: &Link,
    stream: &str,
    message: PublishMessage,
    payload: Bytes,
    reason: &str,
) -> Result<(), BusError> {
    tracing::error!(stream, reason, "a message is parked on {}", subject::DEAD);
    let reason: String =
        reason.chars().take(REASON_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let bytes = payload.len();
    let message = message.header(REASON_HEADER, reason.as_str()).payload(payload);
    publish_surely(&link.context, subject::dead(stream), message, bytes).await.map(drop)
}

/// Parks every message of the work queue that the server has given up, and takes it off the queue; for ever,
/// through outages. One role of the platform does this; more do no harm.
pub(crate) async fn bury(link: &Link) {
    let mut backoff = Backoff::default();
    loop {
        if let Err(error) = bury_until_interrupted(link, &mut backoff).await {
            tracing::warn!(%error, "cannot bury what was given up; trying again");
        }
        backoff.wait().await;
    }
}

/// Whether somebody waits for what is given up. Who asks anew, as everybody does twice a minute, is away for a moment.
pub(crate) async fn is_attended(link: &Link) -> Result<bool, BusError> {
    if is_waited_at(link).await? {
        return Ok(true);
    }
    tokio::time::sleep(ASKS_ANEW).await;
    is_waited_at(link).await
}

async fn is_waited_at(link: &Link) -> Result<bool, BusError> {
    let consumer: jetstream::consumer::PullConsumer =
        link.context.get_consumer_from_stream(UNDERTAKER, subject::DEAD).await.map_err(unavailable)?;
    Ok(consumer.cached_info().num_waiting > 0)
}

async fn bury_until_interrupted(link: &Link, backoff: &mut Backoff) -> Result<(), BusError> {
    let context = &link.context;
    let consumer: jetstream::consumer::PullConsumer =
        context.get_consumer_from_stream(UNDERTAKER, subject::DEAD).await.map_err(unavailable)?;
    let mut advisories = consumer.messages().await.map_err(unavailable)?;
    while let Some(message) = advisories.next().await {
        let message = message.map_err(unavailable)?;
        match serde_json::from_slice::<GivenUp>(&message.payload) {
            // A stream that an older version has set up holds the advisories of everybody.
            Ok(given_up) if !is_queue(&given_up.stream, &given_up.consumer) => {
                let GivenUp { stream, consumer, .. } = given_up;
                tracing::debug!(stream, consumer, "a consumer that is not ours gives up; it is let be");
            }
            Ok(given_up) => bury_one(link, &given_up).await?,
            Err(error) => tracing::error!(%error, "an advisory that does not decode; it stays on DEAD"),
        }
        message.double_ack().await.map_err(unavailable)?;
        *backoff = Backoff::default();
    }
    Ok(())
}

async fn bury_one(link: &Link, given_up: &GivenUp) -> Result<(), BusError> {
    let stream = link.context.get_stream_no_info(&given_up.stream).await.map_err(unavailable)?;
    let message = match stream.get_raw_message(given_up.stream_seq).await {
        Ok(message) => message,
        // Buried before, or finished by the last one who had it.
        Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => return Ok(()),
        Err(error) => return Err(unavailable(error)),
    };
    let reason = format!("given to {} workers in vain", given_up.deliveries);
    // If it cannot be taken off the queue now, this comes again, and it is parked once all the same.
    let parked = PublishMessage::build().message_id(format!("{}.{}", given_up.stream, given_up.stream_seq));
    store(link, &given_up.stream, parked, message.payload, &reason).await?;
    stream.delete_message(given_up.stream_seq).await.map(drop).map_err(unavailable)
}

/// The server's advisory `io.nats.jetstream.advisory.v1.max_deliver`, as far as it matters here.
#[derive(Deserialize)]
struct GivenUp {
    stream: String,
    consumer: String,
    stream_seq: u64,
    deliveries: u64,
}
