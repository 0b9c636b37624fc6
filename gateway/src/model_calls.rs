//! Questions to models as those who own them see them: how many since this gateway was started, and how long the last took.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use time::OffsetDateTime;
use trainyard_api::registry::VersionCalls;
use uuid::Uuid;

/// Versions that are counted; the one that was asked longest ago makes room.
const VERSIONS: usize = 1_000;
/// Answers of a version whose time is kept.
const LAST: usize = 100;

struct Calls {
    answered: u64,
    refused: u64,
    last_at: OffsetDateTime,
    last: VecDeque<Duration>,
}

/// By model and number of version.
#[derive(Default)]
pub(crate) struct ModelCalls(Mutex<BTreeMap<(Uuid, u32), Calls>>);

impl ModelCalls {
    /// `took` is how long the answer took; `None` if there was none.
    pub(crate) fn asked(&self, version: (Uuid, u32), at: OffsetDateTime, took: Option<Duration>) {
        let mut known = self.known();
        if known.len() >= VERSIONS
            && !known.contains_key(&version)
            && let Some(oldest) = known.iter().min_by_key(|(_, calls)| calls.last_at).map(|(of, _)| *of)
        {
            known.remove(&oldest);
        }
        let new = || Calls { answered: 0, refused: 0, last_at: at, last: VecDeque::new() };
        let calls = known.entry(version).or_insert_with(new);
        calls.last_at = at;
        match took {
            None => calls.refused += 1,
            Some(took) => {
                calls.answered += 1;
                calls.last.push_back(took);
                if calls.last.len() > LAST {
                    calls.last.pop_front();
                }
            }
        }
    }

    pub(crate) fn of(&self, model: Uuid) -> Vec<VersionCalls> {
        let known = self.known();
        let versions = known.range((model, 0)..=(model, u32::MAX));
        let told = versions.map(|((_, version), calls)| VersionCalls {
            version: *version,
            answered: calls.answered,
            refused: calls.refused,
            last_at: calls.last_at,
            last_ms: calls.last.iter().map(|took| took.as_secs_f64() * 1e3).collect(),
        });
        told.collect()
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<(Uuid, u32), Calls>> {
        self.0.lock().expect("nothing panics while it holds the calls")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_is_counted_and_what_nobody_asks_makes_room() {
        let calls = ModelCalls::default();
        let (ours, others) = (Uuid::from_u128(3), Uuid::from_u128(4));
        let at = |second| OffsetDateTime::UNIX_EPOCH + Duration::from_secs(second);
        calls.asked((ours, 1), at(1), None);
        for milliseconds in 0..LAST as u64 + 5 {
            calls.asked((ours, 2), at(2), Some(Duration::from_millis(milliseconds)));
        }
        let told = calls.of(ours);
        assert_eq!((told[0].version, told[0].answered, told[0].refused), (1, 0, 1));
        assert_eq!((told[1].version, told[1].answered, told[1].last_ms.len()), (2, LAST as u64 + 5, LAST));
        assert_eq!((told[1].last_ms[0], told[1].last_at), (5.0, at(2)));
        for version in 0..VERSIONS as u32 - 1 {
            calls.asked((others, version), at(3), None);
        }
        let left: Vec<u32> = calls.of(ours).iter().map(|calls| calls.version).collect();
        assert_eq!(left, [2], "the first of ours was asked longest ago");
    }
}
