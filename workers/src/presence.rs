//! What this worker says of itself to the fleet: every few seconds, and at once when something changes.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use trainyard_bus::{BusError, Fleet};
use trainyard_commands::berth;
use trainyard_door::Clock;
use trainyard_events::fleet::{Accelerator, Gpu, InstalledRunner, WorkerRecord};
use trainyard_events::{Resources, limits};
use uuid::Uuid;

use crate::devices::Giving;
use crate::host::Meter;
use crate::metrics::WorkerMetrics;

/// What saying goodbye may take.
const FAREWELL: Duration = Duration::from_secs(3);
/// What a driver may take to tell of its GPUs before the worker begins without them.
const DRIVER_FIRST: Duration = Duration::from_secs(10);

/// Clones speak for the same worker.
#[derive(Clone)]
pub(crate) struct Presence {
    record: watch::Sender<WorkerRecord>,
    giving: Giving,
    fleet: Fleet,
    clock: Clock,
    metrics: WorkerMetrics,
    machine: Meter,
}

impl Presence {
    pub(crate) fn new(
        record: WorkerRecord,
        giving: Giving,
        fleet: Fleet,
        clock: Clock,
        metrics: WorkerMetrics,
    ) -> Presence {
        let (record, machine) = (watch::Sender::new(record), Meter::default());
        Presence { record, giving, fleet, clock, metrics, machine }
    }

    /// Waits for what the driver has to tell of the GPUs that jobs are to have: until then nobody knows of them.
    pub(crate) async fn settle(&self) {
        if self.giving.asks_driver() {
            self.metrics.gpus.first(DRIVER_FIRST).await;
            self.learn(&self.metrics.gpus.now());
        }
    }

    /// A GPU that the driver tells of for the first time is given from now on. One that it tells of no more stays: whoever has it
    /// will say what is wrong.
    fn learn(&self, gpus: &[Gpu]) {
        self.record.send_if_modified(|record| {
            let is_new = |gpu: &&Gpu| record.devices.iter().all(|known| known.index != gpu.index);
            let new: Vec<_> = gpus.iter().filter(is_new).filter_map(|gpu| self.giving.device(gpu)).collect();
            record.devices.extend(new.iter().cloned());
            !new.is_empty()
        });
    }

    pub(crate) fn record(&self) -> WorkerRecord {
        self.record.borrow().clone()
    }

    /// Says once that the worker is there.
    pub(crate) async fn report(&self) -> Result<(), BusError> {
        let (seen_at, gpus) = ((self.clock)(), self.metrics.gpus.now());
        self.learn(&gpus);
        let machine = self.machine.look();
        let record = WorkerRecord { seen_at, gpus, machine, ..self.record.borrow().clone() };
        self.fleet.report(&record).await?;
        self.metrics.heard();
        Ok(())
    }

    /// Keeps saying it until the worker has left.
    pub(crate) async fn keep_reporting(&self, left: CancellationToken) {
        let mut changes = self.record.subscribe();
        let mut heard = true;
        loop {
            changes.mark_unchanged();
            match self.report().await {
                Ok(()) => heard = true,
                Err(error) => {
                    if heard {
                        tracing::warn!(%error, "the fleet cannot be told that this worker is there");
                    }
                    heard = false;
                }
            }
            tokio::select! {
                () = left.cancelled() => break,
                _ = changes.changed() => {}
                () = sleep(limits::FLEET_RECORD / 3) => {}
            }
        }
        let worker = self.record.borrow().worker.clone();
        match timeout(FAREWELL, self.fleet.remove(&worker)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::debug!(%error, "the fleet will notice by itself that this worker has left")
            }
            Err(_) => tracing::debug!("the fleet will notice by itself that this worker has left"),
        }
    }

    /// Shows a job as running until what is returned is dropped.
    pub(crate) fn runs(&self, job: Uuid) -> Runs {
        self.record.send_modify(|record| record.jobs.push(job));
        Runs { presence: self.clone(), job }
    }

    /// Gives a job the GPUs that it asks for, or the one that it shares, until what is returned is dropped. `None` where it has to
    /// wait for them.
    pub(crate) fn give(&self, job: Uuid, asked: Option<&Resources>) -> Option<Given> {
        let mut given = None;
        self.record.send_if_modified(|record| {
            let Some(chosen) = berth::assign(&record.devices, asked, record.slots) else { return false };
            berth::give(&mut record.devices, &chosen, job, asked);
            given = Some(chosen.iter().map(|index| record.devices[*index].index).collect::<Vec<u32>>());
            !chosen.is_empty()
        });
        given.map(|indices| Given { presence: self.clone(), job, indices })
    }

    /// The same of those that a trainer of an earlier life has, by their numbers.
    pub(crate) fn give_again(&self, job: Uuid, indices: Vec<u32>, asked: Option<&Resources>) -> Given {
        self.record.send_modify(|record| {
            let has = |device: &Accelerator| indices.contains(&device.index);
            let theirs = record.devices.iter().enumerate().filter(|(_, device)| has(device));
            let chosen: Vec<usize> = theirs.map(|(index, _)| index).collect();
            berth::give(&mut record.devices, &chosen, job, asked);
        });
        Given { presence: self.clone(), job, indices }
    }

    /// As a trainer has named it.
    pub(crate) fn device(&self, device: &str) {
        self.record.send_if_modified(|record| {
            let changed = record.device != device;
            record.device = device.to_owned();
            changed
        });
    }

    pub(crate) fn runners(&self, runners: Vec<InstalledRunner>) {
        self.record.send_modify(|record| record.runners = runners);
    }

    pub(crate) fn draining(&self) {
        self.record.send_modify(|record| record.draining = true);
    }
}

/// The GPUs that one job has here.
pub(crate) struct Given {
    presence: Presence,
    job: Uuid,
    /// By the driver's numbers.
    pub(crate) indices: Vec<u32>,
}

impl Given {
    /// The name of its GPUs, as the worker knows it.
    pub(crate) fn kind(&self) -> Option<String> {
        let record = self.presence.record.borrow();
        record
            .devices
            .iter()
            .find(|device| self.indices.contains(&device.index))
            .map(|device| device.kind.clone())
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        self.presence.record.send_if_modified(|record| {
            berth::release(&mut record.devices, self.job);
            !self.indices.is_empty()
        });
    }
}

/// One job that runs here.
pub(crate) struct Runs {
    presence: Presence,
    job: Uuid,
}

impl Drop for Runs {
    fn drop(&mut self) {
        self.presence.record.send_modify(|record| record.jobs.retain(|job| *job != self.job));
    }
}
