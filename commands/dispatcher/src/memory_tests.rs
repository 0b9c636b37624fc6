//! What is remembered is what was written, or nothing.

use time::OffsetDateTime;
use trainyard_commands::world::World;
use trainyard_events::{Actor, Aggregate, Envelope, Event, Recorded, TenantEvent};
use uuid::Uuid;

use super::{Forgotten, Memory, VERSION};

/// A world at event 7, which has one tenant.
fn world() -> World {
    let tenant: trainyard_events::TenantId = "acme".parse().expect("a name");
    let quota = TenantEvent::QuotaSet {
        concurrent_jobs: Some(3),
        gpu_hours: None,
        dataset_bytes: None,
        month_budget: None,
    };
    let envelope = Envelope {
        event_id: Uuid::nil(),
        aggregate: Aggregate::Tenant(tenant.clone()),
        tenant,
        command_id: Uuid::nil(),
        correlation_id: Uuid::nil(),
        causation_id: None,
        actor: Actor::User("test".to_owned()),
        at: OffsetDateTime::UNIX_EPOCH,
        sealed: None,
        event: Event::Tenant(quota),
    };
    let mut world = World::default();
    world.evolve(&Recorded::new(7, envelope));
    world
}

fn written() -> (std::path::PathBuf, Memory) {
    let path = trainyard_local::harness::folder().join("dispatcher.world");
    let mut memory = Memory::new(path.clone(), "log-1".to_owned()).expect("this program is a file");
    memory.write(&world());
    (path, memory)
}

#[test]
fn it_is_what_was_written() {
    let (_, mut memory) = written();
    let recalled = memory.recall(7);
    assert_eq!((recalled.sequence, &recalled.tenants), (7, &world().tenants));
    assert!(!memory.is_old(&recalled), "nothing has happened since");
    assert_eq!(memory.recall(1_000_000).sequence, 7, "and the log may have gone on");
}

#[test]
fn there_may_be_nothing() {
    let path = trainyard_local::harness::folder().join("dispatcher.world");
    let mut memory = Memory::new(path, "log-1".to_owned()).expect("this program is a file");
    assert!(matches!(memory.read(7), Ok(None)));
    assert_eq!(memory.recall(7).sequence, 0);
}

#[test]
fn what_is_damaged_is_thrown_away() {
    let (path, mut memory) = written();
    let whole = std::fs::read(&path).expect("it was written");
    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        std::fs::write(&path, &flipped).expect("it can be written");
        assert!(memory.read(7).is_err(), "byte {at} of {}", String::from_utf8_lossy(&whole));
        std::fs::write(&path, &whole[..at]).expect("it can be written");
        assert!(memory.read(7).is_err(), "cut off at {at}");
    }
    assert_eq!(memory.recall(7).sequence, 0);
    memory.write(&world());
    assert_eq!(memory.recall(7).sequence, 7, "and the next one takes its place");
}

#[test]
fn what_another_program_or_version_wrote_is_thrown_away() {
    let (path, mut memory) = written();
    let mut other = memory.clone();
    other.program = "1-2".to_owned();
    assert!(matches!(other.read(7), Err(Forgotten::OtherProgram)));
    assert_eq!(other.recall(7).sequence, 0);
    let text = std::fs::read_to_string(&path).expect("it was written");
    let next = text.replacen(&format!("\"version\":{VERSION}"), &format!("\"version\":{}", VERSION + 1), 1);
    assert_ne!(text, next);
    std::fs::write(&path, next).expect("it can be written");
    assert!(matches!(memory.read(7), Err(Forgotten::OtherProgram)));
    assert_eq!(memory.recall(7).sequence, 0);
}

#[test]
fn what_is_of_another_log_or_ahead_of_it_is_thrown_away() {
    let (_, mut memory) = written();
    assert!(matches!(memory.read(6), Err(Forgotten::AheadOfLog { at: 7, log: 6 })));
    assert_eq!(memory.recall(6).sequence, 0);
    memory.stream = "log-2".to_owned();
    assert!(matches!(memory.read(7), Err(Forgotten::OtherLog)));
    assert_eq!(memory.recall(7).sequence, 0);
}
