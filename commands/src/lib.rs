//! What is asked, and whether it may happen: deciding is pure. No I/O, no clock, no randomness.

pub mod access;
pub mod action;
mod agenda;
pub mod annotation;
pub mod berth;
pub mod budget;
mod caps;
pub mod chat;
mod command;
pub mod dataset;
pub mod deadlines;
pub mod endpoint;
pub mod expiry;
pub mod hook;
pub mod job;
pub mod lack;
pub mod maintenance;
pub mod model;
pub mod policy;
mod preemption;
mod queue;
pub mod replay;
pub mod schedule;
mod setbacks;
mod slots;
mod state;
pub mod tenant;
pub mod turns;
pub mod world;

pub use command::{Command, Request, derived_id};
pub use policy::job_of_approval;
pub use state::State;
pub use trainyard_events::reason::Rejection;
