//! The role: what happened and what is told of jobs, copied for readers until it is told to stop.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::warn;
use trainyard_bus::{Bus, BusError, Copied, Copier, Original, Source};
use trainyard_events::subject;

use crate::cloud_event::copy;
use crate::metrics::FeedMetrics;

/// How long to wait before the streams of readers are tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// `bus` reads the log, `readers` is a connection to the account of readers.
///
/// # Errors
/// `Config` and `Refused`, of which nothing will come by waiting.
pub async fn run(
    bus: Bus,
    readers: Bus,
    metrics: FeedMetrics,
    stop: CancellationToken,
) -> Result<(), BusError> {
    if let Some(outcome) = stop.run_until_cancelled(ensured(&bus, &readers)).await {
        outcome?;
    }
    let events = bus.copier(Source::Events, &readers, copy);
    let telemetry = bus.copier(Source::Telemetry, &readers, as_it_is);
    let copying = async {
        tokio::join!(
            metrics.events.watch(events.progress()),
            metrics.telemetry.watch(telemetry.progress()),
            Copier::run(events),
            Copier::run(telemetry),
        );
    };
    stop.run_until_cancelled(copying).await;
    Ok(())
}

async fn ensured(bus: &Bus, readers: &Bus) -> Result<(), BusError> {
    loop {
        match bus.ensure_readers(readers).await {
            Err(BusError::Unavailable(reason)) => warn!(reason, "the streams of readers cannot be made yet"),
            outcome => return outcome,
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Telemetry stands on the tenant's own subjects already.
fn as_it_is(original: Original<'_>) -> Copied {
    let below = original.subject.strip_prefix(subject::ROOT).and_then(|rest| rest.strip_prefix('.'));
    let subject = below.unwrap_or(original.subject).to_owned();
    Copied { subject, id: None, payload: original.payload.clone() }
}
