//! What happened to tokens is told to those who may list them, and to nobody else, whichever way they ask.

use reqwest::Method;
use serde_json::{Value, json};
use trainyard_events::tenant::Role;
use uuid::Uuid;

use crate::house::{DEADLINE, House};
use crate::live::{Socket, remark};

/// Makes a token and revokes it; both are named so that they are found.
async fn tokens_come_and_go(house: &House, name: &str) -> u64 {
    let admin = house.token("acme", Role::Admin).await;
    let new = Some(json!({ "name": name, "role": "viewer" }));
    let (status, made) = house.ask(&admin, Method::POST, "/v1/tokens", new).await;
    assert_eq!(status, 201, "{made}");
    let path = format!("/v1/tokens/{}", made["token_id"].as_str().expect("its id"));
    let (status, revoked) = house.ask(&admin, Method::DELETE, &path, None).await;
    assert_eq!(status, 200, "{revoked}");
    revoked["sequence"].as_u64().expect("a sequence")
}

/// How many of the events are about tokens.
fn of_tokens(events: &[Value]) -> usize {
    let kind = |event: &&Value| event["kind"].as_str().is_some_and(|kind| kind.starts_with("tenant.token_"));
    events.iter().filter(kind).count()
}

#[tokio::test]
async fn lists_leave_out_what_happened_to_tokens() {
    let house = House::new().await;
    let readers = [Role::Viewer, Role::Editor, Role::Admin];
    let mut tokens = Vec::new();
    for role in readers {
        tokens.push((role, house.token("acme", role).await));
    }
    let last = tokens_come_and_go(&house, "planted-name").await;
    assert!(house.views.wait_for(last, DEADLINE).await.expect("views"));
    for (role, token) in tokens {
        for query in ["", "?after=0", "?aggregate=tenant/acme", "?aggregate=tenant/acme&after=0"] {
            let (status, told) = house.ask(&token, Method::GET, &format!("/v1/activity{query}"), None).await;
            assert_eq!(status, 200, "{told}");
            let events = told["events"].as_array().expect("events");
            assert!(events.iter().any(|event| event["kind"] == "tenant.created"), "{told}");
            let expected = if role == Role::Admin { 5 } else { 0 };
            assert_eq!(of_tokens(events), expected, "{role:?} {query}: {told}");
            assert_eq!(told.to_string().contains("planted-name"), role == Role::Admin, "{role:?} {query}");
        }
    }
}

#[tokio::test]
async fn sockets_leave_out_what_happened_to_tokens() {
    // Few events are kept in memory, so that an older gap has to come from the views.
    let house = House::with(|config| config.recent_events = 8).await;
    let chat = Uuid::new_v4();
    for (role, expected) in [(Role::Editor, [0, 0, 0, 0]), (Role::Admin, [1, 2, 2, 12])] {
        let token = house.token("acme", role).await;
        let begun = tokens_come_and_go(&house, &format!("before-{role:?}")).await;
        assert!(house.views.wait_for(begun, DEADLINE).await.expect("views"));
        let mut socket = Socket::open(&house, &token).await;
        socket.subscribe("activity").await;
        let initial = socket.next_of("initial").await;
        let rows = initial["rows"]["events"].as_array().expect("rows");
        assert!((of_tokens(rows) > 0) == (expected[0] > 0), "{role:?}: {initial}");

        tokens_come_and_go(&house, &format!("live-{role:?}")).await;
        let seen = remark(&house, "acme", chat, "seen").await;
        let (told, mut resume) = events_until(&mut socket, seen).await;
        assert_eq!(of_tokens(&told), expected[1], "{role:?} live");
        // A gap that the ring has, and one that the views have to tell.
        for (times, expected) in [(1, expected[2]), (6, expected[3])] {
            for time in 0..times {
                tokens_come_and_go(&house, &format!("gap-{role:?}-{times}-{time}")).await;
            }
            let newest = remark(&house, "acme", chat, "newest").await;
            assert!(house.views.wait_for(newest, DEADLINE).await.expect("views"));
            let mut again = Socket::open(&house, &token).await;
            again.send(json!({ "type": "subscribe", "topic": "activity", "resume": resume })).await;
            let told;
            (told, resume) = events_until(&mut again, newest).await;
            assert_eq!(of_tokens(&told), expected, "{role:?} after a gap: {told:?}");
        }
    }
}

/// The topic's events up to `last`, and where to go on after it.
async fn events_until(socket: &mut Socket, last: u64) -> (Vec<Value>, Value) {
    let mut events = Vec::new();
    loop {
        let frame = socket.next_of("event").await;
        events.push(frame["event"].clone());
        if frame["event"]["sequence"] == last {
            return (events, frame["resume"].clone());
        }
    }
}
