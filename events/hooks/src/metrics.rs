//! What the role `hooks` shows of itself. A tenant's receivers are the tenant's: no name of theirs stands here.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use uuid::Uuid;

/// How one hook is.
#[derive(Clone, Copy, Default, PartialEq)]
pub(crate) struct Figures {
    pub(crate) waiting: usize,
    pub(crate) dead: usize,
    pub(crate) is_silent: bool,
    pub(crate) is_paused: bool,
}

#[derive(Clone, Default)]
pub struct HooksMetrics {
    pub(crate) taken: Counter,
    pub(crate) missed: Counter,
    pub(crate) given_up: Counter,
    pub(crate) stands_by: Gauge,
    hooks: Gauge,
    waiting: Gauge,
    dead: Gauge,
    silent: Gauge,
    paused: Gauge,
    each: Arc<Mutex<BTreeMap<Uuid, Figures>>>,
}

impl HooksMetrics {
    pub fn register(&self, registry: &mut Registry) {
        let own = self.clone();
        registry.register("hooks_taken", "Events that receivers of hooks have taken", own.taken);
        registry.register("hooks_missed", "Tries that receivers of hooks have not taken", own.missed);
        registry.register("hooks_given_up", "Events that were given up after a day of tries", own.given_up);
        registry.register("hooks_stands_by", "1 while another process tells hooks", own.stands_by);
        registry.register("hooks", "Hooks that this process tells", own.hooks);
        registry.register("hooks_waiting", "Events that wait for receivers", own.waiting);
        registry.register("hooks_dead", "Events that were given up and can be replayed", own.dead);
        registry.register("hooks_silent", "Hooks whose receiver takes nothing now", own.silent);
        registry.register("hooks_paused", "Hooks that are paused", own.paused);
    }

    pub(crate) fn report(&self, hook: Uuid, figures: Figures) {
        let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
        if each.insert(hook, figures) != Some(figures) {
            self.sum(&each);
        }
    }

    pub(crate) fn forget(&self, hook: Uuid) {
        let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
        each.remove(&hook);
        self.sum(&each);
    }

    fn sum(&self, each: &BTreeMap<Uuid, Figures>) {
        let count = |of: fn(&Figures) -> usize| {
            i64::try_from(each.values().map(of).sum::<usize>()).unwrap_or(i64::MAX)
        };
        self.hooks.set(count(|_| 1));
        self.waiting.set(count(|figures| figures.waiting));
        self.dead.set(count(|figures| figures.dead));
        self.silent.set(count(|figures| figures.is_silent.into()));
        self.paused.set(count(|figures| figures.is_paused.into()));
    }
}
