//! What happened: every fact Trainyard records, and the words it is written in. Pure: no I/O, no clock, no randomness.

mod aggregate;
pub mod chat;
pub mod config;
mod console;
pub mod dataset;
pub mod endpoint;
mod envelope;
pub mod fleet;
pub mod job;
pub mod limits;
pub mod prediction;
pub mod results;
pub mod subject;
pub mod tenant;
pub mod trainer;
mod upcast;

use serde::Serialize;
use serde_json::{Value, json};

pub use aggregate::{Aggregate, BadName, TenantId};
pub use chat::ChatEvent;
pub use config::TrainingConfig;
pub use console::{ConsoleLines, readable};
pub use dataset::DatasetEvent;
pub use endpoint::EndpointEvent;
pub use envelope::{Actor, Envelope, Recorded, event_id};
pub use job::JobEvent;
pub use tenant::TenantEvent;
pub use upcast::SCHEMA;

/// One fact about one aggregate. The wire form is `kind` (`job.epoch_logged`) beside `body`.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Chat(ChatEvent),
    Dataset(DatasetEvent),
    Job(JobEvent),
    Endpoint(EndpointEvent),
    Tenant(TenantEvent),
}

/// Why bytes are not one of our events. Such a message is parked, never dropped.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    #[error("not an envelope: {0}")]
    Envelope(#[source] serde_json::Error),
    #[error("unknown event kind {0:?}: this binary may be older than the log")]
    UnknownKind(String),
    #[error("{kind} has schema {schema}, newer than any this binary knows: upgrade it")]
    NewerSchema { kind: String, schema: u16 },
    #[error("the body of {kind} does not decode: {source}")]
    Body { kind: String, source: serde_json::Error },
    #[error("event kind {kind} does not belong to {aggregate}")]
    WrongAggregate { kind: String, aggregate: Aggregate },
}

impl Event {
    /// Dotted wire name, such as `job.epoch_logged`.
    pub fn kind(&self) -> String {
        let Value::String(kind) = self.parts().0 else { unreachable!("kinds are strings by construction") };
        kind
    }

    /// The body alone, keys in canonical (sorted) order.
    pub fn body(&self) -> Value {
        self.parts().1
    }

    fn parts(&self) -> (Value, Value) {
        match self {
            Event::Chat(event) => parts(event),
            Event::Dataset(event) => parts(event),
            Event::Job(event) => parts(event),
            Event::Endpoint(event) => parts(event),
            Event::Tenant(event) => parts(event),
        }
    }

    /// Reads a current-schema body; older ones go through `upcast` first.
    fn decode(kind: &str, body: Value) -> Result<Event, DecodeError> {
        let tagged = json!({ "kind": kind, "body": body });
        let decoded = match kind.split('.').next() {
            Some("chat") => serde_json::from_value(tagged).map(Event::Chat),
            Some("dataset") => serde_json::from_value(tagged).map(Event::Dataset),
            Some("job") => serde_json::from_value(tagged).map(Event::Job),
            Some("endpoint") => serde_json::from_value(tagged).map(Event::Endpoint),
            Some("tenant") => serde_json::from_value(tagged).map(Event::Tenant),
            _ => return Err(DecodeError::UnknownKind(kind.to_owned())),
        };
        decoded.map_err(|source| {
            if source.to_string().starts_with("unknown variant `") && !upcast::is_known(kind) {
                DecodeError::UnknownKind(kind.to_owned())
            } else {
                DecodeError::Body { kind: kind.to_owned(), source }
            }
        })
    }
}

fn parts<E: Serialize>(event: &E) -> (Value, Value) {
    let mut tagged = serde_json::to_value(event).expect("events are plain data, which always serialises");
    (tagged["kind"].take(), tagged["body"].take())
}
