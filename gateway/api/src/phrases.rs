//! `/v1/phrases`: what the platform writes into the log by itself, and the same in Korean.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Phrases {
    /// English with `{}` for what varies, and Korean with `{0}` where that goes.
    pub phrases: Vec<[String; 2]>,
}
