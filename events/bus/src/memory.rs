//! The log in memory: JetStream's twin for tests, held to the same contract.

use std::sync::{Arc, Mutex, MutexGuard};

use futures::stream;
use serde_json::Value;
use tokio::sync::watch;
use trainyard_events::{Aggregate, Entry, Envelope, TenantId, subject};

use crate::jetstream::encode;
use crate::{AppendError, EntryStream, EventLog, LogError};

/// Clones share one log.
#[derive(Clone, Default)]
pub struct MemoryLog {
    messages: Arc<Mutex<Vec<Message>>>,
    length: Arc<watch::Sender<usize>>,
}

struct Message {
    subject: String,
    entry: Entry,
}

impl MemoryLog {
    fn messages(&self) -> MutexGuard<'_, Vec<Message>> {
        self.messages.lock().expect("nothing panics while it holds the log")
    }

    /// Stores any bytes, as a binary of another version may; returns their sequence.
    pub fn push(&self, tenant: &TenantId, aggregate: &Aggregate, bytes: &[u8]) -> u64 {
        self.store(&mut self.messages(), subject::event(tenant, aggregate), bytes)
    }

    fn store_guarded(
        &self,
        subject: String,
        bytes: &[u8],
        wanted: Option<String>,
        last: u64,
    ) -> Result<u64, AppendError> {
        let mut messages = self.messages();
        let same_id = messages.iter().find(|message| wanted.is_some() && id(&message.entry) == wanted);
        if let Some(Message { subject: of, entry }) = same_id {
            let sequence = entry.sequence();
            return match *of == subject {
                true if *entry.raw() == *bytes => Ok(sequence),
                true => Err(AppendError::Conflict { of: subject }),
                false => Err(AppendError::IdTaken { sequence }),
            };
        }
        let newest = messages.iter().rfind(|message| message.subject == subject);
        if newest.map_or(0, |message| message.entry.sequence()) != last {
            return Err(AppendError::Conflict { of: subject });
        }
        Ok(self.store(&mut messages, subject, bytes))
    }

    fn store(&self, messages: &mut Vec<Message>, subject: String, bytes: &[u8]) -> u64 {
        let sequence = messages.len() as u64 + 1;
        // As it would come back from a server.
        let entry = Entry::read(sequence, &subject, bytes);
        messages.push(Message { subject, entry });
        self.length.send_replace(messages.len());
        sequence
    }
}

impl EventLog for MemoryLog {
    async fn append(&self, envelope: &Envelope, last: u64) -> Result<u64, AppendError> {
        let json = encode(envelope)?;
        let subject = subject::event(&envelope.tenant, &envelope.aggregate);
        self.store_guarded(subject, json.as_bytes(), Some(envelope.event_id.to_string()), last)
    }

    async fn put_back(&self, entry: &Entry, last: u64) -> Result<u64, AppendError> {
        self.store_guarded(entry.subject(), &entry.raw(), id(entry), last)
    }

    async fn entries(
        &self,
        tenant: &TenantId,
        aggregate: &Aggregate,
        after: u64,
    ) -> Result<Vec<Entry>, LogError> {
        let subject = subject::event(tenant, aggregate);
        let messages = self.messages();
        let wanted = messages.iter().filter(|it| it.subject == subject && it.entry.sequence() > after);
        Ok(wanted.map(|message| message.entry.clone()).collect())
    }

    async fn at(&self, sequence: u64) -> Result<Option<Entry>, LogError> {
        let place = usize::try_from(sequence).ok().and_then(|sequence| sequence.checked_sub(1));
        Ok(place.and_then(|place| self.messages().get(place).map(|message| message.entry.clone())))
    }

    async fn follow(&self, after: u64) -> Result<EntryStream, LogError> {
        let state = (self.clone(), self.length.subscribe(), after as usize);
        Ok(Box::pin(stream::unfold(state, |(log, mut length, next)| async move {
            length.wait_for(|length| *length > next).await.ok()?;
            let entry = log.messages()[next].entry.clone();
            Some((Ok(entry), (log, length, next + 1)))
        })))
    }

    async fn last_sequence(&self) -> Result<u64, LogError> {
        Ok(self.messages().len() as u64)
    }
}

/// As JetStream has it in a header.
fn id(entry: &Entry) -> Option<String> {
    let value: Value = serde_json::from_slice(&entry.raw()).ok()?;
    value["event_id"].as_str().map(str::to_owned)
}
