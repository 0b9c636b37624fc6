//! The websocket: rows as of sequence S, then every event after S; one reader of the log for all sockets.

pub(crate) mod channel;
mod frame;
pub(crate) mod hub;
mod outbox;
pub(crate) mod places;
pub(crate) mod resume;
mod ring;
mod session;
mod subscribe;
mod upgrade;

pub(crate) use upgrade::upgrade;

#[cfg(test)]
pub(crate) mod tests {
    use time::OffsetDateTime;
    use trainyard_events::{Actor, Aggregate, ChatEvent, Envelope, Event, Recorded};
    use uuid::Uuid;

    /// Tenant `acme`'s event at `sequence`, all about the same chat.
    pub(crate) fn event(sequence: u64) -> Recorded {
        let event = ChatEvent::ReplyGiven {
            reply: format!("reply {sequence}"),
            intent: "help".to_owned(),
            interpreter: trainyard_events::chat::Interpreter::Grammar,
            because: Vec::new(),
            choices: Vec::new(),
            job: None,
            dataset: None,
            shows: Vec::new(),
        };
        let envelope = Envelope {
            event_id: Uuid::from_u128(u128::from(sequence)),
            tenant: "acme".parse().expect("a name"),
            aggregate: Aggregate::Chat(Uuid::nil()),
            command_id: Uuid::nil(),
            correlation_id: Uuid::nil(),
            causation_id: None,
            actor: Actor::User("test".to_owned()),
            at: OffsetDateTime::UNIX_EPOCH,
            sealed: None,
            event: Event::Chat(event),
        };
        Recorded::new(sequence, envelope)
    }
}
