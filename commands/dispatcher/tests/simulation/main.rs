//! The whole core under a hostile bus, in one thread and from one seed: two dispatchers, three workers, a work queue
//! that delivers twice, takes acknowledgements of zombies and loses messages for good, leases that run out late and that
//! older attempts take again, a bus that is away, a fleet that changes, jobs that ask for a GPU or a label, workers that
//! freeze, only pretend to live or count wrongly, a quota in every other run, classes that give way in every third,
//! workers that are drained and a queue that is paused, clocks that are wrong and step, a log that loses answers, takes
//! writes late and is read where it is behind.

mod audited;
mod check;
mod clocks;
mod flaky;
#[path = "../../../tests/given/mod.rs"]
mod given;
mod heard;
mod storm;
mod worker;

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::time::{Duration, Instant};

use futures::{FutureExt, StreamExt};
use trainyard_bus::{EntryStream, EventLog, LeaseChange, LogError};
use trainyard_commands::action::Action;
use trainyard_commands::dataset::DatasetCommand;
use trainyard_commands::deadlines::Deadlines;
use trainyard_commands::expiry::{self, Leases};
use trainyard_commands::job::JobCommand;
use trainyard_commands::schedule::Rules;
use trainyard_commands::tenant::TenantCommand;
use trainyard_commands::world::World;
use trainyard_commands::{Command, Request, maintenance, policy, schedule};
use trainyard_door::{Door, HandleError};
use trainyard_events::config::{Device, Priority, Task};
use trainyard_events::fleet::{Lease, Pool, WorkMessage, WorkerRecord};
use trainyard_events::job::JobEvent;
use trainyard_events::reason::{Ending, Reason};
use trainyard_events::trainer::Inspection;
use trainyard_events::{Actor, Aggregate, Entry, Event, Price, Recorded, TenantId, limits};
use uuid::Uuid;

use check::check;
use clocks::CLOCKS;
use flaky::{FlakyLog, Random};
use heard::Heard;
use worker::{Worker, request};

const DATASET: Uuid = Uuid::from_u128(1_000);
const JOBS: u128 = 4;
const DEVICES: [Device; JOBS as usize] = [Device::Cpu, Device::Auto, Device::Gpu, Device::Cpu];
/// The third asks for the GPU of the third worker, the fourth for the label of the first.
const ASKED: [Option<usize>; JOBS as usize] = [None, None, Some(2), Some(0)];
/// So that there is a class to give way to, on each pool.
const CLASSES: [Priority; JOBS as usize] = [Priority::Low, Priority::Low, Priority::Normal, Priority::High];
const EPOCHS: u32 = 4;
const POOLS: [Pool; 3] = [Pool::Cpu, Pool::Cpu, Pool::Gpu];
const WORKERS: usize = POOLS.len();
const STORM_STEPS: usize = 300;
/// When nothing goes wrong any more, everything ends within so many steps.
const CALM_STEPS: usize = 4_000;
const SEEDS: u64 = 2_000;

struct Simulation {
    seed: u64,
    random: Random,
    log: FlakyLog,
    /// One for each clock.
    doors: [Door<FlakyLog>; CLOCKS.len()],
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
    rules: Rules,
    /// Workers that have heard that they are drained.
    drained: BTreeSet<usize>,
}

struct Dispatcher {
    /// Which of the clocks it goes by.
    clock: usize,
    world: World,
    leases: Leases,
    deadlines: Deadlines,
    events: EntryStream,
    /// What it has not been told yet.
    changes: VecDeque<LeaseChange>,
    /// What it has been told.
    heard: Heard,
}

impl Dispatcher {
    fn hear(&mut self, change: LeaseChange, now: Instant) {
        self.heard.hear(&change, now);
        match change {
            LeaseChange::Held { job, lease } => self.leases.held(job, lease),
            LeaseChange::Ended { job } => self.leases.ended(job, now),
            LeaseChange::Current => self.forgive(now),
        }
    }

    /// The bus is or was away: nobody is late for that.
    fn forgive(&mut self, now: Instant) {
        self.leases.forgive(now);
        self.deadlines.forgive(now);
        self.heard.forgive(now);
    }
}

/// Jobs that may run at once.
fn quota(seed: u64) -> Option<usize> {
    (seed % 2 == 1).then_some(1 + (seed / 2 % 2) as usize)
}

/// Whether running jobs give way.
fn preempts(seed: u64) -> bool {
    seed.is_multiple_of(3)
}

fn tenant() -> TenantId {
    "acme".parse().expect("a name")
}

impl Simulation {
    async fn new(seed: u64) -> Simulation {
        let log = FlakyLog::new(seed);
        let mut simulation = Simulation {
            seed,
            random: Random::new(seed ^ 0xA5A5),
            doors: CLOCKS.map(|clock| Door::new(log.clone(), clock)),
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
            rules: Rules { preempts: preempts(seed), ..Rules::default() },
            drained: BTreeSet::new(),
        };
        if let Some(most) = quota(seed) {
            simulation.limit(u32::try_from(most).ok()).await;
        }
        simulation.ask_for_jobs().await;
        for which in 0..2 {
            let dispatcher = simulation.dispatcher(which, World::default()).await;
            simulation.dispatchers.push(dispatcher);
        }
        simulation
    }

    /// Before any trouble. Returns the sequence.
    async fn ask(&self, id: u128, aggregate: Aggregate, command: Command) -> u64 {
        let request = Request {
            id: Uuid::from_u128(id),
            tenant: tenant(),
            aggregate,
            actor: Actor::User("simulation".to_owned()),
            correlation_id: Uuid::nil(),
            causation_id: None,
            command,
        };
        let handled = self.doors[0].handle(request).await.expect("no trouble yet");
        handled.recorded().expect("it is news").sequence
    }

    async fn limit(&self, concurrent_jobs: Option<u32>) {
        let aggregate = || Aggregate::Tenant(tenant());
        self.ask(1_000_003, aggregate(), Command::Tenant(TenantCommand::Create)).await;
        let quota = TenantCommand::SetQuota {
            concurrent_jobs,
            gpu_hours: Some(1_000),
            dataset_bytes: None,
            month_budget: None,
        };
        self.ask(1_000_004, aggregate(), Command::Tenant(quota)).await;
        // A millionth for a millisecond, so that money is time.
        for (id, pool) in [(1_000_005, Pool::Cpu), (1_000_006, Pool::Gpu)] {
            let price = Price { currency: "KRW".to_owned(), hour: 3_600_000, devices: BTreeMap::new() };
            let price = TenantCommand::SetPrice { pool, price: Some(price) };
            self.ask(id, aggregate(), Command::Tenant(price)).await;
        }
    }

    async fn ask_for_jobs(&self) {
        let dataset = |id, command| self.ask(id, Aggregate::Dataset(DATASET), Command::Dataset(command));
        let register = DatasetCommand::Register {
            path: "x".into(),
            task: Task::Classify,
            source: Default::default(),
            again: false,
        };
        let inspection = dataset(1_000_001, register).await;
        let result = Inspection::Good { profile: Box::new(given::profile()) };
        dataset(
            1_000_002,
            DatasetCommand::RecordInspection { inspection, result, artifacts: Vec::new(), manifest: None },
        )
        .await;
        for (((job, device), asked), class) in (1..=JOBS).zip(DEVICES).zip(ASKED).zip(CLASSES) {
            let mut config = given::config();
            (config.epochs, config.device, config.priority) = (EPOCHS, device, class);
            config.resources = asked.map(|worker| Box::new(worker::asks_for(worker)));
            let command = JobCommand::RequestJob {
                config: Box::new(config),
                dataset: DATASET,
                chat: None,
                approval: Uuid::nil(),
            };
            let id = Uuid::from_u128(job);
            self.doors[0].handle(request(id, &tenant(), id, command)).await.expect("no trouble yet");
        }
    }

    /// A dispatcher that begins with a world, and reads what has come since.
    async fn dispatcher(&self, which: usize, world: World) -> Dispatcher {
        let held = self.leases.iter().map(|(job, (token, ..))| held(*job, *token));
        Dispatcher {
            clock: 0,
            leases: Leases::new(self.instant(which)),
            heard: Heard::new(self.seed, self.instant(which)),
            deadlines: Deadlines::default(),
            events: self.log.follow(world.sequence).await.expect("following begins at once here"),
            world,
            changes: held.chain([LeaseChange::Current]).collect(),
        }
    }

    /// As a dispatcher measures it: to the second of them time passes quicker than to everybody else.
    fn instant(&self, dispatcher: usize) -> Instant {
        self.begin + self.now * (10 + dispatcher as u32) / 10
    }

    async fn step(&mut self) {
        self.now += Duration::from_millis(self.random.below(700) as u64);
        clocks::pass(self.now);
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
        if self.storm && self.random.percent(2) && !self.queue.is_empty() {
            let lost = self.random.below(self.queue.len());
            self.queue.remove(lost);
        }
        if self.random.percent(5) {
            self.log.arrive().await;
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
        let (now, behind) = (self.instant(which), if self.storm { self.random.below(12) } else { 1_000 });
        let fleet = self.fleet();
        let dispatcher = &mut self.dispatchers[which];
        for _ in 0..behind {
            match ready(&mut dispatcher.events) {
                Some(Ok(entry)) => {
                    entry.event().iter().for_each(|recorded| dispatcher.world.evolve(recorded))
                }
                Some(Err(_)) => {
                    let after = dispatcher.world.sequence;
                    dispatcher.events = self.log.follow(after).await.expect("following begins at once here");
                }
                None => break,
            }
        }
        for _ in 0..behind {
            let Some(change) = dispatcher.changes.pop_front() else { break };
            dispatcher.hear(change, now);
        }
        let Dispatcher { clock, world, leases, deadlines, heard, .. } = dispatcher;
        let clock = *clock;
        world.settle();
        assert!(
            self.random.below(8) > 0 || world.is_settled(),
            "what is kept up to date is what a look at everything gives"
        );
        let fleet = &*maintenance::working(&world.maintenance, &fleet);
        deadlines.look(world, fleet, now);
        let mut actions = policy::due(world);
        actions.extend(schedule::due(world, fleet, deadlines, now, self.rules));
        actions.extend(deadlines.due(world, fleet, now));
        let losses = expiry::losses(world, leases, now);
        heard.check(world, &losses, now);
        actions.extend(losses);
        for action in actions {
            match action {
                Action::Publish { message, id } => {
                    if self.published.insert(id) {
                        self.queue.push(message);
                    }
                }
                Action::Ask(request) => match self.doors[clock].handle(*request).await {
                    Ok(_) | Err(HandleError::Rejected(_) | HandleError::Unavailable(_)) => {}
                    Err(error) => panic!("{error}"),
                },
            }
        }
    }

    /// The workers that are heard of, each alone on its machine.
    fn fleet(&self) -> Vec<WorkerRecord> {
        let heard = self.workers.iter().filter(|worker| worker.unseen_until <= self.now);
        heard.map(Worker::record).collect()
    }

    async fn work(&mut self, which: usize) {
        if self.workers[which].frozen_until > self.now {
            return;
        }
        if self.workers[which].attempt.is_none() {
            if self.drained.contains(&which) {
                return;
            }
            return self.take(which).await;
        }
        self.renew(which);
        if self.workers[which].hung_until > self.now {
            return;
        }
        let (saves, miscounts) = (self.random.percent(60), self.storm && self.random.percent(5));
        let worker = &mut self.workers[which];
        if miscounts {
            worker.miscount(&tenant()).await;
        }
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
        let worker = &self.workers[which];
        let ours: Vec<WorkMessage> =
            self.queue.iter().filter(|message| is_for(message, worker)).cloned().collect();
        if ours.is_empty() {
            return;
        }
        let message = ours[self.random.below(ours.len())].clone();
        // Only so many deliveries are left to others.
        let others = if self.random.percent(80) { self.fleet() } else { Vec::new() };
        let door = &self.doors[self.workers[which].clock];
        let settled = self.workers[which].claim(door, &message, &others).await;
        if self.storm && self.random.percent(10) {
            self.dies(which);
        }
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

    /// Ends the storm, and goes on until every job has ended.
    async fn calm(&mut self) {
        self.storm = false;
        let mut steps = 0;
        while check(self.seed, &self.events().await) < JOBS as usize {
            self.end_maintenance().await;
            for _ in 0..50 {
                self.step().await;
            }
            steps += 50;
            assert!(
                steps <= CALM_STEPS,
                "seed {}: not all have ended: {:#?}",
                self.seed,
                self.events().await
            );
        }
    }

    async fn events(&self) -> Vec<Recorded> {
        let mut events: Vec<Recorded> = Vec::new();
        loop {
            let after = events.last().map_or(0, |last| last.sequence);
            let mut following = self.log.follow(after).await.expect("following begins at once here");
            loop {
                match ready(&mut following) {
                    Some(Ok(entry)) => events.extend(entry.event()),
                    Some(Err(_)) => break,
                    None => return events,
                }
            }
        }
    }
}

/// On the queue of its pool, or on its own.
fn is_for(message: &WorkMessage, to: &Worker) -> bool {
    matches!(message, WorkMessage::Train { pool, worker, .. }
        if *pool == to.pool && worker.as_ref().is_none_or(|name| *name == to.name))
}

/// The next entry that is there already.
fn ready(events: &mut EntryStream) -> Option<Result<Entry, LogError>> {
    // Out of tokio's budget, in which an endless task would seem to find nothing.
    tokio::task::unconstrained(events.next()).now_or_never().flatten()
}

fn held(job: Uuid, token: u64) -> LeaseChange {
    LeaseChange::Held { job, lease: Lease { tenant: tenant(), worker: String::new(), token } }
}

/// Of the event, or of what is special about it.
fn kind(event: &Event) -> &'static str {
    match event {
        Event::Job(JobEvent::Dispatched { withdrawn: true, .. }) => "withdrawn",
        Event::Job(JobEvent::PreemptRequested { because, .. })
            if matches!(because[..], [Reason::Ending(Ending::GaveWay { .. })]) =>
        {
            "gave way"
        }
        Event::Job(JobEvent::Dispatched { reason, .. }) if reason.contains("again") => "offered again",
        other => other.kind(),
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_goes_wrong_every_job_ends_once_under_current_tokens() {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..SEEDS {
        let mut simulation = Simulation::new(seed).await;
        for _ in 0..STORM_STEPS {
            simulation.step().await;
        }
        simulation.calm().await;
        for recorded in simulation.events().await {
            *kinds.entry(kind(&recorded.envelope.event)).or_default() += 1;
        }
    }
    println!("{SEEDS} seeds: {kinds:?}");
    let count = |kind: &str| kinds.get(kind).copied().unwrap_or(0) as u64;
    for (kind, least) in [
        ("job.attempt_lost", SEEDS / 10),
        ("job.checkpoint_committed", SEEDS / 10),
        ("job.cancelled", SEEDS / 10),
        ("job.finished", SEEDS / 10),
        ("tenant.slot_released", SEEDS / 10),
        ("offered again", SEEDS / 10),
        ("withdrawn", SEEDS / 20),
        ("job.preempt_requested", SEEDS / 20),
        ("job.attempt_preempted", SEEDS / 20),
        ("maintenance.worker_drained", SEEDS / 20),
        ("gave way", SEEDS / 100),
    ] {
        assert!(count(kind) > least, "the storm is too mild to say anything of {kind}: {kinds:?}");
    }
}
