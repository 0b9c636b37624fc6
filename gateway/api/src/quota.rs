//! `/v1/quota`: how much the tenant may run and keep, and how much of that it uses.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
#[cfg(feature = "schema")]
use trainyard_events::limits::MONTH_BUDGET;
use uuid::Uuid;

/// The limits; null is none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Quota {
    /// Jobs that run at once or are on the work queue.
    pub concurrent_jobs: Option<u32>,
    /// Hours on the GPU pool, counted since there is a quota.
    pub gpu_hours: Option<u32>,
    /// Of the files of its datasets in the store, each once.
    pub dataset_bytes: Option<u64>,
    /// What its jobs may cost in a calendar month of Seoul, in whole units of the currency of its prices.
    pub month_budget: Option<u64>,
}

/// All limits as they are to be; one that is left out or null is none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewQuota {
    /// Jobs that run at once or are on the work queue.
    #[serde(default)]
    pub concurrent_jobs: Option<u32>,
    /// Hours on the GPU pool, counted since there is a quota.
    #[serde(default)]
    pub gpu_hours: Option<u32>,
    /// Of the files of its datasets in the store, each once.
    #[serde(default)]
    pub dataset_bytes: Option<u64>,
    /// What its jobs may cost in a calendar month of Seoul, in whole units of the currency of its prices.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(max = MONTH_BUDGET)))]
    pub month_budget: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuotaAnswer {
    pub quota: Quota,
    pub r#use: QuotaUse,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuotaUse {
    pub concurrent_jobs: u32,
    /// Which those are.
    pub jobs: BTreeSet<Uuid>,
    pub gpu_seconds: u64,
    /// Counted in the store, at most a minute ago.
    pub dataset_bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuotaSet {
    pub quota: Quota,
    /// Null where it was so already.
    pub sequence: Option<u64>,
}
