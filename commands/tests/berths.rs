//! Jobs that ask for GPUs or labels: where they go, that nobody has more than there is, and that nobody waits for ever.
//! Random fleets, random jobs, and a clock by hand.

mod given;

use std::collections::BTreeMap;

use given::log::{Log, machine, worker};
use proptest::prelude::*;
use time::{Duration, OffsetDateTime};
use trainyard_commands::berth::Berth;
use trainyard_commands::schedule::{Queue, Waiting};
use trainyard_events::config::{Device, Priority};
use trainyard_events::fleet::{Pool, WorkMessage, WorkerRecord};
use trainyard_events::job::JobEvent;
use trainyard_events::reason::{Reason, Wait};
use trainyard_events::{Event, Resources, TenantId, limits};
use uuid::Uuid;

fn gpus(count: u32, kind: &str) -> Resources {
    Resources { gpus: Some(count), gpu: Some(kind.to_owned()), ..Resources::default() }
}

fn label(name: &str, value: &str) -> BTreeMap<String, String> {
    [(name.to_owned(), value.to_owned())].into()
}

/// What would be dispatched: each job with the worker that it is for.
fn placed(log: &mut Log, fleet: &[WorkerRecord]) -> Vec<(u128, Option<String>)> {
    let jobs = log.dispatched(fleet).into_iter();
    let to = |because: &[Reason]| {
        because.iter().find_map(|reason| match reason {
            Reason::Wait(Wait::ForWorker { worker }) => Some(worker.clone()),
            _ => None,
        })
    };
    jobs.map(|(id, _, because)| (id, to(&because))).collect()
}

#[test]
fn a_job_goes_to_the_worker_that_has_what_it_asks_for() {
    let mut log = Log::default();
    log.good_dataset();
    log.request_with(1, Priority::Normal, gpus(2, "H100"));
    log.request_with(2, Priority::Normal, gpus(1, "A100"));
    log.request_with(3, Priority::Normal, Resources { labels: label("zone", "b"), ..Resources::default() });
    let labelled = WorkerRecord { labels: label("zone", "b"), ..machine("b", "T4", 1) };
    let fleet = [worker(Pool::Gpu, 4), machine("a", "A100", 4), machine("h", "H100", 2), labelled];
    let to = |name: &str| Some(name.to_owned());
    assert_eq!(placed(&mut log, &fleet), [(1, to("h")), (2, to("a")), (3, to("b"))]);
    let small = [machine("h", "H100", 1)];
    assert_eq!(placed(&mut log, &small), [], "two on one worker, and of a kind");
}

#[test]
fn jobs_are_packed_so_that_large_ones_find_room() {
    let mut log = Log::default();
    log.good_dataset();
    for job in 1..=4 {
        log.request_with(job, Priority::Normal, gpus(1, "A100"));
    }
    let fleet = [machine("a", "A100", 8), machine("b", "A100", 4)];
    let chosen = placed(&mut log, &fleet);
    assert!(chosen.iter().all(|(_, to)| to.as_deref() == Some("b")), "{chosen:?}");
    log.request_with(5, Priority::Normal, gpus(8, "A100"));
    assert_eq!(placed(&mut log, &fleet).last(), Some(&(5, Some("a".to_owned()))));
}

#[test]
fn what_runs_takes_its_gpus_before_and_after_its_worker_tells_of_it() {
    let mut log = Log::default();
    log.good_dataset();
    log.request_with(1, Priority::Normal, gpus(3, "A100"));
    let fleet = [machine("a", "A100", 4)];
    log.wait(std::time::Duration::from_secs(1), &fleet);
    let [.., (_, WorkMessage::Train { worker: Some(to), .. })] = &log.queue[..] else {
        panic!("{:?}", log.queue)
    };
    assert_eq!(to, "a");
    log.request_with(2, Priority::Normal, gpus(2, "A100"));
    assert_eq!(placed(&mut log, &fleet), [], "it is on its way");
    log.start(1, "a").expect("it is offered to it");
    assert_eq!(placed(&mut log, &fleet), [], "it has begun");
    let mut told = machine("a", "A100", 4);
    told.devices.iter_mut().take(3).for_each(|device| {
        (device.jobs, device.whole) = (vec![Uuid::from_u128(1)], true);
    });
    assert_eq!(placed(&mut log, &[told]), [], "and its worker says so");
    log.request_with(3, Priority::Normal, gpus(1, "A100"));
    log.request(4, Priority::Normal, Device::Gpu);
    let chosen = placed(&mut log, &fleet);
    assert_eq!(chosen.len(), 1, "one GPU is left: {chosen:?}");
}

#[test]
fn nobody_else_may_begin_what_was_decided_for_one() {
    let mut log = Log::default();
    log.good_dataset();
    log.request_with(1, Priority::Normal, gpus(1, "A100"));
    log.wait(std::time::Duration::from_secs(1), &[machine("a", "A100", 1), machine("b", "A100", 2)]);
    assert!(log.start(1, "b").is_err());
    assert!(log.start(1, "a").is_ok());
}

#[test]
fn what_was_decided_for_a_worker_that_is_gone_goes_to_another() {
    let mut log = Log::default();
    log.good_dataset();
    log.request_with(1, Priority::Normal, gpus(1, "A100"));
    let (a, b) = (machine("a", "A100", 1), machine("b", "A100", 2));
    log.wait(std::time::Duration::from_secs(1), &[a, b.clone()]);
    log.wait(limits::POOL_GONE, std::slice::from_ref(&b));
    log.wait(std::time::Duration::from_secs(1), &[b]);
    let dispatches = log.events.iter().filter_map(|recorded| match &recorded.envelope.event {
        Event::Job(JobEvent::Dispatched { worker, withdrawn, because, .. }) => {
            Some((worker.clone(), *withdrawn, because.first().cloned()))
        }
        _ => None,
    });
    let dispatches: Vec<_> = dispatches.collect();
    assert_eq!(dispatches.len(), 3, "{dispatches:?}");
    assert_eq!(dispatches[0].0.as_deref(), Some("a"));
    assert_eq!(dispatches[1].2, Some(Reason::Wait(Wait::WorkerGone { worker: "a".into() })));
    assert_eq!(dispatches[2].0.as_deref(), Some("b"));
    assert!(log.start(1, "b").is_ok());
}

#[test]
fn a_job_that_asks_for_nothing_is_anybodys_as_before() {
    let mut log = Log::default();
    log.good_dataset();
    log.request(1, Priority::Normal, Device::Cpu);
    let new = WorkerRecord { takes_own: true, ..worker(Pool::Cpu, 1) };
    assert_eq!(placed(&mut log, std::slice::from_ref(&new)), [(1, None)]);
    let asked = Resources { labels: label("zone", "a"), ..Resources::default() };
    log.request_with(2, Priority::Normal, asked);
    let to = placed(&mut log, &[new]);
    assert_eq!(to, [(1, Some("w".to_owned()))], "but where somebody waits for a certain worker");
}

#[test]
fn a_job_that_nobody_can_serve_says_what_is_missing() {
    let mut log = Log::default();
    log.good_dataset();
    let old = [machine("a", "A100", 4)];
    let lack = |asked: Resources, fleet: &[WorkerRecord]| {
        let workers: Vec<&WorkerRecord> = fleet.iter().collect();
        trainyard_commands::lack::lack(&workers, &asked)
    };
    let nearest = Some("NVIDIA A100".to_owned());
    assert_eq!(lack(gpus(1, "H100"), &old), Some(Wait::NoWorkerHasGpu { gpu: "H100".into(), nearest }));
    assert_eq!(lack(gpus(8, "A100"), &old), Some(Wait::NoWorkerHasGpus { gpus: 8, most: 4 }));
    assert_eq!(lack(gpus(4, "A100"), &old), None);
    let memory = Resources { gpu_memory_gb: Some(141), ..Resources::default() };
    assert_eq!(lack(memory, &old), Some(Wait::NoWorkerHasGpuMemory { gb: 141, most_gb: 80 }));
    let labels = Resources { labels: label("zone", "a"), ..Resources::default() };
    assert_eq!(lack(labels, &old), Some(Wait::NoWorkerHasLabels { labels: "zone=a".into() }));
}

#[derive(Clone, Debug)]
enum Step {
    Ask {
        tenant: usize,
        class: Priority,
        gpus: u32,
        kind: usize,
    },
    Minutes(i64),
    /// So many of what runs end, the oldest first.
    End(usize),
}

const KINDS: [&str; 2] = ["A100", "H100"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let class = prop_oneof![Just(Priority::Low), Just(Priority::Normal), Just(Priority::High)];
    let gpus = prop_oneof![2 => Just(0_u32), 4 => Just(1), 2 => Just(2), 1 => Just(4), 1 => Just(8)];
    let ask = (0..3_usize, class, gpus, 0..KINDS.len()).prop_map(|(tenant, class, gpus, kind)| Step::Ask {
        tenant,
        class,
        gpus,
        kind,
    });
    let step = prop_oneof![6 => ask, 2 => (1..40_i64).prop_map(Step::Minutes), 4 => (1..4_usize).prop_map(Step::End)];
    prop::collection::vec(step, 1..120)
}

fn fleet() -> impl Strategy<Value = Vec<WorkerRecord>> {
    let one = (0..KINDS.len(), prop_oneof![Just(1_u32), Just(2), Just(4), Just(8)]);
    prop::collection::vec(one, 1..6).prop_map(|workers| {
        let make = |(number, (kind, count)): (usize, (usize, u32))| {
            machine(&format!("w{number}"), KINDS[kind], count)
        };
        workers.into_iter().enumerate().map(make).collect()
    })
}

fn tenant(index: usize) -> TenantId {
    ["acme", "beta", "gamma"][index].parse().expect("a name")
}

/// What runs, and the queue that knows of it.
struct Yard {
    fleet: Vec<WorkerRecord>,
    waiting: Vec<Waiting>,
    running: Vec<Waiting>,
    now: OffsetDateTime,
    asked: u64,
}

impl Yard {
    fn new(fleet: Vec<WorkerRecord>) -> Yard {
        Yard { fleet, waiting: vec![], running: vec![], now: OffsetDateTime::UNIX_EPOCH, asked: 0 }
    }

    fn queue(&self) -> Queue {
        let mut queue = Queue::default();
        queue.berths = self.fleet.iter().cloned().map(Berth::new).collect();
        self.waiting.iter().cloned().for_each(|waiting| queue.push(waiting));
        let slots: usize = self.fleet.iter().map(|worker| worker.slots as usize).sum();
        queue.room.insert(Pool::Gpu, slots - self.running.len());
        for job in &self.running {
            *queue.running.entry(job.tenant.clone()).or_default() += 1;
            let berth = queue.berths.iter_mut().find(|berth| Some(berth.name()) == job.worker.as_deref());
            berth.expect("it runs somewhere").take(job.job, job.asked.as_ref());
        }
        queue
    }

    fn choose(&mut self) -> Vec<Waiting> {
        let mut queue = self.queue();
        let chosen = queue.choose();
        self.waiting = queue.waiting().cloned().collect();
        self.running.extend(chosen.iter().cloned());
        chosen
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Ask { tenant: of, class, gpus: count, kind } => {
                self.asked += 1;
                self.waiting.push(Waiting {
                    tenant: tenant(*of),
                    job: Uuid::from_u128(u128::from(self.asked)),
                    class: *class,
                    pool: Pool::Gpu,
                    runner: None,
                    asked: (*count > 0).then(|| gpus(*count, KINDS[*kind])),
                    avoid: None,
                    requested: self.asked,
                    since: self.now,
                    holds_slot: false,
                    worker: None,
                });
            }
            Step::Minutes(minutes) => self.now += Duration::minutes(*minutes),
            Step::End(count) => drop(self.running.drain(..(*count).min(self.running.len()))),
        }
    }

    /// Whether a worker has a slot and GPUs for it now.
    fn has_room_for(&self, job: &Waiting) -> bool {
        let need = |job: &Waiting| job.asked.as_ref().map_or(1, Resources::gpu_count) as usize;
        self.fleet.iter().any(|worker| {
            let here = || self.running.iter().filter(|job| job.worker.as_deref() == Some(&worker.worker));
            let taken: usize = here().map(need).sum();
            here().count() < worker.slots as usize
                && taken + need(job) <= worker.devices.len()
                && job.asked.as_ref().is_none_or(|asked| asked.fits(worker))
        })
    }

    /// Whether no worker has more jobs than slots, or gives more GPUs than it has, or others than were asked for.
    fn is_within(&self) -> bool {
        self.fleet.iter().all(|worker| {
            let here = self.running.iter().filter(|job| job.worker.as_deref() == Some(&worker.worker));
            let need = |job: &Waiting| job.asked.as_ref().map_or(1, Resources::gpu_count) as usize;
            let fits = here.clone().all(|job| job.asked.as_ref().is_none_or(|asked| asked.fits(worker)));
            here.clone().count() <= worker.slots as usize
                && here.map(need).sum::<usize>() <= worker.devices.len()
                && fits
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn no_worker_is_given_more_than_it_has(fleet in fleet(), steps in steps()) {
        let mut yard = Yard::new(fleet);
        for step in &steps {
            yard.step(step);
            yard.choose();
            prop_assert!(yard.is_within(), "{:?}", yard.running);
        }
    }

    /// Where nobody keeps anything, nobody waits who would find room.
    #[test]
    fn what_fits_is_not_left_waiting(fleet in fleet(), steps in steps()) {
        let mut yard = Yard::new(fleet);
        for step in &steps {
            yard.step(step);
            yard.choose();
            let keeps = |job: &&Waiting| {
                job.asked.as_ref().is_some_and(|asked| yard.fleet.iter().any(|worker| asked.fits(worker)))
            };
            if !yard.waiting.iter().any(|job| keeps(&job)) {
                let left = yard.waiting.iter().find(|job| yard.has_room_for(job));
                prop_assert_eq!(left, None, "it waits, and this is what runs: {:?}", yard.running);
            }
        }
    }

    /// However much comes after it, and however small: what could run somewhere does, once what was there before has ended.
    #[test]
    fn nobody_waits_for_ever(fleet in fleet(), others in 1..4_usize) {
        let largest = fleet.iter().max_by_key(|worker| worker.devices.len()).expect("there is one").clone();
        let mut yard = Yard::new(fleet);
        let kind = KINDS.iter().position(|kind| largest.devices[0].kind.ends_with(kind)).expect("of ours");
        let small = Step::Ask { tenant: 1, class: Priority::High, gpus: 1, kind };
        (0..64).for_each(|_| yard.step(&small));
        yard.choose();
        let count = largest.devices.len() as u32;
        yard.step(&Step::Ask { tenant: 0, class: Priority::Low, gpus: count, kind });
        let large = Uuid::from_u128(u128::from(yard.asked));
        let mut rounds = 0;
        while !yard.running.iter().any(|job| job.job == large) {
            yard.step(&Step::End(1));
            (0..others).for_each(|_| yard.step(&small));
            yard.step(&Step::Minutes(5));
            yard.choose();
            rounds += 1;
            prop_assert!(rounds < 400, "it still waits for {count} GPUs");
        }
    }

    #[test]
    fn the_same_is_decided_from_the_same(fleet in fleet(), steps in steps()) {
        let play = || {
            let mut yard = Yard::new(fleet.clone());
            let chosen = steps.iter().flat_map(|step| {
                yard.step(step);
                yard.choose()
            });
            chosen.map(|job| (job.job, job.worker)).collect::<Vec<_>>()
        };
        prop_assert_eq!(play(), play());
    }
}
