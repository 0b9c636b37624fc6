//! Of several processes one tells hooks, and the others stand by: who writes under a key, and goes on writing there.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use tracing::warn;
use trainyard_bus::{HookFeed, KeepError};
use uuid::Uuid;

const KEY: &str = "keeper";
const RENEWAL: Duration = Duration::from_secs(1);
/// Who has not written for this long is gone, and knows it.
const GONE: Duration = Duration::from_secs(5);

pub(crate) struct Keeper {
    feed: HookFeed,
    life: Bytes,
    revision: u64,
}

impl Keeper {
    /// Waits until nobody else tells hooks.
    pub(crate) async fn take_over(feed: HookFeed) -> Keeper {
        let life = Bytes::from(Uuid::new_v4().to_string());
        let (mut seen, mut since) = (None, Instant::now());
        loop {
            if let Ok((revision, kept)) = feed.kept(KEY).await {
                if seen != Some(revision) {
                    (seen, since) = (Some(revision), Instant::now());
                }
                let is_free = kept.is_none() || since.elapsed() >= GONE;
                if is_free && let Ok(revision) = feed.keep(KEY, life.clone(), revision).await {
                    return Keeper { feed, life, revision };
                }
            }
            tokio::time::sleep(RENEWAL).await;
        }
    }

    /// Until somebody else has taken over, or may have.
    pub(crate) async fn hold(&mut self) {
        let mut held = Instant::now();
        loop {
            tokio::time::sleep(RENEWAL).await;
            match tokio::time::timeout(GONE, self.feed.keep(KEY, self.life.clone(), self.revision)).await {
                Ok(Ok(revision)) => (self.revision, held) = (revision, Instant::now()),
                Ok(Err(KeepError::Overtaken)) => match self.feed.kept(KEY).await {
                    // A write of ours that was thought lost.
                    Ok((revision, Some(life))) if life == self.life => self.revision = revision,
                    Ok(_) => return,
                    Err(error) => warn!(%error, "who tells hooks cannot be read"),
                },
                Ok(Err(KeepError::Bus(error))) => warn!(%error, "that hooks are told here cannot be written"),
                Err(_) => warn!("that hooks are told here is not written in time"),
            }
            if held.elapsed() >= GONE {
                return;
            }
        }
    }

    /// Lets others take over at once.
    pub(crate) async fn leave(self) {
        if let Err(error) = self.feed.forget(KEY).await {
            warn!(%error, "others take over hooks in a while");
        }
    }
}
