//! What others read of the platform: every event of the log as a CloudEvent, and the documents that describe it.

mod cloud_event;
mod contract;
mod metrics;
mod role;

pub use cloud_event::{UNREADABLE, copy, schema_name};
pub use contract::asyncapi;
pub use metrics::FeedMetrics;
pub use role::run;
