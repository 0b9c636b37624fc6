//! An id that was answered names something, however far the views are behind: it is found, or it is said that nobody can
//! say yet. It is never denied.

use futures::future::join_all;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use trainyard_events::tenant::Role;
use uuid::Uuid;

use crate::house::House;

async fn ask(house: &House, method: Method, path: &str) -> Response {
    let token = house.token("acme", Role::Editor).await;
    house.request(&token, method, path).send().await.expect("an answer")
}

/// 503, with word of when to ask again.
async fn nobody_can_say(response: Response) {
    let (url, status) = (response.url().clone(), response.status().as_u16());
    let retry = response.headers().contains_key("retry-after");
    let body: Value = response.json().await.expect("JSON");
    assert_eq!((status, retry, &body["error"]["code"]), (503, true, &json!("views_behind")), "{url}: {body}");
}

fn id(answer: &Value, of: &str) -> String {
    answer[of]["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn what_a_post_has_answered_is_found_or_nobody_can_say_yet() {
    let house = House::new().await;
    house.token("acme", Role::Editor).await;
    house.stop_projecting().await;
    let dataset = house.post("/v1/datasets", json!({ "path": "data/digits" })).await;
    let job = house.post("/v1/jobs", json!({ "model": "resnet18", "dataset": "data/digits" })).await;
    let job = format!("/v1/jobs/{}", id(&job, "job"));
    let chat = house.chat().await;
    house.say(&chat, "help").await;
    let answered = [
        format!("/v1/datasets/{}", id(&dataset, "dataset")),
        format!("{job}/events"),
        job,
        format!("/v1/chats/{chat}"),
    ];
    let unknown = format!("/v1/jobs/{}", Uuid::new_v4());
    for path in answered.iter().chain([&unknown]) {
        nobody_can_say(ask(&house, Method::GET, path).await).await;
    }
    // Asked before the views have anything: they come while the answers are waited for.
    let asked = answered.iter().map(|path| ask(&house, Method::GET, path));
    let (found, ()) = tokio::join!(join_all(asked), house.project());
    for response in found {
        assert_eq!(response.status(), 200, "{}", response.url());
    }
    assert_eq!(ask(&house, Method::GET, &unknown).await.status(), 404, "by now it is known");
}

#[tokio::test]
async fn a_token_that_was_issued_before_the_gateway_came_up_is_not_called_unknown() {
    let mut house = House::new().await;
    house.stop_projecting().await;
    house.close().await;
    let (token, _) = house.issue("acme", Role::Viewer).await;
    house.open().await;
    let whoami =
        || async { house.request(&token, Method::GET, "/v1/whoami").send().await.expect("an answer") };
    nobody_can_say(whoami().await).await;
    let (known, ()) = tokio::join!(whoami(), house.project());
    assert_eq!(known.status(), 200);
    let stranger = format!("{}x", &token[..token.len() - 1]);
    let unknown = house.request(&stranger, Method::GET, "/v1/whoami").send().await.expect("an answer");
    assert_eq!(unknown.status(), 401, "by now it is known");
}

#[tokio::test]
async fn an_approved_job_is_there_before_the_dispatcher_is() {
    let mut house = House::new().await;
    house.dispatcher.abort();
    assert!((&mut house.dispatcher).await.is_err(), "it is gone");
    let made = house.post("/v1/jobs", json!({ "model": "resnet18", "dataset": "data/digits" })).await;
    assert_eq!(made["job"]["number"], 1, "{made}");
    let found = house.get(&format!("/v1/jobs/{}", id(&made, "job"))).await;
    assert_eq!(
        (&found["job"]["status"], &found["job"]["number"]),
        (&json!("requested"), &json!(1)),
        "{found}"
    );
}

#[tokio::test]
async fn a_model_that_was_just_deployed_is_not_said_to_be_withdrawn() {
    let house = House::new().await;
    let job = house.finished_job().await;
    house.stop_projecting().await;
    house.post(&format!("/v1/jobs/{job}/deploy"), json!({})).await;
    let asked = ask(&house, Method::POST, &format!("/inference/{job}/predict")).await;
    nobody_can_say(asked).await;
}

#[tokio::test]
async fn a_conversation_in_which_nothing_was_said_is_empty() {
    let house = House::new().await;
    let chat = house.chat().await;
    let empty = json!({ "chat": null, "messages": [], "proposal": null, "next": null });
    assert_eq!(house.get(&format!("/v1/chats/{chat}")).await, empty);
    house.say(&chat, "help").await;
    let said = house.get(&format!("/v1/chats/{chat}")).await;
    assert_eq!(said["chat"]["id"], json!(chat), "{said}");
    assert_eq!(ask(&house, Method::GET, "/v1/chats/nothing").await.status(), 404);
}
