//! A gateway whose names and messages were chosen by somebody hostile: whatever the command line prints of them, a
//! terminal is told nothing, and no line begins that is not ours.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::net::SocketAddr;
use std::process::{Output, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio_tungstenite::tungstenite::Message;

/// A title, a colour the other way, a line of its own, and words that read backwards.
const NAME: &str = "x\u{1b}]0;owned\u{7}\u{9b}31m\r\nFORGED\u{202e}y";
/// Where every command must have ended by.
const PATIENCE: Duration = Duration::from_secs(60);
const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// Rows and events as they are, to be made hostile.
static STORY: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../projections/tests/golden/story.json")).unwrap()
});

/// `value` with these fields instead of its own.
fn with(value: &Value, fields: Value) -> Value {
    let mut value = value.clone();
    let Value::Object(fields) = fields else { panic!("fields: {fields}") };
    value.as_object_mut().unwrap().extend(fields);
    value
}

fn job() -> Value {
    let failed = &STORY["snapshots"]["job:00000000-0000-0000-0000-000000000bad"]["job"];
    let config = with(&failed["config"], json!({ "model": NAME, "dataset": NAME, NAME: NAME }));
    let named = json!({
        "number": 1, "waiting_reason": NAME, "worker": NAME, "config": config, "primary": NAME, "best": { NAME: 0.5 },
        "stopped_early": NAME, "failure": failure(), "attempt": 1,
    });
    with(failed, named)
}

fn failure() -> Value {
    json!({ "class": "internal", "message": NAME, "next_step": NAME, "console": [NAME] })
}

/// An event of the story with these fields in its body.
fn event(kind: &str, body: Value) -> Value {
    let event = STORY["events"].as_array().unwrap().iter().find(|event| event["kind"] == kind).unwrap();
    with(event, json!({ "body": with(&event["body"], body) }))
}

/// What the gateway answers at a path.
fn answer(path: &str) -> (u16, Value) {
    let (id, at) = (ID, "2026-01-02T03:04:05Z");
    let answer = match path.split('?').next().unwrap() {
        "/v1/tokens" => {
            let token = json!({
                "tenant": "acme", "token_id": id, "name": NAME, "role": "viewer", "issued_at": at, "revoked_at": null,
                "expires_at": null, "scope": ["jobs"], "member": null, "replaced_by": null, "sequence": 1,
            });
            json!({ "tokens": [token], "last_uses": {} })
        }
        "/v1/jobs" => json!({ "jobs": [job()], "next": null }),
        "/v1/jobs/1" => json!({ "job": job(), "epochs": [], "unreachable": true }),
        "/v1/activity" => {
            let strange = json!({ "kind": NAME, "aggregate": NAME, "actor": NAME, "body": {} });
            json!({ "events": [with(&STORY["events"][0], strange)], "next": null })
        }
        "/v1/workers" => {
            let worker = json!({
                "worker": NAME, "pool": "cpu", "device": NAME, "host": NAME, "version": NAME, "started_at": at,
                "seen_at": at, "jobs": [id], "slots": 1, "draining": false,
            });
            json!({ "workers": [worker], "unreachable": [] })
        }
        "/v1/models" => {
            let model = json!({
                "id": NAME, "family": NAME, "task": "classify", "parameters": null, "image_size": 64, "licence": NAME,
                "native": true, "runner": "native", "trainable": true, "note": NAME,
            });
            json!({ "models": [model], "runners": [] })
        }
        "/v1/datasets" => {
            let named = json!({ "path": NAME, "status": "rejected", "problem": NAME, "next_step": NAME });
            json!({ "datasets": [with(&STORY["datasets"][0], named)], "next": null })
        }
        "/v1/chats" => json!({ "id": id }),
        _ if path.ends_with("/messages") => json!({
            "reply": NAME, "intent": NAME, "language": "english", "proposal": null, "missing": [NAME], "job": null,
            "sequence": 1,
        }),
        _ if path.ends_with("/console") => {
            let lines = json!([{ "number": 1, "text": NAME }, { "number": 7, "text": NAME }]);
            json!({ "from": "telemetry", "token": 1, "run": null, "lines": lines })
        }
        _ if path.ends_with("/deploy") => {
            json!({ "endpoint": { "job": id, "url": NAME }, "sequence": null })
        }
        _ => return (409, json!({ "error": { "code": NAME, "message": NAME, "next_step": NAME } })),
    };
    (200, answer)
}

/// What its socket tells of a job.
fn frames() -> Vec<Value> {
    let told = |event: Value| json!({ "type": "event", "topic": "x", "event": event, "resume": NAME });
    let running = with(&job(), json!({ "status": "training", "failure": null }));
    vec![
        json!({ "type": "initial", "topic": "x", "sequence": 1, "rows": { "job": running, "epochs": [] } }),
        told(event(
            "job.dispatched",
            json!({ "reason": NAME, "because": [{ "code": "said", "text": NAME }] }),
        )),
        told(event("job.attempt_started", json!({ "attempt": 1, "worker": NAME }))),
        told(event("job.training_started", json!({ "device": NAME, "classes": [NAME] }))),
        told(event("job.epoch_logged", json!({ "primary": NAME, "validation": { NAME: 0.5 } }))),
        told(event("job.attempt_failed", json!({ "failure": failure() }))),
        told(event("job.failed", json!({ "failure": failure() }))),
    ]
}

async fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            tokio::spawn(one(listener.accept().await.unwrap().0));
        }
    });
    address
}

/// One request, or a socket.
async fn one(mut stream: TcpStream) {
    let mut begin = [0; 256];
    let length = stream.peek(&mut begin).await.unwrap();
    let path = String::from_utf8_lossy(&begin[..length]).split(' ').nth(1).unwrap_or_default().to_owned();
    if path == "/v1/live" {
        let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
        for _said in 0..2 {
            socket.next().await.unwrap().unwrap();
        }
        for frame in frames() {
            socket.send(Message::text(frame.to_string())).await.unwrap();
        }
        // Until the other side has seen enough.
        while let Some(Ok(_)) = socket.next().await {}
        return;
    }
    let mut request = vec![0; 64 * 1024];
    let _read = stream.read(&mut request).await.unwrap();
    let (status, body) = answer(&path);
    let body = body.to_string();
    let head =
        format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
}

async fn trainyard(address: SocketAddr, arguments: &[&str]) -> Output {
    trainyard_in("C", address, arguments).await
}

/// On a terminal with this locale.
async fn trainyard_in(locale: &str, address: SocketAddr, arguments: &[&str]) -> Output {
    let run = Command::new(env!("CARGO_BIN_EXE_trainyard"))
        .args(["--url", &format!("http://{address}"), "--token", "ty_x"])
        .args(arguments)
        .env("LC_ALL", locale)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    tokio::time::timeout(PATIENCE, run).await.expect("it ends").unwrap()
}

/// Fails on whatever a terminal acts upon, and on lines that the name has begun.
fn is_harmless(said: &str, by: &str) {
    let acts = |char: char| char.is_control() && char != '\n' && char != '\t' || char == '\u{202e}';
    assert!(!said.contains(acts), "{by}: {said:?}");
    assert!(!said.lines().any(|line| line.starts_with("FORGED")), "{by}: {said}");
}

#[tokio::test]
async fn nothing_that_others_wrote_reaches_the_terminal_as_it_is() {
    let address = serve().await;
    for (arguments, names) in [
        (&["token", "list"][..], 1),
        (&["jobs"], 3),
        (&["job", "1"], 11),
        (&["events", "--no-follow"], 3),
        (&["workers"], 2),
        (&["models"], 2),
        (&["datasets"], 3),
        (&["logs", "1"], 2),
        (&["deploy", "1"], 1),
        (&["watch", "1"], 8),
        (&["cancel", "1"], 2),
    ] {
        for locale in ["C", "ko_KR.UTF-8"] {
            let Output { stdout, stderr, .. } = trainyard_in(locale, address, arguments).await;
            let said = String::from_utf8([stdout, stderr].concat()).unwrap();
            is_harmless(&said, &arguments.join(" "));
            // It was there: written out.
            assert!(said.matches(r"\u{1b}]0;owned\u{7}").count() >= names, "{arguments:?}: {said}");
        }
    }
}

#[tokio::test]
async fn a_reply_keeps_its_lines_and_nothing_else() {
    let address = serve().await;
    let said = String::from_utf8(trainyard(address, &["chat", "hello"]).await.stdout).unwrap();
    assert_eq!(said, "x\\u{1b}]0;owned\\u{7}\\u{9b}31m\\r\nFORGED\\u{202e}y\n");
}

#[tokio::test]
async fn what_machines_read_is_the_same_and_harmless_on_a_screen() {
    let address = serve().await;
    for arguments in [
        &["token", "list"][..],
        &["jobs"],
        &["job", "1"],
        &["events", "--no-follow"],
        &["workers"],
        &["logs", "1"],
        &["watch", "1"],
        &["chat", "hello"],
    ] {
        let output = trainyard(address, &[arguments, &["--json"]].concat()).await;
        let said = String::from_utf8(output.stdout).unwrap();
        is_harmless(&said, &arguments.join(" "));
        for line in said.lines() {
            let value: Value = serde_json::from_str(line).unwrap();
            assert!(strings(&value).iter().any(|text| text == NAME), "{arguments:?}: {line}");
        }
        assert!(said.lines().count() > 0, "{arguments:?} says nothing");
    }
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(strings).collect(),
        Value::Object(fields) => fields.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}
