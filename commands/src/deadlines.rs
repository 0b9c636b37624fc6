//! Pure: what has waited for too long, and how it goes on.
//!
//! Time is the monotonic clock of whoever looks, from the moment at which it took in how things stand: clocks of other
//! machines step, and `at` of an event is information only. So after a start or an outage everything has its whole time
//! again, and several dispatchers agree as well as they need to, since the append decides.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use trainyard_events::fleet::{Pool, WorkMessage, WorkerRecord};
use trainyard_events::reason::{Advice, Unfit};
use trainyard_events::trainer::Inspection;
use trainyard_events::{Aggregate, TenantId, limits};
use uuid::Uuid;

use crate::action::{Action, ask_job, request};
use crate::caps;
use crate::command::{Command, derived_id};
use crate::dataset::{DatasetCommand, Verdict};
use crate::job::{Job, JobCommand, Status};
use crate::policy::KEEP_CAP;
use crate::schedule;
use crate::turns::turns;
use crate::world::{KnownDataset, OpenJob, World};

type Key = (TenantId, Uuid);

/// How a job stands, with what makes it another stand of the same kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    /// Waits for its turn since this event.
    Waits(u64),
    /// The same, with a slot of its tenant's quota.
    Reserved(u64),
    /// On the work queue under this dispatch.
    Queued(u64),
    /// Its attempt has not begun to train.
    Starts(u64),
    /// Its newest fact is this.
    Trains(u64),
    /// This attempt is to stop.
    Stops(u64),
}

/// A look into a dataset that has been asked for.
#[derive(Clone, Copy, Debug)]
struct Look {
    inspection: u64,
    /// How often it has been asked for, from 1.
    round: u32,
    since: Instant,
}

/// Since when everything that waits has been seen to wait as it does.
#[derive(Debug, Default)]
pub struct Deadlines {
    jobs: BTreeMap<Key, (Stand, Instant)>,
    looks: BTreeMap<Key, Look>,
    /// When a pool was last seen to have a worker, with what its jobs need, or was first looked at.
    pools: BTreeMap<(Pool, Option<String>), Instant>,
    /// How often each job has given way, and since when that is known.
    yields: BTreeMap<Key, (u32, Instant)>,
    /// The same of workers to which jobs are offered by name.
    workers: BTreeMap<String, Instant>,
}

impl Deadlines {
    /// Takes in how things stand now.
    pub fn look(&mut self, world: &World, fleet: &[WorkerRecord], now: Instant) {
        self.jobs.retain(|key, _| world.jobs.contains_key(key));
        for (key, open) in &world.jobs {
            let stand = stand(world, key, open);
            match self.jobs.get_mut(key) {
                Some((before, _)) if *before == stand => {}
                Some(seen) => *seen = (stand, now),
                None => drop(self.jobs.insert(key.clone(), (stand, now))),
            }
        }
        self.yields.retain(|key, _| world.jobs.contains_key(key));
        for (key, open) in world.jobs.iter().filter(|(_, open)| open.job.yielded > 0) {
            let seen = self.yields.entry(key.clone()).or_insert((open.job.yielded, now));
            if seen.0 != open.job.yielded {
                *seen = (open.job.yielded, now);
            }
        }
        self.look_at_datasets(world, fleet, now);
        self.look_at_offers(world, fleet, now);
        let needs = |open: &OpenJob| Some((open.pool?, schedule::runner(open).map(str::to_owned)));
        let needed: BTreeSet<_> = world.jobs.values().filter_map(needs).collect();
        self.pools.retain(|pool, _| needed.contains(pool));
        for pool in needed {
            let is_there = schedule::workers(fleet, pool.0, pool.1.as_deref()).next().is_some();
            let seen = self.pools.entry(pool).or_insert(now);
            if is_there {
                *seen = now;
            }
        }
    }

    fn look_at_offers(&mut self, world: &World, fleet: &[WorkerRecord], now: Instant) {
        let offered: BTreeSet<&str> =
            world.jobs.values().filter_map(|open| open.job.offered_to.as_deref()).collect();
        self.workers.retain(|worker, _| offered.contains(worker.as_str()));
        let takes_work = fleet.iter().filter(|worker| !worker.draining);
        let there: BTreeSet<&str> = takes_work.map(|worker| worker.worker.as_str()).collect();
        for worker in offered {
            let seen = self.workers.entry(worker.to_owned()).or_insert(now);
            if there.contains(worker) {
                *seen = now;
            }
        }
    }

    /// A dataset whose turn has not come waits for no answer, and is not late.
    fn look_at_datasets(&mut self, world: &World, fleet: &[WorkerRecord], now: Instant) {
        let pending: BTreeMap<Key, u64> = world
            .datasets
            .iter()
            .filter(|(_, known)| is_pending(known))
            .map(|(key, known)| (key.clone(), known.dataset.inspection))
            .collect();
        let is_same = |key: &Key, look: &Look| pending.get(key) == Some(&look.inspection);
        self.looks.retain(|key, look| is_same(key, look));
        let workers = fleet.iter().filter(|worker| !worker.draining).count();
        let at_once = limits::INSPECTIONS_OF_WORKER * workers.max(1);
        for key in turns(&pending, &self.looks.keys().cloned().collect(), at_once) {
            let first = Look { inspection: pending[&key], round: 1, since: now };
            let look = self.looks.entry(key).or_insert(first);
            if schedule::nobody_works(fleet) {
                // Without a worker nobody is late.
                look.since = now;
            } else if now.duration_since(look.since) >= doubled(limits::INSPECTION_DEADLINE, look.round) {
                *look = Look { round: look.round + 1, since: now, ..*look };
            }
        }
    }

    /// The bus is or was gone, and nobody could do anything: everything has its whole time again.
    pub fn forgive(&mut self, now: Instant) {
        self.jobs.values_mut().for_each(|(_, since)| *since = now);
        self.looks.values_mut().for_each(|look| look.since = now);
        self.pools.values_mut().chain(self.workers.values_mut()).for_each(|seen| *seen = now);
    }

    /// Whether a job has waited as long as its setbacks call for.
    pub fn has_paused(&self, key: &Key, job: &Job, now: Instant) -> bool {
        let pause = job.setbacks.pause();
        let begun = |(stand, since): &(Stand, Instant)| {
            *stand == Stand::Waits(job.wait) && now.duration_since(*since) >= pause
        };
        pause.is_zero() || self.holds_slot(key) || self.jobs.get(key).is_some_and(begun)
    }

    /// Whether a job may be asked to give way, after the last time that it has.
    pub fn may_yield(&self, key: &Key, job: &Job, now: Instant) -> bool {
        let long_ago = |(yields, since): &(u32, Instant)| {
            *yields == job.yielded && now.duration_since(*since) >= limits::PREEMPTION_PAUSE
        };
        job.yielded == 0 || self.yields.get(key).is_some_and(long_ago)
    }

    /// It has paused before it got one.
    fn holds_slot(&self, key: &Key) -> bool {
        matches!(self.jobs.get(key), Some((Stand::Reserved(_), _)))
    }

    /// What is overdue, after [`Deadlines::look`] at the same world.
    pub fn due(&self, world: &World, fleet: &[WorkerRecord], now: Instant) -> Vec<Action> {
        let looks = self.looks.iter().filter_map(|(key, look)| {
            let known = world.datasets.get(key)?;
            Some(if look.round > limits::INSPECTION_ROUNDS {
                give_up(key, known)
            } else {
                ask(key, known, look)
            })
        });
        let jobs = self.jobs.iter().filter_map(|(key, (stand, since))| {
            if let Stand::Waits(_) = stand {
                return None;
            }
            let open = world.jobs.get(key)?;
            let waited = now.duration_since(*since);
            if let (Stand::Starts(_) | Stand::Trains(_), Some(stop)) = (stand, caps::stop(open, waited)) {
                return Some(ask_job(KEEP_CAP, &key.0, key.1, open, stop));
            }
            let command = self.overdue(open, *stand, fleet, waited, now)?;
            let name = match &command {
                JobCommand::LoseAttempt { .. } => "lose-attempt",
                _ => "dispatch",
            };
            Some(ask_job(name, &key.0, key.1, open, command))
        });
        looks.chain(jobs).collect()
    }

    fn overdue(
        &self,
        open: &OpenJob,
        stand: Stand,
        fleet: &[WorkerRecord],
        waited: Duration,
        now: Instant,
    ) -> Option<JobCommand> {
        match stand {
            Stand::Waits(_) => None,
            Stand::Reserved(_) => {
                (waited >= limits::RESERVATION_DEADLINE).then(|| schedule::withdraw(open, fleet))
            }
            Stand::Queued(_) => {
                let pool = open.pool?;
                let away = |worker: &String| {
                    self.workers
                        .get(worker)
                        .is_some_and(|seen| now.duration_since(*seen) >= limits::POOL_GONE)
                };
                let is_nobodys = open.job.offered_to.as_ref().is_some_and(away);
                if is_nobodys || self.is_gone(pool, schedule::runner(open), fleet, now) {
                    return Some(schedule::withdraw(open, fleet));
                }
                let patience = doubled(limits::DISPATCH_DEADLINE, open.job.rounds);
                (waited >= patience.min(limits::DISPATCH_DEADLINE_MAX))
                    .then(|| schedule::offer_again(open, pool))
            }
            Stand::Starts(token) => {
                (waited >= limits::STARTING_DEADLINE).then_some(JobCommand::LoseAttempt { token })
            }
            Stand::Trains(_) => {
                let token = open.job.token.filter(|_| waited >= limits::TRAINING_DEADLINE)?;
                Some(JobCommand::LoseAttempt { token })
            }
            Stand::Stops(token) => {
                (waited >= limits::CANCEL_DEADLINE).then_some(JobCommand::LoseAttempt { token })
            }
        }
    }

    fn is_gone(&self, pool: Pool, runner: Option<&str>, fleet: &[WorkerRecord], now: Instant) -> bool {
        let away = |seen: &Instant| now.duration_since(*seen) >= limits::POOL_GONE;
        let key = (pool, runner.map(str::to_owned));
        schedule::workers(fleet, pool, runner).next().is_none() && self.pools.get(&key).is_some_and(away)
    }
}

fn stand(world: &World, (tenant, id): &Key, open: &OpenJob) -> Stand {
    let job = &open.job;
    match (job.token, job.status) {
        (Some(token), _) if job.is_stopping() => Stand::Stops(token),
        (Some(token), Status::Starting) => Stand::Starts(token),
        (Some(_), _) => Stand::Trains(open.newest),
        (None, Status::Queued) => Stand::Queued(job.dispatch),
        (None, _) if world.holds_slot(tenant, *id, job) => Stand::Reserved(job.wait),
        (None, _) => Stand::Waits(job.wait),
    }
}

fn is_pending(known: &KnownDataset) -> bool {
    known.dataset.verdict == Verdict::Pending
}

/// `first`, twice as long in each further round.
fn doubled(first: Duration, round: u32) -> Duration {
    first.saturating_mul(1 << round.saturating_sub(1).min(16))
}

/// Each round is another message: the queue takes the same one only once in [`limits::DUPLICATE_WINDOW`].
fn ask((tenant, id): &Key, known: &KnownDataset, look: &Look) -> Action {
    let message = WorkMessage::Inspect {
        tenant: tenant.clone(),
        dataset: *id,
        inspection: look.inspection,
        path: known.dataset.path.clone(),
        task: known.task,
        pool: Pool::Cpu,
    };
    let name = if look.round == 1 { "inspect".to_owned() } else { format!("inspect {}", look.round) };
    Action::Publish { message, id: derived_id(known.cause, &name) }
}

fn give_up((tenant, id): &Key, known: &KnownDataset) -> Action {
    let result = Inspection::Bad {
        problem: String::new(),
        next_step: String::new(),
        report: Vec::new(),
        bad_files: 0,
        because: vec![Unfit::NeverLookedAt { rounds: limits::INSPECTION_ROUNDS }.into()],
        advice: vec![Advice::LookAtLogsAndRegister],
    };
    let command = DatasetCommand::RecordInspection {
        inspection: known.dataset.inspection,
        result,
        artifacts: Vec::new(),
        manifest: None,
    };
    let command = Command::Dataset(command);
    request("reject-dataset", tenant, Aggregate::Dataset(*id), known.cause, known.correlation_id, command)
}
