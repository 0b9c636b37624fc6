//! The whole core under a hostile bus, in one thread and from one seed: two dispatchers, three workers, a work queue
//! that delivers twice and takes acknowledgements of zombies, leases that run out late, a log that loses answers.

mod flaky;
#[path = "../../../tests/given/mod.rs"]
mod given;
mod worker;

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

use futures::{FutureExt, StreamExt};
use time::OffsetDateTime;
use time::macros::datetime;
use trainyard_bus::{EntryStream, EventLog, LeaseChange};
use trainyard_commands::dataset::DatasetCommand;
use trainyard_commands::expiry::{self, Leases};
use trainyard_commands::job::JobCommand;
use trainyard_commands::policy::{self, Action};
use trainyard_commands::world::World;
use trainyard_commands::{Command, Request, derived_id, schedule};
use trainyard_door::{Door, HandleError};
use trainyard_events::config::Task;
use trainyard_events::fleet::{Lease, Pool, WorkMessage, WorkerRecord};
use trainyard_events::job::JobEvent;
use trainyard_events::trainer::Inspection;
use trainyard_events::{Actor, Aggregate, Event, Recorded, TenantId, limits};
use uuid::Uuid;

use flaky::{FlakyLog, Random};
use worker::{Worker, request};

const NOW: OffsetDateTime = datetime!(2026-01-01 00:00 UTC);
const DATASET: Uuid = Uuid::from_u128(1_000);
const JOBS: u128 = 4;
const EPOCHS: u32 = 4;
const WORKERS: usize = 3;
const STORM_STEPS: usize = 300;
/// When nothing goes wrong any more, everything ends within so many steps.
const CALM_STEPS: usize = 4_000;
const SEEDS: u64 = 2_000;

struct Simulation {
    random: Random,
    log: FlakyLog,
    door: Door<FlakyLog>,
    begin: Instant,
    now: Duration,
    storm: bool,
    /// Messages that were not acknowledged; any of them may be delivered at any time, also again.
    queue: Vec<WorkMessage>,
    published: HashSet<Uuid>,
    /// Token, holder's number and the time at which it runs out.
    leases: BTreeMap<Uuid, (u64, usize, Duration)>,
    dispatchers: Vec<Dispatcher>,
    workers: Vec<Worker>,
    lives: u128,
}

struct Dispatcher {
    world: World,
    leases: Leases,
    events: EntryStream,
    /// What it has not been told yet.
    changes: VecDeque<LeaseChange>,
}

fn tenant() -> TenantId {
    "acme".parse().expect("a name")
}

impl Simulation {
    async fn new(seed: u64) -> Simulation {
        let log = FlakyLog::new(seed);
        let mut simulation = Simulation {
            random: Random::new(seed ^ 0xA5A5),
            door: Door::new(log.clone(), || NOW),
            log,
            begin: Instant::now(),
            now: Duration::ZERO,
            storm: true,
            queue: Vec::new(),
            published: HashSet::new(),
            leases: BTreeMap::new(),
            dispatchers: Vec::new(),
            workers: (0..WORKERS).map(|number| Worker::new(number, number as u128)).collect(),
            lives: 1_000,
        };
        simulation.ask_for_jobs().await;
        for _ in 0..2 {
            let dispatcher = simulation.dispatcher().await;
            simulation.dispatchers.push(dispatcher);
        }
        simulation
    }

    async fn ask_for_jobs(&self) {
        let dataset = |id: u128, command| Request {
            id: Uuid::from_u128(id),
            tenant: tenant(),
            aggregate: Aggregate::Dataset(DATASET),
            actor: Actor::User("simulation".to_owned()),
            correlation_id: Uuid::nil(),
            causation_id: None,
            command: Command::Dataset(command),
        };
        let register = DatasetCommand::Register { path: "x".into(), task: Task::Classify, again: false };
        self.door.handle(dataset(1_000_001, register)).await.expect("no trouble yet");
        let result = Inspection::Good { profile: Box::new(given::profile()) };
        let verdict = DatasetCommand::RecordInspection { inspection: 1, result, artifacts: Vec::new() };
        self.door.handle(dataset(1_000_002, verdict)).await.expect("no trouble yet");
        for job in 1..=JOBS {
            let mut config = given::config();
            config.epochs = EPOCHS;
            let command = JobCommand::RequestJob {
                config: Box::new(config),
                dataset: DATASET,
                chat: None,
                approval: Uuid::nil(),
            };
            let id = Uuid::from_u128(job);
            self.door.handle(request(id, &tenant(), id, command)).await.expect("no trouble yet");
        }
    }

    /// A dispatcher that begins now: it knows nothing but what it is about to be told.
    async fn dispatcher(&self) -> Dispatcher {
        let held = self.leases.iter().map(|(job, (token, ..))| held(*job, *token));
        Dispatcher {
            world: World::default(),
            leases: Leases::new(self.instant()),
            events: self.log.follow(0).await.expect("following never fails here"),
            changes: held.chain([LeaseChange::Current]).collect(),
        }
    }

    fn instant(&self) -> Instant {
        self.begin + self.now
    }

    async fn step(&mut self) {
        self.now += Duration::from_millis(self.random.below(700) as u64);
        self.expire();
        self.log.trouble(if self.storm { 15 } else { 0 });
        match self.random.below(5) {
            0 | 1 => {
                let which = self.random.below(self.dispatchers.len());
                self.dispatch(which).await;
            }
            _ => {
                let which = self.random.below(WORKERS);
                self.work(which).await;
            }
        }
        if self.storm && self.random.percent(3) {
            self.misfortune().await;
        }
    }

    /// Leases run out, sometimes later than they should.
    fn expire(&mut self) {
        let late =
            if self.storm && self.random.percent(50) { Duration::from_secs(4) } else { Duration::ZERO };
        let over: Vec<Uuid> = self
            .leases
            .iter()
            .filter(|(_, (.., until))| *until + late <= self.now)
            .map(|(job, _)| *job)
            .collect();
        for job in over {
            self.leases.remove(&job);
            self.tell(&LeaseChange::Ended { job });
        }
    }

    fn tell(&mut self, change: &LeaseChange) {
        self.dispatchers.iter_mut().for_each(|dispatcher| dispatcher.changes.push_back(change.clone()));
    }

    async fn dispatch(&mut self, which: usize) {
        let (now, behind) = (self.instant(), if self.storm { self.random.below(12) } else { 1_000 });
        let fleet = self.fleet();
        let dispatcher = &mut self.dispatchers[which];
        for _ in 0..behind {
            let Some(recorded) = ready(&mut dispatcher.events) else { break };
            dispatcher.world.evolve(&recorded);
        }
        for _ in 0..behind {
            match dispatcher.changes.pop_front() {
                Some(LeaseChange::Held { job, lease }) => dispatcher.leases.held(job, lease),
                Some(LeaseChange::Ended { job }) => dispatcher.leases.ended(job, now),
                Some(LeaseChange::Current) => dispatcher.leases.forgive(now),
                None => break,
            }
        }
        let mut actions = policy::due(&dispatcher.world);
        actions.extend(schedule::due(&dispatcher.world, &fleet));
        actions.extend(expiry::losses(&dispatcher.world, &mut dispatcher.leases, now));
        for action in actions {
            match action {
                Action::Publish { message, id } => {
                    if self.published.insert(id) {
                        self.queue.push(message);
                    }
                }
                Action::Ask(request) => match self.door.handle(*request).await {
                    Ok(_) | Err(HandleError::Rejected(_) | HandleError::Unavailable(_)) => {}
                    Err(error) => panic!("{error}"),
                },
            }
        }
    }

    fn fleet(&self) -> Vec<WorkerRecord> {
        let record = |worker: &Worker| WorkerRecord {
            worker: worker.name.clone(),
            pool: Pool::Cpu,
            device: String::new(),
            host: String::new(),
            version: String::new(),
            started_at: NOW,
            seen_at: NOW,
            jobs: vec![],
            slots: 1,
            draining: false,
        };
        self.workers.iter().map(record).collect()
    }

    async fn work(&mut self, which: usize) {
        if self.workers[which].frozen_until > self.now {
            return;
        }
        if self.workers[which].attempt.is_none() {
            return self.take(which).await;
        }
        self.renew(which);
        let saves = self.random.percent(60);
        let worker = &mut self.workers[which];
        let job = worker.attempt.as_ref().map(|attempt| (attempt.job, attempt.token));
        worker.go_on(&tenant(), saves).await;
        if let (None, Some((job, token))) = (&worker.attempt, job)
            && self.leases.get(&job).is_some_and(|lease| lease.0 == token)
        {
            self.leases.remove(&job);
            self.tell(&LeaseChange::Ended { job });
        }
    }

    /// Takes a message that may have been delivered to another before, and may forget to acknowledge it.
    async fn take(&mut self, which: usize) {
        if self.queue.is_empty() {
            return;
        }
        let index = self.random.below(self.queue.len());
        let message = self.queue[index].clone();
        let settled = self.workers[which].claim(&self.door, &message).await;
        let ack_lost = self.storm && self.random.percent(20);
        // A zombie's acknowledgement acts on the new delivery as well.
        if settled && !ack_lost {
            self.queue.retain(|other| *other != message);
        }
    }

    /// A lease of an older token gives way; one of a newer fences.
    fn renew(&mut self, which: usize) {
        let Some(attempt) = &self.workers[which].attempt else { return };
        let (job, token) = (attempt.job, attempt.token);
        if self.leases.get(&job).is_some_and(|(current, ..)| *current > token) {
            self.workers[which].attempt = None;
            return;
        }
        self.leases.insert(job, (token, which, self.now + limits::LEASE));
        self.tell(&held(job, token));
    }

    async fn misfortune(&mut self) {
        match self.random.below(5) {
            0 | 1 => {
                let which = self.random.below(WORKERS);
                self.lives += 1;
                self.workers[which] = Worker::new(which, self.lives);
            }
            2 | 3 => {
                let which = self.random.below(WORKERS);
                let lasting = Duration::from_secs(2 + self.random.below(30) as u64);
                self.workers[which].frozen_until = self.now + lasting;
            }
            _ => {
                let which = self.random.below(self.dispatchers.len());
                self.dispatchers[which] = self.dispatcher().await;
            }
        }
        if self.random.percent(10) {
            let job = Uuid::from_u128(1 + self.random.below(JOBS as usize) as u128);
            let cancel = JobCommand::RequestCancel { reason: "changed my mind".to_owned() };
            // It may not be heard: then nobody was promised anything.
            let _ = self.door.handle(request(derived_id(job, "cancel"), &tenant(), job, cancel)).await;
        }
    }

    async fn events(&self) -> Vec<Recorded> {
        let mut following = self.log.follow(0).await.expect("following never fails here");
        let mut events = Vec::new();
        while let Some(recorded) = ready(&mut following) {
            events.push(recorded);
        }
        events
    }
}

/// The next event that is there already.
fn ready(events: &mut EntryStream) -> Option<Recorded> {
    // Out of tokio's budget, in which an endless task would seem to find nothing.
    let next = tokio::task::unconstrained(events.next()).now_or_never();
    next.flatten().and_then(|entry| entry.expect("memory answers").event())
}

fn held(job: Uuid, token: u64) -> LeaseChange {
    LeaseChange::Held { job, lease: Lease { tenant: tenant(), worker: String::new(), token } }
}

/// Jobs that have ended, after a check of everything that must hold at any time.
fn check(seed: u64, events: &[Recorded]) -> usize {
    let mut tokens: BTreeMap<Uuid, Option<u64>> = BTreeMap::new();
    let mut epochs: BTreeMap<Uuid, u32> = BTreeMap::new();
    let mut saved: BTreeMap<Uuid, u32> = BTreeMap::new();
    let mut ended = HashSet::new();
    let mut commands = HashSet::new();
    for recorded in events {
        let (Aggregate::Job(job), Event::Job(event)) =
            (&recorded.envelope.aggregate, &recorded.envelope.event)
        else {
            continue;
        };
        let context = format!("seed {seed}, {recorded:?}");
        assert!(commands.insert(recorded.envelope.command_id), "a command wrote twice: {context}");
        assert!(!ended.contains(job), "something after the end: {context}");
        let token = tokens.entry(*job).or_default();
        if let Some(spoken) = event.token() {
            assert_eq!(*token, Some(spoken), "a stale token speaks: {context}");
        }
        match event {
            JobEvent::AttemptStarted { .. } => {
                assert_eq!(*token, None, "two attempts at once: {context}");
                *token = Some(recorded.sequence);
                epochs.insert(*job, saved.get(job).copied().unwrap_or(0));
            }
            JobEvent::EpochLogged { epoch, .. } => {
                let before = epochs.insert(*job, *epoch);
                assert_eq!(before.map(|before| before + 1), Some(*epoch), "a gap: {context}");
            }
            JobEvent::CheckpointCommitted { checkpoint, .. } => {
                saved.insert(*job, checkpoint.epoch);
            }
            JobEvent::AttemptLost { .. } => *token = None,
            JobEvent::Finished { .. } => {
                assert_eq!(epochs.get(job), Some(&EPOCHS), "finished too early: {context}");
                ended.insert(*job);
            }
            JobEvent::Cancelled { .. } | JobEvent::Failed { .. } => {
                ended.insert(*job);
            }
            _ => {}
        }
    }
    ended.len()
}

#[tokio::test(start_paused = true)]
async fn whatever_goes_wrong_every_job_ends_once_under_current_tokens() {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..SEEDS {
        let mut simulation = Simulation::new(seed).await;
        for _ in 0..STORM_STEPS {
            simulation.step().await;
        }
        simulation.storm = false;
        let mut steps = 0;
        while check(seed, &simulation.events().await) < JOBS as usize {
            for _ in 0..50 {
                simulation.step().await;
            }
            steps += 50;
            assert!(steps <= CALM_STEPS, "seed {seed}: not all have ended: {:#?}", simulation.events().await);
        }
        for recorded in simulation.events().await {
            *kinds.entry(recorded.envelope.event.kind()).or_default() += 1;
        }
    }
    println!("{SEEDS} seeds: {kinds:?}");
    let often = |kind: &str| kinds.get(kind).is_some_and(|count| *count as u64 > SEEDS / 10);
    for kind in ["job.attempt_lost", "job.checkpoint_committed", "job.cancelled", "job.finished"] {
        assert!(often(kind), "the storm is too mild to say anything: {kinds:?}");
    }
}
