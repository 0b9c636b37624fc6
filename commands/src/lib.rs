//! What is asked, and whether it may happen: deciding is pure, `handle` is the one door for facts, the dispatcher acts.

pub mod chat;
mod clock;
mod command;
pub mod dataset;
pub mod dispatcher;
pub mod endpoint;
mod expiry;
mod handle;
pub mod job;
mod metrics;
mod policy;
mod rejection;
pub mod schedule;
#[cfg(test)]
mod simulation;
mod state;
pub mod tenant;
mod world;

pub use clock::{Clock, system_clock};
pub use command::{Command, Request, derived_id};
pub use handle::{Door, HandleError, Handled, Opened};
pub use metrics::DispatcherMetrics;
pub use policy::job_of_approval;
pub use rejection::Rejection;
pub use state::State;
