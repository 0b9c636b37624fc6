//! The whole road on real processes: words to a trained model behind an endpoint, and what may go wrong on it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use trainyard_e2e::collector::Collector;
use trainyard_e2e::{Platform, few_digits, root};

const MINUTES: Duration = Duration::from_secs(300);

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

async fn say(platform: &Platform, chat: &str, said: &str) -> Result<Value> {
    platform.post(&format!("/v1/chats/{chat}/messages"), json!({ "text": said })).await
}

/// A job on few digits; returns its id.
async fn train(platform: &Platform, dataset: &str, epochs: u32) -> Result<String> {
    let body = json!({
        "model": "resnet18", "dataset": dataset, "epochs": epochs, "image_size": 16, "batch_size": 16, "seed": 7,
        "device": "cpu",
    });
    Ok(text(&platform.post("/v1/jobs", body).await?["job"], "id").to_owned())
}

#[tokio::test]
async fn a_korean_sentence_becomes_a_model_that_answers() -> Result<()> {
    let collector = Collector::start().await?;
    let mut platform = Platform::start_with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url)]).await?;
    few_digits(&platform.folder().join("숫자"), &["0", "1", "7"], 40)?;

    let chat = text(&platform.post("/v1/chats", json!({})).await?, "id").to_owned();
    let proposed =
        say(&platform, &chat, "resnet18로 숫자 이미지 분류 모델 만들어줘. 에폭 2, 이미지 크기 16").await?;
    assert_eq!(proposed["missing"], json!(["dataset"]), "{proposed}");
    let named = say(&platform, &chat, "./숫자").await?;
    assert_eq!(named["missing"], json!([]), "{named}");
    let approved = say(&platform, &chat, "시작해줘").await?;
    let job = text(&approved["job"], "id").to_owned();
    assert!(!job.is_empty(), "{approved}");

    let row = platform
        .job_until(&job, MINUTES, |job| job["status"] == "finished" || job["status"] == "failed")
        .await?;
    assert_eq!(row["status"], "finished", "{row}");
    assert_eq!(row["classes"], json!(["0", "1", "7"]));

    let image = std::fs::read(some_image("7")?)?;
    let (status, early) = platform.predict(&job, image.clone()).await?;
    assert_eq!(status, StatusCode::CONFLICT, "{early}");
    platform.post(&format!("/v1/jobs/{job}/deploy"), json!({})).await?;
    let (status, answer) = platform.predict(&job, image).await?;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let confidences: f64 = answer["predictions"]
        .as_array()
        .context("predictions")?
        .iter()
        .filter_map(|found| found["confidence"].as_f64())
        .sum();
    assert!((confidences - 1.0).abs() < 1e-3, "three classes share all confidence: {answer}");
    for (bad, expected) in [
        (b"not an image".to_vec(), StatusCode::BAD_REQUEST),
        (vec![0; 9 << 20], StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let (status, answer) = platform.predict(&job, bad).await?;
        assert_eq!(status, expected, "{answer}");
    }
    a_mixed_folder_is_answered(&platform, &job).await?;

    check_log(&platform).await?;
    its_way_is_one_trace(&platform, &collector).await?;
    the_auditor_finds_nothing(&platform).await?;
    let (equal, printed, errors) = platform.trainyard(&["rebuild", "--verify"]).await?;
    assert!(equal, "{printed}{errors}");
    platform.stop().await
}

/// Having read everything there is.
async fn the_auditor_finds_nothing(platform: &Platform) -> Result<()> {
    let end = platform.events().await?.last().and_then(|last| last["sequence"].as_u64());
    let read = async {
        loop {
            let audit = platform.get("/v1/audit").await?["audit"].take();
            assert_eq!(audit["findings"], json!([]), "{audit}");
            let (read, files) = (audit["sequence"].as_u64(), audit["files"].as_u64());
            if read >= end && files > Some(0) && audit["files_waiting"] == 0 {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(MINUTES, read).await.context("the auditor does not come to the end")?
}

/// The id of the trace in which the first event of this kind is.
fn trace_of(events: &[Value], kind: &str) -> Result<String> {
    let event = events.iter().find(|event| event["kind"] == kind).with_context(|| kind.to_owned())?;
    Ok(text(event, "correlation_id").replace('-', ""))
}

/// From the socket to the first step and to the end, each part within what it is part of; and a look at a dataset is in the
/// turn that has called for it.
async fn its_way_is_one_trace(platform: &Platform, collector: &Collector) -> Result<()> {
    let events = platform.events().await?;
    let spans = collector.trace_with(&trace_of(&events, "chat.proposal_approved")?, "job").await?;
    let named = |name: &str| -> Result<&Value> {
        spans.iter().find(|span| span["name"] == name).with_context(|| format!("{name} in {spans:#?}"))
    };
    let time = |span: &Value, end: &str| -> Result<u64> { Ok(text(span, end).parse()?) };
    let way = ["chat.turn", "chat.approve", "job", "job.attempt", "job.first_step"];
    for pair in way.windows(2) {
        let (outer, inner) = (named(pair[0])?, named(pair[1])?);
        assert_eq!(inner["parentSpanId"], outer["spanId"], "{pair:?}");
        assert!(
            time(outer, "startTimeUnixNano")? <= time(inner, "startTimeUnixNano")?,
            "{inner} begins before {outer}"
        );
    }
    assert!(named("chat.turn")?.get("parentSpanId").is_none(), "one root: {spans:#?}");
    assert_eq!(spans.iter().filter(|span| span.get("parentSpanId").is_none()).count(), 1, "{spans:#?}");
    let parts = ["job.schedule", "job.queue", "job.prepare", "job.first_step", "job.finish"];
    let ends = parts.map(|name| named(name).and_then(|span| time(span, "endTimeUnixNano")));
    let ends: Vec<u64> = ends.into_iter().collect::<Result<_>>()?;
    assert!(ends.is_sorted(), "{parts:?} end at {ends:?}");
    assert_eq!(spans.iter().filter(|span| span["name"] == "job.epoch").count(), 2, "{spans:#?}");
    let looked = collector.trace_with(&trace_of(&events, "dataset.registered")?, "dataset.look").await?;
    let of = |name: &str| looked.iter().find(|span| span["name"] == name).with_context(|| name.to_owned());
    assert_eq!(of("dataset.look")?["parentSpanId"], of("chat.turn")?["spanId"]);
    Ok(())
}

/// Every image of a folder is answered with every class, each file that is none is named, and the command fails.
async fn a_mixed_folder_is_answered(platform: &Platform, job: &str) -> Result<()> {
    let folder = platform.folder().join("mixed");
    std::fs::create_dir_all(folder.join("below"))?;
    for (class, name) in [("0", "0.png"), ("1", "below/1.PNG"), ("7", "z.png")] {
        std::fs::copy(some_image(class)?, folder.join(name))?;
    }
    for (name, content) in
        [("notes.png", &b"no image at all"[..]), ("empty.jpg", b""), ("readme.txt", b"not asked about")]
    {
        std::fs::write(folder.join(name), content)?;
    }
    let at = folder.display().to_string();
    let (is_good, printed, errors) = platform.trainyard(&["predict", job, &at]).await?;
    assert!(!is_good, "two files have no answer: {printed}{errors}");
    for name in ["0.png", "below/1.PNG", "z.png"] {
        let answers = printed.lines().filter(|line| line.contains(name)).count();
        assert_eq!(answers, 3, "a line for each class of {name}: {printed}");
        assert!(!errors.contains(name), "{errors}");
    }
    for name in ["notes.png", "empty.jpg"] {
        assert!(errors.contains(name) && !printed.contains(name), "{name}: {printed}{errors}");
    }
    assert!(errors.contains("2 of 5 images have no answer"), "{errors}");
    assert!(!format!("{printed}{errors}").contains("readme.txt"), "{printed}{errors}");
    Ok(())
}

fn some_image(class: &str) -> Result<std::path::PathBuf> {
    let folder = root().join(".tools/data/digits/test").join(class);
    Ok(std::fs::read_dir(folder)?.next().context("a held-out image")??.path())
}

/// What must hold of every log: jobs stand on approvals, end at most once, and only the current token speaks.
async fn check_log(platform: &Platform) -> Result<()> {
    let events = platform.events().await?;
    let mut approvals: BTreeMap<String, String> = BTreeMap::new();
    let mut tokens: BTreeMap<String, u64> = BTreeMap::new();
    let mut ended: BTreeMap<String, String> = BTreeMap::new();
    for pair in events.windows(2) {
        assert!(pair[0]["sequence"].as_u64() < pair[1]["sequence"].as_u64(), "out of order: {pair:?}");
    }
    for event in &events {
        let (kind, aggregate, body) =
            (text(event, "kind"), text(event, "aggregate").to_owned(), &event["body"]);
        match kind {
            "chat.proposal_approved" => {
                approvals.insert(text(event, "event_id").to_owned(), text(body, "hash").to_owned());
            }
            "job.requested" => {
                let approved = approvals.get(text(body, "approval")).map(String::as_str);
                assert_eq!(approved, Some(text(body, "config_hash")), "a job without its approval: {event}");
            }
            "job.attempt_started" => {
                tokens.insert(aggregate.clone(), event["sequence"].as_u64().context("a sequence")?);
            }
            "job.finished" | "job.failed" | "job.cancelled" => {
                assert_eq!(ended.insert(aggregate.clone(), kind.to_owned()), None, "ended twice: {event}");
            }
            _ => {}
        }
        if let Some(token) = body["token"].as_u64() {
            assert_eq!(tokens.get(&aggregate), Some(&token), "a stale token: {event}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_cancelled_job_ends_within_two_seconds_and_a_killed_platform_goes_on() -> Result<()> {
    let mut platform = Platform::start().await?;
    few_digits(&platform.folder().join("digits"), &["0", "1", "2", "3"], 60)?;

    let job = train(&platform, "digits", 500).await?;
    platform.job_until(&job, MINUTES, |job| job["epochs_done"].as_u64() >= Some(1)).await?;
    let asked = Instant::now();
    platform.post(&format!("/v1/jobs/{job}/cancel"), json!({})).await?;
    platform.job_until(&job, Duration::from_secs(10), |job| job["status"] == "cancelled").await?;
    assert!(asked.elapsed() < Duration::from_secs(2), "cancelled after {:?}", asked.elapsed());

    let job = train(&platform, "digits", 8).await?;
    platform.job_until(&job, MINUTES, |job| job["checkpoint"].is_object()).await?;
    platform.kill().await?;
    platform.start_again().await?;
    let row = platform
        .job_until(&job, MINUTES, |job| job["status"] == "finished" || job["status"] == "failed")
        .await?;
    assert_eq!((&row["status"], &row["epochs_done"]), (&json!("finished"), &json!(8)), "{row}");
    assert_eq!(row["attempt"], 1, "the worker's next life adopted the trainer: {row}");
    check_log(&platform).await?;
    platform.stop().await
}

#[tokio::test]
async fn bad_input_gets_a_clear_error_and_nothing_is_lost() -> Result<()> {
    let mut platform = Platform::start().await?;
    few_digits(&platform.folder().join("one-class"), &["0"], 10)?;
    std::fs::create_dir_all(platform.folder().join("empty"))?;

    let with = |change: &[(&str, Value)]| {
        let mut body = json!({ "model": "resnet18", "dataset": "one-class", "epochs": 1, "image_size": 16 });
        for (key, value) in change {
            body[*key] = value.clone();
        }
        body
    };
    for change in [
        ("model", json!("resnet19")),
        ("model", json!("yolo11n")), // on images of 16 px
        ("model", json!("yolo11n-seg")),
        ("epochs", json!(0)),
        ("epochs", json!(-5)),
        ("epochs", json!(1_000_000_000_u64)),
        ("learning_rate", json!("NaN")),
        ("surprise", json!(1)),
    ] {
        let (status, answer) =
            platform.ask(Method::POST, "/v1/jobs", Some(with(std::slice::from_ref(&change)))).await?;
        assert!(status.is_client_error(), "{change:?}: {status} {answer}");
        assert!(!text(&answer["error"], "message").is_empty(), "{change:?}: {answer}");
    }

    for dataset in ["missing", "empty", "one-class"] {
        let job = train(&platform, dataset, 1).await?;
        let row = platform.job_until(&job, MINUTES, |job| job["status"] == "failed").await?;
        assert_eq!(row["failure"]["class"], "dataset", "{dataset}: {row}");
        assert!(!text(&row["failure"], "next_step").is_empty(), "{dataset}: {row}");
        assert_eq!(row["attempt"], 0, "not a training second was spent: {row}");
    }

    let chat = text(&platform.post("/v1/chats", json!({})).await?, "id").to_owned();
    let path = format!("/v1/chats/{chat}/messages");
    for said in ["", "   ", &"가".repeat(5_000)] {
        let (status, answer) = platform.ask(Method::POST, &path, Some(json!({ "text": said }))).await?;
        assert!(status.is_client_error(), "{status} {answer}");
    }

    let (second, _, errors) = platform.trainyard(&["up", "--listen", "127.0.0.1:0"]).await?;
    assert!(!second && errors.lines().count() == 2, "one clear line after the first: {errors}");
    let (unknown, _, errors) = platform.trainyard(&["job", "999"]).await?;
    assert!(!unknown && errors.starts_with("error: ") && errors.lines().count() == 1, "{errors}");
    check_log(&platform).await?;
    platform.stop().await
}
