//! The websocket: no gap, no repetition, nobody else's events, and nobody waits for a slow reader.

use std::net::SocketAddr;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use trainyard_commands::Command;
use trainyard_commands::chat::ChatCommand;
use trainyard_events::chat::Interpreter;
use trainyard_events::fleet::Lease;
use trainyard_events::tenant::Role;
use trainyard_events::trainer::{StepMeasurement, Telemetry};
use trainyard_events::{Aggregate, ConsoleLines};
use uuid::Uuid;

use crate::house::{DEADLINE, House, request, until, worker};

pub struct Socket(pub WebSocketStream<TcpStream>);

impl Socket {
    /// Opens a socket, and says whose it is in the first frame.
    pub async fn open(house: &House, token: &str) -> Socket {
        let mut socket = Socket::connect(house, &[]).await.expect("an upgrade");
        socket.send(json!({ "type": "auth", "token": token })).await;
        let ready = socket.next().await;
        assert_eq!(ready["type"], "ready", "{ready}");
        socket
    }

    pub async fn connect(house: &House, headers: &[(&'static str, &str)]) -> Result<Socket, Error> {
        Socket::connect_below(house.address, "", headers).await
    }

    /// The gateway that is to be found there, below a path if it has one.
    pub async fn connect_below(
        address: SocketAddr,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Socket, Error> {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(8 * 1024).expect("a small buffer");
        let stream = socket.connect(address).await.expect("a connection");
        let mut request = format!("ws://{address}{path}/v1/live").into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a header"));
        }
        client_async(request, stream).await.map(|(socket, _)| Socket(socket))
    }

    pub async fn send(&mut self, frame: Value) {
        self.0.send(Message::text(frame.to_string())).await.expect("an open socket");
    }

    pub async fn subscribe(&mut self, topic: &str) {
        self.send(json!({ "type": "subscribe", "topic": topic })).await;
    }

    pub async fn message(&mut self) -> Message {
        loop {
            let next = tokio::time::timeout(DEADLINE, self.0.next()).await.expect("a message in time");
            match next.expect("an open socket").expect("a whole message") {
                Message::Ping(_) | Message::Pong(_) => {}
                message => return message,
            }
        }
    }

    pub async fn next(&mut self) -> Value {
        match self.message().await {
            Message::Text(text) => serde_json::from_str(&text).expect("frames are JSON"),
            other => panic!("not a frame: {other:?}"),
        }
    }

    /// The next frame of this type, past watermarks and the like, which may come for ever.
    pub async fn next_of(&mut self, kind: &str) -> Value {
        let waiting = async {
            loop {
                let frame = self.next().await;
                if frame["type"] == kind {
                    return frame;
                }
            }
        };
        tokio::time::timeout(DEADLINE, waiting).await.unwrap_or_else(|_| panic!("no {kind} in time"))
    }

    /// Sequences of the topic's events up to `last`, as they come.
    pub async fn events_until(&mut self, last: u64) -> Vec<u64> {
        let mut sequences = Vec::new();
        while sequences.last() != Some(&last) {
            let event = self.next_of("event").await;
            sequences.push(event["event"]["sequence"].as_u64().expect("a sequence"));
        }
        sequences
    }
}

/// Appends one event to a chat of the tenant, and gives its sequence.
pub async fn remark(house: &House, tenant: &str, chat: Uuid, text: &str) -> u64 {
    let (reply, intent) = (text.to_owned(), "help".to_owned());
    let reply = ChatCommand::GiveReply {
        reply,
        intent,
        interpreter: Interpreter::Grammar,
        choices: vec![],
        job: None,
        dataset: None,
        shows: vec![],
    };
    house.tell(tenant, Aggregate::Chat(chat), Command::Chat(reply)).await.expect("a new event").sequence
}

/// Many at once: the chat is loaded only once.
async fn remarks(house: &House, tenant: &str, chat: Uuid, count: usize) {
    let (tenant, aggregate) = (tenant.parse().expect("a name"), Aggregate::Chat(chat));
    let mut opened = house.door.open(&tenant, &aggregate).await.expect("the log is up");
    for number in 0..count {
        let (reply, intent) = (format!("remark {number}"), "help".to_owned());
        let reply = ChatCommand::GiveReply {
            reply,
            intent,
            interpreter: Interpreter::Grammar,
            choices: vec![],
            job: None,
            dataset: None,
            shows: vec![],
        };
        let request = request(tenant.clone(), aggregate.clone(), Command::Chat(reply));
        opened.handle(request).await.expect("a new event");
    }
}

fn sequences(rows: &Value) -> Vec<u64> {
    rows.as_array().expect("rows").iter().filter_map(|row| row["sequence"].as_u64()).collect()
}

#[tokio::test]
async fn rows_and_events_have_no_gap_while_events_come() {
    let house = House::new().await;
    let token = house.token("acme", Role::Viewer).await;
    let chat = Uuid::new_v4();
    let topic = format!("chat:{chat}");
    let writing = async {
        let mut last = 0;
        for number in 0..150 {
            last = remark(&house, "acme", chat, &format!("remark {number}")).await;
            remark(&house, "other", chat, "nobody else's business").await;
        }
        last
    };
    let joining = async {
        let mut sockets = Vec::new();
        for join in 0..12_u64 {
            // They join as the chat grows.
            until(async || match house.views.chat(&"acme".parse().expect("a name"), chat).await {
                Ok(Some(row)) if row.messages >= join * 10 => Ok(()),
                other => Err(other.map(|row| row.map(|row| row.messages))),
            })
            .await;
            let mut socket = Socket::open(&house, &token).await;
            socket.subscribe(&topic).await;
            sockets.push(socket);
        }
        sockets
    };
    let (last, sockets) = tokio::join!(writing, joining);
    for mut socket in sockets {
        let initial = socket.next_of("initial").await;
        let mut seen = sequences(&initial["rows"]["messages"]);
        assert!(seen.iter().all(|it| Some(*it) <= initial["sequence"].as_u64()), "{initial}");
        if seen.last() != Some(&last) {
            seen.extend(socket.events_until(last).await);
        }
        assert_eq!(seen.len(), 150, "every remark once: {seen:?}");
        assert!(seen.is_sorted_by(|a, b| a < b), "in order: {seen:?}");
    }
}

#[tokio::test]
async fn a_reader_that_comes_back_gets_exactly_the_gap() {
    // Few events are kept in memory, so that an older gap has to come from the views.
    let mut house = House::with(|config| config.recent_events = 16).await;
    let token = house.token("acme", Role::Viewer).await;
    let chat = Uuid::new_v4();
    let topic = format!("chat:{chat}");
    remark(&house, "acme", chat, "first").await;
    let mut socket = Socket::open(&house, &token).await;
    socket.subscribe(&topic).await;
    socket.next_of("initial").await;
    let mut expected = Vec::new();
    let seen = remark(&house, "acme", chat, "seen").await;
    let resume = loop {
        let event = socket.next_of("event").await;
        if event["event"]["sequence"] == seen {
            break event["resume"].clone();
        }
    };
    drop(socket);
    for gap in [5, 60] {
        for number in 0..gap {
            expected.push(remark(&house, "acme", chat, &format!("missed {number}")).await);
            remark(&house, "other", Uuid::new_v4(), "noise").await;
        }
        let newest = *expected.last().expect("some");
        assert!(house.views.wait_for(newest, DEADLINE).await.expect("views"));
        let mut socket = Socket::open(&house, &token).await;
        socket.send(json!({ "type": "subscribe", "topic": topic, "resume": resume })).await;
        assert_eq!(socket.events_until(newest).await, expected, "the gap, once, in order");
        let watermark = socket.next().await;
        assert_eq!(watermark["type"], "watermark", "and nothing after it: {watermark}");
        let after = remark(&house, "acme", chat, "live again").await;
        expected.push(after);
        let event = socket.next_of("event").await;
        assert_eq!(event["event"]["sequence"], after);
        // The watermark's token skips everything up to it.
        let mut late = Socket::open(&house, &token).await;
        late.send(json!({ "type": "subscribe", "topic": topic, "resume": watermark["resume"][&topic] }))
            .await;
        assert_eq!(late.next().await["event"]["sequence"], after);
    }

    house.close().await;
    house.open().await;
    let mut socket = Socket::open(&house, &token).await;
    socket.send(json!({ "type": "subscribe", "topic": topic, "resume": resume })).await;
    let newest = *expected.last().expect("some");
    assert_eq!(socket.events_until(newest).await, expected, "after a restart too");
    for (topic, resume) in [("jobs", resume.clone()), (topic.as_str(), json!("x.y"))] {
        socket.send(json!({ "type": "subscribe", "topic": topic, "resume": resume })).await;
        let refetch = socket.next_of("refetch").await;
        assert_eq!(refetch["topic"], topic, "{refetch}");
    }
    let stranger = house.token("other", Role::Viewer).await;
    let mut socket = Socket::open(&house, &stranger).await;
    socket.send(json!({ "type": "subscribe", "topic": topic, "resume": resume })).await;
    assert_eq!(socket.next().await["type"], "refetch", "another tenant's token is no token");

    remarks(&house, "acme", chat, 1_001).await;
    let newest = remark(&house, "acme", chat, "the last").await;
    assert!(house.views.wait_for(newest, DEADLINE).await.expect("views"));
    let mut socket = Socket::open(&house, &token).await;
    socket.send(json!({ "type": "subscribe", "topic": topic, "resume": resume })).await;
    assert_eq!(socket.next().await["type"], "refetch", "a gap beyond the bound is read anew");
}

#[tokio::test]
async fn frames_that_make_no_sense_get_an_error_and_the_socket_stays() {
    let house = House::new().await;
    let token = house.token("acme", Role::Viewer).await;
    let mut socket = Socket::open(&house, &token).await;
    let mut answers = Vec::new();
    for frame in [
        Message::text("not json"),
        Message::text(r#"{"type":"dance"}"#),
        Message::text(r#"{"type":"subscribe","topic":"jobs","surprise":1}"#),
        Message::text(r#"{"type":"subscribe","topic":"nonsense"}"#),
        Message::text(r#"{"type":"unsubscribe","topic":"job:7"}"#),
        Message::text("x".repeat(20_000)),
        Message::binary(vec![1, 2, 3]),
    ] {
        socket.0.send(frame).await.expect("an open socket");
        answers.push(socket.next().await.to_string());
    }
    insta::assert_snapshot!(answers.join("\n"));
    let mut korean = Socket::connect(&house, &[]).await.expect("an upgrade");
    korean.send(json!({ "type": "auth", "token": token, "language": "korean" })).await;
    korean.subscribe("nonsense").await;
    let refused = korean.next_of("error").await;
    assert_eq!(refused["message"], "\"nonsense\": 그런 주제는 없습니다", "{refused}");
    for topic in 0..64_u128 {
        socket.subscribe(&format!("chat:{}", Uuid::from_u128(topic))).await;
        assert_eq!(socket.next_of("initial").await["topic"], format!("chat:{}", Uuid::from_u128(topic)));
    }
    socket.subscribe("jobs").await;
    let full = socket.next_of("error").await;
    assert_eq!((&full["code"], &full["topic"]), (&json!("too_many_topics"), &json!("jobs")), "{full}");
    socket.subscribe(&format!("chat:{}", Uuid::from_u128(3))).await;
    socket.next_of("initial").await;
    socket.send(json!({ "type": "unsubscribe", "topic": format!("chat:{}", Uuid::from_u128(3)) })).await;
    socket.subscribe("jobs").await;
    let jobs = socket.next_of("initial").await;
    assert_eq!((&jobs["topic"], &jobs["rows"]), (&json!("jobs"), &json!({ "jobs": [] })), "{jobs}");

    for _ in 0..8 {
        socket.0.send(Message::text("nonsense")).await.expect("an open socket");
    }
    let close = loop {
        if let Message::Close(close) = socket.message().await {
            break close.expect("a reason");
        }
    };
    assert_eq!(close.code, CloseCode::Policy, "{close:?}");
}

#[tokio::test]
async fn only_who_may_gets_a_socket_and_loses_it_with_the_token() {
    let house = House::new().await;
    let admin = house.token("acme", Role::Admin).await;
    for origin in ["http://evil.example", "null"] {
        let refused = Socket::connect(&house, &[("origin", origin)]).await.err();
        assert!(matches!(&refused, Some(Error::Http(response)) if response.status() == 403), "{refused:?}");
    }
    let own = house.url("");
    let refused = Socket::connect(&house, &[("origin", &own), ("authorization", "Bearer ty_x")]).await.err();
    assert!(matches!(&refused, Some(Error::Http(response)) if response.status() == 401), "{refused:?}");
    let mut socket = Socket::connect(&house, &[("origin", &own)]).await.expect("an upgrade");
    socket.send(json!({ "type": "auth", "token": "ty_x" })).await;
    let error = socket.next().await;
    assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!("unauthorized")), "{error}");
    assert!(matches!(socket.message().await, Message::Close(_)));

    let new = Some(json!({ "name": "short-lived", "role": "viewer" }));
    let (_, made) = house.ask(&admin, Method::POST, "/v1/tokens", new).await;
    let bearer = format!("Bearer {}", made["token"].as_str().expect("a token"));
    let mut socket = Socket::connect(&house, &[("authorization", &bearer)]).await.expect("an upgrade");
    assert_eq!(socket.next().await, json!({ "type": "ready", "tenant": "acme" }));
    let path = format!("/v1/tokens/{}", made["token_id"].as_str().expect("an id"));
    house.ask(&admin, Method::DELETE, &path, None).await;
    assert!(matches!(socket.message().await, Message::Close(Some(close)) if close.code == CloseCode::Policy));
}

#[tokio::test]
async fn a_slow_reader_is_told_to_read_anew_and_nobody_waits_for_it() {
    let house = House::with(|config| config.recent_events = 300).await;
    let token = house.token("acme", Role::Viewer).await;
    let (mut slow, mut fast) = (Socket::open(&house, &token).await, Socket::open(&house, &token).await);
    for socket in [&mut slow, &mut fast] {
        socket.subscribe("activity").await;
        socket.next_of("initial").await;
    }
    let text = "느".repeat(16_000);
    let count = 700;
    let (mut events, mut refetch) = (0, None);
    let hear = |frame: Value, events: &mut usize| {
        *events += usize::from(frame["type"] == "event");
        (frame["type"] == "refetch").then_some(frame)
    };
    let writing = async {
        let mut last = 0;
        for number in 0..count {
            last = remark(&house, "acme", Uuid::new_v4(), &text).await;
            // Who takes nothing at all for long is cut off.
            if number % 10 == 0 && refetch.is_none() {
                refetch = hear(slow.next().await, &mut events);
            }
        }
        last
    };
    let reading = async {
        let mut seen = Vec::new();
        while seen.len() < count {
            seen.push(fast.next_of("event").await["event"]["sequence"].as_u64().expect("a sequence"));
        }
        seen
    };
    let (last, seen) = tokio::join!(writing, reading);
    assert_eq!(seen.last(), Some(&last), "the fast one has everything, as it happens");
    assert!(seen.is_sorted_by(|a, b| a < b));

    while refetch.is_none() {
        refetch = hear(slow.next().await, &mut events);
    }
    let refetch = refetch.expect("it was heard");
    assert_eq!(refetch["topic"], "activity", "{refetch}");
    assert!(events < count, "{events}");
    assert!(house.views.wait_for(last, DEADLINE).await.expect("views"));
    slow.subscribe("activity").await;
    let initial = slow.next_of("initial").await;
    assert_eq!(
        sequences(&initial["rows"]["events"]).last(),
        Some(&last),
        "and then it knows everything again"
    );
}

#[tokio::test]
async fn telemetry_and_the_fleet_reach_their_topics() {
    let house = House::without_worker(|_| {}).await;
    let token = house.token("acme", Role::Viewer).await;
    let (job, other) = (Uuid::new_v4(), Uuid::new_v4());
    let tenant = "acme".parse().expect("a name");
    let mut socket = Socket::open(&house, &token).await;
    socket.subscribe(&format!("job:{job}")).await;
    let initial = socket.next_of("initial").await;
    assert_eq!(initial["rows"], json!({ "job": null, "epochs": [] }), "{initial}");
    let step = |step: u64| Telemetry {
        token: 1,
        step: StepMeasurement {
            epoch: 1,
            step,
            steps: 100,
            losses: [("loss".to_owned(), 0.5)].into(),
            learning_rate: 0.01,
            images_per_second: 100.0,
            data_wait_ms: 0.1,
            gpu_mib: None,
            memory_mib: None,
        },
    };
    let telemetry = house.bus.telemetry();
    // The gateway's own subscription begins a moment after it serves.
    let frame = until(async || {
        telemetry.publish(&"other".parse().expect("a name"), job, &step(7)).await.expect("the bus is up");
        telemetry.publish(&tenant, other, &step(8)).await.expect("the bus is up");
        telemetry.publish(&tenant, job, &step(9)).await.expect("the bus is up");
        match tokio::time::timeout(Duration::from_millis(300), socket.next()).await {
            Ok(frame) if frame["type"] == "telemetry" => Ok(frame),
            other => Err(other),
        }
    })
    .await;
    assert_eq!((&frame["job"], &frame["telemetry"]["step"]["step"]), (&json!(job), &json!(9)), "{frame}");
    let lines = |first| ConsoleLines { token: 1, run: Uuid::nil(), first, lines: vec!["<b>".to_owned()] };
    telemetry
        .publish_console(&"other".parse().expect("a name"), job, &lines(7), true)
        .await
        .expect("the bus");
    telemetry.publish_console(&tenant, job, &lines(3), true).await.expect("the bus is up");
    let frame = socket.next_of("console").await;
    assert_eq!(frame["console"], json!(lines(3)), "{frame}");
    assert_eq!((&frame["job"], &frame["topic"]), (&json!(job), &json!(format!("job:{job}"))));
    let path = format!("/v1/jobs/{job}/telemetry");
    assert_eq!(house.ask(&token, Method::GET, &path, None).await.0, 404, "the job is not known");

    let lease =
        |tenant: &str| Lease { tenant: tenant.parse().expect("a name"), worker: "w-1".into(), token: 1 };
    house.bus.leases().acquire(job, &lease("acme")).await.expect("a lease");
    house.bus.leases().acquire(other, &lease("other")).await.expect("a lease");
    house.bus.fleet().report(&worker("w-1", vec![job, other])).await.expect("the bus is up");
    let mut socket = Socket::open(&house, &token).await;
    socket.subscribe("workers").await;
    let workers = loop {
        let workers = socket.next_of("initial").await;
        if workers["rows"]["workers"][0]["jobs"].as_array().is_some_and(|jobs| !jobs.is_empty()) {
            break workers;
        }
    };
    assert_eq!(workers["rows"]["workers"][0]["jobs"], json!([job]), "of the jobs only one's own: {workers}");
    assert_eq!(house.get("/v1/workers").await["workers"], workers["rows"]["workers"]);
    // Nobody renews it: late, and of the jobs only one's own.
    let late = loop {
        let workers = socket.next_of("initial").await;
        if workers["rows"]["unreachable"] != json!([]) {
            break workers["rows"]["unreachable"].clone();
        }
    };
    assert_eq!(late, json!([job]));
    house.bus.fleet().remove("w-1").await.expect("the bus is up");
    while socket.next_of("initial").await["rows"]["workers"] != json!([]) {}
}

#[tokio::test]
async fn a_gateway_that_stops_says_goodbye() {
    let mut house = House::new().await;
    let token = house.token("acme", Role::Viewer).await;
    let mut socket = Socket::open(&house, &token).await;
    house.close().await;
    assert!(matches!(socket.message().await, Message::Close(Some(close)) if close.code == CloseCode::Away));
}
