//! Where a platform that serves is to be found.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rustls::ClientConfig;
use serde::{Deserialize, Serialize};
use trainyard_fetch::{AuthorityError, tls, tls_trusting};

use crate::language::{language, pick};
use crate::platform::bootstrap::write_secret;
use crate::platform::settings::S3;

/// Name in the data folder; there while the platform serves.
pub(crate) const READY_FILE: &str = "ready.json";

/// What clients and tests need to know, written once everything serves.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ready {
    pub http: String,
    /// Who vouches for its certificate, where that is this platform itself: a file of PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    pub nats: String,
    /// For browsers; absent where the servers are others'.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nats_ws: Option<String>,
    pub postgres: String,
    pub s3: String,
    /// The same with its keys: what has left the log is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3_access: Option<S3>,
    pub token: String,
}

impl Ready {
    pub(crate) fn read(path: &Path) -> Result<Ready> {
        let (language, name) = (language(), path.display());
        let text = std::fs::read(path).with_context(|| {
            pick(language, format!("{name} 파일이 없습니다"), format!("{name} is not there"))
        })?;
        serde_json::from_slice(&text).with_context(|| {
            pick(
                language,
                format!("{name} 파일에 플랫폼의 주소가 없습니다"),
                format!("{name} does not say where it is"),
            )
        })
    }

    /// Whom to believe that it is this platform.
    pub(crate) fn tls(&self) -> Result<ClientConfig, AuthorityError> {
        self.ca.as_deref().map_or_else(|| Ok(tls()), tls_trusting)
    }

    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        write_secret(path, &serde_json::to_vec(self)?)
    }
}
