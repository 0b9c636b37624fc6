//! The gateway on real NATS, Postgres and S3, with the projector and the dispatcher beside it.

#![expect(clippy::unwrap_used, reason = "a test that cannot have its house has failed")]

#[path = "gateway/addressed.rs"]
mod addressed;
#[path = "gateway/auth.rs"]
mod auth;
#[path = "gateway/caching.rs"]
mod caching;
#[path = "gateway/chats.rs"]
mod chats;
#[path = "gateway/costs.rs"]
mod costs;
#[path = "gateway/crowds.rs"]
mod crowds;
#[path = "gateway/datasets.rs"]
mod datasets;
#[path = "gateway/erasures.rs"]
mod erasures;
#[path = "gateway/folders.rs"]
mod folders;
#[path = "gateway/hidden.rs"]
mod hidden;
#[path = "gateway/hooks.rs"]
mod hooks;
#[path = "gateway/house.rs"]
mod house;
#[path = "gateway/images.rs"]
mod images;
#[path = "gateway/jobs.rs"]
mod jobs;
#[path = "gateway/lag.rs"]
mod lag;
#[path = "gateway/live.rs"]
mod live;
#[path = "gateway/login.rs"]
mod login;
#[path = "gateway/logins.rs"]
mod logins;
#[path = "gateway/maintenance.rs"]
mod maintenance;
#[path = "gateway/members.rs"]
mod members;
#[path = "gateway/ops.rs"]
mod ops;
#[path = "gateway/preferences.rs"]
mod preferences;
#[path = "gateway/proxied.rs"]
mod proxied;
#[path = "gateway/quota.rs"]
mod quota;
#[path = "gateway/registry.rs"]
mod registry;
#[path = "gateway/repeated.rs"]
mod repeated;
#[path = "gateway/samples.rs"]
mod samples;
#[path = "gateway/slow.rs"]
mod slow;
#[path = "gateway/tls.rs"]
mod tls;
#[path = "gateway/tokens.rs"]
mod tokens;
