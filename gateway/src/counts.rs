//! How many each key holds at once. A key that holds none is not kept.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) struct Counts<K>(Arc<Mutex<HashMap<K, usize>>>);

/// One of a key's, until it is dropped.
#[derive(Debug)]
pub(crate) struct Held<K: Eq + Hash> {
    counts: Arc<Mutex<HashMap<K, usize>>>,
    key: K,
}

impl<K> Default for Counts<K> {
    fn default() -> Self {
        Counts(Arc::default())
    }
}

impl<K: Clone + Eq + Hash> Counts<K> {
    /// One more for the key, unless it holds `most` already.
    pub(crate) fn take(&self, key: &K, most: usize) -> Option<Held<K>> {
        let mut counts = lock(&self.0);
        let held = counts.get(key).copied().unwrap_or(0);
        if held >= most {
            return None;
        }
        counts.insert(key.clone(), held + 1);
        Some(Held { counts: Arc::clone(&self.0), key: key.clone() })
    }
}

impl<K: Eq + Hash> Drop for Held<K> {
    fn drop(&mut self) {
        let mut counts = lock(&self.counts);
        match counts.get_mut(&self.key) {
            Some(held) if *held > 1 => *held -= 1,
            _ => drop(counts.remove(&self.key)),
        }
    }
}

fn lock<K>(counts: &Mutex<HashMap<K, usize>>) -> MutexGuard<'_, HashMap<K, usize>> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{Counts, lock};

    #[test]
    fn a_key_holds_so_many_and_is_forgotten_when_it_holds_none() {
        let counts = Counts::default();
        let held: Vec<_> = (0..5).filter_map(|_| counts.take(&"a", 3)).collect();
        assert_eq!(held.len(), 3);
        let other = counts.take(&"b", 3).expect("another key holds none");
        drop(held);
        assert_eq!(lock(&counts.0).len(), 1);
        assert!(counts.take(&"a", 1).is_some());
        drop(other);
        assert!(lock(&counts.0).is_empty());
    }
}
