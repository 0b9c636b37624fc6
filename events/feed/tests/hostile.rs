//! Whoever has logged in as a reader tries everything there is to try, and gets nothing that is not the tenant's.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod servers;

use std::time::Duration;

use async_nats::jetstream::{self, Context};
use async_nats::{Client, ConnectOptions, Event, HeaderMap};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use servers::{KEY, SOON, Servers, messages, prompt, tenant};
use tokio::sync::mpsc;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use trainyard_bus::{consumers_of, reader};
use trainyard_events::tenant::Role;
use trainyard_events::{limits, subject};

/// What a refusal takes to come, and what must not come.
const A_MOMENT: Duration = Duration::from_millis(300);

/// The name of a tenant's consumer, which the tests call `acme_1`; of what is none, as it is.
fn named(short: &str) -> String {
    let (name, number) = short.rsplit_once('_').unwrap_or((short, ""));
    let names = name.parse().map(|name| consumers_of(&name, &KEY)).unwrap_or_default();
    let number = number.parse::<usize>().unwrap_or_default();
    names.get(number.wrapping_sub(1)).cloned().unwrap_or_else(|| short.to_owned())
}

/// How a reader asks about a consumer.
fn api(what: &str, stream: &str, short: &str) -> String {
    format!("$JS.feed.API.CONSUMER.{what}.{stream}.{}", named(short))
}

/// A reader, and what the server refuses it.
struct Reader {
    client: Client,
    refused: mpsc::UnboundedReceiver<String>,
}

impl Reader {
    async fn login(servers: &Servers, name: &str, role: Role) -> Reader {
        let at = servers.nats.url().rsplit_once('@').unwrap().1.to_owned();
        let (tell, refused) = mpsc::unbounded_channel();
        let secret = format!("{name}/{}", role.name());
        let options = ConnectOptions::with_user_and_password("anybody".to_owned(), secret)
            .custom_inbox_prefix(format!("_INBOX.{name}"))
            .event_callback(move |event| {
                let tell = tell.clone();
                async move {
                    if let Event::ServerError(error) = event {
                        let _ = tell.send(error.to_string());
                    }
                }
            });
        Reader { client: options.connect(at).await.unwrap(), refused }
    }

    /// The server says no, and nothing comes back.
    async fn cannot_ask(&mut self, subject: &str, body: &Value) {
        let inbox = self.client.new_inbox();
        let mut answers = self.client.subscribe(inbox.clone()).await.unwrap();
        self.client.publish_with_reply(subject.to_owned(), inbox, body.to_string().into()).await.unwrap();
        self.is_refused(subject).await;
        let answer = tokio::time::timeout(Duration::from_millis(5), answers.next()).await;
        assert!(answer.is_err(), "{subject} is answered: {answer:?}");
    }

    async fn cannot_hear(&mut self, subject: &str) {
        let mut heard = self.client.subscribe(subject.to_owned()).await.unwrap();
        self.is_refused(subject).await;
        assert!(tokio::time::timeout(Duration::from_millis(5), heard.next()).await.is_err(), "{subject}");
    }

    async fn is_refused(&mut self, subject: &str) {
        let said = tokio::time::timeout(SOON, self.refused.recv()).await;
        let said = said.unwrap_or_else(|_| panic!("{subject} is allowed")).unwrap().to_lowercase();
        assert!(
            said.contains("permissions violation") && said.contains(&subject.to_lowercase()),
            "{subject}: {said}"
        );
    }

    /// Makes one of the tenant's consumers, with this configuration besides; what the server answers.
    async fn consumer(&self, stream: &str, name: &str, filter: &str, more: Value) -> Value {
        let (subject, name) = (format!("{}.{filter}", api("CREATE", stream, name)), named(name));
        let mut config = json!({
            "name": name, "durable_name": name, "filter_subject": filter, "ack_policy": "explicit",
            "deliver_policy": "all",
        });
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let ask = json!({ "stream_name": stream, "config": config, "action": "" }).to_string();
        let answer = self.client.request(subject, ask.into()).await.unwrap();
        serde_json::from_slice(&answer.payload).unwrap()
    }

    /// What a consumer gives, until it has no more.
    async fn take(&self, stream: &str, name: &str) -> Vec<async_nats::Message> {
        let inbox = self.client.new_inbox();
        let mut answers = self.client.subscribe(inbox.clone()).await.unwrap();
        let next = api("MSG.NEXT", stream, name);
        let ask = json!({ "batch": 1_000, "no_wait": true }).to_string();
        self.client.publish_with_reply(next, inbox, ask.into()).await.unwrap();
        let mut taken = Vec::new();
        while let Ok(Some(message)) = tokio::time::timeout(A_MOMENT, answers.next()).await {
            if message.status.is_some() {
                break;
            }
            taken.push(message);
        }
        taken
    }
}

/// Two tenants with a few events each, and a token of each that was issued.
async fn lived_in() -> (Servers, Context) {
    let servers = Servers::start().await;
    tokio::spawn(servers::vouch(servers.bus_of("gateway").await, servers.issuer.clone()));
    servers.feed().await;
    let platform = servers.jetstream().await;
    for name in ["acme", "acme-2", "other"] {
        for text in ["one", "two", "three"] {
            let (on, payload) = prompt(name, &format!("{text} of {name}"));
            platform.publish(on, payload.into()).await.unwrap().await.unwrap();
        }
        let (_, payload) = prompt(name, "?");
        let issued = payload.replace("chat.prompt_received", "tenant.token_issued").replace(
            payload.split("\"aggregate\":\"").nth(1).unwrap().split('"').next().unwrap(),
            &format!("tenant/{name}"),
        );
        let on = format!("trainyard.event.{name}.tenant.{name}");
        platform.publish(on, issued.into()).await.unwrap().await.unwrap();
        let on = format!("trainyard.telemetry.{name}.job.7");
        platform.publish(on, format!("a step of {name}").into()).await.unwrap().await.unwrap();
    }
    servers.all_copied().await;
    (servers, platform)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_reads_what_is_its_tenants() {
    let (servers, _) = lived_in().await;
    for (role, sees_tokens) in [(Role::Viewer, false), (Role::Editor, false), (Role::Admin, true)] {
        let mut reader = Reader::login(&servers, "acme", role).await;
        let made = reader.consumer("FEED", "acme_1", "trainyard.feed.acme.>", json!({})).await;
        assert!(made["error"].is_null(), "{made}");
        let taken = reader.take("FEED", "acme_1").await;
        let texts: Vec<Value> =
            taken.iter().map(|message| serde_json::from_slice(&message.payload).unwrap()).collect();
        let texts: Vec<&str> = texts.iter().map(|event| event["data"]["text"].as_str().unwrap()).collect();
        assert_eq!(texts, ["one of acme", "two of acme", "three of acme"]);
        for message in &taken {
            reader.client.publish(message.reply.clone().unwrap(), "+ACK".into()).await.unwrap();
        }
        assert!(reader.take("FEED", "acme_1").await.is_empty(), "it goes on where it was");
        let last = limits::READER_CONSUMERS;
        let steps = reader
            .consumer("TELEMETRY", &format!("acme_{last}"), "trainyard.telemetry.acme.>", json!({}))
            .await;
        assert!(steps["error"].is_null(), "{steps}");
        assert_eq!(reader.take("TELEMETRY", &format!("acme_{last}")).await[0].payload, "a step of acme");
        let admin = format!("{}.trainyard.admin.acme.>", api("CREATE", "FEED", "acme_2"));
        if sees_tokens {
            let made = reader.consumer("FEED", "acme_2", "trainyard.admin.acme.>", json!({})).await;
            assert!(made["error"].is_null(), "{made}");
            let tokens = reader.take("FEED", "acme_2").await;
            assert_eq!(tokens.len(), 1);
            assert!(!String::from_utf8_lossy(&tokens[0].payload).contains("sha256"));
        } else {
            reader.cannot_ask(&admin, &json!({})).await;
        }
        for (stream, name) in [("FEED", "acme_1"), ("TELEMETRY", &*format!("acme_{last}"))] {
            reader.client.request(api("DELETE", stream, name), "".into()).await.unwrap();
        }
    }
}

/// Every request that JetStream takes, about a stream and a consumer.
fn every_verb(api: &str, stream: &str, consumer: &str) -> Vec<String> {
    let of_stream = [
        "CREATE",
        "UPDATE",
        "INFO",
        "DELETE",
        "PURGE",
        "SNAPSHOT",
        "RESTORE",
        "MSG.GET",
        "MSG.DELETE",
        "PEER.REMOVE",
        "LEADER.STEPDOWN",
    ];
    let of_consumer = [
        "DURABLE.CREATE",
        "CREATE",
        "INFO",
        "DELETE",
        "MSG.NEXT",
        "LEADER.STEPDOWN",
        "PAUSE",
        "UNPIN",
        "RESET",
    ];
    let mut all: Vec<String> = [
        "INFO",
        "STREAM.NAMES",
        "STREAM.LIST",
        "ACCOUNT.PURGE.READERS",
        "SERVER.REMOVE",
        "META.LEADER.STEPDOWN",
        "STREAM.TEMPLATE.NAMES",
    ]
    .map(|verb| format!("{api}.{verb}"))
    .into();
    all.extend(of_stream.map(|verb| format!("{api}.STREAM.{verb}.{stream}")));
    all.extend(of_consumer.map(|verb| format!("{api}.CONSUMER.{verb}.{stream}.{consumer}")));
    all.extend(["NAMES", "LIST"].map(|verb| format!("{api}.CONSUMER.{verb}.{stream}")));
    all.extend([
        format!("{api}.CONSUMER.CREATE.{stream}"),
        format!("{api}.CONSUMER.CREATE.{stream}.{consumer}.>"),
        format!("{api}.CONSUMER.CREATE.{stream}.{consumer}.trainyard.feed.*.>"),
        format!("{api}.CONSUMER.CREATE.{stream}.{consumer}.trainyard.feed.other.>"),
        format!("{api}.DIRECT.GET.{stream}"),
        format!("{api}.DIRECT.GET.{stream}.trainyard.feed.other.chat.prompt_received.1"),
        format!("$JS.ACK.{stream}.{consumer}.1.1.1.1.1"),
        format!("$JS.FC.{stream}.{consumer}.1"),
        format!("$JS.SNAPSHOT.ACK.{stream}.1"),
    ]);
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_can_do_nothing_else() {
    let (servers, platform) = lived_in().await;
    let mut victim = Reader::login(&servers, "other", Role::Editor).await;
    victim.consumer("FEED", "other_1", "trainyard.feed.other.>", json!({})).await;
    let mut hostile = Reader::login(&servers, "acme", Role::Viewer).await;
    let allowed = reader(&tenant("acme"), Role::Viewer, &consumers_of(&tenant("acme"), &KEY)).publish;
    let mut tried = 0;
    for stream in ["FEED", "TELEMETRY", "EVENTS", "COMMANDS", "KV_keys", "acme"] {
        for consumer in ["acme_1", "acme_17", "acme-2_1", "other_1", "*", ">"] {
            for api in ["$JS.API", "$JS.feed.API"] {
                for verb in every_verb(api, stream, &named(consumer)) {
                    if !allowed.iter().any(|allowed| matches(allowed, &verb)) {
                        hostile.cannot_ask(&verb, &json!({})).await;
                        tried += 1;
                    }
                }
            }
        }
    }
    assert!(tried > 1_000, "{tried}");
    for subject in [
        "trainyard.feed.acme.job.finished.1",
        "trainyard.event.acme.job.7",
        "trainyard.telemetry.acme.job.7",
        "trainyard.command.train.high.cpu",
        "trainyard.predict",
        "trainyard.folders",
        "$KV.keys.resume",
        "$SYS.REQ.USER.AUTH",
        "$SYS.REQ.SERVER.PING.CONNZ",
        "$SYS.REQ.ACCOUNT.READERS.CONNZ",
        "_INBOX.other.guess",
        "_R_.guess",
        "trainyard.consumers.FEED.acme_1.trainyard.feed.acme.>",
        "anything",
    ] {
        hostile.cannot_ask(subject, &json!({})).await;
    }
    for subject in [
        ">",
        "*",
        "trainyard.>",
        "trainyard.feed.acme.>",
        "trainyard.feed.*.>",
        "_INBOX.>",
        "_INBOX.*.>",
        "_INBOX.other.>",
        "_INBOX.acme-2.>",
        "_INBOX.readers.>",
        "$JS.>",
        "$JS.API.>",
        "$JS.EVENT.>",
        "$JS.ACK.>",
        "$SYS.>",
        "_R_.>",
        "$SYS.REQ.USER.AUTH",
        "$KV.>",
    ] {
        hostile.cannot_hear(subject).await;
    }
    assert_eq!(victim.take("FEED", "other_1").await.len(), 3, "nothing was taken from others");
    assert_eq!(messages(&platform, subject::EVENTS).await.len(), 12);
    assert_eq!(messages(&platform, subject::FEED).await.len(), 12);
    victim.refused.try_recv().unwrap_err();
}

/// Whether a subject that is allowed covers another.
fn matches(allowed: &str, subject: &str) -> bool {
    let (mut allowed, mut subject) = (allowed.split('.'), subject.split('.'));
    loop {
        match (allowed.next(), subject.next()) {
            (Some(">"), Some(_)) | (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(one), Some(other)) if one == other => {}
            _ => return false,
        }
    }
}

/// What a reader may ask is asked with other contents, and answers are sent where they do harm.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_reader_may_ask_cannot_be_turned_against_others() {
    let (servers, platform) = lived_in().await;
    let victim = Reader::login(&servers, "other", Role::Editor).await;
    victim.consumer("FEED", "other_1", "trainyard.feed.other.>", json!({})).await;
    let waiting = victim.take("FEED", "other_1").await;
    let hostile = Reader::login(&servers, "acme", Role::Viewer).await;

    // The filter in the subject is not the one in the body.
    for filter in [
        json!({ "filter_subject": "trainyard.feed.other.>" }),
        json!({ "filter_subject": ">" }),
        json!({ "filter_subject": "" }),
        json!({ "filter_subjects": ["trainyard.feed.other.>"] }),
        json!({ "filter_subject": null, "filter_subjects": [">"] }),
        json!({ "deliver_subject": "_INBOX.acme.all" }),
        json!({ "deliver_subject": "$JS.API.STREAM.DELETE.FEED", "idle_heartbeat": 100_000_000 }),
        json!({ "name": "other_1" }),
        json!({ "durable_name": "other_1", "name": "other_1" }),
        json!({ "num_replicas": 3 }),
    ] {
        let made = hostile.consumer("FEED", "acme_1", "trainyard.feed.acme.>", filter.clone()).await;
        assert!(made["error"].is_object(), "{filter}: {made}");
    }
    let other_stream =
        json!({ "stream_name": "TELEMETRY", "config": { "filter_subject": "trainyard.feed.acme.>" } });
    let asked = hostile.client.request(
        format!("{}.trainyard.feed.acme.>", api("CREATE", "FEED", "acme_1")),
        other_stream.to_string().into(),
    );
    let answer: Value = serde_json::from_slice(&asked.await.unwrap().payload).unwrap();
    assert!(answer["error"].is_object(), "{answer}");

    // Answers, and messages of one's own, sent to where somebody listens.
    let made = hostile.consumer("FEED", "acme_1", "trainyard.feed.acme.>", json!({})).await;
    assert!(made["error"].is_null(), "{made}");
    let without_limits =
        json!({ "max_ack_pending": 1_000_000, "inactive_threshold": 0, "max_batch": 1_000_000 });
    let made = hostile.consumer("FEED", "acme_2", "trainyard.feed.acme.>", without_limits).await;
    assert_eq!(made["config"]["max_ack_pending"], limits::READER_ACKS_PENDING, "{made}");
    assert_eq!(made["config"]["max_batch"], limits::READER_BATCH, "{made}");
    assert!(made["config"]["inactive_threshold"].as_u64() > Some(0), "{made}");
    let their_ack = waiting[0].reply.clone().unwrap().to_string();
    let targets = [
        "trainyard.event.other.job.7",
        "trainyard.event.acme.tenant.acme",
        "trainyard.command.train.high.cpu",
        "trainyard.feed.other.job.finished.7",
        "trainyard.telemetry.other.job.7",
        "$JS.API.STREAM.DELETE.FEED",
        "$JS.API.STREAM.PURGE.TELEMETRY",
        "$JS.API.CONSUMER.DELETE.FEED.other_1",
        "$JS.feed.API.CONSUMER.DELETE.FEED.other_1",
        "$JS.feed.API.CONSUMER.MSG.NEXT.FEED.other_1",
        "trainyard.consumers.FEED.other_1.trainyard.feed.other.>",
        "$KV.keys.resume",
        "$SYS.REQ.USER.AUTH",
        their_ack.as_str(),
    ];
    for target in targets {
        for (ask, body) in [
            ("MSG.NEXT", json!({ "batch": 2, "no_wait": true })),
            ("INFO", json!(null)),
            ("MSG.NEXT", json!({ "batch": 1, "expires": 1_000_000 })),
        ] {
            hostile
                .client
                .publish_with_reply(api(ask, "FEED", "acme_1"), target.to_owned(), body.to_string().into())
                .await
                .unwrap();
        }
    }
    let mut rollup = HeaderMap::new();
    rollup.insert("Nats-Rollup", "all");
    let ack = format!("$JS.ACK.FEED.{}.1.1.1.1.1", named("acme_1"));
    hostile
        .client
        .publish_with_reply_and_headers(ack, "trainyard.feed.other.x", rollup, "+NXT 10".into())
        .await
        .unwrap();
    hostile.client.flush().await.unwrap();
    tokio::time::sleep(A_MOMENT).await;

    assert_eq!(messages(&platform, subject::EVENTS).await.len(), 12, "nothing was added to the log");
    assert_eq!(messages(&platform, subject::FEED).await.len(), 12, "nor to the feed");
    assert_eq!(messages(&platform, subject::TELEMETRY).await.len(), 3);
    for stream in [subject::COMMANDS, "KV_keys"] {
        assert_eq!(platform.get_stream(stream).await.unwrap().cached_info().state.messages, 0, "{stream}");
    }
    let info = victim.client.request(api("INFO", "FEED", "other_1"), "".into()).await.unwrap();
    let info: Value = serde_json::from_slice(&info.payload).unwrap();
    assert_eq!(
        (&info["num_ack_pending"], &info["ack_floor"]["stream_seq"]),
        (&json!(3), &json!(0)),
        "{info}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_not_vouched_for_is_not_let_in() {
    let (servers, platform) = lived_in().await;
    let at = servers.nats.url().rsplit_once('@').unwrap().1.to_owned();
    let connect = async |user: &str, secret: &str| {
        ConnectOptions::with_user_and_password(user.to_owned(), secret.to_owned()).connect(&at).await
    };
    // Users of the platform are known, and nobody can be one of them with a word of his own.
    for (user, secret) in
        [("nobody", "nothing"), ("gateway", "acme/admin"), ("feed", "acme/admin"), ("cutter", "acme/admin")]
    {
        assert!(connect(user, secret).await.is_err(), "{user}");
    }
    assert!(ConnectOptions::new().connect(&at).await.is_err());
    assert!(connect("anybody", "acme/viewer").await.is_ok());
    let _ = jetstream::new(servers.stranger("cutter").await);
    assert_eq!(messages(&platform, subject::FEED).await.len(), 12);
}

/// What the server says over a websocket to who logs in so and sends these lines, up to where it answers or hangs up.
async fn over_websocket(servers: &Servers, login: &Value, lines: &str) -> String {
    let (mut socket, _) = connect_async(servers.nats.websocket().unwrap()).await.unwrap();
    let sent = format!("CONNECT {login}\r\n{lines}PING\r\n");
    socket.send(Message::Binary(sent.into_bytes().into())).await.unwrap();
    let mut heard = String::new();
    while !heard.contains("PONG") {
        match tokio::time::timeout(SOON, socket.next()).await.unwrap() {
            Some(Ok(Message::Binary(bytes))) => heard.push_str(&String::from_utf8_lossy(&bytes)),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => break,
        }
    }
    heard
}

/// A browser comes through another door, and is asked the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_websocket_lets_in_who_is_vouched_for_and_for_no_more() {
    let (servers, platform) = lived_in().await;
    let login = |user: &str, pass: &str| json!({ "user": user, "pass": pass, "verbose": false });
    for (user, pass) in [("nobody", "nothing"), ("gateway", "acme/admin"), ("cutter", "acme/admin")] {
        let heard = over_websocket(&servers, &login(user, pass), "").await;
        assert!(heard.contains("Authorization Violation") && !heard.contains("PONG"), "{user}: {heard}");
    }
    let heard = over_websocket(&servers, &json!({ "verbose": false }), "").await;
    assert!(heard.contains("Authorization Violation") && !heard.contains("PONG"), "no token at all: {heard}");

    let reader = login("anybody", "acme/viewer");
    let allowed = over_websocket(&servers, &reader, "SUB _INBOX.acme.x 1\r\n").await;
    assert!(allowed.contains("PONG") && !allowed.contains("-ERR"), "{allowed}");
    for line in [
        "SUB > 1\r\n",
        "SUB trainyard.feed.other.> 1\r\n",
        "SUB _INBOX.other.> 1\r\n",
        "PUB trainyard.event.acme.job.7 2\r\n{}\r\n",
        "PUB $JS.feed.API.STREAM.NAMES _INBOX.acme.x 0\r\n\r\n",
        "PUB $JS.API.STREAM.DELETE.FEED _INBOX.acme.x 0\r\n\r\n",
    ] {
        let heard = over_websocket(&servers, &reader, line).await;
        assert!(heard.contains("Permissions Violation"), "{line}: {heard}");
    }
    assert_eq!(messages(&platform, subject::FEED).await.len(), 12);
    assert_eq!(messages(&platform, subject::EVENTS).await.len(), 12);
}
