//! Jobs without words, their artifacts, and their models behind an endpoint.

use bytes::Bytes;
use futures::StreamExt;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use trainyard_api::certificate::Statement;
use trainyard_commands::Command;
use trainyard_commands::job::JobCommand;
use trainyard_events::prediction::{PredictAnswer, PredictRefusal, Prediction};
use trainyard_events::reason::{Contents, Flaw, Reason};
use trainyard_events::results::{Artifact, CheckpointRef};
use trainyard_events::tenant::Role;
use trainyard_events::trainer::{StepMeasurement, Telemetry};
use trainyard_events::{Aggregate, ConsoleLines, JobEvent};
use uuid::Uuid;

use crate::house::{House, WORKER, answer, until, worker};

#[tokio::test]
async fn orders_are_checked_before_anything_is_written() {
    let house = House::new().await;
    let token = house.token("acme", Role::Editor).await;
    for (order, status, code) in [
        (json!({ "model": "resnet18" }), 422, "proposal_incomplete"),
        (json!({ "model": "resnet19000", "dataset": "d" }), 422, "bad_config"),
        (json!({ "model": "yolo11n-cls", "dataset": "d" }), 422, "model_not_trainable"),
        (json!({ "model": "resnet18", "dataset": "d", "epochs": 0 }), 422, "bad_config"),
        (json!({ "model": "resnet18", "dataset": "d", "surprise": 1 }), 400, "bad_request"),
        (json!([1]), 400, "bad_request"),
    ] {
        let answered = house.ask(&token, Method::POST, "/v1/jobs", Some(order.clone())).await;
        assert_eq!(
            (answered.0, &answered.1["error"]["code"]),
            (status, &json!(code)),
            "{order}: {answered:?}"
        );
    }
    let events = house.get("/v1/activity").await;
    let written = events["events"].as_array().expect("events").iter();
    assert!(
        written.clone().all(|event| event["kind"].as_str().unwrap_or_default().starts_with("tenant.")),
        "{events}"
    );
}

#[tokio::test]
async fn jobs_are_listed_filtered_and_cancelled() {
    let house = House::new().await;
    let id = house.queued_job().await;
    let made = house.post("/v1/jobs", json!({ "model": "resnet34", "dataset": "data/slow" })).await;
    assert_eq!(made["proposal"]["config"]["model"], "resnet34", "{made}");
    assert_eq!(made["job"]["number"], 2, "{made}");
    let numbers = async |query: &str| {
        let listed = house.get(&format!("/v1/jobs?{query}")).await;
        let rows = listed["jobs"]
            .as_array()
            .expect("jobs")
            .iter()
            .map(|row| row["number"].as_u64())
            .collect::<Vec<_>>();
        (rows, listed["next"].as_u64())
    };
    assert_eq!(numbers("").await, (vec![Some(2), Some(1)], None));
    assert_eq!(numbers("limit=1").await, (vec![Some(2)], Some(2)));
    assert_eq!(numbers("limit=1&before=2").await, (vec![Some(1)], None));
    assert_eq!(numbers("status=queued,training").await, (vec![Some(1)], None));
    assert_eq!(numbers("q=resnet34").await, (vec![Some(2)], None));
    assert_eq!(numbers(&format!("chat={}", Uuid::new_v4())).await, (Vec::new(), None));
    assert_eq!(house.get("/v1/jobs/1").await["job"]["id"], json!(id));
    let token = house.token("acme", Role::Editor).await;
    for bad in ["/v1/jobs?status=asleep", "/v1/jobs?surprise=1", "/v1/jobs?wait_for=soon"] {
        assert_eq!(house.ask(&token, Method::GET, bad, None).await.0, 400, "{bad}");
    }

    let cancel = format!("/v1/jobs/{id}/cancel");
    assert_eq!(house.ask(&token, Method::POST, &cancel, Some(json!({}))).await.0, 202);
    house.job_until(id, "cancelled").await;
    let (status, again) = house.ask(&token, Method::POST, &cancel, Some(json!({}))).await;
    assert_eq!((status, &again["sequence"]), (202, &Value::Null), "already so: {again}");
    assert_eq!(house.ask(&token, Method::POST, "/v1/jobs/99/cancel", Some(json!({}))).await.0, 404);
}

#[tokio::test]
async fn what_people_say_of_a_job_is_kept_also_after_its_end() {
    let house = House::new().await;
    let job = house.finished_job().await;
    let token = house.token("acme", Role::Editor).await;
    let path = format!("/v1/jobs/{job}");
    let patch = async |body: Value| house.ask(&token, Method::PATCH, &path, Some(body)).await;
    let said =
        json!({ "title": "first try", "tags": ["baseline", "3호기"], "note": "Smaller\nimages next." });
    let (status, changed) = patch(said.clone()).await;
    assert_eq!((status, &changed["job"]["number"]), (200, &json!(1)), "{changed}");
    let sequence = changed["sequence"].as_u64().expect("an event");
    let row = house.get(&format!("/v1/jobs/1?wait_for={sequence}")).await["job"].take();
    let mut whole = said.clone();
    whole["archived"] = json!(false);
    assert_eq!((&row["annotation"], &row["status"]), (&whole, &json!("finished")));
    assert!(row["owner"].is_string(), "whoever approved it: {}", row["owner"]);
    assert_eq!(patch(said).await, (200, json!({ "job": changed["job"], "sequence": null })), "already so");
    let (_, changed) = patch(json!({ "archived": true })).await;
    let sequence = changed["sequence"].as_u64().expect("an event");
    let count = async |query: &str| {
        let listed = house.get(&format!("/v1/jobs?{query}&wait_for={sequence}")).await;
        listed["jobs"].as_array().map(Vec::len)
    };
    assert_eq!(count("archived=false").await, Some(0));
    assert_eq!(
        (count("tag=baseline").await, count("q=first").await, count("sort=-title").await),
        (Some(1), Some(1), Some(1))
    );

    for bad in [
        json!({ "title": "x".repeat(81) }),
        json!({ "tags": ["two words"] }),
        json!({ "tags": (0..21).map(|tag| tag.to_string()).collect::<Vec<_>>() }),
        json!({ "note": "x".repeat(4_001) }),
    ] {
        let (status, refused) = patch(bad).await;
        assert_eq!((status, &refused["error"]["code"]), (422, &json!("bad_annotation")), "{refused}");
    }
    assert_eq!(patch(json!({ "name": "x" })).await.0, 400);
    let viewer = house.token("acme", Role::Viewer).await;
    assert_eq!(house.ask(&viewer, Method::PATCH, &path, Some(json!({ "title": "x" }))).await.0, 403);
    assert_eq!(house.ask(&token, Method::PATCH, "/v1/jobs/99", Some(json!({}))).await.0, 404);
}

#[tokio::test]
async fn a_conversation_is_called_something_and_put_away() {
    let house = House::new().await;
    let chat = house.chat().await;
    let token = house.token("acme", Role::Editor).await;
    let path = format!("/v1/chats/{chat}");
    let patch = async |body: Value| house.ask(&token, Method::PATCH, &path, Some(body)).await;
    assert_eq!(patch(json!({ "title": "x" })).await.0, 404, "nothing has been said in it");
    house.say(&chat, "help").await;
    let (status, changed) = patch(json!({ "title": "line 3", "archived": true })).await;
    assert_eq!(status, 200, "{changed}");
    let (sequence, titles) = (changed["sequence"].as_u64().expect("an event"), async |query: String| {
        let listed = house.get(&format!("/v1/chats?{query}")).await;
        listed["chats"].as_array().map(|rows| rows.iter().map(|row| row["title"].clone()).collect::<Vec<_>>())
    });
    assert_eq!(titles(format!("q=help&wait_for={sequence}")).await, Some(vec![json!("line 3")]));
    assert_eq!(titles("archived=false".to_owned()).await, Some(vec![]));
    assert_eq!(patch(json!({ "title": "two\nlines" })).await.1["error"]["code"], "bad_annotation");
}

#[tokio::test]
async fn a_job_says_what_it_waits_for_and_that_nobody_dispatches() {
    let mut house = House::without_worker(|_| {}).await;
    let first = house.ordered_job().await;
    let second = house.ordered_job().await;
    let said = async |house: &House, part: &str| {
        until(async || {
            let waits = house.get(&format!("/v1/jobs/{second}")).await["job"]["waiting_reason"].take();
            if waits.as_str().unwrap_or_default().contains(part) { Ok(()) } else { Err(waits) }
        })
        .await;
    };
    said(&house, "no worker is up that could take it; 1 job was asked for earlier").await;
    house.hire(worker(WORKER, vec![first])).await;
    house.job_until(first, "queued").await;
    said(&house, "the one slot of the cpu pool is taken; it is the next of its tenant").await;
    house.dispatcher.abort();
    house.hire(worker(WORKER, vec![])).await;
    said(&house, "no dispatcher is up").await;
    let chat = house.chat().await;
    let answer = house.say(&chat, "how is job 2?").await;
    assert!(answer["reply"].as_str().unwrap_or_default().contains("no dispatcher is up"), "{answer}");
}

#[tokio::test]
async fn artifacts_come_from_the_store_as_they_are() {
    let house = House::new().await;
    let job = house.finished_job().await;
    let listed = house.get("/v1/jobs/1/artifacts").await;
    let weights = &listed["artifacts"][0];
    assert_eq!((&weights["role"], &weights["bytes"]), (&json!("weights"), &json!(18)), "{listed}");
    let token = house.token("acme", Role::Viewer).await;
    let path = weights["url"].as_str().expect("a url").to_owned();
    assert!(path.starts_with(&format!("/v1/jobs/{job}/artifacts/weights")), "{path}");
    let response = house.request(&token, Method::GET, &path).send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["x-trainyard-sha256"], weights["sha256"].as_str().expect("a hash"));
    assert_eq!(response.headers()["content-type"], "application/octet-stream");
    assert_eq!(response.headers()["content-length"], "18");
    assert_eq!(response.bytes().await.expect("a body"), Bytes::from_static(b"not really weights"));
    let report = house.get("/v1/jobs/1/artifacts/report").await;
    assert_eq!(report["classes"][0]["name"], "0");
    let (status, _) = house.ask(&token, Method::GET, "/v1/jobs/1/artifacts/pr_curve", None).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn an_artifact_that_is_not_what_the_log_says_does_not_arrive() {
    let house = House::new().await;
    let job = house.finished_job().await;
    let token = house.token("acme", Role::Viewer).await;
    for object in house.store.list(&format!("jobs/{job}/"), None).await.expect("a page").objects {
        let forged = vec![b'x'; usize::try_from(object.bytes).expect("it is small")];
        house.store.put_bytes(&object.key, forged.into()).await.expect("whoever has the keys may");
    }
    for role in ["weights", "report"] {
        let path = format!("/v1/jobs/{job}/artifacts/{role}");
        let arrived = match house.request(&token, Method::GET, &path).send().await {
            Ok(response) => response.bytes().await,
            Err(error) => Err(error),
        };
        assert!(arrived.is_err(), "the {role} came to an end: {arrived:?}");
    }
}

#[tokio::test]
async fn a_model_answers_only_when_it_is_deployed_and_somebody_is_there() {
    let house = House::new().await;
    let job = house.finished_job().await;
    let queued = house.queued_job().await;
    let token = house.token("acme", Role::Viewer).await;
    let predict = async |job: &str, field: &'static str, image: Vec<u8>| {
        let form = Form::new().text("note", "first").part(field, Part::bytes(image).file_name("a.png"));
        let request = house.request(&token, Method::POST, &format!("/inference/{job}/predict"));
        let (status, body) = answer(request.multipart(form)).await;
        (status, body["error"]["code"].as_str().unwrap_or_default().to_owned(), body)
    };
    let image = || b"an image".to_vec();
    let code = |(status, code, _): (u16, String, Value)| (status, code);
    let is = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(code(predict(&Uuid::new_v4().to_string(), "image", image()).await), is(404, "not_found"));
    assert_eq!(code(predict(&queued.to_string(), "image", image()).await), is(409, "job_not_finished"));
    let early = predict("1", "image", image()).await;
    assert!(
        early.2["error"]["next_step"].as_str().unwrap_or_default().contains("/v1/jobs/1/deploy"),
        "{early:?}"
    );
    assert_eq!(code(early), is(409, "not_deployed"));

    let deployed = house.post("/v1/jobs/1/deploy", json!({})).await;
    assert_eq!(deployed["endpoint"]["url"], format!("/inference/{job}/predict"), "{deployed}");
    assert_eq!(code(predict("1", "image", image()).await), is(503, "no_predictor"));
    assert_eq!(code(predict("1", "picture", image()).await), is(400, "no_image"));
    assert_eq!(code(predict("1", "image", Vec::new()).await), is(400, "no_image"));
    assert_eq!(code(predict("1", "image", vec![0; (8 << 20) + 1]).await), is(413, "too_large"));
    assert_eq!(code(predict("1", "image", vec![0; 17 << 20]).await), is(413, "too_large"));
    let path = "/inference/1/predict";
    for (asked, refusal) in [(json!({}), "bad_request"), (json!({ "images": [] }), "no_image")] {
        let (status, body) = house.ask(&token, Method::POST, path, Some(asked)).await;
        assert_eq!((status, &body["error"]["code"]), (400, &json!(refusal)), "{body}");
    }

    let mut calls = house.bus.predictors().serve(CancellationToken::new()).await.expect("a predictor");
    tokio::spawn(async move {
        while let Some(call) = calls.next().await {
            let seen = match call.image.as_ref() {
                b"an image" => Ok(PredictAnswer {
                    predictions: vec![Prediction::of("7", 0.75)],
                    width: 8,
                    height: 9,
                    milliseconds: 1.5,
                    batch: 1,
                    anomaly: None,
                }),
                b"busy" => Err(PredictRefusal::busy("32 images wait already; try again in a moment")),
                _ => Err(PredictRefusal::BadImage {
                    message: "the image is not an image: it holds text".into(),
                    flaws: vec![Flaw::NotAnImage { holds: Contents::Text }],
                }),
            };
            call.answer(seen).await.expect("the bus is up");
        }
    });
    // The subscription of the new predictor reaches the server before the next question on the same connection.
    let answered = predict(&job.to_string(), "image", image()).await;
    insta::assert_json_snapshot!(answered.2, @r#"
    {
      "height": 9,
      "milliseconds": 1.5,
      "predictions": [
        {
          "bbox": null,
          "class": "7",
          "confidence": 0.75
        }
      ],
      "width": 8
    }
    "#);
    assert_eq!(code(predict("1", "image", b"text".to_vec()).await), is(400, "bad_image"));
    assert_eq!(code(predict("1", "image", b"busy".to_vec()).await), is(503, "predictor_busy"));
    several_images(&house, &token).await;
    let editor = house.token("acme", Role::Editor).await;
    assert_eq!(house.ask(&editor, Method::DELETE, "/v1/jobs/1/deploy", None).await.0, 200);
    assert_eq!(code(predict("1", "image", image()).await), is(409, "not_deployed"));
    assert_eq!(house.ask(&editor, Method::DELETE, "/v1/jobs/1/deploy", None).await.0, 409);
}

/// Each is answered in its place, whatever the others are.
async fn several_images(house: &House, token: &str) {
    let path = "/inference/1/predict";
    let seen = |results: &Value, at: usize| results["results"][at]["predictions"][0]["class"].clone();
    let problem = |results: &Value, at: usize| results["results"][at]["error"]["code"].clone();
    let form = [&b"an image"[..], b"text", b"", b"an image"]
        .into_iter()
        .fold(Form::new(), |form, image| form.part("image", Part::bytes(image.to_vec()).file_name("a.png")));
    let (status, results) = answer(house.request(token, Method::POST, path).multipart(form)).await;
    assert_eq!((status, results["results"].as_array().map(Vec::len)), (200, Some(4)), "{results}");
    assert_eq!((seen(&results, 0), seen(&results, 3)), (json!("7"), json!("7")), "{results}");
    assert_eq!(
        (problem(&results, 1), problem(&results, 2)),
        (json!("bad_image"), json!("no_image")),
        "{results}"
    );

    let json = json!({ "images": ["YW4gaW1hZ2U=", "?"] });
    let (status, results) = house.ask(token, Method::POST, path, Some(json)).await;
    assert_eq!(
        (status, seen(&results, 0), problem(&results, 1)),
        (200, json!("7"), json!("bad_image")),
        "{results}"
    );

    let many = json!({ "images": vec!["YW4gaW1hZ2U="; 33] });
    let (status, refused) = house.ask(token, Method::POST, path, Some(many)).await;
    assert_eq!((status, &refused["error"]["code"]), (413, &json!("too_large")), "{refused}");
    // What is nobody's image's fault is said once.
    let busy = json!({ "images": ["YW4gaW1hZ2U=", "YnVzeQ=="] });
    let (status, refused) = house.ask(token, Method::POST, path, Some(busy)).await;
    assert_eq!((status, &refused["error"]["code"]), (503, &json!("predictor_busy")), "{refused}");
}

#[tokio::test]
async fn a_history_is_read_page_by_page() {
    let house = House::new().await;
    let job = house.finished_job().await;
    house.post("/v1/jobs/1/deploy", json!({})).await;
    let whole = until(async || {
        let found = house.get(&format!("/v1/jobs/{job}/events")).await;
        let events = found["events"].as_array().expect("events").clone();
        let last = events.last().map(|event| event["kind"].clone());
        if last == Some(json!("endpoint.deployed")) { Ok(events) } else { Err(found) }
    })
    .await;
    assert!(whole.is_sorted_by_key(|event| event["sequence"].as_u64()), "{whole:?}");
    let (mut paged, mut after) = (Vec::new(), Some(0));
    while let Some(from) = after {
        let page = house.get(&format!("/v1/jobs/{job}/events?after={from}&limit=2")).await;
        let events = page["events"].as_array().expect("events");
        assert!((1..=2).contains(&events.len()), "{page}");
        paged.extend(events.iter().cloned());
        after = page["next"].as_u64();
    }
    assert_eq!(paged, whole);
}

#[tokio::test]
async fn steps_are_told_as_curves_of_any_width() {
    let house = House::new().await;
    let job = house.queued_job().await;
    let tenant = "acme".parse().expect("a name");
    for step in 1..=40_u32 {
        let losses = [("loss".to_owned(), if step == 17 { 99.0 } else { f64::from(step) })].into();
        let step = StepMeasurement {
            epoch: 1,
            step: u64::from(step),
            steps: 400,
            losses,
            learning_rate: 0.01,
            images_per_second: 100.0,
            data_wait_ms: 0.1,
            gpu_mib: None,
            memory_mib: None,
        };
        house
            .bus
            .telemetry()
            .publish(&tenant, job, &Telemetry { token: 1, step })
            .await
            .expect("the bus is up");
    }
    let told = async |query: &str| house.get(&format!("/v1/jobs/1/telemetry?{query}")).await;
    let rows = told("limit=5").await;
    assert_eq!(rows["telemetry"].as_array().map(Vec::len), Some(5), "{rows}");
    let all = told("points=1000").await;
    assert_eq!((&all["thinned"], &all["measurements"]), (&json!(false), &json!(40)), "{all}");
    assert_eq!(all["curves"]["loss:loss"]["steps"].as_array().map(Vec::len), Some(40));
    let few = told("points=8").await;
    let loss = few["curves"]["loss:loss"]["values"].as_array().expect("values");
    assert!(few["thinned"] == true && loss.len() <= 8 && loss.contains(&json!(99.0)), "{few}");
    let some = told("points=8&from=16&to=18").await;
    assert_eq!(some["curves"]["loss:loss"], json!({ "steps": [16, 17, 18], "values": [16.0, 99.0, 18.0] }));
    let catalog = house.get("/v1/models?task=classify").await;
    let models = catalog["models"].as_array().expect("models");
    assert!(!models.is_empty() && models.iter().all(|model| model.get("aliases").is_none()));
}

#[tokio::test]
async fn a_console_is_read_while_the_job_runs_and_after_its_end() {
    let house = House::new().await;
    let job = house.queued_job().await;
    let console = async |query: &str| house.get(&format!("/v1/jobs/1/console{query}")).await;
    let nothing = json!({ "from": "telemetry", "token": null, "run": null, "lines": [] });
    assert_eq!(console("").await, nothing);
    let token = house.start(job).await;
    let tenant = "acme".parse().expect("a name");
    let say = async |token: u64, run: u128, first: u64, lines: &[&str], all: bool| {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        let lines = ConsoleLines { token, run: Uuid::from_u128(run), first, lines };
        house.bus.telemetry().publish_console(&tenant, job, &lines, all).await.expect("the bus is up");
    };
    let text = |told: &Value| {
        let lines = told["lines"].as_array().expect("lines").iter();
        let lines = lines.map(|line| format!("{} {}", line["number"], line["text"].as_str().unwrap_or("?")));
        lines.collect::<Vec<_>>().join(", ")
    };
    say(token, 1, 1, &["one", "<script>alert(1)</script>"], true).await;
    say(token, 1, 9, &["nine"], false).await;
    let told = console("").await;
    assert_eq!(text(&told), "1 one, 2 <script>alert(1)</script>, 9 nine", "{told}");
    assert_eq!((&told["token"], &told["from"]), (&json!(token), &json!("telemetry")));
    assert_eq!(text(&console("?limit=1").await), "9 nine");
    say(token, 2, 1, &["one", "two"], true).await;
    assert_eq!(text(&console("").await), "1 one, 2 two", "an agent that was started again tells it anew");
    say(token - 1, 1, 1, &["a zombie"], true).await;
    assert_eq!(text(&console("").await), "1 one, 2 two");

    let stranger = house.token("other", Role::Editor).await;
    let path = format!("/v1/jobs/{job}/console");
    assert_eq!(house.ask(&stranger, Method::GET, &path, None).await.0, 404);
    let ask = |command| house.tell("acme", Aggregate::Job(job), Command::Job(command));
    ask(JobCommand::RequestCancel { because: vec![Reason::said("enough")] }).await;
    ask(JobCommand::Report(Box::new(JobEvent::Cancelled { token: Some(token), console: None }))).await;
    house.job_until(job, "cancelled").await;
    assert_eq!(text(&console("").await), "1 one, 2 two", "it has left no file");

    let long: String =
        (1..=9_000).map(|number| format!("\u{1b}[1mline {number} {}\u{1b}[0m\n", "x".repeat(90))).collect();
    let stopped = house.stopped_job(&long).await;
    let told = house.get(&format!("/v1/jobs/{stopped}/console")).await;
    let lines = told["lines"].as_array().expect("lines");
    assert_eq!((lines.len(), &told["from"]), (2_000, &json!("artifact")));
    assert_eq!(lines[1_999]["text"], format!("line 9000 {}", "x".repeat(90)));
    assert_eq!(lines[0]["text"], format!("line 7001 {}", "x".repeat(90)));
    let listed = house.get(&format!("/v1/jobs/{stopped}/artifacts")).await;
    assert_eq!(listed["artifacts"][0]["name"], "console.log", "{listed}");
    let file = house.get(&format!("/v1/jobs/{stopped}/artifacts/console")).await;
    assert_eq!(file.as_str(), Some(long.as_str()), "all of it");
}

#[tokio::test]
async fn a_stopped_job_goes_on_as_a_new_one() {
    let house = House::new().await;
    let editor = house.token("acme", Role::Editor).await;
    let resume = async |token: &str, job: &str| {
        house.ask(token, Method::POST, &format!("/v1/jobs/{job}/resume"), Some(json!({}))).await
    };
    let old = house.stopped_job("printed").await;
    let stranger = house.token("other", Role::Editor).await;
    assert_eq!(resume(&stranger, &old.to_string()).await.0, 404);
    let viewer = house.token("acme", Role::Viewer).await;
    assert_eq!(resume(&viewer, "1").await.0, 403);
    let own = json!({ "continues": { "job": old } });
    let order = json!({ "model": "resnet18", "dataset": "data/digits", "continues": own["continues"] });
    let (status, refused) = house.ask(&editor, Method::POST, "/v1/jobs", Some(order)).await;
    assert_eq!((status, &refused["error"]["code"]), (400, &json!("bad_request")), "{refused}");

    let (status, made) = resume(&editor, "1").await;
    assert_eq!(status, 201, "{made}");
    let new: Uuid = made["job"]["id"].as_str().expect("an id").parse().expect("a UUID");
    let row = house.job_until(new, "queued").await;
    let from = &row["config"]["continues"];
    assert_eq!((&from["job"], &from["checkpoint"]["step"]), (&json!(old), &json!(57)), "{row}");
    assert_eq!((&from["best_epoch"], &from["best"]), (&json!(1), &json!({ "accuracy": 0.9 })), "{row}");
    assert_eq!(
        (&row["epochs_done"], &row["progress"], &row["best_epoch"]),
        (&json!(1), &json!(0.5), &json!(1))
    );
    assert_eq!(row["config_hash"], made["proposal"]["hash"], "approved as it is");
    let said = house.get(&format!("/v1/chats/{}", row["chat"].as_str().expect("a chat"))).await;
    let words = said["messages"][0]["text"].as_str().unwrap_or_default();
    assert!(
        words.starts_with("I propose to go on with job 1 from its checkpoint (epoch 1, step 57)"),
        "{words}"
    );

    let (status, running) = resume(&editor, &new.to_string()).await;
    assert_eq!((status, &running["error"]["code"]), (409, &json!("job_still_runs")), "{running}");
    // It stops before it has come any further: the next one begins where it did.
    house.post(&format!("/v1/jobs/{new}/cancel"), json!({})).await;
    house.job_until(new, "cancelled").await;
    let (_, third) = resume(&editor, &new.to_string()).await;
    assert_eq!(third["proposal"]["config"]["continues"]["job"], json!(old), "{third}");
    assert_eq!(third["proposal"]["hash"], made["proposal"]["hash"]);
    house.post(&format!("/v1/jobs/{}/cancel", third["job"]["id"].as_str().expect("an id")), json!({})).await;

    let early = house.ordered_job().await;
    house.post(&format!("/v1/jobs/{early}/cancel"), json!({})).await;
    house.job_until(early, "cancelled").await;
    let (status, none) = resume(&editor, &early.to_string()).await;
    assert_eq!((status, &none["error"]["code"]), (409, &json!("no_checkpoint")), "{none}");
    let finished = house.finished_job().await;
    let (status, done) = resume(&editor, &finished.to_string()).await;
    assert_eq!((status, &done["error"]["code"]), (409, &json!("job_finished")), "{done}");
}

#[tokio::test]
async fn a_job_is_forked_at_any_checkpoint_that_is_kept_with_what_may_be_changed() {
    let house = House::new().await;
    let editor = house.token("acme", Role::Editor).await;
    let fork = async |job: &str, body: Value| {
        house.ask(&editor, Method::POST, &format!("/v1/jobs/{job}/fork"), Some(body)).await
    };
    // Of a job that still runs; of the three checkpoints one is not in the store.
    let id = house.queued_job().await;
    let token = house.start(id).await;
    let report =
        |event| house.tell("acme", Aggregate::Job(id), Command::Job(JobCommand::Report(Box::new(event))));
    for (epoch, step, content) in [(1, 19, Some("one")), (1, 25, None), (2, 38, Some("two"))] {
        let name = format!("checkpoint-{step}.safetensors");
        let artifact = match content {
            Some(content) => house.stored(id, token, "checkpoint", &name, content.as_bytes()).await,
            None => Artifact {
                role: "checkpoint".to_owned(),
                key: format!("jobs/{id}/{token}/{name}"),
                sha256: "0".repeat(64),
                bytes: 9,
            },
        };
        let checkpoint = CheckpointRef { epoch, step, artifact };
        report(JobEvent::CheckpointCommitted { token, checkpoint }).await;
    }
    let listed = house.get("/v1/jobs/1/checkpoints").await;
    let places = json!([{ "epoch": 2, "step": 38, "bytes": 3 }, { "epoch": 1, "step": 19, "bytes": 3 }]);
    assert_eq!(listed["checkpoints"], places, "{listed}");

    let row = house.get("/v1/jobs/1").await["job"].clone();
    let (epochs, was) = (row["config"]["epochs"].as_u64().expect("epochs"), row["config_hash"].clone());
    let (status, same) = fork("1", json!({ "epoch": 1 })).await;
    assert_eq!(status, 201, "{same}");
    let continues = &same["proposal"]["config"]["continues"];
    assert_eq!(
        (&continues["checkpoint"]["step"], &continues["trained_as"]),
        (&json!(19), &Value::Null),
        "{same}"
    );
    let set = json!({ "learning_rate": 0.0025, "epochs": epochs + 5, "mixup": 0.2 });
    let (status, other) = fork("1", json!({ "step": 38, "set": set })).await;
    assert_eq!(status, 201, "{other}");
    let config = &other["proposal"]["config"];
    assert_eq!(config["continues"]["trained_as"], was, "the checkpoint is of these values");
    assert_eq!((&config["learning_rate"], &config["options"]["mixup"]), (&json!(0.0025), &json!(0.2)));
    // A fork of a fork that has come no further begins at the same place, and says what that was trained as.
    let new = other["job"]["id"].as_str().expect("an id");
    let (_, again) = fork(new, json!({ "set": { "learning_rate": 0.001 } })).await;
    assert_eq!(again["proposal"]["config"]["continues"], config["continues"], "{again}");
    let (_, back) = fork(new, json!({ "set": { "learning_rate": row["config"]["learning_rate"], "epochs": epochs, "mixup": null } })).await;
    assert_eq!(back["error"]["code"], "bad_config", "null is no value of an option: {back}");

    for (body, status, code, words) in [
        (json!({ "epoch": 7 }), 409, "no_checkpoint", "epoch 2 (step 38), epoch 1 (step 19)"),
        (json!({ "step": 25 }), 409, "no_checkpoint", "epoch 2 (step 38)"),
        (json!({ "epoch": 1, "step": 38 }), 409, "no_checkpoint", "epoch 2 (step 38)"),
        (json!({ "set": { "model": "resnet34" } }), 422, "bad_config", "model stays resnet18"),
        (json!({ "set": { "classes": ["a", "b"] } }), 422, "bad_config", "classes stays []"),
        (json!({ "set": { "epochs": 1 } }), 422, "bad_config", "no place within 1 epochs"),
        (json!({ "set": { "epochs": 2 } }), 422, "bad_config", "comes after epoch 2"),
        (json!({ "set": { "seed": 8 } }), 422, "bad_config", "seed stays"),
        (json!({ "set": { "precision": "bf16" } }), 422, "bad_config", "precision stays auto"),
        (json!({ "set": { "learning_rate": -1 } }), 422, "bad_config", "learning_rate"),
        (json!({ "set": { "surprise": 1 } }), 400, "bad_request", "surprise"),
        (json!({ "set": { "continues": null } }), 400, "bad_request", "continues"),
    ] {
        let (found, refused) = fork("1", body.clone()).await;
        assert_eq!((found, &refused["error"]["code"]), (status, &json!(code)), "{body}: {refused}");
        let message = refused["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(words), "{body}: {message}");
    }
    let viewer = house.token("acme", Role::Viewer).await;
    assert_eq!(house.ask(&viewer, Method::POST, "/v1/jobs/1/fork", Some(json!({}))).await.0, 403);
    let early = house.ordered_job().await;
    let (status, none) = fork(&early.to_string(), json!({})).await;
    assert_eq!((status, &none["error"]["code"]), (409, &json!("no_checkpoint")), "{none}");
}

#[tokio::test]
async fn a_checkpoint_that_is_gone_is_said_so() {
    let house = House::new().await;
    let id = house.queued_job().await;
    let token = house.start(id).await;
    let artifact = Artifact {
        role: "checkpoint".to_owned(),
        key: format!("jobs/{id}/{token}/checkpoint-9.safetensors"),
        sha256: "0".repeat(64),
        bytes: 9,
    };
    let job = |command| house.tell("acme", Aggregate::Job(id), Command::Job(command));
    let checkpoint = CheckpointRef { epoch: 1, step: 9, artifact };
    job(JobCommand::Report(Box::new(JobEvent::CheckpointCommitted { token, checkpoint }))).await;
    job(JobCommand::RequestCancel { because: vec![Reason::said("enough")] }).await;
    job(JobCommand::Report(Box::new(JobEvent::Cancelled { token: Some(token), console: None }))).await;
    house.job_until(id, "cancelled").await;
    let editor = house.token("acme", Role::Editor).await;
    let (status, gone) = house.ask(&editor, Method::POST, "/v1/jobs/1/resume", Some(json!({}))).await;
    assert_eq!((status, &gone["error"]["code"]), (410, &json!("checkpoint_gone")), "{gone}");
}

#[tokio::test]
async fn an_order_is_explained_in_the_language_of_who_asks() {
    let house = House::new().await;
    let token = house.token("acme", Role::Editor).await;
    for (language, expected) in [("ko-KR,ko;q=0.9", "말씀하신 값"), ("en", "as you said")] {
        let order = json!({ "model": "resnet18", "dataset": "data/digits" });
        let request = house.request(&token, Method::POST, "/v1/jobs").header("accept-language", language);
        let (status, ordered) = answer(request.json(&order)).await;
        assert_eq!(status, 201, "{ordered}");
        let chats = house.get(&format!("/v1/chats?limit=1&wait_for={}", ordered["sequence"])).await;
        let chat = house.get(&format!("/v1/chats/{}", chats["chats"][0]["id"].as_str().unwrap())).await;
        let said = chat["messages"][0]["text"].as_str().unwrap();
        assert!(said.contains(expected), "{chat}");
    }
}

#[tokio::test]
async fn a_finished_job_has_a_certificate_that_the_platform_stands_for() {
    let house = House::new().await;
    let id = house.finished_job().await;
    let given = house.get(&format!("/v1/jobs/{id}/certificate")).await;
    let key = house.get("/v1/certificates/key").await;
    assert_eq!(given["key"], key["key"]);
    let bytes = |value: &Value| hex::decode(value.as_str().expect("hex")).expect("hex");
    let signed = given["statement"].to_string();
    let public = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, bytes(&given["key"]));
    public.verify(signed.as_bytes(), &bytes(&given["signature"])).expect("its own signature");
    assert!(
        public.verify(signed.replace("0.9833", "0.9834").as_bytes(), &bytes(&given["signature"])).is_err()
    );
    let statement: Statement = serde_json::from_value(given["statement"].clone()).expect("a statement");
    assert_eq!(statement.check(), Ok(()));
    assert_eq!((statement.epochs.len(), statement.best_epoch), (2, 2));
    assert_eq!((statement.job, statement.dataset.manifest.as_str()), (id, "d".repeat(64).as_str()));
    let early = house.ordered_job().await;
    let token = house.token("acme", Role::Editor).await;
    let asked = house.ask(&token, Method::GET, &format!("/v1/jobs/{early}/certificate"), None).await;
    assert_eq!((asked.0, &asked.1["error"]["code"]), (409, &json!("job_not_finished")), "{asked:?}");
    let stranger = house.token("other", Role::Editor).await;
    assert_eq!(house.ask(&stranger, Method::GET, &format!("/v1/jobs/{id}/certificate"), None).await.0, 404);
}
