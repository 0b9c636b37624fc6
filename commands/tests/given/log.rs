//! A log with dispatchers that look at it, and a queue with nobody behind it: what is due at which moment, and what comes
//! of it.

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use time::OffsetDateTime;
use time::macros::datetime;
use trainyard_commands::action::Action;
use trainyard_commands::deadlines::Deadlines;
use trainyard_commands::job::{Job, JobCommand};
use trainyard_commands::schedule::Rules;
use trainyard_commands::tenant::{Tenant, TenantCommand};
use trainyard_commands::world::World;
use trainyard_commands::{Command, Rejection, Request, State, maintenance, policy, schedule};
use trainyard_events::config::{Device, Priority, Task};
use trainyard_events::fleet::{Accelerator, Pool, WorkMessage, WorkerRecord};
use trainyard_events::job::{Failure, FailureClass, JobEvent};
use trainyard_events::reason::Reason;
use trainyard_events::{
    Actor, Aggregate, DatasetEvent, Entry, Envelope, Event, Recorded, Resources, TenantId, event_id, limits,
    subject,
};
use uuid::Uuid;

pub const DATASET: Uuid = Uuid::from_u128(1_000);

pub fn acme() -> TenantId {
    "acme".parse().expect("a name")
}

/// What one dispatcher knows.
#[derive(Default)]
struct Dispatcher {
    world: World,
    deadlines: Deadlines,
    /// Events that it has read.
    read: usize,
}

/// Tells the time by hand.
pub struct Log {
    pub events: Vec<Recorded>,
    /// What has been put on the queue and not been lost, with its message id.
    pub queue: Vec<(Uuid, WorkMessage)>,
    published: HashSet<Uuid>,
    states: BTreeMap<Aggregate, State>,
    dispatchers: Vec<Dispatcher>,
    now: Instant,
    /// By the clock of whoever writes.
    pub at: OffsetDateTime,
    pub rules: Rules,
}

impl Default for Log {
    fn default() -> Log {
        Log::with_dispatchers(1)
    }
}

impl Log {
    pub fn with_dispatchers(count: usize) -> Log {
        Log {
            events: Vec::new(),
            queue: Vec::new(),
            published: HashSet::new(),
            states: BTreeMap::new(),
            dispatchers: (0..count).map(|_| Dispatcher::default()).collect(),
            now: Instant::now(),
            at: datetime!(2026-01-01 00:00 UTC),
            rules: Rules::default(),
        }
    }

    /// Appends whatever it is, and returns its sequence.
    pub fn then(&mut self, aggregate: Aggregate, event: Event) -> u64 {
        let id = Uuid::from_u128(self.events.len() as u128 + 1);
        self.append(id, None, Actor::User("test".into()), aggregate, event)
    }

    fn append(
        &mut self,
        command_id: Uuid,
        causation_id: Option<Uuid>,
        actor: Actor,
        aggregate: Aggregate,
        event: Event,
    ) -> u64 {
        let sequence = self.events.len() as u64 + 1;
        let envelope = Envelope {
            event_id: event_id(command_id),
            tenant: acme(),
            aggregate: aggregate.clone(),
            command_id,
            correlation_id: Uuid::nil(),
            causation_id,
            actor,
            at: self.at,
            sealed: None,
            event,
        };
        let recorded = Recorded::new(sequence, envelope);
        self.states.entry(aggregate.clone()).or_insert_with(|| State::new(&aggregate)).evolve(&recorded);
        self.events.push(recorded);
        sequence
    }

    /// Decides on the newest state, as the door does; the same command again is the same event.
    pub fn ask(&mut self, request: &Request) -> Result<(), Rejection> {
        if self.events.iter().any(|known| known.envelope.command_id == request.id) {
            return Ok(());
        }
        let new = State::new(&request.aggregate);
        let decided = self.states.get(&request.aggregate).unwrap_or(&new).decide(&request.command)?;
        if let Some(event) = decided {
            let (actor, aggregate) = (request.actor.clone(), request.aggregate.clone());
            self.append(request.id, request.causation_id, actor, aggregate, event);
        }
        Ok(())
    }

    /// So many more events reach the dispatcher.
    pub fn read(&mut self, which: usize, most: usize) {
        let dispatcher = &mut self.dispatchers[which];
        for recorded in self.events[dispatcher.read..].iter().take(most) {
            dispatcher.world.take_in(recorded.clone().into());
            dispatcher.read += 1;
        }
    }

    /// Time goes by, and nobody does anything.
    pub fn sleep(&mut self, lasting: Duration) {
        self.now += lasting;
        self.at += lasting;
    }

    /// The first dispatcher comes upon an event of the aggregate that it cannot read.
    pub fn damage(&mut self, aggregate: &Aggregate) {
        self.read(0, usize::MAX);
        let subject = subject::event(&acme(), aggregate);
        let entry = Entry::read(self.events.len() as u64, &subject, b"{}");
        self.dispatchers[0].world.take_in(entry);
    }

    /// The first dispatcher looks at the calendar.
    pub fn turn(&mut self) {
        self.dispatchers[0].world.month = Some(trainyard_events::Month::of(self.at));
    }

    /// What the dispatcher would do now, from what it has read.
    pub fn due_of(&mut self, which: usize, fleet: &[WorkerRecord]) -> Vec<Action> {
        let Dispatcher { world, deadlines, .. } = &mut self.dispatchers[which];
        world.settle();
        assert!(world.is_settled(), "what is kept up to date is what a look at everything gives");
        let fleet = &*maintenance::working(&world.maintenance, fleet);
        deadlines.look(world, fleet, self.now);
        let mut actions = policy::due(world);
        actions.extend(schedule::due(world, fleet, deadlines, self.now, self.rules));
        actions.extend(deadlines.due(world, fleet, self.now));
        actions
    }

    /// And does it. Refusals go the way that the dispatcher's do.
    pub fn act_of(&mut self, which: usize, fleet: &[WorkerRecord]) {
        for action in self.due_of(which, fleet) {
            match action {
                Action::Publish { message, id } => {
                    if self.published.insert(id) {
                        self.queue.push((id, message));
                    }
                }
                Action::Ask(request) => {
                    if let Err(rejection) = self.ask(&request)
                        && let Some(reply) = policy::told(&request, &rejection)
                    {
                        self.ask(&reply).expect("a reply is never refused");
                    }
                }
            }
        }
    }

    /// Time goes by; the first dispatcher has read everything and does what is due, until nothing more is.
    pub fn wait(&mut self, later: Duration, fleet: &[WorkerRecord]) {
        self.pass(Duration::ZERO, fleet);
        self.pass(later, fleet);
    }

    fn pass(&mut self, later: Duration, fleet: &[WorkerRecord]) {
        self.sleep(later);
        let mut before = usize::MAX;
        while before != self.events.len() {
            before = self.events.len();
            self.read(0, usize::MAX);
            self.act_of(0, fleet);
        }
    }

    /// The bus was away until now.
    pub fn outage(&mut self) {
        let now = self.now;
        self.dispatchers.iter_mut().for_each(|dispatcher| dispatcher.deadlines.forgive(now));
    }

    pub fn world(&mut self) -> &World {
        self.read(0, usize::MAX);
        self.dispatchers[0].world.settle();
        &self.dispatchers[0].world
    }

    pub fn state_of(&self, id: u128) -> Job {
        match self.states.get(&Aggregate::Job(Uuid::from_u128(id))) {
            Some(State::Job(job)) => (**job).clone(),
            _ => Job::default(),
        }
    }

    pub fn tenant(&self) -> Tenant {
        match self.states.get(&Aggregate::Tenant(acme())) {
            Some(State::Tenant(tenant)) => tenant.clone(),
            _ => Tenant::default(),
        }
    }

    pub fn job(&mut self, id: u128, event: JobEvent) -> u64 {
        self.then(Aggregate::Job(Uuid::from_u128(id)), Event::Job(event))
    }

    /// Asks something of a job, as a user or a worker does.
    pub fn command(&mut self, id: u128, command: JobCommand) -> Result<u64, Rejection> {
        let aggregate = Aggregate::Job(Uuid::from_u128(id));
        self.ask(&self.request_of(aggregate, Command::Job(command)))?;
        Ok(self.events.len() as u64)
    }

    /// Asks anything, under an id of its own.
    pub fn tell(&mut self, id: u128, aggregate: Aggregate, command: Command) -> Result<(), Rejection> {
        let id = Uuid::from_u128(0xB000 + id);
        self.ask(&Request { id, ..self.request_of(aggregate, command) })
    }

    fn request_of(&self, aggregate: Aggregate, command: Command) -> Request {
        Request {
            id: Uuid::from_u128(0xA000 + self.events.len() as u128),
            tenant: acme(),
            aggregate,
            actor: Actor::User("test".into()),
            correlation_id: Uuid::nil(),
            causation_id: None,
            command,
        }
    }

    pub fn request(&mut self, id: u128, priority: Priority, device: Device) {
        self.request_for(id, super::TrainingConfig { priority, device, ..super::config() });
    }

    /// One that needs a runner, wherever it is.
    pub fn request_by(&mut self, runner: &str, id: u128) {
        let runner = Some(runner.to_owned());
        self.request_for(id, super::TrainingConfig { runner, device: Device::Auto, ..super::config() });
    }

    /// One that asks for something of the worker.
    pub fn request_with(&mut self, id: u128, priority: Priority, asked: Resources) {
        let (resources, device) = (Some(Box::new(asked)), Device::Auto);
        self.request_for(id, super::TrainingConfig { priority, resources, device, ..super::config() });
    }

    pub fn request_for(&mut self, id: u128, config: super::TrainingConfig) {
        let config_hash = config.hash();
        let approval = Uuid::from_u128(id);
        self.job(id, JobEvent::Requested { config, config_hash, dataset: DATASET, chat: None, approval });
    }

    pub fn dispatch(&mut self, id: u128) -> u64 {
        let (pool, class, reason) = (Pool::Cpu, Priority::Normal, String::new());
        self.job(
            id,
            JobEvent::Dispatched {
                pool,
                class,
                reason,
                withdrawn: false,
                worker: None,
                because: vec![],
                price: None,
            },
        )
    }

    /// A worker takes what stands on the queue for the job; returns the token.
    pub fn start(&mut self, id: u128, worker: &str) -> Result<u64, Rejection> {
        let dispatch = self.state_of(id).dispatch;
        self.command(id, JobCommand::StartAttempt { worker: worker.into(), dispatch })
    }

    /// A dispatch and an attempt; returns the token.
    pub fn run(&mut self, id: u128) -> u64 {
        self.dispatch(id);
        self.start(id, "w").expect("it is offered")
    }

    /// A dispatch, and an attempt of this worker.
    pub fn run_on(&mut self, id: u128, worker: &str) -> u64 {
        self.dispatch(id);
        self.start(id, worker).expect("it is offered")
    }

    pub fn fail(&mut self, id: u128, class: FailureClass) {
        let token = self.run(id);
        let failure = Failure {
            class,
            message: String::new(),
            next_step: String::new(),
            console: vec![],
            because: vec![],
            advice: vec![],
        };
        self.job(id, JobEvent::AttemptFailed { token, failure, console: None });
    }

    pub fn register(&mut self) -> u64 {
        let event = DatasetEvent::Registered {
            path: "data/x".into(),
            task: Task::Classify,
            source: Default::default(),
            remote: None,
        };
        self.then(Aggregate::Dataset(DATASET), Event::Dataset(event))
    }

    pub fn good_dataset(&mut self) {
        let inspection = self.register();
        let profile = Box::new(super::profile());
        let event = DatasetEvent::Validated { inspection, profile, artifacts: Vec::new(), version: None };
        self.then(Aggregate::Dataset(DATASET), Event::Dataset(event));
    }

    pub fn quota(&mut self, concurrent_jobs: Option<u32>, gpu_hours: Option<u32>) {
        let aggregate = Aggregate::Tenant(acme());
        for command in [
            TenantCommand::Create,
            TenantCommand::SetQuota { concurrent_jobs, gpu_hours, dataset_bytes: None, month_budget: None },
        ] {
            let request = self.request_of(aggregate.clone(), Command::Tenant(command));
            self.ask(&request).expect("a tenant may have a quota");
        }
    }

    /// The jobs that would be dispatched now, in order, with pool and reason.
    pub fn dispatched(&mut self, fleet: &[WorkerRecord]) -> Vec<(u128, Pool, Vec<Reason>)> {
        self.read(0, usize::MAX);
        let jobs = self.due_of(0, fleet).into_iter().filter_map(|action| match action {
            Action::Ask(request) => match (request.aggregate, request.command) {
                (Aggregate::Job(id), Command::Job(JobCommand::Dispatch { pool, because, .. })) => {
                    Some((id.as_u128(), pool, because))
                }
                _ => None,
            },
            Action::Publish { .. } => None,
        });
        jobs.collect()
    }

    pub fn order(&mut self) -> Vec<u128> {
        self.dispatched(&[worker(Pool::Cpu, 8)]).into_iter().map(|(id, ..)| id).collect()
    }

    /// What policies would ask of job `id` now.
    pub fn asked(&mut self, id: u128) -> Vec<JobCommand> {
        self.read(0, usize::MAX);
        let of_job = Aggregate::Job(Uuid::from_u128(id));
        let world = &mut self.dispatchers[0].world;
        world.settle();
        let asked = policy::due(world).into_iter().filter_map(|action| match action {
            Action::Ask(request) if request.aggregate == of_job => match request.command {
                Command::Job(command) => Some(command),
                _ => None,
            },
            _ => None,
        });
        asked.collect()
    }

    /// What would be put on the queue now, if it were not there yet.
    pub fn published(&mut self) -> Vec<WorkMessage> {
        self.read(0, usize::MAX);
        let published =
            self.due_of(0, &[worker(Pool::Cpu, 8)]).into_iter().filter_map(|action| match action {
                Action::Publish { message, .. } => Some(message),
                Action::Ask(_) => None,
            });
        published.collect()
    }

    /// Longer than any setback calls for, and nobody does anything meanwhile.
    pub fn pause(&mut self) {
        self.read(0, usize::MAX);
        self.due_of(0, &[worker(Pool::Cpu, 8)]);
        self.now += limits::SETBACK_PAUSE_MAX;
    }
}

/// Alone on its machine.
pub fn worker(pool: Pool, slots: u32) -> WorkerRecord {
    named("w", "machine", pool, slots)
}

pub fn named(name: &str, host: &str, pool: Pool, slots: u32) -> WorkerRecord {
    WorkerRecord {
        worker: name.into(),
        pool,
        device: String::new(),
        host: host.into(),
        version: String::new(),
        started_at: datetime!(2026-01-01 00:00 UTC),
        seen_at: datetime!(2026-01-01 00:00 UTC),
        jobs: vec![],
        slots,
        draining: false,
        runners: Vec::new(),
        gpus: Vec::new(),
        devices: Vec::new(),
        cores: None,
        memory_bytes: None,
        machine: None,
        labels: Default::default(),
        takes_own: false,
    }
}

/// A worker with so many GPUs of a kind and a slot for each.
pub fn machine(name: &str, kind: &str, count: u32) -> WorkerRecord {
    let device = |index| Accelerator {
        index,
        kind: format!("NVIDIA {kind}"),
        memory_bytes: Some(80_000_000_000),
        jobs: vec![],
        whole: false,
    };
    WorkerRecord {
        devices: (0..count).map(device).collect(),
        takes_own: true,
        ..named(name, name, Pool::Gpu, count.max(1))
    }
}
