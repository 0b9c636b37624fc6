//! A prompt's way as events: a proposal, a night's sleep, an approval, an attempt that is lost and one that finishes.

use serde_json::Value;
use time::{Duration, OffsetDateTime};
use trainyard_events::{Aggregate, Envelope};
use uuid::Uuid;

/// What was said; it goes nowhere.
pub(crate) const SAID: &str = "a secret of the house";
/// Two requests of a user.
pub(crate) const TURNS: [Uuid; 2] = [Uuid::from_u128(0xa << 64 | 0xa), Uuid::from_u128(0xb << 64 | 0xb)];
pub(crate) const CHAT: Aggregate = Aggregate::Chat(Uuid::from_u128(1));
pub(crate) const DATASET: Aggregate = Aggregate::Dataset(Uuid::from_u128(2));
pub(crate) const JOB: Uuid = Uuid::from_u128(3);
/// The tokens of the two attempts.
pub(crate) const TOKENS: [u64; 2] = [9, 15];
/// Where a trainer is ready, and its first step comes next.
pub(crate) const READY: [usize; 2] = [10, 16];

/// The spans that end within it, but for the first steps: name, seconds since `begins` from and to, the parent's name, the
/// service, and what became of it.
pub(crate) const SPANS: &[&str] = &[
    "dataset.look 1..3 in chat.turn by trainyard-worker: validated",
    "chat.turn 0..4 in - by trainyard-gateway",
    "chat.propose 0..4 in chat.turn by trainyard-gateway",
    "chat.turn 60..61 in - by trainyard-gateway",
    "chat.approve 60..61 in chat.turn by trainyard-gateway",
    "job.schedule 62..64 in job by trainyard-dispatcher",
    "job.queue 64..70 in job by trainyard-dispatcher",
    "job.prepare 70..80 in job.attempt by trainyard-worker",
    "job.epoch 80..90 in job.attempt by trainyard-worker",
    "job.checkpoint 90..92 in job.attempt by trainyard-worker",
    "job.attempt 70..120 in job by trainyard-worker: lost",
    "job.schedule 120..121 in job by trainyard-dispatcher",
    "job.queue 121..125 in job by trainyard-dispatcher",
    "job.prepare 125..130 in job.attempt by trainyard-worker",
    "job.epoch 130..140 in job.attempt by trainyard-worker",
    "job.finish 140..150 in job.attempt by trainyard-worker",
    "job.attempt 125..150 in job by trainyard-worker: finished",
    "job 62..150 in chat.approve by trainyard-dispatcher: finished",
];

/// The second, whose turn, what it is about, the event that it answers, who, the kind and the body.
type Row<'a> = (i64, usize, &'a Aggregate, Option<usize>, &'a str, &'a str, Value);

/// When it begins.
pub(crate) fn begins() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_772_000_000).expect("a moment")
}

/// In the order of a log that has nothing else: the first is event 1.
pub(crate) fn story() -> Vec<Envelope> {
    let (job, lost) = (Aggregate::Job(JOB), TOKENS[0]);
    let (user, policy, one, two) = ("user:laptop", "policy:schedule", "worker:gpu-1", "worker:gpu-2");
    let body = |kind: &str| -> Value {
        let path = format!("{}/../tests/golden/{kind}.v1.json", env!("CARGO_MANIFEST_DIR"));
        let golden = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        serde_json::from_slice::<Value>(&golden).expect("an event")["body"].take()
    };
    let of_attempt = |kind: &str, token: u64| {
        let mut body = body(kind);
        body["token"] = token.into();
        body
    };
    let with = |kind: &str, field: &str, value: Value| {
        let mut body = body(kind);
        body[field] = value;
        body
    };
    let mut checkpoint = of_attempt("job.checkpoint_committed", lost);
    checkpoint["checkpoint"]["epoch"] = 1.into();
    let epoch = |token: u64, epoch: u32| {
        let mut body = of_attempt("job.epoch_logged", token);
        body["epoch"] = epoch.into();
        body
    };
    let rows: Vec<Row<'_>> = vec![
        (0, 0, &CHAT, None, user, "chat.prompt_received", with("chat.prompt_received", "text", SAID.into())),
        (1, 0, &DATASET, Some(1), user, "dataset.registered", body("dataset.registered")),
        (
            3,
            0,
            &DATASET,
            Some(2),
            one,
            "dataset.validated",
            with("dataset.validated", "inspection", 2.into()),
        ),
        (4, 0, &CHAT, Some(1), user, "chat.config_proposed", body("chat.config_proposed")),
        (60, 1, &CHAT, None, user, "chat.prompt_received", with("chat.prompt_received", "text", SAID.into())),
        (61, 1, &CHAT, Some(5), user, "chat.proposal_approved", body("chat.proposal_approved")),
        (62, 1, &job, Some(6), policy, "job.requested", body("job.requested")),
        (64, 1, &job, Some(7), policy, "job.dispatched", body("job.dispatched")),
        (
            70,
            1,
            &job,
            Some(8),
            one,
            "job.attempt_started",
            with("job.attempt_started", "worker", "gpu-1".into()),
        ),
        (80, 1, &job, Some(9), one, "job.training_started", of_attempt("job.training_started", lost)),
        (90, 1, &job, Some(9), one, "job.epoch_logged", epoch(lost, 1)),
        (92, 1, &job, Some(9), one, "job.checkpoint_committed", checkpoint),
        (120, 1, &job, Some(9), policy, "job.attempt_lost", of_attempt("job.attempt_lost", lost)),
        (121, 1, &job, Some(13), policy, "job.dispatched", body("job.dispatched")),
        (
            125,
            1,
            &job,
            Some(14),
            two,
            "job.attempt_started",
            with("job.attempt_started", "worker", "gpu-2".into()),
        ),
        (130, 1, &job, Some(15), two, "job.training_started", of_attempt("job.training_started", TOKENS[1])),
        (140, 1, &job, Some(15), two, "job.epoch_logged", epoch(TOKENS[1], 2)),
        (150, 1, &job, Some(15), two, "job.finished", of_attempt("job.finished", TOKENS[1])),
    ];
    let id = |number: usize| Uuid::new_v5(&Uuid::NAMESPACE_OID, number.to_string().as_bytes());
    let envelope = |(number, row): (usize, Row<'_>)| {
        let (second, turn, aggregate, cause, actor, kind, body) = row;
        let at = begins() + Duration::seconds(second);
        let written = serde_json::json!({
            "event_id": id(number + 1), "kind": kind, "schema": 1, "tenant": "acme",
            "aggregate": aggregate.to_string(), "command_id": Uuid::from_u128(number as u128 + 1),
            "correlation_id": TURNS[turn], "causation_id": cause.map(id), "actor": actor,
            "at": at.format(&time::format_description::well_known::Rfc3339).expect("a moment"), "body": body,
        });
        Envelope::from_json(written.to_string().as_bytes()).expect("an event")
    };
    rows.into_iter().enumerate().map(envelope).collect()
}
