//! The platform's side of the binary: settings, roles, and how they come up together.

pub(crate) mod archive;
mod audit;
mod backends;
pub(crate) mod bootstrap;
pub(crate) mod collect;
mod hooks;
mod logging;
mod metrics;
mod mlflow;
mod monitoring;
mod oidc;
pub(crate) mod predictor;
pub(crate) mod provision;
mod readers;
pub(crate) mod ready;
pub(crate) mod rebuild;
pub(crate) mod roles;
pub(crate) mod roots;
mod servers;
pub(crate) mod settings;
mod signal;
mod sources;
mod tls;
mod traces;
pub(crate) mod up;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Context;

use crate::language::{language, pick};
use crate::platform::settings::Resolved;

/// A part of the platform that can run alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Gateway,
    Projector,
    Dispatcher,
    Worker,
    Feed,
    Webhooks,
    Auditor,
    Archiver,
    Mlflow,
    Traces,
}

/// Makes the data folder, or closes one that was open to others, and keeps to ourselves what we and our children write
/// from now on.
fn make_private(data: &Path) -> anyhow::Result<()> {
    trainyard_child::write_privately();
    let make = || {
        std::fs::create_dir_all(data)?;
        std::fs::set_permissions(data, Permissions::from_mode(0o700))
    };
    make().with_context(|| {
        let data = data.display();
        pick(
            language(),
            format!("{data}: 이 사용자만 쓰는 폴더로 만들 수 없습니다"),
            format!("{data} cannot be made a folder of ours alone"),
        )
    })
}

/// Prints the settings as they resolve, secrets left out.
pub(crate) fn print_config(settings: &Resolved) -> anyhow::Result<()> {
    crate::out::lines(toml::to_string_pretty(&settings.without_secrets())?.trim_end());
    Ok(())
}
