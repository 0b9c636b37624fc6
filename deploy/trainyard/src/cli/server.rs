//! Which platform the command line talks to: the one that is named, or the one that runs in this folder.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use trainyard_fetch::{tls, tls_trusting};

use super::client::Client;
use crate::language::{language, pick};
use crate::platform::ready::{READY_FILE, Ready};
use crate::platform::settings::Settings;

/// Which platform to talk to.
#[derive(Debug, Args)]
pub(crate) struct Server {
    /// The platform to talk to [default: the one that runs in this folder].
    #[arg(long, global = true, env = "TRAINYARD_URL", help_heading = "Client")]
    url: Option<String>,
    /// The token to show [default: that of the platform in this folder].
    #[arg(long, global = true, env = "TRAINYARD_TOKEN", hide_env_values = true, help_heading = "Client")]
    token: Option<String>,
    /// An authority to believe besides this machine's, as a file of certificates in PEM [default: that of the platform in this
    /// folder].
    #[arg(long, global = true, env = "TRAINYARD_CA", help_heading = "Client")]
    ca: Option<PathBuf>,
}

impl Server {
    /// What was said, or else what the platform in this folder wrote down when it began to serve.
    pub(crate) fn client(self, settings: &Settings) -> Result<Client> {
        let language = language();
        let trust = |authority: Option<&Path>| authority.map_or_else(|| Ok(tls()), tls_trusting);
        if let (Some(url), Some(token)) = (&self.url, &self.token) {
            return Client::new(url, token, trust(self.ca.as_deref())?, language);
        }
        let ready = Ready::read(&settings.data().join(READY_FILE)).context(pick(
            language,
            "여기에서 실행 중인 플랫폼이 없습니다. `trainyard up`으로 시작하거나 --url과 --token을 지정하세요",
            "no platform is known here: start one with `trainyard up`, or say --url and --token",
        ))?;
        let authority = trust(self.ca.or(ready.ca).as_deref())?;
        Client::new(&self.url.unwrap_or(ready.http), &self.token.unwrap_or(ready.token), authority, language)
    }
}
