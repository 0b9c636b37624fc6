//! A history that cannot be read is held, alone, until somebody skips what bars it or a newer binary reads it.

use sqlx::{Connection, PgConnection};
use trainyard_bus::{EventLog, MemoryLog};
use trainyard_events::{Aggregate, Entry, Envelope, Event, JobEvent, LogEvent, event_id};
use trainyard_local::harness;
use trainyard_projections::{Views, rebuild};
use trainyard_views::JobStatus;
use uuid::Uuid;

use crate::fixtures::*;

const JOB: Uuid = Uuid::from_u128(0x5ead);

fn aggregate() -> Aggregate {
    Aggregate::Job(JOB)
}

/// The next event of the job, on top of whatever is there.
async fn tell(log: &MemoryLog, event: Event) -> u64 {
    let last = log.entries(&tenant("acme"), &aggregate(), 0).await.unwrap();
    let command_id = Uuid::new_v4();
    let envelope = Envelope {
        event_id: event_id(command_id),
        tenant: tenant("acme"),
        aggregate: aggregate(),
        command_id,
        correlation_id: command_id,
        causation_id: None,
        actor: trainyard_events::Actor::User("laptop".to_owned()),
        at: time::OffsetDateTime::UNIX_EPOCH,
        sealed: None,
        event,
    };
    log.append(&envelope, last.last().map_or(0, |entry| entry.sequence())).await.unwrap()
}

async fn cancel(log: &MemoryLog) -> u64 {
    tell(log, Event::Job(JobEvent::CancelRequested { reason: "enough".to_owned(), because: vec![] })).await
}

async fn skip(log: &MemoryLog, sequence: u64) -> u64 {
    let Some(Entry::Unreadable(skipped)) = log.at(sequence).await.unwrap() else {
        panic!("{sequence} is read")
    };
    let (sha256, reason) = (skipped.sha256(), "of a test".to_owned());
    tell(log, Event::Log(LogEvent::EventSkipped { sequence, sha256, reason })).await
}

/// A story, a job of its own in it, an event that nobody knows, and one after that.
async fn with_a_stranger() -> (MemoryLog, u64) {
    let log = story().log().await;
    tell(&log, Event::Job(requested(None))).await;
    let stranger = log.push(&tenant("acme"), &aggregate(), br#"{"kind":"job.paused"}"#);
    cancel(&log).await;
    (log, stranger)
}

async fn assert_rebuilt_the_same(views: &Views, log: &MemoryLog) {
    let report = rebuild(views, log, STREAM, true).await.unwrap();
    assert!(report.equal, "{report:#?}");
}

#[tokio::test]
async fn only_its_own_row_stands_still_and_says_so() {
    let (views, (log, stranger)) = (views().await, with_a_stranger().await);
    project(&log, &views).await;
    assert_eq!(
        views.position().await.unwrap().sequence,
        log.last_sequence().await.unwrap(),
        "the views go on"
    );
    let row = views.job(&tenant("acme"), JOB).await.unwrap().unwrap();
    let quarantine = row.quarantine.expect("it says that it is held");
    assert_eq!((quarantine.sequence, quarantine.kind.as_deref()), (stranger, Some("job.paused")));
    assert_eq!(row.status, JobStatus::Requested, "as of before it");
    let held = views.quarantined(&tenant("acme")).await.unwrap();
    assert_eq!(
        held.into_iter().map(|(of, by)| (of, by.sequence)).collect::<Vec<_>>(),
        [(aggregate(), stranger)]
    );
    assert!(views.quarantined(&tenant("rival")).await.unwrap().is_empty(), "nobody else's business");
    assert_rebuilt_the_same(&views, &log).await;
}

#[tokio::test]
async fn skipping_it_brings_the_row_to_where_it_would_be_without_it() {
    let (views, (log, stranger)) = (views().await, with_a_stranger().await);
    let running = start(&log, &views);
    assert!(views.wait_for(stranger + 1, DEADLINE).await.unwrap());
    let sequence = skip(&log, stranger).await;
    assert!(views.wait_for(sequence, DEADLINE).await.unwrap());
    let row = views.job(&tenant("acme"), JOB).await.unwrap().unwrap();
    assert_eq!((row.status, row.quarantine), (JobStatus::Cancelling, None));
    assert!(views.quarantined(&tenant("acme")).await.unwrap().is_empty());
    running.stop().await;
    assert_rebuilt_the_same(&views, &log).await;
}

#[tokio::test]
async fn a_request_that_cannot_be_read_takes_no_number() {
    let (views, log) = (views().await, story().log().await);
    let stranger = log.push(&tenant("acme"), &aggregate(), br#"{"kind":"job.requested","schema":1}"#);
    project(&log, &views).await;
    assert_eq!(views.job(&tenant("acme"), JOB).await.unwrap(), None);
    skip(&log, stranger).await;
    project(&log, &views).await;
    assert_eq!(views.job(&tenant("acme"), JOB).await.unwrap(), None);
    assert_rebuilt_the_same(&views, &log).await;
}

/// What this binary holds, the next one may read: as if an older one had held what this one can.
#[tokio::test]
async fn a_binary_that_can_read_it_builds_the_views_again() {
    let database = harness::postgres_database().await;
    let views = Views::connect(&database.url).await.unwrap();
    let log = story().log().await;
    project(&log, &views).await;
    let asked = tell(&log, Event::Job(requested(None))).await;
    project(&log, &views).await;
    let known = views.job(&tenant("acme"), JOB).await.unwrap().unwrap();
    // As an older binary leaves it: the request is held, and there is no row.
    let mut connection = PgConnection::connect(&database.url).await.unwrap();
    sqlx::query("DELETE FROM views_4.jobs WHERE id = $1").bind(JOB).execute(&mut connection).await.unwrap();
    sqlx::query("INSERT INTO views_4.held (sequence, tenant, aggregate, raw) VALUES ($1, 'acme', $2, $3)")
        .bind(asked as i64)
        .bind(aggregate().to_string())
        .bind(&*log.at(asked).await.unwrap().unwrap().raw())
        .execute(&mut connection)
        .await
        .unwrap();
    let more = cancel(&log).await;
    let running = start(&log, &views);
    assert!(views.wait_for(more, DEADLINE).await.unwrap());
    running.stop().await;
    let row = views.job(&tenant("acme"), JOB).await.unwrap().expect("it is there again");
    assert_eq!((row.number, row.status), (known.number, JobStatus::Cancelling));
    assert_rebuilt_the_same(&views, &log).await;
}

#[tokio::test]
async fn views_that_are_behind_are_not_called_equal() {
    let (views, log) = (views().await, story().log().await);
    project(&log, &views).await;
    cancel(&log).await;
    let error =
        tokio::time::timeout(DEADLINE * 3, rebuild(&views, &log, STREAM, true)).await.unwrap().unwrap_err();
    assert!(matches!(error, trainyard_projections::ProjectorError::Behind { .. }), "{error}");
}
