//! The one door, on the log in memory: twice is once, races have one winner, what is held may be behind.

#[path = "../../tests/given/mod.rs"]
mod given;

use given::{config, report_epoch};
use time::macros::datetime;
use trainyard_bus::{EventLog, MemoryLog};
use trainyard_commands::job::{JobCommand, Status};
use trainyard_commands::{Command, Rejection, Request, State};
use trainyard_door::{Door, HandleError, Handled};
use trainyard_events::config::Priority;
use trainyard_events::fleet::Pool;
use trainyard_events::{Actor, Aggregate};
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
    JobCommand::Dispatch { pool: Pool::Cpu, class: Priority::Normal, reason: "as asked".into() }
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
    let cancel = JobCommand::RequestCancel { reason: "by hand".into() };
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
