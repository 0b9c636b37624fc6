//! Pure: what a recorded log would have looked like under other rules or with other workers: each job asks when it asked and lasts
//! as long as it lasted, and the scheduler of today decides. The same log, workers and rules give the same decisions, byte for byte.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::fmt::Write;

use time::{Duration, OffsetDateTime};
use trainyard_events::fleet::{Accelerator, Pool, WorkerRecord};
use trainyard_events::{Aggregate, Event, JobEvent, Recorded, TenantEvent, TenantId, TrainingConfig};
use uuid::Uuid;

use crate::berth::Berth;
use crate::queue::{Queue, Rules, Waiting};
use crate::schedule::{self, Needs};

/// What a log tells of the work in it.
#[derive(Clone, Debug, Default)]
pub struct Story {
    jobs: BTreeMap<(TenantId, Uuid), Told>,
    quota: BTreeMap<TenantId, u32>,
    workers: BTreeMap<String, Seen>,
    last: Option<OffsetDateTime>,
}

/// A job as it went.
#[derive(Clone, Debug)]
struct Told {
    config: TrainingConfig,
    requested: u64,
    since: OffsetDateTime,
    pool: Option<Pool>,
    first: Option<OffsetDateTime>,
    /// The attempt that runs: since when, and where.
    runs: Option<(OffsetDateTime, String)>,
    lasted: Duration,
}

/// A worker as attempts tell of it.
#[derive(Clone, Debug)]
struct Seen {
    pool: Pool,
    kind: Option<String>,
    runs: BTreeMap<Uuid, u32>,
    slots: u32,
    gpus: u32,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// A line for each decision, in order: when, which job, to whom.
    pub decisions: String,
    /// Jobs that no worker of these could ever serve, or that had no turn.
    pub left: usize,
    /// As they were recorded, and as they would have been: by class, and by tenant.
    pub recorded: BTreeMap<String, Waits>,
    pub replayed: BTreeMap<String, Waits>,
}

/// How long jobs of one class or tenant have waited, in seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Waits {
    pub jobs: usize,
    pub p50: f64,
    pub p95: f64,
    pub longest: f64,
}

impl Story {
    /// Takes in the next event of the log.
    pub fn take_in(&mut self, recorded: &Recorded) {
        let envelope = &recorded.envelope;
        self.last = self.last.max(Some(envelope.at));
        match (&envelope.aggregate, &envelope.event) {
            (Aggregate::Job(id), Event::Job(event)) => {
                let key = (envelope.tenant.clone(), *id);
                if let JobEvent::Requested { config, .. } = event {
                    let (requested, since) = (recorded.sequence, envelope.at);
                    let (config, lasted) = (config.clone(), Duration::ZERO);
                    let told = Told { config, requested, since, pool: None, first: None, runs: None, lasted };
                    self.jobs.entry(key).or_insert(told);
                } else {
                    self.go_on(&key, event, envelope.at);
                }
            }
            (_, Event::Tenant(TenantEvent::QuotaSet { concurrent_jobs, .. })) => {
                self.quota.remove(&envelope.tenant);
                self.quota.extend(concurrent_jobs.map(|most| (envelope.tenant.clone(), most)));
            }
            _ => {}
        }
    }

    fn go_on(&mut self, key: &(TenantId, Uuid), event: &JobEvent, at: OffsetDateTime) {
        let Some(told) = self.jobs.get_mut(key) else { return };
        match event {
            JobEvent::Dispatched { pool, withdrawn: false, .. } => told.pool = Some(*pool),
            JobEvent::AttemptStarted { worker, .. } => {
                told.first.get_or_insert(at);
                told.runs = Some((at, worker.clone()));
                let pool = told.pool.unwrap_or(Pool::Cpu);
                let seen = self.workers.entry(worker.clone()).or_insert_with(|| Seen {
                    pool,
                    kind: None,
                    runs: BTreeMap::new(),
                    slots: 0,
                    gpus: 0,
                });
                seen.runs.insert(key.1, told.config.gpus().max(1));
                seen.slots = seen.slots.max(seen.runs.len() as u32);
                seen.gpus = seen.gpus.max(seen.runs.values().sum());
            }
            JobEvent::TrainingStarted { device, .. } => {
                let Some((_, worker)) = &told.runs else { return };
                if let Some(seen) = self.workers.get_mut(worker) {
                    seen.kind = Some(device.clone());
                }
            }
            JobEvent::AttemptPreempted { .. }
            | JobEvent::AttemptLost { .. }
            | JobEvent::AttemptFailed { .. }
            | JobEvent::Cancelled { .. }
            | JobEvent::Finished { .. }
            | JobEvent::Failed { .. } => {
                let Some((since, worker)) = told.runs.take() else { return };
                told.lasted += (at - since).max(Duration::ZERO);
                if let Some(seen) = self.workers.get_mut(&worker) {
                    seen.runs.remove(&key.1);
                }
            }
            _ => {}
        }
    }

    /// The workers that attempts were on: as many slots, and of the GPU pool as many GPUs, as were ever taken at once.
    pub fn fleet(&self) -> Vec<WorkerRecord> {
        let worker = |(name, seen): (&String, &Seen)| {
            let kind = seen.kind.clone().unwrap_or_else(|| seen.pool.to_string());
            let devices = if seen.pool == Pool::Gpu { seen.gpus.max(seen.slots) } else { 0 };
            let device = |index| Accelerator {
                index,
                kind: kind.clone(),
                memory_bytes: None,
                jobs: Vec::new(),
                whole: false,
            };
            WorkerRecord {
                worker: name.clone(),
                pool: seen.pool,
                device: kind.clone(),
                host: name.clone(),
                version: String::new(),
                started_at: OffsetDateTime::UNIX_EPOCH,
                seen_at: OffsetDateTime::UNIX_EPOCH,
                jobs: Vec::new(),
                slots: seen.slots,
                draining: false,
                runners: Vec::new(),
                gpus: Vec::new(),
                devices: (0..devices).map(device).collect(),
                cores: None,
                memory_bytes: None,
                machine: None,
                labels: BTreeMap::new(),
                takes_own: true,
            }
        };
        self.workers.iter().map(worker).collect()
    }

    /// Plays it on these workers.
    pub fn replay(&self, fleet: &[WorkerRecord], rules: Rules) -> Report {
        let mut play = Play::new(self, fleet, rules);
        play.run();
        let left = play.left();
        let mut recorded = BTreeMap::new();
        for (key, told) in &self.jobs {
            if let Some(first) = told.first {
                note(&mut recorded, &key.0, told, first);
            }
        }
        Report { decisions: play.decisions, left, recorded: summed(recorded), replayed: summed(play.waits) }
    }
}

/// A replay under way.
struct Play<'s> {
    story: &'s Story,
    fleet: &'s [WorkerRecord],
    queue: Queue,
    /// The number of each worker's berth.
    berths: HashMap<String, usize>,
    /// Those that have not asked yet, the next at the end.
    coming: Vec<(&'s (TenantId, Uuid), &'s Told)>,
    /// What runs, by its end.
    running: BinaryHeap<Reverse<(OffsetDateTime, u64)>>,
    /// Where each runs, by the sequence of its request.
    places: BTreeMap<u64, Waiting>,
    waits: BTreeMap<String, Vec<f64>>,
    decisions: String,
    /// When the first job was asked for.
    start: OffsetDateTime,
}

impl<'s> Play<'s> {
    fn new(story: &'s Story, fleet: &'s [WorkerRecord], rules: Rules) -> Play<'s> {
        // What never began has no length.
        let mut coming: Vec<_> = story.jobs.iter().filter(|(_, told)| told.first.is_some()).collect();
        coming.sort_by_key(|(_, told)| Reverse((told.since, told.requested)));
        let mut queue = Queue::default();
        (queue.rules, queue.quota) = (rules, story.quota.clone());
        for worker in fleet.iter().filter(|worker| !worker.draining) {
            *queue.room.entry(worker.pool).or_default() += worker.slots as usize;
            queue.berths.push(Berth::new(idle(worker)));
        }
        let berths =
            queue.berths.iter().enumerate().map(|(at, berth)| (berth.name().to_owned(), at)).collect();
        Play {
            story,
            fleet,
            queue,
            berths,
            coming,
            running: BinaryHeap::new(),
            places: BTreeMap::new(),
            waits: BTreeMap::new(),
            decisions: String::new(),
            start: story.jobs.values().map(|told| told.since).min().unwrap_or(OffsetDateTime::UNIX_EPOCH),
        }
    }

    fn run(&mut self) {
        loop {
            let asks = self.coming.last().map(|(_, told)| told.since);
            let ends = self.running.peek().map(|Reverse((ends, _))| *ends);
            let Some(now) = asks.into_iter().chain(ends).min() else { return };
            while let Some((key, told)) = self.coming.pop_if(|(_, told)| told.since <= now) {
                let waiting = self.waiting(key, told);
                self.queue.push(waiting);
            }
            while self.running.peek().is_some_and(|Reverse((ends, _))| *ends <= now) {
                let Some(Reverse((_, job))) = self.running.pop() else { break };
                self.end(job);
            }
            for next in self.queue.choose() {
                self.begin(next, now);
            }
        }
    }

    fn waiting(&self, (tenant, job): &(TenantId, Uuid), told: &Told) -> Waiting {
        let needs = Needs::of(&told.config);
        Waiting {
            tenant: tenant.clone(),
            job: *job,
            class: told.config.priority,
            pool: schedule::pool(needs, self.fleet),
            // Which runners there were is not in the log.
            runner: None,
            asked: needs.asked.cloned(),
            avoid: None,
            requested: told.requested,
            since: told.since,
            holds_slot: false,
            worker: None,
        }
    }

    fn begin(&mut self, next: Waiting, now: OffsetDateTime) {
        let Some(told) = self.story.jobs.get(&(next.tenant.clone(), next.job)) else { return };
        let after = (now - self.start).whole_milliseconds();
        let to = next.worker.as_deref().unwrap_or("any");
        let _always = writeln!(self.decisions, "{after} {} {} {to}", next.job, next.pool);
        note(&mut self.waits, &next.tenant, told, now);
        let since = told.runs.as_ref().map(|(since, _)| *since);
        let lasts =
            told.lasted + since.zip(self.story.last).map_or(Duration::ZERO, |(since, last)| last - since);
        self.running.push(Reverse((now + lasts.max(Duration::ZERO), next.requested)));
        self.places.insert(next.requested, next);
    }

    fn end(&mut self, job: u64) {
        let Some(ended) = self.places.remove(&job) else { return };
        self.queue.running.entry(ended.tenant).and_modify(|count| *count = count.saturating_sub(1));
        *self.queue.room.entry(ended.pool).or_default() += 1;
        if let Some(berth) = ended.worker.and_then(|worker| self.berths.get(&worker)) {
            self.queue.berths[*berth].leave(ended.job);
        }
    }

    fn left(&self) -> usize {
        self.queue.waiting().count()
    }
}

/// A worker with whatever it had on its GPUs when the fleet was told of taken off: in a replay nothing runs yet.
fn idle(worker: &WorkerRecord) -> WorkerRecord {
    let mut worker = worker.clone();
    for device in &mut worker.devices {
        device.jobs.clear();
        device.whole = false;
    }
    worker
}

fn note(waits: &mut BTreeMap<String, Vec<f64>>, tenant: &TenantId, told: &Told, began: OffsetDateTime) {
    let waited = (began - told.since).as_seconds_f64().max(0.0);
    for group in [format!("class {}", told.config.priority), format!("tenant {tenant}")] {
        waits.entry(group).or_default().push(waited);
    }
}

fn summed(waits: BTreeMap<String, Vec<f64>>) -> BTreeMap<String, Waits> {
    let sum = |mut waits: Vec<f64>| {
        waits.sort_by(f64::total_cmp);
        let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize];
        Waits { jobs: waits.len(), p50: at(0.5), p95: at(0.95), longest: at(1.0) }
    };
    waits.into_iter().map(|(group, waits)| (group, sum(waits))).collect()
}
