//! `/v1/prices` and `/v1/costs`: what time on workers costs, and what a month has cost, by member, job and kind of worker.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use trainyard_events::fleet::Pool;
use trainyard_events::price::Taken;
use trainyard_events::{Month, Price};
use trainyard_views::LeaseRow;
use uuid::Uuid;

/// Prices by pool; a pool without one costs nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Prices {
    pub prices: BTreeMap<Pool, Price>,
}

/// The price of a pool from now on; null or left out is none. What runs or waits on the queue keeps the price it has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewPrice {
    pub pool: Pool,
    #[serde(default)]
    pub price: Option<Price>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CostsQuery {
    /// Such as `2026-11`; left out, the one that it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub month: Option<Month>,
}

/// What a member's jobs have taken; null where an older release did not say whose they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberCost {
    pub member: Option<String>,
    pub taken: Taken,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobCost {
    pub job: Uuid,
    pub number: u64,
    pub member: Option<String>,
    pub taken: Taken,
}

/// By pool and device, as its trainer names it; null before it has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KindCost {
    pub pool: Option<Pool>,
    pub device: Option<String>,
    pub taken: Taken,
}

/// The leases of a month, added up in three ways, each of which is the total. Money is in millionths of the currency's unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CostReport {
    pub month: Month,
    /// Where the month begins and ends at midnight.
    pub zone: String,
    /// Null while the tenant has had no price.
    pub currency: Option<String>,
    /// For each month, in whole units; null is none.
    pub budget: Option<u64>,
    pub total: Taken,
    /// Leases among them that are still held, counted until now.
    pub running: u32,
    /// Those that took most first; so are the others.
    pub members: Vec<MemberCost>,
    pub jobs: Vec<JobCost>,
    pub kinds: Vec<KindCost>,
}

impl CostReport {
    /// Of the tenant's leases in `month` as they stand at `now`.
    pub fn of(month: Month, leases: &[LeaseRow], now: OffsetDateTime) -> CostReport {
        let (mut members, mut jobs, mut kinds) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let (mut total, mut running) = (Taken::default(), 0);
        for lease in leases {
            let taken = lease.taken_in(month, now);
            total.add(taken);
            running += u32::from(lease.ended_at.is_none());
            let add = |sum: &mut Taken| sum.add(taken);
            add(members.entry(lease.owner.clone()).or_default());
            add(jobs.entry((lease.number, lease.job, lease.owner.clone())).or_default());
            add(kinds.entry((lease.pool, lease.device.clone())).or_default());
        }
        let jobs =
            jobs.into_iter().map(|((number, job, member), taken)| JobCost { job, number, member, taken });
        let members = members.into_iter().map(|(member, taken)| MemberCost { member, taken });
        let kinds = kinds.into_iter().map(|((pool, device), taken)| KindCost { pool, device, taken });
        CostReport {
            month,
            zone: Month::ZONE_NAME.to_owned(),
            currency: leases.iter().rev().find_map(|lease| lease.currency.clone()),
            budget: None,
            total,
            running,
            members: most_first(members, |one| one.taken),
            jobs: most_first(jobs, |one| one.taken),
            kinds: most_first(kinds, |one| one.taken),
        }
    }
}

fn most_first<T>(rows: impl Iterator<Item = T>, taken: fn(&T) -> Taken) -> Vec<T> {
    let mut rows: Vec<T> = rows.collect();
    rows.sort_by_key(|row| std::cmp::Reverse((taken(row).cost, taken(row).held_ms)));
    rows
}
