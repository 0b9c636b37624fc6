//! Keys that all processes of a platform share: the first that needs one makes it, and it stays for good.

use bytes::Bytes;
use tokio::time::Instant;
use trainyard_events::subject;

use crate::BusError;
use crate::bucket::Bucket;
use crate::link::Link;
use crate::publish::{Backoff, NotStored, WRITE_DEADLINE};
use crate::streams::KEYS_STREAM;

/// A key's length in bytes.
const KEY_BYTES: usize = 32;

/// The key called `name`. Whoever asks first makes it, and the server keeps the first one against all others.
pub(crate) async fn key(link: &Link, name: &str) -> Result<[u8; KEY_BYTES], BusError> {
    let bucket = Bucket::new(link.clone(), KEYS_STREAM, subject::KEYS);
    let deadline = Instant::now() + WRITE_DEADLINE;
    let mut backoff = Backoff::default();
    loop {
        if let Some(kept) = bucket.get(name).await?.and_then(|entry| entry.value) {
            let wrong =
                |_| BusError::Corrupt(format!("the key {name} has {} bytes, not {KEY_BYTES}", kept.len()));
            return <[u8; KEY_BYTES]>::try_from(&kept[..]).map_err(wrong);
        }
        let new: [u8; KEY_BYTES] = rand::random();
        match bucket.put_if(name, Bytes::copy_from_slice(&new), 0).await {
            Ok(_) => return Ok(new),
            // Somebody else's is there by now.
            Err(NotStored::Conflict) => {}
            Err(NotStored::Unknown(reason)) if Instant::now() >= deadline => {
                return Err(BusError::Unavailable(reason));
            }
            // It may have been stored: looking tells.
            Err(NotStored::Unknown(_)) => backoff.wait().await,
            Err(NotStored::TooLarge { limit }) => {
                return Err(BusError::TooLarge { bytes: KEY_BYTES, limit });
            }
        }
    }
}
