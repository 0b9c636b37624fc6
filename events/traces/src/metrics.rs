//! What the role `traces` shows of itself.

use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

#[derive(Clone, Default)]
pub struct TracesMetrics {
    pub(crate) sent: Counter,
    pub(crate) refused: Counter,
    pub(crate) unread: Counter,
    pub(crate) behind: Gauge<u64, AtomicU64>,
    pub(crate) stuck: Gauge,
}

impl TracesMetrics {
    pub fn register(&self, registry: &mut Registry) {
        let own = self.clone();
        registry.register("traces_spans", "Spans that the collector has taken", own.sent);
        registry.register("traces_refused", "Spans that the collector will never take", own.refused);
        registry.register("traces_unread", "Events that this release makes no spans of", own.unread);
        registry.register("traces_behind", "Events that spans are yet to be made of", own.behind);
        registry.register("traces_stuck", "1 while the collector takes nothing", own.stuck);
    }
}
