//! Who may count as lost by the leases that a dispatcher has heard of, and who must: told once more, beside the core's own account.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use trainyard_bus::LeaseChange;
use trainyard_commands::action::Action;
use trainyard_commands::job::JobCommand;
use trainyard_commands::world::World;
use trainyard_commands::{Command, Request};
use trainyard_events::{Aggregate, limits};
use uuid::Uuid;

type Attempt = (Uuid, u64);

pub(super) struct Heard {
    seed: u64,
    /// The token of the lease that each job has.
    held: BTreeMap<Uuid, u64>,
    /// Attempts that run and have no lease of their own, and since when that is seen.
    bare: BTreeMap<Attempt, Instant>,
    /// When it began, or the bus was last away.
    forgiven: Instant,
}

impl Heard {
    pub(super) fn new(seed: u64, now: Instant) -> Heard {
        Heard { seed, held: BTreeMap::new(), bare: BTreeMap::new(), forgiven: now }
    }

    pub(super) fn hear(&mut self, change: &LeaseChange, now: Instant) {
        match change {
            LeaseChange::Held { job, lease } => drop(self.held.insert(*job, lease.token)),
            LeaseChange::Ended { job } => drop(self.held.remove(job)),
            LeaseChange::Current => self.forgive(now),
        }
    }

    /// Whoever was without a lease may have been so for want of the bus.
    pub(super) fn forgive(&mut self, now: Instant) {
        self.bare.clear();
        self.forgiven = now;
    }

    /// Nobody is lost before everybody could come back, and nobody stays who has had no lease of its own for as long.
    pub(super) fn check(&mut self, world: &World, losses: &[Action], now: Instant) {
        let running = world.jobs.iter().filter_map(|((_, job), open)| Some((*job, open.job.token?)));
        let bare: BTreeSet<Attempt> =
            running.filter(|(job, token)| self.held.get(job) != Some(token)).collect();
        self.bare.retain(|attempt, _| bare.contains(attempt));
        for attempt in bare {
            self.bare.entry(attempt).or_insert(now);
        }
        let (seed, lost) = (self.seed, losses.iter().filter_map(lost).collect::<BTreeSet<Attempt>>());
        let early = now.duration_since(self.forgiven) < limits::LEASE;
        assert!(lost.is_empty() || !early, "seed {seed}: {lost:?} could not come back yet");
        let wrong = lost.iter().find(|attempt| !self.bare.contains_key(attempt));
        assert_eq!(wrong, None, "seed {seed}: it has a lease of its own, and counts as lost");
        let overdue = |since: &Instant| now.duration_since(*since) >= limits::LEASE;
        let kept = self.bare.iter().find(|(attempt, since)| overdue(since) && !lost.contains(attempt));
        assert_eq!(kept, None, "seed {seed}: it has had no lease of its own, and does not count as lost");
    }
}

fn lost(action: &Action) -> Option<Attempt> {
    let Action::Ask(request) = action else { return None };
    match &**request {
        Request {
            aggregate: Aggregate::Job(job),
            command: Command::Job(JobCommand::LoseAttempt { token }),
            ..
        } => Some((*job, *token)),
        _ => None,
    }
}
