//! What is held, what is let through, and when it comes back.

use time::macros::datetime;
use uuid::Uuid;

use super::*;
use crate::{Actor, Envelope, JobEvent, subject};

fn job(id: u128) -> Aggregate {
    Aggregate::Job(Uuid::from_u128(id))
}

fn tenant() -> TenantId {
    "acme".parse().expect("a name")
}

fn event(sequence: u64, aggregate: Aggregate, event: Event) -> Entry {
    let envelope = Envelope {
        event_id: Uuid::from_u128(u128::from(sequence)),
        tenant: tenant(),
        aggregate,
        command_id: Uuid::nil(),
        correlation_id: Uuid::nil(),
        causation_id: None,
        actor: Actor::User("test".into()),
        at: datetime!(2026-01-01 00:00 UTC),
        sealed: None,
        event,
    };
    Entry::Event(Box::new(Recorded::new(sequence, envelope)))
}

fn cancel(sequence: u64, id: u128) -> Entry {
    event(sequence, job(id), Event::Job(JobEvent::CancelRequested { reason: String::new(), because: vec![] }))
}

fn skip(sequence: u64, id: u128, skipped: u64) -> Entry {
    let Entry::Unreadable(unreadable) = unreadable(skipped, id) else { panic!("nobody can read it") };
    skip_of(sequence, id, skipped, unreadable.sha256())
}

fn skip_of(sequence: u64, id: u128, skipped: u64, sha256: String) -> Entry {
    let body = LogEvent::EventSkipped { sequence: skipped, sha256, reason: String::new() };
    event(sequence, job(id), Event::Log(body))
}

fn unreadable(sequence: u64, id: u128) -> Entry {
    Entry::read(sequence, &subject::event(&tenant(), &job(id)), br#"{"kind":"job.paused"}"#)
}

fn sequences(admitted: Admitted) -> Vec<u64> {
    match admitted {
        Admitted::Event(event) => vec![event.sequence],
        Admitted::Released { events, .. } => events.iter().map(|event| event.sequence).collect(),
        Admitted::Held { .. } | Admitted::Foreign => Vec::new(),
    }
}

#[test]
fn only_its_own_aggregate_waits_behind_what_cannot_be_read() {
    let mut quarantine = Quarantine::default();
    assert_eq!(sequences(quarantine.admit(cancel(1, 7))), [1]);
    let begins = Admitted::Held { of: (tenant(), job(7)), begins: true };
    assert_eq!(quarantine.admit(unreadable(2, 7)), begins);
    let goes_on = Admitted::Held { of: (tenant(), job(7)), begins: false };
    assert_eq!(quarantine.admit(cancel(3, 7)), goes_on);
    assert_eq!(sequences(quarantine.admit(cancel(4, 8))), [4], "another job goes on");
    let held = quarantine.of(&tenant(), &job(7)).expect("it is held");
    assert_eq!((held.first().sequence, held.first().kind.as_deref()), (2, Some("job.paused")));
}

#[test]
fn a_skip_lets_everything_through_in_order_once_nothing_else_bars_it() {
    let mut quarantine = Quarantine::default();
    for entry in [unreadable(1, 7), cancel(2, 7), unreadable(3, 7), cancel(4, 7)] {
        assert_eq!(sequences(quarantine.admit(entry)), [0; 0]);
    }
    assert_eq!(sequences(quarantine.admit(skip(5, 7, 9))), [0; 0], "of another event");
    assert_eq!(sequences(quarantine.admit(skip(6, 7, 1))), [0; 0], "one is left");
    assert_eq!(sequences(quarantine.admit(skip_of(7, 7, 3, String::new()))), [0; 0], "of other bytes");
    assert_eq!(sequences(quarantine.admit(skip(8, 7, 3))), [2, 4, 5, 6, 7, 8]);
    assert!(quarantine.is_empty());
    assert_eq!(sequences(quarantine.admit(cancel(9, 7))), [9]);
}

#[test]
fn what_is_held_is_held_again_from_what_was_kept() {
    let mut quarantine = Quarantine::default();
    for entry in [unreadable(1, 7), cancel(2, 7), unreadable(3, 7)] {
        quarantine.admit(entry);
    }
    let kept = quarantine.of(&tenant(), &job(7)).expect("held").entries();
    assert_eq!(kept.iter().map(Entry::sequence).collect::<Vec<_>>(), [1, 2, 3]);
    let mut again = Quarantine::default();
    for entry in kept {
        assert_eq!(sequences(again.admit(entry)), [0; 0]);
    }
    assert_eq!(again.of(&tenant(), &job(7)), quarantine.of(&tenant(), &job(7)));
}

#[test]
fn a_history_is_read_without_what_was_skipped() {
    let history = vec![cancel(1, 7), unreadable(2, 7), cancel(3, 7)];
    assert_eq!(resolve(history.clone()).expect_err("it is barred").sequence, 2);
    let other = [history.clone(), vec![skip_of(4, 7, 2, "of other bytes".to_owned())]].concat();
    assert_eq!(resolve(other).expect_err("somebody looked at something else").sequence, 2);
    let with_skip = [history, vec![skip(4, 7, 2)]].concat();
    let events = resolve(with_skip).expect("nothing bars it");
    assert_eq!(events.iter().map(|event| event.sequence).collect::<Vec<_>>(), [1, 3, 4]);
}

#[test]
fn what_is_of_no_aggregate_of_ours_bars_nothing() {
    let mut quarantine = Quarantine::default();
    let foreign = Entry::read(1, "trainyard.event.acme.model.7", b"{}");
    assert_eq!(quarantine.admit(foreign), Admitted::Foreign);
    assert!(quarantine.is_empty());
}
