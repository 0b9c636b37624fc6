//! What must hold of a log at any time, however it came about.

use std::collections::BTreeMap;

use trainyard_audit::Audit;
use trainyard_commands::job::{Job, Status};
use trainyard_events::job::JobEvent;
use trainyard_events::reason::{Ending, Reason};
use trainyard_events::{Aggregate, Entry, Event, Recorded, TenantEvent};
use uuid::Uuid;

use super::{ASKED, CLASSES, EPOCHS, preempts, quota};

/// Jobs that have ended, after a check of everything that must hold at any time.
pub(super) fn check(seed: u64, events: &[Recorded]) -> usize {
    let (mut audit, mut crowd) = (Audit::default(), Crowd::default());
    let mut epochs: BTreeMap<Uuid, u32> = BTreeMap::new();
    let mut ended = 0;
    for recorded in events {
        crowd.take_in(seed, recorded);
        let findings = audit.take_in(Entry::Event(Box::new(recorded.clone())));
        assert!(findings.is_empty(), "seed {seed}: {findings:?} of {recorded:?}");
        let Aggregate::Job(job) = recorded.envelope.aggregate else { continue };
        match &recorded.envelope.event {
            Event::Job(JobEvent::AttemptStarted { worker, .. }) => {
                let asked = (1..).zip(ASKED).find(|(number, _)| job == Uuid::from_u128(*number));
                let wanted = asked.and_then(|(_, asked)| asked).map(|wanted| format!("worker-{wanted}"));
                assert!(wanted.is_none_or(|wanted| wanted == *worker), "seed {seed}: {recorded:?}");
            }
            Event::Job(JobEvent::PreemptRequested { because, .. }) => {
                let own = (1..).zip(CLASSES).find(|(number, _)| job == Uuid::from_u128(*number));
                if let [Reason::Ending(Ending::GaveWay { class })] = because[..] {
                    let lower = own.is_some_and(|(_, own)| own < class);
                    assert!(preempts(seed) && lower, "seed {seed}: {recorded:?}");
                }
            }
            Event::Job(JobEvent::EpochLogged { epoch, .. }) => drop(epochs.insert(job, *epoch)),
            Event::Job(JobEvent::Finished { .. }) => {
                assert_eq!(epochs.get(&job), Some(&EPOCHS), "seed {seed}: finished too early: {recorded:?}");
                ended += 1;
            }
            Event::Job(JobEvent::Cancelled { .. } | JobEvent::Failed { .. }) => ended += 1,
            _ => {}
        }
    }
    ended
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
