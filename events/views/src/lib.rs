//! What it looks like: the row types, and the one pure fold of each aggregate. Whoever shows or reads a state uses these.

mod audit;
pub mod chat;
pub mod dataset;
pub mod endpoint;
pub mod epoch;
mod estimate;
pub mod job;
pub mod lease;
pub mod model;
mod public;
mod quarantine;
pub mod tenant;

pub use audit::{AuditFinding, AuditReport};
pub use chat::{ChatMessage, ChatRow, Who};
pub use dataset::{DatasetRow, DatasetStatus};
pub use endpoint::EndpointRow;
pub use epoch::EpochRow;
pub use estimate::{Asked, Estimate, Expected, LIKE_IT};
pub use job::{CheckpointMark, JobRow, JobStatus};
pub use lease::LeaseRow;
pub use model::{ModelRow, ModelVersion, Named};
pub use public::{heed, public_event, public_json, scrub};
pub use quarantine::Quarantined;
pub use tenant::{TenantRow, TokenRow};
