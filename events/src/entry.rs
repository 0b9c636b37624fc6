//! One message of the log as it is read back: an event, or bytes that this binary cannot read.

use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Aggregate, Envelope, TenantId, subject};

/// An envelope that the log has given a place: `sequence` is global and grows.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub sequence: u64,
    pub envelope: Envelope,
    /// As it was read from the log.
    stored: Option<Arc<str>>,
}

impl PartialEq for Recorded {
    fn eq(&self, other: &Recorded) -> bool {
        (self.sequence, &self.envelope) == (other.sequence, &other.envelope)
    }
}

/// A message that this binary cannot read: of a kind or form that it does not know, or damaged.
#[derive(Clone, Debug, PartialEq)]
pub struct Unreadable {
    pub sequence: u64,
    pub subject: String,
    /// Whose history it is in, by its subject; `None` where that is of no form or kind of aggregate that we know.
    pub of: Option<(TenantId, Aggregate)>,
    /// As it calls itself.
    pub kind: Option<String>,
    /// Why it cannot be read, in English.
    pub reason: String,
    pub raw: Arc<[u8]>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    Event(Box<Recorded>),
    Unreadable(Box<Unreadable>),
}

impl Entry {
    /// Reads the message at `sequence`.
    pub fn read(sequence: u64, subject: &str, bytes: &[u8]) -> Entry {
        match Recorded::read(sequence, subject, bytes) {
            Ok(recorded) => Entry::Event(Box::new(recorded)),
            Err(reason) => Entry::Unreadable(Box::new(Unreadable {
                sequence,
                subject: subject.to_owned(),
                of: subject::parse_event(subject),
                kind: serde_json::from_slice::<Value>(bytes)
                    .ok()
                    .and_then(|value| value["kind"].as_str().map(str::to_owned)),
                reason,
                raw: bytes.into(),
            })),
        }
    }

    pub fn sequence(&self) -> u64 {
        match self {
            Entry::Event(recorded) => recorded.sequence,
            Entry::Unreadable(unreadable) => unreadable.sequence,
        }
    }

    /// Where it is stored.
    pub fn subject(&self) -> String {
        match self {
            Entry::Event(recorded) => subject::event(&recorded.envelope.tenant, &recorded.envelope.aggregate),
            Entry::Unreadable(unreadable) => unreadable.subject.clone(),
        }
    }

    /// As it is stored.
    pub fn raw(&self) -> Arc<[u8]> {
        match self {
            Entry::Event(recorded) => recorded.raw().as_bytes().into(),
            Entry::Unreadable(unreadable) => unreadable.raw.clone(),
        }
    }

    /// Whose history it is in.
    pub fn of(&self) -> Option<(TenantId, Aggregate)> {
        match self {
            Entry::Event(recorded) => {
                Some((recorded.envelope.tenant.clone(), recorded.envelope.aggregate.clone()))
            }
            Entry::Unreadable(unreadable) => unreadable.of.clone(),
        }
    }

    /// The event, if it is one.
    pub fn as_event(&self) -> Option<&Recorded> {
        match self {
            Entry::Event(recorded) => Some(recorded),
            Entry::Unreadable(_) => None,
        }
    }

    /// The same, taken.
    pub fn event(self) -> Option<Recorded> {
        match self {
            Entry::Event(recorded) => Some(*recorded),
            Entry::Unreadable(_) => None,
        }
    }
}

impl Unreadable {
    /// Of its bytes, in hexadecimal.
    pub fn sha256(&self) -> String {
        hex::encode(Sha256::digest(&self.raw))
    }
}

impl From<Recorded> for Entry {
    fn from(recorded: Recorded) -> Entry {
        Entry::Event(Box::new(recorded))
    }
}

impl Recorded {
    /// An event that was just written, or that a test makes up.
    pub fn new(sequence: u64, envelope: Envelope) -> Recorded {
        Recorded { sequence, envelope, stored: None }
    }

    /// The subject is what the server has guarded: an envelope that says another tenant or aggregate has no place there.
    fn read(sequence: u64, subject: &str, bytes: &[u8]) -> Result<Recorded, String> {
        let envelope = Envelope::from_json(bytes).map_err(|error| error.to_string())?;
        let own = subject::event(&envelope.tenant, &envelope.aggregate);
        if own != subject {
            return Err(format!("the event says that it is of {own}"));
        }
        let text = std::str::from_utf8(bytes).expect("what was read as JSON is UTF-8");
        Ok(Recorded { sequence, envelope, stored: Some(text.into()) })
    }

    /// As it is stored, byte for byte: with what a newer binary has written and this one does not know.
    pub fn raw(&self) -> Arc<str> {
        self.stored.clone().unwrap_or_else(|| self.envelope.to_json().into())
    }

    /// The public form: the envelope as it is stored, with `sequence` beside it.
    pub fn to_value(&self) -> Value {
        let mut value: Value = serde_json::from_str(&self.raw()).expect("it was written as JSON");
        value["sequence"] = self.sequence.into();
        value
    }
}
