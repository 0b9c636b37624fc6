//! What must hold of a log at any time, however it came about.

use std::collections::{BTreeMap, HashSet};

use trainyard_commands::job::{Job, Status};
use trainyard_events::job::JobEvent;
use trainyard_events::{Aggregate, Event, Recorded, TenantEvent};
use uuid::Uuid;

use super::{EPOCHS, quota};

/// Jobs that have ended, after a check of everything that must hold at any time.
pub(super) fn check(seed: u64, events: &[Recorded]) -> usize {
    let mut tokens: BTreeMap<Uuid, Option<u64>> = BTreeMap::new();
    let mut epochs: BTreeMap<Uuid, u32> = BTreeMap::new();
    let mut saved: BTreeMap<Uuid, u32> = BTreeMap::new();
    let mut ended = HashSet::new();
    let mut commands = HashSet::new();
    let mut crowd = Crowd::default();
    for recorded in events {
        crowd.take_in(seed, recorded);
        let (Aggregate::Job(job), Event::Job(event)) =
            (&recorded.envelope.aggregate, &recorded.envelope.event)
        else {
            continue;
        };
        let context = format!("seed {seed}, {recorded:?}");
        assert!(commands.insert(recorded.envelope.command_id), "a command wrote twice: {context}");
        assert!(!ended.contains(job), "something after the end: {context}");
        let token = tokens.entry(*job).or_default();
        if let Some(spoken) = event.token() {
            assert_eq!(*token, Some(spoken), "a stale token speaks: {context}");
        }
        match event {
            JobEvent::AttemptStarted { .. } => {
                assert_eq!(*token, None, "two attempts at once: {context}");
                *token = Some(recorded.sequence);
                epochs.insert(*job, saved.get(job).copied().unwrap_or(0));
            }
            JobEvent::EpochLogged { epoch, .. } => {
                let before = epochs.insert(*job, *epoch);
                assert_eq!(before.map(|before| before + 1), Some(*epoch), "a gap: {context}");
            }
            JobEvent::CheckpointCommitted { checkpoint, .. } => {
                saved.insert(*job, checkpoint.epoch);
            }
            JobEvent::AttemptLost { .. } => *token = None,
            JobEvent::Finished { .. } => {
                assert_eq!(epochs.get(job), Some(&EPOCHS), "finished too early: {context}");
                ended.insert(*job);
            }
            JobEvent::Cancelled { .. } | JobEvent::Failed { .. } => {
                ended.insert(*job);
            }
            _ => {}
        }
    }
    ended.len()
}

/// The jobs that run or are on the queue, and those that have a slot of the quota for it.
#[derive(Default)]
struct Crowd {
    jobs: BTreeMap<Uuid, Job>,
    slots: BTreeMap<Uuid, u64>,
}

impl Crowd {
    fn take_in(&mut self, seed: u64, recorded: &Recorded) {
        match (&recorded.envelope.aggregate, &recorded.envelope.event) {
            (_, Event::Tenant(TenantEvent::SlotReserved { job, wait })) => {
                self.slots.insert(*job, *wait);
            }
            (_, Event::Tenant(TenantEvent::SlotReleased { job, .. })) => {
                self.slots.remove(job);
            }
            (Aggregate::Job(id), Event::Job(event)) => {
                self.jobs.entry(*id).or_default().evolve(event, recorded.sequence);
            }
            _ => return,
        }
        let Some(most) = quota(seed) else { return };
        let runs = |job: &&Job| matches!(job.status, Status::Queued | Status::Starting | Status::Training);
        let running = self.jobs.values().filter(runs).count();
        let slots = self.slots.len();
        assert!(
            running <= slots && slots <= most,
            "seed {seed}: {running} run in {slots} slots: {recorded:?}"
        );
    }
}
