//! The one door, on the log in memory: twice is once, races have one winner, what is held may be behind.

#[path = "../../tests/given/mod.rs"]
mod given;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use given::{config, report_epoch};
use time::macros::datetime;
use trainyard_bus::{AppendError, EntryStream, EventLog, LogError, MemoryLog};
use trainyard_commands::endpoint::EndpointCommand;
use trainyard_commands::job::{JobCommand, Status};
use trainyard_commands::{Command, Rejection, Request, State};
use trainyard_door::{Door, HandleError, Handled, Skip, SkipError};
use trainyard_events::config::{Priority, TrainingConfig};
use trainyard_events::fleet::Pool;
use trainyard_events::reason::{Ending, Reason};
use trainyard_events::results::Artifact;
use trainyard_events::{Actor, Aggregate, Entry, Envelope, Event, LogEvent, TenantId};
use uuid::Uuid;

const JOB: Aggregate = Aggregate::Job(Uuid::nil());

fn door(log: &MemoryLog) -> Door<MemoryLog> {
    Door::new(log.clone(), || datetime!(2026-01-01 00:00 UTC))
}

fn request(id: u128, command: JobCommand) -> Request {
    Request {
        id: Uuid::from_u128(id),
        tenant: "acme".parse().expect("a valid name"),
        aggregate: JOB,
        actor: Actor::User("test".into()),
        correlation_id: Uuid::nil(),
        causation_id: None,
        command: Command::Job(command),
    }
}

fn ask_job() -> JobCommand {
    let config = Box::new(config());
    JobCommand::RequestJob { config, dataset: Uuid::nil(), chat: None, approval: Uuid::nil() }
}

fn dispatch() -> JobCommand {
    let because = vec![Reason::said("as asked")];
    JobCommand::Dispatch {
        pool: Pool::Cpu,
        class: Priority::Normal,
        worker: None,
        because,
        since: 1,
        price: None,
    }
}

#[tokio::test]
async fn the_same_command_twice_is_one_event() {
    let log = MemoryLog::default();
    let first = door(&log).handle(request(1, ask_job())).await.unwrap();
    let second = door(&log).handle(request(1, ask_job())).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(log.last_sequence().await.unwrap(), 1);
}

#[tokio::test]
async fn a_fact_has_the_sentence_that_older_readers_know_beside_its_data() {
    let log = MemoryLog::default();
    door(&log).handle(request(1, ask_job())).await.unwrap();
    let because = vec![Ending::AskedBy { who: "laptop".to_owned() }.into()];
    door(&log).handle(request(2, JobCommand::RequestCancel { because })).await.unwrap();
    let Some(Entry::Event(stored)) = log.at(2).await.unwrap() else { panic!("it is there") };
    let body = &stored.to_value()["body"];
    assert_eq!(body["because"], serde_json::json!([{ "code": "asked_by", "who": "laptop" }]));
    assert_eq!(body["reason"], "asked for by laptop");
}

#[tokio::test]
async fn another_command_for_what_is_already_so_writes_nothing() {
    let log = MemoryLog::default();
    door(&log).handle(request(1, ask_job())).await.unwrap();
    assert_eq!(door(&log).handle(request(2, ask_job())).await.unwrap(), Handled::AlreadySo);
    assert_eq!(log.last_sequence().await.unwrap(), 1);
}

#[tokio::test]
async fn of_many_workers_one_starts_the_attempt() {
    let log = MemoryLog::default();
    door(&log).handle(request(1, ask_job())).await.unwrap();
    door(&log).handle(request(2, dispatch())).await.unwrap();
    let starts = (0..32_u128).map(|worker| {
        let door = door(&log);
        let start = JobCommand::StartAttempt { worker: worker.to_string(), dispatch: 2 };
        tokio::spawn(async move { door.handle(request(100 + worker, start)).await })
    });
    let (mut winners, mut losers) = (0, 0);
    for start in starts.collect::<Vec<_>>() {
        match start.await.unwrap() {
            Ok(Handled::Recorded(_)) => winners += 1,
            Err(HandleError::Rejected(Rejection::NotOffered)) => losers += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((winners, losers), (1, 31));
}

#[tokio::test]
async fn an_opened_job_notices_what_others_wrote() {
    let log = MemoryLog::default();
    door(&log).handle(request(1, ask_job())).await.unwrap();
    door(&log).handle(request(2, dispatch())).await.unwrap();
    let mut opened = door(&log).open(&"acme".parse().unwrap(), &JOB).await.unwrap();
    let start = JobCommand::StartAttempt { worker: "w".into(), dispatch: 2 };
    opened.handle(request(3, start)).await.unwrap();

    // Somebody else asks to cancel: the attempt's next fact finds its place behind it.
    let cancel = JobCommand::RequestCancel { because: vec![Reason::said("by hand")] };
    door(&log).handle(request(4, cancel)).await.unwrap();
    let logged = opened.handle(request(5, JobCommand::Report(Box::new(report_epoch(3, 1))))).await.unwrap();
    assert_eq!(logged.recorded().unwrap().sequence, 5);
    let State::Job(job) = opened.state() else { panic!("a job") };
    assert!(job.cancel_requested);

    // The dispatcher declares it lost: a held token is refused although the holder had not heard.
    door(&log).handle(request(6, JobCommand::LoseAttempt { token: 3 })).await.unwrap();
    let late = opened.handle(request(7, JobCommand::Report(Box::new(report_epoch(3, 2))))).await;
    let Err(HandleError::Rejected(rejection)) = late else { panic!("{late:?}") };
    assert!(rejection.is_fenced(), "{rejection}");
    let State::Job(job) = opened.state() else { panic!("a job") };
    assert_eq!(job.status, Status::Requested);
}

#[tokio::test]
async fn a_no_counts_only_on_the_newest_state() {
    let log = MemoryLog::default();
    door(&log).handle(request(1, ask_job())).await.unwrap();
    let mut behind = door(&log).open(&tenant(), &JOB).await.unwrap();
    door(&log).handle(request(2, dispatch())).await.unwrap();
    let start = JobCommand::StartAttempt { worker: "w".into(), dispatch: 2 };
    let started = behind.handle(request(3, start)).await.unwrap();
    assert_eq!(started.recorded().map(|started| started.sequence), Some(3), "it was offered meanwhile");
}

fn tenant() -> TenantId {
    "acme".parse().expect("a valid name")
}

#[tokio::test]
async fn a_history_with_an_event_that_nobody_knows_is_left_alone_until_it_is_skipped() {
    let log = MemoryLog::default();
    let door = door(&log);
    door.handle(request(1, ask_job())).await.unwrap();
    log.push(&tenant(), &JOB, br#"{"kind":"job.paused"}"#);
    let refused = door.handle(request(2, dispatch())).await;
    assert!(matches!(refused, Err(HandleError::Quarantined { sequence: 2, .. })), "{refused:?}");

    let skip = |sequence, tenant: &str| Skip {
        id: Uuid::from_u128(9),
        tenant: tenant.parse().unwrap(),
        sequence,
        actor: Actor::User("admin".into()),
        reason: "a test of another release".into(),
    };
    assert!(matches!(door.skip(skip(1, "acme")).await, Err(SkipError::Readable(1))));
    assert!(matches!(door.skip(skip(7, "acme")).await, Err(SkipError::Readable(7))), "there is none");
    assert!(matches!(door.skip(skip(2, "rival")).await, Err(SkipError::NothingWaits(2))));
    let skipped = door.skip(skip(2, "acme")).await.unwrap();
    assert_eq!(door.skip(skip(2, "acme")).await.unwrap(), skipped, "once");
    let Event::Log(LogEvent::EventSkipped { sequence, sha256, .. }) = skipped.envelope.event else {
        panic!()
    };
    assert_eq!((sequence, sha256.len()), (2, 64));
    assert_eq!(door.handle(request(2, dispatch())).await.unwrap().recorded().unwrap().sequence, 4);
}

#[tokio::test]
async fn an_id_that_was_used_for_something_else_is_no_answer() {
    let log = MemoryLog::default();
    let first = Request { correlation_id: Uuid::from_u128(1), ..request(1, ask_job()) };
    door(&log).handle(first.clone()).await.unwrap();
    // The same body again, and another one.
    door(&log).handle(first.clone()).await.unwrap();
    let other = Request { correlation_id: Uuid::from_u128(2), ..first.clone() };
    let refused = door(&log).handle(other).await;
    assert!(matches!(refused, Err(HandleError::IdTaken { sequence: 1 })), "{refused:?}");
    let elsewhere = Request { aggregate: Aggregate::Job(Uuid::from_u128(7)), ..first };
    let refused = door(&log).handle(elsewhere).await;
    assert!(matches!(refused, Err(HandleError::IdTaken { sequence: 1 })), "{refused:?}");
    assert_eq!(log.last_sequence().await.unwrap(), 1);
}

/// Counts the events that are read.
#[derive(Clone)]
struct Counting(MemoryLog, Arc<AtomicUsize>);

impl EventLog for Counting {
    async fn append(&self, envelope: &Envelope, last: u64) -> Result<u64, AppendError> {
        self.0.append(envelope, last).await
    }

    async fn put_back(&self, entry: &Entry, last: u64) -> Result<u64, AppendError> {
        self.0.put_back(entry, last).await
    }

    async fn entries(&self, tenant: &TenantId, of: &Aggregate, after: u64) -> Result<Vec<Entry>, LogError> {
        let entries = self.0.entries(tenant, of, after).await?;
        self.1.fetch_add(entries.len(), Ordering::Relaxed);
        Ok(entries)
    }

    async fn at(&self, sequence: u64) -> Result<Option<Entry>, LogError> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.at(sequence).await
    }

    async fn follow(&self, after: u64) -> Result<EntryStream, LogError> {
        self.0.follow(after).await
    }

    async fn last_sequence(&self) -> Result<u64, LogError> {
        self.0.last_sequence().await
    }
}

/// An agent that comes back tells everything again that its trainer has said.
#[tokio::test]
async fn telling_a_whole_training_again_reads_each_event_once_more() {
    const EPOCHS: u32 = 1_000;
    let log = MemoryLog::default();
    let ask = || {
        let config = Box::new(TrainingConfig { epochs: EPOCHS, ..config() });
        JobCommand::RequestJob { config, dataset: Uuid::nil(), chat: None, approval: Uuid::nil() }
    };
    door(&log).handle(request(1, ask())).await.unwrap();
    door(&log).handle(request(2, dispatch())).await.unwrap();
    let start = JobCommand::StartAttempt { worker: "w".into(), dispatch: 2 };
    let token = door(&log).handle(request(3, start)).await.unwrap().recorded().unwrap().sequence;
    let fact = |epoch: u32| {
        request(100 + u128::from(epoch), JobCommand::Report(Box::new(report_epoch(token, epoch))))
    };
    let mut first_life = door(&log).open(&tenant(), &JOB).await.unwrap();
    for epoch in 1..=EPOCHS {
        first_life.handle(fact(epoch)).await.unwrap();
    }
    let counting = Counting(log, Arc::default());
    let door = Door::new(counting.clone(), || datetime!(2026-01-01 00:00 UTC));
    let mut second_life = door.open(&tenant(), &JOB).await.unwrap();
    for epoch in 1..=EPOCHS {
        second_life.handle(fact(epoch)).await.unwrap();
    }
    let read = counting.1.load(Ordering::Relaxed);
    assert!(read <= 2 * EPOCHS as usize + 10, "{read} events were read for {EPOCHS} facts");
}

#[tokio::test]
async fn what_was_read_lately_is_not_read_again() {
    let counting = Counting(MemoryLog::default(), Arc::default());
    let read = || counting.1.load(Ordering::Relaxed);
    let ours = Door::new(counting.clone(), || datetime!(2026-01-01 00:00 UTC));
    let others = door(&counting.0);
    ours.handle(request(1, ask_job())).await.unwrap();
    assert_eq!(read(), 0, "what is new has no history");
    ours.handle(request(2, dispatch())).await.unwrap();
    assert_eq!(read(), 1);
    let start = JobCommand::StartAttempt { worker: "w".into(), dispatch: 2 };
    others.handle(request(3, start)).await.unwrap();
    let cancel = JobCommand::RequestCancel { because: vec![Reason::said("by hand")] };
    ours.handle(request(4, cancel)).await.unwrap();
    assert_eq!(read(), 2, "of three events it knew two");
    let opened = ours.open(&tenant(), &JOB).await.unwrap();
    let State::Job(job) = opened.state() else { panic!("a job") };
    assert!(job.cancel_requested && job.token == Some(3) && read() == 2);
}

/// The log has what it is told again, and says where; what came before that is not known by it.
#[tokio::test]
async fn what_was_written_without_reading_is_not_taken_for_the_whole_history() {
    let log = MemoryLog::default();
    let weights =
        Artifact { role: "weights".to_owned(), key: "w".to_owned(), sha256: String::new(), bytes: 1 };
    let deploy = EndpointCommand::Deploy { weights, classes: Vec::new() };
    let asked = |id: u128, command: EndpointCommand| Request {
        aggregate: Aggregate::Endpoint(Uuid::nil()),
        command: Command::Endpoint(command),
        ..request(id, ask_job())
    };
    for (id, command) in [(1, deploy.clone()), (2, EndpointCommand::Withdraw), (3, deploy.clone())] {
        door(&log).handle(asked(id, command)).await.unwrap();
    }
    let late = door(&log);
    for (id, place) in [(3, 3), (1, 1)] {
        let again = late.handle(asked(id, deploy.clone())).await.unwrap().recorded();
        assert_eq!(again.map(|again| again.sequence), Some(place));
    }
}
