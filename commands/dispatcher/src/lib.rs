//! The role that keeps the world moving: policies, the schedule and lease expiry, decided purely and done here.

mod hold;
mod lanes;
mod memory;
mod metrics;

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::{error, info, warn};
use trainyard_bus::{Bus, BusError, EventLog, FleetChange, LeaseChange, LogError};
use trainyard_commands::action::Action;
use trainyard_commands::deadlines::Deadlines;
use trainyard_commands::expiry::{self, Leases};
use trainyard_commands::schedule::Rules;
use trainyard_commands::world::World;
use trainyard_commands::{Request, maintenance, policy, schedule};
use trainyard_door::{Clock, Door, HandleError, Handled};
use trainyard_events::fleet::WorkerRecord;
use trainyard_events::{Entry, Event, JobEvent, Month, Recorded, Unreadable};
use uuid::Uuid;

use hold::Held;
use lanes::{Lane, Outcome, lanes};
use memory::Memory;

pub use metrics::DispatcherMetrics;

#[derive(Debug, thiserror::Error)]
pub enum DispatchError {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Bus(#[from] BusError),
    #[error("this program cannot be found on the disk: {0}")]
    Program(#[from] std::io::Error),
}

/// What is taken in in one go.
const NEWS_AT_ONCE: usize = 4_096;
/// For each moment that it took to find out what is due, so many pass before it is asked again: however much is open, that
/// takes a tenth of a core. Then more is done at once.
const REST: u32 = 9;
const REST_MAX: Duration = Duration::from_secs(5);
/// What is found out faster than this needs no rest after it: whoever waits for a job's next step would wait for that, too.
const LIGHT: Duration = Duration::from_micros(200);
/// After so long what is due waits until what has come meanwhile is heard: renewed leases above all.
const ROUND: Duration = Duration::from_millis(250);
/// Things that are acted upon at once: most of the time of an action its writer waits for a disk.
const AT_ONCE: usize = 16;

/// Runs until cancelled. Any number may run at once: what they do twice is written once.
pub async fn run(
    bus: Bus,
    clock: Clock,
    metrics: DispatcherMetrics,
    stop: CancellationToken,
) -> Result<(), DispatchError> {
    run_from(bus, clock, metrics, Settings::default(), stop).await
}

/// What a dispatcher goes by.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The file that it goes on from, and writes now and then.
    pub memory: Option<PathBuf>,
    pub rules: Rules,
}

/// The same by these settings.
pub async fn run_from(
    bus: Bus,
    clock: Clock,
    metrics: DispatcherMetrics,
    Settings { memory, rules }: Settings,
    stop: CancellationToken,
) -> Result<(), DispatchError> {
    let log = bus.log();
    let newest = log.last_sequence().await?;
    let mut memory = match memory {
        Some(path) => Some(Memory::new(path, bus.stream_id().await?)?),
        None => None,
    };
    let world = memory.as_mut().map(|memory| memory.recall(newest)).unwrap_or_default();
    let mut entries = log.follow(world.sequence).await?;
    let mut dispatcher = Dispatcher {
        door: Door::new(log, clock),
        clock,
        world,
        leases: Leases::new(Instant::now()),
        deadlines: Deadlines::default(),
        fleet: bus.fleet().list().await?,
        done: HashSet::new(),
        held: Held::default(),
        due: Due::default(),
        memory,
        rules,
        overdue: Vec::new(),
        metrics,
        bus,
    };
    let undertaker = dispatcher.bus.clone();
    let _undertaker = AbortOnDropHandle::new(tokio::spawn(async move { undertaker.bury().await }));
    let (leases, fleet) = (dispatcher.bus.leases().watch(), dispatcher.bus.fleet().watch());
    while dispatcher.world.sequence < newest {
        match next(&mut entries, &stop).await? {
            Some(entry) => dispatcher.world.take_in(entry),
            None => return Ok(()),
        }
    }
    dispatcher.world.quarantine.iter().for_each(|(_, held)| left_alone(held.first()));
    info!(
        sequence = newest,
        open_jobs = dispatcher.world.jobs.len(),
        "the dispatcher knows the log and begins"
    );
    let entries = entries.map(News::Entry).chain(stream::once(async { News::LogEnded }));
    let news = [entries.boxed(), leases.map(News::Lease).boxed(), fleet.map(News::Worker).boxed()];
    let mut news = stream::select_all(news).ready_chunks(NEWS_AT_ONCE);
    let mut tick = tokio::time::interval(dispatcher.leases.check_again());
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut rested = tokio::time::Instant::now();
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => {
                dispatcher.write_down();
                return Ok(());
            }
            // All that has come is taken in before anything is done about it.
            Some(news) = news.next() => for news in news {
                dispatcher.hear(news)?;
            },
            _ = tick.tick() => dispatcher.tick(),
            () = tokio::time::sleep_until(rested), if dispatcher.due.something => {
                rested = tokio::time::Instant::now() + dispatcher.act().await;
            }
        }
    }
}

/// What a dispatcher hears of.
enum News {
    Entry(Result<Entry, LogError>),
    LogEnded,
    Lease(LeaseChange),
    Worker(FleetChange),
}

/// What may have become due since it was last looked.
#[derive(Debug, Default)]
struct Due {
    something: bool,
    /// Also by the clock, which a look at everything tells.
    overdue: bool,
}

fn left_alone(unreadable: &Unreadable) {
    let Unreadable { sequence, of, kind, reason, .. } = unreadable;
    error!(sequence, ?of, kind, reason, "an event cannot be read: what it is about is left alone");
}

/// The next entry; `None` when told to stop.
async fn next(
    entries: &mut trainyard_bus::EntryStream,
    stop: &CancellationToken,
) -> Result<Option<Entry>, DispatchError> {
    tokio::select! {
        () = stop.cancelled() => Ok(None),
        entry = entries.next() => match entry {
            Some(entry) => Ok(Some(entry?)),
            None => Err(LogError::Unavailable("the stream of events ended".to_owned()).into()),
        },
    }
}

/// Facts of an attempt that goes on: nothing is to be done about them, and they are most of the log.
fn is_progress(event: &Event) -> bool {
    matches!(
        event,
        Event::Job(
            JobEvent::EpochLogged { .. }
                | JobEvent::CheckpointCommitted { .. }
                | JobEvent::TrainingStarted { .. }
        )
    )
}

struct Dispatcher<L> {
    door: Door<L>,
    /// Says which month it is.
    clock: Clock,
    bus: Bus,
    world: World,
    leases: Leases,
    deadlines: Deadlines,
    /// The workers that are there.
    fleet: Vec<WorkerRecord>,
    /// Actions done, so that each is done once while this dispatcher lives. Cleared of what the world has moved past.
    done: HashSet<Uuid>,
    /// Actions that could not be done, until they are tried again.
    held: Held,
    due: Due,
    memory: Option<Memory>,
    rules: Rules,
    /// What the last look at the clock found.
    overdue: Vec<Action>,
    metrics: DispatcherMetrics,
}

impl<L: EventLog> Dispatcher<L> {
    fn hear(&mut self, news: News) -> Result<(), DispatchError> {
        match news {
            // What it has written itself it knows before the log tells it.
            News::Entry(entry) => match entry? {
                known if known.sequence() <= self.world.sequence => {}
                entry => self.take_in_entry(entry),
            },
            News::LogEnded => {
                return Err(LogError::Unavailable("the stream of events ended".to_owned()).into());
            }
            News::Lease(change) => self.take_in_lease(change),
            News::Worker(change) => self.take_in_worker(change),
        }
        Ok(())
    }

    fn take_in_entry(&mut self, entry: Entry) {
        match &entry {
            Entry::Event(recorded) => {
                self.metrics.count(&self.world, recorded);
                self.due.something |= !is_progress(&recorded.envelope.event);
                // Looks at datasets are asked for by the clock as well, and who works decides what is late.
                self.due.overdue |=
                    matches!(recorded.envelope.event, Event::Dataset(_) | Event::Maintenance(_));
            }
            Entry::Unreadable(unreadable) => {
                left_alone(unreadable);
                self.due.something = true;
            }
        }
        self.world.take_in(entry);
    }

    /// A lease that is held calls for nothing: nearly all of this is renewals.
    fn take_in_lease(&mut self, change: LeaseChange) {
        match change {
            LeaseChange::Held { job, lease } => self.leases.held(job, lease),
            LeaseChange::Ended { job } => {
                self.leases.ended(job, Instant::now());
                self.due = Due { something: true, overdue: true };
            }
            LeaseChange::Current => {
                self.forgive(Instant::now());
                self.due.something = true;
            }
        }
    }

    /// The bus is or was away: nobody is late for that.
    fn forgive(&mut self, now: Instant) {
        self.leases.forgive(now);
        self.deadlines.forgive(now);
    }

    fn take_in_worker(&mut self, change: FleetChange) {
        match change {
            FleetChange::Seen(record) => {
                match self.fleet.iter_mut().find(|known| known.worker == record.worker) {
                    Some(known) if *known == *record => return,
                    Some(known) => *known = *record,
                    None => self.fleet.push(*record),
                }
            }
            FleetChange::Gone(worker) => self.fleet.retain(|known| known.worker != worker),
        }
        self.due = Due { something: true, overdue: true };
    }

    fn tick(&mut self) {
        self.due = Due { something: true, overdue: true };
        self.world.month = Some(Month::of((self.clock)()));
        self.world.settle();
        let waiting = schedule::waiting(&self.world);
        self.metrics.show(&self.world, &waiting);
        if self.memory.as_ref().is_some_and(|memory| memory.is_old(&self.world)) {
            self.write_down();
        }
    }

    fn write_down(&mut self) {
        if let Some(memory) = &mut self.memory {
            memory.write(&self.world);
        }
    }

    /// Does what is due now, and returns how long to rest.
    async fn act(&mut self) -> Duration {
        let begun = Instant::now();
        if !self.bus.is_connected() {
            self.due = Due::default();
            self.forgive(begun);
            return Duration::ZERO;
        }
        let actions = self.look(begun);
        let thought = begun.elapsed();
        let open =
            |action: &Action| !self.done.contains(&action.id()) && !self.held.holds(action.id(), begun);
        let lanes = lanes(actions.into_iter().filter(open));
        let until = begun + thought + ROUND;
        let outcomes: Vec<Lane> = stream::iter(lanes)
            .map(|lane| self.perform(lane, until))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let mut written = Vec::new();
        for Lane { done, left } in outcomes {
            self.due.something |= left;
            for (id, outcome) in done {
                written.extend(self.settle(id, outcome).map(|recorded| *recorded));
            }
        }
        self.take_in_own(written);
        if thought < LIGHT { Duration::ZERO } else { (thought * REST).min(REST_MAX) }
    }

    /// What stands in the log right after all that is known need not be waited for.
    fn take_in_own(&mut self, mut written: Vec<Recorded>) {
        written.sort_by_key(|recorded| recorded.sequence);
        for recorded in written {
            if recorded.sequence == self.world.sequence + 1 {
                self.take_in_entry(Entry::Event(Box::new(recorded)));
            }
        }
    }

    /// Everything that is due, done or not.
    fn look(&mut self, now: Instant) -> Vec<Action> {
        let due = std::mem::take(&mut self.due);
        self.world.settle();
        let world = &self.world;
        let fleet = &*maintenance::working(&world.maintenance, &self.fleet);
        if due.overdue {
            self.deadlines.look(world, fleet, now);
            self.overdue = self.deadlines.due(world, fleet, now);
            self.overdue.extend(expiry::losses(world, &mut self.leases, now));
        }
        let mut actions = policy::due(world);
        actions.extend(schedule::due(world, fleet, &self.deadlines, now, self.rules));
        actions.extend(self.overdue.iter().cloned());
        let wanted: HashSet<Uuid> = actions.iter().map(Action::id).collect();
        self.done.retain(|id| wanted.contains(id));
        self.held.retain(&wanted);
        actions
    }

    /// One after the other, until it has taken long enough.
    async fn perform(&self, actions: Vec<Action>, until: Instant) -> Lane {
        let mut lane = Lane::default();
        for action in actions {
            if Instant::now() > until {
                lane.left = true;
                break;
            }
            lane.done.push((action.id(), self.outcome(action).await));
        }
        lane
    }

    async fn outcome(&self, action: Action) -> Outcome {
        let request = match action {
            Action::Publish { message, id } => {
                return match self.bus.work().publish(&message, id).await {
                    Ok(()) => {
                        info!(?message, "work is on the queue");
                        Outcome::Done(None)
                    }
                    Err(error) => {
                        warn!(%error, "work could not be put on the queue, trying again");
                        Outcome::ToDo
                    }
                };
            }
            Action::Ask(request) => request,
        };
        match self.ask(&request).await {
            Ok(Handled::Recorded(recorded)) => Outcome::Done(Some(recorded)),
            Ok(Handled::AlreadySo) => Outcome::Done(None),
            Err(HandleError::Rejected(rejection)) => {
                info!(aggregate = %request.aggregate, actor = %request.actor, %rejection, "refused");
                Outcome::Refused
            }
            Err(error @ HandleError::Unavailable(_)) => {
                warn!(aggregate = %request.aggregate, %error, "a policy could not act, trying again");
                Outcome::ToDo
            }
            Err(error @ (HandleError::Quarantined { .. } | HandleError::IdTaken { .. })) => {
                warn!(aggregate = %request.aggregate, %error, "a policy cannot act, trying again later");
                Outcome::Barred
            }
        }
    }

    /// What fails for want of the bus stays due and is tried again on the next round. What is refused for as long as it is
    /// due, or cannot be decided since this binary cannot read what it is about, is tried again ever more rarely. Returns what was
    /// written.
    fn settle(&mut self, id: Uuid, outcome: Outcome) -> Option<Box<Recorded>> {
        match outcome {
            Outcome::Done(written) => {
                self.done.insert(id);
                return written;
            }
            Outcome::Refused => self.held.refused(id, Instant::now()),
            Outcome::ToDo => self.metrics.action_failed(),
            Outcome::Barred => {
                self.held.refused(id, Instant::now());
                self.metrics.action_failed();
            }
        }
        None
    }

    /// A refusal of what a user waits for is told to the user: then it is answered, and no refusal any more.
    async fn ask(&self, request: &Request) -> Result<Handled, HandleError> {
        match self.door.handle(request.clone()).await {
            Err(HandleError::Rejected(rejection)) => match policy::told(request, &rejection) {
                Some(reply) => {
                    warn!(aggregate = %request.aggregate, %rejection, "what was approved is refused, and its chat told so");
                    self.door.handle(reply).await
                }
                None => Err(rejection.into()),
            },
            handled => handled,
        }
    }
}
