//! The role `archiver`: writes the archive by schedule, and keeps the log's stream to what goes on and what is young.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use trainyard_archive::Remainder;
use trainyard_door::system_clock;

use super::{ArchiveSettings, Turn, turn};
use crate::platform::backends::Backends;

/// Events that fill no segment wait for more, and no longer than this.
const REMAINDER: Duration = Duration::from_secs(24 * 3_600);

#[derive(Clone, Default)]
pub(crate) struct ArchiverMetrics {
    position: Gauge<u64, AtomicU64>,
    events: Counter,
    left: Counter,
    stuck: Gauge,
    keeps_all: Gauge,
}

impl ArchiverMetrics {
    pub(crate) fn register(&self, registry: &mut Registry) {
        let own = self.clone();
        registry.register("archiver_position", "Newest event that is in the archive", own.position);
        let events = "Events that were written to the archive since this process started";
        registry.register("archiver_events", events, own.events);
        registry.register("archiver_left", "Events that have left the log for the archive", own.left);
        registry.register("archiver_stuck", "1 while nothing can be archived", own.stuck);
        let keeps = "1 where the log is of an earlier release and lets nothing go";
        registry.register("archiver_keeps_all", keeps, own.keeps_all);
    }

    fn count(&self, turn: &Turn) {
        self.stuck.set(0);
        self.position.set(turn.archived);
        self.events.inc_by(turn.written);
        self.left.inc_by(turn.trimmed.unwrap_or_default().messages);
        self.keeps_all.set(i64::from(turn.trimmed.is_none()));
    }
}

/// Until told to stop, which is safe at any moment. A run that fails is tried again with the next.
pub(crate) async fn by_schedule(
    backends: Backends,
    settings: ArchiveSettings,
    metrics: ArchiverMetrics,
    stop: CancellationToken,
) {
    let Some(every) = settings.every else { return stop.cancelled().await };
    let waits = settings.after.map_or(REMAINDER, |after| after.min(REMAINDER));
    while stop.run_until_cancelled(tokio::time::sleep(every)).await.is_some() {
        let now = system_clock();
        let running = Box::pin(turn(&backends, Remainder::CloseIfBefore(now - waits), settings.after, now));
        let Some(outcome) = stop.run_until_cancelled(running).await else { return };
        match outcome {
            Ok(turn) => {
                metrics.count(&turn);
                let Turn { written, archived, trimmed } = turn;
                let left = trimmed.unwrap_or_default().messages;
                info!(written, archived, left, keeps_all = trimmed.is_none(), "the archive is up to date");
            }
            Err(error) => {
                metrics.stuck.set(1);
                warn!(%error, "the archive is not written; trying again with the next run");
            }
        }
    }
}
