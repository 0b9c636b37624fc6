//! `/v1/audit`: what an auditor that reads the whole log and the store has found of this tenant.

use serde::{Deserialize, Serialize};
use serde_json::Value;
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TrailFormat {
    Jsonl,
    Csv,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TrailQuery {
    /// Left out, what `Accept` prefers, and JSON lines where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<TrailFormat>,
    /// Only what was done after this sequence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
}

/// One line of what people did and were not let do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrailLine {
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Of the event; null where nothing was done.
    pub sequence: Option<u64>,
    /// The name of the token, or of the person.
    pub who: String,
    /// The kind of the event, or the request that was refused.
    pub what: String,
    pub about: String,
    /// The status and the code of the refusal.
    pub refused: Option<String>,
    /// What the last fact of this kind about the same thing has said, and what this one says.
    pub before: Value,
    pub after: Value,
}
