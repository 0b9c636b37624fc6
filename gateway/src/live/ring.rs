//! The newest messages of the log, shared by every socket: each reads on from where it is, none waits for another.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use trainyard_events::tenant::Role;
use trainyard_events::{
    Admitted, Aggregate, ChatEvent, Entry as LogEntry, Event, Quarantine, Recorded, TenantId,
};
use trainyard_projections::Topic;
use trainyard_views::{heed, public_event};

use super::channel::{Channel, concerns};
use super::frame::{self, Outgoing};
use super::resume::Resumes;
use crate::readers::may_read;
use crate::told::told_text;

/// Bytes kept of the events' public form and of all the frames around it, be they fewer than asked for.
const RING_BYTES: usize = 64 * 1024 * 1024;
/// Topics that one event can belong to: everything, its list, and what it is about.
const TOPICS_OF_EVENT: usize = 3;

/// One message of the log, its public form written once for all who read it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) sequence: u64,
    of: (TenantId, Aggregate),
    /// `None` of one that cannot be read.
    pub(crate) event: Option<(Recorded, Arc<str>)>,
    news: News,
    /// What everyone is sent who reads a topic that it belongs to: made and signed for the first of them.
    frames: [OnceLock<Outgoing>; TOPICS_OF_EVENT],
}

/// What a message means to those who fold events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    /// To be folded.
    Event,
    /// Kept back, since one before it cannot be read.
    Held,
    /// Its aggregate is kept back from here on, or no longer: the rows are to be read anew.
    Turn,
}

/// What a reader of a topic is to be told of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Concerns {
    Nothing,
    Event,
    /// The rows that it has are not those that it would have by folding.
    Refetch,
}

impl Entry {
    /// For somebody of `tenant` with this role.
    pub(crate) fn concerns(&self, tenant: &TenantId, role: Role, topic: Topic) -> Concerns {
        if self.of.0 != *tenant || !concerns(topic, &self.of.1) {
            return Concerns::Nothing;
        }
        if self.event.as_ref().is_some_and(|(recorded, _)| !may_read(role, &recorded.envelope.event)) {
            return Concerns::Nothing;
        }
        match (self.news, topic) {
            (News::Event, _) => Concerns::Event,
            (News::Held | News::Turn, Topic::Activity) if self.event.is_some() => Concerns::Event,
            (_, Topic::Activity) | (News::Held, _) => Concerns::Nothing,
            (News::Turn, _) => Concerns::Refetch,
        }
    }

    /// For every reader of a topic that it [`Entry::concerns`], the same.
    pub(crate) fn frame(&self, topic: Topic, resumes: &Resumes) -> Option<Outgoing> {
        let (_, json) = self.event.as_ref()?;
        let place = match topic {
            Topic::Activity => 0,
            Topic::Jobs => 1,
            Topic::Job(_) | Topic::Chat(_) => 2,
        };
        let make = || {
            let resume = resumes.token(&self.of.0, topic, self.sequence);
            frame::event(Channel::Log(topic), json, &resume)
        };
        Some(self.frames[place].get_or_init(make).clone())
    }

    /// With every frame that may be made of it.
    fn bytes(&self) -> usize {
        self.event.as_ref().map_or(0, |(_, json)| json.len() * (1 + TOPICS_OF_EVENT))
    }
}

fn is_erasure(recorded: &Recorded) -> bool {
    matches!(recorded.envelope.event, Event::Chat(ChatEvent::PromptsErased { .. }))
}

/// Holds every message after `floor` that has come so far.
#[derive(Debug)]
pub(crate) struct Ring {
    entries: VecDeque<Arc<Entry>>,
    floor: u64,
    newest: u64,
    bytes: usize,
    events_max: usize,
    quarantine: Quarantine,
}

impl Ring {
    /// For the newest `events_max` messages of a log that ends at `newest` now: empty, to be filled from `floor` on.
    pub(crate) fn new(newest: u64, events_max: usize) -> Ring {
        let floor = newest.saturating_sub(events_max as u64);
        let quarantine = Quarantine::default();
        Ring { entries: VecDeque::new(), floor, newest: floor, bytes: 0, events_max, quarantine }
    }

    /// What is held already where the ring begins.
    pub(crate) fn hold(&mut self, quarantine: &Quarantine) {
        let held = quarantine.iter().flat_map(|(_, held)| held.entries());
        let before: Vec<LogEntry> = held.filter(|entry| entry.sequence() <= self.floor).collect();
        before.into_iter().for_each(|entry| drop(self.quarantine.admit(entry)));
    }

    /// Whether a topic's rows are as of before something that cannot be read.
    pub(crate) fn is_held(&self, tenant: &TenantId, topic: Topic) -> bool {
        self.quarantine.iter().any(|((owner, aggregate), _)| owner == tenant && concerns(topic, aggregate))
    }

    pub(crate) fn push(&mut self, entry: LogEntry) {
        let sequence = entry.sequence();
        self.newest = sequence;
        let Some(of) = entry.of() else { return };
        let event = entry.as_event().map(|recorded| {
            let json: Arc<str> = told_text(&public_event(recorded)).into();
            (recorded.clone(), json)
        });
        if let Some((recorded, _)) = &event {
            self.heed(recorded);
        }
        let news = match self.quarantine.admit(entry) {
            // The rows that somebody has are others than this would make of them.
            Admitted::Event(event) if is_erasure(&event) => News::Turn,
            Admitted::Event(_) => News::Event,
            Admitted::Held { .. } if event.is_some() => News::Held,
            Admitted::Held { .. } | Admitted::Released { .. } | Admitted::Foreign => News::Turn,
        };
        let entry = Entry { sequence, of, event, news, frames: Default::default() };
        self.bytes += entry.bytes();
        self.entries.push_back(Arc::new(entry));
        while self.entries.len() > self.events_max || self.bytes > RING_BYTES {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= oldest.bytes();
            self.floor = oldest.sequence;
        }
    }

    /// What was said before an erasure is told to nobody any more.
    fn heed(&mut self, erasure: &Recorded) {
        if !is_erasure(erasure) {
            return;
        }
        for entry in &mut self.entries {
            let Some((recorded, _)) = &entry.event else { continue };
            if (&entry.of.0, &entry.of.1) != (&erasure.envelope.tenant, &erasure.envelope.aggregate) {
                continue;
            }
            let mut value = public_event(recorded);
            if !heed(&mut value, erasure) {
                continue;
            }
            let event = Some((recorded.unsaid(), told_text(&value).into()));
            let (sequence, of, news) = (entry.sequence, entry.of.clone(), entry.news);
            let unsaid = Entry { sequence, of, event, news, frames: Default::default() };
            self.bytes = self.bytes - entry.bytes() + unsaid.bytes();
            *entry = Arc::new(unsaid);
        }
    }

    /// Sequence of the newest event taken in.
    pub(crate) fn newest(&self) -> u64 {
        self.newest
    }

    /// Every event after this one is here.
    pub(crate) fn floor(&self) -> u64 {
        self.floor
    }

    /// The events after `sequence`, oldest first; `None` if some of them are not here any more.
    pub(crate) fn after(&self, sequence: u64) -> Option<impl Iterator<Item = &Arc<Entry>>> {
        let from = self.entries.partition_point(|entry| entry.sequence <= sequence);
        (sequence >= self.floor).then(|| self.entries.range(from..))
    }
}

#[cfg(test)]
mod tests {
    use trainyard_events::Entry as LogEntry;

    use super::Ring;
    use crate::live::tests::event;

    fn entry(sequence: u64) -> LogEntry {
        LogEntry::Event(Box::new(event(sequence)))
    }

    #[test]
    fn it_gives_every_event_after_a_place_or_says_that_it_cannot() {
        let sequences = |ring: &Ring, after| {
            ring.after(after).map(|found| found.map(|entry| entry.sequence).collect::<Vec<_>>())
        };
        let mut ring = Ring::new(14, 10);
        assert_eq!((sequences(&ring, 4), sequences(&ring, 3)), (Some(vec![]), None));
        (5..=7).for_each(|sequence| ring.push(entry(sequence)));
        assert_eq!(sequences(&ring, 4), Some(vec![5, 6, 7]));
        assert_eq!(sequences(&ring, 6), Some(vec![7]));
        assert_eq!(sequences(&ring, 9), Some(vec![]));
        assert_eq!(sequences(&ring, 3), None);
        let newest = 17;
        (8..=newest).for_each(|sequence| ring.push(entry(sequence)));
        assert_eq!((ring.floor(), ring.newest()), (7, newest));
        assert_eq!((sequences(&ring, 6), sequences(&ring, 7).map(|found| found.len())), (None, Some(10)));
    }

    #[test]
    fn large_events_leave_room_for_fewer() {
        let mut ring = Ring::new(0, 8_192);
        for sequence in 1..=1_000 {
            let mut large = event(sequence);
            let text = "x".repeat(60_000);
            large.envelope.actor = trainyard_events::Actor::User(text);
            ring.push(LogEntry::Event(Box::new(large)));
        }
        assert!(ring.bytes <= super::RING_BYTES && ring.entries.len() > 250, "{}", ring.entries.len());
        assert_eq!(ring.floor(), 1_000 - ring.entries.len() as u64);
    }
}
