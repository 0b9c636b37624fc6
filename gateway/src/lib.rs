//! Where people meet it: REST and websocket in front of the log, the views and the predictors. The only home of axum.

mod alone;
mod auth;
mod chat;
mod config;
mod connection;
mod connections;
mod console;
mod curve;
mod deployment;
mod error;
mod extract;
mod gateway;
mod guard;
mod idempotency;
mod korean;
mod live;
mod metrics;
mod openapi;
mod pace;
mod page;
mod rate;
mod readers;
mod route;
mod router;
mod routes;
mod serve;
mod served;
mod tokens;
mod waiting;

pub use alone::{Needs, serve_metrics};
pub use config::{GatewayConfig, Services};
pub use metrics::Metrics;
pub use serve::{GatewayError, Listener, bind, serve};
pub use tokens::{new_token, token_hash};
