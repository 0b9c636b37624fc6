//! The facts of maintenance: which workers get nothing new, and whether anything is dispatched, as operators have said.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::envelope::{Actor, Envelope};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", content = "body")]
pub enum MaintenanceEvent {
    /// It gets nothing new from here on, whatever becomes of its process. What runs there goes on, or with `now` is told to stop
    /// with a checkpoint, and waits again for another worker.
    #[serde(rename = "maintenance.worker_drained")]
    WorkerDrained {
        worker: String,
        /// Why, for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        now: bool,
    },
    /// It gets work again.
    #[serde(rename = "maintenance.worker_returned")]
    WorkerReturned { worker: String },
    /// No job is dispatched from here on. What runs goes on.
    #[serde(rename = "maintenance.queue_paused")]
    QueuePaused {
        /// Why, for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    #[serde(rename = "maintenance.queue_resumed")]
    QueueResumed {},
}

impl MaintenanceEvent {
    /// Dotted wire name.
    pub fn kind(&self) -> &'static str {
        match self {
            MaintenanceEvent::WorkerDrained { .. } => "maintenance.worker_drained",
            MaintenanceEvent::WorkerReturned { .. } => "maintenance.worker_returned",
            MaintenanceEvent::QueuePaused { .. } => "maintenance.queue_paused",
            MaintenanceEvent::QueueResumed { .. } => "maintenance.queue_resumed",
        }
    }
}

/// A worker that gets nothing new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DrainedWorker {
    pub worker: String,
    /// The name of the token that said so first.
    pub who: String,
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub since: OffsetDateTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether what runs there is told to stop.
    pub now: bool,
}

/// A queue of which nothing is dispatched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PausedQueue {
    pub who: String,
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub since: OffsetDateTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// All that holds now: one fold for whoever dispatches, works or shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maintenance {
    /// By their names.
    pub drained: BTreeMap<String, DrainedWorker>,
    pub paused: Option<PausedQueue>,
    /// Sequence of the newest of its facts.
    pub sequence: u64,
}

impl Maintenance {
    /// Takes in one fact; one that it knows already changes nothing.
    pub fn evolve(&mut self, event: &MaintenanceEvent, sequence: u64, envelope: &Envelope) {
        if sequence <= self.sequence {
            return;
        }
        self.sequence = sequence;
        let (who, at) = (who(&envelope.actor), envelope.at);
        match event {
            MaintenanceEvent::WorkerDrained { worker, note, now } => {
                let (worker, note) = (worker.clone(), note.clone());
                let before = self.drained.remove(&worker);
                let (who, since) = before.map_or((who, at), |before| (before.who, before.since));
                self.drained.insert(worker.clone(), DrainedWorker { worker, who, since, note, now: *now });
            }
            MaintenanceEvent::WorkerReturned { worker } => drop(self.drained.remove(worker)),
            MaintenanceEvent::QueuePaused { note } => {
                let (who, since) = match self.paused.take() {
                    Some(before) => (before.who, before.since),
                    None => (who, at),
                };
                self.paused = Some(PausedQueue { who, since, note: note.clone() });
            }
            MaintenanceEvent::QueueResumed {} => self.paused = None,
        }
    }

    pub fn is_drained(&self, worker: &str) -> bool {
        self.drained.contains_key(worker)
    }

    /// The drain under which what runs on the worker is to stop.
    pub fn stops(&self, worker: &str) -> Option<&DrainedWorker> {
        self.drained.get(worker).filter(|drained| drained.now)
    }
}

/// As people call it.
fn who(actor: &Actor) -> String {
    let (Actor::User(name) | Actor::Worker(name) | Actor::Policy(name)) = actor;
    name.clone()
}
