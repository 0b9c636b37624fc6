//! The only home of async-nats: the log of events, the work queue, leases, the fleet, telemetry, predict calls
//! and shared keys.

mod bucket;
mod bus;
mod dead;
mod error;
mod fleet;
mod jetstream;
mod keys;
mod lease;
mod link;
mod log;
mod memory;
mod ordered;
mod predict;
mod publish;
mod rights;
mod streams;
mod telemetry;
mod work;

pub use bus::{Bus, BusConfig};
pub use error::BusError;
pub use fleet::{Fleet, FleetChange};
pub use jetstream::JetStreamLog;
pub use lease::{LeaseChange, LeaseError, Leases};
pub use log::{AppendError, EntryStream, EventLog, LogError};
pub use memory::MemoryLog;
pub use predict::{AskError, PredictCall, Predictors};
pub use rights::{Part, Rights};
pub use telemetry::{TelemetryStream, Telling};
pub use work::{Delivery, WorkPuller, WorkQueue};
