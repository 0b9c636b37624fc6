//! What each open job calls for, whether it could run, and whether it runs: looked at anew only where the world has changed.

use std::collections::{BTreeMap, BTreeSet};

use trainyard_events::TenantId;
use trainyard_events::config::Priority;
use uuid::Uuid;

use crate::action::Action;
use crate::job::Status;
use crate::world::World;
use crate::{policy, schedule, slots};

type Key = (TenantId, Uuid);

/// Depends on the world and on no clock, so that what was found of a job holds until something that it depends on changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Agenda {
    /// Of the jobs that call for something.
    pub(crate) calls: BTreeMap<Key, Vec<Action>>,
    /// The jobs that wait for nothing but room, and their class.
    pub(crate) ready: BTreeMap<Key, Priority>,
    /// The jobs that run or are on the work queue.
    pub(crate) running: BTreeSet<Key>,
}

impl Agenda {
    /// Of everything that is open.
    pub(crate) fn of(world: &World) -> Agenda {
        let mut agenda = Agenda::default();
        world.jobs.keys().for_each(|key| agenda.look(world, key));
        agenda
    }

    /// Looks at one job anew.
    pub(crate) fn look(&mut self, world: &World, key: &Key) {
        self.calls.remove(key);
        self.ready.remove(key);
        self.running.remove(key);
        let Some(open) = world.jobs.get(key) else { return };
        let uncounted = slots::uncounted(world, key, open);
        let calls: Vec<Action> = uncounted.into_iter().chain(policy::for_job(world, key, open)).collect();
        if !calls.is_empty() {
            self.calls.insert(key.clone(), calls);
        }
        if schedule::is_ready(world, key, open) {
            self.ready.insert(key.clone(), schedule::class(open));
        }
        if let Status::Queued | Status::Starting | Status::Training = open.job.status {
            self.running.insert(key.clone());
        }
    }
}
