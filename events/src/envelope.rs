//! The envelope every fact travels in, and what the log makes of it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Aggregate, BadName, DecodeError, Event, TenantId};

/// The family of kinds that may stand in the history of any aggregate.
const LOG: &str = "log";

/// Who caused a fact. Written `user:laptop`, `worker:gpu-3`, `policy:request-approved-job`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = "^(user|worker|policy):")))]
#[serde(try_from = "String", into = "String")]
pub enum Actor {
    /// The name of the token that was used, never a person's.
    User(String),
    Worker(String),
    Policy(String),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::User(name) => write!(f, "user:{name}"),
            Actor::Worker(name) => write!(f, "worker:{name}"),
            Actor::Policy(name) => write!(f, "policy:{name}"),
        }
    }
}

impl FromStr for Actor {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        match text.split_once(':') {
            Some(("user", name)) => Ok(Actor::User(name.to_owned())),
            Some(("worker", name)) => Ok(Actor::Worker(name.to_owned())),
            Some(("policy", name)) => Ok(Actor::Policy(name.to_owned())),
            _ => Err(BadName(text.to_owned(), "actor (user:, worker: or policy:)")),
        }
    }
}

impl TryFrom<String> for Actor {
    type Error = BadName;

    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}

impl From<Actor> for String {
    fn from(actor: Actor) -> String {
        actor.to_string()
    }
}

/// One fact with its circumstances, as one message of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// [`event_id`] of the command, so that a command that comes twice writes once.
    pub event_id: Uuid,
    pub tenant: TenantId,
    pub aggregate: Aggregate,
    pub command_id: Uuid,
    /// Shared by everything that one request of a user set going.
    pub correlation_id: Uuid,
    /// The event that it answers, if any: of a turn of talk what was said, else what a policy or a worker has acted on.
    pub causation_id: Option<Uuid>,
    pub actor: Actor,
    /// Microsecond precision, UTC; information only, never a reason for a decision about order.
    pub at: OffsetDateTime,
    /// Whether what people have said in it is sealed in the log, and by which of its author's keys: the one since this event of
    /// the history has erased what was said before (0: none has). Readers are given it open.
    pub sealed: Option<u64>,
    pub event: Event,
}

/// The id of the event that a command may cause.
pub fn event_id(command_id: Uuid) -> Uuid {
    Uuid::new_v5(&command_id, b"0")
}

/// Where an envelope says by which key it is sealed: in the body, since release 0.1 takes no other field beside it.
pub const SEALED_SINCE: &str = "sealed_since";

/// As it is read. What a newer binary has added is left unread.
#[derive(Deserialize)]
struct Wire<'b> {
    event_id: Uuid,
    kind: String,
    schema: u16,
    tenant: TenantId,
    aggregate: Aggregate,
    command_id: Uuid,
    correlation_id: Uuid,
    causation_id: Option<Uuid>,
    actor: Actor,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    #[serde(borrow)]
    body: &'b RawValue,
}

/// What the body says beside the event itself.
#[derive(Deserialize)]
struct Beside {
    sealed_since: Option<u64>,
}

/// As it is written: the fields in canonical order.
#[derive(Serialize)]
struct Written<'e> {
    actor: &'e Actor,
    aggregate: &'e Aggregate,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    body: Value,
    causation_id: Option<Uuid>,
    command_id: Uuid,
    correlation_id: Uuid,
    event_id: Uuid,
    kind: &'static str,
    schema: u16,
    tenant: &'e TenantId,
}

impl Envelope {
    /// Canonical JSON: the same envelope is always the same bytes (sorted keys, no spaces).
    pub fn to_json(&self) -> String {
        let mut body = self.event.body();
        if let (Some(since), Some(fields)) = (self.sealed, body.as_object_mut()) {
            fields.insert(SEALED_SINCE.to_owned(), since.into());
        }
        let written = Written {
            actor: &self.actor,
            aggregate: &self.aggregate,
            at: self.at,
            body,
            causation_id: self.causation_id,
            command_id: self.command_id,
            correlation_id: self.correlation_id,
            event_id: self.event_id,
            kind: self.event.kind(),
            schema: self.event.schema(),
            tenant: &self.tenant,
        };
        serde_json::to_string(&written).expect("an envelope is plain data, which always serialises")
    }

    /// Reads any schema ever written.
    pub fn from_json(bytes: &[u8]) -> Result<Envelope, DecodeError> {
        let wire: Wire<'_> = serde_json::from_slice(bytes).map_err(DecodeError::Envelope)?;
        let family = wire.kind.split('.').next();
        if family != Some(wire.aggregate.kind()) && family != Some(LOG) {
            return Err(DecodeError::WrongAggregate { kind: wire.kind, aggregate: wire.aggregate });
        }
        Ok(Envelope {
            event_id: wire.event_id,
            tenant: wire.tenant,
            aggregate: wire.aggregate,
            command_id: wire.command_id,
            correlation_id: wire.correlation_id,
            causation_id: wire.causation_id,
            actor: wire.actor,
            at: wire.at,
            sealed: sealed_since(wire.body.get()),
            event: Event::decode(&wire.kind, wire.schema, wire.body.get())?,
        })
    }
}

/// Few bodies say it, and one that says it in another form is not sealed.
fn sealed_since(body: &str) -> Option<u64> {
    if !body.contains(SEALED_SINCE) {
        return None;
    }
    serde_json::from_str::<Beside>(body).ok()?.sealed_since
}
