//! What is asked of the gateway and what it answers, as types: one source for its handlers, `/openapi.json`, the command
//! line and the page. Pure: no I/O, no clock, no randomness.

pub mod activity;
pub mod artifacts;
pub mod audit;
pub mod blobs;
pub mod certificate;
pub mod chats;
mod code;
pub mod console;
pub mod costs;
pub mod datasets;
pub mod diff;
pub mod endpoints;
pub mod error;
pub mod feed;
pub mod folders;
pub mod hooks;
pub mod images;
pub mod jobs;
pub mod live;
pub mod login;
pub mod members;
pub mod models;
pub mod ops;
pub mod page;
pub mod place;
pub mod predict;
pub mod preferences;
pub mod quarantine;
pub mod quota;
pub mod registry;
mod rejected;
pub mod telemetry;
pub mod tenants;
pub mod tokens;
mod words;
pub mod workers;

pub use code::Code;
pub use error::{ErrorAnswer, ErrorBody, Problem, Said};
