//! A log that does what real ones were seen to do: answers get lost before and after the write, come twice, or say
//! that somebody else was faster when nobody was; writes arrive long after they were given up; reads come from a server that is
//! behind; and who follows it is cut off.

use std::sync::{Arc, Mutex};

use futures::StreamExt;
use trainyard_bus::{AppendError, EntryStream, EventLog, LogError, MemoryLog};
use trainyard_events::{Aggregate, Entry, Envelope, TenantId};

/// A small generator: the same seed, the same run.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66)
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound.max(1)
    }

    /// True in so many of a hundred cases.
    pub(super) fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }
}

#[derive(Clone)]
pub(super) struct FlakyLog {
    inner: MemoryLog,
    random: Arc<Mutex<Random>>,
    /// Share of calls that go wrong, in percent.
    trouble: Arc<Mutex<usize>>,
    /// Writes that are still on their way, each with the last sequence that it was guarded with.
    on_the_way: Arc<Mutex<Vec<(Envelope, u64)>>>,
}

impl FlakyLog {
    pub(super) fn new(seed: u64) -> FlakyLog {
        let random = Arc::new(Mutex::new(Random::new(seed)));
        FlakyLog { inner: MemoryLog::default(), random, trouble: Arc::default(), on_the_way: Arc::default() }
    }

    pub(super) fn trouble(&self, percent: usize) {
        *self.trouble.lock().expect("nothing panics with it") = percent;
    }

    fn trips(&self) -> Option<usize> {
        let share = *self.trouble.lock().expect("nothing panics with it");
        let mut random = self.random.lock().expect("nothing panics with it");
        random.percent(share).then(|| random.below(5))
    }

    /// Some write that nobody waits for any more arrives. What has been written meanwhile decides whether it counts.
    pub(super) async fn arrive(&self) {
        let arrived = {
            let mut on_the_way = self.on_the_way.lock().expect("nothing panics with it");
            let which = self.random.lock().expect("nothing panics with it").below(on_the_way.len());
            if on_the_way.is_empty() { None } else { Some(on_the_way.swap_remove(which)) }
        };
        if let Some((envelope, last)) = arrived {
            // Nobody hears the answer.
            let _ = self.inner.append(&envelope, last).await;
        }
    }
}

impl EventLog for FlakyLog {
    async fn append(&self, envelope: &Envelope, last: u64) -> Result<u64, AppendError> {
        let lost = || AppendError::Unavailable("the answer was lost".to_owned());
        match self.trips() {
            None => self.inner.append(envelope, last).await,
            // Not written; or written, and the answer lost.
            Some(0) => Err(lost()),
            Some(1) => self.inner.append(envelope, last).await.and(Err(lost())),
            // The client sent it again by itself.
            Some(2) => {
                self.inner.append(envelope, last).await?;
                self.inner.append(envelope, last).await
            }
            Some(3) => {
                let mut on_the_way = self.on_the_way.lock().expect("nothing panics with it");
                on_the_way.push((envelope.clone(), last));
                Err(lost())
            }
            Some(_) => Err(AppendError::Conflict { of: envelope.aggregate.to_string() }),
        }
    }

    async fn put_back(&self, entry: &Entry, last: u64) -> Result<u64, AppendError> {
        self.inner.put_back(entry, last).await
    }

    async fn entries(
        &self,
        tenant: &TenantId,
        aggregate: &Aggregate,
        after: u64,
    ) -> Result<Vec<Entry>, LogError> {
        match self.trips() {
            Some(0) => Err(LogError::Unavailable("no leader".to_owned())),
            // It was the leader once, and has not heard of the newest.
            Some(1) => {
                let mut entries = self.inner.entries(tenant, aggregate, after).await?;
                entries.pop();
                Ok(entries)
            }
            _ => self.inner.entries(tenant, aggregate, after).await,
        }
    }

    async fn at(&self, sequence: u64) -> Result<Option<Entry>, LogError> {
        match self.trips() {
            Some(0) => Err(LogError::Unavailable("no leader".to_owned())),
            Some(1) => Ok(None),
            _ => self.inner.at(sequence).await,
        }
    }

    async fn follow(&self, after: u64) -> Result<EntryStream, LogError> {
        let (entries, log) = (self.inner.follow(after).await?, self.clone());
        let flaky = entries.map(move |entry| match log.trips() {
            Some(0) => Err(LogError::Unavailable("the connection was cut".to_owned())),
            _ => entry,
        });
        Ok(Box::pin(flaky))
    }

    async fn last_sequence(&self) -> Result<u64, LogError> {
        self.inner.last_sequence().await
    }
}
