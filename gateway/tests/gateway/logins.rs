//! A token is a login at NATS: it reads the feed of its tenant, and is cut off when it opens nothing any more.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::{Client, ConnectError, ConnectErrorKind, ConnectOptions, Event};
use futures::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use trainyard_door::system_clock;
use trainyard_events::tenant::Role;
use trainyard_feed::FeedMetrics;

use crate::house::{DEADLINE, House};

/// Within this long a revoked token is cut off.
const CUT_OFF: Duration = Duration::from_secs(5);

/// Connects as `tenant`'s readers do; word comes when the connection is lost.
async fn login(
    house: &House,
    tenant: &str,
    token: &str,
) -> Result<(Client, mpsc::UnboundedReceiver<()>), ConnectError> {
    let at = house.nats.url().rsplit_once('@').unwrap().1.to_owned();
    let (tell, told) = mpsc::unbounded_channel();
    let options = ConnectOptions::with_user_and_password("reader".to_owned(), token.to_owned())
        .custom_inbox_prefix(format!("_INBOX.{tenant}"))
        .event_callback(move |event| {
            let tell = tell.clone();
            async move {
                if event == Event::Disconnected {
                    let _ = tell.send(());
                }
            }
        });
    options.connect(at).await.map(|client| (client, told))
}

async fn feed(house: &House) -> CancellationToken {
    let stop = CancellationToken::new();
    tokio::spawn(trainyard_feed::run(house.bus_of("feed").await, FeedMetrics::default(), stop.clone()));
    stop
}

/// The feed from its beginning, by a consumer that is there for good.
async fn read(client: Client, told: &Value, until: &str) -> Vec<Value> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let context = async_nats::jetstream::with_domain(client, text(&told["domain"]));
    let stream = context.get_stream_no_info(text(&told["streams"][0]["stream"])).await.unwrap();
    let name = Some(text(&told["consumers"][0]));
    let config = pull::Config {
        name: name.clone(),
        durable_name: name,
        filter_subject: text(&told["streams"][0]["filters"][0]),
        ack_policy: AckPolicy::Explicit,
        ..pull::Config::default()
    };
    let mut messages = stream.create_consumer(config).await.unwrap().messages().await.unwrap();
    let mut read = Vec::new();
    let reading = async {
        loop {
            let message = messages.next().await.unwrap().unwrap();
            message.ack().await.unwrap();
            read.push(serde_json::from_slice::<Value>(&message.payload).unwrap());
            if read.last().unwrap()["type"] == until {
                return;
            }
        }
    };
    tokio::time::timeout(DEADLINE, reading).await.expect("the feed tells");
    read
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_reads_the_feed_of_its_tenant() {
    let house = House::with_readers().await;
    let stop = feed(&house).await;
    let chat = house.chat().await;
    house.say(&chat, "hello").await;
    let other = house.token("other", Role::Editor).await;
    let (status, theirs) = house.ask(&other, Method::POST, "/v1/chats", Some(json!({}))).await;
    assert_eq!(status, 201, "{theirs}");
    let said = format!("/v1/chats/{}/messages", theirs["id"].as_str().unwrap());
    house.ask(&other, Method::POST, &said, Some(json!({ "text": "a secret of others" }))).await;

    for role in [Role::Viewer, Role::Editor, Role::Admin] {
        let token = house.token("acme", role).await;
        let (status, told) = house.ask(&token, Method::GET, "/v1/feed", None).await;
        assert_eq!((status, &told["open"]), (200, &json!(true)), "{told}");
        let (client, _told) = login(&house, "acme", &token).await.unwrap();
        let events = read(client.clone(), &told, "chat.reply_given").await;
        assert!(events.iter().all(|event| event["source"] == "acme"), "{events:?}");
        let prompt = events.iter().find(|event| event["type"] == "chat.prompt_received").expect("a prompt");
        let subject = format!("chat/{chat}");
        assert_eq!((&prompt["sealed"], &prompt["subject"]), (&json!(true), &json!(subject)));
        let text = prompt["data"]["text"].as_str().expect("a text");
        assert!(text.starts_with("sealed:") && !text.contains("hello"), "{text}");
        assert!(
            !events.iter().any(|event| event["type"] == "tenant.token_issued"),
            "admins, on other subjects"
        );
        // The next one begins anew.
        let gone = format!("$JS.feed.API.CONSUMER.DELETE.FEED.{}", told["consumers"][0].as_str().unwrap());
        client.request(gone, "".into()).await.unwrap();
    }
    for wrong in ["", "ty_nobody-knows-this-one", "test"] {
        let refused = login(&house, "acme", wrong).await.expect_err("nobody knows it");
        assert_eq!(refused.kind(), ConnectErrorKind::AuthorizationViolation, "{wrong}");
    }
    stop.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_a_key_signs_instead_of_being_sent() {
    let house = House::with_readers().await;
    let stop = feed(&house).await;
    let chat = house.chat().await;
    house.say(&chat, "hello").await;
    let admin = house.token("acme", Role::Admin).await;
    let new = json!({ "name": "signs", "role": "viewer", "nkey": true });
    let (status, made) = house.ask(&admin, Method::POST, "/v1/tokens", Some(new)).await;
    assert_eq!(status, 201, "{made}");
    let seed = made["token"].as_str().unwrap().to_owned();
    assert!(seed.starts_with("SU"), "{seed}");

    // Over HTTP, and as a password, it is a token like others.
    let (status, told) = house.ask(&seed, Method::GET, "/v1/feed", None).await;
    assert_eq!(status, 200, "{told}");
    login(&house, "acme", &seed).await.unwrap();
    let at = house.nats.url().rsplit_once('@').unwrap().1.to_owned();
    let sign = |seed: String| ConnectOptions::with_nkey(seed).custom_inbox_prefix("_INBOX.acme").connect(&at);
    let client = sign(seed.clone()).await.unwrap();
    let events = read(client, &told, "chat.reply_given").await;
    assert!(events.iter().all(|event| event["source"] == "acme"), "{events:?}");

    // Its public half, which is no secret, and a key that nobody has issued open nothing.
    let public = trainyard_bus::public_key_of(&seed).unwrap();
    assert_eq!(house.ask(&public, Method::GET, "/v1/feed", None).await.0, 401);
    assert!(login(&house, "acme", &public).await.is_err());
    assert!(sign(trainyard_bus::new_user_key().0).await.is_err());

    let path = format!("/v1/tokens/{}", made["token_id"].as_str().unwrap());
    let (status, answer) = house.ask(&admin, Method::DELETE, &path, None).await;
    assert_eq!(status, 200, "{answer}");
    assert!(sign(seed.clone()).await.is_err());
    assert_eq!(house.ask(&seed, Method::GET, "/v1/feed", None).await.0, 401);
    stop.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_opens_nothing_any_more_is_cut_off() {
    let house = House::with_readers().await;
    let admin = house.token("acme", Role::Admin).await;
    let make = async |name: &str, seconds: i64| {
        let end = system_clock() + time::Duration::seconds(seconds);
        let end = end.format(&time::format_description::well_known::Rfc3339).unwrap();
        let new = json!({ "name": name, "role": "viewer", "expires_at": end });
        let (status, made) = house.ask(&admin, Method::POST, "/v1/tokens", Some(new)).await;
        assert_eq!(status, 201, "{made}");
        made
    };
    let (revoked, ended, kept) =
        (make("revoked", 600).await, make("ended", 4).await, make("kept", 600).await);
    let text = |made: &Value| made["token"].as_str().unwrap().to_owned();
    let connect = async |made: &Value| login(&house, "acme", &text(made)).await.unwrap();
    let (mut revoked_told, mut ended_told, mut kept_told) =
        (connect(&revoked).await, connect(&ended).await, connect(&kept).await);

    let end = Instant::now() + Duration::from_secs(4);
    tokio::time::timeout(DEADLINE, ended_told.1.recv()).await.expect("its time is over").unwrap();
    assert!(Instant::now() < end + CUT_OFF);
    assert!(login(&house, "acme", &text(&ended)).await.is_err());

    let path = format!("/v1/tokens/{}", revoked["token_id"].as_str().unwrap());
    let (status, answer) = house.ask(&admin, Method::DELETE, &path, None).await;
    assert_eq!(status, 200, "{answer}");
    let begun = Instant::now();
    tokio::time::timeout(CUT_OFF, revoked_told.1.recv()).await.expect("it is cut off in time").unwrap();
    println!("a revoked token was cut off after {:?}", begun.elapsed());
    assert!(login(&house, "acme", &text(&revoked)).await.is_err());

    kept_told.0.flush().await.unwrap();
    assert!(kept_told.1.try_recv().is_err(), "and nobody else is");
}
