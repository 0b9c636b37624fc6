//! The numbers that Prometheus reads: this gateway's own, and those of whoever else registers here.

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use uuid::Uuid;

use crate::model_metrics::{ModelMetrics, Predicted};
use crate::served::Asked;

/// Upper bounds of the latency buckets, in seconds.
const LATENCY_S: [f64; 10] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

/// One registry for a process. Clones share it.
#[derive(Clone, Default)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
}

impl Metrics {
    /// Adds metrics, under names that begin with `trainyard_`.
    pub fn register(&self, add: impl FnOnce(&mut Registry)) {
        let mut registry = self.registry.lock().expect("nothing panics while it holds the registry");
        add(registry.sub_registry_with_prefix("trainyard"));
    }

    /// Everything as OpenMetrics text.
    pub fn encode(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry.lock().expect("nothing panics while it holds the registry"))?;
        Ok(text)
    }
}

/// Names of the table of routes: a stranger cannot make one up.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    route: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: &'static str,
    status: u16,
}

/// Why a client was cut off.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    /// No request came in time, or not the whole head of one.
    Head,
    /// Its body came too slowly.
    Body,
    /// It did not take what it had asked for.
    Unread,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CutLabels {
    waiting_for: &'static str,
}

impl Cut {
    fn name(self) -> &'static str {
        match self {
            Cut::Head => "head",
            Cut::Body => "body",
            Cut::Unread => "reading",
        }
    }
}

/// What a listener counts.
#[derive(Clone, Default)]
pub(crate) struct ConnectionMetrics {
    open: Gauge,
    full: Counter,
    refused: Counter,
    cut: Family<CutLabels, Counter>,
}

impl ConnectionMetrics {
    pub(crate) fn register(metrics: &Metrics) -> ConnectionMetrics {
        let own = ConnectionMetrics::default();
        let same = own.clone();
        metrics.register(|registry| {
            registry.register("connections_open", "Connections open now, sockets included", same.open);
            registry.register("connections_full", "Times that no more connections were taken", same.full);
            registry.register(
                "connections_refused",
                "Connections that were refused since their address had as many as it may",
                same.refused,
            );
            registry.register("clients_cut", "Clients cut off, by what they were waited for", same.cut);
        });
        own
    }

    pub(crate) fn opened(&self) -> Open {
        Open::count(&self.open)
    }

    pub(crate) fn full(&self) {
        self.full.inc();
    }

    pub(crate) fn refused(&self) {
        self.refused.inc();
    }

    pub(crate) fn cut(&self, waiting_for: Cut) {
        self.cut.get_or_create(&CutLabels { waiting_for: waiting_for.name() }).inc();
    }
}

/// What the gateway counts.
#[derive(Clone)]
pub(crate) struct HttpMetrics {
    pub(crate) connections: ConnectionMetrics,
    requests: Family<RequestLabels, Counter>,
    latency: Family<RouteLabels, Histogram, fn() -> Histogram>,
    models: ModelMetrics,
    sockets: Gauge,
    frames: Counter,
    events: Counter,
    followed: Gauge<u64, AtomicU64>,
    position: Gauge<u64, AtomicU64>,
    lag: Gauge<i64, AtomicI64>,
}

/// An open connection or socket, counted until it is dropped.
pub(crate) struct Open(Gauge);

impl Open {
    fn count(gauge: &Gauge) -> Open {
        gauge.inc();
        Open(gauge.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl HttpMetrics {
    pub(crate) fn register(metrics: &Metrics) -> HttpMetrics {
        let histogram: fn() -> Histogram = || Histogram::new(LATENCY_S);
        let own = HttpMetrics {
            connections: ConnectionMetrics::register(metrics),
            requests: Family::default(),
            latency: Family::new_with_constructor(histogram),
            models: ModelMetrics::register(metrics),
            sockets: Gauge::default(),
            frames: Counter::default(),
            events: Counter::default(),
            followed: Gauge::default(),
            position: Gauge::default(),
            lag: Gauge::default(),
        };
        let same = own.clone();
        metrics.register(|registry| {
            registry.register("http_requests", "Requests answered", same.requests);
            registry.register_with_unit(
                "http_latency",
                "From request to answer",
                Unit::Seconds,
                same.latency,
            );
            registry.register("sockets_open", "Websockets open now", same.sockets);
            registry.register("socket_frames", "Websocket frames sent", same.frames);
            registry.register("events_followed", "Events read from the log", same.events);
            registry.register("log_sequence", "Newest event that the gateway has read", same.followed);
            registry.register("views_sequence", "Newest event in the views", same.position);
            registry.register("views_behind", "Events that the views have yet to take in", same.lag);
        });
        own
    }

    pub(crate) fn request(&self, Asked { method, route }: Asked, status: u16, took: Duration) {
        self.latency.get_or_create(&RouteLabels { method, route }).observe(took.as_secs_f64());
        self.requests.get_or_create(&RequestLabels { method, route, status }).inc();
    }

    /// A question to a version of a model, from now on.
    pub(crate) fn predicted(&self, model: Uuid, version: u32) -> Predicted {
        self.models.asked(model, version)
    }

    pub(crate) fn socket_opened(&self) -> Open {
        Open::count(&self.sockets)
    }

    pub(crate) fn frames_sent(&self, frames: usize) {
        self.frames.inc_by(frames as u64);
    }

    pub(crate) fn event_followed(&self, sequence: u64) {
        self.events.inc();
        self.followed.set(sequence);
    }

    pub(crate) fn views_at(&self, position: u64, newest: u64) {
        self.position.set(position);
        self.lag.set(newest.saturating_sub(position).try_into().unwrap_or(i64::MAX));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{HttpMetrics, Metrics};
    use crate::served::Asked;

    #[test]
    fn what_was_counted_can_be_read() {
        let metrics = Metrics::default();
        let own = HttpMetrics::register(&metrics);
        own.request(Asked { method: "GET", route: "/v1/jobs" }, 200, Duration::from_millis(2));
        own.event_followed(7);
        own.views_at(5, 7);
        let socket = own.socket_opened();
        let text = metrics.encode().expect("a string takes any text");
        for line in [
            r#"trainyard_http_requests_total{method="GET",route="/v1/jobs",status="200"} 1"#,
            r#"trainyard_http_latency_seconds_bucket{le="0.003",method="GET",route="/v1/jobs"} 1"#,
            "trainyard_views_behind 2",
            "trainyard_log_sequence 7",
            "trainyard_sockets_open 1",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
        drop(socket);
        assert_eq!(own.sockets.get(), 0);
    }
}
