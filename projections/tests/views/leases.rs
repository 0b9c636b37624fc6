//! What leases are told to have taken is what the auditor has counted, to the millisecond, however attempts end and clocks go.

use std::collections::BTreeMap;

use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use trainyard_audit::Audit;
use trainyard_events::fleet::Pool;
use trainyard_events::job::{Failure, FailureClass};
use trainyard_events::price::Taken;
use trainyard_events::*;
use trainyard_views::LeaseRow;
use uuid::Uuid;

use crate::fixtures::*;

const STEPS: usize = 1_500;
const JOBS: u64 = 5;

/// Numbers that look like chance and are the same in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// Where a job is.
#[derive(Clone, Copy, PartialEq)]
enum Is {
    Waiting,
    Queued(u64),
    Running(u64),
}

/// Months of jobs that are dispatched at changing prices, lost, preempted, failed, cancelled and finished, at once and by clocks
/// that disagree; some end exactly when a month does in Seoul.
fn months() -> Story {
    let (mut story, mut chance) = (Story::default(), Chance(7));
    let mut at = datetime!(2026-09-28 20:00:00.123456 UTC);
    let mut jobs: BTreeMap<u64, (Uuid, Is, u64)> = BTreeMap::new();
    let mut made = 0;
    for _ in 0..STEPS {
        at += Duration::microseconds(chance.below(11_000_000_000) as i64);
        if chance.below(40) == 0 {
            at = Month::of(at).next().begins();
        }
        let which = chance.below(JOBS);
        let skew = Duration::milliseconds(chance.below(600_000) as i64 - 300_000);
        let (id, is, stale) = *jobs.entry(which).or_insert_with(|| {
            made += 1;
            let id = Uuid::from_u128(0x10_000 + made);
            tell(&mut story, id, at, requested(None));
            (id, Is::Waiting, 0)
        });
        let next = step(&mut story, &mut chance, id, is, stale, at + skew);
        match next {
            Some(next) => {
                let stale = if let Is::Running(token) = is { token } else { stale };
                jobs.insert(which, (id, next, stale));
            }
            None => {
                jobs.remove(&which);
            }
        }
    }
    story
}

/// Where it is then; `None` once it has ended.
fn step(
    story: &mut Story,
    chance: &mut Chance,
    id: Uuid,
    is: Is,
    stale: u64,
    at: OffsetDateTime,
) -> Option<Is> {
    let token = match is {
        Is::Waiting => {
            let mut dispatch = dispatched();
            if let JobEvent::Dispatched { price, pool, .. } = &mut dispatch {
                *pool = [Pool::Cpu, Pool::Gpu][chance.below(2) as usize];
                let devices = [("H200".to_owned(), 9_876_543_211)].into();
                let known =
                    Price { currency: "KRW".to_owned(), hour: 1 + chance.below(5_000_000_000), devices };
                *price = (chance.below(5) > 0).then_some(known);
            }
            return Some(Is::Queued(tell(story, id, at, dispatch)));
        }
        Is::Queued(dispatch) => return Some(Is::Running(tell(story, id, at, attempt(1, dispatch, None)))),
        Is::Running(token) => token,
    };
    let failure = Failure {
        class: FailureClass::Internal,
        message: String::new(),
        next_step: String::new(),
        console: vec![],
        because: vec![],
        advice: vec![],
    };
    let (reason, because) = (String::new(), vec![]);
    let event = match chance.below(10) {
        0 | 1 => JobEvent::TrainingStarted {
            token,
            device: ["cpu", "NVIDIA H200"][chance.below(2) as usize].to_owned(),
            parameters: 1,
            train_images: 1,
            validation_images: 1,
            classes: vec![],
            dataset_hash: String::new(),
            resolved: BTreeMap::new(),
        },
        // A zombie's, whose attempt is over.
        2 => JobEvent::AttemptLost { token: stale },
        3 => JobEvent::AttemptPreempted { token, reason, because },
        4 => JobEvent::AttemptLost { token },
        5 => JobEvent::AttemptFailed { token, failure, console: None },
        6 => JobEvent::Cancelled { token: Some(token), console: None },
        7 => JobEvent::Finished {
            token,
            best_epoch: 1,
            measurements: BTreeMap::new(),
            classes: vec![],
            artifacts: vec![artifact("weights")],
            stopped_early: None,
            because,
        },
        _ => return Some(is),
    };
    let next = match &event {
        JobEvent::Cancelled { .. } | JobEvent::Finished { .. } => None,
        JobEvent::TrainingStarted { .. } => Some(is),
        other if other.token() == Some(token) => Some(Is::Waiting),
        _ => Some(is),
    };
    tell(story, id, at, event);
    next
}

fn tell(story: &mut Story, id: Uuid, at: OffsetDateTime, event: JobEvent) -> u64 {
    let sequence = story.job("acme", id, event);
    if let Some(last) = story.events.last_mut() {
        let envelope = Envelope { at, ..last.envelope.clone() };
        *last = Recorded::new(sequence, envelope);
    }
    sequence
}

#[tokio::test]
async fn a_month_is_the_sum_of_its_leases_as_the_auditor_counts_them() {
    let (story, views, acme) = (months(), views().await, tenant("acme"));
    project(&story.log().await, &views).await;
    let mut audit = Audit::default();
    for recorded in &story.events {
        audit.take_in(Entry::Event(Box::new(recorded.clone())));
    }
    assert!(audit.held.months.len() > 3, "{:?}", audit.held.months);
    let mut leases: BTreeMap<(Uuid, u64), LeaseRow> = BTreeMap::new();
    let mut parts: BTreeMap<(Uuid, u64), Taken> = BTreeMap::new();
    for ((_, year, month), counted) in &audit.held.months {
        let month: Month = format!("{year}-{month:02}").parse().unwrap();
        let mut sum = Taken::default();
        for lease in views.leases(&acme, month).await.unwrap() {
            if lease.ended_at.is_none() {
                continue;
            }
            let taken = lease.taken_in(month, OffsetDateTime::UNIX_EPOCH);
            sum.add(taken);
            parts.entry((lease.job, lease.token)).or_default().add(taken);
            leases.insert((lease.job, lease.token), lease);
        }
        assert_eq!(sum.held_ms, *counted, "{month}");
    }
    assert!(leases.len() > 100, "{}", leases.len());
    let mut of_jobs: BTreeMap<Uuid, Taken> = BTreeMap::new();
    for (key, lease) in &leases {
        let whole = Taken::between(lease.began_at, lease.ended_at.unwrap(), lease.hour.unwrap_or(0));
        assert_eq!(parts[key], whole, "what a lease took of its months is what it took");
        of_jobs.entry(lease.job).or_default().add(whole);
    }
    for (job, taken) in of_jobs {
        let row = views.job(&acme, job).await.unwrap().unwrap();
        assert_eq!(
            (row.spending.held_ms, row.spending.cost),
            (taken.held_ms, taken.cost),
            "job {}",
            row.number
        );
    }
}
