//! The role: what happened is copied for others to read, and their consumers are made, until it is told to stop.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::warn;
use trainyard_bus::Bus;

use crate::cloud_event::copy;
use crate::metrics::FeedMetrics;

/// How long to wait before readers are heard again.
const PAUSE: Duration = Duration::from_secs(1);

/// Any number may run: one copies, and the others stand by.
pub async fn run(bus: Bus, metrics: FeedMetrics, stop: CancellationToken) {
    let copier = bus.copier(copy);
    let progress = copier.progress();
    let working = async { tokio::join!(metrics.watch(progress), copier.run(), make_consumers(&bus)) };
    stop.run_until_cancelled(working).await;
}

async fn make_consumers(bus: &Bus) {
    loop {
        if let Err(error) = bus.make_consumers().await {
            warn!(%error, "readers cannot have new consumers yet");
        }
        tokio::time::sleep(PAUSE).await;
    }
}
