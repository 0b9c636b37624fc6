//! Pure: from what waits, who works and what time it is, what to dispatch now, each with its reason.
//!
//! No more goes onto the work queue than there are free slots, so that who comes next ([`crate::queue`]) is decided as late as
//! can be.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use trainyard_events::config::{Device, Priority, TrainingConfig};
use trainyard_events::fleet::{InstalledRunner, Pool, WorkerRecord};
use trainyard_events::reason::{Reason, Wait};
use trainyard_events::{Resources, TenantId};
use uuid::Uuid;

use crate::action::{Action, ask_job};
use crate::berth::Berth;
use crate::budget;
use crate::dataset::Standing;
use crate::deadlines::Deadlines;
use crate::job::{Job, JobCommand, Status};
use crate::lack::lack;
pub use crate::queue::{HANDICAP_MAX, Queue, Rules, Waiting};
use crate::tenant::Tenant;
use crate::world::{OpenJob, World};
use crate::{preemption, slots};

/// What gets jobs onto the work queue now. A job waits while its dataset is being looked at, after attempts that got it
/// no further, while its tenant's quota or budget is used up, while its pool has no worker, and while others come first. One of a
/// tenant with a quota reserves a slot first, and is dispatched once that stands in the log. Nothing is while the queue is paused.
pub fn due(
    world: &World,
    fleet: &[WorkerRecord],
    deadlines: &Deadlines,
    now: Instant,
    rules: Rules,
) -> Vec<Action> {
    let mut queue = queue(world, fleet, rules, Stopping::Stays);
    if world.maintenance.paused.is_some() || queue.is_full() && !rules.preempts {
        return Vec::new();
    }
    let waiting = could_run(world, fleet, deadlines, now);
    waiting.iter().cloned().for_each(|waiting| queue.push(waiting));
    let actions = queue.choose().into_iter().filter_map(|next| {
        let open = world.jobs.get(&(next.tenant.clone(), next.job))?;
        let quota = world.tenants.get(&next.tenant);
        Some(match quota.filter(|quota| quota.is_limited() && !next.holds_slot) {
            Some(_) => slots::reserve(&next.tenant, next.job, open, next.pool),
            None => {
                let command = dispatch(open, next.worker, fleet, quota);
                ask_job("dispatch", &next.tenant, next.job, open, command)
            }
        })
    });
    let mut actions: Vec<Action> = actions.collect();
    if rules.preempts && !waiting.is_empty() {
        let mut later = self::queue(world, fleet, rules, Stopping::HasLeft);
        waiting.into_iter().for_each(|waiting| later.push(waiting));
        later.choose();
        actions.extend(preemption::due(world, later, deadlines, now));
    }
    actions
}

/// The jobs that wait for nothing but room and their turn.
fn could_run(world: &World, fleet: &[WorkerRecord], deadlines: &Deadlines, now: Instant) -> Vec<Waiting> {
    let mut waiting = Vec::new();
    let broke = budget::spent_up(world);
    // Where jobs that may run anywhere go, by the runner that they need.
    let mut anywhere = BTreeMap::new();
    for (key, open) in ready(world).filter(|(key, open)| deadlines.has_paused(key, &open.job, now)) {
        let (tenant, id) = key;
        if broke.contains(tenant) {
            continue;
        }
        let quota = world.tenants.get(tenant);
        let needs = needs(open);
        let at_best = match (needs.device, needs.asked) {
            (Device::Auto, None) => *anywhere.entry(needs.runner).or_insert_with(|| self::pool(needs, fleet)),
            _ => self::pool(needs, fleet),
        };
        let pool = affordable(at_best, needs, quota);
        let holds_slot = world.holds_slot(tenant, *id, &open.job);
        if holds_slot || quota.is_none_or(|quota| quota.has_gpu_hours(pool)) {
            waiting.push(Waiting {
                tenant: tenant.clone(),
                job: *id,
                class: class(open),
                pool,
                runner: needs.runner.map(str::to_owned),
                asked: needs.asked.cloned(),
                avoid: open.job.setbacks.avoid.clone(),
                requested: open.requested,
                since: open.since,
                holds_slot,
                worker: None,
            });
        }
    }
    waiting
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

/// What a job that is told to stop still takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stopping {
    /// Its room, and nobody gets any of its worker's until it has left: that is for whom it was made, all at once.
    Stays,
    HasLeft,
}

/// Nobody waits in it yet. A pool without workers has no room.
fn queue(world: &World, fleet: &[WorkerRecord], rules: Rules, stopping: Stopping) -> Queue {
    let mut queue = Queue::default();
    (queue.rules, queue.running, queue.quota) = (rules, slots::held(world), slots::quotas(world));
    for pool in [Pool::Cpu, Pool::Gpu] {
        queue.room.insert(pool, workers(fleet, pool, None).map(|worker| worker.slots as usize).sum());
        for worker in workers(fleet, pool, None) {
            for InstalledRunner { runner, .. } in &worker.runners {
                *queue.able.entry((pool, runner.clone())).or_default() += worker.slots as usize;
            }
        }
    }
    let working = || fleet.iter().filter(|worker| !worker.draining);
    queue.nameless = working().filter(|worker| !worker.takes_own).map(|worker| worker.pool).collect();
    queue.berths = working().filter(|worker| worker.takes_own).cloned().map(Berth::new).collect();
    // Between equals the name decides, whoever was heard of first.
    queue.berths.sort_by(|a, b| a.name().cmp(b.name()));
    let berths: HashMap<String, usize> =
        queue.berths.iter().enumerate().map(|(index, berth)| (berth.name().to_owned(), index)).collect();
    let here: Fleet = fleet.iter().map(|worker| (worker.worker.as_str(), worker)).collect();
    let mut closed = Vec::new();
    for key in &world.agenda().running {
        let Some(open) = world.jobs.get(key) else { continue };
        let berth = open.job.holder().and_then(|name| berths.get(name)).copied();
        if stopping == Stopping::HasLeft && open.job.is_stopping() && open.job.token.is_some() {
            berth.into_iter().for_each(|berth| queue.berths[berth].forget(key.1));
            continue;
        }
        if !world.holds_slot(&key.0, key.1, &open.job) {
            *queue.running.entry(key.0.clone()).or_default() += 1;
        }
        let Some(pool) = place(open, &here) else { continue };
        // A job takes a slot of every runner that its worker has; until it has one, of the one that it needs.
        let holder = open.job.holder().and_then(|name| here.get(name));
        match holder {
            Some(worker) => {
                let runners = worker.runners.iter().map(|installed| installed.runner.as_str());
                queue.take_room(pool, runners);
            }
            None => queue.take_room(pool, runner(open).into_iter()),
        }
        if let Some(berth) = berth {
            queue.berths[berth].take(key.1, needs(open).asked);
            closed.extend(open.job.to_yield.then_some(berth));
        }
    }
    closed.into_iter().for_each(|berth| queue.berths[berth].close());
    queue
}

/// Workers by their names.
type Fleet<'f> = HashMap<&'f str, &'f WorkerRecord>;

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
    open.job.holder().is_none_or(runs_here).then_some(pool)
}

/// What decides where a job may run.
#[derive(Clone, Copy, Debug)]
pub struct Needs<'c> {
    pub device: Device,
    /// `None` is our own trainer.
    pub runner: Option<&'c str>,
    /// What the worker has to have, if anything.
    pub asked: Option<&'c Resources>,
}

impl<'c> Needs<'c> {
    pub fn of(config: &'c TrainingConfig) -> Needs<'c> {
        let is_something = |asked: &&Resources| asked.gpu_count() > 0 || !asked.labels.is_empty();
        Needs {
            device: if config.gpus() > 0 { Device::Gpu } else { config.device },
            runner: config.runner.as_deref(),
            asked: config.resources.as_deref().filter(is_something),
        }
    }

    /// Workers of the pool that take work and have all of it.
    pub fn workers<'a>(self, fleet: &'a [WorkerRecord], pool: Pool) -> impl Iterator<Item = &'a WorkerRecord>
    where
        'c: 'a,
    {
        workers(fleet, pool, self.runner)
            .filter(move |worker| self.asked.is_none_or(|asked| worker.takes_own && asked.fits(worker)))
    }
}

fn needs(open: &OpenJob) -> Needs<'_> {
    let anywhere = Needs { device: Device::Auto, runner: None, asked: None };
    open.job.config.as_deref().map_or(anywhere, Needs::of)
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

/// Where a job with these needs would go now.
pub fn pool(needs: Needs<'_>, fleet: &[WorkerRecord]) -> Pool {
    match needs.device {
        Device::Cpu => Pool::Cpu,
        Device::Gpu => Pool::Gpu,
        Device::Auto if needs.workers(fleet, Pool::Gpu).next().is_some() => Pool::Gpu,
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

fn dispatch(
    open: &OpenJob,
    worker: Option<String>,
    fleet: &[WorkerRecord],
    quota: Option<&Tenant>,
) -> JobCommand {
    let (pool, mut because) = choose_pool(open, fleet, quota);
    because.extend(worker.clone().map(|worker| Wait::ForWorker { worker }));
    because.push(Wait::OfPriority { class: class(open) });
    if open.job.attempts > 0 {
        because.push(Wait::NextAttempt { attempt: open.job.attempts + 1 });
    }
    let gpus = open.job.config.as_ref().map_or(0, |config| config.gpus());
    let price = quota.and_then(|tenant| tenant.prices.get(&pool)).map(|price| price.of_gpus(gpus));
    JobCommand::Dispatch {
        pool,
        class: class(open),
        worker,
        because: reasons(because),
        since: open.job.since(),
        price,
    }
}

/// The same job on the same queue at the same price, once more: nobody has taken it.
pub(crate) fn offer_again(open: &OpenJob, pool: Pool) -> JobCommand {
    let because = reasons(vec![Wait::OfferedAgain { pool }, Wait::OfPriority { class: class(open) }]);
    let price = open.spending.price.clone();
    let (worker, since) = (open.job.offered_to.clone(), open.job.since());
    JobCommand::Dispatch { pool, class: class(open), worker, because, since, price }
}

/// It waits for its turn again: nobody is in its pool any more, or it has kept a slot of the quota and had no use of it.
pub(crate) fn withdraw(open: &OpenJob, fleet: &[WorkerRecord]) -> JobCommand {
    let (pool, why) = choose_pool(open, fleet, None);
    let because = match (open.pool, needs(open).workers(fleet, pool).next(), &open.job.offered_to) {
        (Some(_), _, Some(worker)) => vec![Wait::WorkerGone { worker: worker.clone() }],
        (_, None, _) => why,
        (Some(pool), Some(_), None) => vec![Wait::PoolGone { pool }],
        (None, Some(_), _) => vec![Wait::SlotGivenBack],
    };
    JobCommand::Withdraw { pool, class: class(open), because: reasons(because), since: open.job.since() }
}

fn reasons(because: Vec<Wait>) -> Vec<Reason> {
    because.into_iter().map(Reason::Wait).collect()
}

/// Without GPU hours a job that may run anywhere goes elsewhere.
fn affordable(pool: Pool, needs: Needs<'_>, quota: Option<&Tenant>) -> Pool {
    let has_hours = || quota.is_none_or(|quota| quota.has_gpu_hours(Pool::Gpu));
    match pool {
        Pool::Gpu if needs.device == Device::Auto && !has_hours() => Pool::Cpu,
        pool => pool,
    }
}

fn choose_pool(open: &OpenJob, fleet: &[WorkerRecord], quota: Option<&Tenant>) -> (Pool, Vec<Wait>) {
    let needs = needs(open);
    let pool = affordable(pool(needs, fleet), needs, quota);
    let count = needs.workers(fleet, pool).count() as u32;
    let mut because = vec![match needs.device {
        Device::Auto => Wait::PoolChosen { pool, workers: count },
        Device::Cpu | Device::Gpu => Wait::PoolAsAsked { pool, workers: count },
    }];
    if count == 0 {
        because.push(nobody(needs, pool, fleet).unwrap_or(Wait::NoWorkerInPool { pool }));
    }
    (pool, because)
}

/// What nobody has who takes work in the pool, where there is somebody but for that; also where somebody lacks a runner.
pub fn nobody(needs: Needs<'_>, pool: Pool, fleet: &[WorkerRecord]) -> Option<Wait> {
    let able: Vec<&WorkerRecord> = workers(fleet, pool, needs.runner).collect();
    if able.is_empty() {
        let runner = needs.runner?.to_owned();
        return Some(Wait::NoWorkerHasRunner { pool, runner });
    }
    lack(&able, needs.asked?)
}
