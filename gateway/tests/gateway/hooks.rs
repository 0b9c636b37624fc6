//! Hooks over REST: what admins may do, what is shown of them to whom, and what is never shown.

use reqwest::Method;
use serde_json::{Value, json};
use trainyard_bus::EventLog;
use trainyard_events::tenant::Role;
use uuid::Uuid;

use crate::house::{House, answer};

const SLACK: &str = "https://hooks.slack.com/services/T0/B0/very-secret";

async fn added(house: &House, token: &str, hook: Value) -> Value {
    let (status, answer) = house.ask(token, Method::POST, "/v1/hooks", Some(hook)).await;
    assert_eq!(status, 201, "{answer}");
    answer
}

#[tokio::test]
async fn an_admin_has_hooks_whose_addresses_and_secrets_nobody_reads_again() {
    let house = House::new().await;
    let admin = house.token("acme", Role::Admin).await;
    let hook = added(&house, &admin, json!({ "address": SLACK, "form": "slack", "on": ["job.*"] })).await;
    let secret = hook["secret"].as_str().expect("a secret").to_owned();
    assert!(secret.starts_with("whsec_"));
    let mail = added(&house, &admin, json!({ "address": "team@firma.kr", "form": "mail" })).await;
    assert_eq!(mail["secret"], Value::Null);
    let (_, list) = house.ask(&admin, Method::GET, "/v1/hooks", None).await;
    let hooks = list["hooks"].as_array().expect("hooks");
    assert_eq!(hooks.len(), 2);
    assert_eq!(hooks[0]["hook_id"], hook["hook_id"], "oldest first");
    assert_eq!(
        (&hooks[0]["address"], &hooks[0]["waiting"]),
        (&json!("https://hooks.slack.com/…"), &json!(0))
    );
    assert_eq!(hooks[1]["address"], "team@firma.kr");
    assert_eq!(hooks[1]["on"], json!(["job.finished", "job.failed"]), "unless something else is said");
    let path = format!("/v1/hooks/{}", hook["hook_id"].as_str().expect("an id"));
    let change =
        json!({ "on": ["model.*"], "language": "korean", "address": "https://hooks.slack.com/other-secret" });
    assert_eq!(house.ask(&admin, Method::PATCH, &path, Some(change)).await.0, 200);
    for what in ["test", "replay"] {
        assert_eq!(house.ask(&admin, Method::POST, &format!("{path}/{what}"), None).await.0, 200, "{what}");
    }
    let (_, row) = house.ask(&admin, Method::GET, &path, None).await;
    assert_eq!(
        (&row["on"], &row["language"], &row["form"]),
        (&json!(["model.*"]), &json!("korean"), &json!("slack"))
    );
    // Of events, admins read that there is a hook; others, and the addresses, nobody.
    let end = house.bus.log().last_sequence().await.expect("the log is up");
    let (_, events) = house.ask(&admin, Method::GET, &format!("/v1/activity?wait_for={end}"), None).await;
    let text = events.to_string();
    assert!(text.contains("hook.added") && text.contains("hook.tested"), "{text}");
    for hidden in ["very-secret", "other-secret", &secret] {
        assert!(!text.contains(hidden) && !list.to_string().contains(hidden), "{hidden}");
    }
    assert!(!text.contains("team@firma.kr"), "an address is nobody's to read in an event");
    for role in [Role::Viewer, Role::Editor] {
        let token = house.token("acme", role).await;
        for (method, path) in [
            (Method::GET, "/v1/hooks"),
            (Method::POST, "/v1/hooks"),
            (Method::GET, path.as_str()),
            (Method::DELETE, path.as_str()),
        ] {
            let body = (method == Method::POST).then(|| json!({ "address": SLACK }));
            assert_eq!(house.ask(&token, method, path, body).await.0, 403, "{path}");
        }
        let (_, events) = house.ask(&token, Method::GET, "/v1/activity", None).await;
        assert!(!events.to_string().contains("hook."), "{events}");
    }
    // Another tenant sees nothing of it and moves nothing.
    let rival = house.token("rival", Role::Admin).await;
    assert_eq!(house.ask(&rival, Method::GET, "/v1/hooks", None).await.1, json!({ "hooks": [] }));
    for (method, path) in [
        (Method::GET, path.clone()),
        (Method::PATCH, path.clone()),
        (Method::DELETE, path.clone()),
        (Method::POST, format!("{path}/test")),
        (Method::POST, format!("{path}/replay")),
    ] {
        let body = (method == Method::PATCH).then(|| json!({ "on": ["job.*"] }));
        assert_eq!(house.ask(&rival, method, &path, body).await.0, 404, "{path}");
    }
    assert_eq!(house.ask(&admin, Method::DELETE, &path, None).await.0, 200);
    let (status, again) = house.ask(&admin, Method::DELETE, &path, None).await;
    assert_eq!((status, &again["sequence"]), (200, &Value::Null), "it was so already");
    assert_eq!(house.ask(&admin, Method::GET, &path, None).await.0, 404);
}

#[tokio::test]
async fn what_cannot_be_a_hook_is_refused_and_there_are_only_so_many() {
    let house = House::new().await;
    let admin = house.token("acme", Role::Admin).await;
    for bad in [
        json!({ "address": "http://hooks.example/" }),
        json!({ "address": "https://user:password@hooks.example/" }),
        json!({ "address": "https://169.254.169.254/latest" }),
        json!({ "address": "https://0x7f.1/" }),
        json!({ "address": "https://[::ffff:10.0.0.1]/" }),
        json!({ "address": format!("https://hooks.example/{}", "x".repeat(1_024)) }),
        json!({ "address": "no address" }),
        json!({ "address": SLACK, "form": "mail" }),
        json!({ "address": SLACK, "on": [] }),
        json!({ "address": SLACK, "on": ["job.finish"] }),
        json!({ "address": SLACK, "on": ["tenant.token_issued"] }),
        json!({ "address": SLACK, "on": ["hook.*"] }),
    ] {
        let (status, answer) = house.ask(&admin, Method::POST, "/v1/hooks", Some(bad.clone())).await;
        assert_eq!((status, &answer["error"]["code"]), (422, &json!("bad_hook")), "{bad}: {answer}");
    }
    for number in 0..16 {
        added(&house, &admin, json!({ "address": format!("https://hooks.example/{number}") })).await;
    }
    let one_more = Some(json!({ "address": "https://hooks.example/more" }));
    let (status, answer) = house.ask(&admin, Method::POST, "/v1/hooks", one_more).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("refused")), "{answer}");
}

#[tokio::test]
async fn a_request_that_comes_twice_makes_one_hook_and_gives_its_secret_again() {
    let house = House::new().await;
    let admin = house.token("acme", Role::Admin).await;
    let key = Uuid::new_v4().to_string();
    let ask = || async {
        let request = house.request(&admin, Method::POST, "/v1/hooks").header("idempotency-key", &key);
        answer(request.json(&json!({ "address": SLACK }))).await
    };
    let (first, again) = (ask().await, ask().await);
    assert_eq!(first, again);
    assert_eq!(first.0, 201);
    let (_, list) = house.ask(&admin, Method::GET, "/v1/hooks", None).await;
    assert_eq!(list["hooks"].as_array().expect("hooks").len(), 1);
}
