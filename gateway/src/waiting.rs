//! Why a job waits now, as the fleet, the queue and the dispatcher are at this moment.

use std::time::Duration;

use trainyard_commands::{Rejection, schedule};
use trainyard_events::config::Device;
use trainyard_events::fleet::{Pool, WorkerRecord};
use trainyard_projections::JobFilter;
use trainyard_views::{DatasetStatus, JobRow, JobStatus, TenantRow};

use crate::error::ApiError;
use crate::extract::page;
use crate::gateway::Gateway;

/// The most jobs that are counted.
const COUNTED: u32 = 100;
const HOUR_MS: u64 = 3_600_000;
/// What the bus is given to say whether a dispatcher is there; nothing is said of it when it does not.
const DISPATCHER_ASKED: Duration = Duration::from_secs(1);

/// What a job that was asked for waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    Dispatcher,
    /// Of its tenant's quota, jobs at once or GPU hours.
    Slots(u32),
    GpuHours(u32),
    Dataset,
    /// The same, and nobody is there to look.
    Looker,
    /// Nobody is in its pool.
    Worker,
    /// All who are in its pool are being stopped.
    NextWorker,
    /// Of the pool, as its workers said last.
    Slot {
        pool: Pool,
        slots: usize,
        free: usize,
    },
}

/// The row with why it waits after what it says itself, such as how its last attempt ended. A job that does not wait to
/// be dispatched stays as it is.
pub(crate) async fn told(gateway: &Gateway, mut job: JobRow) -> Result<JobRow, ApiError> {
    if job.status == JobStatus::Requested {
        let now = reason(gateway, &job).await?;
        job.waiting_reason = Some(match job.waiting_reason {
            Some(before) => format!("{before}; {now}"),
            None => now,
        });
    }
    Ok(job)
}

async fn reason(gateway: &Gateway, job: &JobRow) -> Result<String, ApiError> {
    if dispatcher_is_away(gateway).await {
        return Ok(in_words(Wait::Dispatcher, 0));
    }
    let fleet = gateway.hub.fleet().borrow().everyone();
    let dataset = gateway.views.dataset(&job.tenant, job.dataset).await?;
    if dataset.is_some_and(|dataset| dataset.status == DatasetStatus::Pending) {
        let nobody = fleet.iter().all(|worker| worker.draining);
        return Ok(in_words(if nobody { Wait::Looker } else { Wait::Dataset }, 0));
    }
    if let Some(wait) = gateway.views.tenant(&job.tenant).await?.and_then(|tenant| of_quota(&tenant, job)) {
        return Ok(in_words(wait, 0));
    }
    let filter = JobFilter { status: vec![JobStatus::Requested], q: None, chat: None };
    let earlier = gateway.views.jobs(&job.tenant, &filter, page(Some(job.number), Some(COUNTED))).await?;
    Ok(in_words(in_fleet(job.config.device, &fleet), earlier.rows.len()))
}

/// Only what is known: a bus that does not answer says nothing of the dispatcher.
async fn dispatcher_is_away(gateway: &Gateway) -> bool {
    let there = tokio::time::timeout(DISPATCHER_ASKED, gateway.bus.is_attended()).await;
    match there {
        Ok(Ok(attended)) => !attended,
        Ok(Err(error)) => {
            tracing::warn!(%error, "whether a dispatcher is there cannot be found out");
            false
        }
        Err(_) => false,
    }
}

/// What of its tenant's quota is used up that the job needs.
fn of_quota(tenant: &TenantRow, job: &JobRow) -> Option<Wait> {
    let slots = tenant.concurrent_jobs.filter(|most| tenant.slots.len() >= *most as usize);
    let hours = tenant
        .gpu_hours
        .filter(|hours| job.config.device == Device::Gpu && tenant.gpu_ms >= u64::from(*hours) * HOUR_MS);
    hours.map(Wait::GpuHours).or(slots.map(Wait::Slots))
}

/// Of a job whose dataset is good, by the rule that chooses its pool.
fn in_fleet(device: Device, fleet: &[WorkerRecord]) -> Wait {
    let pool = schedule::pool(device, fleet);
    let (leaving, staying): (Vec<_>, Vec<_>) =
        fleet.iter().filter(|worker| worker.pool == pool).partition(|worker| worker.draining);
    if staying.is_empty() {
        return if leaving.is_empty() { Wait::Worker } else { Wait::NextWorker };
    }
    let slots = |worker: &&WorkerRecord| worker.slots as usize;
    let free = |worker: &&WorkerRecord| slots(worker).saturating_sub(worker.jobs.len());
    Wait::Slot { pool, slots: staying.iter().map(slots).sum(), free: staying.iter().map(free).sum() }
}

fn in_words(wait: Wait, earlier: usize) -> String {
    let ahead = match earlier {
        0 => "it is the next of its tenant".to_owned(),
        1 => "1 job was asked for earlier and waits too".to_owned(),
        many if many >= COUNTED as usize => {
            format!("{COUNTED} jobs or more were asked for earlier and wait too")
        }
        many => format!("{many} jobs were asked for earlier and wait too"),
    };
    let about_to = "it gets one in a moment, unless earlier jobs or its tenant's quota hold it back";
    match wait {
        Wait::Dispatcher => "no dispatcher is up, and nothing starts without one".to_owned(),
        Wait::Slots(most) => Rejection::QuotaUsedUp(most).to_string(),
        Wait::GpuHours(hours) => Rejection::GpuHoursUsedUp(hours).to_string(),
        Wait::Looker => "no worker is up that could look at its dataset".to_owned(),
        Wait::Dataset => "its dataset is still being looked at".to_owned(),
        Wait::Worker => format!("no worker is up that could take it; {ahead}"),
        Wait::NextWorker => format!("every worker that could take it is being stopped; {ahead}"),
        Wait::Slot { pool, slots: 1, free: 0 } => {
            format!("the one slot of the {pool} pool is taken; {ahead}")
        }
        Wait::Slot { pool, slots, free: 0 } => {
            format!("all {slots} slots of the {pool} pool are taken; {ahead}")
        }
        Wait::Slot { pool, slots, free } => {
            format!("of {slots} slots in the {pool} pool {free} are free; {about_to}; {ahead}")
        }
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;
    use uuid::Uuid;

    use super::*;
    use crate::korean;

    fn worker(pool: Pool, slots: u32, jobs: usize, draining: bool) -> WorkerRecord {
        WorkerRecord {
            worker: format!("{pool}-{slots}-{jobs}-{draining}"),
            pool,
            device: "a test".to_owned(),
            host: "here".to_owned(),
            version: "0".to_owned(),
            started_at: OffsetDateTime::UNIX_EPOCH,
            seen_at: OffsetDateTime::UNIX_EPOCH,
            jobs: (0..jobs).map(|_| Uuid::new_v4()).collect(),
            slots,
            draining,
        }
    }

    #[test]
    fn slots_are_taken_only_when_somebody_runs_in_them() {
        let (cpu, gpu) = (Pool::Cpu, Pool::Gpu);
        let slot = |pool, slots, free| Wait::Slot { pool, slots, free };
        for (device, fleet, wait) in [
            (Device::Cpu, vec![], Wait::Worker),
            (Device::Cpu, vec![worker(gpu, 2, 0, false)], Wait::Worker),
            (Device::Cpu, vec![worker(cpu, 1, 0, false)], slot(cpu, 1, 1)),
            (Device::Cpu, vec![worker(cpu, 1, 1, false)], slot(cpu, 1, 0)),
            (Device::Cpu, vec![worker(cpu, 4, 1, false), worker(cpu, 1, 1, false)], slot(cpu, 5, 3)),
            (Device::Cpu, vec![worker(cpu, 4, 1, true), worker(cpu, 1, 1, false)], slot(cpu, 1, 0)),
            (Device::Cpu, vec![worker(cpu, 4, 1, true)], Wait::NextWorker),
            // Where there is a GPU, a job that leaves it open waits for one, however idle the rest is.
            (Device::Auto, vec![worker(cpu, 4, 0, false), worker(gpu, 1, 1, false)], slot(gpu, 1, 0)),
            (Device::Auto, vec![worker(cpu, 4, 0, false), worker(gpu, 1, 1, true)], slot(cpu, 4, 4)),
        ] {
            assert_eq!(in_fleet(device, &fleet), wait, "{device:?} {fleet:?}");
        }
    }

    #[test]
    fn every_wait_has_its_korean() {
        let slots = [(1, 0), (2, 0), (1, 1), (3, 2)];
        let slots = slots.map(|(slots, free)| Wait::Slot { pool: Pool::Cpu, slots, free });
        let others = [
            Wait::Dispatcher,
            Wait::Slots(2),
            Wait::GpuHours(10),
            Wait::Dataset,
            Wait::Looker,
            Wait::Worker,
            Wait::NextWorker,
        ];
        for wait in others.into_iter().chain(slots) {
            for earlier in [0, 1, 2, COUNTED as usize] {
                let said = in_words(wait, earlier);
                assert!(korean::knows(&said), "{said}");
            }
        }
    }
}
