//! The histories that were read lately, folded: the next time only what has come since is read.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;
use trainyard_commands::State;
use trainyard_events::{Aggregate, TenantId};
use uuid::Uuid;

/// So many are kept, those that were used last.
const KEPT: NonZeroUsize = NonZeroUsize::new(256).expect("more than none");

/// Longer ones take too much room: a tenant with a quota has two events for each of its jobs.
const EVENTS_MOST: usize = 65_536;

/// A history as far as `last`, folded.
pub(crate) struct Folded {
    pub(crate) state: State,
    pub(crate) last: u64,
    /// Event ids and their sequences, so that a command that comes twice is recognised.
    pub(crate) recorded: HashMap<Uuid, u64>,
}

impl Folded {
    pub(crate) fn nothing(aggregate: &Aggregate) -> Folded {
        Folded { state: State::new(aggregate), last: 0, recorded: HashMap::new() }
    }
}

type Histories = LruCache<(TenantId, Aggregate), Folded>;

/// Whoever takes one has it alone: another who wants it meanwhile reads it from the beginning.
#[derive(Clone)]
pub(crate) struct Lately(Arc<Mutex<Histories>>);

impl Default for Lately {
    fn default() -> Lately {
        Lately(Arc::new(Mutex::new(LruCache::new(KEPT))))
    }
}

impl Lately {
    pub(crate) fn take(&self, tenant: &TenantId, aggregate: &Aggregate) -> Option<Folded> {
        self.histories(|kept| kept.pop(&(tenant.clone(), aggregate.clone())))
    }

    /// Of conversations nothing is kept: what people have said may be erased, here too.
    pub(crate) fn keep(&self, tenant: &TenantId, aggregate: &Aggregate, folded: Folded) {
        if matches!(aggregate, Aggregate::Chat(_)) || folded.recorded.len() > EVENTS_MOST {
            return;
        }
        self.histories(|kept| {
            let key = (tenant.clone(), aggregate.clone());
            if kept.peek(&key).is_none_or(|other| other.last < folded.last) {
                kept.put(key, folded);
            }
        });
    }

    /// Nothing that can panic is done in between.
    fn histories<T>(&self, with: impl FnOnce(&mut Histories) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
