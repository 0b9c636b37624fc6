//! A request that is sent again with its `Idempotency-Key`: done once, whichever release has begun it, and never another request.

use reqwest::Method;
use serde_json::{Value, json};
use trainyard_commands::job::JobCommand;
use trainyard_commands::{Command, Request, derived_id};
use trainyard_events::tenant::Role;
use trainyard_events::{Actor, Aggregate};
use uuid::Uuid;

use crate::house::{House, answer};

async fn ask(house: &House, path: &str, body: Value, key: &str) -> (u16, Value) {
    let token = house.token("acme", Role::Editor).await;
    answer(house.request(&token, Method::POST, path).header("idempotency-key", key).json(&body)).await
}

#[tokio::test]
async fn the_same_key_is_the_same_request_and_with_another_body_it_is_refused() {
    let house = House::new().await;
    let path = format!("/v1/chats/{}/messages", Uuid::new_v4());
    let said = |text: &str| json!({ "text": text });
    let first = ask(&house, &path, said("help"), "k").await;
    assert_eq!(first.0, 200, "{first:?}");
    let again = ask(&house, &path, said("help"), "k").await;
    assert_eq!(first.1["sequence"], again.1["sequence"], "{again:?}");
    let other = ask(&house, &path, said("what is running?"), "k").await;
    assert_eq!((other.0, &other.1["error"]["code"]), (422, &json!("idempotency_key_reused")), "{other:?}");
}

/// What a gateway of release 0.1 writes for a key: it knows nothing of bodies.
async fn begun_by_0_1(house: &House, job: Uuid, path: &str, key: &str) -> u64 {
    let name = format!("trainyard:acme:request:POST {path}:{key}");
    let base = Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes());
    let request = Request {
        id: derived_id(base, "cancel"),
        tenant: "acme".parse().expect("a name"),
        aggregate: Aggregate::Job(job),
        actor: Actor::User("test".to_owned()),
        correlation_id: base,
        causation_id: None,
        command: Command::Job(JobCommand::RequestCancel { because: Vec::new() }),
    };
    house.door.handle(request).await.expect("it is written").recorded().expect("an event").sequence
}

#[tokio::test]
async fn a_request_that_release_0_1_has_begun_is_answered() {
    let house = House::new().await;
    let job = house.queued_job().await;
    let path = format!("/v1/jobs/{job}/cancel");
    let written = begun_by_0_1(&house, job, &path, "k").await;
    let (status, told) = ask(&house, &path, json!({}), "k").await;
    assert_eq!((status, &told["sequence"]), (202, &json!(written)), "{told}");
}
