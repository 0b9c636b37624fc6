//! How a history is read: in few questions, and whole also where only the leader may be asked.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod servers;

use std::time::Duration;

use futures::StreamExt;
use servers::Servers;
use tokio::time::timeout;
use trainyard_bus::{Bus, BusConfig, EventLog, Part, Rights};
use trainyard_events::job::JobEvent;
use trainyard_events::{Actor, Aggregate, Envelope, Event, TenantId, subject};
use trainyard_local::NatsUser;
use trainyard_local::harness;
use uuid::Uuid;

/// More than one answer has.
const LONG: usize = 300;
/// More than are asked for one by one.
const SHORT: usize = 20;

async fn written(bus: &Bus, job: &Aggregate, events: usize) -> Vec<u64> {
    let (log, mut sequences) = (bus.log(), Vec::new());
    for index in 0..events {
        let last = sequences.last().copied().unwrap_or(0);
        sequences.push(log.append(&fact(job, &index.to_string()), last).await.unwrap());
    }
    sequences
}

async fn read(bus: &Bus, job: &Aggregate, after: u64) -> Vec<u64> {
    let history = bus.log().history(&tenant(), job, after).await.unwrap();
    history.into_iter().map(|recorded| recorded.sequence).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_history_is_a_few_questions() {
    let servers = Servers::single().await;
    let bus = servers.bus().await;
    let job = Aggregate::Job(Uuid::new_v4());
    let sequences = written(&bus, &job, LONG).await;
    let stranger = servers.stranger().await;
    let mut asked = stranger.subscribe("$JS.API.>").await.unwrap();
    // Once this is answered, the server knows of the subscription.
    let first = "$JS.API.INFO";
    stranger.request(first, "".into()).await.unwrap();
    assert_eq!(asked.next().await.unwrap().subject.as_str(), first);
    assert_eq!(read(&bus, &job, 0).await, sequences);
    assert_eq!(read(&bus, &job, sequences[LONG - 1]).await, Vec::<u64>::new());
    let mut questions = Vec::new();
    while let Ok(Some(question)) = timeout(Duration::from_millis(200), asked.next()).await {
        questions.push(question.subject.to_string());
    }
    questions.sort();
    let (many, newest) = ("$JS.API.DIRECT.GET.EVENTS", "$JS.API.STREAM.MSG.GET.EVENTS");
    assert_eq!(questions, [many, many, newest, newest]);
}

/// As a user whose rights were written for the release before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_ask_only_the_leader_reads_all_the_same() {
    let Rights { mut publish, subscribe } = Part::Worker.rights();
    publish.retain(|right| *right != format!("$JS.API.DIRECT.GET.{}", subject::EVENTS));
    let user = NatsUser { name: Part::Worker.name().to_owned(), publish, subscribe };
    let server = harness::nats_with(&[user]).await;
    let connect = async |url| Bus::connect(BusConfig { url, replicas: server.servers() }).await.unwrap();
    connect(server.url()).await.ensure().await.unwrap();
    let bus = connect(server.urls_of(Part::Worker.name()).join(",")).await;
    let job = Aggregate::Job(Uuid::new_v4());
    let sequences = written(&bus, &job, SHORT).await;
    assert_eq!(read(&bus, &job, 0).await, sequences);
    assert_eq!(read(&bus, &job, sequences[SHORT - 3]).await, sequences[SHORT - 2..]);
}

fn tenant() -> TenantId {
    "ours".parse().unwrap()
}

fn fact(job: &Aggregate, reason: &str) -> Envelope {
    Envelope {
        event_id: Uuid::new_v4(),
        tenant: tenant(),
        aggregate: job.clone(),
        command_id: Uuid::new_v4(),
        correlation_id: Uuid::new_v4(),
        causation_id: None,
        actor: Actor::User("test".to_owned()),
        at: time::OffsetDateTime::UNIX_EPOCH,
        sealed: None,
        event: Event::Job(JobEvent::CancelRequested { reason: reason.to_owned(), because: vec![] }),
    }
}
