//! Facts about the log itself, in the history of whichever aggregate they concern.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", content = "body")]
pub enum LogEvent {
    /// An operator has looked at the event `sequence` of this history, which this platform could not read, and lets what
    /// comes after it count again. `sha256` is of its bytes as they are stored, in hex.
    #[serde(rename = "log.event_skipped")]
    EventSkipped { sequence: u64, sha256: String, reason: String },
}

impl LogEvent {
    /// Dotted wire name.
    pub fn kind(&self) -> &'static str {
        match self {
            LogEvent::EventSkipped { .. } => "log.event_skipped",
        }
    }
}
