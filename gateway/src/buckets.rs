//! Token buckets by key: each key may ask so often, and so much at once after a rest. Only keys that have asked lately are
//! kept, and only so many: whoever comes when there is no room shares one bucket with all others who do.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Between two looks for keys that need not be kept any more, when there is no room.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

pub(crate) struct Buckets<K> {
    /// Between two of a key that asks without a rest.
    pause: Duration,
    /// By how much a key may be ahead of that.
    ahead: Duration,
    keys: usize,
    state: Mutex<State<K>>,
}

struct State<K> {
    /// When a key will have rested: until then it is kept.
    rested_at: HashMap<K, Instant>,
    others_rested_at: Instant,
    swept_at: Instant,
}

impl<K: Clone + Eq + Hash> Buckets<K> {
    /// So many a second, so many at once, for so many keys.
    pub(crate) fn new(per_second: u32, at_once: u32, keys: usize) -> Buckets<K> {
        let (pause, now) = (Duration::from_secs(1) / per_second, Instant::now());
        let state = State { rested_at: HashMap::new(), others_rested_at: now, swept_at: now };
        Buckets { pause, ahead: pause * at_once.saturating_sub(1), keys, state: Mutex::new(state) }
    }

    /// Takes one for the key, or says how long it has to wait for one.
    pub(crate) fn take(&self, key: &K) -> Result<(), Duration> {
        let now = Instant::now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let rested_at = state.of(key, self.keys, now);
        let wait = rested_at.saturating_duration_since(now).saturating_sub(self.ahead);
        if !wait.is_zero() {
            return Err(wait);
        }
        *rested_at = (*rested_at).max(now) + self.pause;
        Ok(())
    }
}

impl<K: Clone + Eq + Hash> State<K> {
    fn of(&mut self, key: &K, keys: usize, now: Instant) -> &mut Instant {
        let is_new = !self.rested_at.contains_key(key);
        if is_new && self.rested_at.len() >= keys && now - self.swept_at >= SWEEP_INTERVAL {
            self.swept_at = now;
            self.rested_at.retain(|_, rested_at| *rested_at > now);
        }
        if is_new && self.rested_at.len() >= keys {
            return &mut self.others_rested_at;
        }
        self.rested_at.entry(key.clone()).or_insert(now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::Buckets;

    fn taken(buckets: &Buckets<u32>, key: u32, tries: usize) -> usize {
        (0..tries).filter(|_| buckets.take(&key).is_ok()).count()
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_has_its_share_and_no_more_and_takes_none_of_anothers() {
        let buckets = Buckets::new(10, 30, 100);
        assert_eq!(taken(&buckets, 1, 100), 30);
        assert_eq!(buckets.take(&1), Err(Duration::from_millis(100)));
        assert_eq!(taken(&buckets, 2, 100), 30);
        advance(Duration::from_millis(100)).await;
        assert_eq!(taken(&buckets, 1, 100), 1);
        advance(Duration::from_secs(1)).await;
        assert_eq!(taken(&buckets, 1, 100), 10);
        advance(Duration::from_secs(60)).await;
        assert_eq!(taken(&buckets, 1, 100), 30, "a long rest saves up no more than that");
    }

    #[tokio::test(start_paused = true)]
    async fn however_many_come_only_so_many_are_kept() {
        let buckets = Buckets::new(10, 30, 100);
        let kept = |buckets: &Buckets<u32>| buckets.state.lock().expect("nothing panics").rested_at.len();
        assert_eq!((0..10_000).filter(|key| buckets.take(key).is_ok()).count(), 100 + 30);
        assert_eq!(kept(&buckets), 100);
        assert_eq!(taken(&buckets, 7, 100), 29, "who was there before has a bucket of its own");
        advance(Duration::from_secs(2)).await;
        // The others have rested, key 7 has not yet.
        assert_eq!(taken(&buckets, 20_000, 100), 30);
        assert_eq!(kept(&buckets), 2);
    }
}
