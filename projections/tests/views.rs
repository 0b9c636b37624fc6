//! The views on a real Postgres, and the pure folds without one.

#[path = "views/fixtures.rs"]
mod fixtures;
#[path = "views/folds.rs"]
mod folds;
#[path = "views/laws.rs"]
mod laws;
#[path = "views/projector.rs"]
mod projector;
#[path = "views/queries.rs"]
mod queries;
#[path = "views/rebuild.rs"]
mod rebuild;
