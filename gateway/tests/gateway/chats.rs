//! Words to a job, in both languages, once however often they come.

use reqwest::Method;
use serde_json::{Value, json};
use trainyard_events::tenant::Role;

use crate::house::{House, answer, until};

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_korean_conversation_becomes_a_requested_job() {
    let house = House::new().await;
    let chat = house.chat().await;
    let first = house.say(&chat, "resnet18로 숫자 이미지 분류 모델 만들어줘").await;
    assert_eq!((text(&first, "intent"), text(&first, "language")), ("train", "korean"), "{first}");
    assert_eq!(first["missing"], json!(["dataset"]), "{first}");

    let named = house.say(&chat, "data/digits").await;
    assert_eq!(named["missing"], json!([]), "{named}");
    assert!(text(&named, "reply").contains("이미지 1,797장, 클래스 10개"), "{named}");
    let changed = house.say(&chat, "에폭을 3으로 바꿔줘").await;
    assert_eq!(changed["proposal"]["config"]["epochs"], 3, "{changed}");
    assert_eq!(changed["proposal"]["config"]["dataset"], "data/digits", "{changed}");

    let approved = house.say(&chat, "시작해줘").await;
    assert_eq!((text(&approved, "intent"), &approved["proposal"]), ("approve", &Value::Null), "{approved}");
    let job = text(&approved["job"], "id").to_owned();
    let row = house.job_until(job.parse().expect("an id"), "queued").await;
    assert_eq!(row["config_hash"], changed["proposal"]["hash"]);
    assert_eq!((&row["number"], text(&row, "chat")), (&json!(1), chat.as_str()));

    let status = house.say(&chat, "지금 어떻게 되고 있어?").await;
    assert!(text(&status, "reply").contains("작업 1(resnet18, data/digits)"), "{status}");
    let seen = house.get(&format!("/v1/chats/{chat}?wait_for={}", status["sequence"])).await;
    assert_eq!(seen["messages"].as_array().map(Vec::len), Some(10), "five turns, in order: {seen}");
    assert_eq!(seen["messages"][0]["text"], "resnet18로 숫자 이미지 분류 모델 만들어줘");
    let events = house.get(&format!("/v1/jobs/{job}/events?limit=1")).await;
    assert_eq!(
        (&events["events"][0]["kind"], events["next"].is_u64()),
        (&json!("job.requested"), true),
        "{events}"
    );
}

#[tokio::test]
async fn datasets_that_are_bad_or_not_looked_at_yet_are_said_so() {
    let house = House::new().await;
    let chat = house.chat().await;
    let bad = house.say(&chat, "train resnet18 on data/bad for 2 epochs").await;
    assert_eq!(
        (&bad["missing"], &bad["proposal"]["config"]["epochs"]),
        (&json!(["dataset"]), &json!(2)),
        "{bad}"
    );
    assert!(text(&bad, "reply").contains("the folder has no images"), "{bad}");
    assert!(text(&bad, "reply").contains("put images into a folder for each class"), "{bad}");

    let early = house.say(&chat, "go ahead").await;
    assert!(early["job"].is_null() && text(&early, "reply").contains("Where is the dataset?"), "{early}");
    let slow = house.say(&chat, "the data is in data/slow").await;
    assert_eq!(slow["missing"], json!([]), "{slow}");
    assert!(text(&slow, "reply").contains("data/slow is being looked at"), "{slow}");

    let planned = house.say(&chat, "use yolo11n instead").await;
    let hash = text(&planned["proposal"], "hash");
    let not_yet = house.say(&chat, "go ahead").await;
    assert!(
        not_yet["job"].is_null() && text(&not_yet, "reply").contains("cannot be trained yet"),
        "{not_yet}"
    );
    let token = house.token("acme", Role::Editor).await;
    let approve = format!("/v1/chats/{chat}/approve");
    let (status, body) = house.ask(&token, Method::POST, &approve, Some(json!({ "hash": hash }))).await;
    assert_eq!((status, text(&body["error"], "code")), (422, "model_not_trainable"), "{body}");

    let dropped = house.say(&chat, "no, forget it").await;
    assert_eq!((text(&dropped, "intent"), &dropped["proposal"]), ("reject", &Value::Null), "{dropped}");
    let (status, body) = house.ask(&token, Method::POST, &approve, Some(json!({ "hash": hash }))).await;
    assert_eq!((status, text(&body["error"], "code")), (409, "no_open_proposal"), "{body}");
}

#[tokio::test]
async fn questions_about_a_finished_job_are_answered_with_figures() {
    let house = House::new().await;
    let job = house.finished_job().await;
    let chat = house.chat().await;
    let mut answers = Vec::new();
    for said in [
        "how is job 1 doing?",
        "show the results of job 1",
        "작업 1 결과 보여줘",
        "why did job 1 stop?",
        "stop job 1",
        "predict ./a.png with model 1",
        "deploy job 1",
        "list my jobs",
        "내 작업 목록",
        "which datasets are there?",
        "recommend a model for classification",
        "how is job 99 doing?",
    ] {
        let spoken = house.say(&chat, said).await;
        answers.push(format!("> {said} [{}]\n{}", text(&spoken, "intent"), text(&spoken, "reply")));
    }
    insta::assert_snapshot!(answers.join("\n\n").replace(&job.to_string(), "<job>"));
    let row = house.job_until(job, "finished").await;
    assert_eq!(row["deployed"], true, "by the words alone: {row}");
    let again = house.say(&chat, "resume job 1").await;
    assert_eq!(again["proposal"]["hash"], row["config_hash"], "{again}");
}

#[tokio::test]
async fn the_same_key_is_the_same_request() {
    let house = House::new().await;
    let token = house.token("acme", Role::Editor).await;
    let admin = house.token("acme", Role::Admin).await;
    let send = async |token: &str, key: &str, path: &str, body: Value| {
        let request = house.request(token, Method::POST, path).header("Idempotency-Key", key);
        answer(request.json(&body)).await
    };
    let (_, chat) = send(&token, "k", "/v1/chats", json!({})).await;
    assert_eq!(chat, send(&token, "k", "/v1/chats", json!({})).await.1);
    let path = format!("/v1/chats/{}/messages", text(&chat, "id"));
    let said = |text: &str| json!({ "text": text });
    let first = send(&token, "1", &path, said("train resnet18 on data/digits")).await;
    assert_eq!(first.0, 200, "{first:?}");
    assert_eq!(first, send(&token, "1", &path, said("train resnet18 on data/digits")).await);
    let (_, approved) = send(&token, "2", &path, said("start")).await;
    let again = send(&token, "2", &path, said("start")).await.1;
    let job = |answer: &Value| text(&answer["job"], "id").to_owned();
    assert_eq!((job(&approved), &approved["sequence"]), (job(&again), &again["sequence"]), "{again}");
    assert!(!job(&approved).is_empty(), "{approved}");

    let order = json!({ "model": "resnet18", "dataset": "data/digits", "seed": 5 });
    let (status, ordered) = send(&token, "3", "/v1/jobs", order.clone()).await;
    assert_eq!(status, 201, "{ordered}");
    let again = send(&token, "3", "/v1/jobs", order).await.1;
    assert_eq!((job(&ordered), &ordered["sequence"]), (job(&again), &again["sequence"]));

    let new = json!({ "name": "ci", "role": "viewer" });
    assert_eq!(send(&admin, "4", "/v1/tokens", new.clone()).await.0, 201);
    let (status, body) = send(&admin, "4", "/v1/tokens", new).await;
    assert_eq!((status, text(&body["error"], "code")), (409, "already_issued"));
    let (status, body) = send(&token, &"k".repeat(201), "/v1/chats", json!({})).await;
    assert_eq!((status, text(&body["error"], "code")), (400, "bad_request"), "{body}");

    let kinds = until(async || {
        let events = house.get("/v1/activity?after=0&limit=200").await;
        let kinds: Vec<String> = events["events"]
            .as_array()
            .expect("events")
            .iter()
            .filter(|event| text(event, "actor").starts_with("user:editor"))
            .map(|event| text(event, "kind").to_owned())
            .collect();
        if kinds.len() >= 7 { Ok(kinds) } else { Err(kinds) }
    })
    .await;
    assert_eq!(
        kinds,
        [
            "chat.prompt_received",
            "dataset.registered",
            "chat.config_proposed",
            "chat.prompt_received",
            "chat.proposal_approved",
            "chat.config_proposed",
            "chat.proposal_approved",
        ],
        "every request once"
    );
}
