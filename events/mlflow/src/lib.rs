//! Jobs as runs of MLflow and models as its registered models: a copy of the log that is the same whenever it is begun.

mod api;
mod batch;
mod config;
mod metrics;
mod mirror;
mod model;
mod names;
mod registry;
mod role;
mod run;
mod server;

pub use config::{ConfigError, MlflowConfig, Patience};
pub use metrics::MlflowMetrics;
pub use role::run;
