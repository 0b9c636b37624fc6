//! What happened: every fact Trainyard records, and the words it is written in. Pure: no I/O, no clock, no randomness.

pub mod access;
pub mod address;
mod aggregate;
mod annotation;
pub mod calls;
pub mod card;
pub mod chat;
pub mod config;
mod console;
pub mod dataset;
pub mod endpoint;
mod entry;
mod envelope;
pub mod fleet;
pub mod folders;
pub mod hook;
pub mod job;
pub mod kinds;
pub mod limits;
mod log;
pub mod maintenance;
pub mod model;
pub mod options;
pub mod prediction;
pub mod price;
pub mod problems;
pub mod quarantine;
pub mod reason;
mod resources;
pub mod results;
pub mod said;
#[cfg(feature = "schema")]
pub mod schema;
pub mod spending;
pub mod subject;
pub mod tenant;
pub mod trainer;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use aggregate::{Aggregate, BadName, TenantId};
pub use annotation::Annotation;
pub use chat::ChatEvent;
pub use config::TrainingConfig;
pub use console::{ConsoleLines, readable};
pub use dataset::DatasetEvent;
pub use endpoint::EndpointEvent;
pub use entry::{Entry, Recorded, Unreadable};
pub use envelope::{Actor, Envelope, SEALED_SINCE, event_id};
pub use hook::HookEvent;
pub use job::JobEvent;
pub use log::LogEvent;
pub use maintenance::{Maintenance, MaintenanceEvent};
pub use model::ModelEvent;
pub use price::{Month, Price};
pub use quarantine::{Admitted, Quarantine};
pub use resources::{Resources, fits_label};
pub use spending::Spending;
pub use tenant::TenantEvent;

/// One fact about one aggregate. The wire form is `kind` (`job.epoch_logged`) beside `body`.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Chat(ChatEvent),
    Dataset(DatasetEvent),
    Job(JobEvent),
    Endpoint(EndpointEvent),
    Model(ModelEvent),
    Hook(HookEvent),
    Maintenance(MaintenanceEvent),
    Tenant(TenantEvent),
    /// In the history of any aggregate.
    Log(LogEvent),
}

/// Why bytes are not one of our events: what an [`Unreadable`] says of itself.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    #[error("not an envelope: {0}")]
    Envelope(#[source] serde_json::Error),
    #[error("unknown event kind {0:?}: this binary may be older than the log")]
    UnknownKind(String),
    #[error("the body of {kind} does not decode: {source}")]
    Body { kind: String, source: serde_json::Error },
    #[error("event kind {kind} does not belong to {aggregate}")]
    WrongAggregate { kind: String, aggregate: Aggregate },
}

impl Event {
    /// Dotted wire name, such as `job.epoch_logged`.
    pub fn kind(&self) -> &'static str {
        match self {
            Event::Chat(event) => event.kind(),
            Event::Dataset(event) => event.kind(),
            Event::Job(event) => event.kind(),
            Event::Endpoint(event) => event.kind(),
            Event::Model(event) => event.kind(),
            Event::Hook(event) => event.kind(),
            Event::Maintenance(event) => event.kind(),
            Event::Tenant(event) => event.kind(),
            Event::Log(event) => event.kind(),
        }
    }

    /// The schema that its body is written in.
    pub fn schema(&self) -> u16 {
        kinds::find(self.kind()).map_or(1, |kind| kind.schema)
    }

    /// The body alone, keys in canonical (sorted) order.
    pub fn body(&self) -> Value {
        match self {
            Event::Chat(event) => body(event),
            Event::Dataset(event) => body(event),
            Event::Job(event) => body(event),
            Event::Endpoint(event) => body(event),
            Event::Model(event) => body(event),
            Event::Hook(event) => body(event),
            Event::Maintenance(event) => body(event),
            Event::Tenant(event) => body(event),
            Event::Log(event) => body(event),
        }
    }

    /// Reads a body, which is JSON, as its schema has it.
    fn decode(kind: &str, schema: u16, body: &str) -> Result<Event, DecodeError> {
        let (kind, body) = kinds::to_current(kind, schema, body)?;
        let decoded = match kind.split_once('.') {
            Some(("chat", _)) => read(kind, &body).map(Event::Chat),
            Some(("dataset", _)) => read(kind, &body).map(Event::Dataset),
            Some(("job", _)) => read(kind, &body).map(Event::Job),
            Some(("endpoint", _)) => read(kind, &body).map(Event::Endpoint),
            Some(("model", _)) => read(kind, &body).map(Event::Model),
            Some(("hook", _)) => read(kind, &body).map(Event::Hook),
            Some(("maintenance", _)) => read(kind, &body).map(Event::Maintenance),
            Some(("tenant", _)) => read(kind, &body).map(Event::Tenant),
            Some(("log", _)) => read(kind, &body).map(Event::Log),
            _ => return Err(DecodeError::UnknownKind(kind.to_owned())),
        };
        decoded.map_err(|source| DecodeError::Body { kind: kind.to_owned(), source })
    }
}

/// The kind comes first: a reader that knows it takes the body as it comes, and holds nothing of it in between.
fn read<E: DeserializeOwned>(kind: &'static str, body: &str) -> Result<E, serde_json::Error> {
    serde_json::from_str(&format!(r#"{{"kind":"{kind}","body":{body}}}"#))
}

fn body<E: Serialize>(event: &E) -> Value {
    serde_json::to_value(event).expect("events are plain data, which always serialises")["body"].take()
}
