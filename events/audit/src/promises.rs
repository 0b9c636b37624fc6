//! What was accepted and has yet to be answered, and by when.
//!
//! Times are those of whoever looks, from the first look on at which something is open: an event's own may be of a clock that is
//! wrong, and who reads the log anew meets what was answered long ago before the answer.

use std::collections::HashMap;
use std::time::Duration;

use time::OffsetDateTime;
use trainyard_events::job::JobEvent;
use trainyard_events::{Actor, Aggregate, ChatEvent, Event, Recorded, TenantId, limits};
use uuid::Uuid;

use crate::finding::{Finding, Rule};

/// From an approval to the job that it asks for, or to the word that there will be none.
const APPROVAL: Duration = Duration::from_secs(120);
/// From the wish to cancel to the end, beyond what a worker is given.
const CANCEL: Duration = Duration::from_secs(120);

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Promise {
    /// Made by this event.
    JobOfApproval(Uuid),
    EndOfJob(TenantId, Uuid),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Promises {
    open: HashMap<Promise, Open>,
}

#[derive(Clone, Debug)]
struct Open {
    sequence: u64,
    of: (TenantId, Aggregate),
    patience: Duration,
    /// Since somebody has looked.
    due: Option<OffsetDateTime>,
    is_told: bool,
}

impl Promises {
    pub(crate) fn take_in(&mut self, recorded: &Recorded) {
        let envelope = &recorded.envelope;
        match &envelope.event {
            Event::Chat(ChatEvent::ProposalApproved { .. }) => {
                self.begin(Promise::JobOfApproval(envelope.event_id), recorded, APPROVAL);
            }
            Event::Chat(ChatEvent::ReplyGiven { .. }) => {
                if let (Actor::Policy(_), Some(cause)) = (&envelope.actor, envelope.causation_id) {
                    self.open.remove(&Promise::JobOfApproval(cause));
                }
            }
            Event::Job(event) => self.of_job(event, recorded),
            _ => {}
        }
    }

    fn of_job(&mut self, event: &JobEvent, recorded: &Recorded) {
        let envelope = &recorded.envelope;
        let Aggregate::Job(job) = envelope.aggregate else { return };
        let end = Promise::EndOfJob(envelope.tenant.clone(), job);
        match event {
            JobEvent::Requested { approval, .. } => {
                drop(self.open.remove(&Promise::JobOfApproval(*approval)))
            }
            JobEvent::CancelRequested { .. } => self.begin(end, recorded, limits::CANCEL_DEADLINE + CANCEL),
            JobEvent::Finished { .. } | JobEvent::Failed { .. } | JobEvent::Cancelled { .. } => {
                self.open.remove(&end);
            }
            _ => {}
        }
    }

    fn begin(&mut self, promise: Promise, recorded: &Recorded, patience: Duration) {
        let envelope = &recorded.envelope;
        let of = (envelope.tenant.clone(), envelope.aggregate.clone());
        let open = Open { sequence: recorded.sequence, of, patience, due: None, is_told: false };
        self.open.insert(promise, open);
    }

    /// What is overdue now and has not been told; `now` is always by the same clock.
    pub(crate) fn overdue(&mut self, now: OffsetDateTime) -> Vec<Finding> {
        for open in self.open.values_mut() {
            open.due.get_or_insert(now + open.patience);
        }
        let is_late = |open: &Open| open.due.is_some_and(|due| due < now) && !open.is_told;
        let late = self.open.iter_mut().filter(|(_, open)| is_late(open));
        late.map(|(promise, open)| {
            open.is_told = true;
            let said = match promise {
                Promise::JobOfApproval(_) => "it was approved, and neither a job nor an answer came of it",
                Promise::EndOfJob(..) => "it was to be cancelled, and has not ended",
            };
            let (sequence, of) = (open.sequence, Some(open.of.clone()));
            Finding { rule: Rule::Answered, sequence, of, said: said.to_owned() }
        })
        .collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.open.len()
    }
}
