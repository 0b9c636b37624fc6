//! What an outbox sends, and what it gives up.

use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use serde_json::{Value, json};
use trainyard_api::workers::Fleet;
use trainyard_bus::Telling;
use trainyard_events::tenant::Role;
use trainyard_events::trainer::{StepMeasurement, Telemetry};
use trainyard_events::{Aggregate, ConsoleLines, TenantId, limits};
use trainyard_projections::Topic;
use uuid::Uuid;

use super::{BATCH_FRAMES, CONSOLES_WAITING, Filled, Outbox, QUEUED_BYTES, Told, TooOld};
use crate::live::channel::Channel;
use crate::live::resume::Resumes;
use crate::live::ring::Ring;
use crate::live::tests::event;

const CHAT: Topic = Topic::Chat(Uuid::nil());

fn tenant(name: &str) -> TenantId {
    name.parse().expect("a name")
}

fn outbox(ring: &Ring) -> Outbox {
    Outbox::new(tenant("acme"), Role::Viewer, Resumes::new(&[7; 32], "EVENTS-1".to_owned()), ring.newest())
}

fn ring(events: std::ops::RangeInclusive<u64>) -> Ring {
    let mut ring = Ring::new(0, 1_000);
    events.for_each(|sequence| ring.push(event(sequence).into()));
    ring
}

/// Everything that waits.
fn texts(outbox: &mut Outbox) -> Vec<Utf8Bytes> {
    let batches = std::iter::from_fn(|| Some(outbox.batch()).filter(|batch| !batch.is_empty()));
    batches.flatten().collect()
}

/// The same as JSON.
fn drain(outbox: &mut Outbox) -> Vec<Value> {
    texts(outbox).iter().map(|text| serde_json::from_str(text).expect("JSON")).collect()
}

fn sequences(frames: &[Value]) -> Vec<u64> {
    frames.iter().filter_map(|frame| frame["event"]["sequence"].as_u64()).collect()
}

fn measured(of: &str, job: Uuid, step: u64) -> Told {
    let step = StepMeasurement {
        epoch: 1,
        step,
        steps: 10,
        losses: [("loss".to_owned(), 0.5)].into(),
        learning_rate: 0.01,
        images_per_second: 100.0,
        data_wait_ms: 0.5,
        gpu_mib: None,
        memory_mib: None,
    };
    Arc::new((tenant(of), job, Telling::Step(Telemetry { token: 3, step })))
}

fn said(of: &str, job: Uuid, first: u64) -> Told {
    let lines = vec!["<b>\"epoch\"</b>".to_owned()];
    Arc::new((tenant(of), job, Telling::Console(ConsoleLines { token: 3, run: Uuid::nil(), first, lines })))
}

#[test]
fn a_topic_gets_what_came_after_its_rows_wherever_the_socket_was() {
    for (rows_at, expected) in
        [(3, vec![4, 5, 6, 7]), (5, vec![6, 7]), (6, vec![7]), (7, vec![]), (9, vec![])]
    {
        let mut ring = ring(1..=5);
        let mut outbox = outbox(&ring);
        outbox.add(CHAT, rows_at, &ring).expect("the ring has it all");
        ring.push(event(6).into());
        ring.push(event(7).into());
        assert_eq!(outbox.fill(&ring), Filled::UpToDate);
        assert_eq!(sequences(&drain(&mut outbox)), expected, "rows at {rows_at}");
    }
    let mut few = Ring::new(0, 2);
    (1..=5).for_each(|sequence| few.push(event(sequence).into()));
    assert_eq!(outbox(&few).add(CHAT, 2, &few), Err(TooOld));
}

#[test]
fn other_tenants_and_other_topics_are_left_out() {
    let mut ring = ring(1..=1);
    let mut outbox = outbox(&ring);
    outbox.add(CHAT, 1, &ring).expect("the ring has it all");
    let (mut foreign, mut elsewhere) = (event(2), event(3));
    foreign.envelope.tenant = tenant("other");
    elsewhere.envelope.aggregate = Aggregate::Chat(Uuid::from_u128(1));
    [foreign, elsewhere, event(4)].into_iter().for_each(|recorded| ring.push(recorded.into()));
    assert_eq!(outbox.fill(&ring), Filled::UpToDate);
    assert_eq!(sequences(&drain(&mut outbox)), [4]);
    outbox.remove(Channel::Log(CHAT));
    ring.push(event(5).into());
    outbox.fill(&ring);
    assert!(outbox.is_empty());
}

#[test]
fn a_full_queue_waits_and_one_given_up_is_told_to_read_anew() {
    let full = limits::SOCKET_QUEUED_FRAMES as u64;
    let mut ring = ring(1..=1);
    let mut outbox = outbox(&ring);
    outbox.add(CHAT, 1, &ring).expect("the ring has it all");
    outbox.add_workers();
    (2..=full + 101).for_each(|sequence| ring.push(event(sequence).into()));
    assert_eq!(outbox.fill(&ring), Filled::Behind);
    assert!(outbox.is_full());
    assert_eq!(outbox.batch().len(), BATCH_FRAMES);
    assert_eq!(outbox.fill(&ring), Filled::Behind, "room for as many more, which are taken");
    let frames = drain(&mut outbox);
    assert_eq!(outbox.fill(&ring), Filled::UpToDate);
    let rest = drain(&mut outbox);
    assert_eq!(
        sequences(&[frames, rest].concat()),
        (66..=full + 101).collect::<Vec<_>>(),
        "nothing was lost"
    );

    (full + 102..=3 * full).for_each(|sequence| ring.push(event(sequence).into()));
    assert_eq!(outbox.fill(&ring), Filled::Behind);
    outbox.tell(measured("acme", Uuid::nil(), 1));
    outbox.give_up(ring.newest(), "too slow");
    let expected =
        json!([{ "type": "refetch", "topic": format!("chat:{}", Uuid::nil()), "reason": "too slow" }]);
    assert_eq!(json!(drain(&mut outbox)), expected);
    assert!(outbox.has_workers(), "the fleet has nothing to read anew");
    assert_eq!((outbox.fill(&ring), outbox.is_empty()), (Filled::UpToDate, true));
}

#[test]
fn a_reader_beyond_the_ring_is_lost() {
    let mut ring = Ring::new(0, 4);
    let mut outbox = outbox(&ring);
    outbox.add(CHAT, 0, &ring).expect("nothing happened yet");
    (1..=5).for_each(|sequence| ring.push(event(sequence).into()));
    assert_eq!(outbox.fill(&ring), Filled::Lost);
}

#[test]
fn the_newest_measurement_and_the_newest_fleet_replace_what_was_not_sent() {
    let ring = ring(1..=1);
    let mut outbox = outbox(&ring);
    let (job, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    outbox.add(Topic::Job(job), 1, &ring).expect("the ring has it all");
    outbox.add_workers();
    outbox.tell(measured("acme", job, 1));
    outbox.tell(measured("acme", job, 2));
    outbox.tell(measured("other", job, 3));
    outbox.tell(measured("acme", other, 4));
    outbox.fleet(Fleet { unreachable: vec![job], ..Fleet::default() });
    outbox.fleet(Fleet::default());
    outbox.watermark();
    let mut frames = drain(&mut outbox);
    let resume = frames[0]["resume"][format!("job:{job}")].take();
    let resumes = Resumes::new(&[7; 32], "EVENTS-1".to_owned());
    let place = resumes.read(&tenant("acme"), Topic::Job(job), resume.as_str().expect("a token"));
    assert_eq!(place, Ok(1), "a watermark's token is for where the reader is");
    insta::assert_snapshot!(frames.iter().map(Value::to_string).collect::<Vec<_>>().join("\n"));
}

#[test]
fn lines_of_a_console_wait_in_order_as_far_as_there_is_room() {
    let ring = ring(1..=1);
    let mut outbox = outbox(&ring);
    let (job, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    outbox.add(Topic::Job(job), 1, &ring).expect("the ring has it all");
    let all = CONSOLES_WAITING as u64 + 2;
    (1..=all).for_each(|first| outbox.tell(said("acme", job, first)));
    outbox.tell(said("acme", other, 7));
    outbox.tell(said("other", job, 8));
    let frames = drain(&mut outbox);
    let firsts: Vec<_> = frames.iter().filter_map(|frame| frame["console"]["first"].as_u64()).collect();
    assert_eq!(
        firsts,
        (3..=all).collect::<Vec<_>>(),
        "the oldest two are left out, and their numbers say so"
    );
    let lines = json!({ "token": 3, "run": Uuid::nil(), "first": 3, "lines": ["<b>\"epoch\"</b>"] });
    let expected = json!({ "type": "console", "topic": format!("job:{job}"), "job": job, "console": lines });
    assert_eq!(frames[0], expected);
    outbox.tell(said("acme", job, 9));
    outbox.remove(Channel::Log(Topic::Job(job)));
    assert!(outbox.is_empty());
}

#[test]
fn an_event_frame_carries_the_public_event() {
    let mut ring = ring(1..=1);
    let mut outbox = outbox(&ring);
    outbox.add(CHAT, 1, &ring).expect("the ring has it all");
    ring.push(event(2).into());
    outbox.fill(&ring);
    let mut frame = drain(&mut outbox).remove(0);
    frame["resume"] = "<token>".into();
    insta::assert_json_snapshot!(frame);
}

#[test]
fn everybody_is_sent_the_same_bytes_each_with_a_token_that_is_good() {
    let mut ring = ring(1..=1);
    let mut readers = [outbox(&ring), outbox(&ring)];
    for reader in &mut readers {
        reader.add(CHAT, 1, &ring).expect("the ring has it all");
        reader.add(Topic::Activity, 1, &ring).expect("the ring has it all");
    }
    ring.push(event(2).into());
    let [one, other] = readers.each_mut().map(|reader| {
        reader.fill(&ring);
        texts(reader)
    });
    assert_eq!(one.len(), 2);
    for ((one, other), topic) in one.iter().zip(&other).zip([CHAT, Topic::Activity]) {
        assert_eq!(one.as_ptr(), other.as_ptr(), "made once");
        let frame: Value = serde_json::from_str(one).expect("JSON");
        assert_eq!(frame["topic"], topic.to_string());
        let resumes = Resumes::new(&[7; 32], "EVENTS-1".to_owned());
        let place = resumes.read(&tenant("acme"), topic, frame["resume"].as_str().expect("a token"));
        assert_eq!(place, Ok(2));
    }
}

#[test]
fn a_reader_of_large_frames_is_full_by_their_bytes_and_they_leave_in_small_batches() {
    let ring = ring(1..=1);
    let mut outbox = outbox(&ring);
    let large = || "x".repeat(QUEUED_BYTES / 4).into();
    for _ in 0..3 {
        outbox.push(large());
        assert!(!outbox.is_full());
    }
    outbox.push(large());
    assert!(outbox.is_full(), "that is all that may wait");
    assert_eq!(outbox.batch().len(), 1, "one that is larger than a batch goes alone");
    assert!(!outbox.is_full());
    while !outbox.batch().is_empty() {}
    (0..BATCH_FRAMES + 1).for_each(|_| outbox.push("x".to_owned().into()));
    assert_eq!((outbox.batch().len(), outbox.batch().len()), (BATCH_FRAMES, 1));
    assert!(outbox.is_empty());
}
