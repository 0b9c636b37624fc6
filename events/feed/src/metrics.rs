//! What a feed shows of itself.

use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::sync::watch;
use trainyard_bus::CopyProgress;

#[derive(Clone, Default)]
pub struct FeedMetrics {
    copied: Counter,
    behind: Gauge<u64, AtomicU64>,
    stands_by: Gauge,
    stuck: Gauge,
}

impl FeedMetrics {
    pub fn register(&self, registry: &mut Registry) {
        let own = self.clone();
        registry.register("feed_events", "Events copied for others since this process started", own.copied);
        registry.register("feed_behind", "Events of the log that are yet to be copied", own.behind);
        registry.register("feed_stands_by", "1 while another process copies", own.stands_by);
        registry.register("feed_stuck", "1 while the copy cannot be written", own.stuck);
    }

    /// For as long as there is somebody who copies.
    pub(crate) async fn watch(&self, mut progress: watch::Receiver<CopyProgress>) {
        loop {
            let CopyProgress { copied, behind, stands_by, trouble } = progress.borrow_and_update().clone();
            self.copied.inc_by(copied.saturating_sub(self.copied.get()));
            self.behind.set(behind);
            self.stands_by.set(stands_by.into());
            self.stuck.set(trouble.is_some().into());
            if progress.changed().await.is_err() {
                return;
            }
        }
    }
}
