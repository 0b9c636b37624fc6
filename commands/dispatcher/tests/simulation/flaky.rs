//! A log that does what real ones were seen to do: answers get lost before and after the write, come twice, or say
//! that somebody else was faster when nobody was.

use std::sync::{Arc, Mutex};

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
}

impl FlakyLog {
    pub(super) fn new(seed: u64) -> FlakyLog {
        let random = Arc::new(Mutex::new(Random::new(seed)));
        FlakyLog { inner: MemoryLog::default(), random, trouble: Arc::new(Mutex::new(0)) }
    }

    pub(super) fn trouble(&self, percent: usize) {
        *self.trouble.lock().expect("nothing panics with it") = percent;
    }

    fn trips(&self) -> Option<usize> {
        let share = *self.trouble.lock().expect("nothing panics with it");
        let mut random = self.random.lock().expect("nothing panics with it");
        random.percent(share).then(|| random.below(4))
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
            _ => self.inner.entries(tenant, aggregate, after).await,
        }
    }

    async fn at(&self, sequence: u64) -> Result<Option<Entry>, LogError> {
        match self.trips() {
            Some(0) => Err(LogError::Unavailable("no leader".to_owned())),
            _ => self.inner.at(sequence).await,
        }
    }

    async fn follow(&self, after: u64) -> Result<EntryStream, LogError> {
        self.inner.follow(after).await
    }

    async fn last_sequence(&self) -> Result<u64, LogError> {
        self.inner.last_sequence().await
    }
}
