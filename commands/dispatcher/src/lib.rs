//! The role that keeps the world moving: policies, the schedule and lease expiry, decided purely and done here.

mod hold;
mod metrics;

use std::collections::HashSet;
use std::time::Instant;

use futures::StreamExt;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::{error, info, warn};
use trainyard_bus::{Bus, BusError, EventLog, FleetChange, LeaseChange, LogError};
use trainyard_commands::action::Action;
use trainyard_commands::deadlines::Deadlines;
use trainyard_commands::expiry::{self, Leases};
use trainyard_commands::policy;
use trainyard_commands::world::World;
use trainyard_commands::{Request, schedule};
use trainyard_door::{Clock, Door, HandleError};
use trainyard_events::fleet::WorkerRecord;
use trainyard_events::{Entry, Unreadable};
use uuid::Uuid;

use hold::Held;

pub use metrics::DispatcherMetrics;

#[derive(Debug, thiserror::Error)]
pub enum DispatchError {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Bus(#[from] BusError),
}

/// Runs until cancelled. Any number may run at once: what they do twice is written once.
pub async fn run(
    bus: Bus,
    clock: Clock,
    metrics: DispatcherMetrics,
    stop: CancellationToken,
) -> Result<(), DispatchError> {
    let log = bus.log();
    let newest = log.last_sequence().await?;
    let mut entries = log.follow(0).await?;
    let mut dispatcher = Dispatcher {
        door: Door::new(log, clock),
        world: World::default(),
        leases: Leases::new(Instant::now()),
        deadlines: Deadlines::default(),
        fleet: bus.fleet().list().await?,
        done: HashSet::new(),
        held: Held::default(),
        metrics,
        bus,
    };
    let undertaker = dispatcher.bus.clone();
    let _undertaker = AbortOnDropHandle::new(tokio::spawn(async move { undertaker.bury().await }));
    let mut lease_changes = dispatcher.bus.leases().watch();
    let mut fleet_changes = dispatcher.bus.fleet().watch();
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
    let mut tick = tokio::time::interval(dispatcher.leases.check_again());
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        dispatcher.act().await;
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            entry = next(&mut entries, &stop) => match entry? {
                Some(entry) => dispatcher.take_in_entry(entry),
                None => return Ok(()),
            },
            Some(change) = lease_changes.next() => dispatcher.take_in(change),
            Some(change) = fleet_changes.next() => dispatcher.take_in_worker(change),
            _ = tick.tick() => dispatcher.show(),
        }
    }
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

struct Dispatcher<L> {
    door: Door<L>,
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
    metrics: DispatcherMetrics,
}

impl<L: EventLog> Dispatcher<L> {
    fn take_in_entry(&mut self, entry: Entry) {
        match &entry {
            Entry::Event(recorded) => self.metrics.count(&self.world, recorded),
            Entry::Unreadable(unreadable) => left_alone(unreadable),
        }
        self.world.take_in(entry);
    }

    fn take_in(&mut self, change: LeaseChange) {
        match change {
            LeaseChange::Held { job, lease } => self.leases.held(job, lease),
            LeaseChange::Ended { job } => self.leases.ended(job, Instant::now()),
            LeaseChange::Current => self.forgive(Instant::now()),
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
                self.fleet.retain(|known| known.worker != record.worker);
                self.fleet.push(record);
            }
            FleetChange::Gone(worker) => self.fleet.retain(|known| known.worker != worker),
        }
    }

    fn show(&self) {
        let waiting = schedule::waiting(&self.world);
        self.metrics.show(self.world.jobs.len(), &waiting, self.world.quarantine.len());
    }

    /// Does everything that is due now.
    async fn act(&mut self) {
        let now = Instant::now();
        if !self.bus.is_connected() {
            return self.forgive(now);
        }
        let (world, fleet) = (&self.world, &self.fleet);
        self.deadlines.look(world, fleet, now);
        let mut actions = policy::due(world);
        actions.extend(schedule::due(world, fleet, &self.deadlines, now));
        actions.extend(self.deadlines.due(world, fleet, now));
        actions.extend(expiry::losses(world, &mut self.leases, now));
        let wanted: HashSet<Uuid> = actions.iter().map(Action::id).collect();
        self.done.retain(|id| wanted.contains(id));
        self.held.retain(&wanted);
        for action in actions {
            if !self.done.contains(&action.id()) && !self.held.holds(action.id(), now) {
                self.perform(action).await;
            }
        }
    }

    /// What fails for want of the bus stays due and is tried again on the next round. What is refused for as long as it is
    /// due, or cannot be decided since this binary cannot read what it is about, is tried again ever more rarely.
    async fn perform(&mut self, action: Action) {
        let id = action.id();
        match action {
            Action::Publish { message, id } => match self.bus.work().publish(&message, id).await {
                Ok(()) => {
                    info!(?message, "work is on the queue");
                    self.done.insert(id);
                }
                Err(error) => {
                    warn!(%error, "work could not be put on the queue, trying again");
                    self.metrics.action_failed();
                }
            },
            Action::Ask(request) => match self.ask(&request).await {
                Ok(()) => drop(self.done.insert(id)),
                Err(HandleError::Rejected(rejection)) => {
                    info!(aggregate = %request.aggregate, actor = %request.actor, %rejection, "refused");
                    self.held.refused(id, Instant::now());
                }
                Err(error @ HandleError::Unavailable(_)) => {
                    warn!(aggregate = %request.aggregate, %error, "a policy could not act, trying again");
                    self.metrics.action_failed();
                }
                Err(error @ (HandleError::Quarantined { .. } | HandleError::IdTaken { .. })) => {
                    warn!(aggregate = %request.aggregate, %error, "a policy cannot act, trying again later");
                    self.held.refused(id, Instant::now());
                    self.metrics.action_failed();
                }
            },
        }
    }

    /// A refusal of what a user waits for is told to the user: then it is answered, and no refusal any more.
    async fn ask(&self, request: &Request) -> Result<(), HandleError> {
        match self.door.handle(request.clone()).await {
            Ok(_) => Ok(()),
            Err(HandleError::Rejected(rejection)) => match policy::told(request, &rejection) {
                Some(reply) => {
                    warn!(aggregate = %request.aggregate, %rejection, "what was approved is refused, and its chat told so");
                    self.door.handle(reply).await.map(drop)
                }
                None => Err(rejection.into()),
            },
            Err(error) => Err(error),
        }
    }
}
