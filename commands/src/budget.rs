//! Pure: what tenants with a budget have spent in the month that it is, who may begin nothing more, and who is to be told that
//! most is gone.
//!
//! Which month it is, whoever looks says: no fact need come when one turns. What runs goes on, and is counted up to its newest
//! fact.

use std::collections::{BTreeMap, BTreeSet};

use trainyard_events::price::{MILLIONTHS, by_month};
use trainyard_events::{Aggregate, Month, TenantId, limits};

use crate::action::{Action, by_policy};
use crate::command::{Command, derived_id};
use crate::tenant::TenantCommand;
use crate::world::World;

/// The tenants that have spent all of their month.
pub(crate) fn spent_up(world: &World) -> BTreeSet<TenantId> {
    let all = |(tenant, budget, spent): (&TenantId, u64, u64)| {
        (spent >= budget.saturating_mul(MILLIONTHS)).then(|| tenant.clone())
    };
    spent(world).filter_map(all).collect()
}

/// Who is to be told that their month nears its end.
pub(crate) fn due(world: &World) -> Vec<Action> {
    let Some(month) = world.month else { return Vec::new() };
    let near = |(tenant, budget, spent): (&TenantId, u64, u64)| {
        let is_near = spent >= budget.saturating_mul(MILLIONTHS) / 100 * limits::BUDGET_NEARED_PERCENT;
        let known = world.tenants.get(tenant)?;
        if !is_near || known.neared == Some((month, budget)) || known.currency.is_none() {
            return None;
        }
        let cause = world.spent.get(tenant)?;
        let tell = Command::Tenant(TenantCommand::NearBudget { month, spent });
        let aggregate = Aggregate::Tenant(tenant.clone());
        let request = by_policy("near-budget", tenant, aggregate, cause.cause, cause.correlation_id, tell);
        let id = derived_id(cause.cause, &format!("near-budget:{tenant}:{month}:{budget}"));
        Some(Action::Ask(Box::new(crate::Request { id, ..request })))
    };
    spent(world).filter_map(near).collect()
}

/// Of each tenant with a budget: that, in whole units, and what is spent of it in this month, in millionths.
fn spent(world: &World) -> impl Iterator<Item = (&TenantId, u64, u64)> {
    let running = running(world);
    world.tenants.iter().filter_map(move |(tenant, known)| {
        let budget = known.month_budget?;
        let ended = world.spent.get(tenant).and_then(|spent| spent.months.get(&world.month?)).copied();
        let runs = running.get(tenant).copied().unwrap_or(0);
        Some((tenant, budget, ended.unwrap_or(0).saturating_add(runs)))
    })
}

/// What attempts that run have cost in this month.
fn running(world: &World) -> BTreeMap<TenantId, u64> {
    let mut running: BTreeMap<TenantId, u64> = BTreeMap::new();
    if world.tenants.values().all(|known| known.month_budget.is_none()) {
        return running;
    }
    let is_limited =
        |tenant: &TenantId| world.tenants.get(tenant).is_some_and(|known| known.month_budget.is_some());
    for ((tenant, _), open) in world.jobs.iter().filter(|((tenant, _), _)| is_limited(tenant)) {
        let Some((lease, hour)) = open.spending.lease.as_ref().and_then(|lease| Some((lease, lease.hour?)))
        else {
            continue;
        };
        let parts = by_month(lease.began_at, open.newest_at, hour);
        let now: u64 =
            parts.iter().filter(|(month, _)| Some(*month) == world.month).map(|(_, part)| part.cost).sum();
        *running.entry(tenant.clone()).or_default() += now;
    }
    running
}

/// What a tenant's attempts that have ended cost, by month, and the newest event that has changed it.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Spent {
    /// In millionths.
    pub(crate) months: BTreeMap<Month, u64>,
    pub(crate) cause: uuid::Uuid,
    pub(crate) correlation_id: uuid::Uuid,
}
