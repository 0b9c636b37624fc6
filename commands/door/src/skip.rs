//! The way out for a history with an event that nobody here can read: an operator looks at it and lets it be skipped.

use trainyard_bus::{AppendError, EventLog};
use trainyard_events::{
    Actor, Aggregate, Entry, Envelope, Event, LogEvent, Recorded, TenantId, Unreadable, event_id,
};
use uuid::Uuid;

use crate::handle::CONFLICTS;
use crate::{Door, HandleError};

/// Who skips which event, and why.
#[derive(Clone, Debug)]
pub struct Skip {
    /// Of the request: the same again skips once.
    pub id: Uuid,
    pub tenant: TenantId,
    pub sequence: u64,
    pub actor: Actor,
    pub reason: String,
}

#[derive(Debug, thiserror::Error)]
pub enum SkipError {
    #[error("event {0} can be read, or there is none: only what is quarantined can be skipped")]
    Readable(u64),
    /// It is of another tenant or of no aggregate that this binary knows, so that nothing waits for it.
    #[error("nothing of this tenant waits for event {0}: it need not be skipped")]
    NothingWaits(u64),
    #[error(transparent)]
    Handle(#[from] HandleError),
}

impl<L: EventLog> Door<L> {
    /// Writes `log.event_skipped` into the history that the event stands in. It names the hash of what was skipped, so
    /// that it can be told for ever whether that is still what stands there.
    pub async fn skip(&self, skip: Skip) -> Result<Recorded, SkipError> {
        let unreadable = match self.log.at(skip.sequence).await.map_err(HandleError::from)? {
            Some(Entry::Unreadable(unreadable)) => unreadable,
            _ => return Err(SkipError::Readable(skip.sequence)),
        };
        let (tenant, aggregate) = match &unreadable.of {
            Some((tenant, aggregate)) if *tenant == skip.tenant => (tenant, aggregate),
            _ => return Err(SkipError::NothingWaits(skip.sequence)),
        };
        for _ in 0..CONFLICTS {
            let entries = self.log.entries(tenant, aggregate, 0).await.map_err(HandleError::from)?;
            let mut events = entries.iter().filter_map(Entry::as_event);
            if let Some(before) = events.find(|event| unreadable.is_skipped_by(event)) {
                return Ok(before.clone());
            }
            let last = entries.last().map_or(0, Entry::sequence);
            let envelope = self.skipping(&skip, aggregate, &unreadable);
            match self.log.append(&envelope, last).await {
                Ok(sequence) => return Ok(Recorded::new(sequence, envelope)),
                Err(AppendError::Conflict { .. }) => {}
                Err(AppendError::IdTaken { sequence }) => {
                    return Err(HandleError::IdTaken { sequence }.into());
                }
                Err(error) => return Err(HandleError::Unavailable(error.to_string()).into()),
            }
        }
        Err(HandleError::Unavailable(format!("{aggregate} is written to too often")).into())
    }

    fn skipping(&self, skip: &Skip, aggregate: &Aggregate, unreadable: &Unreadable) -> Envelope {
        Envelope {
            event_id: event_id(skip.id),
            tenant: skip.tenant.clone(),
            aggregate: aggregate.clone(),
            command_id: skip.id,
            correlation_id: skip.id,
            causation_id: None,
            actor: skip.actor.clone(),
            at: (self.clock)(),
            sealed: None,
            event: Event::Log(LogEvent::EventSkipped {
                sequence: skip.sequence,
                sha256: unreadable.sha256(),
                reason: skip.reason.clone(),
            }),
        }
    }
}
