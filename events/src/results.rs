//! What a training brings forth: measurements, artifacts in the store, and checkpoints among them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Named training numbers (`loss`, `accuracy`, `map50`), finite, in canonical order.
pub type Measurements = BTreeMap<String, f64>;

/// Something a trainer left in the store. It is real only once an event names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Artifact {
    /// `weights`, `checkpoint`, `confusion_matrix`, `sample_predictions`, `pr_curve`, `report`, `console`.
    pub role: String,
    /// Key in the bucket: `jobs/<job>/<token>/...`.
    pub key: String,
    pub sha256: String,
    pub bytes: u64,
}

/// A place to go on from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CheckpointRef {
    /// Whole epochs done.
    pub epoch: u32,
    /// Optimizer steps done.
    pub step: u64,
    pub artifact: Artifact,
}
