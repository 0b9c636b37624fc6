//! Readiness: a small object goes in, comes out as it went in, and goes.

use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use tokio::sync::Mutex;
use tokio::time::Instant;
use uuid::Uuid;

use crate::error::refused;
use crate::{Store, StoreError};

/// What readiness waits for.
const PING_TIMEOUT: Duration = Duration::from_secs(3);
/// Anybody may ask whether we are ready, and each time is three requests: an answer is good for so long.
const GOOD_FOR: Duration = Duration::from_secs(1);
/// Far above the probe.
const BYTES_MAX: u64 = 1_024;

/// The probe of one client, and when it went round last.
pub(crate) struct Readiness {
    key: String,
    last: Mutex<Option<Instant>>,
}

impl Default for Readiness {
    fn default() -> Readiness {
        // Its own, so that no other process takes it away.
        Readiness { key: format!(".probe/{}", Uuid::new_v4()), last: Mutex::default() }
    }
}

impl Store {
    /// Whether objects can be written and read.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let answered = tokio::time::timeout(PING_TIMEOUT, async {
            // One at a time, so that many who ask at once cause one round.
            let mut last = self.readiness.last.lock().await;
            if last.is_none_or(|last| last.elapsed() > GOOD_FOR) {
                *last = None;
                // Three requests are large for whoever waits.
                Box::pin(self.round()).await?;
                *last = Some(Instant::now());
            }
            Ok(())
        });
        answered.await.unwrap_or_else(|_| Err(StoreError::Unavailable("no answer".to_owned())))
    }

    async fn round(&self) -> Result<(), StoreError> {
        let (key, sent) = (&*self.readiness.key, Bytes::from(Uuid::new_v4().to_string()));
        let put = self.client.put_object().bucket(&self.bucket).key(key).body(ByteStream::from(sent.clone()));
        put.send().await.map_err(|error| refused(&self.bucket, error))?;
        let came = self.get_bytes(key, BYTES_MAX).await?;
        if came != sent {
            return Err(StoreError::Unavailable(
                "what was put into the store comes out as something else".to_owned(),
            ));
        }
        self.delete(key).await
    }
}
