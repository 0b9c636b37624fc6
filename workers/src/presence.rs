//! What this worker says of itself to the fleet: every few seconds, and at once when something changes.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use trainyard_bus::{BusError, Fleet};
use trainyard_door::Clock;
use trainyard_events::fleet::{InstalledRunner, WorkerRecord};
use trainyard_events::limits;
use uuid::Uuid;

use crate::metrics::WorkerMetrics;

/// What saying goodbye may take.
const FAREWELL: Duration = Duration::from_secs(3);

/// Clones speak for the same worker.
#[derive(Clone)]
pub(crate) struct Presence {
    record: watch::Sender<WorkerRecord>,
    fleet: Fleet,
    clock: Clock,
    metrics: WorkerMetrics,
}

impl Presence {
    pub(crate) fn new(record: WorkerRecord, fleet: Fleet, clock: Clock, metrics: WorkerMetrics) -> Presence {
        Presence { record: watch::Sender::new(record), fleet, clock, metrics }
    }

    pub(crate) fn record(&self) -> WorkerRecord {
        self.record.borrow().clone()
    }

    /// Says once that the worker is there.
    pub(crate) async fn report(&self) -> Result<(), BusError> {
        let (seen_at, gpus) = ((self.clock)(), self.metrics.gpus.now());
        let record = WorkerRecord { seen_at, gpus, ..self.record.borrow().clone() };
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
