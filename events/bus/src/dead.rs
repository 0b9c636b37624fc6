//! Messages that nobody can read or finish: kept where they raise an alert, instead of being acknowledged and lost.

use async_nats::HeaderMap;
use async_nats::jetstream::message::PublishMessage;
use bytes::Bytes;
use trainyard_events::subject;

use crate::publish::publish_surely;
use crate::{Bus, BusError};

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
}
