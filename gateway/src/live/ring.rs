//! The newest events of the log, shared by every socket: each reads on from where it is, none waits for another.

use std::collections::VecDeque;
use std::sync::Arc;

use trainyard_events::{Envelope, Recorded, TenantId};
use trainyard_projections::Topic;
use trainyard_views::public_event;

use super::channel::{Channel, concerns};
use super::frame::Outgoing;

/// Bytes kept of the events' public form, be they fewer than asked for.
const RING_BYTES: usize = 32 * 1024 * 1024;

/// One event, its public form written once for all who read it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) recorded: Recorded,
    pub(crate) json: Arc<str>,
}

impl Entry {
    pub(crate) fn sequence(&self) -> u64 {
        self.recorded.sequence
    }

    /// Whether a reader of `tenant` gets it on `topic`.
    pub(crate) fn is_for(&self, tenant: &TenantId, topic: Topic) -> bool {
        let Envelope { tenant: owner, aggregate, .. } = &self.recorded.envelope;
        owner == tenant && concerns(topic, aggregate)
    }

    pub(crate) fn frame(&self, channel: Channel) -> Outgoing {
        Outgoing::Event { channel, sequence: self.sequence(), json: Arc::clone(&self.json) }
    }
}

/// Holds every event after `floor` that has come so far.
#[derive(Debug)]
pub(crate) struct Ring {
    entries: VecDeque<Arc<Entry>>,
    floor: u64,
    newest: u64,
    bytes: usize,
    events_max: usize,
}

impl Ring {
    /// For the newest `events_max` events of a log that ends at `newest` now: empty, to be filled from `floor` on.
    pub(crate) fn new(newest: u64, events_max: usize) -> Ring {
        let floor = newest.saturating_sub(events_max as u64);
        Ring { entries: VecDeque::new(), floor, newest: floor, bytes: 0, events_max }
    }

    pub(crate) fn push(&mut self, recorded: Recorded) {
        let json: Arc<str> = public_event(&recorded).to_string().into();
        self.newest = recorded.sequence;
        self.bytes += json.len();
        self.entries.push_back(Arc::new(Entry { recorded, json }));
        while self.entries.len() > self.events_max || self.bytes > RING_BYTES {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= oldest.json.len();
            self.floor = oldest.recorded.sequence;
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
        let from = self.entries.partition_point(|entry| entry.recorded.sequence <= sequence);
        (sequence >= self.floor).then(|| self.entries.range(from..))
    }
}

#[cfg(test)]
mod tests {
    use super::Ring;
    use crate::live::tests::event;

    #[test]
    fn it_gives_every_event_after_a_place_or_says_that_it_cannot() {
        let sequences = |ring: &Ring, after| {
            ring.after(after).map(|found| found.map(|entry| entry.recorded.sequence).collect::<Vec<_>>())
        };
        let mut ring = Ring::new(14, 10);
        assert_eq!((sequences(&ring, 4), sequences(&ring, 3)), (Some(vec![]), None));
        (5..=7).for_each(|sequence| ring.push(event(sequence)));
        assert_eq!(sequences(&ring, 4), Some(vec![5, 6, 7]));
        assert_eq!(sequences(&ring, 6), Some(vec![7]));
        assert_eq!(sequences(&ring, 9), Some(vec![]));
        assert_eq!(sequences(&ring, 3), None);
        let newest = 17;
        (8..=newest).for_each(|sequence| ring.push(event(sequence)));
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
            ring.push(large);
        }
        assert!(ring.bytes <= super::RING_BYTES && ring.entries.len() > 500, "{}", ring.entries.len());
        assert_eq!(ring.floor(), 1_000 - ring.entries.len() as u64);
    }
}
