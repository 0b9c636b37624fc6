//! The three servers Trainyard stands on, NATS, Postgres and an object store, as child processes of this one: the embedded
//! default of `trainyard up`, and the harness of the tests.
//!
//! Everything listens on 127.0.0.1 alone, lives in one data folder, comes back when it dies, and is gone when we are.

mod account;
mod error;
mod folder;
pub mod harness;
mod nats;
mod objects;
mod platform;
mod postgres;
mod private;
mod programs;
mod room;
mod s3;
mod service;
mod supervise;
mod tools;

pub use error::LocalError;
pub use folder::{FORMAT, RequestedPorts};
pub use nats::{NatsService, NatsUser, Readers};
pub use platform::{LocalConfig, Platform, S3Access, Server, Urls};
pub use tools::Tools;
