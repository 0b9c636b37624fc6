//! Why a job waits now, as the fleet, the queue and the dispatcher are at this moment.

use std::time::Duration;

use trainyard_api::costs::CostReport;
use trainyard_commands::lack::taken;
use trainyard_commands::maintenance;
use trainyard_commands::schedule::{self, Needs};
use trainyard_events::config::Device;
use trainyard_events::fleet::{Pool, WorkerRecord};
use trainyard_events::price::MILLIONTHS;
use trainyard_events::reason::{Reason, Wait};
use trainyard_events::{Maintenance, Month};
use trainyard_projections::JobFilter;
use trainyard_views::{DatasetStatus, JobRow, JobStatus, TenantRow};
use trainyard_words::english;

use crate::error::ApiError;
use crate::extract::page;
use crate::gateway::Gateway;

/// The most jobs that are counted.
const COUNTED: u32 = 100;
const HOUR_MS: u64 = 3_600_000;
/// What the bus is given to say whether a dispatcher is there; nothing is said of it when it does not.
const DISPATCHER_ASKED: Duration = Duration::from_secs(1);

/// The row with why it waits after what it says itself, such as how its last attempt ended. A job that does not wait to
/// be dispatched stays as it is.
pub(crate) async fn told(gateway: &Gateway, mut job: JobRow) -> Result<JobRow, ApiError> {
    if job.status == JobStatus::Requested {
        let now = because(gateway, &job).await?;
        // One that was taken back for the same reason says it itself.
        let now: Vec<Wait> = now
            .into_iter()
            .filter(|wait| !job.waiting_because.contains(&Reason::Wait(wait.clone())))
            .collect();
        let before = job.waiting_reason.take().into_iter();
        let said = (!now.is_empty()).then(|| english(&now));
        job.waiting_reason = Some(before.chain(said).collect::<Vec<_>>().join("; "));
        job.waiting_because.extend(now.into_iter().map(Reason::Wait));
    }
    Ok(job)
}

async fn because(gateway: &Gateway, job: &JobRow) -> Result<Vec<Wait>, ApiError> {
    if dispatcher_is_away(gateway).await {
        return Ok(vec![Wait::NoDispatcher]);
    }
    let (fleet, maintenance) = {
        let now = gateway.hub.fleet().borrow().clone();
        (now.everyone(), now.maintenance())
    };
    let dataset = gateway.views.dataset(&job.tenant, job.dataset).await?;
    if dataset.is_some_and(|dataset| dataset.status == DatasetStatus::Pending) {
        let nobody = maintenance::working(&maintenance, &fleet).iter().all(|worker| worker.draining);
        return Ok(vec![if nobody { Wait::NobodyLooks } else { Wait::DatasetPending }]);
    }
    if let Some(tenant) = gateway.views.tenant(&job.tenant).await? {
        let wait = of_quota(&tenant, job);
        if let Some(wait) = if wait.is_some() { wait } else { of_budget(gateway, &tenant).await? } {
            return Ok(vec![wait]);
        }
    }
    if let Some(paused) = &maintenance.paused {
        return Ok(vec![Wait::QueuePaused { who: paused.who.clone() }]);
    }
    let filter = JobFilter { status: vec![JobStatus::Requested], ..JobFilter::default() };
    let earlier = gateway.views.jobs(&job.tenant, &filter, page(Some(job.number), Some(COUNTED))).await?;
    let mut because = in_fleet(Needs::of(&job.config), &fleet, &maintenance);
    because.push(behind(earlier.rows.len() as u32));
    Ok(because)
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
    let hours = tenant.gpu_hours.filter(|hours| {
        Needs::of(&job.config).device == Device::Gpu && tenant.gpu_ms >= u64::from(*hours) * HOUR_MS
    });
    hours.map(|hours| Wait::QuotaHours { hours }).or(slots.map(|slots| Wait::QuotaSlots { slots }))
}

/// What the tenant may spend in this month, once it has.
async fn of_budget(gateway: &Gateway, tenant: &TenantRow) -> Result<Option<Wait>, ApiError> {
    let Some(budget) = tenant.month_budget else { return Ok(None) };
    let now = (gateway.clock)();
    let month = Month::of(now);
    let CostReport { total, currency, .. } =
        CostReport::of(month, &gateway.views.leases(&tenant.tenant, month).await?, now);
    let currency = tenant.prices.values().next().map(|price| price.currency.clone()).or(currency);
    let is_spent = total.cost >= budget.saturating_mul(MILLIONTHS);
    Ok(currency.filter(|_| is_spent).map(|currency| Wait::BudgetSpent { budget, currency, month }))
}

/// Of a job whose dataset is good, by the rule that chooses its pool: what its workers said last.
fn in_fleet(needs: Needs<'_>, everyone: &[WorkerRecord], maintenance: &Maintenance) -> Vec<Wait> {
    let fleet = &*maintenance::working(maintenance, everyone);
    let pool = schedule::pool(needs, fleet);
    if needs.workers(fleet, pool).next().is_none() && fits_drained(needs, everyone, maintenance) {
        return vec![Wait::WorkersDrained];
    }
    let able = |worker: &&WorkerRecord| worker.pool == pool && worker.has(needs.runner);
    let (leaving, staying): (Vec<_>, Vec<_>) = fleet.iter().filter(able).partition(|worker| worker.draining);
    if staying.is_empty() && !leaving.is_empty() {
        return vec![Wait::WorkersLeave];
    }
    if let Some(wait) = schedule::nobody(needs, pool, fleet) {
        return vec![wait];
    }
    let staying: Vec<_> = needs.workers(fleet, pool).collect();
    if staying.is_empty() {
        return vec![Wait::NoWorkerFits];
    }
    if let Some(wait) = needs.asked.and_then(|asked| taken(&staying, asked)) {
        return vec![wait];
    }
    let free = |worker: &&WorkerRecord| worker.slots.saturating_sub(worker.jobs.len() as u32);
    let slots = staying.iter().map(|worker| worker.slots).sum();
    match staying.iter().map(free).sum() {
        0 => vec![Wait::SlotsTaken { pool, slots }],
        free => vec![Wait::SlotsFree { pool, slots, free }, Wait::NotHeldBackSoon],
    }
}

/// Whether a worker could take it that an operator has drained.
fn fits_drained(needs: Needs<'_>, everyone: &[WorkerRecord], maintenance: &Maintenance) -> bool {
    let pools = [Pool::Cpu, Pool::Gpu].into_iter().filter(|pool| pool.serves(needs.device));
    let mut fitting = pools.flat_map(|pool| needs.workers(everyone, pool));
    fitting.any(|worker| maintenance.is_drained(&worker.worker))
}

/// How many were asked for earlier.
fn behind(jobs: u32) -> Wait {
    match jobs {
        0 => Wait::NextOfTenant,
        jobs if jobs >= COUNTED => Wait::BehindAtLeast { jobs },
        jobs => Wait::Behind { jobs },
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;
    use uuid::Uuid;

    use super::*;

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

    #[test]
    fn slots_are_taken_only_when_somebody_runs_in_them() {
        let (cpu, gpu) = (Pool::Cpu, Pool::Gpu);
        let taken = |pool, slots| Wait::SlotsTaken { pool, slots };
        let free = |pool, slots, free| Wait::SlotsFree { pool, slots, free };
        for (device, fleet, wait) in [
            (Device::Cpu, vec![], Wait::NoWorkerFits),
            (Device::Cpu, vec![worker(gpu, 2, 0, false)], Wait::NoWorkerFits),
            (Device::Cpu, vec![worker(cpu, 1, 0, false)], free(cpu, 1, 1)),
            (Device::Cpu, vec![worker(cpu, 1, 1, false)], taken(cpu, 1)),
            (Device::Cpu, vec![worker(cpu, 4, 1, false), worker(cpu, 1, 1, false)], free(cpu, 5, 3)),
            (Device::Cpu, vec![worker(cpu, 4, 1, true), worker(cpu, 1, 1, false)], taken(cpu, 1)),
            (Device::Cpu, vec![worker(cpu, 4, 1, true)], Wait::WorkersLeave),
            // Where there is a GPU, a job that leaves it open waits for one, however idle the rest is.
            (Device::Auto, vec![worker(cpu, 4, 0, false), worker(gpu, 1, 1, false)], taken(gpu, 1)),
            (Device::Auto, vec![worker(cpu, 4, 0, false), worker(gpu, 1, 1, true)], free(cpu, 4, 4)),
        ] {
            let needs = Needs { device, runner: None, asked: None };
            assert_eq!(in_fleet(needs, &fleet, &Maintenance::default())[0], wait, "{device:?} {fleet:?}");
        }
        let fleet = [worker(cpu, 4, 0, false)];
        let nobody = Wait::NoWorkerHasRunner { pool: cpu, runner: "timm".into() };
        let needs = Needs { device: Device::Cpu, runner: Some("timm"), asked: None };
        assert_eq!(in_fleet(needs, &fleet, &Maintenance::default()), [nobody]);
    }
}
