//! How the versions of a model are asked: what each gateway keeps of it for the others, and for itself when it is started again. None
//! of it is history.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Questions to a model that one gateway has had, by version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallsOfGateway {
    /// Nothing before this is counted.
    #[serde(with = "time::serde::rfc3339")]
    pub since: OffsetDateTime,
    pub versions: BTreeMap<u32, CallsOfVersion>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallsOfVersion {
    pub answered: u64,
    /// Questions that had no answer.
    pub refused: u64,
    #[serde(with = "time::serde::rfc3339")]
    pub last_at: OffsetDateTime,
    /// From question to answer of the last ones, the newest last, in milliseconds.
    pub last_ms: Vec<f64>,
    /// By time, the newest last; a while in which nobody asked is not there.
    pub history: Vec<CallsAtTime>,
}

/// Questions of a few minutes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallsAtTime {
    /// When those minutes began.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub at: OffsetDateTime,
    pub answered: u64,
    pub refused: u64,
    /// From question to answer: all of them together, and the longest, in milliseconds.
    pub sum_ms: f64,
    pub most_ms: f64,
}
