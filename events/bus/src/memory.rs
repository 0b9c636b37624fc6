//! The log in memory: JetStream's twin for tests, held to the same contract.

use std::sync::{Arc, Mutex, MutexGuard};

use futures::stream;
use tokio::sync::watch;
use trainyard_events::{Aggregate, Envelope, Recorded, TenantId};

use crate::jetstream::encode;
use crate::{AppendError, EventLog, EventStream, LogError};

/// Clones share one log.
#[derive(Clone, Default)]
pub struct MemoryLog {
    events: Arc<Mutex<Vec<Recorded>>>,
    length: Arc<watch::Sender<usize>>,
}

impl MemoryLog {
    fn events(&self) -> MutexGuard<'_, Vec<Recorded>> {
        self.events.lock().expect("nothing panics while it holds the log")
    }
}

impl EventLog for MemoryLog {
    async fn append(&self, envelope: &Envelope, last: u64) -> Result<u64, AppendError> {
        let json = encode(envelope)?;
        let mut events = self.events();
        let mut newest = 0;
        for recorded in
            events.iter().filter(|recorded| is_of(recorded, &envelope.tenant, &envelope.aggregate))
        {
            if recorded.envelope.event_id == envelope.event_id {
                return Ok(recorded.sequence);
            }
            newest = recorded.sequence;
        }
        if newest != last {
            return Err(AppendError::Conflict { aggregate: envelope.aggregate.clone() });
        }
        let sequence = events.len() as u64 + 1;
        // As it would come back from a server.
        let envelope = Envelope::from_json(json.as_bytes()).expect("what was just encoded decodes");
        events.push(Recorded { sequence, envelope });
        self.length.send_replace(events.len());
        Ok(sequence)
    }

    async fn history(
        &self,
        tenant: &TenantId,
        aggregate: &Aggregate,
        after: u64,
    ) -> Result<Vec<Recorded>, LogError> {
        let events = self.events();
        let wanted = events.iter().filter(|it| it.sequence > after && is_of(it, tenant, aggregate));
        Ok(wanted.cloned().collect())
    }

    async fn follow(&self, after: u64) -> Result<EventStream, LogError> {
        let state = (self.clone(), self.length.subscribe(), after as usize);
        Ok(Box::pin(stream::unfold(state, |(log, mut length, next)| async move {
            length.wait_for(|length| *length > next).await.ok()?;
            let recorded = log.events()[next].clone();
            Some((Ok(recorded), (log, length, next + 1)))
        })))
    }

    async fn last_sequence(&self) -> Result<u64, LogError> {
        Ok(self.events().len() as u64)
    }
}

fn is_of(recorded: &Recorded, tenant: &TenantId, aggregate: &Aggregate) -> bool {
    recorded.envelope.tenant == *tenant && recorded.envelope.aggregate == *aggregate
}
