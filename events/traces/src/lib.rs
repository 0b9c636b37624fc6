//! Makes OpenTelemetry traces of the log: what one request has set going, and how long each part of it took.

mod chat;
mod collector;
mod dataset;
mod job;
mod known;
mod metrics;
mod otlp;
mod role;
mod span;

pub use collector::{Collector, CollectorError};
pub use metrics::TracesMetrics;
pub use role::run;
