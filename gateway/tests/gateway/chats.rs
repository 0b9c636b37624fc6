//! Words to a job, in both languages, once however often they come.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use trainyard_assistant::Assistant;
use trainyard_assistant::llm::{Llm, LlmConfig, LlmLimits};
use trainyard_bus::EventLog;
use trainyard_commands::dataset::DatasetCommand;
use trainyard_commands::{Command, State};
use trainyard_door::system_clock;
use trainyard_events::chat::Interpreter;
use trainyard_events::tenant::Role;
use trainyard_events::trainer::Inspection;
use trainyard_events::{Actor, Aggregate, ChatEvent, Envelope, Event, TrainingConfig, event_id};
use uuid::Uuid;

use crate::house::{House, answer, digits, until};

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

    let expected = house.get(&format!("/v1/chats/{chat}/outlook")).await;
    assert_eq!(expected["hash"], changed["proposal"]["hash"], "{expected}");
    assert_eq!(
        (&expected["time"], &expected["waiting"]),
        (&Value::Null, &json!(0)),
        "nothing like it: {expected}"
    );

    let approved = house.say(&chat, "시작해줘").await;
    assert_eq!((text(&approved, "intent"), &approved["proposal"]), ("approve", &Value::Null), "{approved}");
    let job = text(&approved["job"], "id").to_owned();
    let token = house.token("acme", Role::Editor).await;
    let (status, none) = house.ask(&token, Method::GET, &format!("/v1/chats/{chat}/outlook"), None).await;
    assert_eq!((status, text(&none["error"], "code")), (409, "no_open_proposal"), "{none}");
    let row = house.job_until(job.parse().expect("an id"), "queued").await;
    assert_eq!(row["config_hash"], changed["proposal"]["hash"]);
    assert_eq!((&row["number"], text(&row, "chat")), (&json!(1), chat.as_str()));
    assert_eq!(house.get(&format!("/v1/jobs?chat={chat}")).await["jobs"][0]["id"], row["id"]);

    let status = house.say(&chat, "지금 어떻게 되고 있어?").await;
    assert!(text(&status, "reply").contains("작업 1(resnet18, data/digits)"), "{status}");
    let seen = house.get(&format!("/v1/chats/{chat}?wait_for={}", status["sequence"])).await;
    assert_eq!(seen["messages"].as_array().map(Vec::len), Some(10), "five turns, in order: {seen}");
    // Once more, leaning on what was approved: a new description would lean on nothing.
    let again = house.say(&chat, "에폭만 두 배로 해서 하나 더").await;
    let (before, now) = (&changed["proposal"]["config"], &again["proposal"]["config"]);
    assert_eq!(
        (&now["epochs"], &now["dataset"], &now["model"]),
        (&json!(6), &before["dataset"], &before["model"])
    );
    assert_eq!(again["missing"], json!([]), "{again}");
    let other = house.say(&chat, "yolo11n으로 사람 탐지 학습해줘").await;
    assert_eq!(other["missing"], json!(["dataset"]), "{other}");
    assert_eq!(seen["messages"][0]["text"], "resnet18로 숫자 이미지 분류 모델 만들어줘");
    let events = house.get(&format!("/v1/jobs/{job}/events?limit=1")).await;
    assert_eq!(
        (&events["events"][0]["kind"], events["next"].is_u64()),
        (&json!("job.requested"), true),
        "{events}"
    );
}

#[tokio::test]
async fn two_changes_said_at_once_both_count() {
    let house = House::new().await;
    for round in 1..=12 {
        let chat = house.chat().await;
        house.say(&chat, "train resnet18 on data/digits").await;
        let (epochs, batch) = tokio::join!(house.say(&chat, "epochs 50"), house.say(&chat, "batch size 16"));
        let open = house.get(&format!("/v1/chats/{chat}?wait_for={}", epochs["sequence"])).await;
        let now = [&epochs, &batch].into_iter().max_by_key(|said| said["sequence"].as_u64()).expect("two");
        let config = &now["proposal"]["config"];
        assert_eq!(
            (&config["epochs"], &config["batch_size"]),
            (&json!(50), &json!(16)),
            "round {round}: {open}"
        );
    }
}

#[tokio::test]
async fn many_who_talk_at_once_are_all_heard() {
    let house = House::new().await;
    let chat = house.chat().await;
    house.say(&chat, "train resnet18 on data/digits").await;
    let said = ["epochs 7", "batch size 8", "seed 9", "learning rate 0.02", "image size 64"];
    let spoken = futures::future::join_all(said.map(|said| house.say(&chat, said))).await;
    let newest = spoken.iter().max_by_key(|said| said["sequence"].as_u64()).expect("some");
    let config = &newest["proposal"]["config"];
    for (field, value) in [
        ("epochs", json!(7)),
        ("batch_size", json!(8)),
        ("seed", json!(9)),
        ("learning_rate", json!(0.02)),
        ("image_size", json!(64)),
    ] {
        assert_eq!(config[field], value, "{field}: {config}");
    }
}

#[tokio::test]
async fn an_approval_that_cannot_become_a_job_is_said_in_its_chat() {
    let house = House::new().await;
    let chat = house.chat().await;
    let proposed = house.say(&chat, "train resnet18 on data/digits").await;
    let mut config: TrainingConfig =
        serde_json::from_value(proposed["proposal"]["config"].clone()).expect("a configuration");
    config.epochs = 0;
    // As a binary with other limits may have approved it.
    let id = Uuid::new_v4();
    let envelope = Envelope {
        event_id: event_id(id),
        tenant: "acme".parse().expect("a name"),
        aggregate: Aggregate::Chat(chat.parse().expect("an id")),
        command_id: id,
        correlation_id: id,
        causation_id: None,
        actor: Actor::User("test".to_owned()),
        at: system_clock(),
        sealed: None,
        event: Event::Chat(ChatEvent::ProposalApproved {
            hash: config.hash(),
            config,
            reply: "so be it".into(),
        }),
    };
    let last = proposed["sequence"].as_u64().expect("a sequence");
    house.bus.log().append(&envelope, last).await.expect("nobody else talks");
    let said = until(async || {
        let chat = house.get(&format!("/v1/chats/{chat}?wait_for={last}")).await;
        let texts = chat["messages"].as_array().into_iter().flatten().map(|message| text(message, "text"));
        let why = texts.filter(|text| text.contains("what was approved cannot be trained")).count();
        if why == 1 { Ok(chat.clone()) } else { Err(chat.clone()) }
    })
    .await;
    assert!(said.to_string().contains("epochs: 0 is not between 1 and"), "{said}");
    assert_eq!(house.get("/v1/jobs").await["jobs"], json!([]));
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

    let planned = house.say(&chat, "use yolo11n-cls instead").await;
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
        "이 데이터에 맞는 모델 추천해줘: data/digits",
        "compare resnet18 and resnet50",
        "yolo11n 라이선스 뭐야?",
        "data/digits 살펴봐줘",
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
async fn nothing_is_done_on_a_guess_and_the_last_change_is_taken_back() {
    let house = House::new().await;
    let chat = house.chat().await;
    let first = house.say(&chat, "train resnet18 on data/digits").await["proposal"].clone();
    let changed = house.say(&chat, "batch size 16").await["proposal"].clone();
    for said in [
        "ㅎㅇ",
        "좋네",
        "would 200 epochs be too many?",
        "취소하면 체크포인트는 어떻게 돼?",
        "stop the music",
    ] {
        let spoken = house.say(&chat, said).await;
        assert_eq!(
            (&spoken["proposal"]["hash"], &spoken["job"]),
            (&changed["hash"], &Value::Null),
            "{said}: {spoken}"
        );
    }
    let back = house.say(&chat, "배치는 원래대로").await;
    assert_eq!(text(&back, "intent"), "undo", "{back}");
    assert_eq!(back["proposal"]["hash"], first["hash"], "{back}");
    let none = house.chat().await;
    let nothing = house.say(&none, "undo the last change").await;
    assert_eq!((text(&nothing, "intent"), &nothing["proposal"]), ("undo", &Value::Null), "{nothing}");
}

#[tokio::test]
async fn a_proposal_is_changed_by_its_fields() {
    let house = House::new().await;
    let token = house.token("acme", Role::Editor).await;
    let chat = house.chat().await;
    let path = format!("/v1/chats/{chat}/proposal");
    let change = async |body: Value| house.ask(&token, Method::PATCH, &path, Some(body)).await;
    let (status, none) = change(json!({ "epochs": 7 })).await;
    assert_eq!((status, text(&none["error"], "code")), (409, "no_open_proposal"), "{none}");

    house.say(&chat, "train resnet18 on data/digits with batch size 16").await;
    let (status, changed) = change(json!({ "epochs": 7, "momentum": 0.8, "patience": null })).await;
    assert_eq!(status, 200, "{changed}");
    let config = &changed["proposal"]["config"];
    let values = (&config["epochs"], &config["momentum"], &config["patience"], &config["batch_size"]);
    assert_eq!(values, (&json!(7), &json!(0.8), &Value::Null, &json!(16)), "{changed}");
    assert_eq!(changed["proposal"]["sources"]["momentum"]["from"], "said", "{changed}");
    // What no sentence states is not forgotten by the next one.
    let said = house.say(&chat, "epochs 9").await;
    let config = &said["proposal"]["config"];
    assert_eq!(
        (&config["epochs"], &config["momentum"], &config["patience"]),
        (&json!(9), &json!(0.8), &Value::Null),
        "{said}"
    );
    let (_, other) = change(json!({ "model": "yolo11n" })).await;
    assert_eq!(other["proposal"]["config"]["task"], "detect", "{other}");

    for (body, code) in [
        (json!({ "epochs": 0 }), (422, "bad_config")),
        (json!({ "epochs": "many" }), (400, "bad_request")),
        (json!({ "surprise": 1 }), (400, "bad_request")),
        (json!({ "continues": null }), (400, "bad_request")),
    ] {
        let (status, refused) = change(body.clone()).await;
        assert_eq!((status, text(&refused["error"], "code")), code, "{body}: {refused}");
    }
    let after = house.get(&format!("/v1/chats/{chat}?wait_for={}", other["sequence"])).await;
    assert_eq!(after["proposal"]["hash"], other["proposal"]["hash"], "what is refused changes nothing");
}

#[tokio::test]
async fn the_best_job_is_named_before_anything_is_done_to_it() {
    let house = House::new().await;
    let job = house.finished_job().await;
    house.queued_job().await;
    let chat = house.chat().await;
    let deployed = house.say(&chat, "제일 정확도 높은 모델 배포해줘").await;
    assert!(
        text(&deployed, "reply").starts_with("가장 좋은 작업은 1번입니다: resnet18 (정확도 98.33 %)"),
        "{deployed}"
    );
    assert_eq!(house.job_until(job, "finished").await["deployed"], true);
}

#[tokio::test]
async fn a_list_shows_the_states_that_are_named() {
    let house = House::new().await;
    house.finished_job().await;
    house.stopped_job("printed").await;
    let chat = house.chat().await;
    let mut answers = Vec::new();
    for said in [
        "which jobs failed?",
        "실패한 작업만 보여줘",
        "끝난 작업 보여줘",
        "show cancelled jobs",
        "아직 안 끝난 작업 목록",
        "목록 보여줘",
    ] {
        let spoken = house.say(&chat, said).await;
        answers.push(format!("> {said} [{}]\n{}", text(&spoken, "intent"), text(&spoken, "reply")));
    }
    insta::assert_snapshot!(answers.join("\n\n"));
}

#[tokio::test]
async fn a_question_about_a_job_is_asked_of_another_by_its_number() {
    let house = House::new().await;
    house.finished_job().await;
    house.stopped_job("printed").await;
    let chat = house.chat().await;
    house.say(&chat, "작업 1 결과 보여줘").await;
    for said in ["2번 것도 보여줘", "1번은?"] {
        let spoken = house.say(&chat, said).await;
        assert_eq!(text(&spoken, "intent"), "results", "{said}: {spoken}");
    }
    house.say(&chat, "why did job 2 stop?").await;
    let spoken = house.say(&chat, "and job 1?").await;
    assert_eq!(text(&spoken, "intent"), "explain", "{spoken}");
    assert!(text(&spoken, "reply").contains("What happened so far:"), "{spoken}");
    // A list is another matter, and a question about a thing changes nothing.
    house.say(&chat, "목록").await;
    assert_eq!(text(&house.say(&chat, "2번").await, "intent"), "status");
    let open = house.say(&chat, "resnet18로 data/digits 학습해줘").await;
    let free = house.say(&chat, "지금 gpu 놀고 있어?").await;
    assert_eq!((text(&free, "intent"), &free["proposal"]), ("unknown", &open["proposal"]), "{free}");
}

#[tokio::test]
async fn a_stopped_job_is_continued_by_a_word_or_said_why_not() {
    let house = House::new().await;
    let old = house.stopped_job("printed").await;
    let chat = house.chat().await;
    let proposed = house.say(&chat, "1번 작업 이어서 학습해줘").await;
    assert_eq!(text(&proposed, "intent"), "resume", "{proposed}");
    let reply = text(&proposed, "reply");
    assert!(reply.starts_with("작업 1을 체크포인트(1 에폭, 57 스텝)에서 이어서 학습하도록"), "{reply}");
    assert_eq!(proposed["proposal"]["config"]["continues"]["job"], json!(old), "{proposed}");

    let changed = house.say(&chat, "에폭을 9로 바꿔줘").await;
    assert!(text(&changed, "reply").starts_with("설정이 바뀌면 체크포인트에서"), "{changed}");
    assert!(changed["proposal"]["config"]["continues"].is_null(), "{changed}");
    assert_eq!(changed["proposal"]["config"]["epochs"], 9);

    // Without a number the one that has stopped is meant. What is learnt of its data meanwhile changes nothing.
    let other = house.chat().await;
    let again = house.say(&other, "resume the training").await;
    assert_eq!(again["proposal"]["hash"], proposed["proposal"]["hash"], "{again}");
    let dataset = Aggregate::dataset_at(&"acme".parse().expect("a name"), "data/digits");
    let register = DatasetCommand::Register {
        path: "data/digits".to_owned(),
        task: trainyard_events::config::Task::Classify,
        source: Default::default(),
        again: true,
    };
    house.tell("acme", dataset, Command::Dataset(register)).await.expect("it is looked at again");
    let approved = house.say(&other, "start").await;
    let job = text(&approved["job"], "id").to_owned();
    assert!(!job.is_empty(), "{approved}");
    let row = house.job_until(job.parse().expect("an id"), "queued").await;
    assert_eq!(row["config"]["continues"]["checkpoint"]["epoch"], 1, "{row}");
    let running = house.say(&other, &format!("resume job {}", row["number"])).await;
    assert!(text(&running, "reply").starts_with("It has not stopped"), "{running}");
    assert!(running["proposal"].is_null(), "{running}");
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
        if kinds.len() >= 9 { Ok(kinds) } else { Err(kinds) }
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
            "job.requested",
            "chat.config_proposed",
            "chat.proposal_approved",
            "job.requested",
        ],
        "every request once"
    );
}

/// The fleet answers for a dataset that it has not looked at.
async fn look_at(house: &House, path: &str, result: Inspection) {
    let dataset = Aggregate::dataset_at(&"acme".parse().expect("a name"), path);
    let opened = house.door.open(&"acme".parse().expect("a name"), &dataset).await.expect("the log is up");
    let State::Dataset(known) = opened.state() else { panic!("{dataset} is a dataset") };
    let record = DatasetCommand::RecordInspection {
        inspection: known.inspection,
        result,
        artifacts: Vec::new(),
        manifest: None,
    };
    house.tell("acme", dataset, Command::Dataset(record)).await.expect("it was pending");
}

#[tokio::test]
async fn a_proposal_older_than_what_is_known_of_its_data_is_renewed() {
    let house = House::new().await;
    let (chat, other) = (house.chat().await, house.chat().await);
    let first = house.say(&chat, "resnet18로 data/slow 분류 학습, 에폭 7").await;
    assert!(text(&first, "reply").contains("추천값이 바뀔 수 있고"), "{first}");
    let shown = house.say(&other, "train resnet18 on data/slow for 7 epochs").await;
    let good = Inspection::Good { profile: Box::new(digits()) };
    look_at(&house, "data/slow", good).await;

    let renewed = house.say(&chat, "시작해줘").await;
    assert!(renewed["job"].is_null(), "nothing starts that was not shown: {renewed}");
    assert!(text(&renewed, "reply").contains("제안을 새로 만들었습니다"), "{renewed}");
    assert_eq!(
        (&renewed["proposal"]["config"]["epochs"], &renewed["proposal"]["config"]["image_size"]),
        (&json!(7), &json!(16)),
        "what was said stays, what was recommended follows the data: {renewed}"
    );
    let approved = house.say(&chat, "시작해줘").await;
    let job = text(&approved["job"], "id").parse().expect("an id");
    let row = house.job_until(job, "queued").await;
    assert_eq!(row["config_hash"], renewed["proposal"]["hash"]);

    // The same by a click on the old card.
    let token = house.token("acme", Role::Editor).await;
    let approve = format!("/v1/chats/{other}/approve");
    let hash = json!({ "hash": shown["proposal"]["hash"] });
    let (status, body) = house.ask(&token, Method::POST, &approve, Some(hash)).await;
    assert_eq!((status, text(&body["error"], "code")), (409, "proposal_changed"), "{body}");
    let now = until(async || {
        let chat = house.get(&format!("/v1/chats/{other}")).await;
        if chat["proposal"]["hash"] == shown["proposal"]["hash"] { Err(chat) } else { Ok(chat) }
    })
    .await;
    let hash = json!({ "hash": now["proposal"]["hash"] });
    let (status, body) = house.ask(&token, Method::POST, &approve, Some(hash)).await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test]
async fn a_dataset_found_bad_after_the_proposal_is_said_when_it_is_approved() {
    let house = House::new().await;
    let chat = house.chat().await;
    house.say(&chat, "resnet18로 data/slow 학습해줘").await;
    let bad = Inspection::Bad {
        problem: "the folder is empty".to_owned(),
        next_step: "name a folder that holds one folder of images for each class".to_owned(),
        report: Vec::new(),
        bad_files: 0,
        because: vec![],
        advice: vec![],
    };
    look_at(&house, "data/slow", bad).await;
    let refused = house.say(&chat, "시작해줘").await;
    assert_eq!((&refused["job"], &refused["missing"]), (&Value::Null, &json!(["dataset"])), "{refused}");
    let reply = text(&refused, "reply");
    assert!(reply.contains("폴더가 비어 있습니다") && !reply.contains("empty"), "{reply}");
}

#[tokio::test]
async fn which_job_is_asked_when_several_fit() {
    let house = House::new().await;
    let (one, two) = (house.queued_job().await, house.ordered_job().await);
    let chat = house.chat().await;
    for said in ["stop it", "stop the resnet one", "cancel the training"] {
        let asked = house.say(&chat, said).await;
        let reply = text(&asked, "reply");
        assert_eq!(text(&asked, "intent"), "cancel", "{asked}");
        assert!(reply.starts_with("Which job do you mean?"), "{said}: {reply}");
        assert!(reply.contains("Job 1 (resnet18") && reply.contains("Job 2 (resnet18"), "{said}: {reply}");
    }
    let asked = house.say(&chat, "레즈넷 작업 취소해줘").await;
    assert!(text(&asked, "reply").starts_with("어느 작업인가요?"), "{asked}");
    let none = house.say(&chat, "stop the yolo11n job").await;
    assert!(text(&none, "reply").contains("no running job of yolo11n"), "{none}");

    let stopped = house.say(&chat, "작업 2 취소해줘").await;
    assert!(text(&stopped, "reply").contains("작업 2"), "{stopped}");
    house.job_until(two, "cancelled").await;
    let why = house.say(&chat, "2번 왜 멈췄어?").await;
    assert!(
        text(&why, "reply").contains("취소 요청:") && text(&why, "reply").contains("취소했습니다"),
        "{why}"
    );
    // One is left, so there is nothing to ask.
    let last = house.say(&chat, "stop the resnet one").await;
    assert!(text(&last, "reply").contains("Job 1 is told to stop"), "{last}");
    house.job_until(one, "cancelled").await;
}

#[tokio::test]
async fn a_prompt_that_no_chat_can_keep_is_refused() {
    let house = House::new().await;
    let (chat, token) = (house.chat().await, house.token("acme", Role::Editor).await);
    for said in ["train\u{0}resnet18", "resnet18 \u{1b}[31m", "\u{7f}"] {
        let path = format!("/v1/chats/{chat}/messages");
        let (status, body) = house.ask(&token, Method::POST, &path, Some(json!({ "text": said }))).await;
        assert_eq!((status, text(&body["error"], "code")), (422, "prompt_unreadable"), "{said:?}: {body}");
    }
    let lines = house.say(&chat, "resnet18로 학습해줘\n\t에폭 3").await;
    assert_eq!(lines["proposal"]["config"]["epochs"], 3, "{lines}");
}

/// Answers every question with `answer`, and counts them.
async fn language_model(answer: Value) -> (Assistant, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a port");
    let url = format!("http://{}/v1", listener.local_addr().expect("it is bound"));
    let count = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&count);
    let body =
        json!({ "choices": [{ "message": { "content": answer.to_string() }, "finish_reason": "stop" }] });
    let body = body.to_string();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            counting.fetch_add(1, Ordering::SeqCst);
            let mut request = vec![0; 64 * 1024];
            let _begun = socket.read(&mut request).await;
            let length = body.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            let _told = socket.write_all(format!("{head}{body}").as_bytes()).await;
        }
    });
    let config = LlmConfig { url, model: "tiny".into(), key: None, limits: LlmLimits::default() };
    (Assistant::Llm(Llm::new(config).expect("a good URL")), count)
}

/// A trace begins where the socket does, and everything in it leads back there.
#[tokio::test]
async fn a_prompt_is_of_when_it_came_and_what_comes_of_it_answers_it() {
    let house = House::new().await;
    let (chat, token) = (house.chat().await, house.token("acme", Role::Editor).await);
    let body = json!({ "text": "train resnet18 on data/digits" }).to_string();
    let head = format!(
        "POST /v1/chats/{chat}/messages HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let url = house.url("");
    let mut stream =
        TcpStream::connect(url.trim_start_matches("http://").trim_end_matches('/')).await.expect("a gateway");
    stream.write_all(head.as_bytes()).await.expect("the head is sent");
    // The rest of it is long on its way.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let later = system_clock();
    stream.write_all(body.as_bytes()).await.expect("the body is sent");
    let mut said = String::new();
    stream.read_to_string(&mut said).await.expect("an answer");
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    let (tenant, id) = ("acme".parse().expect("a name"), chat.parse().expect("an id"));
    let log = house.bus.log();
    let history = async |of: &Aggregate| {
        let history = log.history(&tenant, of, 0).await.expect("the log is up");
        history.into_iter().map(|recorded| recorded.envelope).collect::<Vec<_>>()
    };
    let turn = history(&Aggregate::Chat(id)).await;
    let [prompt, proposed] = &turn[..] else { panic!("{turn:?}") };
    assert!(prompt.at < later && later < proposed.at, "{} {later} {}", prompt.at, proposed.at);
    assert_eq!((prompt.causation_id, proposed.causation_id), (None, Some(prompt.event_id)));
    let looked = history(&Aggregate::dataset_at(&tenant, "data/digits")).await;
    assert_eq!(looked[0].causation_id, Some(prompt.event_id), "{looked:?}");
    // The verdict is of whoever plays the inspector here.
    for envelope in turn.iter().chain(&looked[..1]) {
        assert_eq!(envelope.correlation_id, prompt.correlation_id, "{envelope:?}");
    }
}

#[tokio::test]
async fn a_language_model_is_asked_once_for_what_the_grammar_leaves_open() {
    let mut house = House::new().await;
    let slots = json!([
        { "slot": "epochs", "value": "30", "words": "30 Runden" },
        { "slot": "dataset", "value": "/etc/shadow", "words": "dem Ding" },
    ]);
    let (assistant, asked) = language_model(json!({ "intent": "adjust", "slots": slots })).await;
    house.close().await;
    house.assistant = assistant;
    house.open().await;
    let (chat, token) = (house.chat().await, house.token("acme", Role::Editor).await);
    house.say(&chat, "train resnet18 on data/digits").await;
    assert_eq!(asked.load(Ordering::SeqCst), 0, "the grammar is sure of that");

    let path = format!("/v1/chats/{chat}/messages");
    let say = async || {
        let request = house.request(&token, Method::POST, &path).header("Idempotency-Key", "once");
        answer(request.json(&json!({ "text": "gib dem Ding 30 Runden" }))).await
    };
    let (first, again) = (say().await, say().await);
    assert_eq!(first, again);
    assert_eq!((first.0, text(&first.1, "intent")), (200, "adjust"), "{first:?}");
    let config = &first.1["proposal"]["config"];
    assert_eq!((&config["epochs"], &config["dataset"]), (&json!(30), &json!("data/digits")), "{config}");
    assert_eq!(asked.load(Ordering::SeqCst), 1, "asked again, nobody is asked");

    let id = chat.parse().expect("an id");
    let history = house.bus.log().history(&"acme".parse().expect("a name"), &Aggregate::Chat(id), 0).await;
    let newest = history.expect("the log is up").pop().expect("it was answered").envelope.event;
    let Event::Chat(ChatEvent::ConfigProposed { interpreter, .. }) = newest else { panic!("{newest:?}") };
    let Interpreter::Llm { model, prompt, answer, patch, verdict } = interpreter else {
        panic!("{interpreter:?}")
    };
    assert_eq!(
        (model.as_str(), patch),
        ("tiny", Some(json!({ "intent": "adjust", "spec": { "epochs": 30 } })))
    );
    assert!(prompt.contains("gib dem Ding") && answer.contains("/etc/shadow"), "{prompt} {answer}");
    assert!(verdict.contains("left out dataset"), "{verdict}");
}

#[tokio::test]
async fn a_language_model_that_is_no_use_is_said_in_the_users_language() {
    let mut house = House::new().await;
    let (assistant, _) = language_model(json!({ "intent": "approve", "slots": [] })).await;
    house.close().await;
    house.assistant = assistant;
    house.open().await;
    let chat = house.chat().await;
    let open = house.say(&chat, "train resnet18 on data/digits").await;
    let odd = house.say(&chat, "거시기 그것을 30 바쿠 굴리라우").await;
    assert!(text(&odd, "reply").starts_with("언어 모델의 답을 쓸 수 없어서"), "{odd}");
    let config = |said: &Value| said["proposal"]["config"].clone();
    assert_eq!((config(&odd), &odd["job"]), (config(&open), &Value::Null), "{odd}");
}
