//! What it looks like now: views of the log in Postgres. The only home of sqlx.

mod activity;
mod audited;
mod chats;
mod datasets;
mod endpoints;
mod epochs;
mod error;
mod figures;
mod held;
mod job_order;
mod jobs;
mod leases;
mod models;
mod projector;
mod rebuild;
mod snapshot;
mod table;
mod tenants;
mod views;
mod write;

pub use activity::ActivityFilter;
pub use chats::ChatFilter;
pub use epochs::EpochLine;
pub use error::ViewError;
pub use figures::{DatabaseFigures, DatabaseSaid};
pub use job_order::JobOrder;
pub use jobs::JobFilter;
pub use projector::{Health, Progress, Projector, ProjectorError};
pub use rebuild::{RebuildReport, TableReport, rebuild};
pub use snapshot::{Snapshot, SnapshotRows, Topic, UnknownTopic};
pub use table::{Page, Rows};
pub use views::{PROJECTION_VERSION, Position, Views};
