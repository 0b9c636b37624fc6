//! Tokens over their lives: when they were used, another text under the same name, and what they are confined to.

use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use trainyard_events::tenant::Role;

use crate::house::{DEADLINE, House, answer, until};
use crate::live::Socket;

async fn make(house: &House, new: Value) -> (String, String) {
    let admin = house.token("acme", Role::Admin).await;
    let (status, made) = house.ask(&admin, Method::POST, "/v1/tokens", Some(new)).await;
    assert_eq!(status, 201, "{made}");
    (
        made["token"].as_str().expect("its text").to_owned(),
        made["token_id"].as_str().expect("its id").to_owned(),
    )
}

#[tokio::test]
async fn a_token_tells_when_and_from_where_it_was_used() {
    let house = House::new().await;
    let admin = house.token("acme", Role::Admin).await;
    let (token, id) = make(&house, json!({ "name": "ci", "role": "viewer" })).await;
    let listed = async || house.ask(&admin, Method::GET, "/v1/tokens", None).await.1;
    assert!(listed().await["last_uses"].get(&id).is_none(), "nobody has used it");
    assert_eq!(house.ask(&token, Method::GET, "/v1/whoami", None).await.0, 200);
    let used = until(async || match &listed().await["last_uses"][&id] {
        Value::Null => Err("it is not noted yet"),
        used => Ok(used.clone()),
    });
    let used = used.await;
    assert_eq!((&used["address"], used["at"].is_string()), (&json!("127.0.0.1"), true), "{used}");
}

#[tokio::test]
async fn a_rotated_token_goes_on_for_its_grace_and_no_longer() {
    let mut house = House::new().await;
    let admin = house.token("acme", Role::Admin).await;
    let (old, id) = make(&house, json!({ "name": "ci", "role": "editor", "scope": ["jobs"] })).await;
    let rotate = async |id: &str, body: Value| {
        house.ask(&admin, Method::POST, &format!("/v1/tokens/{id}/rotate"), Some(body)).await
    };
    assert_eq!(rotate(&id, json!({ "grace_s": 604_801 })).await.0, 400);
    let (status, rotated) = rotate(&id, json!({})).await;
    assert_eq!(status, 201, "{rotated}");
    let (new, new_id) =
        (rotated["token"].as_str().expect("a text"), rotated["token_id"].as_str().expect("an id"));
    for token in [&*old, new] {
        let (status, me) = house.ask(token, Method::GET, "/v1/whoami", None).await;
        let said = (&me["token"]["name"], &me["role"], &me["token"]["scope"]);
        assert_eq!((status, said), (200, (&json!("ci"), &json!("editor"), &json!(["jobs"]))), "{me}");
    }
    let (_, me) = house.ask(&old, Method::GET, "/v1/whoami", None).await;
    assert_eq!(me["token"]["expires_at"], rotated["old_until"], "the old one has an end now");
    let (status, refused) = rotate(&id, json!({})).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("refused")), "{refused}");

    // Without a grace the one before ends at once, and so does its socket.
    let mut socket = Socket::open(&house, new).await;
    let (status, last) = rotate(new_id, json!({ "grace_s": 0 })).await;
    assert_eq!(status, 201, "{last}");
    while !matches!(socket.message().await, Message::Close(_)) {}
    let last_sequence = last["sequence"].as_u64();
    let last = last["token"].as_str().expect("a text").to_owned();
    let is_over = async |house: &House| {
        let (status, refused) = house.ask(new, Method::GET, "/v1/whoami", None).await;
        assert_eq!((status, &refused["error"]["code"]), (401, &json!("token_expired")), "{refused}");
        assert_eq!(house.ask(&last, Method::GET, "/v1/whoami", None).await.0, 200);
    };
    is_over(&house).await;
    let sequence = last_sequence.expect("it was an event");
    assert!(house.views.wait_for(sequence, DEADLINE).await.unwrap());
    // A gateway that has never heard of it knows from the views.
    house.close().await;
    house.open().await;
    is_over(&house).await;
}

#[tokio::test]
async fn a_confined_token_reaches_what_it_is_confined_to() {
    let house = House::new().await;
    let (token, _) = make(&house, json!({ "name": "reads jobs", "role": "admin", "scope": ["jobs"] })).await;
    for (path, reached) in [
        ("/v1/whoami", true),
        ("/v1/jobs", true),
        ("/v1/chats", false),
        ("/v1/datasets", false),
        ("/v1/models", false),
        ("/v1/activity", false),
        ("/v1/workers", false),
        ("/v1/tokens", false),
        ("/v1/audit/export", false),
    ] {
        let (status, body) = house.ask(&token, Method::GET, path, None).await;
        assert_eq!(status == 200, reached, "{path}: {body}");
        assert_eq!(status == 403, !reached, "{path}: {body}");
    }
    let mut socket = Socket::open(&house, &token).await;
    socket.subscribe("activity").await;
    assert_eq!(socket.next_of("error").await["code"], "forbidden");
    socket.subscribe("jobs").await;
    assert_eq!(socket.next_of("initial").await["topic"], "jobs");

    let new = Some(json!({ "name": "x", "role": "viewer", "scope": ["everything"] }));
    let admin = house.token("acme", Role::Admin).await;
    assert_eq!(house.ask(&admin, Method::POST, "/v1/tokens", new).await.0, 400);
}

#[tokio::test]
async fn what_was_done_and_refused_is_told_in_both_forms() {
    let house = House::new().await;
    let admin = house.token("acme", Role::Admin).await;
    let viewer = house.token("acme", Role::Viewer).await;
    house.token("other", Role::Admin).await;
    make(&house, json!({ "name": "=cmd,1", "role": "viewer" })).await;
    for jobs in [1, 2] {
        let quota = Some(json!({ "concurrent_jobs": jobs }));
        let (status, set) = house.ask(&admin, Method::PUT, "/v1/quota", quota).await;
        assert_eq!(status, 200, "{set}");
        house.get(&format!("/v1/quota?wait_for={}", set["sequence"])).await;
    }
    assert_eq!(house.ask(&viewer, Method::POST, "/v1/chats", None).await.0, 403);
    let export = async |query: &str, accept: &str| {
        let request = house.request(&admin, Method::GET, &format!("/v1/audit/export{query}"));
        request.header("accept", accept).send().await.unwrap()
    };
    let lines = until(async || {
        let text = export("", "*/*").await.text().await.unwrap();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        match lines.iter().any(|line| line["refused"].is_string()) {
            true => Ok(lines),
            false => Err("the refusal is not noted yet"),
        }
    });
    let lines = lines.await;
    let refused = lines.iter().find(|line| line["refused"].is_string()).expect("it is there");
    assert_eq!(
        (&refused["who"], &refused["what"], &refused["refused"]),
        (&json!("viewer"), &json!("POST /v1/chats"), &json!("403 forbidden"))
    );
    let set: Vec<&Value> = lines.iter().filter(|line| line["what"] == "tenant.quota_set").collect();
    assert_eq!(
        (&set[0]["before"], &set[1]["before"]["concurrent_jobs"]),
        (&Value::Null, &json!(1)),
        "{set:?}"
    );
    assert_eq!((&set[1]["after"]["concurrent_jobs"], &set[1]["who"]), (&json!(2), &json!("admin")));
    assert!(lines.iter().all(|line| line["about"] != "tenant/other"), "nobody else's");
    assert!(!lines.iter().any(|line| line["after"].get("sha256").is_some()), "no token's hash");

    for (query, accept) in [("?format=csv", "*/*"), ("", "text/csv")] {
        let csv = export(query, accept).await;
        assert_eq!(csv.headers()["content-type"], "text/csv; charset=utf-8");
        let text = csv.text().await.unwrap();
        assert!(text.starts_with("at,sequence,who,what,about,refused,before,after\r\n"), "{text}");
        assert!(text.contains(",viewer,POST /v1/chats,") && text.contains("=cmd,1"), "{text}");
    }
    assert_eq!(export("?format=xml", "*/*").await.status(), 400);
    let (status, _) = answer(house.request(&viewer, Method::GET, "/v1/audit/export")).await;
    assert_eq!(status, 403);
}
