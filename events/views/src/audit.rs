//! What an auditor says: how far it has looked, and what does not hold.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use trainyard_events::{Aggregate, TenantId};

/// What an auditor has found since it began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditReport {
    /// The newest event that was checked, from the first.
    pub sequence: u64,
    #[serde(with = "time::serde::rfc3339")]
    pub begun: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub told: OffsetDateTime,
    /// Files that must be in the store, and how many of them nobody has looked at.
    pub files: u64,
    pub files_waiting: u64,
    /// Times that a file was read and was what it should be.
    pub files_good: u64,
    /// The first ones, the oldest first.
    pub findings: Vec<AuditFinding>,
    /// Findings beyond those.
    pub more: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditFinding {
    /// `whole`, `once`, `token`, `life`, `order`, `outcome`, `answered`, `gpu_time`, `sealed`, `file_there`, `file_same`.
    pub rule: String,
    /// Of the event that shows it.
    pub sequence: u64,
    /// Whose history it is in, where that can be said.
    pub of: Option<(TenantId, Aggregate)>,
    /// In English.
    pub said: String,
}
