//! The only home of async-nats: the log of events, the work queue, leases, the fleet, telemetry and predict calls.

mod log;

pub use log::{AppendError, EventLog, EventStream, FollowError, LogError};
