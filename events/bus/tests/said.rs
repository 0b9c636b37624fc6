//! What people say is sealed in the log on a real server, open for those who may read it, and gone once its key is destroyed.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod servers;

use futures::StreamExt;
use servers::Servers;
use time::macros::datetime;
use trainyard_bus::{AppendError, Bus, EventLog, JetStreamLog, LogError};
use trainyard_events::chat::Language;
use trainyard_events::{Actor, Aggregate, ChatEvent, Envelope, Event, Recorded, TenantId, event_id};
use trainyard_local::harness::files_with;
use uuid::Uuid;

const SECRET: &str = "sunflowers grow behind the third hangar";

fn tenant() -> TenantId {
    "acme".parse().unwrap()
}

fn chat(number: u128) -> Aggregate {
    Aggregate::Chat(Uuid::from_u128(number))
}

fn envelope(of: &Aggregate, who: &str, sealed: Option<u64>, event: ChatEvent) -> Envelope {
    let id = Uuid::new_v4();
    Envelope {
        event_id: event_id(id),
        tenant: tenant(),
        aggregate: of.clone(),
        command_id: id,
        correlation_id: id,
        causation_id: None,
        actor: Actor::User(who.to_owned()),
        at: datetime!(2026-01-01 00:00 UTC),
        sealed,
        event: Event::Chat(event),
    }
}

fn prompt(text: &str) -> ChatEvent {
    ChatEvent::PromptReceived { text: text.to_owned(), language: Language::English }
}

async fn say(log: &JetStreamLog, who: &str, sealed: u64, text: &str, last: u64) -> u64 {
    log.append(&envelope(&chat(1), who, Some(sealed), prompt(text)), last).await.unwrap()
}

async fn erase(log: &JetStreamLog, of: Option<&str>, last: u64) -> u64 {
    let erased = ChatEvent::PromptsErased { of: of.map(str::to_owned) };
    log.append(&envelope(&chat(1), "admin", Some(0), erased), last).await.unwrap()
}

async fn told(log: &JetStreamLog) -> Vec<String> {
    let history = log.history(&tenant(), &chat(1), 0).await.unwrap();
    history.iter().filter_map(text).collect()
}

fn text(recorded: &Recorded) -> Option<String> {
    match &recorded.envelope.event {
        Event::Chat(ChatEvent::PromptReceived { text, .. }) => Some(text.clone()),
        _ => None,
    }
}

/// A connection that has never seen a key.
async fn stranger(servers: &Servers) -> Bus {
    servers.bus().await
}

fn holds(servers: &Servers, bytes: &[u8]) -> bool {
    servers.nats.folders().iter().any(|folder| !files_with(folder, bytes).is_empty())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_is_read_as_it_was_and_stands_nowhere() {
    let servers = Servers::start().await;
    let bus = servers.bus().await;
    let log = bus.log();
    let said = envelope(&chat(1), "kim", Some(0), prompt(SECRET));
    let first = log.append(&said, 0).await.unwrap();
    assert_eq!(log.append(&said, 0).await.unwrap(), first, "tried again, it is the same");
    for log in [log.clone(), stranger(&servers).await.log()] {
        assert_eq!(log.history(&tenant(), &chat(1), 0).await.unwrap()[0].envelope, said);
        assert_eq!(log.at(first).await.unwrap().unwrap().as_event().unwrap().envelope, said);
        let followed = log.follow(0).await.unwrap().next().await.unwrap().unwrap();
        assert_eq!(followed.as_event().unwrap().envelope, said);
    }
    let closed = bus.clone().sealed().log();
    let entry = closed.at(first).await.unwrap().unwrap();
    assert!(text(entry.as_event().unwrap()).unwrap().starts_with("sealed:"));
    let refused = closed.append(&envelope(&chat(2), "kim", Some(0), prompt(SECRET)), 0).await;
    assert!(matches!(refused, Err(AppendError::Unavailable(_))), "{refused:?}");
    assert!(!holds(&servers, SECRET.as_bytes()), "it is in a file of NATS");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_destroyed_key_opens_nothing_and_lies_in_no_file() {
    let mut servers = Servers::single().await;
    let bus = servers.bus().await;
    let log = bus.log();
    let first = say(&log, "kim", 0, SECRET, 0).await;
    let key = bus.said().all().await.unwrap().remove(0).key;
    assert!(key.len() == 32 && holds(&servers, &key), "the key is there as long as it is used");
    let fact = erase(&log, None, first).await;

    // Whoever dies here has told what is to be done, and nobody is told it any more.
    assert_eq!(told(&log).await, [""]);
    assert_eq!(bus.said().destroy((&tenant(), &chat(1)), None, fact).await.unwrap(), 1);
    assert_eq!(bus.said().destroy((&tenant(), &chat(1)), None, fact).await.unwrap(), 0, "once is enough");
    let kept = bus.said().all().await.unwrap();
    assert!(kept.len() == 1 && kept[0].key.is_empty(), "{kept:?}");

    let later = say(&log, "kim", fact, "hello again", fact).await;
    let new = stranger(&servers).await.log();
    assert_eq!(told(&new).await, ["", "hello again"]);
    let gone = new.at(first).await.unwrap().unwrap();
    assert_eq!(text(gone.as_event().unwrap()).unwrap(), "");
    // Who has not read the fact has decided on what is no more.
    let stale = new.append(&envelope(&chat(1), "kim", Some(0), prompt("late")), later).await;
    assert!(matches!(stale, Err(AppendError::Conflict { .. })), "{stale:?}");
    servers.kill(0).await;
    assert!(!holds(&servers, &key) && !holds(&servers, SECRET.as_bytes()), "its bytes are still there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_one_has_said_goes_and_what_others_have_said_stays() {
    let servers = Servers::start().await;
    let bus = servers.bus().await;
    let log = bus.log();
    let mut last = say(&log, "kim", 0, "from kim", 0).await;
    last = say(&log, "lee", 0, "from lee", last).await;
    let elsewhere = envelope(&chat(2), "kim", Some(0), prompt("elsewhere"));
    let other = log.append(&elsewhere, 0).await.unwrap();
    last = erase(&log, Some("kim"), last).await;
    bus.said().destroy((&tenant(), &chat(1)), Some("kim"), last).await.unwrap();
    let new = stranger(&servers).await.log();
    assert_eq!(told(&new).await, ["", "from lee"]);
    assert_eq!(new.at(other).await.unwrap().unwrap().as_event().unwrap().envelope, elsewhere);
}

/// Logs of earlier releases hold what was said as it was: it is told to nobody, and stays where it lies.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_never_sealed_is_hidden_by_the_fact_alone() {
    let servers = Servers::start().await;
    let log = servers.bus().await.log();
    let plain = log.append(&envelope(&chat(1), "kim", None, prompt(SECRET)), 0).await.unwrap();
    assert_eq!(told(&log).await, [SECRET]);
    erase(&log, None, plain).await;
    assert_eq!(told(&log).await, [""]);
    assert!(holds(&servers, SECRET.as_bytes()));
}

/// What is lost is not taken for what was erased.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_not_there_is_waited_for() {
    let servers = Servers::single().await;
    let bus = servers.bus().await;
    say(&bus.log(), "kim", 0, SECRET, 0).await;
    let kept = bus.said().all().await.unwrap().remove(0);
    let context = async_nats::jetstream::new(servers.stranger().await);
    let stream = context.get_stream("KV_said").await.unwrap();
    stream.delete_message(stream.cached_info().state.last_sequence).await.unwrap();
    let new = stranger(&servers).await;
    let refused = new.log().history(&tenant(), &chat(1), 0).await;
    assert!(matches!(&refused, Err(LogError::Unavailable(why)) if why.contains("KV_said")), "{refused:?}");
    new.said().put_back(kept).await.unwrap();
    assert_eq!(told(&new.log()).await, [SECRET]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_begin_at_once_have_one_key() {
    let servers = Servers::start().await;
    let buses = [servers.bus().await, servers.bus().await];
    for round in 0..20 {
        let who = format!("user {round}");
        let writes = buses.iter().zip([chat(10 + round), chat(10 + round)]).map(|(bus, of)| {
            let said = envelope(&of, &who, Some(0), prompt("at once"));
            let log = bus.log();
            async move { log.append(&said, 0).await }
        });
        let written = futures::future::join_all(writes).await;
        assert_eq!(written.iter().filter(|it| it.is_ok()).count(), 1, "{written:?}");
        let history = stranger(&servers).await.log().history(&tenant(), &chat(10 + round), 0).await.unwrap();
        assert_eq!(text(&history[0]).unwrap(), "at once");
    }
}

/// Not a test: what sealing and opening cost, beside events in which nobody says anything. `-- --ignored --nocapture`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn what_it_costs() {
    const EVENTS: u64 = 4_000;
    let servers = Servers::single().await;
    let bus = servers.bus().await;
    for (what, sealed, of) in [("sealed", Some(0), chat(1)), ("plain", None, chat(2))] {
        let (log, mut last) = (bus.log(), 0);
        let begun = std::time::Instant::now();
        for number in 0..EVENTS {
            let said = prompt(&format!("turn {number}: train resnet18 on data/digits for ten epochs"));
            last = log.append(&envelope(&of, "kim", sealed, said), last).await.unwrap();
        }
        let per_event = |spent: std::time::Duration| spent.as_secs_f64() * 1e6 / EVENTS as f64;
        let appended = per_event(begun.elapsed());
        for round in 0..3 {
            let log = servers.bus().await.log();
            let begun = std::time::Instant::now();
            let history = log.entries(&tenant(), &of, 0).await.unwrap();
            let read = per_event(begun.elapsed());
            assert_eq!(history.len() as u64, EVENTS);
            println!("{what}, round {round}: {appended:.0} us to append, {read:.1} us to read");
        }
    }
}
