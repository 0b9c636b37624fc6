//! Pure: the fold of the log that tells what does not hold of it.

use std::collections::HashMap;
use std::collections::hash_map::Entry as InMap;

use time::OffsetDateTime;
use trainyard_events::job::JobEvent;
use trainyard_events::{Admitted, Aggregate, ChatEvent, Entry, Event, Quarantine, Recorded, TenantId};
use uuid::Uuid;

use crate::finding::{Finding, Rule};
use crate::gpu::GpuTime;
use crate::held::Held;
use crate::job::{Broken, Job};
use crate::needed::Files;
use crate::promises::Promises;
use crate::recent::Recent;

/// What an auditor knows of the log so far. Jobs that have ended cost what they have left in the store.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    sequence: u64,
    events: Recent,
    commands: Recent,
    quarantine: Quarantine,
    jobs: HashMap<(TenantId, Uuid), Job>,
    gpu: GpuTime,
    promises: Promises,
    /// Conversations of which something was erased, and by which event last.
    erased: HashMap<(TenantId, Uuid), u64>,
    pub files: Files,
    pub held: Held,
}

impl Audit {
    /// Of the newest entry that was taken in.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Jobs that have not ended, and what was accepted and has yet to be answered.
    pub fn open(&self) -> (usize, usize) {
        (self.jobs.len(), self.promises.len())
    }

    /// Takes in the next entry of the log and tells what does not hold of it. What cannot be read, and what waits behind it,
    /// is not judged.
    pub fn take_in(&mut self, entry: Entry) -> Vec<Finding> {
        let mut findings = Vec::new();
        let (before, sequence) = (self.sequence, entry.sequence());
        if sequence != before + 1 {
            let said = format!("event {sequence} comes after {before}");
            findings.push(Finding { rule: Rule::Whole, sequence, of: entry.of(), said });
        }
        self.sequence = sequence;
        match self.quarantine.admit(entry) {
            Admitted::Event(recorded) => findings.extend(self.judge(&recorded)),
            Admitted::Released { events, .. } => {
                findings.extend(events.iter().flat_map(|recorded| self.judge(recorded)));
            }
            Admitted::Held { .. } | Admitted::Foreign => {}
        }
        findings
    }

    /// What should have been answered by now, for as long as somebody has looked; each is told once.
    pub fn overdue(&mut self, now: OffsetDateTime) -> Vec<Finding> {
        self.promises.overdue(now)
    }

    fn judge(&mut self, recorded: &Recorded) -> Vec<Finding> {
        let envelope = &recorded.envelope;
        let mut broken = Vec::new();
        if !self.events.add(envelope.event_id) {
            broken.push((Rule::Once, format!("event {} is there twice", envelope.event_id)));
        }
        if !self.commands.add(envelope.command_id) {
            broken.push((Rule::Once, format!("command {} caused two events", envelope.command_id)));
        }
        match (&envelope.aggregate, &envelope.event) {
            (Aggregate::Job(id), Event::Job(event)) => {
                let key = (envelope.tenant.clone(), *id);
                self.gpu.job(&key, event, recorded);
                self.held.take_in(&key, event, recorded);
                broken.extend(self.job(key, event, recorded.sequence));
            }
            (Aggregate::Chat(id), Event::Chat(event)) => {
                let erased = self.erased.entry((envelope.tenant.clone(), *id));
                broken.extend(sealed(erased, event, recorded));
            }
            (_, Event::Tenant(event)) => broken.extend(self.gpu.tenant(&envelope.tenant, event)),
            _ => {}
        }
        self.promises.take_in(recorded);
        self.files.take_in(recorded);
        let of = || Some((envelope.tenant.clone(), envelope.aggregate.clone()));
        let found = |(rule, said)| Finding { rule, sequence: recorded.sequence, of: of(), said };
        broken.into_iter().map(found).collect()
    }

    fn job(&mut self, key: (TenantId, Uuid), event: &JobEvent, sequence: u64) -> Vec<Broken> {
        if let JobEvent::Requested { config, .. } = event {
            return match self.jobs.insert(key, Job::requested(config)) {
                Some(_) => vec![(Rule::Life, "the job is asked for a second time".to_owned())],
                None => Vec::new(),
            };
        }
        // What people say of a job is no part of its life, and may come after it.
        if let JobEvent::Annotated { .. } = event {
            return Vec::new();
        }
        let Some(job) = self.jobs.get_mut(&key) else {
            return vec![(Rule::Life, "the job has ended, or was never asked for".to_owned())];
        };
        let broken = job.take_in(event, sequence);
        if let JobEvent::Finished { .. } | JobEvent::Failed { .. } | JobEvent::Cancelled { .. } = event {
            self.jobs.remove(&key);
        }
        broken
    }
}

/// Of a conversation of which nothing was erased, nothing is kept.
fn sealed(
    erased: InMap<'_, (TenantId, Uuid), u64>,
    event: &ChatEvent,
    recorded: &Recorded,
) -> Option<Broken> {
    if let ChatEvent::PromptsErased { .. } = event {
        erased.insert_entry(recorded.sequence);
        return None;
    }
    let InMap::Occupied(erased) = erased else { return None };
    let since = recorded.envelope.sealed.filter(|since| since < erased.get())?;
    let said = format!("it is sealed with the key of {since}, which event {} destroys", erased.get());
    Some((Rule::Sealed, said))
}
