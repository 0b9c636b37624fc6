//! Models by name: registered from finished jobs, promoted, rolled back, asked, and started from.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Barrier;
use tokio_util::sync::CancellationToken;
use trainyard_events::card::{Card, Output, Preprocessing};
use trainyard_events::config::{Resize, Task};
use trainyard_events::prediction::{PredictAnswer, Prediction};
use trainyard_events::tenant::Role;
use uuid::Uuid;

use crate::house::{House, answer, until};

/// What ends as an ONNX file does: with a card.
fn export(content: &str) -> Vec<u8> {
    let preprocessing = Preprocessing {
        image_size: 32,
        resize: Resize::Letterbox,
        mean: [0.5; 3],
        std: [0.25; 3],
        sample_bits: None,
    };
    let card = Card::new(Task::Classify, "resnet18".into(), vec!["0".into()], preprocessing);
    let card = Card { output: Some(Output::Logits), licence: Some("MIT".into()), ..card };
    let card = serde_json::to_vec(&card).expect("plain data");
    let length = [(card.len() & 0x7f) as u8 | 0x80, (card.len() >> 7) as u8];
    [content.as_bytes(), b"\x72\x00\x0a\x09trainyard\x12", &length, &card].concat()
}

/// A finished job with an export of its own.
pub async fn trained(house: &House, content: &str) -> Uuid {
    let weights = format!("weights of {content}");
    let results =
        [("weights", "weights.safetensors", weights.as_bytes()), ("onnx", "model.onnx", &*export(content))];
    house.finished_job_of(&results).await
}

/// Each job a version of `line3`.
async fn line3(house: &House, jobs: &[Uuid]) {
    for (index, job) in jobs.iter().enumerate() {
        let made = house.post("/v1/registry/line3/versions", json!({ "job": job.to_string() })).await;
        assert_eq!(made["version"], json!(index + 1), "{made}");
    }
}

const CHAMPION: &str = "/v1/registry/line3/aliases/champion";

async fn kinds(house: &House) -> Vec<String> {
    let events = house.get("/v1/activity?limit=200").await;
    let kind = |event: &Value| event["kind"].as_str().unwrap_or_default().to_owned();
    events["events"].as_array().expect("events").iter().map(kind).collect()
}

#[tokio::test]
async fn a_finished_job_is_registered_once_with_the_card_of_its_export() {
    let house = House::new().await;
    let (token, job) = (house.token("acme", Role::Editor).await, trained(&house, "one").await);
    let made = house.post("/v1/registry/line3/versions", json!({ "job": "1" })).await;
    assert_eq!((&made["version"], made["sequence"].is_u64()), (&json!(1), true), "{made}");
    let again = house.post("/v1/registry/line3/versions", json!({ "job": job.to_string() })).await;
    assert_eq!((&again["version"], &again["sequence"]), (&json!(1), &Value::Null), "{again}");

    let shown = house.get("/v1/registry/line3").await;
    let card = &shown["model"]["versions"][0]["card"];
    assert_eq!(card["job"], json!(job));
    assert_eq!((&card["export"]["role"], &card["weights"]["role"]), (&json!("onnx"), &json!("weights")));
    assert_eq!((&card["output"], &card["licence"]), (&json!("logits"), &json!("MIT")), "{card}");
    assert_eq!(
        (&card["preprocessing"]["image_size"], &card["classes"]),
        (&json!(32), &json!(["0", "1", "2"]))
    );
    assert_eq!(
        (&card["measurements"]["accuracy"], &card["dataset_hash"]),
        (&json!(0.9833), &json!("d".repeat(64)))
    );
    assert_eq!(shown["uses"][0]["job"], json!(1), "{shown}");
    assert_eq!(house.get("/v1/registry").await["models"][0]["name"], "line3");
    let stranger = house.token("rival", Role::Editor).await;
    assert_eq!(house.ask(&stranger, Method::GET, "/v1/registry/line3", None).await.0, 404);
    assert_eq!(predict(&house, &stranger, "line3@1").await.0, 404);

    house.queued_job().await;
    for (name, job, status, code) in [
        ("line3", "2", 409, "job_not_finished"),
        ("line3", "99", 404, "not_found"),
        ("a b", "1", 422, "bad_model_name"),
    ] {
        let at = format!("/v1/registry/{name}/versions");
        let refused = house.ask(&token, Method::POST, &at, Some(json!({ "job": job }))).await;
        assert_eq!((refused.0, &refused.1["error"]["code"]), (status, &json!(code)), "{refused:?}");
    }
    let models = house.get("/v1/models?q=resnet18").await;
    assert_eq!(models["models"][0]["id"], "resnet18", "the catalog is where it was");
}

#[tokio::test]
async fn an_alias_goes_to_what_answers_and_back_and_keeps_it_answering() {
    let house = House::new().await;
    let token = house.token("acme", Role::Editor).await;
    let (one, two) = (trained(&house, "one").await, trained(&house, "two").await);
    line3(&house, &[one, two]).await;
    let ask = async |method: Method, path: &str, body: Value| {
        let body = (method != Method::DELETE).then_some(body);
        let (status, answered) = house.ask(&token, method, path, body).await;
        (status, answered["error"]["code"].as_str().unwrap_or_default().to_owned(), answered)
    };
    let roll_back = format!("{CHAMPION}/rollback");
    assert_eq!(ask(Method::POST, &roll_back, json!({})).await.1, "no_such_model_version");
    let refused = ask(Method::PUT, CHAMPION, json!({ "version": 3 })).await;
    assert_eq!((refused.0, &*refused.1), (404, "no_such_model_version"), "{refused:?}");
    assert!(!kinds(&house).await.iter().any(|kind| kind == "endpoint.deployed"), "a refusal deploys nothing");

    let moved = house.put(CHAMPION, json!({ "version": 1 })).await;
    assert_eq!((&moved["former"], moved["deployed"].is_u64()), (&Value::Null, true), "{moved}");
    assert_eq!(moved["url"], "/v1/models/line3@champion/predict");
    assert_eq!(kinds(&house).await[..2], ["model.aliased", "endpoint.deployed"], "it answers first");
    let again = house.put(CHAMPION, json!({ "version": 1 })).await;
    assert_eq!((&again["deployed"], &again["sequence"]), (&Value::Null, &Value::Null), "{again}");
    assert_eq!(ask(Method::POST, &roll_back, json!({})).await.1, "refused", "there is none before it");

    let moved = house.put(CHAMPION, json!({ "version": 2 })).await;
    assert_eq!(moved["former"], json!(1), "{moved}");
    let in_use = ask(Method::DELETE, "/v1/jobs/2/deploy", json!({})).await;
    assert_eq!((in_use.0, &*in_use.1), (409, "endpoint_in_use"), "{in_use:?}");
    assert!(in_use.2["error"]["message"].as_str().unwrap_or_default().contains("line3@champion"));
    assert_eq!(ask(Method::DELETE, "/v1/jobs/1/deploy", json!({})).await.0, 200, "nothing names it any more");

    let back = house.post(&roll_back, json!({})).await;
    assert_eq!((&back["version"], &back["former"]), (&json!(1), &json!(2)), "{back}");
    assert!(back["deployed"].is_u64(), "it was withdrawn and answers again: {back}");
    let archive = ask(Method::POST, "/v1/registry/line3/versions/1/archive", json!({})).await;
    assert_eq!((archive.0, &*archive.1), (409, "refused"), "{archive:?}");
    house.post("/v1/registry/line3/versions/2/archive", json!({})).await;
    assert_eq!(ask(Method::PUT, CHAMPION, json!({ "version": 2 })).await.1, "refused");
    house.post("/v1/registry/line3/versions/2/restore", json!({})).await;
    assert_eq!(ask(Method::DELETE, CHAMPION, json!({})).await.0, 200);
    assert_eq!(ask(Method::DELETE, "/v1/jobs/1/deploy", json!({})).await.0, 200);
}

/// Says which weights were asked, and as sure as it was asked to be.
pub async fn predictor(house: &House) {
    let mut calls = house.bus.predictors().serve(CancellationToken::new()).await.expect("a predictor");
    tokio::spawn(async move {
        while let Some(call) = calls.next().await {
            let seen = PredictAnswer {
                predictions: vec![Prediction::of(
                    &call.request.weights.key,
                    call.request.confidence.map_or(0.75, f64::from),
                )],
                width: 8,
                height: 9,
                milliseconds: 1.5,
                batch: 1,
                anomaly: None,
            };
            call.answer(Ok(seen)).await.expect("the bus is up");
        }
    });
}

async fn predict(house: &House, token: &str, what: &str) -> (u16, Value) {
    let form = reqwest::multipart::Part::bytes(b"an image".to_vec()).file_name("a.png");
    let form = reqwest::multipart::Form::new().part("image", form);
    let path = format!("/v1/models/{what}/predict");
    answer(house.request(token, Method::POST, &path).multipart(form)).await
}

#[tokio::test]
async fn a_question_says_how_sure_the_model_has_to_be() {
    let house = House::new().await;
    let token = house.token("acme", Role::Viewer).await;
    let one = trained(&house, "one").await;
    line3(&house, &[one]).await;
    house.put(CHAMPION, json!({ "version": 1 })).await;
    predictor(&house).await;
    for at in [format!("/inference/{one}/predict"), "/v1/models/line3@champion/predict".to_owned()] {
        let ask = async |query: &str| {
            let image = json!({ "images": ["AAAA"] });
            house.ask(&token, Method::POST, &format!("{at}{query}"), Some(image)).await
        };
        let (status, told) = ask("?confidence=0.5").await;
        assert_eq!(
            (status, &told["results"][0]["predictions"][0]["confidence"]),
            (200, &json!(0.5)),
            "{told}"
        );
        for bad in ["0", "0.009", "1.5", "-1", "NaN", "much"] {
            let (status, told) = ask(&format!("?confidence={bad}")).await;
            assert_eq!((status, &told["error"]["code"]), (400, &json!("bad_request")), "{bad}: {told}");
        }
        assert_eq!(ask("?sure=0.5").await.0, 400);
    }
}

#[tokio::test]
async fn an_alias_that_moves_under_load_loses_no_question() {
    let house = Arc::new(House::new().await);
    let token = house.token("acme", Role::Viewer).await;
    let (one, two) = (trained(&house, "one").await, trained(&house, "two").await);
    line3(&house, &[one, two]).await;
    predictor(&house).await;
    assert_eq!(predict(&house, &token, "line3@champion").await.1["error"]["code"], "no_such_model_version");
    let early = predict(&house, &token, "line3@2").await;
    assert_eq!((early.0, &early.1["error"]["code"]), (409, &json!("not_deployed")), "{early:?}");
    house.put(CHAMPION, json!({ "version": 1 })).await;

    let (stop, begun) = (Arc::new(AtomicBool::new(false)), Arc::new(Barrier::new(5)));
    let asking = (0..4).map(|_| {
        let (house, token, stop, begun) = (house.clone(), token.clone(), stop.clone(), begun.clone());
        tokio::spawn(async move {
            let mut seen = Vec::new();
            loop {
                // The last question is asked by somebody who may know that the alias has moved.
                let is_last = stop.load(Ordering::SeqCst);
                let (status, answered) = predict(&house, &token, "line3@champion").await;
                assert_eq!(status, 200, "{answered}");
                seen.push(answered["predictions"][0]["class"].as_str().expect("a class").to_owned());
                if seen.len() == 1 {
                    begun.wait().await;
                }
                if is_last {
                    return seen;
                }
            }
        })
    });
    let asking: Vec<_> = asking.collect();
    let is_of = |key: &str, job: Uuid| key.starts_with(&format!("jobs/{job}/"));
    begun.wait().await;
    house.put(CHAMPION, json!({ "version": 2 })).await;
    // Whoever has heard that it has moved meets what it names now.
    let (status, after) = predict(&house, &token, "line3@champion").await;
    let key = after["predictions"][0]["class"].as_str().unwrap_or_default();
    assert!(status == 200 && is_of(key, two), "{after}");
    stop.store(true, Ordering::SeqCst);
    for seen in asking {
        let seen = seen.await.expect("no question is lost");
        let first_new = seen.iter().position(|key| is_of(key, two)).expect("the new one has answered");
        assert!(first_new > 0, "the old one has answered before");
        assert!(seen[..first_new].iter().all(|key| is_of(key, one)), "{seen:?}");
        assert!(seen[first_new..].iter().all(|key| is_of(key, two)), "old, then new: {seen:?}");
    }
    assert_eq!(predict(&house, &token, "line3@1").await.0, 200, "a version is asked by its number");
    let calls = house.get("/v1/registry/line3/calls").await;
    let of = |version: u64| {
        calls["versions"].as_array().and_then(|all| all.iter().find(|it| it["version"] == version))
    };
    let (first, second) = (of(1).expect("it was asked"), of(2).expect("it was asked"));
    assert!(first["answered"].as_u64() >= Some(2) && second["answered"].as_u64() >= Some(1), "{calls}");
    assert_eq!(first["refused"], 0, "{calls}");
    assert!(second["last_ms"][0].as_f64().is_some_and(|took| took > 0.0), "{calls}");
    let history = first["history"].as_array().expect("by time");
    let answered: u64 = history.iter().filter_map(|of| of["answered"].as_u64()).sum();
    assert_eq!(Some(answered), first["answered"].as_u64(), "{calls}");
    assert!(history.iter().all(|of| of["most_ms"].as_f64() <= of["sum_ms"].as_f64()), "{calls}");
    // Another gateway says the same, and counts what it is asked beside.
    let other = format!("http://{}/v1", house.beside().await);
    let client = trainyard_fetch::client().build().expect("a client");
    let beside = async |request: reqwest::RequestBuilder| answer(request.bearer_auth(&token)).await;
    let told = beside(client.get(format!("{other}/registry/line3/calls"))).await;
    assert_eq!(told, (200, calls.clone()));
    let image = reqwest::multipart::Part::bytes(b"an image".to_vec()).file_name("a.png");
    let form = reqwest::multipart::Form::new().part("image", image);
    let asked = beside(client.post(format!("{other}/models/line3@1/predict")).multipart(form)).await;
    assert_eq!(asked.0, 200, "{asked:?}");
    let once_more = calls["versions"][0]["answered"].as_u64().map(|answered| answered + 1);
    until(async || {
        let told = house.get("/v1/registry/line3/calls").await;
        if told["versions"][0]["answered"].as_u64() == once_more { Ok(()) } else { Err(told) }
    })
    .await;
    let found =
        async |q: &str| house.get(&format!("/v1/registry?q={q}")).await["models"].as_array().map(Vec::len);
    assert_eq!(
        (found("LINE").await, found("champion").await, found("line4").await),
        (Some(1), Some(1), Some(0))
    );
    let stranger = house.token("globex", Role::Viewer).await;
    assert_eq!(house.ask(&stranger, Method::GET, "/v1/registry/line3/calls", None).await.0, 404);
    let metrics = house.request("", Method::GET, "/metrics").send().await.expect("an answer");
    let metrics = metrics.text().await.expect("text");
    let model = house.get("/v1/registry/line3").await["model"]["id"].as_str().unwrap_or_default().to_owned();
    let line = format!(r#"trainyard_model_predictions_total{{model="{model}",version="1",outcome="ok"}}"#);
    assert!(!model.is_empty() && metrics.contains(&line), "{metrics}");
    assert!(!metrics.contains("acme") && !metrics.contains("line3"), "names are nobody else's: {metrics}");
}

#[tokio::test]
async fn a_training_starts_from_the_version_that_an_alias_named() {
    let house = House::new().await;
    let token = house.token("acme", Role::Editor).await;
    let (one, two) = (trained(&house, "one").await, trained(&house, "two").await);
    line3(&house, &[one, two]).await;
    house.put(CHAMPION, json!({ "version": 1 })).await;
    let order =
        |weights: &str| json!({ "model": "resnet18", "dataset": "data/slow", "initial_weights": weights });
    let made = house.post("/v1/jobs", order("line3@champion")).await;
    assert_eq!(made["proposal"]["config"]["initial_weights"], "line3@1", "{made}");
    house.put(CHAMPION, json!({ "version": 2 })).await;
    let number = &made["job"]["number"];
    let job = house.get(&format!("/v1/jobs/{number}")).await;
    assert_eq!(job["job"]["config"]["initial_weights"], "line3@1", "it stays what was proposed");
    let random = house.post("/v1/jobs", order("scratch")).await;
    assert!(random["proposal"]["config"]["initial_weights"].is_null(), "{random}");
    assert_eq!(house.get("/v1/registry/line3").await["uses"][0]["started"], json!([number]));
    for (weights, code) in [
        ("line3@3", "no_such_model_version"),
        ("line3@best", "no_such_model_version"),
        ("line4@1", "not_found"),
    ] {
        let refused = house.ask(&token, Method::POST, "/v1/jobs", Some(order(weights))).await;
        assert_eq!(refused.1["error"]["code"], code, "{refused:?}");
    }
}

#[tokio::test]
async fn a_model_is_registered_promoted_and_rolled_back_in_words() {
    let house = House::new().await;
    for content in ["one", "two"] {
        trained(&house, content).await;
    }
    let chat = house.chat().await;
    for (say, intent, reply, done) in [
        (
            "작업 1을 line3로 등록해줘",
            "register_model",
            "작업 1의 모델(resnet18)을 line3 v1로 등록했습니다.",
            &["model.registered"][..],
        ),
        (
            "register job 2 as line3",
            "register_model",
            "The model of job 2 (resnet18) is registered as line3 v2.",
            &["model.registered"],
        ),
        (
            "promote line3 v1 to champion",
            "promote",
            "champion of line3 is now v1 (job 1, resnet18",
            &["model.aliased", "endpoint.deployed"],
        ),
        (
            "line3 v2를 champion으로 승격해줘",
            "promote",
            "이제 line3의 champion은 v2입니다(작업 2",
            &["model.aliased", "endpoint.deployed"],
        ),
        ("which version is the champion of line3?", "show_versions", "champion of line3 is v2", &[]),
        (
            "roll back champion of line3",
            "roll_back",
            "champion of line3 went back from v2 to v1",
            &["model.aliased"],
        ),
        ("what happens if I roll back the champion?", "help", "Rolling back has the alias", &[]),
    ] {
        let told = house.say(&chat, say).await;
        let said = told["reply"].as_str().unwrap_or_default();
        assert_eq!(told["intent"], intent, "{say}: {told}");
        assert!(said.starts_with(reply), "{say}: {told}");
        let happened = kinds(&house).await;
        let acts = happened.iter().filter(|kind| kind.starts_with("model.") || kind.starts_with("endpoint."));
        let since: Vec<&String> = acts.take(done.len()).collect();
        assert_eq!(since, done, "{say}");
    }
    let model = house.get("/v1/registry/line3").await;
    assert_eq!(model["model"]["aliases"]["champion"]["version"], json!(1), "{model}");
}
