//! Pure: which attempts count as lost, given which leases are held and since when we could have known.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use trainyard_events::fleet::Lease;
use trainyard_events::{TenantId, limits};
use uuid::Uuid;

use crate::action::{Action, ask_job};
use crate::job::JobCommand;
use crate::world::{OpenJob, World};

/// Who holds what, as far as the bus lets us know.
#[derive(Debug)]
pub struct Leases {
    held: BTreeMap<Uuid, Lease>,
    /// Attempts without a lease, by job and token, since when.
    late: BTreeMap<(Uuid, u64), Instant>,
    /// After an outage, and at first, everyone has this long to come back.
    grace_until: Instant,
}

impl Leases {
    pub fn new(now: Instant) -> Self {
        Leases { held: BTreeMap::new(), late: BTreeMap::new(), grace_until: now + limits::LEASE }
    }

    /// The bus is gone, or all leases have just been told, at first or after an interruption: everyone has one lease
    /// to renew from here.
    pub fn forgive(&mut self, now: Instant) {
        self.late.clear();
        self.grace_until = now + limits::LEASE;
    }

    pub fn held(&mut self, job: Uuid, lease: Lease) {
        self.held.insert(job, lease);
    }

    /// Its lease ran out or was let go. An attempt that had held it is late by a whole lease already.
    pub fn ended(&mut self, job: Uuid, now: Instant) {
        if let Some(lease) = self.held.remove(&job) {
            let since = now.checked_sub(limits::LEASE).unwrap_or(now);
            self.late.insert((job, lease.token), since);
        }
    }

    /// The attempts to declare lost, of those that run: `(job, token)`.
    pub fn lost(&mut self, running: &BTreeMap<Uuid, u64>, now: Instant) -> BTreeSet<(Uuid, u64)> {
        self.late.retain(|(job, token), _| running.get(job) == Some(token));
        for (job, token) in running {
            if self.held.get(job).is_some_and(|lease| lease.token == *token) {
                self.late.remove(&(*job, *token));
            } else {
                self.late.entry((*job, *token)).or_insert(now);
            }
        }
        if now < self.grace_until {
            return BTreeSet::new();
        }
        let expired = |since: &Instant| now.duration_since(*since) >= limits::LEASE;
        self.late.iter().filter(|(_, since)| expired(since)).map(|(attempt, _)| *attempt).collect()
    }

    /// When `lost` should be asked again at the latest.
    pub fn check_again(&self) -> Duration {
        limits::LEASE / 20
    }
}

/// The losses that the world calls for now.
pub fn losses(world: &World, leases: &mut Leases, now: Instant) -> Vec<Action> {
    let running: BTreeMap<Uuid, u64> =
        running(world).filter_map(|((_, id), open)| Some((*id, open.job.token?))).collect();
    let lost = leases.lost(&running, now);
    self::running(world)
        .filter_map(|((tenant, id), open)| {
            let token = open.job.token.filter(|token| lost.contains(&(*id, *token)))?;
            Some(ask_job("lose-attempt", tenant, *id, open, JobCommand::LoseAttempt { token }))
        })
        .collect()
}

fn running(world: &World) -> impl Iterator<Item = (&(TenantId, Uuid), &OpenJob)> {
    world.agenda().running.iter().filter_map(|key| Some((key, world.jobs.get(key)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOB: Uuid = Uuid::from_u128(7);

    fn lease(token: u64) -> Lease {
        Lease { tenant: "acme".parse().unwrap(), worker: "w".into(), token }
    }

    /// Leases that have been known for long, and now.
    fn settled() -> (Leases, Instant) {
        let begin = Instant::now();
        let mut leases = Leases::new(begin);
        leases.forgive(begin);
        (leases, begin + limits::LEASE * 3)
    }

    fn running(token: u64) -> BTreeMap<Uuid, u64> {
        [(JOB, token)].into()
    }

    #[test]
    fn a_lease_that_runs_out_is_a_lost_attempt_at_once() {
        let (mut leases, now) = settled();
        leases.held(JOB, lease(3));
        assert!(leases.lost(&running(3), now).is_empty());
        leases.ended(JOB, now);
        assert_eq!(leases.lost(&running(3), now), [(JOB, 3)].into());
    }

    #[test]
    fn an_attempt_that_has_just_started_has_a_lease_to_get_one() {
        let (mut leases, now) = settled();
        assert!(leases.lost(&running(3), now).is_empty());
        let almost = now + limits::LEASE - Duration::from_millis(1);
        assert!(leases.lost(&running(3), almost).is_empty());
        assert_eq!(leases.lost(&running(3), now + limits::LEASE), [(JOB, 3)].into());
    }

    #[test]
    fn a_late_attempt_that_comes_back_is_forgiven() {
        let (mut leases, now) = settled();
        assert!(leases.lost(&running(3), now).is_empty());
        leases.held(JOB, lease(3));
        assert!(leases.lost(&running(3), now + limits::LEASE * 2).is_empty());
    }

    #[test]
    fn after_an_outage_everyone_has_one_whole_lease() {
        let (mut leases, now) = settled();
        leases.held(JOB, lease(3));
        leases.forgive(now);
        leases.ended(JOB, now);
        assert!(leases.lost(&running(3), now + limits::LEASE / 2).is_empty());
        assert_eq!(leases.lost(&running(3), now + limits::LEASE), [(JOB, 3)].into());
    }

    #[test]
    fn an_attempt_stays_late_when_the_lease_of_an_older_one_ends() {
        let (mut leases, now) = settled();
        leases.held(JOB, lease(3));
        assert!(leases.lost(&running(9), now).is_empty());
        leases.ended(JOB, now + limits::LEASE / 2);
        assert!(leases.lost(&running(9), now + limits::LEASE / 2).is_empty());
        assert_eq!(leases.lost(&running(9), now + limits::LEASE), [(JOB, 9)].into());
    }

    #[test]
    fn the_lease_of_an_older_attempt_holds_nothing_for_the_next() {
        let (mut leases, now) = settled();
        leases.held(JOB, lease(3));
        assert!(leases.lost(&running(9), now).is_empty());
        assert_eq!(leases.lost(&running(9), now + limits::LEASE), [(JOB, 9)].into());
    }
}
