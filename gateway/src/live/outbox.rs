//! What one socket still has to be sent: a bounded queue, in front of the shared ring. Pure: no socket, no clock.

use std::collections::{BTreeMap, VecDeque};

use axum::extract::ws::Utf8Bytes;
use trainyard_api::live::TopicRows;
use trainyard_api::workers::Fleet;
use trainyard_bus::Telling;
use trainyard_events::tenant::Role;
use trainyard_events::trainer::Telemetry;
use trainyard_events::{TenantId, limits};
use trainyard_projections::Topic;
use uuid::Uuid;

use super::channel::Channel;
use super::frame::{self, Outgoing};
use super::hub::Told;
use super::resume::Resumes;
use super::ring::{Concerns, Entry, Ring};

/// Bytes that wait for a reader, but for the frame that goes past them: then nothing more is queued, and nothing read.
const QUEUED_BYTES: usize = 2 * 1024 * 1024;
/// What is written in one go at most; a single frame may be larger.
const BATCH_FRAMES: usize = 64;
const BATCH_BYTES: usize = 64 * 1024;
/// Messages of consoles that wait for a reader; the oldest is left out when there are more.
const CONSOLES_WAITING: usize = 32;

/// One topic of a socket: it has, or does not want, everything up to `after`.
#[derive(Clone, Debug)]
struct Subscription {
    channel: Channel,
    after: u64,
}

/// How far a look into the ring came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filled {
    UpToDate,
    /// The queue is full and the ring has more.
    Behind,
    /// The ring does not hold any more what comes next.
    Lost,
}

/// The ring does not hold what a new topic would need.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooOld;

/// Frames in the order in which they leave, with a bound on how many and on their bytes.
#[derive(Default)]
struct Queue {
    frames: VecDeque<Outgoing>,
    bytes: usize,
}

impl Queue {
    fn is_full(&self) -> bool {
        self.frames.len() >= limits::SOCKET_QUEUED_FRAMES || self.bytes >= QUEUED_BYTES
    }

    fn push(&mut self, frame: Outgoing) {
        self.bytes += frame.text.len();
        self.frames.push_back(frame);
    }

    fn pop(&mut self) -> Option<Utf8Bytes> {
        let text = self.frames.pop_front()?.text;
        self.bytes -= text.len();
        Some(text)
    }

    fn retain(&mut self, keep: impl Fn(&Outgoing) -> bool) {
        self.frames.retain(keep);
        self.bytes = self.frames.iter().map(|frame| frame.text.len()).sum();
    }
}

pub(crate) struct Outbox {
    tenant: TenantId,
    role: Role,
    resumes: Resumes,
    subscriptions: Vec<Subscription>,
    /// The ring has been looked through up to here.
    cursor: u64,
    queue: Queue,
    /// The newest that was not sent yet: it replaces the one before it.
    telemetry: BTreeMap<Uuid, Telemetry>,
    consoles: VecDeque<Told>,
    /// Likewise.
    fleet: Option<Fleet>,
}

impl Outbox {
    /// For a socket that opens when the ring is at `cursor`.
    pub(crate) fn new(tenant: TenantId, role: Role, resumes: Resumes, cursor: u64) -> Outbox {
        Outbox {
            tenant,
            role,
            resumes,
            subscriptions: Vec::new(),
            cursor,
            queue: Queue::default(),
            telemetry: BTreeMap::new(),
            consoles: VecDeque::new(),
            fleet: None,
        }
    }

    pub(crate) fn has(&self, channel: Channel) -> bool {
        self.subscriptions.iter().any(|subscription| subscription.channel == channel)
    }

    pub(crate) fn topics(&self) -> usize {
        self.subscriptions.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        let told = self.telemetry.is_empty() && self.consoles.is_empty();
        self.queue.frames.is_empty() && self.fleet.is_none() && told
    }

    pub(crate) fn is_full(&self) -> bool {
        self.queue.is_full()
    }

    pub(crate) fn push(&mut self, frame: Outgoing) {
        self.queue.push(frame);
    }

    /// Ends a topic, and drops what waits of it.
    pub(crate) fn remove(&mut self, channel: Channel) {
        self.subscriptions.retain(|subscription| subscription.channel != channel);
        self.queue.retain(|frame| frame.event_of != Some(channel));
        match channel {
            Channel::Log(Topic::Job(job)) => {
                self.telemetry.remove(&job);
                self.consoles.retain(|told| told.1 != job);
            }
            Channel::Workers => self.fleet = None,
            Channel::Log(_) => {}
        }
    }

    /// Begins the fleet's topic, which has no history.
    pub(crate) fn add_workers(&mut self) {
        self.subscriptions.push(Subscription { channel: Channel::Workers, after: 0 });
    }

    /// Begins a topic whose reader has everything up to `after`: what the ring has beyond is queued, up to where this
    /// socket has looked; the rest comes with the others.
    pub(crate) fn add(&mut self, topic: Topic, after: u64, ring: &Ring) -> Result<(), TooOld> {
        let channel = Channel::Log(topic);
        if after < self.cursor {
            let missed = ring.after(after).ok_or(TooOld)?.take_while(|entry| entry.sequence <= self.cursor);
            let mut frames = Vec::new();
            for entry in missed {
                match entry.concerns(&self.tenant, self.role, topic) {
                    Concerns::Nothing => {}
                    Concerns::Event => frames.extend(entry.frame(topic, &self.resumes)),
                    Concerns::Refetch => return Err(TooOld),
                }
            }
            frames.into_iter().for_each(|frame| self.queue.push(frame));
        }
        self.subscriptions.push(Subscription { channel, after });
        Ok(())
    }

    /// Queues what has come since the last look, as far as there is room.
    pub(crate) fn fill(&mut self, ring: &Ring) -> Filled {
        let Some(entries) = ring.after(self.cursor) else { return Filled::Lost };
        for entry in entries {
            if self.queue.is_full() {
                return Filled::Behind;
            }
            self.cursor = entry.sequence;
            self.tell_all(entry);
        }
        Filled::UpToDate
    }

    /// Queues a message for every topic that it belongs to. Where folding it would not give the rows, the topic ends.
    fn tell_all(&mut self, entry: &Entry) {
        let Outbox { tenant, role, resumes, queue, subscriptions, .. } = self;
        subscriptions.retain(|Subscription { channel, after }| {
            let Channel::Log(topic) = channel else { return true };
            let concerns = entry.concerns(tenant, *role, *topic);
            match concerns {
                Concerns::Event if entry.sequence > *after => {
                    entry.frame(*topic, resumes).into_iter().for_each(|frame| queue.push(frame));
                }
                Concerns::Refetch if entry.sequence > *after => {
                    queue.push(frame::refetch(*channel, "what cannot be read has changed"));
                    return false;
                }
                _ => {}
            }
            true
        });
    }

    pub(crate) fn has_workers(&self) -> bool {
        self.has(Channel::Workers)
    }

    /// Keeps the newest picture of the fleet, in place of one that was not sent yet.
    pub(crate) fn fleet(&mut self, fleet: Fleet) {
        self.fleet = Some(fleet);
    }

    /// Keeps what is told of a job that is subscribed to: the newest measurement, and lines as far as there is room.
    pub(crate) fn tell(&mut self, told: Told) {
        let (tenant, job, telling) = &*told;
        if *tenant != self.tenant || !self.has(Channel::Log(Topic::Job(*job))) {
            return;
        }
        match telling {
            Telling::Step(telemetry) => drop(self.telemetry.insert(*job, telemetry.clone())),
            Telling::Console(_) => {
                if self.consoles.len() == CONSOLES_WAITING {
                    self.consoles.pop_front();
                }
                self.consoles.push_back(told);
            }
        }
    }

    /// Gives up on a reader that is too slow: its topics end, each with word that it must be read anew.
    pub(crate) fn give_up(&mut self, newest: u64, reason: &str) {
        self.cursor = newest;
        self.telemetry.clear();
        self.consoles.clear();
        self.queue.retain(|frame| frame.event_of.is_none());
        for Subscription { channel, .. } in std::mem::take(&mut self.subscriptions) {
            match channel {
                Channel::Log(_) => self.queue.push(frame::refetch(channel, reason)),
                Channel::Workers => self.add_workers(),
            }
        }
    }

    /// Queues word of how far this reader is, with a token for each topic.
    pub(crate) fn watermark(&mut self) {
        let mut resume = BTreeMap::new();
        for Subscription { channel, after } in &self.subscriptions {
            if let Channel::Log(topic) = channel {
                let token = self.resumes.token(&self.tenant, *topic, self.cursor.max(*after));
                resume.insert(channel.to_string(), token);
            }
        }
        self.queue.push(frame::watermark(self.cursor, resume));
    }

    /// What is to be written next in one go, and is empty when nothing waits.
    pub(crate) fn batch(&mut self) -> Vec<Utf8Bytes> {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while batch.len() < BATCH_FRAMES && bytes < BATCH_BYTES {
            let Some(text) = self.next() else { break };
            bytes += text.len();
            batch.push(text);
        }
        batch
    }

    /// The text of the next frame: first what is queued, then the fleet, then telemetry, then consoles.
    fn next(&mut self) -> Option<Utf8Bytes> {
        if let Some(text) = self.queue.pop() {
            return Some(text);
        }
        match self.fleet.take() {
            Some(fleet) => {
                let rows = TopicRows::Workers(fleet);
                Some(frame::initial(Channel::Workers, self.cursor, rows, None).into())
            }
            None => self.next_told().map(Utf8Bytes::from),
        }
    }

    fn next_told(&mut self) -> Option<String> {
        if let Some((job, telemetry)) = self.telemetry.pop_first() {
            return Some(frame::telemetry(job, &telemetry));
        }
        match &*self.consoles.pop_front()? {
            (_, job, Telling::Console(lines)) => Some(frame::console(*job, lines)),
            (_, job, Telling::Step(telemetry)) => Some(frame::telemetry(*job, telemetry)),
        }
    }
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
