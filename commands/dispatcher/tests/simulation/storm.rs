//! What goes wrong around the log: workers die, freeze, hang and are not seen, the bus is away, clocks step, dispatchers begin anew,
//! and people change their minds.

use std::time::Duration;

use trainyard_bus::LeaseChange;
use trainyard_commands::job::JobCommand;
use trainyard_commands::maintenance::MaintenanceCommand;
use trainyard_commands::world::World;
use trainyard_commands::{Command, Request, derived_id};
use trainyard_events::reason::Reason;
use trainyard_events::{Actor, Aggregate, limits};
use uuid::Uuid;

use super::clocks::{self, CLOCKS};
use super::worker::{Worker, request};
use super::{JOBS, Simulation, WORKERS, tenant};

impl Simulation {
    pub(super) async fn misfortune(&mut self) {
        let which = self.random.below(WORKERS);
        match self.random.below(10) {
            0 | 1 => self.dies(which),
            2 | 3 => {
                let thaws = self.now + Duration::from_secs(2 + self.random.below(60) as u64);
                self.workers[which].frozen_until = thaws;
                // It may thaw within a long epoch: what it holds again then, the log may have given to another.
                if self.random.percent(50) {
                    self.workers[which].hung_until = thaws + limits::LEASE * 3;
                }
            }
            4 => {
                let lasting = Duration::from_secs(30 + self.random.below(300) as u64);
                self.workers[which].hung_until = self.now + lasting;
            }
            5 | 6 => {
                // More often the one whose pool then has nobody.
                let which = if self.random.percent(50) { WORKERS - 1 } else { which };
                let lasting = Duration::from_secs(30 + self.random.below(90) as u64);
                self.workers[which].unseen_until = self.now + lasting;
            }
            7 => {
                let clock = self.random.below(CLOCKS.len());
                self.workers[which].clock = clock;
                let which = self.random.below(self.dispatchers.len());
                self.dispatchers[which].clock = self.random.below(CLOCKS.len());
            }
            8 => self.outage(),
            _ => {
                let which = self.random.below(self.dispatchers.len());
                // Every other one goes on from what the one before it has written down.
                let written = self.dispatchers[which].world.to_json().filter(|_| self.random.percent(50));
                let world = written.map(|json| World::remembered(&json).expect("it was written so"));
                self.dispatchers[which] = self.dispatcher(which, world.unwrap_or_default()).await;
            }
        }
        if self.random.percent(40) {
            self.maintain().await;
        }
        if self.random.percent(10) {
            let job = Uuid::from_u128(1 + self.random.below(JOBS as usize) as u128);
            let cancel = JobCommand::RequestCancel { because: vec![Reason::said("changed my mind")] };
            // It may not be heard: then nobody was promised anything.
            let _ = self.doors[0].handle(request(derived_id(job, "cancel"), &tenant(), job, cancel)).await;
        }
    }

    /// Also right after it has begun an attempt, before it has a lease for it.
    pub(super) fn dies(&mut self, which: usize) {
        self.lives += 1;
        self.workers[which] = Worker::new(which, self.lives);
    }

    /// The bus is away, often for longer than a lease, and nobody can do anything. Dispatchers know that it was; what has ended
    /// meanwhile they are told before anybody has come back.
    fn outage(&mut self) {
        self.now += Duration::from_secs(2 + self.random.below(30) as u64);
        clocks::pass(self.now);
        for which in 0..self.dispatchers.len() {
            let now = self.instant(which);
            self.dispatchers[which].forgive(now);
        }
        self.tell(&LeaseChange::Current);
        self.expire();
    }

    /// Operators drain workers, at once or not, and pause the queue; and sooner or later they undo it.
    async fn maintain(&mut self) {
        let which = self.random.below(WORKERS);
        let worker = format!("worker-{which}");
        let command = match self.random.below(6) {
            0 => MaintenanceCommand::Drain { worker, note: None, now: false },
            1 => MaintenanceCommand::Drain { worker, note: None, now: true },
            2 | 3 => MaintenanceCommand::Return { worker },
            4 => MaintenanceCommand::Pause { note: None },
            _ => MaintenanceCommand::Resume,
        };
        match command {
            MaintenanceCommand::Drain { .. } => drop(self.drained.insert(which)),
            MaintenanceCommand::Return { .. } => drop(self.drained.remove(&which)),
            _ => {}
        }
        self.lives += 1;
        self.say(derived_id(Uuid::from_u128(self.lives), "maintain"), command).await;
    }

    /// It may not be heard.
    async fn say(&self, id: Uuid, command: MaintenanceCommand) {
        let aggregate = Aggregate::Maintenance(tenant());
        let actor = Actor::User("simulation".to_owned());
        let command = Command::Maintenance(command);
        let request = Request {
            id,
            tenant: tenant(),
            aggregate,
            actor,
            correlation_id: id,
            causation_id: None,
            command,
        };
        let _ = self.doors[0].handle(request).await;
    }

    /// When all is well again, everybody works, also where a wish to the contrary was written late.
    pub(super) async fn end_maintenance(&mut self) {
        self.log.trouble(0);
        self.drained.clear();
        for (number, command) in (0..WORKERS)
            .map(|which| MaintenanceCommand::Return { worker: format!("worker-{which}") })
            .chain([MaintenanceCommand::Resume])
            .enumerate()
        {
            let id = derived_id(Uuid::from_u128(self.now.as_millis()), &format!("return {number}"));
            self.say(id, command).await;
        }
    }
}
