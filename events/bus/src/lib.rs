//! The only home of async-nats: the log of events, the work queue, leases, the fleet, telemetry, predict calls,
//! folders, shared keys, and what others read.

mod bucket;
mod bus;
mod connections;
mod copy;
mod dead;
mod error;
mod figures;
mod fleet;
mod folders;
mod hooks;
mod jetstream;
mod keys;
mod lease;
mod link;
mod log;
mod logins;
mod memory;
mod ordered;
mod predict;
mod publish;
mod readers;
mod rights;
mod streams;
mod telemetry;
mod traces;
mod work;

pub use bus::{Bus, BusConfig};
pub use connections::{Connected, Connections};
pub use copy::{Copied, Copier, CopyProgress, Original};
pub use error::BusError;
pub use figures::StreamFigures;
pub use fleet::{Fleet, FleetChange};
pub use folders::{FolderCall, FolderError, Folders};
pub use hooks::{FeedMessage, HookFeed, HookStep, KeepError};
pub use jetstream::JetStreamLog;
pub use lease::{LeaseChange, LeaseError, Leases};
pub use log::{AppendError, EntryStream, EventLog, LogError};
pub use logins::{Issuer, Login, LoginRequest, Shown, new_user_key, public_key_of};
pub use memory::MemoryLog;
pub use predict::{AskError, PredictCall, Predictors};
pub use readers::{PLATFORM_ACCOUNT, READERS_ACCOUNT, READERS_DOMAIN, Service, consumers_of, services};
pub use rights::{CUTTER, Part, Rights, cutter, reader, reader_inbox};
pub use telemetry::{Sought, TelemetryStream, Telling};
pub use traces::{TraceFeed, Traced};
pub use work::{Delivery, WorkPuller, WorkQueue};
