//! A tenant: who may come in, and its quota, kept by reservations.
//!
//! A job of a tenant with a quota holds a slot from before its dispatch until it has ended or waits again. All slots of
//! a tenant stand in its one history, whose appends are guarded, so two dispatchers cannot give away the same one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trainyard_events::fleet::Pool;
use trainyard_events::{Month, Price, TenantEvent, limits};
use uuid::Uuid;

use trainyard_events::reason::Rejection;

pub use crate::access::NewToken;
use crate::access::{Access, AccessCommand};

#[derive(Clone, Debug, PartialEq)]
pub enum TenantCommand {
    Create,
    IssueToken(NewToken),
    RevokeToken {
        token_id: Uuid,
    },
    Access(AccessCommand),
    Close,
    SetQuota {
        concurrent_jobs: Option<u32>,
        gpu_hours: Option<u32>,
        /// Of the files of its datasets in the store.
        dataset_bytes: Option<u64>,
        /// In whole units of the currency of its prices.
        month_budget: Option<u64>,
    },
    /// For one dispatch, of the job that waits since `wait`, to `pool`. What `runs` already, dispatched before there was
    /// a quota, is counted and not asked.
    ReserveSlot {
        job: Uuid,
        wait: u64,
        pool: Pool,
        runs: bool,
    },
    /// `gpu_ms` is how long the job's attempt was on the GPU pool, on each of its GPUs.
    ReleaseSlot {
        job: Uuid,
        wait: u64,
        gpu_ms: u64,
    },
    /// What time in `pool` costs from now on; `None` is nothing.
    SetPrice {
        pool: Pool,
        price: Option<Price>,
    },
    /// Most of what may be spent in `month` is gone: `spent`, in millionths.
    NearBudget {
        month: Month,
        spent: u64,
    },
}

impl TenantCommand {
    /// Whether it ends something, which a tenant that is closed may still need.
    fn is_for_closed(&self) -> bool {
        matches!(
            self,
            TenantCommand::Close | TenantCommand::RevokeToken { .. } | TenantCommand::ReleaseSlot { .. }
        )
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tenant {
    pub exists: bool,
    pub is_closed: bool,
    pub access: Access,
    pub concurrent_jobs: Option<u32>,
    pub gpu_hours: Option<u32>,
    pub dataset_bytes: Option<u64>,
    pub month_budget: Option<u64>,
    pub prices: BTreeMap<Pool, Price>,
    /// Of all prices that it has had.
    pub currency: Option<String>,
    /// The month, and its budget, that it was told is nearly spent.
    pub neared: Option<(Month, u64)>,
    /// The jobs that hold a slot, and since when each has waited for it.
    pub slots: BTreeMap<Uuid, u64>,
    /// What attempts under slots that were given back took of the GPU pool, in milliseconds: since there is a quota.
    pub gpu_ms: u64,
}

const HOUR_MS: u64 = 3_600_000;

impl Tenant {
    /// Whether its jobs need slots.
    pub fn is_limited(&self) -> bool {
        self.concurrent_jobs.is_some() || self.gpu_hours.is_some()
    }

    pub fn holds(&self, job: Uuid, wait: u64) -> bool {
        self.slots.get(&job) == Some(&wait)
    }

    /// Whether a job may begin in `pool`, as far as GPU hours go. Those of attempts that still run are not used up yet.
    pub fn has_gpu_hours(&self, pool: Pool) -> bool {
        pool != Pool::Gpu || self.gpu_hours.is_none_or(|hours| self.gpu_ms < u64::from(hours) * HOUR_MS)
    }

    fn check_room(&self, pool: Pool) -> Result<(), Rejection> {
        if let Some(most) = self.concurrent_jobs.filter(|most| self.slots.len() >= *most as usize) {
            return Err(Rejection::QuotaUsedUp { slots: most });
        }
        match self.gpu_hours {
            Some(hours) if !self.has_gpu_hours(pool) => Err(Rejection::GpuHoursUsedUp { hours }),
            _ => Ok(()),
        }
    }

    pub fn evolve(&mut self, event: &TenantEvent) {
        match event {
            TenantEvent::Created {} => self.exists = true,
            TenantEvent::Closed {} => self.is_closed = true,
            TenantEvent::TokenIssued { .. }
            | TenantEvent::TokenGranted { .. }
            | TenantEvent::TokenOffered { .. }
            | TenantEvent::TokenRevoked { .. }
            | TenantEvent::MemberRemoved { .. }
            | TenantEvent::MemberRestored { .. } => self.access.evolve(event),
            TenantEvent::QuotaSet { concurrent_jobs, gpu_hours, dataset_bytes, month_budget } => {
                self.concurrent_jobs = *concurrent_jobs;
                self.gpu_hours = *gpu_hours;
                self.dataset_bytes = *dataset_bytes;
                self.month_budget = *month_budget;
            }
            TenantEvent::PriceSet { pool, price: Some(price) } => {
                self.currency.get_or_insert_with(|| price.currency.clone());
                self.prices.insert(*pool, price.clone());
            }
            TenantEvent::PriceSet { pool, price: None } => drop(self.prices.remove(pool)),
            TenantEvent::BudgetNeared { month, budget, .. } => self.neared = Some((*month, *budget)),
            TenantEvent::SlotReserved { job, wait } => {
                self.slots.insert(*job, *wait);
            }
            TenantEvent::SlotReleased { job, wait, gpu_ms } => {
                if self.holds(*job, *wait) {
                    self.slots.remove(job);
                    self.gpu_ms = self.gpu_ms.saturating_add(*gpu_ms);
                }
            }
        }
    }

    pub fn decide(&self, command: &TenantCommand) -> Result<Option<TenantEvent>, Rejection> {
        if !self.exists && *command != TenantCommand::Create {
            return Err(Rejection::NoSuchTenant);
        }
        if self.is_closed && !command.is_for_closed() {
            return Err(Rejection::TenantClosed);
        }
        match command {
            TenantCommand::Create => Ok((!self.exists).then_some(TenantEvent::Created {})),
            TenantCommand::Close => Ok((!self.is_closed).then_some(TenantEvent::Closed {})),
            TenantCommand::IssueToken(new) => self.access.issue(new),
            TenantCommand::RevokeToken { token_id } => self.access.revoke(*token_id),
            TenantCommand::Access(command) => self.access.decide(command),
            TenantCommand::SetQuota { month_budget: Some(budget), .. } if *budget > limits::MONTH_BUDGET => {
                Err(Rejection::BadBudget)
            }
            TenantCommand::SetQuota { concurrent_jobs, gpu_hours, dataset_bytes, month_budget } => {
                let same = (self.concurrent_jobs, self.gpu_hours, self.dataset_bytes, self.month_budget)
                    == (*concurrent_jobs, *gpu_hours, *dataset_bytes, *month_budget);
                Ok((!same).then_some(TenantEvent::QuotaSet {
                    concurrent_jobs: *concurrent_jobs,
                    gpu_hours: *gpu_hours,
                    dataset_bytes: *dataset_bytes,
                    month_budget: *month_budget,
                }))
            }
            TenantCommand::SetPrice { pool, price } => self.set_price(*pool, price.as_ref()),
            TenantCommand::NearBudget { month, spent } => Ok(self.near_budget(*month, *spent)),
            TenantCommand::ReserveSlot { job, wait, pool, runs } => {
                match self.slots.get(job) {
                    Some(held) if held == wait => return Ok(None),
                    Some(_) => return Err(Rejection::SlotStillHeld),
                    None if *runs => {}
                    None => self.check_room(*pool)?,
                }
                Ok(Some(TenantEvent::SlotReserved { job: *job, wait: *wait }))
            }
            TenantCommand::ReleaseSlot { job, wait, gpu_ms } => {
                let released = || TenantEvent::SlotReleased { job: *job, wait: *wait, gpu_ms: *gpu_ms };
                Ok(self.holds(*job, *wait).then(released))
            }
        }
    }

    fn set_price(&self, pool: Pool, price: Option<&Price>) -> Result<Option<TenantEvent>, Rejection> {
        if let Some(price) = price {
            if !price.is_sound() {
                return Err(Rejection::BadPrice);
            }
            if let Some(currency) = self.currency.as_ref().filter(|currency| **currency != price.currency) {
                return Err(Rejection::OtherCurrency { currency: currency.clone() });
            }
        }
        let is_new = self.prices.get(&pool) != price;
        Ok(is_new.then(|| TenantEvent::PriceSet { pool, price: price.cloned() }))
    }

    fn near_budget(&self, month: Month, spent: u64) -> Option<TenantEvent> {
        let budget = self.month_budget.filter(|budget| self.neared != Some((month, *budget)))?;
        Some(TenantEvent::BudgetNeared { month, spent, budget, currency: self.currency.clone()? })
    }
}
