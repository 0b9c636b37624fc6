//! Exactly one copy of each event in the log's order: whoever is killed, however many copy, and whatever the server refuses.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod servers;

use std::time::Duration;

use async_nats::jetstream::message::StreamMessage;
use servers::{SOON, Servers, write};
use trainyard_bus::Original;
use trainyard_events::subject;

/// Not a test: what [`Servers::feeder`] runs.
#[tokio::test]
#[ignore = "a process that the tests here start and kill"]
async fn copies_in_a_process_of_its_own() {
    servers::copy_as_told().await;
}

fn are_copies(log: &[StreamMessage], feed: &[StreamMessage]) {
    assert_eq!(log.len(), feed.len());
    for (event, copy) in log.iter().zip(feed) {
        let original =
            Original { sequence: event.sequence, subject: &event.subject, payload: &event.payload };
        let expected = trainyard_feed::copy(original);
        assert_eq!(copy.subject.as_str(), expected.subject);
        assert_eq!(copy.payload, expected.payload);
        assert_eq!(copy.headers.get("Nats-Msg-Id").unwrap().as_str(), expected.id);
        assert_eq!(copy.headers.get("Trainyard-Sequence").unwrap().as_str(), event.sequence.to_string());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_event_is_copied_once_in_order_through_kills_of_the_role() {
    let servers = Servers::start().await;
    let platform = servers.jetstream().await;
    let writer = platform.clone();
    let writing = tokio::spawn(async move { write(&writer, 6_000).await });
    let (mut kills, mut seen, mut moved) = (0, 0, 0);
    while !writing.is_finished() || kills < 12 {
        let mut feeder = servers.feeder();
        tokio::time::sleep(Duration::from_millis(150 + 37 * kills)).await;
        feeder.kill();
        kills += 1;
        if let Ok(stream) = platform.get_stream(subject::FEED).await {
            let last = stream.cached_info().state.last_sequence;
            moved += u32::from(last > seen);
            seen = last;
        }
    }
    writing.await.unwrap();
    assert!(moved > 3, "the kills met a role that copies: {moved} of {kills}");
    let _last = servers.feeder();
    let (log, feed) = servers.all_copied().await;
    assert_eq!(log.len(), 6_000);
    are_copies(&log, &feed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_roles_at_once_copy_each_event_once_and_one_takes_over() {
    let servers = Servers::start().await;
    let platform = servers.jetstream().await;
    let mut feeders = [servers.feeder(), servers.feeder(), servers.feeder()];
    for round in 0..6 {
        write(&platform, 300).await;
        // Whichever of them copies, another one does within moments.
        feeders[round % 3].kill();
        servers.all_copied().await;
        feeders[round % 3] = servers.feeder();
    }
    write(&platform, 300).await;
    let (log, feed) = servers.all_copied().await;
    assert_eq!(log.len(), 2_100);
    are_copies(&log, &feed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_takes_nothing_away_for_good() {
    let mut servers = Servers::start().await;
    let stop = servers.feed().await;
    for _ in 0..4 {
        let platform = servers.jetstream().await;
        let writing = tokio::spawn(async move { write(&platform, 400).await });
        tokio::time::sleep(Duration::from_millis(120)).await;
        writing.abort();
        servers.nats.kill().await;
        servers.nats.restart().await;
    }
    let (log, feed) = servers.all_copied().await;
    assert!(log.len() > 100, "{}", log.len());
    are_copies(&log, &feed);
    stop.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_server_refuses_is_copied_once_it_takes_it() {
    let servers = Servers::start().await;
    let stop = servers.feed().await;
    let platform = servers.jetstream().await;
    write(&platform, 100).await;
    servers.all_copied().await;
    let mut config = platform.get_stream(subject::FEED).await.unwrap().cached_info().config.clone();
    config.max_bytes = 100_000;
    platform.update_stream(config.clone()).await.unwrap();
    write(&platform, 600).await;
    let mut before = 0;
    let full = async {
        loop {
            let last = platform.get_stream(subject::FEED).await.unwrap().cached_info().state.last_sequence;
            if last == before && last > 100 {
                return last;
            }
            before = last;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    let full = tokio::time::timeout(SOON, full).await.unwrap();
    assert!(full < 700, "it was full: {full}");
    config.max_bytes = -1;
    platform.update_stream(config).await.unwrap();
    let (log, feed) = servers.all_copied().await;
    are_copies(&log, &feed);
    stop.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_was_removed_is_made_again_byte_for_byte() {
    let servers = Servers::start().await;
    let stop = servers.feed().await;
    let platform = servers.jetstream().await;
    write(&platform, 500).await;
    // An id that stands twice in the log, within no time when it is copied anew.
    let (on, again) = servers::prompt("acme", "twice");
    let chat = on.rsplit('.').next().unwrap();
    for other in ["one", "other"] {
        let (on, again) = (on.replace(chat, other), again.replace(chat, other));
        platform.publish(on, again.into()).await.unwrap().await.unwrap();
    }
    let (_, before) = servers.all_copied().await;
    platform.delete_stream(subject::FEED).await.unwrap();
    servers.bus(&servers.nats.url()).await.ensure().await.unwrap();
    platform.publish("trainyard.event.acme.job.last", "one more".into()).await.unwrap().await.unwrap();
    let (log, after) = servers.all_copied().await;
    are_copies(&log, &after);
    let ids = after.iter().map(|copy| copy.headers.get("Nats-Msg-Id").unwrap().to_string());
    assert_eq!(
        ids.collect::<std::collections::BTreeSet<_>>().len(),
        after.len() - 1,
        "one stands there twice"
    );
    assert_eq!(after.len(), before.len() + 1);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!((&before.subject, &before.payload), (&after.subject, &after.payload));
        assert_eq!(before.headers, after.headers);
    }
    stop.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_three_servers_each_is_killed_and_the_copy_is_exact() {
    let mut servers = Servers::start_of(3).await;
    let mut feeders = [servers.feeder(), servers.feeder()];
    for member in 0..3 {
        let platform = servers.jetstream().await;
        let writing = tokio::spawn(async move { write(&platform, 400).await });
        tokio::time::sleep(Duration::from_millis(200)).await;
        writing.abort();
        servers.nats.kill_member(member).await;
        feeders[member % 2].kill();
        servers.nats.restart_member(member).await;
        feeders[member % 2] = servers.feeder();
    }
    let (log, feed) = servers.all_copied().await;
    assert!(log.len() > 30, "{}", log.len());
    are_copies(&log, &feed);
}

/// Nothing that was copied is left, and still it is known where to go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_that_has_forgotten_all_goes_on_where_it_was() {
    let servers = Servers::start().await;
    let platform = servers.jetstream().await;
    let admin = servers.bus(&servers.nats.url()).await.keeping_feed(Some(Duration::from_secs(1)));
    admin.ensure().await.unwrap();
    let state = async || platform.get_stream(subject::FEED).await.unwrap().cached_info().state.clone();
    let until = async |what: &str, is_so: &dyn Fn(u64, u64) -> bool| {
        let waiting = async {
            loop {
                let now = state().await;
                if is_so(now.last_sequence, now.messages) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(SOON, waiting).await.unwrap_or_else(|_| panic!("{what}"));
    };
    let mut feeder = servers.feeder();
    write(&platform, 200).await;
    until("it copies", &|last, _| last == 200).await;
    until("it forgets", &|_, messages| messages == 0).await;
    assert_eq!(admin.feed_begins().await.unwrap(), 201);
    // Whoever begins now finds nothing to begin after.
    feeder.kill();
    let _next = servers.feeder();
    admin.clone().keeping_feed(None).ensure().await.unwrap();
    write(&platform, 50).await;
    until("it goes on", &|last, messages| last == 250 && messages == 50).await;
    let feed = platform.get_stream(subject::FEED).await.unwrap();
    for sequence in 201..=250 {
        let copy = feed.get_raw_message(sequence).await.unwrap();
        assert_eq!(copy.headers.get("Trainyard-Sequence").unwrap().as_str(), sequence.to_string());
    }
    let hooks = admin.hooks();
    assert_eq!((hooks.place_of(10).await.unwrap(), hooks.place_of(230).await.unwrap()), (200, 230));
}
