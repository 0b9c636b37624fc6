//! What telling hooks needs of the bus: which there are, what happens as the feed has it, and how far each hook is.

use async_nats::jetstream::stream::{LastRawMessageErrorKind, RawMessageError};
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, stream};
use trainyard_events::{Entry, TenantId, subject};

use crate::BusError;
use crate::bucket::{Bucket, Entry as Kept};
use crate::copy::source_of;
use crate::error::unavailable;
use crate::link::Link;
use crate::ordered::{From, Message, Ordered, Read};
use crate::publish::NotStored;
use crate::streams::HOOKS_STREAM;

/// The feed and the log as the role of hooks reads them, and what it keeps.
#[derive(Clone)]
pub struct HookFeed {
    link: Link,
    kept: Bucket,
}

/// One step through the histories of all hooks.
pub enum HookStep {
    Entry(Box<Entry>),
    /// All that there was when reading began has been told.
    Current,
}

/// A message of the feed.
#[derive(Clone, Debug)]
pub struct FeedMessage {
    /// In the feed; that of a copy made anew is the same.
    pub place: u64,
    /// A CloudEvent in JSON.
    pub payload: Bytes,
}

/// Why nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// Somebody else has written there.
    #[error("another has written there first")]
    Overtaken,
    #[error(transparent)]
    Bus(#[from] BusError),
}

impl HookFeed {
    pub(crate) fn new(link: Link) -> HookFeed {
        HookFeed { kept: Bucket::new(link.clone(), HOOKS_STREAM, subject::HOOKS), link }
    }

    /// Everything in the histories of hooks, then what comes; for ever, through outages.
    pub fn histories(&self) -> BoxStream<'static, HookStep> {
        let filter = subject::events_of("hook");
        let ordered = Ordered::new(self.link.clone(), subject::EVENTS, filter, From::After(0));
        let step = |(mut ordered, mut current): (Ordered, bool)| async move {
            loop {
                if current {
                    return Some((HookStep::Current, (ordered, false)));
                }
                match ordered.next().await {
                    Read::Opened { waiting } => current = waiting == 0,
                    Read::Message(Message { sequence, subject, payload, waiting, .. }) => {
                        let entry = Entry::read(sequence, &subject, &payload);
                        return Some((HookStep::Entry(Box::new(entry)), (ordered, waiting == 0)));
                    }
                }
            }
        };
        stream::unfold((ordered, false), step).boxed()
    }

    /// What every reader of the tenant may read after `place`, then what comes; for ever, through outages.
    pub fn follow(&self, tenant: &TenantId, place: u64) -> BoxStream<'static, FeedMessage> {
        let filter = subject::feed_of(tenant);
        let ordered = Ordered::new(self.link.clone(), subject::FEED, filter, From::After(place));
        let step = |mut ordered: Ordered| async {
            loop {
                if let Read::Message(Message { sequence, payload, .. }) = ordered.next().await {
                    return Some((FeedMessage { place: sequence, payload }, ordered));
                }
            }
        };
        stream::unfold(ordered, step).boxed()
    }

    /// What stands at `place`, if the tenant may read it; an error where the feed does not reach there yet.
    pub async fn at(&self, tenant: &TenantId, place: u64) -> Result<Option<FeedMessage>, BusError> {
        let feed = self.link.context.get_stream_no_info(subject::FEED).await.map_err(unavailable)?;
        let message = match feed.get_raw_message(place).await {
            Ok(message) => message,
            Err(error) if is_missing(&error) => return self.is_past(place).await.map(|()| None),
            Err(error) => return Err(unavailable(error)),
        };
        let own = subject::feed_of(tenant);
        let is_own = message.subject.as_str().starts_with(own.trim_end_matches('>'));
        Ok(is_own.then_some(FeedMessage { place, payload: message.payload }))
    }

    /// A feed that is made anew does not have yet what it will have.
    async fn is_past(&self, place: u64) -> Result<(), BusError> {
        let feed = self.link.context.get_stream(subject::FEED).await.map_err(unavailable)?;
        let last = feed.cached_info().state.last_sequence;
        let short = || BusError::Unavailable(format!("the feed ends at {last}, before {place}"));
        (last >= place).then_some(()).ok_or_else(short)
    }

    /// The last place of the feed with a copy of nothing that is later in the log than `sequence`.
    pub async fn place_of(&self, sequence: u64) -> Result<u64, BusError> {
        let feed = self.link.context.get_stream(subject::FEED).await.map_err(unavailable)?;
        let state = &feed.cached_info().state;
        // A message of the log has one copy, so that no copy stands later than its original. The oldest are kept no more.
        let (mut low, mut high) = (state.first_sequence.saturating_sub(1), state.last_sequence.min(sequence));
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            let message = feed.get_raw_message(middle).await.map_err(unavailable)?;
            let source = source_of(&message.headers)
                .ok_or_else(|| BusError::Corrupt(format!("message {middle} of the feed is no copy")))?;
            if source <= sequence { low = middle } else { high = middle - 1 }
        }
        Ok(low)
    }

    /// What is kept under `key`, as the leader has it. The revision of what is not there is not always 0.
    pub async fn kept(&self, key: &str) -> Result<(u64, Option<Bytes>), BusError> {
        let kept = self.kept.get(key).await?;
        Ok(kept.map_or((0, None), |Kept { revision, value }| (revision, value)))
    }

    /// Keeps `value` in the place of what `revision` says, and returns its own.
    pub async fn keep(&self, key: &str, value: Bytes, revision: u64) -> Result<u64, KeepError> {
        let bytes = value.len();
        self.kept.put_if(key, value, revision).await.map_err(|error| not_kept(error, bytes))
    }

    /// Forgets what is under `key`, whatever it is.
    pub async fn forget(&self, key: &str) -> Result<(), KeepError> {
        self.kept.delete(key, None).await.map(drop).map_err(|error| not_kept(error, 0))
    }
}

fn is_missing(error: &RawMessageError) -> bool {
    error.kind() == LastRawMessageErrorKind::NoMessageFound
}

fn not_kept(error: NotStored, bytes: usize) -> KeepError {
    match error {
        NotStored::Conflict => KeepError::Overtaken,
        NotStored::Unknown(reason) => BusError::Unavailable(reason).into(),
        NotStored::TooLarge { limit } => BusError::TooLarge { bytes, limit }.into(),
    }
}
