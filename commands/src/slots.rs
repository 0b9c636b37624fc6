//! Pure: the slots of tenants with a quota, which jobs reserve before they are dispatched and give back when they end or
//! wait again.

use std::collections::BTreeMap;

use trainyard_events::fleet::Pool;
use trainyard_events::{Aggregate, TenantId};
use uuid::Uuid;

use crate::action::{Action, request};
use crate::command::Command;
use crate::job::Status;
use crate::tenant::TenantCommand;
use crate::world::{OpenJob, World};

/// Slots to give back.
pub fn due(world: &World) -> Vec<Action> {
    let idle = world.idle_slots.iter();
    idle.map(|((tenant, job), slot)| {
        let (wait, gpu_ms) = (slot.wait, slot.gpu_ms);
        let command = Command::Tenant(TenantCommand::ReleaseSlot { job: *job, wait, gpu_ms });
        let aggregate = Aggregate::Tenant(tenant.clone());
        request("release-slot", tenant, aggregate, slot.cause, slot.correlation_id, command)
    })
    .collect()
}

/// The slot of a job that ran before there was a quota.
pub(crate) fn uncounted(world: &World, (tenant, id): &(TenantId, Uuid), open: &OpenJob) -> Option<Action> {
    let runs = matches!(open.job.status, Status::Queued | Status::Starting | Status::Training);
    let is_limited = world.tenants.get(tenant).is_some_and(|tenant| tenant.is_limited());
    let counts = world.holds_slot(tenant, *id, &open.job) || !is_limited;
    Some(reserved(tenant, *id, open, open.pool.filter(|_| runs && !counts)?, true))
}

/// Reserves a slot for the dispatch that the job waits for.
pub(crate) fn reserve(tenant: &TenantId, id: Uuid, open: &OpenJob, pool: Pool) -> Action {
    reserved(tenant, id, open, pool, false)
}

fn reserved(tenant: &TenantId, id: Uuid, open: &OpenJob, pool: Pool, runs: bool) -> Action {
    let command = TenantCommand::ReserveSlot { job: id, wait: open.job.wait, pool, runs };
    let (aggregate, command) = (Aggregate::Tenant(tenant.clone()), Command::Tenant(command));
    request("reserve-slot", tenant, aggregate, open.cause, open.correlation_id, command)
}

/// The slots that each tenant's jobs hold.
pub(crate) fn held(world: &World) -> BTreeMap<TenantId, u32> {
    let held = world.tenants.iter().filter(|(_, tenant)| !tenant.slots.is_empty());
    held.map(|(name, tenant)| (name.clone(), u32::try_from(tenant.slots.len()).unwrap_or(u32::MAX))).collect()
}

/// The slots that each limited tenant has.
pub(crate) fn quotas(world: &World) -> BTreeMap<TenantId, u32> {
    let tenants = world.tenants.iter();
    tenants.filter_map(|(name, tenant)| Some((name.clone(), tenant.concurrent_jobs?))).collect()
}
