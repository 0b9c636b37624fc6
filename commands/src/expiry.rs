//! Pure: which attempts count as lost, given which leases are held and since when we could have known.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use trainyard_events::fleet::Lease;
use trainyard_events::limits;
use uuid::Uuid;

/// Who holds what, as far as the bus lets us know.
#[derive(Debug)]
pub(crate) struct Leases {
    held: BTreeMap<Uuid, Lease>,
    /// Attempts without a lease, by job: the token and since when.
    late: BTreeMap<Uuid, (u64, Instant)>,
    /// After an outage, and at first, everyone has this long to come back.
    grace_until: Instant,
}

impl Leases {
    pub(crate) fn new(now: Instant) -> Self {
        Leases { held: BTreeMap::new(), late: BTreeMap::new(), grace_until: now + limits::LEASE }
    }

    /// The bus is or was gone: what we know of leases is old.
    pub(crate) fn interrupted(&mut self, now: Instant) {
        self.held.clear();
        self.late.clear();
        self.grace_until = now + limits::LEASE;
    }

    /// All leases have been told, at first or after an interruption: everyone has one lease to renew from here.
    pub(crate) fn known(&mut self, now: Instant) {
        self.late.clear();
        self.grace_until = now + limits::LEASE;
    }

    pub(crate) fn held(&mut self, job: Uuid, lease: Lease) {
        self.held.insert(job, lease);
    }

    /// Its lease ran out or was let go. An attempt that had held it is late by a whole lease already.
    pub(crate) fn ended(&mut self, job: Uuid, now: Instant) {
        if let Some(lease) = self.held.remove(&job) {
            let since = now.checked_sub(limits::LEASE).unwrap_or(now);
            self.late.insert(job, (lease.token, since));
        }
    }

    /// The attempts to declare lost, of those that run: `(job, token)`.
    pub(crate) fn lost(&mut self, running: &BTreeMap<Uuid, u64>, now: Instant) -> BTreeSet<(Uuid, u64)> {
        self.late.retain(|job, (token, _)| running.get(job) == Some(token));
        for (job, token) in running {
            if self.held.get(job).is_some_and(|lease| lease.token == *token) {
                self.late.remove(job);
            } else {
                self.late.entry(*job).or_insert((*token, now));
            }
        }
        if now < self.grace_until {
            return BTreeSet::new();
        }
        let expired = |since: &Instant| now.duration_since(*since) >= limits::LEASE;
        self.late
            .iter()
            .filter(|(_, (_, since))| expired(since))
            .map(|(job, (token, _))| (*job, *token))
            .collect()
    }

    /// When `lost` should be asked again at the latest.
    pub(crate) fn check_again(&self) -> Duration {
        limits::LEASE / 20
    }
}
