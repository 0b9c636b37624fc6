//! What a projector shows of itself: where it is, how far behind, and what nobody could read.

use std::sync::atomic::{AtomicI64, AtomicU64};
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::debug;
use trainyard_bus::{Bus, EventLog};
use trainyard_projections::{Health, Progress, Views};

/// How often the end of the log is looked at.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

#[derive(Clone, Default)]
pub(crate) struct ProjectorMetrics {
    position: Gauge<u64, AtomicU64>,
    lag: Gauge<i64, AtomicI64>,
    events: Counter,
    following: Gauge,
    dead: Gauge<u64, AtomicU64>,
    quarantined: Gauge<u64, AtomicU64>,
}

impl ProjectorMetrics {
    pub(crate) fn register(&self, registry: &mut Registry) {
        let own = self.clone();
        registry.register("projector_position", "Newest event in the views", own.position);
        let lag = "Events of the log that the views have yet to take in";
        registry.register("projector_lag_events", lag, own.lag);
        registry.register("projector_events", "Events taken in since this process started", own.events);
        let following = "1 while it follows the log, 0 while it waits or has stopped";
        registry.register("projector_following", following, own.following);
        let quarantined = "Histories with an event that this binary cannot read";
        registry.register("projector_quarantined", quarantined, own.quarantined);
        registry.register("dead_letters", "Messages that nobody could read or finish", own.dead);
    }

    /// Shows what the projector does and how far the log is, until told to stop.
    pub(crate) async fn watch(
        self,
        mut progress: watch::Receiver<Progress>,
        (bus, views): (Bus, Views),
        stop: CancellationToken,
    ) {
        let mut look = tokio::time::interval(LOOK_AGAIN);
        let mut newest = 0;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = look.tick() => newest = self.look(&bus, &views).await.unwrap_or(newest),
                Ok(()) = progress.changed() => {}
            }
            let Progress { sequence, health } = progress.borrow_and_update().clone();
            self.show(sequence, health == Health::Following, newest);
        }
    }

    /// The newest event of the log, where that can be had.
    async fn look(&self, bus: &Bus, views: &Views) -> Option<u64> {
        match views.quarantine().await {
            Ok(quarantine) => drop(self.quarantined.set(quarantine.len() as u64)),
            Err(error) => debug!(%error, "what is in quarantine cannot be counted now"),
        }
        match bus.dead_letters().await {
            Ok(messages) => {
                self.dead.set(messages);
            }
            Err(error) => debug!(%error, "the dead letters cannot be counted now"),
        }
        bus.log().last_sequence().await.ok()
    }

    fn show(&self, sequence: u64, is_following: bool, newest: u64) {
        let before = self.position.set(sequence);
        // At first it is told where an earlier process had come to, and while it stands by, where another is.
        if before > 0 && is_following {
            self.events.inc_by(sequence.saturating_sub(before));
        }
        self.lag.set(newest.saturating_sub(sequence).try_into().unwrap_or(i64::MAX));
        self.following.set(is_following.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_process_took_in_is_not_counted_again() {
        let metrics = ProjectorMetrics::default();
        metrics.show(0, false, 0);
        metrics.show(70, true, 100);
        assert_eq!((metrics.position.get(), metrics.lag.get(), metrics.events.get()), (70, 30, 0));
        metrics.show(75, true, 100);
        assert_eq!((metrics.lag.get(), metrics.events.get(), metrics.following.get()), (25, 5, 1));
        metrics.show(101, true, 100);
        assert_eq!((metrics.lag.get(), metrics.events.get()), (0, 31), "the look at the log is behind");
        metrics.show(110, false, 110);
        assert_eq!(metrics.events.get(), 31, "another one took these in");
    }
}
