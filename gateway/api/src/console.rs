//! `/v1/jobs/{id}/console`: the newest lines that a job's trainer has printed, as far as they are known.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConsoleQuery {
    /// Lines at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Where the lines are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConsoleFrom {
    /// For a week.
    Telemetry,
    /// Of an attempt that has ended. The numbers of a file's lines only say their order.
    Artifact,
}

/// The newest lines of a console; a number that is missing in between was left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConsoleTold {
    pub from: ConsoleFrom,
    /// The attempt's; null where none has said anything.
    pub token: Option<u64>,
    /// Which life of the agent has read and numbered them; null of a file.
    pub run: Option<Uuid>,
    pub lines: Vec<ConsoleLine>,
}

/// A line with its number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConsoleLine {
    pub number: u64,
    pub text: String,
}
