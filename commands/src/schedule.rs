//! Pure: from what waits, who works and what time it is, what to dispatch now, each with its reason.
//!
//! No more goes onto the work queue than there are free slots, so that who comes next is decided as late as can be. Whose
//! turn it is follows from one time: when the job was asked for, plus a handicap for its class and one for what its
//! tenant runs already. Handicaps have an upper bound, [`HANDICAP_MAX`]: nothing that was asked for later than that
//! after a job goes before it, however busy the fleet is.

use std::collections::BTreeMap;
use std::time::Duration;

use time::OffsetDateTime;
use trainyard_events::TenantId;
use trainyard_events::config::{Device, Priority};
use trainyard_events::fleet::{Pool, WorkerRecord};
use uuid::Uuid;

use crate::dataset::Verdict;
use crate::job::{JobCommand, Status};
use crate::policy::{Action, ask_job};
use crate::world::{OpenJob, World};

/// The longest that a job can be held back for the sake of one asked for later.
pub const HANDICAP_MAX: Duration = Duration::from_secs(2 * 30 * 60 + 60 * 60);
/// For each class below the highest.
const CLASS_HANDICAP: Duration = Duration::from_secs(30 * 60);
/// For each job that the tenant runs already, and for all of them together at most.
const SHARE_HANDICAP: Duration = Duration::from_secs(60);
const SHARE_HANDICAP_MAX: Duration = Duration::from_secs(60 * 60);

/// A job that could run now if there were room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub tenant: TenantId,
    pub job: Uuid,
    pub class: Priority,
    pub pool: Pool,
    /// Sequence of the request, which decides between equals, and its time, which decides the rest.
    pub requested: u64,
    pub since: OffsetDateTime,
}

/// Everything that decides who comes next.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    pub waiting: Vec<Waiting>,
    /// Jobs of each tenant that run or are on the work queue.
    pub running: BTreeMap<TenantId, u32>,
    /// Jobs of a tenant that may run at once, where that is limited.
    pub quota: BTreeMap<TenantId, u32>,
    /// Free slots of each pool.
    pub room: BTreeMap<Pool, usize>,
}

impl Queue {
    /// The jobs to dispatch now, in order. They leave the queue.
    pub fn choose(&mut self) -> Vec<Waiting> {
        let mut chosen = Vec::new();
        while let Some(index) = self.first() {
            let next = self.waiting.swap_remove(index);
            *self.running.entry(next.tenant.clone()).or_default() += 1;
            self.room.entry(next.pool).and_modify(|room| *room -= 1);
            chosen.push(next);
        }
        chosen
    }

    fn first(&self) -> Option<usize> {
        if self.room.values().all(|room| *room == 0) {
            return None;
        }
        let may = |waiting: &Waiting| {
            self.room.get(&waiting.pool).is_some_and(|room| *room > 0)
                && self.quota.get(&waiting.tenant).is_none_or(|most| self.runs(&waiting.tenant) < *most)
        };
        let candidates = self.waiting.iter().enumerate().filter(|(_, waiting)| may(waiting));
        candidates.min_by_key(|(_, waiting)| (self.turn(waiting), waiting.requested)).map(|(index, _)| index)
    }

    fn runs(&self, tenant: &TenantId) -> u32 {
        self.running.get(tenant).copied().unwrap_or(0)
    }

    /// The earlier, the sooner.
    fn turn(&self, waiting: &Waiting) -> OffsetDateTime {
        let classes_above = match waiting.class {
            Priority::High => 0,
            Priority::Normal => 1,
            Priority::Low => 2,
        };
        let share = SHARE_HANDICAP.saturating_mul(self.runs(&waiting.tenant)).min(SHARE_HANDICAP_MAX);
        waiting.since + CLASS_HANDICAP * classes_above + share
    }
}

/// The jobs that may go onto the work queue now. A job waits while its dataset is being looked at, while its tenant's
/// quota of concurrent jobs is used up, and while others come first.
pub fn due(world: &World, fleet: &[WorkerRecord]) -> Vec<Action> {
    let mut queue = queue(world, fleet);
    let actions = queue.choose().into_iter().filter_map(|next| {
        let open = world.jobs.get(&(next.tenant.clone(), next.job))?;
        let mut reason = format!("{}; {} priority", choose_pool(open, fleet).1, next.class);
        if open.job.attempts > 0 {
            reason += &format!("; attempt {}", open.job.attempts + 1);
        }
        let command = JobCommand::Dispatch { pool: next.pool, class: next.class, reason };
        Some(ask_job("dispatch", &next.tenant, next.job, open, command))
    });
    actions.collect()
}

/// How many jobs wait for room, by class.
pub fn waiting(world: &World, fleet: &[WorkerRecord]) -> BTreeMap<Priority, usize> {
    let mut waiting = BTreeMap::new();
    for next in queue(world, fleet).waiting {
        *waiting.entry(next.class).or_default() += 1;
    }
    waiting
}

fn queue(world: &World, fleet: &[WorkerRecord]) -> Queue {
    let mut queue = Queue { quota: world.job_quota.clone(), ..Queue::default() };
    for pool in [Pool::Cpu, Pool::Gpu] {
        // A pool without workers has room for one: its reason says that nobody is there.
        let slots = workers(fleet, pool).map(|worker| worker.slots as usize).sum::<usize>().max(1);
        queue.room.insert(pool, slots);
    }
    for ((tenant, id), open) in &world.jobs {
        match open.job.status {
            Status::Queued | Status::Starting | Status::Training => {
                *queue.running.entry(tenant.clone()).or_default() += 1;
                if let Some(room) = place(open, fleet).and_then(|pool| queue.room.get_mut(&pool)) {
                    *room = room.saturating_sub(1);
                }
            }
            Status::Requested if may_run(world, tenant, open) => queue.waiting.push(Waiting {
                tenant: tenant.clone(),
                job: *id,
                class: class(open),
                pool: choose_pool(open, fleet).0,
                requested: open.requested,
                since: open.since,
            }),
            _ => {}
        }
    }
    queue
}

/// Workers of the pool that take work.
fn workers(fleet: &[WorkerRecord], pool: Pool) -> impl Iterator<Item = &WorkerRecord> {
    fleet.iter().filter(move |worker| worker.pool == pool && !worker.draining)
}

/// The pool in which a job takes up room: not when its worker leaves or has gone, and its slots with it.
fn place(open: &OpenJob, fleet: &[WorkerRecord]) -> Option<Pool> {
    let pool = open.pool?;
    let runs_here = |name: &String| workers(fleet, pool).any(|worker| worker.worker == *name);
    open.job.worker.as_ref().is_none_or(runs_here).then_some(pool)
}

fn class(open: &OpenJob) -> Priority {
    open.job.config.as_ref().map_or(Priority::Normal, |config| config.priority)
}

fn may_run(world: &World, tenant: &TenantId, open: &OpenJob) -> bool {
    let good =
        open.job.dataset.is_some_and(|dataset| matches!(world.verdict(tenant, dataset), Verdict::Good(_)));
    good && !open.job.cancel_requested && open.job.final_failure().is_none()
}

/// Where a job that asks for `device` would go now.
pub fn pool(device: Device, fleet: &[WorkerRecord]) -> Pool {
    match device {
        Device::Cpu => Pool::Cpu,
        Device::Gpu => Pool::Gpu,
        Device::Auto if workers(fleet, Pool::Gpu).next().is_some() => Pool::Gpu,
        Device::Auto => Pool::Cpu,
    }
}

fn choose_pool(open: &OpenJob, fleet: &[WorkerRecord]) -> (Pool, String) {
    let workers = |pool| workers(fleet, pool).count();
    let device = open.job.config.as_ref().map_or(Device::Auto, |config| config.device);
    let pool = pool(device, fleet);
    let why = match device {
        Device::Auto => format!("no device was asked for, so the {pool} pool"),
        Device::Cpu | Device::Gpu => format!("the {pool} pool, as asked"),
    };
    match workers(pool) {
        0 => (pool, format!("{why}; no {pool} worker is up, it starts when one joins")),
        1 => (pool, format!("{why} with 1 worker")),
        many => (pool, format!("{why} with {many} workers")),
    }
}

#[cfg(test)]
mod tests;
