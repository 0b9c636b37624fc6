//! How a tenant is used, as far as that is no fact of the log: when each token was shown last, and what was refused.

use std::collections::BTreeMap;

use async_nats::jetstream::message::PublishMessage;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use trainyard_events::access::{LastUse, Refusal};
use trainyard_events::{TenantId, subject};
use uuid::Uuid;

use crate::BusError;
use crate::bucket::Bucket;
use crate::link::Link;
use crate::ordered::{From, Ordered, Read};
use crate::publish::{NotStored, publish};
use crate::streams::SEEN_STREAM;

/// Keys that are asked for at once.
const AT_ONCE: usize = 16;

/// What is kept of tokens and of those who were refused.
#[derive(Clone)]
pub struct AccessNotes {
    link: Link,
    seen: Bucket,
}

impl AccessNotes {
    pub(crate) fn new(link: Link) -> AccessNotes {
        AccessNotes { seen: Bucket::new(link.clone(), SEEN_STREAM, subject::SEEN), link }
    }

    /// Notes that the token was shown, whatever was noted before.
    pub async fn note_use(&self, token: Uuid, last: &LastUse) -> Result<(), BusError> {
        let json = serde_json::to_vec(last).expect("a use is plain data, which always serialises");
        self.seen.put(&token.to_string(), json.into()).await.map(drop).map_err(not_noted)
    }

    /// When these tokens were shown last; one that never was, or long ago, is left out.
    pub async fn last_uses(&self, tokens: &[Uuid]) -> Result<BTreeMap<Uuid, LastUse>, BusError> {
        let look = |token: Uuid| async move {
            let kept = self.seen.get(&token.to_string()).await?.and_then(|entry| entry.value);
            // What a later release has written otherwise is as if it was not known.
            Ok::<_, BusError>(kept.and_then(|json| Some((token, serde_json::from_slice(&json).ok()?))))
        };
        let found: Vec<Option<(Uuid, LastUse)>> =
            stream::iter(tokens.iter().copied().map(look)).buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    pub async fn note_refusal(&self, tenant: &TenantId, refusal: &Refusal) -> Result<(), BusError> {
        let json = serde_json::to_vec(refusal).expect("a refusal is plain data, which always serialises");
        let message = PublishMessage::build().payload(Bytes::from(json));
        let subject = subject::refused_of(tenant);
        publish(&self.link.context, subject, message).await.map(drop).map_err(not_noted)
    }

    /// What the tenant's people were not let do, oldest first.
    pub async fn refusals(&self, tenant: &TenantId) -> Result<Vec<Refusal>, BusError> {
        let filter = subject::refused_of(tenant);
        let mut reading = Ordered::new(self.link.clone(), subject::REFUSED, filter, From::After(0));
        let mut found = Vec::new();
        loop {
            match reading.next().await {
                Read::Opened { waiting: 0 } => return Ok(found),
                Read::Opened { .. } => {}
                Read::Message(message) => {
                    found.extend(serde_json::from_slice::<Refusal>(&message.payload));
                    if message.waiting == 0 {
                        return Ok(found);
                    }
                }
            }
        }
    }
}

fn not_noted(error: NotStored) -> BusError {
    BusError::Unavailable(format!("{error:?}"))
}
