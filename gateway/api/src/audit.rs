//! `/v1/audit`: what an auditor that reads the whole log and the store has found of this tenant.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use trainyard_events::Aggregate;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Audit {
    /// Null where no auditor has ever run.
    pub audit: Option<Audited>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Audited {
    /// The newest event of the platform that was checked, from the first.
    pub sequence: u64,
    /// When the auditor began, and when it said this: it says so every five seconds.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub begun: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub told: OffsetDateTime,
    /// Files of the platform that must be in the store, those of them that nobody has looked at yet, and times that one was
    /// read and was what it should be.
    pub files: u64,
    pub files_waiting: u64,
    pub files_good: u64,
    /// What does not hold of this tenant, the oldest first.
    pub findings: Vec<Finding>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// `whole`, `once`, `token`, `life`, `order`, `outcome`, `answered`, `gpu_time`, `sealed`, `file_there`, `file_same`; more may come.
    pub rule: String,
    /// Of the event that shows it.
    pub sequence: u64,
    pub aggregate: Aggregate,
    /// In English, for whoever looks into it.
    pub said: String,
}
