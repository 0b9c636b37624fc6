//! Being told to stop.

use anyhow::{Context, Result};
use tokio::signal::unix::{SignalKind, signal};

use crate::language::{language, pick};

/// Until Ctrl-C, SIGTERM or SIGHUP.
pub(crate) async fn stop() -> Result<()> {
    let listen = |kind| {
        signal(kind).context(pick(language(), "시그널을 받을 수 없습니다", "signals cannot be listened to"))
    };
    let (mut interrupt, mut terminate, mut hangup) =
        (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?, listen(SignalKind::hangup())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
    Ok(())
}
