//! Pure: whose datasets are looked at next. The queue of inspections is one, first come first served, so what a tenant
//! may have on it at once is what keeps another's single dataset from waiting behind a thousand.

use std::collections::{BTreeMap, BTreeSet};

use trainyard_events::TenantId;
use uuid::Uuid;

type Key = (TenantId, Uuid);

/// Of the `pending` datasets, each with the sequence of its registration, those to ask the fleet for when it can look at
/// so many `at_once`. What has been `asked` for stays: nobody takes it back from the queue. The rest of a tenant's share
/// goes to the datasets that it registered first.
pub fn turns(pending: &BTreeMap<Key, u64>, asked: &BTreeSet<Key>, at_once: usize) -> BTreeSet<Key> {
    let mut waiting: BTreeMap<&TenantId, Vec<(u64, &Key)>> = BTreeMap::new();
    for (key, registered) in pending {
        waiting.entry(&key.0).or_default().push((*registered, key));
    }
    let shares = shares(waiting.values().map(Vec::len), at_once);
    let mut turns = BTreeSet::new();
    for (mut datasets, share) in waiting.into_values().zip(shares) {
        datasets.sort_unstable();
        let (kept, new): (Vec<_>, Vec<_>) = datasets.into_iter().partition(|(_, key)| asked.contains(*key));
        let room = share.saturating_sub(kept.len());
        turns.extend(kept.into_iter().chain(new.into_iter().take(room)).map(|(_, key)| key.clone()));
    }
    turns
}

/// Gives one to each in turn until there is no more to give, or nobody wants more. Everybody gets one.
fn shares(wanted: impl Iterator<Item = usize>, at_once: usize) -> Vec<usize> {
    let wanted: Vec<usize> = wanted.collect();
    let mut shares: Vec<usize> = wanted.iter().map(|wanted| (*wanted).min(1)).collect();
    let mut left = at_once.saturating_sub(shares.iter().sum());
    while left > 0 {
        let before = left;
        for (share, wanted) in shares.iter_mut().zip(&wanted) {
            if *share < *wanted && left > 0 {
                *share += 1;
                left -= 1;
            }
        }
        if left == before {
            break;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many datasets of each tenant, registered one tenant after the other.
    fn pending(of: &[(&str, u64)]) -> BTreeMap<Key, u64> {
        let mut sequence = 0;
        let mut pending = BTreeMap::new();
        for (tenant, count) in of {
            for number in 0..*count {
                sequence += 1;
                // Ids have nothing to do with the order in which they came.
                let id = Uuid::from_u128(u128::from(number * 7919 % 1013));
                pending.insert((tenant.parse().unwrap(), id), sequence);
            }
        }
        pending
    }

    fn counts(turns: &BTreeSet<Key>) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        turns.iter().for_each(|(tenant, _)| *counts.entry(tenant.as_str()).or_default() += 1);
        counts
    }

    #[test]
    fn everybody_is_looked_after_at_once_and_nothing_is_left_idle() {
        for (of, at_once, expected) in [
            (&[("a", 1000)][..], 4, &[("a", 4)][..]),
            (&[("a", 1000), ("b", 1)], 4, &[("a", 3), ("b", 1)]),
            (&[("a", 1000), ("b", 1000)], 4, &[("a", 2), ("b", 2)]),
            (&[("a", 1000), ("b", 2), ("c", 1000)], 9, &[("a", 4), ("b", 2), ("c", 3)]),
            (&[("a", 9), ("b", 9), ("c", 1)], 2, &[("a", 1), ("b", 1), ("c", 1)]),
            (&[("a", 2)], 40, &[("a", 2)]),
            (&[], 4, &[]),
        ] {
            let pending = pending(of);
            assert_eq!(
                counts(&turns(&pending, &BTreeSet::new(), at_once)),
                BTreeMap::from_iter(expected.iter().copied())
            );
        }
    }

    #[test]
    fn what_was_asked_for_stays_and_the_oldest_come_next() {
        let mut pending = pending(&[("a", 1000)]);
        let first = turns(&pending, &BTreeSet::new(), 4);
        let registered: Vec<u64> = first.iter().map(|key| pending[key]).collect();
        assert_eq!(registered.iter().sum::<u64>(), 1 + 2 + 3 + 4);
        // Another tenant comes: it has its turn though all places are taken, and none is taken back.
        let key: Key = ("b".parse().unwrap(), Uuid::nil());
        pending.insert(key.clone(), 1001);
        let second = turns(&pending, &first, 4);
        assert!(second.is_superset(&first) && second.contains(&key));
        assert_eq!(second.len(), 5);
        // Of the others, no more than their share come after what ends.
        let ended: BTreeSet<Key> = first.iter().take(2).cloned().collect();
        pending.retain(|key, _| !ended.contains(key));
        let third = turns(&pending, &second, 4);
        assert_eq!(counts(&third), BTreeMap::from([("a", 3), ("b", 1)]));
        assert!(third.iter().filter(|(tenant, _)| tenant.as_str() == "a").all(|key| pending[key] <= 5));
    }
}
