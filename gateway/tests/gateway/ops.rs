//! What is asked strictly, what is said when a part is away, and how a gateway begins and ends.

use reqwest::Method;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use trainyard_dispatcher::DispatcherMetrics;
use trainyard_events::tenant::Role;
use trainyard_gateway::{GatewayConfig, Metrics, Needs, bind, serve_metrics};

use crate::house::{House, answer, until};

#[tokio::test]
async fn bad_requests_are_refused_in_the_one_form() {
    let house = House::new().await;
    let token = house.token("acme", Role::Editor).await;
    let chat = house.chat().await;
    let messages = format!("/v1/chats/{chat}/messages");
    let long = json!({ "text": "가".repeat(5_000) }).to_string();
    let large = format!("{{\"text\":\"{}\"}}", "x".repeat(17 << 20));
    for (path, body, status, code) in [
        (messages.as_str(), b"{\"text\":".to_vec(), 400, "bad_request"),
        (&messages, b"{\"text\":\"\xff\xfe\"}".to_vec(), 400, "bad_request"),
        (&messages, b"{\"text\":\"hi\",\"surprise\":1}".to_vec(), 400, "bad_request"),
        (&messages, b"{\"text\":7}".to_vec(), 400, "bad_request"),
        (&messages, b"{\"text\":\"  \"}".to_vec(), 422, "prompt_empty"),
        (&messages, long.into_bytes(), 422, "prompt_too_long"),
        (&messages, large.into_bytes(), 413, "too_large"),
        ("/v1/chats/not-an-id/messages", b"{\"text\":\"hi\"}".to_vec(), 404, "not_found"),
        ("/v1/nothing", b"{}".to_vec(), 404, "no_such_route"),
        ("/v1/workers", b"{}".to_vec(), 405, "no_such_method"),
    ] {
        let request = house.request(&token, Method::POST, path).body(body);
        let (answered, body) = answer(request).await;
        assert_eq!((answered, &body["error"]["code"]), (status, &json!(code)), "{path}: {body}");
        assert!(body["error"]["next_step"].as_str().is_some_and(|step| !step.is_empty()), "{body}");
    }
    let (_, body) =
        house.ask(&token, Method::POST, &messages, Some(json!({ "text": "가".repeat(5_000) }))).await;
    assert_eq!(body["error"]["message"], "the prompt has 5000 characters and 4000 is the most");
}

#[tokio::test]
async fn refusals_are_said_in_the_language_that_is_preferred() {
    let house = House::new().await;
    let token = house.token("acme", Role::Viewer).await;
    for (preferred, language, message) in [
        ("ko-KR,ko;q=0.9,en;q=0.8", "ko", "없는 모델입니다"),
        ("en, ko;q=0.5", "en", "there is no such model"),
    ] {
        let request = house.request(&token, Method::GET, "/v1/models/nothing");
        let response = request.header("accept-language", preferred).send().await.expect("an answer");
        assert_eq!(response.headers()["content-language"], language);
        let body: serde_json::Value = response.json().await.expect("JSON");
        assert_eq!(
            (&body["error"]["code"], &body["error"]["message"]),
            (&json!("not_found"), &json!(message))
        );
    }
    let request = house.request("", Method::GET, "/v1/jobs").header("accept-language", "ko");
    let (status, body) = answer(request).await;
    assert_eq!((status, &body["error"]["message"]), (401, &json!("요청에 토큰이 없습니다")), "{body}");
}

#[tokio::test]
async fn whoever_is_refused_with_a_body_is_told_to_connect_anew() {
    let house = House::new().await;
    let token = house.token("acme", Role::Editor).await;
    let large = vec![b'x'; 9 << 20];
    for (token, path) in [("try_wrong", "/v1/chats"), (&token, "/v1/nothing"), (&token, "/v1/chats")] {
        let request = house.request(token, Method::POST, path).body(large.clone());
        let response = request.send().await.expect("an answer");
        assert!(response.status().is_client_error(), "{path}: {}", response.status());
        assert_eq!(response.headers()["connection"], "close", "{path}");
    }
}

#[tokio::test]
async fn reads_wait_for_writes_and_say_where_they_are() {
    let house = House::new().await;
    let token = house.token("acme", Role::Editor).await;
    for name in 0..20 {
        let made = house.post("/v1/datasets", json!({ "path": format!("data/{name}") })).await;
        let sequence = made["sequence"].as_u64().expect("a sequence");
        let id = made["dataset"]["id"].as_str().expect("an id");
        let path = format!("/v1/datasets/{id}?wait_for={sequence}");
        let response = house.request(&token, Method::GET, &path).send().await.expect("an answer");
        assert_eq!(response.status(), 200, "it shows what was just written");
        let at: u64 =
            response.headers()["x-trainyard-sequence"].to_str().expect("text").parse().expect("a number");
        assert!(at >= sequence, "{at} {sequence}");
    }
    let (status, _) = house.ask(&token, Method::GET, "/v1/jobs?wait_for=999999", None).await;
    assert_eq!(status, 200, "it does not wait for ever");
    let pages = house.get("/v1/activity?after=0&limit=7").await;
    let first: Vec<u64> = pages["events"]
        .as_array()
        .expect("events")
        .iter()
        .filter_map(|event| event["sequence"].as_u64())
        .collect();
    assert_eq!((first.len(), &pages["next"]), (7, &json!(first[6])), "{pages}");
    assert!(first.is_sorted(), "{first:?}");
}

#[tokio::test]
async fn health_readiness_metrics_and_the_page_tell_the_truth() {
    let mut house = House::new().await;
    let ready = until(async || match answer(house.request("", Method::GET, "/readyz")).await {
        (200, body) => Ok(body),
        other => Err(other),
    })
    .await;
    assert_eq!(
        (&ready["nats"], &ready["postgres"], &ready["store"]),
        (&json!("ok"), &json!("ok"), &json!("ok"))
    );
    assert!(ready["projector"]["behind"].is_u64(), "{ready}");
    assert_eq!(answer(house.request("", Method::GET, "/healthz")).await.0, 200);
    let page = house.request("", Method::GET, "/").send().await.expect("an answer");
    for (header, part) in [
        ("content-security-policy", "default-src 'none'"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert!(page.headers()[header].to_str().expect("text").contains(part), "{header}");
    }
    let text = page.text().await.expect("a page");
    assert!(text.split("<script").skip(1).all(|tag| tag.contains(" src=")), "no inline script: {text}");
    for (path, status) in [("/jobs/7", 200), ("/assets/nothing.js", 404), ("/v1/nothing", 404)] {
        assert_eq!(answer(house.request("", Method::GET, path)).await.0, status, "{path}");
    }

    house.get("/v1/jobs").await;
    let (_, metrics) = answer(house.request("", Method::GET, "/metrics")).await;
    let metrics = metrics.as_str().expect("text");
    for line in [
        "trainyard_http_requests_total{method=\"GET\",route=\"/v1/jobs\",status=\"200\"}",
        "trainyard_views_behind",
        "trainyard_events_followed_total",
    ] {
        assert!(metrics.contains(line), "{line} is missing in\n{metrics}");
    }

    let token = house.token("acme", Role::Editor).await;
    house.nats.kill().await;
    let (status, body) = answer(house.request("", Method::GET, "/readyz")).await;
    assert_eq!((status, &body["postgres"]), (503, &json!("ok")), "{body}");
    assert_ne!(body["nats"], "ok", "{body}");
    let request = house.request(&token, Method::POST, "/v1/datasets").json(&json!({ "path": "data/digits" }));
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), 503);
    assert!(response.headers().contains_key("retry-after"));
    let (status, _) = house.ask(&token, Method::GET, "/v1/jobs", None).await;
    assert_eq!(status, 200, "the views still answer");
    house.nats.restart().await;
    until(async || match answer(house.request("", Method::GET, "/readyz")).await {
        (200, _) => Ok(()),
        other => Err(other),
    })
    .await;
    house.post("/v1/datasets", json!({ "path": "data/digits" })).await;
    house.close().await;
}

#[tokio::test]
async fn what_strangers_make_up_is_no_label_of_a_metric() {
    let house = House::new().await;
    house.get("/v1/jobs").await;
    let metrics = async || match answer(house.request("", Method::GET, "/metrics")).await.1 {
        Value::String(text) => text,
        other => panic!("no metrics: {other}"),
    };
    let ask = async |from: usize| {
        for number in from..from + 50 {
            let method = Method::from_bytes(format!("MADEUP{number}").as_bytes()).expect("a token");
            for path in
                ["/v1/jobs", "/v1/jobs/7", &format!("/made/up/{number}"), &format!("/v1/madeup{number}")]
            {
                for method in [Method::GET, method.clone()] {
                    house.request("", method, path).send().await.expect("an answer");
                }
            }
        }
    };
    // Looking is counted, too.
    metrics().await;
    ask(0).await;
    let few = metrics().await;
    ask(50).await;
    let many = metrics().await;
    assert_eq!(few.lines().count(), many.lines().count(), "they grow with what is made up");
    assert!(!many.to_lowercase().contains("made"), "{many}");
    assert!(
        many.contains(r#"trainyard_http_requests_total{method="other",route="/v1/jobs",status="405"} 100"#)
    );
}

#[tokio::test]
async fn a_role_without_a_gateway_tells_how_it_is() {
    let mut house = House::new().await;
    let (metrics, stop) = (Metrics::default(), CancellationToken::new());
    metrics.register(|registry| DispatcherMetrics::default().register(registry));
    let needs = Needs {
        bus: Some(house.bus.clone()),
        views: Some(house.views.clone()),
        store: Some(house.store.clone()),
    };
    let listen = "127.0.0.1:0".parse().expect("an address");
    let address = serve_metrics(listen, metrics, needs, stop.clone()).await.expect("a free port");
    let ask = async |path: &str| {
        answer(trainyard_fetch::client().build().unwrap().get(format!("http://{address}{path}"))).await
    };
    let all = json!({ "nats": "ok", "postgres": "ok", "store": "ok" });
    assert_eq!(ask("/readyz").await, (200, all));
    assert_eq!(ask("/healthz").await, (200, json!({ "status": "ok" })));
    let (status, text) = ask("/metrics").await;
    let text = text.as_str().expect("text");
    assert!(status == 200 && text.contains("trainyard_dispatcher_wait_seconds_count 0"), "{text}");
    assert!(text.contains("trainyard_connections_open 1"), "{text}");
    assert_eq!(ask("/v1/jobs").await.0, 404);
    house.nats.kill().await;
    let (status, state) = ask("/readyz").await;
    assert_eq!((status, &state["postgres"]), (503, &json!("ok")), "{state}");
    assert_ne!(state["nats"], "ok", "{state}");
    assert_eq!(ask("/healthz").await.0, 200, "it lives all the same");
    let again = serve_metrics(address, Metrics::default(), Needs::default(), stop.clone()).await;
    assert!(again.expect_err("it is taken").to_string().contains("cannot be listened on"));
    stop.cancel();
    until(async || match tokio::net::TcpStream::connect(address).await {
        Ok(_) => Err("it still listens"),
        Err(_) => Ok(()),
    })
    .await;
}

#[tokio::test]
async fn a_port_that_is_taken_is_one_clear_line() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = taken.local_addr().expect("an address");
    let error = bind(GatewayConfig::new(address)).await.expect_err("it is taken").to_string();
    assert!(error.starts_with(&format!("{address} cannot be listened on")), "{error}");
    assert_eq!(error.lines().count(), 1);
}
