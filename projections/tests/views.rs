//! The views on a real Postgres, and the pure folds without one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "views/estimates.rs"]
mod estimates;
#[path = "views/fixtures.rs"]
mod fixtures;
#[path = "views/folds.rs"]
mod folds;
#[path = "views/golden.rs"]
mod golden;
#[path = "views/held.rs"]
mod held;
#[path = "views/laws.rs"]
mod laws;
#[path = "views/leases.rs"]
mod leases;
#[path = "views/projector.rs"]
mod projector;
#[path = "views/queries.rs"]
mod queries;
#[path = "views/rebuild.rs"]
mod rebuild;
