//! Pure: from what is queued and who works, what to dispatch now, each with its reason.

use std::collections::BTreeMap;

use trainyard_events::TenantId;
use trainyard_events::config::{Device, Priority};
use trainyard_events::fleet::{Pool, WorkerRecord};
use uuid::Uuid;

use crate::dataset::Verdict;
use crate::job::{JobCommand, Status};
use crate::policy::{Action, ask_job};
use crate::world::{OpenJob, World};

/// The jobs that may go onto the work queue now: highest class first, then in the order they were asked for.
/// A job waits while its dataset is being looked at and while its tenant's quota of concurrent jobs is used up.
pub(crate) fn due(world: &World, fleet: &[WorkerRecord]) -> Vec<Action> {
    let mut running: BTreeMap<&TenantId, u32> = BTreeMap::new();
    let mut waiting: Vec<(&TenantId, Uuid, &OpenJob)> = Vec::new();
    for ((tenant, id), open) in &world.jobs {
        match open.job.status {
            Status::Queued | Status::Starting | Status::Training => *running.entry(tenant).or_default() += 1,
            Status::Requested if may_run(world, tenant, open) => waiting.push((tenant, *id, open)),
            _ => {}
        }
    }
    waiting.sort_by_key(|(_, _, open)| (std::cmp::Reverse(class(open)), open.requested));

    let mut actions = Vec::new();
    for (tenant, id, open) in waiting {
        let used = running.entry(tenant).or_default();
        if world.job_quota.get(tenant).is_some_and(|quota| *used >= *quota) {
            continue;
        }
        *used += 1;
        let (pool, reason) = choose_pool(open, fleet);
        let reason = match open.job.attempts {
            0 => reason,
            attempts => format!("{reason}; attempt {}", attempts + 1),
        };
        let command = JobCommand::Dispatch { pool, class: class(open), reason };
        actions.push(ask_job("dispatch", tenant, id, open, command));
    }
    actions
}

fn class(open: &OpenJob) -> Priority {
    open.job.config.as_ref().map_or(Priority::Normal, |config| config.priority)
}

fn may_run(world: &World, tenant: &TenantId, open: &OpenJob) -> bool {
    let good =
        open.job.dataset.is_some_and(|dataset| matches!(world.verdict(tenant, dataset), Verdict::Good(_)));
    good && !open.job.cancel_requested && open.job.final_failure().is_none()
}

fn choose_pool(open: &OpenJob, fleet: &[WorkerRecord]) -> (Pool, String) {
    let workers = |pool| fleet.iter().filter(|worker| worker.pool == pool && !worker.draining).count();
    let device = open.job.config.as_ref().map_or(Device::Auto, |config| config.device);
    let pool = match device {
        Device::Cpu => Pool::Cpu,
        Device::Gpu => Pool::Gpu,
        Device::Auto if workers(Pool::Gpu) > 0 => Pool::Gpu,
        Device::Auto => Pool::Cpu,
    };
    let why = match device {
        Device::Auto => format!("no device was asked for, so the {pool} pool"),
        Device::Cpu | Device::Gpu => format!("the {pool} pool, as asked"),
    };
    match workers(pool) {
        0 => (pool, format!("{why}; no {pool} worker is up, it starts when one joins")),
        1 => (pool, format!("{why} with 1 worker")),
        many => (pool, format!("{why} with {many} workers")),
    }
}

#[cfg(test)]
mod tests;
