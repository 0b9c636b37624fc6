//! What it looks like now: views of the log in Postgres. The only home of sqlx.

mod activity;
mod chats;
mod datasets;
mod endpoints;
mod epochs;
mod error;
mod jobs;
mod snapshot;
mod table;
mod tenants;
mod views;

pub use activity::{ActivityFilter, public_event};
pub use chats::{ChatMessage, ChatRow, Who};
pub use datasets::{DatasetRow, DatasetStatus};
pub use endpoints::EndpointRow;
pub use epochs::EpochRow;
pub use error::ViewError;
pub use jobs::{CheckpointMark, JobFilter, JobRow, JobStatus};
pub use snapshot::{Snapshot, Topic, UnknownTopic};
pub use table::{Page, Rows};
pub use tenants::{TenantRow, TokenRow};
pub use views::{PROJECTION_VERSION, Position, Views};
