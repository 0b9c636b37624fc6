//! Pure: from what waits, who works and what time it is, what to dispatch now, each with its reason.
//!
//! No more goes onto the work queue than there are free slots, so that who comes next is decided as late as can be. Whose
//! turn it is follows from one time: when the job was asked for, plus a handicap for its class and one for what its
//! tenant runs already. Handicaps have an upper bound, [`HANDICAP_MAX`]: nothing that was asked for later than that
//! after a job goes before it, however busy the fleet is.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use time::OffsetDateTime;
use trainyard_events::TenantId;
use trainyard_events::config::{Device, Priority};
use trainyard_events::fleet::{InstalledRunner, Pool, WorkerRecord};
use trainyard_events::reason::{Reason, Wait};
use uuid::Uuid;

use crate::action::{Action, ask_job};
use crate::budget;
use crate::dataset::Standing;
use crate::deadlines::Deadlines;
use crate::job::{Job, JobCommand, Status};
use crate::slots;
use crate::tenant::Tenant;
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
    /// Who has to train it, where that is not our own trainer.
    pub runner: Option<String>,
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
    /// Of those, slots of workers that have a runner.
    pub able: BTreeMap<(Pool, String), usize>,
}

impl Queue {
    /// The jobs to dispatch now, in order. They leave the queue.
    pub fn choose(&mut self) -> Vec<Waiting> {
        let mut chosen = Vec::new();
        // In a line nobody overtakes: whoever is next is the first of a line. The first stands at the end.
        let mut lines: BTreeMap<_, Vec<Waiting>> = BTreeMap::new();
        self.waiting.sort_by_key(|waiting| Reverse((waiting.since, waiting.requested)));
        for waiting in self.waiting.drain(..) {
            let line = (waiting.tenant.clone(), waiting.class, waiting.pool, waiting.runner.clone());
            lines.entry(line).or_default().push(waiting);
        }
        while let Some(line) = self.first(lines.values_mut()) {
            let Some(next) = line.pop() else { break };
            *self.running.entry(next.tenant.clone()).or_default() += 1;
            self.take_room(next.pool, next.runner.as_deref());
            chosen.push(next);
        }
        self.waiting = lines.into_values().flatten().collect();
        chosen
    }

    /// The line whose first is next.
    fn first<'l>(&self, lines: impl Iterator<Item = &'l mut Vec<Waiting>>) -> Option<&'l mut Vec<Waiting>> {
        if self.is_full() {
            return None;
        }
        let may = |waiting: &Waiting| {
            self.has_room(waiting.pool, waiting.runner.as_deref())
                && self.quota.get(&waiting.tenant).is_none_or(|most| self.runs(&waiting.tenant) < *most)
        };
        let turns = lines.filter_map(|line| {
            let first = line.last().filter(|first| may(first))?;
            Some(((self.turn(first), first.requested), line))
        });
        turns.min_by_key(|(turn, _)| *turn).map(|(_, line)| line)
    }

    fn is_full(&self) -> bool {
        self.room.values().all(|room| *room == 0)
    }

    fn has_room(&self, pool: Pool, runner: Option<&str>) -> bool {
        let able = |runner: &str| self.able.get(&(pool, runner.to_owned())).is_some_and(|room| *room > 0);
        self.room.get(&pool).is_some_and(|room| *room > 0) && runner.is_none_or(able)
    }

    fn take_room(&mut self, pool: Pool, runner: Option<&str>) {
        let able = runner.and_then(|runner| self.able.get_mut(&(pool, runner.to_owned())));
        for room in able.into_iter().chain(self.room.get_mut(&pool)) {
            *room = room.saturating_sub(1);
        }
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

/// What gets jobs onto the work queue now. A job waits while its dataset is being looked at, after attempts that got it
/// no further, while its tenant's quota or budget is used up, while its pool has no worker, and while others come first. One of a
/// tenant with a quota reserves a slot first, and is dispatched once that stands in the log.
pub fn due(world: &World, fleet: &[WorkerRecord], deadlines: &Deadlines, now: Instant) -> Vec<Action> {
    let mut queue = queue(world, fleet);
    let mut actions = Vec::new();
    if queue.is_full() {
        return actions;
    }
    let broke = budget::spent_up(world);
    // Where jobs that may run anywhere go, by what they need.
    let mut anywhere = BTreeMap::new();
    for (key, open) in ready(world).filter(|(key, open)| deadlines.has_paused(key, &open.job, now)) {
        let (tenant, id) = key;
        if broke.contains(tenant) {
            continue;
        }
        let quota = world.tenants.get(tenant);
        let device = device(open);
        let at_best = match device {
            Device::Auto => {
                *anywhere.entry(runner(open)).or_insert_with(|| self::pool(device, runner(open), fleet))
            }
            Device::Cpu | Device::Gpu => self::pool(device, runner(open), fleet),
        };
        let pool = affordable(at_best, device, quota);
        if world.holds_slot(tenant, *id, &open.job) {
            if queue.has_room(pool, runner(open)) {
                queue.take_room(pool, runner(open));
                actions.push(ask_job("dispatch", tenant, *id, open, dispatch(open, fleet, quota)));
            }
        } else if quota.is_none_or(|quota| quota.has_gpu_hours(pool)) {
            queue.waiting.push(Waiting {
                tenant: tenant.clone(),
                job: *id,
                class: class(open),
                pool,
                runner: runner(open).map(str::to_owned),
                requested: open.requested,
                since: open.since,
            });
        }
    }
    actions.extend(queue.choose().into_iter().filter_map(|next| {
        let open = world.jobs.get(&(next.tenant.clone(), next.job))?;
        let quota = world.tenants.get(&next.tenant);
        Some(match quota.filter(|quota| quota.is_limited()) {
            Some(_) => slots::reserve(&next.tenant, next.job, open, next.pool),
            None => ask_job("dispatch", &next.tenant, next.job, open, dispatch(open, fleet, quota)),
        })
    }));
    actions
}

/// How many jobs wait for room, by class.
pub fn waiting(world: &World) -> BTreeMap<Priority, usize> {
    let mut waiting = BTreeMap::new();
    for class in world.agenda().ready.values() {
        *waiting.entry(*class).or_default() += 1;
    }
    waiting
}

/// The jobs that wait for nothing but room.
fn ready(world: &World) -> impl Iterator<Item = (&(TenantId, Uuid), &OpenJob)> {
    world.agenda().ready.keys().filter_map(|key| Some((key, world.jobs.get(key)?)))
}

/// Whether a job waits for nothing but room. One that has to give back a slot first does not.
pub(crate) fn is_ready(world: &World, key: &(TenantId, Uuid), open: &OpenJob) -> bool {
    open.job.status == Status::Requested
        && may_run(world, &key.0, open)
        && !world.idle_slots.contains_key(key)
}

/// Nobody waits in it yet. A pool without workers has no room.
fn queue(world: &World, fleet: &[WorkerRecord]) -> Queue {
    let mut queue = Queue { running: slots::held(world), quota: slots::quotas(world), ..Queue::default() };
    for pool in [Pool::Cpu, Pool::Gpu] {
        queue.room.insert(pool, workers(fleet, pool, None).map(|worker| worker.slots as usize).sum());
        for worker in workers(fleet, pool, None) {
            for InstalledRunner { runner, .. } in &worker.runners {
                *queue.able.entry((pool, runner.clone())).or_default() += worker.slots as usize;
            }
        }
    }
    let here: Fleet = fleet.iter().map(|worker| (worker.worker.as_str(), worker)).collect();
    for key in &world.agenda().running {
        let Some(open) = world.jobs.get(key) else { continue };
        if !world.holds_slot(&key.0, key.1, &open.job) {
            *queue.running.entry(key.0.clone()).or_default() += 1;
        }
        if let Some(pool) = place(open, &here) {
            queue.take_room(pool, None);
            takes_from_able(&mut queue, pool, open, &here);
        }
    }
    queue
}

/// Workers by their names.
type Fleet<'f> = HashMap<&'f str, &'f WorkerRecord>;

/// A job takes a slot of every runner that its worker has; until somebody has it, of the one that it needs.
fn takes_from_able(queue: &mut Queue, pool: Pool, open: &OpenJob, here: &Fleet<'_>) {
    let worker = open.job.worker.as_deref().and_then(|name| here.get(name));
    let runners: Vec<&str> = match worker {
        Some(worker) => worker.runners.iter().map(|installed| installed.runner.as_str()).collect(),
        None => runner(open).into_iter().collect(),
    };
    for runner in runners {
        queue.able.entry((pool, runner.to_owned())).and_modify(|room| *room = room.saturating_sub(1));
    }
}

/// Whether no worker takes any work.
pub(crate) fn nobody_works(fleet: &[WorkerRecord]) -> bool {
    fleet.iter().all(|worker| worker.draining)
}

/// Workers of the pool that take work and have what it needs.
pub(crate) fn workers<'a>(
    fleet: &'a [WorkerRecord],
    pool: Pool,
    runner: Option<&'a str>,
) -> impl Iterator<Item = &'a WorkerRecord> {
    fleet.iter().filter(move |worker| worker.pool == pool && !worker.draining && worker.has(runner))
}

/// The pool in which a job takes up room: not when its worker leaves or has gone, and its slots with it.
fn place(open: &OpenJob, here: &Fleet<'_>) -> Option<Pool> {
    let pool = open.pool?;
    let runs_here = |name: &str| here.get(name).is_some_and(|worker| worker.pool == pool && !worker.draining);
    open.job.worker.as_deref().is_none_or(runs_here).then_some(pool)
}

pub(crate) fn runner(open: &OpenJob) -> Option<&str> {
    open.job.config.as_ref()?.runner.as_deref()
}

pub(crate) fn class(open: &OpenJob) -> Priority {
    open.job.config.as_ref().map_or(Priority::Normal, |config| config.priority)
}

fn may_run(world: &World, tenant: &TenantId, open: &OpenJob) -> bool {
    world.standing(tenant, &open.job) == Standing::Ready
        && !open.job.cancel_requested
        && open.job.final_failure().is_none()
}

/// Where a job that asks for `device`, and needs a runner or our own trainer, would go now.
pub fn pool(device: Device, runner: Option<&str>, fleet: &[WorkerRecord]) -> Pool {
    match device {
        Device::Cpu => Pool::Cpu,
        Device::Gpu => Pool::Gpu,
        Device::Auto if workers(fleet, Pool::Gpu, runner).next().is_some() => Pool::Gpu,
        Device::Auto => Pool::Cpu,
    }
}

/// Whether `me`, who lost the job last or works on the machine of who did, should leave it to another that is free.
pub fn leaves_to_another(job: &Job, me: &WorkerRecord, fleet: &[WorkerRecord]) -> bool {
    let Some(avoided) = &job.setbacks.avoid else { return false };
    let machine = fleet.iter().find(|worker| worker.worker == *avoided).map(|worker| &worker.host);
    let avoids = |worker: &WorkerRecord| worker.worker == *avoided || Some(&worker.host) == machine;
    let is_free = |worker: &WorkerRecord| worker.jobs.len() < worker.slots as usize;
    avoids(me)
        && workers(fleet, me.pool, job.config.as_ref().and_then(|config| config.runner.as_deref()))
            .any(|other| !avoids(other) && is_free(other))
}

fn dispatch(open: &OpenJob, fleet: &[WorkerRecord], quota: Option<&Tenant>) -> JobCommand {
    let (pool, mut because) = choose_pool(open, fleet, quota);
    because.push(Wait::OfPriority { class: class(open) });
    if open.job.attempts > 0 {
        because.push(Wait::NextAttempt { attempt: open.job.attempts + 1 });
    }
    let price = quota.and_then(|tenant| tenant.prices.get(&pool)).cloned();
    JobCommand::Dispatch {
        pool,
        class: class(open),
        because: reasons(because),
        since: open.job.since(),
        price,
    }
}

/// The same job on the same queue at the same price, once more: nobody has taken it.
pub(crate) fn offer_again(open: &OpenJob, pool: Pool) -> JobCommand {
    let because = reasons(vec![Wait::OfferedAgain { pool }, Wait::OfPriority { class: class(open) }]);
    let price = open.spending.price.clone();
    JobCommand::Dispatch { pool, class: class(open), because, since: open.job.since(), price }
}

/// It waits for its turn again: nobody is in its pool any more, or it has kept a slot of the quota and had no use of it.
pub(crate) fn withdraw(open: &OpenJob, fleet: &[WorkerRecord]) -> JobCommand {
    let (pool, why) = choose_pool(open, fleet, None);
    let because = match (open.pool, workers(fleet, pool, runner(open)).next()) {
        (_, None) => why,
        (Some(pool), Some(_)) => vec![Wait::PoolGone { pool }],
        (None, Some(_)) => vec![Wait::SlotGivenBack],
    };
    JobCommand::Withdraw { pool, class: class(open), because: reasons(because), since: open.job.since() }
}

fn reasons(because: Vec<Wait>) -> Vec<Reason> {
    because.into_iter().map(Reason::Wait).collect()
}

fn device(open: &OpenJob) -> Device {
    open.job.config.as_ref().map_or(Device::Auto, |config| config.device)
}

/// Without GPU hours a job that may run anywhere goes elsewhere.
fn affordable(pool: Pool, device: Device, quota: Option<&Tenant>) -> Pool {
    match pool {
        Pool::Gpu if device == Device::Auto && quota.is_some_and(|quota| !quota.has_gpu_hours(Pool::Gpu)) => {
            Pool::Cpu
        }
        pool => pool,
    }
}

fn choose_pool(open: &OpenJob, fleet: &[WorkerRecord], quota: Option<&Tenant>) -> (Pool, Vec<Wait>) {
    let device = device(open);
    let pool = affordable(pool(device, runner(open), fleet), device, quota);
    let count = workers(fleet, pool, runner(open)).count() as u32;
    let mut because = vec![match device {
        Device::Auto => Wait::PoolChosen { pool, workers: count },
        Device::Cpu | Device::Gpu => Wait::PoolAsAsked { pool, workers: count },
    }];
    match runner(open) {
        Some(runner) if count == 0 => {
            because.push(Wait::NoWorkerHasRunner { pool, runner: runner.to_owned() });
        }
        None if count == 0 => because.push(Wait::NoWorkerInPool { pool }),
        _ => {}
    }
    (pool, because)
}
