//! How people want their pages: small records of the gateway, by account, of which nothing here knows what they say.

use bytes::Bytes;
use trainyard_events::subject;
use uuid::Uuid;

use crate::BusError;
use crate::bucket::Bucket;
use crate::link::Link;
use crate::streams::PREFERENCES_STREAM;

#[derive(Clone)]
pub struct Preferences {
    kept: Bucket,
}

impl Preferences {
    pub(crate) fn new(link: Link) -> Preferences {
        Preferences { kept: Bucket::new(link, PREFERENCES_STREAM, subject::PREFERENCES) }
    }

    pub async fn of(&self, account: Uuid) -> Result<Option<Bytes>, BusError> {
        Ok(self.kept.get(&account.to_string()).await?.and_then(|entry| entry.value))
    }

    /// In place of what was kept before.
    pub async fn keep(&self, account: Uuid, value: Bytes) -> Result<(), BusError> {
        let kept = self.kept.put(&account.to_string(), value).await;
        kept.map(drop).map_err(|error| BusError::Unavailable(format!("{error:?}")))
    }
}
