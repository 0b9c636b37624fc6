//! The facts of a tenant: who may ask, and for how much.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::config::UnknownWord;
use crate::fleet::Pool;
use crate::price::{Month, Price};

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reads, talks, trains, deploys.
    Editor,
    /// And issues tokens.
    Admin,
}

impl Role {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Editor => "editor",
            Role::Admin => "admin",
        }
    }
}

impl FromStr for Role {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let all = [Role::Viewer, Role::Editor, Role::Admin];
        let unknown = || UnknownWord { word: word.to_owned(), choices: all.map(Role::name).join(", ") };
        all.into_iter().find(|role| role.name() == word).ok_or_else(unknown)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", content = "body")]
pub enum TenantEvent {
    #[serde(rename = "tenant.created")]
    Created {},
    /// Only `sha256`, the hash of the token in hex, is ever stored.
    #[serde(rename = "tenant.token_issued")]
    TokenIssued {
        token_id: Uuid,
        name: String,
        role: Role,
        sha256: String,
        /// From then on it opens nothing; without it, the token lives until it is revoked.
        #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Moment>"))]
        expires_at: Option<OffsetDateTime>,
    },
    #[serde(rename = "tenant.token_revoked")]
    TokenRevoked { token_id: Uuid },
    /// `None` is unlimited.
    #[serde(rename = "tenant.quota_set")]
    QuotaSet {
        concurrent_jobs: Option<u32>,
        gpu_hours: Option<u32>,
        /// Of the files of its datasets in the store, each once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dataset_bytes: Option<u64>,
        /// What its jobs may cost in a calendar month of Seoul, in whole units of the currency of its prices.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        month_budget: Option<u64>,
    },
    /// `job` may be dispatched within the quota. `wait` is the sequence of the event since which it waits, so that a
    /// reservation is for one dispatch and one attempt. Only of a tenant that has, or had, a quota.
    #[serde(rename = "tenant.slot_reserved")]
    SlotReserved { job: Uuid, wait: u64 },
    /// The job that reserved it has ended or waits again. `gpu_ms` is what its attempt took of the GPU pool, in
    /// milliseconds from its start to its end.
    #[serde(rename = "tenant.slot_released")]
    SlotReleased { job: Uuid, wait: u64, gpu_ms: u64 },
    /// What time on workers of `pool` costs from here on; `None` is nothing. All prices of a tenant are in one currency.
    /// What was dispatched before keeps the price that it was dispatched at.
    #[serde(rename = "tenant.price_set")]
    PriceSet { pool: Pool, price: Option<Price> },
    /// Of what it may spend in `month` most is gone: `spent`, in millionths, of `budget`, in whole units. Once for each
    /// month and budget.
    #[serde(rename = "tenant.budget_neared")]
    BudgetNeared { month: Month, spent: u64, budget: u64, currency: String },
}

impl TenantEvent {
    /// Dotted wire name.
    pub fn kind(&self) -> &'static str {
        match self {
            TenantEvent::Created { .. } => "tenant.created",
            TenantEvent::TokenIssued { .. } => "tenant.token_issued",
            TenantEvent::TokenRevoked { .. } => "tenant.token_revoked",
            TenantEvent::QuotaSet { .. } => "tenant.quota_set",
            TenantEvent::SlotReserved { .. } => "tenant.slot_reserved",
            TenantEvent::SlotReleased { .. } => "tenant.slot_released",
            TenantEvent::PriceSet { .. } => "tenant.price_set",
            TenantEvent::BudgetNeared { .. } => "tenant.budget_neared",
        }
    }
}
