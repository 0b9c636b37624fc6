//! Where log lines go: a file beside the servers' logs, or standard error for a role alone.

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::Mutex;

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;

use crate::language::{language, pick};

/// `TRAINYARD_LOG` is a filter such as `info,trainyard_bus=debug`.
fn filter() -> EnvFilter {
    EnvFilter::builder()
        .with_env_var("TRAINYARD_LOG")
        .with_default_directive(tracing::Level::INFO.into())
        .from_env_lossy()
}

pub(crate) fn to_stderr() {
    tracing_subscriber::fmt().with_env_filter(filter()).with_writer(std::io::stderr).with_ansi(false).init();
}

/// Appends to `<data>/logs/trainyard.log`.
pub(crate) fn to_file(data: &Path) -> Result<()> {
    let folder = data.join("logs");
    let path = folder.join("trainyard.log");
    let open = || -> std::io::Result<std::fs::File> {
        std::fs::create_dir_all(&folder)?;
        OpenOptions::new().create(true).append(true).open(&path)
    };
    let file = open().with_context(|| {
        let path = path.display();
        pick(language(), format!("{path}: 쓸 수 없습니다"), format!("{path} cannot be written"))
    })?;
    tracing_subscriber::fmt().with_env_filter(filter()).with_writer(Mutex::new(file)).with_ansi(false).init();
    Ok(())
}
