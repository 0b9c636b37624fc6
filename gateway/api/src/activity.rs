//! `/v1/activity` and `/v1/jobs/{id}/events`: what happened, as anybody with a right to it reads it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use trainyard_events::{Actor, Aggregate, TenantId};
use uuid::Uuid;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ActivityQuery {
    /// Only what is about this, such as `job/01890a5d-ac96-774b-bcce-b302099a8057`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Aggregate>"))]
    pub aggregate: Option<String>,
    /// In order, and only what comes after this sequence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// Newest first: `next` of the page before this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// Events at most; 200 are the most there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A page of one job's events, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EventsQuery {
    /// `next` of the page before this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// Events at most; 200 are the most there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EventPage {
    pub events: Vec<PublicEvent>,
    /// The `before` of the next page, or the `after` of one in order; null at the end.
    pub next: Option<u64>,
}

/// What every event says beside its `kind` and `body`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Envelope {
    /// Its place in the log.
    pub sequence: u64,
    pub event_id: Uuid,
    /// Of its kind's body.
    pub schema: u16,
    pub tenant: TenantId,
    /// What it is about.
    pub aggregate: Aggregate,
    pub command_id: Uuid,
    /// Shared by everything that one request of a user set going.
    pub correlation_id: Uuid,
    /// The event that it answers, if any: of a turn of talk what was said, else what a policy or a worker has acted on.
    pub causation_id: Option<Uuid>,
    pub actor: Actor,
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "trainyard_events::schema::Moment"))]
    pub at: OffsetDateTime,
}

/// An event as it leaves the house, carried as it is: kinds that this program does not know pass through.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublicEvent(pub Value);

impl PublicEvent {
    pub fn sequence(&self) -> u64 {
        self.0["sequence"].as_u64().unwrap_or_default()
    }

    /// Such as `job.epoch_logged`.
    pub fn kind(&self) -> &str {
        self.0["kind"].as_str().unwrap_or_default()
    }

    /// The event as one of a family, such as [`trainyard_events::JobEvent`]; `None` if it is none or has another form.
    pub fn read<'e, E: Deserialize<'e>>(&'e self) -> Option<E> {
        E::deserialize(&self.0).ok()
    }
}

#[cfg(feature = "schema")]
mod schema {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
    use serde_json::Value;
    use trainyard_events::{
        ChatEvent, DatasetEvent, EndpointEvent, HookEvent, JobEvent, LogEvent, MaintenanceEvent, ModelEvent,
        TenantEvent,
    };

    use super::{Envelope, PublicEvent};

    impl JsonSchema for PublicEvent {
        fn schema_name() -> Cow<'static, str> {
            "PublicEvent".into()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            let families = [
                generator.subschema_for::<ChatEvent>(),
                generator.subschema_for::<DatasetEvent>(),
                generator.subschema_for::<JobEvent>(),
                generator.subschema_for::<EndpointEvent>(),
                generator.subschema_for::<ModelEvent>(),
                generator.subschema_for::<HookEvent>(),
                generator.subschema_for::<MaintenanceEvent>(),
                generator.subschema_for::<LogEvent>(),
                tenant_event(generator),
            ];
            json_schema!({
                "description": "The envelope with the event in it. The log of a newer release may hold more kinds.",
                "allOf": [generator.subschema_for::<Envelope>(), { "oneOf": families }],
            })
        }
    }

    /// Without the hash of a token, which never leaves the house.
    fn tenant_event(generator: &mut SchemaGenerator) -> Schema {
        let event = generator.subschema_for::<TenantEvent>();
        let known = generator.definitions_mut().get_mut("TenantEvent");
        for kind in known.and_then(|schema| schema["oneOf"].as_array_mut()).into_iter().flatten() {
            let body = &mut kind["properties"]["body"];
            if let Some(properties) = body["properties"].as_object_mut() {
                properties.remove("sha256");
            }
            if let Value::Array(required) = &mut body["required"] {
                required.retain(|name| name != "sha256");
            }
        }
        event
    }
}
