//! The platform's side of the binary: settings, roles, and how they come up together.

pub(crate) mod archive;
mod backends;
pub(crate) mod bootstrap;
pub(crate) mod collect;
mod logging;
mod metrics;
pub(crate) mod provision;
pub(crate) mod ready;
pub(crate) mod rebuild;
pub(crate) mod roles;
pub(crate) mod settings;
mod signal;
pub(crate) mod up;

use crate::platform::settings::Resolved;

/// A part of the platform that can run alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Gateway,
    Projector,
    Dispatcher,
    Worker,
}

/// Prints the settings as they resolve, secrets left out.
pub(crate) fn print_config(settings: &Resolved) -> anyhow::Result<()> {
    print!("{}", toml::to_string_pretty(&settings.without_secrets())?);
    Ok(())
}
