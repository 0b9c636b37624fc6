//! What every event log keeps: the same laws on memory, on one server, and on a cluster of three.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod servers;

use std::collections::BTreeSet;
use std::time::Duration;

use futures::StreamExt;
use futures::future::join_all;
use servers::Servers;
use time::macros::datetime;
use tokio::time::timeout;
use trainyard_bus::{AppendError, EntryStream, EventLog, LogError, MemoryLog};
use trainyard_events::job::JobEvent;
use trainyard_events::{Actor, Aggregate, Entry, Envelope, Event, Recorded, TenantId, event_id, limits};
use uuid::Uuid;

/// For a single wait; a cluster that elects a leader takes some of it.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_keeps_the_contract() {
    keeps_the_contract(&MemoryLog::default()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_server_keeps_the_contract() {
    let servers = Servers::single().await;
    keeps_the_contract(&servers.bus().await.log()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_of_three_keeps_the_contract() {
    let servers = Servers::cluster_of_three().await;
    keeps_the_contract(&servers.bus().await.log()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_server_loses_nothing_when_killed() {
    loses_nothing_when_killed(Servers::single().await, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_loses_nothing_when_members_are_killed() {
    loses_nothing_when_killed(Servers::cluster_of_three().await, 6).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_no_event_stops_nobody() {
    let servers = Servers::single().await;
    let log = servers.bus().await.log();
    let job = Aggregate::Job(Uuid::new_v4());
    let first = log.append(&envelope(&job, "before"), 0).await.unwrap();
    let subject = trainyard_events::subject::event(&tenant(), &job);
    let intruder = async_nats::jetstream::new(servers.stranger().await);
    let garbage = intruder.publish(subject, "not an event".into()).await.unwrap().await.unwrap().sequence;

    let mut entries = log.follow(0).await.unwrap();
    assert_eq!(next(&mut entries).await.sequence, first);
    let unread = timeout(PATIENCE, entries.next()).await.unwrap().unwrap().unwrap();
    let Entry::Unreadable(unread) = unread else { panic!("{unread:?}") };
    assert_eq!((unread.sequence, unread.of.clone()), (garbage, Some((tenant(), job.clone()))));
    assert_eq!(&*unread.raw, b"not an event");
    let history = log.history(&tenant(), &job, 0).await;
    assert!(matches!(history, Err(LogError::Quarantined { sequence, .. }) if sequence == garbage));
    let elsewhere = log.append(&envelope(&Aggregate::Job(Uuid::new_v4()), "elsewhere"), 0).await.unwrap();
    assert_eq!(next(&mut entries).await.sequence, elsewhere, "everything else goes on");
}

async fn keeps_the_contract(log: &impl EventLog) {
    appends_under_a_guard(log).await;
    the_same_event_again_is_where_it_was(log).await;
    an_id_that_comes_twice_is_no_answer(log).await;
    a_message_is_put_back_as_it_was(log).await;
    tenants_do_not_mix(log).await;
    refuses_what_is_too_large(log).await;
    reads_long_histories(log).await;
    one_writer_wins_each_slot(log).await;
    follows_from_the_middle(log).await;
}

async fn appends_under_a_guard(log: &impl EventLog) {
    let job = Aggregate::Job(Uuid::new_v4());
    assert_eq!(log.history(&tenant(), &job, 0).await.unwrap(), []);
    assert_conflict(log.append(&envelope(&job, "on top of nothing"), 7).await);

    let (one, two) = (envelope(&job, "one"), envelope(&job, "two"));
    let first = log.append(&one, 0).await.unwrap();
    assert_conflict(log.append(&envelope(&job, "stale"), 0).await);
    let second = log.append(&two, first).await.unwrap();
    assert!(second > first);
    assert_conflict(log.append(&envelope(&job, "stale"), first).await);
    assert_conflict(log.append(&envelope(&job, "from the future"), second + 1).await);

    let one = Recorded::new(first, one);
    let two = Recorded::new(second, two);
    assert_eq!(log.history(&tenant(), &job, 0).await.unwrap(), [one, two.clone()]);
    assert_eq!(log.history(&tenant(), &job, first).await.unwrap(), [two]);
    assert_eq!(log.history(&tenant(), &job, second).await.unwrap(), []);
    assert_eq!(log.last_sequence().await.unwrap(), second);
}

async fn the_same_event_again_is_where_it_was(log: &impl EventLog) {
    let job = Aggregate::Job(Uuid::new_v4());
    let (one, two) = (envelope(&job, "one"), envelope(&job, "two"));
    let first = log.append(&one, 0).await.unwrap();
    assert_eq!(log.append(&one, 0).await.unwrap(), first, "under the guard it had");
    assert_eq!(log.append(&one, first).await.unwrap(), first, "by somebody who has seen it");
    let second = log.append(&two, first).await.unwrap();
    assert_eq!(log.append(&one, 0).await.unwrap(), first, "with another on top of it");
    assert_eq!(log.append(&two, 0).await.unwrap(), second, "under a guard that is stale");
    assert_eq!(log.history(&tenant(), &job, 0).await.unwrap().len(), 2);
}

/// A client that uses one id for two things must hear of it: "stored" would be a lie about the second.
async fn an_id_that_comes_twice_is_no_answer(log: &impl EventLog) {
    let (job, other) = (Aggregate::Job(Uuid::new_v4()), Aggregate::Job(Uuid::new_v4()));
    let one = envelope(&job, "one");
    let sequence = log.append(&one, 0).await.unwrap();
    let elsewhere = Envelope { event_id: one.event_id, ..envelope(&other, "one") };
    let outcome = log.append(&elsewhere, 0).await;
    assert!(matches!(outcome, Err(AppendError::IdTaken { sequence: of }) if of == sequence), "{outcome:?}");
    assert_eq!(log.history(&tenant(), &other, 0).await.unwrap(), []);
    let changed = Envelope { event_id: one.event_id, ..envelope(&job, "another reason") };
    assert_conflict(log.append(&changed, sequence).await);
    assert_conflict(log.append(&changed, 0).await);
    assert_eq!(log.history(&tenant(), &job, 0).await.unwrap(), [Recorded::new(sequence, one)]);
}

async fn a_message_is_put_back_as_it_was(log: &impl EventLog) {
    let job = Aggregate::Job(Uuid::new_v4());
    let subject = trainyard_events::subject::event(&tenant(), &job);
    let unknown = Entry::read(1, &subject, br#"{ "kind": "job.paused", "event_id": "e" }"#);
    let first = log.put_back(&unknown, 0).await.unwrap();
    assert_eq!(log.put_back(&unknown, 0).await.unwrap(), first, "once");
    let another = Entry::read(1, &subject, br#"{ "kind": "job.paused", "event_id": "f" }"#);
    assert_conflict(log.put_back(&another, 0).await);
    let back = log.at(first).await.unwrap().expect("it is there");
    assert_eq!((back.subject(), back.raw()), (subject, unknown.raw()));
    assert_eq!(log.at(first + 1_000).await.unwrap(), None);
    assert!(matches!(log.history(&tenant(), &job, 0).await, Err(LogError::Quarantined { .. })));
}

async fn tenants_do_not_mix(log: &impl EventLog) {
    let job = Aggregate::Job(Uuid::new_v4());
    let ours = envelope(&job, "ours");
    let theirs = Envelope { tenant: "other".parse().unwrap(), ..envelope(&job, "theirs") };
    log.append(&ours, 0).await.unwrap();
    log.append(&theirs, 0).await.unwrap();
    let history = log.history(&theirs.tenant, &job, 0).await.unwrap();
    assert_eq!(history.into_iter().map(|it| it.envelope).collect::<Vec<_>>(), [theirs]);
}

async fn refuses_what_is_too_large(log: &impl EventLog) {
    let job = Aggregate::Job(Uuid::new_v4());
    let limit = limits::EVENT_BYTES;
    let frame = envelope(&job, "").to_json().len();
    let fits = envelope(&job, &"x".repeat(limit - frame));
    let exceeds = envelope(&job, &"x".repeat(limit - frame + 1));
    let refused = log.append(&exceeds, 0).await;
    assert!(
        matches!(refused, Err(AppendError::TooLarge { bytes, limit: most }) if bytes == limit + 1 && most == limit)
    );
    log.append(&fits, 0).await.unwrap();
}

/// Longer than one answer of JetStream's.
async fn reads_long_histories(log: &impl EventLog) {
    let job = Aggregate::Job(Uuid::new_v4());
    let mut sequences = Vec::new();
    for index in 0..300 {
        let last = sequences.last().copied().unwrap_or(0);
        sequences.push(log.append(&envelope(&job, &index.to_string()), last).await.unwrap());
        let between = Aggregate::Job(Uuid::new_v4());
        log.append(&envelope(&between, "of another job"), 0).await.unwrap();
    }
    for skip in [0, 1, 30, 44, 150, 299] {
        let after = if skip == 0 { 0 } else { sequences[skip - 1] };
        let history = log.history(&tenant(), &job, after).await.unwrap();
        assert_eq!(
            history.iter().map(|it| it.sequence).collect::<Vec<_>>(),
            sequences[skip..],
            "after {skip}"
        );
    }
}

/// Everybody writes at once, again and again; each place in the history has one event, and it is its writer's.
async fn one_writer_wins_each_slot(log: &impl EventLog) {
    const WRITERS: usize = 32;
    const SLOTS: usize = 12;
    let job = Aggregate::Job(Uuid::new_v4());
    let mut last = 0;
    for slot in 0..SLOTS {
        let contenders = (0..WRITERS).map(|writer| envelope(&job, &format!("{slot} by {writer}")));
        let contenders = contenders.collect::<Vec<_>>();
        let outcomes = join_all(contenders.iter().map(|contender| log.append(contender, last))).await;
        let winners = outcomes.iter().zip(&contenders).filter_map(|(outcome, contender)| match outcome {
            Ok(sequence) => Some((*sequence, contender)),
            Err(AppendError::Conflict { .. }) => None,
            Err(error) => panic!("{error}"),
        });
        let winners = winners.collect::<Vec<_>>();
        let [(sequence, winner)] = winners[..] else { panic!("{} winners of slot {slot}", winners.len()) };
        let written = log.history(&tenant(), &job, last).await.unwrap();
        assert_eq!(written, [Recorded::new(sequence, winner.clone())]);
        last = sequence;
    }
}

async fn follows_from_the_middle(log: &impl EventLog) {
    let middle = log.last_sequence().await.unwrap();
    let before = log.append(&envelope(&Aggregate::Job(Uuid::new_v4()), "already there"), 0).await.unwrap();
    let mut events = log.follow(middle).await.unwrap();
    assert_eq!(next(&mut events).await.sequence, before);
    let live = envelope(&Aggregate::Job(Uuid::new_v4()), "as it comes");
    let sequence = log.append(&live, 0).await.unwrap();
    assert_eq!(next(&mut events).await, Recorded::new(sequence, live));
    assert!(timeout(Duration::from_millis(300), events.next()).await.is_err(), "nothing else comes");

    let mut from_the_start = log.follow(0).await.unwrap();
    let mut previous = 0;
    while previous < sequence {
        let entry = next_entry(&mut from_the_start).await;
        assert_eq!(entry.sequence(), previous + 1, "everything, in order, once");
        previous = entry.sequence();
    }
}

/// One writer and two followers go on while servers are killed and come back.
async fn loses_nothing_when_killed(mut servers: Servers, kills: usize) {
    let bus = servers.bus().await;
    let log = bus.log();
    let follower = tokio::spawn(collect(log.follow(0).await.unwrap()));
    let (stop, mut stopped) = tokio::sync::watch::channel(false);
    let writer = tokio::spawn({
        let log = log.clone();
        async move {
            let job = Aggregate::Job(Uuid::new_v4());
            let mut acknowledged = Vec::new();
            let mut next = envelope(&job, "0");
            while !*stopped.borrow_and_update() {
                match log.append(&next, acknowledged.last().copied().unwrap_or(0)).await {
                    Ok(sequence) => {
                        acknowledged.push(sequence);
                        next = envelope(&job, &acknowledged.len().to_string());
                    }
                    // Once more, with the same id.
                    Err(AppendError::Unavailable(_)) => {}
                    Err(error) => panic!("the only writer is told: {error}"),
                }
            }
            let end = Aggregate::Job(Uuid::nil());
            let end = loop {
                if let Ok(sequence) = log.append(&envelope(&end, "the end"), 0).await {
                    break sequence;
                }
            };
            (job, acknowledged, end)
        }
    });
    for kill in 0..kills {
        let node = kill % servers.count();
        let before = log.last_sequence().await.unwrap();
        servers.kill(node).await;
        if servers.count() == 1 {
            let down = timeout(PATIENCE, async {
                while bus.is_connected() {
                    tokio::task::yield_now().await;
                }
            });
            down.await.expect("the outage is noticed");
        } else {
            progress(&log, before).await;
        }
        servers.restart(node).await;
        progress(&log, before).await;
    }
    stop.send_replace(true);
    let (job, acknowledged, end) = timeout(PATIENCE, writer).await.unwrap().unwrap();
    let followed = timeout(PATIENCE, follower).await.expect("the follower reaches the end").unwrap();

    let history = log.history(&tenant(), &job, 0).await.unwrap();
    let stored = history.iter().map(|recorded| recorded.sequence).collect::<Vec<_>>();
    assert_eq!(stored, acknowledged, "each acknowledged event once, and no other");
    let ids = history.iter().map(|recorded| recorded.envelope.event_id).collect::<BTreeSet<_>>();
    assert_eq!(ids.len(), history.len(), "no event is there twice");
    assert_eq!(followed, (1..=end).collect::<Vec<_>>(), "the follower saw each event once, in order");
    println!("{kills} kills, {} appends", acknowledged.len());
}

/// Waits until the log has grown.
async fn progress(log: &impl EventLog, before: u64) {
    let grown = timeout(PATIENCE, async {
        while log.last_sequence().await.unwrap_or(0) < before + 20 {
            tokio::task::yield_now().await;
        }
    });
    grown.await.expect("appends go on");
}

/// The sequences of all events up to "the end".
async fn collect(mut events: EntryStream) -> Vec<u64> {
    let mut sequences = Vec::new();
    while let Some(recorded) = events.next().await {
        let recorded = recorded.unwrap().event().expect("it can be read");
        sequences.push(recorded.sequence);
        if recorded.envelope.aggregate == Aggregate::Job(Uuid::nil()) {
            break;
        }
    }
    sequences
}

async fn next(entries: &mut EntryStream) -> Recorded {
    next_entry(entries).await.event().expect("it can be read")
}

async fn next_entry(entries: &mut EntryStream) -> Entry {
    timeout(PATIENCE, entries.next()).await.expect("an entry comes").expect("the stream goes on").unwrap()
}

fn assert_conflict(outcome: Result<u64, AppendError>) {
    assert!(matches!(outcome, Err(AppendError::Conflict { .. })), "{outcome:?}");
}

fn tenant() -> TenantId {
    "ours".parse().unwrap()
}

fn envelope(aggregate: &Aggregate, reason: &str) -> Envelope {
    let command_id = Uuid::new_v4();
    Envelope {
        event_id: event_id(command_id),
        tenant: tenant(),
        aggregate: aggregate.clone(),
        command_id,
        correlation_id: command_id,
        causation_id: None,
        actor: Actor::User("laptop".to_owned()),
        at: datetime!(2026-03-01 12:00:00.123456 UTC),
        sealed: None,
        event: Event::Job(JobEvent::CancelRequested { reason: reason.to_owned(), because: vec![] }),
    }
}
