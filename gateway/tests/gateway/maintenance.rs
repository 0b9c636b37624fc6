//! Workers out of work and the queue at a stand, over HTTP: who may, what is seen of it, and why a job waits.

use reqwest::Method;
use serde_json::{Value, json};
use trainyard_events::tenant::Role;

use crate::house::{House, WORKER, until};

/// The fleet as this one sees it, once it is `so`.
async fn fleet(house: &House, token: &str, so: impl Fn(&Value) -> bool) -> Value {
    until(async || {
        let (_, fleet) = house.ask(token, Method::GET, "/v1/workers", None).await;
        if so(&fleet) { Ok(fleet) } else { Err(fleet.to_string()) }
    })
    .await
}

#[tokio::test]
async fn operators_take_workers_and_the_queue_out_of_work_and_everybody_sees_it() {
    let house = House::with(|config| config.operators = Some("acme".parse().unwrap())).await;
    let (operator, editor) =
        (house.token("acme", Role::Admin).await, house.token("acme", Role::Editor).await);
    let other = house.token("other", Role::Admin).await;
    fleet(&house, &other, |fleet| fleet["workers"][0]["worker"] == json!(WORKER)).await;
    let (drain, pause) = (format!("/v1/workers/{WORKER}/drain"), "/v1/queue/pause");
    for token in [&editor, &other] {
        for (method, path) in [
            (Method::PUT, drain.as_str()),
            (Method::DELETE, drain.as_str()),
            (Method::PUT, pause),
            (Method::DELETE, pause),
        ] {
            let (status, refused) = house.ask(token, method.clone(), path, None).await;
            assert_eq!(
                (status, &refused["error"]["code"]),
                (403, &json!("forbidden")),
                "{method} {path} {refused}"
            );
        }
    }
    let (status, refused) = house.ask(&operator, Method::PUT, "/v1/workers/nobody/drain", None).await;
    assert_eq!((status, &refused["error"]["code"]), (404, &json!("not_found")), "{refused}");
    let long = json!({ "note": "x".repeat(201) });
    let (status, refused) = house.ask(&operator, Method::PUT, pause, Some(long)).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("refused")), "{refused}");

    let note = json!({ "note": "a new driver" });
    let (status, changed) = house.ask(&operator, Method::PUT, &drain, Some(note.clone())).await;
    assert!(status == 200 && changed["sequence"].is_u64(), "{changed}");
    let (_, again) = house.ask(&operator, Method::PUT, &drain, Some(note)).await;
    assert_eq!(again, json!({ "sequence": null }), "it is so already");
    let seen = fleet(&house, &other, |fleet| fleet["drained"] != json!([])).await;
    let drained = &seen["drained"][0];
    assert_eq!(
        (&drained["worker"], &drained["note"], &drained["now"]),
        (&json!(WORKER), &json!("a new driver"), &json!(false))
    );
    assert!(drained["who"].is_string() && drained["since"].is_string(), "{drained}");

    let order = json!({ "model": "resnet18", "dataset": "data/digits" });
    let (status, ordered) = house.ask(&other, Method::POST, "/v1/jobs", Some(order)).await;
    assert!(status < 300, "{ordered}");
    let path = format!("/v1/jobs/{}", ordered["job"]["id"].as_str().expect("an id"));
    let waits = async |code: &str| {
        until(async || {
            let (_, job) = house.ask(&other, Method::GET, &path, None).await;
            let because = job["job"]["waiting_because"].as_array().cloned().unwrap_or_default();
            let is_it = because.iter().any(|why| why["code"] == code);
            if is_it { Ok(job["job"]["waiting_reason"].clone()) } else { Err(job.to_string()) }
        })
        .await
    };
    waits("workers_drained").await;

    let (status, _) = house.ask(&operator, Method::PUT, pause, None).await;
    assert_eq!(status, 200);
    fleet(&house, &other, |fleet| fleet["paused"]["who"].is_string()).await;
    let said = waits("queue_paused").await;
    assert!(said.as_str().is_some_and(|said| said.contains("has paused the queue")), "{said}");

    for path in [drain.as_str(), pause] {
        let (status, changed) = house.ask(&operator, Method::DELETE, path, None).await;
        assert!(status == 200 && changed["sequence"].is_u64(), "{path} {changed}");
    }
    fleet(&house, &other, |fleet| fleet["paused"].is_null() && fleet["drained"] == json!([])).await;
    until(async || {
        let (_, job) = house.ask(&other, Method::GET, &path, None).await;
        if job["job"]["status"] == "queued" { Ok(()) } else { Err(job.to_string()) }
    })
    .await;
}
