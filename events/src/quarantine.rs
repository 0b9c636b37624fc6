//! Pure: keeps back every event of an aggregate that has one which cannot be read, until somebody says to skip that.
//!
//! What comes after an unreadable event cannot be folded soundly; what belongs to others can. Whoever folds the log lets
//! each entry through here first, so that all of them agree on what is held.

use std::collections::BTreeMap;

use crate::{Aggregate, Entry, Event, LogEvent, Recorded, TenantId, Unreadable};

/// Whose histories are held, and what of them.
#[derive(Clone, Debug, Default)]
pub struct Quarantine {
    held: BTreeMap<(TenantId, Aggregate), Held>,
}

/// What is kept back of one aggregate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Held {
    /// Those that nobody has skipped, the oldest first; never empty.
    pub unreadable: Vec<Unreadable>,
    /// Readable events that came after the first of them.
    events: Vec<Recorded>,
}

/// What became of an entry.
#[derive(Clone, Debug, PartialEq)]
pub enum Admitted {
    /// To be folded now.
    Event(Box<Recorded>),
    /// Nothing bars its aggregate any more: all that was kept back of it, to be folded now, in this order.
    Released { of: (TenantId, Aggregate), events: Vec<Recorded> },
    /// Held back; the first of its aggregate when `begins`.
    Held { of: (TenantId, Aggregate), begins: bool },
    /// Of no aggregate that this binary knows: nothing of ours depends on it.
    Foreign,
}

impl Quarantine {
    /// Takes in the next entry of the log.
    pub fn admit(&mut self, entry: Entry) -> Admitted {
        match entry {
            Entry::Unreadable(unreadable) => {
                let Some(of) = unreadable.of.clone() else { return Admitted::Foreign };
                let held = self.held.entry(of.clone()).or_default();
                held.unreadable.push(*unreadable);
                Admitted::Held { of, begins: held.unreadable.len() == 1 && held.events.is_empty() }
            }
            Entry::Event(recorded) => self.admit_event(*recorded),
        }
    }

    fn admit_event(&mut self, recorded: Recorded) -> Admitted {
        let of = (recorded.envelope.tenant.clone(), recorded.envelope.aggregate.clone());
        let Some(held) = self.held.get_mut(&of) else { return Admitted::Event(Box::new(recorded)) };
        held.unreadable.retain(|unreadable| !unreadable.is_skipped_by(&recorded));
        held.events.push(recorded);
        if held.unreadable.is_empty() {
            let events = self.held.remove(&of).map(|held| held.events).unwrap_or_default();
            return Admitted::Released { of, events };
        }
        Admitted::Held { of, begins: false }
    }

    /// What is held of an aggregate, if anything is.
    pub fn of(&self, tenant: &TenantId, aggregate: &Aggregate) -> Option<&Held> {
        self.held.get(&(tenant.clone(), aggregate.clone()))
    }

    /// Everything that is held, by whose it is.
    pub fn iter(&self) -> impl Iterator<Item = (&(TenantId, Aggregate), &Held)> {
        self.held.iter()
    }

    pub fn len(&self) -> usize {
        self.held.len()
    }

    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }
}

impl Held {
    /// The one to skip first.
    pub fn first(&self) -> &Unreadable {
        self.unreadable.first().expect("an aggregate is held for at least one")
    }

    /// All that is kept back, in the order of the log.
    pub fn entries(&self) -> Vec<Entry> {
        let unreadable = self.unreadable.iter().cloned().map(|it| Entry::Unreadable(Box::new(it)));
        let events = self.events.iter().cloned().map(|it| Entry::Event(Box::new(it)));
        let mut entries: Vec<Entry> = unreadable.chain(events).collect();
        entries.sort_by_key(Entry::sequence);
        entries
    }
}

impl Unreadable {
    /// Whether the event lets this be skipped: these very bytes, and not what may stand in their place by now.
    pub fn is_skipped_by(&self, recorded: &Recorded) -> bool {
        matches!(
            &recorded.envelope.event,
            Event::Log(LogEvent::EventSkipped { sequence, sha256, .. })
                if *sequence == self.sequence && *sha256 == self.sha256()
        )
    }
}

/// The readable events of one history, less what was skipped; or the first unreadable one that nobody has skipped.
pub fn resolve(entries: Vec<Entry>) -> Result<Vec<Recorded>, Box<Unreadable>> {
    let (mut events, mut unreadable) = (Vec::new(), Vec::new());
    for entry in entries {
        match entry {
            Entry::Event(recorded) => events.push(*recorded),
            Entry::Unreadable(found) => unreadable.push(found),
        }
    }
    let blocks = |found: &Unreadable| !events.iter().any(|event| found.is_skipped_by(event));
    match unreadable.into_iter().find(|found| blocks(found)) {
        Some(blocking) => Err(blocking),
        None => Ok(events),
    }
}

#[cfg(test)]
mod tests;
