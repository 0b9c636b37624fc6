//! A gateway whose names and messages were chosen by somebody hostile: whatever the command line prints of them, a
//! terminal is told nothing, and no line begins that is not ours.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::net::SocketAddr;
use std::process::{Output, Stdio};
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

/// What the gateway answers at a path.
fn answer(path: &str) -> (u16, Value) {
    let failure =
        json!({ "class": NAME, "message": NAME, "next_step": NAME, "console": [NAME], "retryable": false });
    let job = json!({
        "id": ID, "number": 1, "status": "failed", "waiting_reason": NAME, "worker": NAME, "epochs_done": 1,
        "config": { "model": NAME, "dataset": NAME, "epochs": 2, NAME: NAME }, "primary": NAME,
        "best": { NAME: 0.5 }, "stopped_early": NAME, "failure": failure, "requested_at": NAME.repeat(2),
    });
    let event = json!({
        "sequence": 1, "at": "2026-01-02T03:04:05Z", "kind": NAME, "aggregate": NAME, "actor": NAME, "body": {},
    });
    let lines = json!([{ "number": 1, "text": NAME }, { "number": 7, "text": NAME }]);
    match path.split('?').next().unwrap() {
        "/v1/tokens" => (200, json!({ "tokens": [{ "token_id": ID, "name": NAME, "role": NAME }] })),
        "/v1/jobs" => (200, json!({ "jobs": [job] })),
        "/v1/jobs/1" => (200, json!({ "job": job, "unreachable": true })),
        "/v1/activity" => (200, json!({ "events": [event] })),
        "/v1/workers" => {
            let worker = json!({ "worker": NAME, "pool": NAME, "device": NAME, "jobs": [NAME], "slots": 1 });
            (200, json!({ "workers": [worker] }))
        }
        "/v1/models" => (200, json!({ "models": [{ "id": NAME, "task": NAME, "licence": NAME }] })),
        "/v1/datasets" => {
            let row =
                json!({ "path": NAME, "task": NAME, "status": NAME, "problem": NAME, "next_step": NAME });
            (200, json!({ "datasets": [row] }))
        }
        "/v1/chats" => (200, json!({ "id": ID })),
        _ if path.ends_with("/messages") => (200, json!({ "reply": NAME })),
        _ if path.ends_with("/console") => (200, json!({ "from": "telemetry", "token": 1, "lines": lines })),
        _ if path.ends_with("/deploy") => (200, json!({ "endpoint": { "url": NAME } })),
        _ => (409, json!({ "error": { "code": "refused", "message": NAME, "next_step": NAME } })),
    }
}

/// What its socket tells of a job.
fn frames() -> Vec<Value> {
    let failure = json!({ "class": NAME, "message": NAME, "next_step": NAME, "console": [NAME] });
    let event = |kind: &str, body: Value| json!({ "type": "event", "event": { "kind": kind, "body": body } });
    vec![
        json!({ "type": "initial", "rows": { "job": { "number": 1, "status": NAME, "config": { "epochs": 2 } } } }),
        event("job.dispatched", json!({ "reason": NAME })),
        event("job.attempt_started", json!({ "attempt": 1, "worker": NAME })),
        event("job.training_started", json!({ "device": NAME, "classes": [NAME], "train_images": NAME })),
        json!({ "type": "telemetry", "telemetry": { "step": { "epoch": NAME, "steps": 2, "step": 1 } } }),
        event("job.epoch_logged", json!({ "epoch": NAME, "primary": NAME })),
        event("job.attempt_failed", json!({ "failure": failure })),
        event("job.failed", json!({ "failure": failure })),
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
    let run = Command::new(env!("CARGO_BIN_EXE_trainyard"))
        .args(["--url", &format!("http://{address}"), "--token", "ty_x"])
        .args(arguments)
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
        (&["token", "list"][..], 2),
        (&["jobs"], 3),
        (&["job", "1"], 9),
        (&["events", "--no-follow"], 3),
        (&["workers"], 4),
        (&["models"], 3),
        (&["datasets"], 5),
        (&["logs", "1"], 2),
        (&["deploy", "1"], 1),
        (&["watch", "1"], 9),
        (&["cancel", "1"], 2),
    ] {
        let Output { stdout, stderr, .. } = trainyard(address, arguments).await;
        let said = String::from_utf8([stdout, stderr].concat()).unwrap();
        is_harmless(&said, &arguments.join(" "));
        // It was there: written out.
        assert!(said.matches(r"\u{1b}]0;owned\u{7}").count() >= names, "{arguments:?}: {said}");
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
