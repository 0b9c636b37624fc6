//! A span, and how its ids follow from those of the events that it is made of.

use time::OffsetDateTime;
use trainyard_events::{Actor, Recorded};
use uuid::Uuid;

/// The same of the same event at all times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SpanId(pub(crate) [u8; 8]);

impl SpanId {
    /// The second half of an event's id, which is never all zeros.
    pub(crate) fn of(event: Uuid) -> SpanId {
        SpanId((event.as_u128() as u64).to_be_bytes())
    }

    /// Of something that begins or ends with the event and is not the event's own.
    pub(crate) fn beside(event: Uuid, name: &str) -> SpanId {
        SpanId::of(Uuid::new_v5(&event, name.as_bytes()))
    }
}

/// Who did it, or was waited for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Service {
    Gateway,
    Dispatcher,
    /// By its name in the fleet.
    Worker(String),
}

impl Service {
    pub(crate) fn of(actor: &Actor) -> Service {
        match actor {
            Actor::User(_) => Service::Gateway,
            Actor::Policy(_) => Service::Dispatcher,
            Actor::Worker(name) => Service::Worker(name.clone()),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Whole(u64),
    Flag(bool),
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Value {
        Value::Whole(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Value {
        Value::Flag(flag)
    }
}

pub(crate) type Attributes = Vec<(&'static str, Value)>;

/// A span of another trace, or of another part of this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) trace: Uuid,
    pub(crate) span: SpanId,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Span {
    /// The correlation id of its events.
    pub(crate) trace: Uuid,
    pub(crate) id: SpanId,
    /// `None`: it is the root of its trace.
    pub(crate) parent: Option<SpanId>,
    pub(crate) name: &'static str,
    pub(crate) service: Service,
    pub(crate) start: OffsetDateTime,
    pub(crate) end: OffsetDateTime,
    pub(crate) attributes: Attributes,
    pub(crate) links: Vec<Link>,
    /// What kind of failure it was.
    pub(crate) error: Option<&'static str>,
}

impl Span {
    /// Made of the event that it ends with; it is the event's own, has no parent and took no time until that is said.
    pub(crate) fn ending(name: &'static str, recorded: &Recorded) -> Span {
        let envelope = &recorded.envelope;
        Span {
            trace: envelope.correlation_id,
            id: SpanId::of(envelope.event_id),
            parent: envelope.causation_id.map(SpanId::of),
            name,
            service: Service::of(&envelope.actor),
            start: envelope.at,
            end: envelope.at,
            attributes: vec![
                ("trainyard.tenant", envelope.tenant.as_str().into()),
                ("trainyard.aggregate", envelope.aggregate.to_string().into()),
                ("trainyard.sequence", recorded.sequence.into()),
            ],
            links: Vec::new(),
            error: None,
        }
    }

    /// Clocks of several machines do not agree: nothing ends before it begins.
    pub(crate) fn since(self, start: OffsetDateTime) -> Span {
        Span { start: start.min(self.end), ..self }
    }

    pub(crate) fn under(self, parent: SpanId) -> Span {
        Span { parent: Some(parent), ..self }
    }

    pub(crate) fn with(mut self, attributes: impl IntoIterator<Item = (&'static str, Value)>) -> Span {
        self.attributes.extend(attributes);
        self
    }
}
