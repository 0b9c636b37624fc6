//! On a real NATS: the work queue is emptied behind the dispatcher's back, and the job runs all the same.

#[path = "../../tests/given/mod.rs"]
mod given;

use std::time::{Duration, Instant};

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use trainyard_bus::{Bus, BusConfig, EventLog};
use trainyard_commands::dataset::DatasetCommand;
use trainyard_commands::job::JobCommand;
use trainyard_commands::{Command, Request};
use trainyard_dispatcher::DispatcherMetrics;
use trainyard_door::{Door, system_clock};
use trainyard_events::config::Task;
use trainyard_events::fleet::{Pool, Work, WorkMessage};
use trainyard_events::trainer::Inspection;
use trainyard_events::{Actor, Aggregate, limits};
use trainyard_local::harness;
use uuid::Uuid;

const DATASET: Aggregate = Aggregate::Dataset(Uuid::from_u128(1_000));
const JOB: Uuid = Uuid::from_u128(1);
/// Nothing here takes longer, but for the deadlines themselves.
const SOON: Duration = Duration::from_secs(60);

/// Asks for something, and returns the sequence of the event.
async fn ask(bus: &Bus, aggregate: Aggregate, command: Command) -> u64 {
    let request = Request {
        id: Uuid::new_v4(),
        tenant: given::log::acme(),
        aggregate,
        actor: Actor::User("test".to_owned()),
        correlation_id: Uuid::nil(),
        causation_id: None,
        command,
    };
    let handled = Door::new(bus.log(), system_clock).handle(request).await.expect("it is not refused");
    handled.recorded().expect("it is news").sequence
}

/// Empties the stream `COMMANDS`, and says how many messages were in it. No part of the platform has the right to.
async fn purge(url: &str) -> u64 {
    let address = url.rsplit('@').next().expect("an address with a user");
    let mut server = TcpStream::connect(address).await.expect("the server is up");
    let talk = "CONNECT {\"user\":\"test\",\"pass\":\"test\",\"verbose\":false,\"pedantic\":false}\r\n\
                SUB _INBOX.purge 1\r\nPUB $JS.API.STREAM.PURGE.COMMANDS _INBOX.purge 0\r\n\r\n";
    server.write_all(talk.as_bytes()).await.expect("it listens");
    let mut said = String::new();
    loop {
        let mut buffer = [0; 4_096];
        let read = server.read(&mut buffer).await.expect("it answers");
        said += &String::from_utf8_lossy(&buffer[..read]);
        if let Some(purged) = said.split("\"purged\":").nth(1).filter(|rest| rest.contains('}')) {
            return purged.split('}').next().and_then(|count| count.parse().ok()).expect("a count");
        }
        assert!(read > 0, "{said}");
    }
}

/// Events of a kind that the dispatcher has taken in.
fn counted(registry: &Registry, kind: &str) -> u64 {
    let mut text = String::new();
    encode(&mut text, registry).expect("text is written");
    let line = format!("dispatcher_events_total{{kind=\"{kind}\"}} ");
    text.lines().find_map(|said| said.strip_prefix(&line)?.parse().ok()).unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_runs_though_the_queue_was_emptied() {
    let nats = harness::nats_of(1, &[]).await;
    let bus = Bus::connect(BusConfig { url: nats.url(), replicas: 1 }).await.expect("the server is up");
    bus.ensure().await.expect("streams can be made");
    let worker = given::log::named("w", "here", Pool::Cpu, 1);
    bus.fleet().report(&worker).await.expect("the bus is up");
    let stays = bus.fleet();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(limits::FLEET_RECORD / 5).await;
            let _later = stays.report(&worker).await;
        }
    });
    let (metrics, stop) = (DispatcherMetrics::default(), CancellationToken::new());
    let mut registry = Registry::default();
    metrics.register(&mut registry);
    let dispatching =
        tokio::spawn(trainyard_dispatcher::run(bus.clone(), system_clock, metrics, stop.clone()));

    let dataset = |command| ask(&bus, DATASET, Command::Dataset(command));
    let path = "data/x".to_owned();
    let inspection = dataset(DatasetCommand::Register {
        path,
        task: Task::Classify,
        source: Default::default(),
        again: false,
    })
    .await;
    let emptied = async |what: &str| {
        let begun = Instant::now();
        while purge(&nats.url()).await == 0 {
            assert!(begun.elapsed() < SOON, "{what} does not come onto the queue");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    // What is recorded before it was asked for is never asked for.
    emptied("the look at the dataset").await;
    let result = Inspection::Good { profile: Box::new(given::profile()) };
    dataset(DatasetCommand::RecordInspection { inspection, result, artifacts: vec![], manifest: None }).await;
    let job = |command| ask(&bus, Aggregate::Job(JOB), Command::Job(command));
    let request = JobCommand::RequestJob {
        config: Box::new(given::config()),
        dataset: Uuid::from_u128(1_000),
        chat: None,
        approval: Uuid::nil(),
    };
    job(request).await;

    emptied("the training command").await;
    let mut puller = bus.work().pull(Work::Train, Pool::Cpu, &[]).await.expect("the bus is up");
    let next = tokio::time::timeout(limits::DISPATCH_DEADLINE + SOON, puller.next()).await;
    let delivery = next.expect("the training command comes again");
    let WorkMessage::Train { job: offered, dispatch, .. } = delivery.message else { panic!() };
    assert_eq!(offered, JOB);
    let token = job(JobCommand::StartAttempt { worker: "w".into(), dispatch }).await;
    delivery.ack().await.expect("the bus is up");
    job(JobCommand::Report(Box::new(given::finished(token)))).await;
    let history = bus.log().history(&given::log::acme(), &Aggregate::Job(JOB), 0).await.expect("it is there");
    let kinds: Vec<&str> = history.iter().map(|recorded| recorded.envelope.event.kind()).collect();
    assert_eq!(
        kinds,
        ["job.requested", "job.dispatched", "job.dispatched", "job.attempt_started", "job.finished"]
    );
    let begun = Instant::now();
    while counted(&registry, "job.finished") == 0 {
        assert!(begun.elapsed() < SOON, "the end of the job is not read");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(counted(&registry, "job.dispatched"), 2, "what it has written itself is taken in once");
    stop.cancel();
    dispatching.await.expect("it does not panic").expect("it ends well");
}
