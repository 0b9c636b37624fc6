//! What people have said is erased: nobody is shown it, nobody can read it, and all that was decided because of it goes on.

use reqwest::Method;
use serde_json::{Value, json};
use trainyard_bus::{Bus, BusConfig, EventLog};
use trainyard_commands::Command;
use trainyard_commands::chat::ChatCommand;
use trainyard_events::tenant::Role;
use trainyard_events::{Aggregate, ChatEvent, Event};
use trainyard_local::harness::files_with;
use trainyard_projections::{ActivityFilter, Page, rebuild};

use crate::house::{DEADLINE, House, WORKER, until, worker};

const SECRET: &str = "my name is Kim Hana and I live in Busan";

/// The rows of the whole tenant, as anybody may read them.
async fn shown(house: &House, chat: &str) -> Value {
    let newest = house.bus.log().last_sequence().await.unwrap();
    let tenant = "acme".parse().unwrap();
    assert!(house.views.wait_for(newest, DEADLINE).await.unwrap());
    let events = house.views.activity(&tenant, &ActivityFilter::default(), Page::first()).await.unwrap();
    let chats = house.get("/v1/chats").await;
    json!([events.rows, chats, house.get(&format!("/v1/chats/{chat}")).await])
}

async fn erase(house: &House, path: &str) -> Value {
    let admin = house.token("acme", Role::Admin).await;
    let (status, erased) = house.ask(&admin, Method::DELETE, path, None).await;
    assert_eq!(status, 200, "{erased}");
    erased
}

async fn is_as_built_anew(house: &House) {
    let stream = house.bus.stream_id().await.unwrap();
    // Whoever builds them anew has not been given a key before.
    let config = BusConfig { url: house.nats.url(), replicas: house.nats.servers() };
    let log = Bus::connect(config).await.unwrap().log();
    let report = rebuild(&house.views, &log, &stream, true).await.unwrap();
    assert!(report.equal, "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_is_erased_and_its_open_proposal_can_be_approved() {
    let mut house = House::with_readers().await;
    house.hire(worker(WORKER, vec![])).await;
    let chat = house.chat().await;
    house.say(&chat, SECRET).await;
    let proposed = house.say(&chat, "train resnet18 on data/digits").await;
    let before = shown(&house, &chat).await.to_string();
    assert!(before.contains(SECRET));
    let editor = house.token("acme", Role::Editor).await;
    let at = format!("/v1/chats/{chat}/said");
    assert_eq!(house.ask(&editor, Method::DELETE, &at, None).await.0, 403);

    let erased = erase(&house, &at).await;
    assert_eq!(erased["chats"], json!([chat]), "{erased}");
    let after = shown(&house, &chat).await;
    assert!(!after.to_string().contains("Busan"), "{after}");
    let messages = after[2]["messages"].as_array().unwrap();
    assert!(messages.len() == 4 && messages.iter().all(|it| it["erased"] == true), "{after}");
    assert_eq!(after[2]["chat"]["title"], "");
    assert_eq!(after[2]["proposal"]["hash"], proposed["proposal"]["hash"], "what is open stays open");
    is_as_built_anew(&house).await;

    let hash = json!({ "hash": proposed["proposal"]["hash"] });
    let approved = house.post(&format!("/v1/chats/{chat}/approve"), hash).await;
    let job = approved["job"]["id"].as_str().unwrap().parse().unwrap();
    house.job_until(job, "queued").await;
    let again = erase(&house, &at).await;
    assert!(again["sequence"].is_u64(), "the approval was answered: {again}");
    assert_eq!(erase(&house, &at).await["sequence"], Value::Null, "it is so already");
    house.say(&chat, "hello again").await;
    let now = shown(&house, &chat).await;
    assert_eq!(now[2]["chat"]["title"], "hello again");
    is_as_built_anew(&house).await;
    for folder in house.nats.folders() {
        let found = files_with(&folder, SECRET.as_bytes());
        assert!(found.is_empty(), "{found:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_is_erased_in_every_conversation_and_others_are_not() {
    let house = House::new().await;
    let (first, second) = (house.chat().await, house.chat().await);
    house.say(&first, SECRET).await;
    house.say(&second, SECRET).await;
    let admin = house.token("acme", Role::Admin).await;
    let said = json!({ "text": "the administrator says hello" });
    let at = format!("/v1/chats/{first}/messages");
    assert_eq!(house.ask(&admin, Method::POST, &at, Some(said)).await.0, 200);
    let _shown = shown(&house, &first).await;

    let erased = erase(&house, "/v1/members/editor/said").await;
    assert_eq!(erased["chats"].as_array().map(Vec::len), Some(2), "{erased}");
    let after = shown(&house, &first).await.to_string();
    assert!(!after.contains("Busan") && after.contains("administrator says"), "{after}");
    is_as_built_anew(&house).await;
    assert_eq!(erase(&house, "/v1/members/nobody/said").await["chats"], json!([]));
}

/// A gateway that dies between the fact and the keys leaves nothing half told: it is shown to nobody, and the next one ends it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_gateway_has_begun_the_next_one_ends() {
    let mut house = House::new().await;
    let chat = house.chat().await;
    house.say(&chat, SECRET).await;
    let _shown = shown(&house, &chat).await;
    house.close().await;
    let command = Command::Chat(ChatCommand::ErasePrompts { of: None });
    let of = Aggregate::Chat(chat.parse().unwrap());
    let fact = house.tell("acme", of, command).await.unwrap();
    assert!(matches!(fact.envelope.event, Event::Chat(ChatEvent::PromptsErased { of: None })));
    assert!(house.views.wait_for(fact.sequence, DEADLINE).await.unwrap());
    let keys = house.bus.said().all().await.unwrap();
    assert!(keys.iter().any(|kept| !kept.key.is_empty()), "nobody has destroyed it yet");
    house.open().await;
    until(async || {
        let keys = house.bus.said().all().await.unwrap();
        if keys.iter().all(|kept| kept.key.is_empty()) { Ok(()) } else { Err(format!("{keys:?}")) }
    })
    .await;
    let after = shown(&house, &chat).await.to_string();
    assert!(!after.contains("Busan"), "{after}");
}
