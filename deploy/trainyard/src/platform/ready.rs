//! Where a platform that serves is to be found.

use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::platform::bootstrap::write_secret;

/// Name in the data folder; there while the platform serves.
pub(crate) const READY_FILE: &str = "ready.json";

/// What clients and tests need to know, written once everything serves.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ready {
    pub http: String,
    pub nats: String,
    pub postgres: String,
    pub s3: String,
    pub token: String,
}

impl Ready {
    pub(crate) fn read(path: &Path) -> Result<Ready> {
        let text = std::fs::read(path).with_context(|| format!("{} is not there", path.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} does not say where it is", path.display()))
    }

    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        write_secret(path, &serde_json::to_vec(self)?)
    }
}
