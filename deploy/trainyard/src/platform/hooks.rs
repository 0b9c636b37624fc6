//! How hooks are kept and told, as an operator says it.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use trainyard_events::chat::Language;
use trainyard_hooks::{HooksConfig, HooksKey, Mail, Patience, Trusted};

use crate::language::{language, pick};
use crate::platform::bootstrap::write_secret;
use crate::platform::settings::{Resolved, Settings, without_password};

/// Below the data folder: the key of hooks.
const KEY_FILE: &str = "hooks.key";

/// As it was said.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct HookSettings {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    hosts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    smtp: Option<Smtp>,
}

#[derive(Clone, Debug, Serialize)]
struct Smtp {
    url: String,
    from: String,
}

impl Settings {
    pub(super) fn hooks(&self, language: Language) -> Result<HookSettings> {
        let smtp = match (&self.smtp_url, &self.smtp_from) {
            (None, None) => None,
            (Some(url), Some(from)) => Some(Smtp { url: url.clone(), from: from.clone() }),
            _ => bail!(pick(
                language,
                "TRAINYARD_SMTP_URL과 TRAINYARD_SMTP_FROM은 함께 씁니다. 웹훅이 메일을 보내게 하려면 둘 다 설정하고, 아니면 둘 \
                 다 빼세요",
                "TRAINYARD_SMTP_URL and TRAINYARD_SMTP_FROM go together: set both to have hooks send mail, or none",
            )),
        };
        let hosts = self.hook_hosts.iter().flatten().filter(|host| !host.is_empty()).cloned().collect();
        Ok(HookSettings { key: self.hooks_key.clone(), hosts, smtp })
    }
}

impl HookSettings {
    /// Fit for a screen.
    pub(super) fn hide(&mut self) {
        self.key = self.key.take().map(|_| "***".to_owned());
        if let Some(smtp) = &mut self.smtp {
            smtp.url = without_password(&smtp.url);
        }
    }
}

impl Resolved {
    /// What it takes to tell hooks, where there is a key: the one that was said, or with servers of our own one that is made
    /// the first time.
    pub(crate) fn hooks(&self) -> Result<Option<HooksConfig>> {
        let key = match (&self.hooks.key, &self.external) {
            (Some(key), _) => HooksKey::from_text(key).context("hooks_key")?,
            (None, None) => local_key(&self.data)?,
            (None, Some(_)) => return Ok(None),
        };
        let mail = match &self.hooks.smtp {
            Some(Smtp { url, from }) => Some(Mail::new(url, from)?),
            None => None,
        };
        let trusted = Trusted::read(&self.hooks.hosts.join(",")).context("hook_hosts")?;
        Ok(Some(HooksConfig {
            key,
            trusted: Arc::new(trusted),
            mail,
            site: self.public_url.clone(),
            patience: Patience::default(),
        }))
    }
}

fn local_key(data: &Path) -> Result<HooksKey> {
    let path = data.join(KEY_FILE);
    match std::fs::read_to_string(&path) {
        Ok(key) => HooksKey::from_text(&key).with_context(|| path.display().to_string()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = HooksKey::draw();
            write_secret(&path, key.text().as_bytes())?;
            Ok(key)
        }
        Err(error) => Err(error).with_context(|| {
            let path = path.display();
            pick(language(), format!("{path}: 읽을 수 없습니다"), format!("{path} cannot be read"))
        }),
    }
}
